import TopologyModel

/// `-p icmp [-m icmp --icmp-type N]`, `-p ipv6-icmp [-m icmp6 --icmpv6-type N]`, `-p udp -m udp [--sport N] [--dport N]`
/// and the same for tcp. The ports belong to the protocol's own match, which directly follows it here.
func parseProtocol(_ words: inout RuleWords, _ family: AddressFamily) throws(ParseFailure) -> ProtocolValue {
  let name = try words.word("a protocol")
  switch (name, family) {
  case ("icmp", .ipv4): return .icmp(type: try parseType(&words, "icmp", "--icmp-type"))
  case ("ipv6-icmp", .ipv6): return .icmpv6(type: try parseType(&words, "icmp6", "--icmpv6-type"))
  case ("udp", _):
    let (source, destination) = try parsePorts(&words, "udp")
    return .udp(source: source, destination: destination)
  case ("tcp", _):
    let (source, destination) = try parsePorts(&words, "tcp")
    return .tcp(source: source, destination: destination)
  default: throw ParseFailure("the protocol '\(name)' is not known here", line: words.line)
  }
}

private func parseType(_ words: inout RuleWords, _ match: String, _ option: String) throws(ParseFailure) -> Int? {
  guard words.take("-m", match) else { return nil }
  try words.expect(option)
  return try parseNumber(&words, "an ICMP type", in: 0...255)
}

private func parsePorts(_ words: inout RuleWords, _ match: String) throws(ParseFailure) -> (Int?, Int?) {
  var ports: (Int?, Int?) = (nil, nil)
  guard words.take("-m", match) else { return ports }
  if words.take("--sport") { ports.0 = try parseNumber(&words, "a port", in: 0...65535) }
  if words.take("--dport") { ports.1 = try parseNumber(&words, "a port", in: 0...65535) }
  return ports
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

/// `-m comment --comment TEXT` and `-m conntrack --ctstate STATE,…`.
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
  case "conntrack":
    try words.expect("--ctstate")
    for word in try words.word("states").split(separator: ",", omittingEmptySubsequences: false) {
      guard let state = FlowState(rawValue: String(word)), rule.states.insert(state).inserted else {
        throw ParseFailure("'\(word)' is no state, or stands twice", line: words.line)
      }
    }
  default: throw ParseFailure("the match '\(name)' is not known", line: words.line)
  }
}
