/// The rules that spell a row, without an address that a chain has matched already.
func policyRules(
  _ row: AccessRow, _ decision: AccessDecision, withSource: Bool = true, withDestination: Bool = true
) -> [FilterRule] {
  let comment = RuleComment.policy(decision.name, decision.comment)
  return protocolMatches(row.services, row.source.family).map { proto in
    FilterRule(
      source: withSource && !row.source.isEverything ? row.source : nil,
      destination: withDestination && !row.destination.isEverything ? row.destination : nil, proto: proto,
      comment: comment, verdict: row.verdict == .allow ? .accept : .drop)
  }
}

/// One match for each protocol, or several where it has more ports or types than one can hold; nil is any protocol.
func protocolMatches(_ services: ServiceSet, _ family: AddressFamily) -> [ProtocolMatch?] {
  services.terms.flatMap { term -> [ProtocolMatch?] in
    switch term {
    case .any: return [nil]
    case .ports(let proto, let ports): return chunks(ports).map { .ports(proto, $0) }
    case .icmp(let types):
      let each: [UInt8?] = types.isEmpty ? [nil] : types.flatMap { Array($0).map(Optional.some) }
      return each.map { family == .ipv4 ? .icmp(type: $0) : .icmpv6(type: $0) }
    case .others:
      // Policies name single protocols or all of them; only differences of sets have this part.
      assertionFailure("no policy names all other protocols alone")
      return []
    }
  }
}

/// Pieces of at most 15 numbers, a range counting two: the limit of multiport.
private func chunks(_ ports: [ClosedRange<UInt16>]) -> [[ClosedRange<UInt16>]] {
  guard !ports.isEmpty else { return [[]] }
  var result: [[ClosedRange<UInt16>]] = [[]]
  var used = 0
  for range in ports {
    let size = range.count == 1 ? 1 : 2
    if used + size > 15 {
      result.append([])
      used = 0
    }
    result[result.count - 1].append(range)
    used += size
  }
  return result
}
