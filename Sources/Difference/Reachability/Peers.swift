import TopologyModel

/// A segment on one or both sides, in one family.
struct SegmentPeer {
  /// `tenant/segment` by the names of the newer side.
  var key: String
  var tenant: String
  var old: SegmentSide?
  var new: SegmentSide?
}

/// A segment in one topology.
struct SegmentSide {
  /// Index into `Topology.tenants`.
  var tenant: Int
  var id: Int
  /// The addresses of its endpoints: a match a network, or a block each.
  var matches: [AddressMatch]
  var isolation: TenantIsolation
  var egress: EgressPolicy
}

/// All segments of both sides that have addresses of a family, sorted by key.
func listSegments(_ old: Topology, _ new: Topology, _ names: NameMap, _ family: AddressFamily) -> [SegmentPeer] {
  var peers: [String: SegmentPeer] = [:]
  for (topology, isOld) in [(old, true), (new, false)] {
    let sides = AccessSides(topology, family)
    for (index, tenant) in topology.tenants.enumerated() {
      for segment in tenant.segments {
        let matches = sides.matches(EndpointGroup(tenant: index, segment: segment.id, place: .everywhere))
        guard !matches.isEmpty else { continue }
        let side = SegmentSide(
          tenant: index, id: segment.id, matches: matches, isolation: tenant.isolation, egress: tenant.egress)
        let key = isOld ? names.key(tenant.name, segment.name) : "\(tenant.name)/\(segment.name)"
        var peer = peers[key] ?? SegmentPeer(key: key, tenant: String(key.prefix { $0 != "/" }))
        if isOld { peer.old = side } else { peer.new = side }
        peers[key] = peer
      }
    }
  }
  return peers.values.sorted { $0.key < $1.key }
}

/// The decisions of a zone on one side, prepared for questions about many peers.
struct DecisionList {
  let decisions: [AccessDecision]
  private let sources: [AddressList?]
  private let destinations: [AddressList?]

  init(_ decisions: [AccessDecision]) {
    self.decisions = decisions
    sources = decisions.map { $0.sources.map { AddressList($0) } }
    destinations = decisions.map { $0.destinations.map { AddressList($0) } }
  }

  /// Which decisions are about a peer on one of the two sides, in order; each for all of its addresses or some.
  struct Coverage: Hashable {
    var decision: Int32
    var isWhole: Bool
  }

  func sourceCoverage(_ matches: [AddressMatch]) -> [Coverage] { coverage(matches, sources) }
  func destinationCoverage(_ matches: [AddressMatch]) -> [Coverage] { coverage(matches, destinations) }

  private func coverage(_ matches: [AddressMatch], _ lists: [AddressList?]) -> [Coverage] {
    lists.enumerated().compactMap { index, list in
      guard let list else { return Coverage(decision: Int32(index), isWhole: true) }
      if matches.allSatisfy({ list.contains($0) }) { return Coverage(decision: Int32(index), isWhole: true) }
      return matches.contains { list.overlaps($0) } ? Coverage(decision: Int32(index), isWhole: false) : nil
    }
  }

  /// The services that may pass from some addresses to others, where every decision is about all or none of both.
  ///
  /// - Parameter base: what passes without a decision.
  func allowed(_ source: [Coverage], _ destination: [Coverage], base: ServiceSet) -> ServiceSet {
    var (allowed, rest) = (ServiceSet([]), ServiceSet.any)
    for index in common(source, destination).map(\.index) {
      let decision = decisions[index]
      let decided = rest.intersection(decision.services)
      if decided.isEmpty { continue }
      if decision.verdict == .allow { allowed = ServiceSet(allowed.ranges + decided.ranges) }
      rest = rest.subtracting(decision.services)
      if rest.isEmpty { break }
    }
    return ServiceSet(allowed.ranges + rest.intersection(base).ranges)
  }

  /// The decisions that are about both ends, in order.
  func common(_ source: [Coverage], _ destination: [Coverage]) -> [(index: Int, isWhole: Bool)] {
    var result: [(index: Int, isWhole: Bool)] = []
    var (left, right) = (0, 0)
    while left < source.count, right < destination.count {
      let (first, second) = (source[left], destination[right])
      if first.decision == second.decision {
        result.append((Int(first.decision), first.isWhole && second.isWhole))
        left += 1
        right += 1
      } else if first.decision < second.decision {
        left += 1
      } else {
        right += 1
      }
    }
    return result
  }

  /// The matches of one side of a decision.
  func matches(_ decision: Int, ofSources: Bool) -> [AddressMatch] {
    (ofSources ? decisions[decision].sources : decisions[decision].destinations) ?? []
  }
}

/// Services as a topology writes them: `tcp/22`, `tcp/8000-8080`, `icmp`, `any`.
func serviceTexts(_ services: ServiceSet) -> [String] {
  services.terms.flatMap { term -> [String] in
    switch term {
    case .any: ["any"]
    case .ports(let proto, let ports):
      ports.isEmpty ? [proto.rawValue] : ports.map { "\(proto.rawValue)/\(portText($0))" }
    case .icmp(let types): types.isEmpty ? ["icmp"] : types.map { "icmp/\(portText($0))" }
    case .others: ["other protocols"]
    }
  }
}

/// One service of a set, as a packet has it: the first that has a port.
func sampleService(_ services: ServiceSet) -> (number: UInt32, text: String)? {
  // With everything open TCP says most.
  guard let first = services.ranges.first else { return nil }
  let number = services.isAny ? 80 : first.lowerBound
  return (number, serviceTexts(ServiceSet([number...number])).first ?? "")
}
