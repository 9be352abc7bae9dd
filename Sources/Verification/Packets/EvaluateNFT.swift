import TopologyModel

/// What became of a packet in the table `inet romana`, and what it cost.
package struct NFTFate: Sendable, Equatable {
  package var verdict: PacketVerdict
  /// The line of the rule that decided; nil if no rule did.
  package var line: Int?
  /// The comment of the element that decided, or else of the rule.
  package var comment: String?
  /// How many rules the packet was compared with, and in how many sets and maps its key was looked up.
  package var rulesLookedAt = 0
  package var lookups = 0
  /// The lines of the rules that matched on the way, the deciding one last.
  package var matchedLines: [Int] = []
}

/// Takes a packet through the table as the kernel does (nft(8), verdict statement): a jump comes back when the chain ends
/// or a rule says return, a goto comes back to where the last jump was made; at the end the policy decides.
///
/// A policy that accepts leaves the decision to other tables: that is `undecided`, as with iptables.
package func evaluate(_ packet: Packet, at hook: FilterHook, in file: NFTFile) -> NFTFate {
  var fate = NFTFate(verdict: .undecided)
  guard let base = file.chains.first(where: { $0.hook == hook }) else { return fate }
  var (chain, next) = (base, 0)
  var callers: [(chain: ReadNFTChain, next: Int)] = []
  while true {
    guard next < chain.rules.count else {
      guard let caller = callers.popLast() else { break }
      (chain, next) = caller
      continue
    }
    let read = chain.rules[next]
    next += 1
    fate.rulesLookedAt += 1
    guard let (verdict, comment) = decide(read.rule, packet, file, &fate.lookups) else { continue }
    fate.matchedLines.append(read.line)
    switch verdict {
    case .accept, .drop:
      fate.verdict = verdict == .accept ? .accept : .drop
      (fate.line, fate.comment) = (read.line, comment)
      return fate
    case .return: next = chain.rules.count
    case .jump(let name):
      guard let target = file.chain(name) else { return fate }
      callers.append((chain, next))
      (chain, next) = (target, 0)
    case .goto(let name):
      guard let target = file.chain(name) else { return fate }
      (chain, next) = (target, 0)
    }
  }
  if base.dropsByDefault { fate.verdict = .drop }
  return fate
}

/// The verdict of a rule whose matches all hold and which has one for the packet.
private func decide(
  _ rule: NFTRuleValue, _ packet: Packet, _ file: NFTFile, _ lookups: inout Int
) -> (NFTReadVerdict, String?)? {
  guard var comment = matches(rule, packet, file, &lookups) else { return nil }
  switch rule.action {
  case .verdict(let verdict): return (verdict, comment)
  case .lookup(let selectors, let name):
    guard let key = key(selectors, packet) else { return nil }
    lookups += 1
    guard let element = file.set(name)?.lookUp(key), let verdict = element.verdict else { return nil }
    comment = element.comment ?? comment
    return (verdict, comment)
  case .mark: return (.return, comment)
  case .masquerade: return (.accept, comment)
  case .clampMSS: return nil
  }
}

/// The comment of a rule whose matches all hold, or of the element that was found last; nil if one does not hold.
private func matches(_ rule: NFTRuleValue, _ packet: Packet, _ file: NFTFile, _ lookups: inout Int) -> String?? {
  var comment = rule.comment
  for match in rule.matches {
    guard let key = key(match.selectors, packet) else { return nil }
    switch match.operand {
    case .values(let values): guard values.contains(where: { $0.contains(key[0]) }) else { return nil }
    case .set(let name):
      lookups += 1
      guard let element = file.set(name)?.lookUp(key) else { return nil }
      comment = element.comment ?? comment
    }
  }
  return .some(comment)
}

/// The mark that the chain before routing gives a packet that has none.
package func mark(of packet: Packet, in file: NFTFile) -> UInt32 { markDecision(of: packet, in: file).mark }

/// The same, and the line of the rule that gave the mark.
package func markDecision(of packet: Packet, in file: NFTFile) -> (mark: UInt32, line: Int?) {
  var (mark, line, lookups) = (UInt32(0), Int?.none, 0)
  func run(_ chain: ReadNFTChain) -> Bool {
    for read in chain.rules {
      guard let (verdict, _) = decide(read.rule, packet, file, &lookups) else { continue }
      if case .mark(let value, let mask) = read.rule.action {
        (mark, line) = (mark & ~mask | value, read.line)
      }
      switch verdict {
      case .accept, .drop: return true
      case .return: return false
      case .jump(let name): if file.chain(name).map(run) ?? true { return true }
      case .goto(let name): return file.chain(name).map(run) ?? true
      }
    }
    return false
  }
  if let base = file.chains.first(where: \.marks) { _ = run(base) }
  return (mark, line)
}

/// Whether the chain after routing gives a packet that leaves the host another source.
package func isTranslated(_ packet: Packet, in file: NFTFile) -> Bool {
  var lookups = 0
  for read in file.chains.first(where: \.translates)?.rules ?? []
  where matches(read.rule, packet, file, &lookups) != nil {
    return read.rule.action == .masquerade
  }
  return false
}

/// The fields of a packet under their masks; nil if it lacks one.
private func key(_ selectors: [ReadSelector], _ packet: Packet) -> [FieldValue]? {
  var key: [FieldValue] = []
  for selector in selectors {
    guard let value = value(selector.field, packet) else { return nil }
    if case .number(let number) = value, let mask = selector.mask {
      key.append(.number(number & mask))
    } else {
      key.append(value)
    }
  }
  return key
}

private func value(_ field: ReadSelector.Field, _ packet: Packet) -> FieldValue? {
  let family = packet.source.family
  func address(_ address: Address, _ wanted: AddressFamily) -> FieldValue? {
    family == wanted ? .number(address.bits) : nil
  }
  switch field {
  case .input: return .name(packet.input)
  case .source4: return address(packet.source, .ipv4)
  case .destination4: return address(packet.destination, .ipv4)
  case .source6: return address(packet.source, .ipv6)
  case .destination6: return address(packet.destination, .ipv6)
  case .state:
    switch packet.state {
    case .established: return .number(2)
    case .related: return .number(4)
    case .new: return .number(8)
    }
  case .connectionMark: return .number(UInt128(packet.connectionMark))
  case .family: return .number(family == .ipv4 ? 2 : 10)
  case .proto: return .number(UInt128(packet.protocolNumber))
  case .icmpType, .icmpv6Type:
    guard case .icmp(let type) = packet.payload, (family == .ipv4) == (field == .icmpType) else { return nil }
    return .number(UInt128(type))
  case .udpSource, .udpDestination:
    guard case .udp(let source, let destination) = packet.payload else { return nil }
    return .number(UInt128(field == .udpSource ? source : destination))
  case .tcpDestination:
    guard case .tcp(_, let destination) = packet.payload else { return nil }
    return .number(UInt128(destination))
  case .sctpDestination:
    guard case .sctp(_, let destination) = packet.payload else { return nil }
    return .number(UInt128(destination))
  case .port:
    switch packet.payload {
    case .udp(_, let destination), .tcp(_, let destination), .sctp(_, let destination):
      return .number(UInt128(destination))
    case .icmp, .other: return nil
    }
  }
}

extension Packet {
  /// The number in the header (IANA, protocol numbers).
  fileprivate var protocolNumber: Int {
    switch payload {
    case .icmp: source.family == .ipv4 ? 1 : 58
    case .udp: 17
    case .tcp: 6
    case .sctp: 132
    case .other(let number): number
    }
  }
}
