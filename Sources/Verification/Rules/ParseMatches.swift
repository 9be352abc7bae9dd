import TopologyModel

/// `-p icmp [-m icmp --icmp-type N]`, `-p ipv6-icmp [-m icmp6 --icmpv6-type N]`, `-p udp -m udp [--sport N] [--dport N]`,
/// `-p udp -m multiport --dports N,N:N`, and the same for tcp and sctp. The ports belong to the protocol's own match or
/// to multiport, which directly follows it here.
func parseProtocol(_ words: inout RuleWords, _ family: AddressFamily) throws(ParseFailure) -> ProtocolValue {
  let name = try words.word("a protocol")
  switch (name, family) {
  case ("icmp", .ipv4): return .icmp(type: try parseType(&words, "icmp", "--icmp-type"))
  case ("ipv6-icmp", .ipv6): return .icmpv6(type: try parseType(&words, "icmp6", "--icmpv6-type"))
  default:
    // Those with fields of their own have names.
    if let number = readNumber(name, in: 1...255), ![1, 6, 17, 58, 132].contains(number) { return .number(number) }
    guard let proto = ProtocolValue.PortProtocol(rawValue: name) else {
      throw ParseFailure("the protocol '\(name)' is not known here", line: words.line)
    }
    let (source, destination) = try parsePorts(&words, name)
    return .ports(proto, source: source, destination: destination)
  }
}

private func parseType(_ words: inout RuleWords, _ match: String, _ option: String) throws(ParseFailure) -> Int? {
  guard words.take("-m", match) else { return nil }
  try words.expect(option)
  return try parseNumber(&words, "an ICMP type", in: 0...255)
}

private func parsePorts(
  _ words: inout RuleWords, _ match: String
) throws(ParseFailure) -> ([ClosedRange<Int>], [ClosedRange<Int>]) {
  if words.take("-m", "multiport", "--dports") {
    let list = try words.word("ports")
    var ports: [ClosedRange<Int>] = []
    for part in list.split(separator: ",", omittingEmptySubsequences: false) {
      ports.append(try parsePortRange(part, line: words.line))
    }
    // xt_multiport has room for 15 numbers.
    guard ports.count > 1, ports.reduce(0, { $0 + ($1.count == 1 ? 1 : 2) }) <= 15 else {
      throw ParseFailure("'\(list)' is no list for multiport", line: words.line)
    }
    return ([], ports)
  }
  var ports: ([ClosedRange<Int>], [ClosedRange<Int>]) = ([], [])
  guard words.take("-m", match) else { return ports }
  if words.take("--sport") { ports.0 = [try parsePortRange(try words.word("a port")[...], line: words.line)] }
  if words.take("--dport") { ports.1 = [try parsePortRange(try words.word("a port")[...], line: words.line)] }
  return ports
}

/// `N`, or `N:N` if it is more than one port.
private func parsePortRange(_ text: Substring, line: Int) throws(ParseFailure) -> ClosedRange<Int> {
  let ends = text.split(separator: ":", omittingEmptySubsequences: false)
  let numbers = ends.compactMap { readNumber($0, in: 0...65535) }
  guard numbers.count == ends.count, let low = numbers.first, let high = numbers.last,
    ends.count == 1 || ends.count == 2 && low < high
  else { throw ParseFailure("'\(text)' is not a port or a range of ports", line: line) }
  return low...high
}

private func parseNumber(
  _ words: inout RuleWords, _ what: String, in range: ClosedRange<Int>
) throws(ParseFailure) -> Int {
  let word = try words.word(what)
  guard let number = readNumber(word, in: range) else {
    throw ParseFailure("'\(word)' is not \(what)", line: words.line)
  }
  return number
}

/// `-m comment --comment TEXT`, `-m set --match-set NAME src|dst` and `-m conntrack --ctstate STATE,…`.
func parseMatch(_ words: inout RuleWords, into rule: inout RuleValue) throws(ParseFailure) {
  let name = try words.word("a match")
  switch name {
  case "comment":
    try words.expect("--comment")
    let text = try words.word("a comment")
    guard rule.comment == nil, (1...255).contains(text.utf8.count) else {
      throw ParseFailure("a second comment, or one of an improper length", line: words.line)
    }
    rule.comment = text
  case "connmark":
    try words.expect("--mark")
    rule.connectionMark = try parseBits(&words)
  case "conntrack":
    try words.expect("--ctstate")
    for word in try words.word("states").split(separator: ",", omittingEmptySubsequences: false) {
      guard let state = FlowState(rawValue: String(word)), rule.states.insert(state).inserted else {
        throw ParseFailure("'\(word)' is no state, or stands twice", line: words.line)
      }
    }
  case "set":
    try words.expect("--match-set")
    let set = try words.word("a set")
    switch try words.word("src or dst") {
    case "src" where rule.sourceSet == nil && rule.destinationSet == nil: rule.sourceSet = set
    case "dst" where rule.destinationSet == nil: rule.destinationSet = set
    case let side: throw ParseFailure("'\(side)' is neither src nor dst, or stands twice", line: words.line)
    }
  default: throw ParseFailure("the match '\(name)' is not known", line: words.line)
  }
}
