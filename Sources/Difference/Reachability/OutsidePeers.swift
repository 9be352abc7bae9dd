import TopologyModel

/// Some addresses that are no segment's, and of which one stands for all.
private struct OutsidePeer {
  var label: String
  var address: Address
}

extension ReachabilityComparison {
  /// From addresses outside of the endpoint networks to segments.
  func compareFromOutside() -> [ReachabilityChange] {
    let inside = zone(.inside)
    let peers = outsidePeers(inside, isNewcomer: { $0.destinationCoverage($1) }) { $0.sources }
    let nothing = ServiceSet([])
    var changes: [ReachabilityChange] = []
    for peer in peers {
      let from = [AddressMatch(Prefix(host: peer.address))]
      var found: [(to: Int, verdict: PairVerdict)] = []
      for (index, segment) in segments.enumerated() {
        let verdict = compare(
          inside.old, segment.old.map { (from, $0.matches) }, nothing, inside.new,
          segment.new.map { (from, $0.matches) }, nothing)
        if !verdict.pieces.isEmpty { found.append((index, verdict)) }
      }
      changes += report(found) { segment, verdict, reason in
        self.changes(from: [peer.label], to: [segment.key], .outside, verdict, reason: reason) { piece, isOpened in
          let finder = isOpened ? newFinder : oldFinder
          guard let side = isOpened ? segment.new : segment.old, let end = finder.end(side, in: piece.destination)
          else { return nil }
          return (PacketWitness.End(address: peer.address), end)
        }
      }
    }
    return changes
  }

  /// From segments to addresses outside of the endpoint networks, to the fabric's own devices, and to hosts.
  func compareOutward() -> [ReachabilityChange] {
    [AccessZone.outside, .underlay, .localHost, .remoteHost].flatMap(compareOutward)
  }

  private func compareOutward(_ name: AccessZone) -> [ReachabilityChange] {
    let zone = zone(name)
    let peers = outsidePeers(zone, isNewcomer: { $0.sourceCoverage($1) }) { $0.destinations }
    var changes: [ReachabilityChange] = []
    for peer in peers {
      let to = [AddressMatch(Prefix(host: peer.address))]
      var found: [(to: Int, verdict: PairVerdict)] = []
      for (index, segment) in segments.enumerated() {
        let verdict = compare(
          zone.old, segment.old.map { ($0.matches, to) }, base(name, segment.old), zone.new,
          segment.new.map { ($0.matches, to) }, base(name, segment.new))
        if !verdict.pieces.isEmpty { found.append((index, verdict)) }
      }
      changes += report(found) { segment, verdict, reason in
        self.changes(from: [segment.key], to: [peer.label], .outside, verdict, reason: reason) { piece, isOpened in
          let finder = isOpened ? newFinder : oldFinder
          guard let side = isOpened ? segment.new : segment.old, let end = finder.end(side, in: piece.source)
          else { return nil }
          return (end, PacketWitness.End(address: peer.address))
        }
      }
    }
    return changes
  }

  private func report(
    _ found: [(to: Int, verdict: PairVerdict)],
    _ body: (SegmentPeer, PairVerdict, String?) -> [ReachabilityChange]
  ) -> [ReachabilityChange] {
    found.flatMap { index, verdict in
      let segment = segments[index]
      let reason =
        segment.old == nil ? "\(segment.key) is new" : segment.new == nil ? "\(segment.key) is gone" : nil
      return body(segment, verdict, reason)
    }
  }

  /// What passes from a segment where no policy decides (language, section 3).
  private func base(_ zone: AccessZone, _ side: SegmentSide?) -> ServiceSet {
    switch zone {
    case .outside: side?.egress == .allow ? .any : ServiceSet([])
    case .localHost: ServiceSet(ServiceSet([.icmp(ipv4: 0...255, ipv6: 0...255)], family).ranges)
    case .inside, .underlay, .remoteHost: ServiceSet([])
    }
  }

  /// The addresses outside that something may be otherwise for: those that changed decisions name, and all others if one of them is
  /// about everything or a segment is new, gone, or has another `egress`.
  private func outsidePeers(
    _ zone: ZoneComparison, isNewcomer: (DecisionList, [AddressMatch]) -> [DecisionList.Coverage],
    _ side: (AccessDecision) -> [AddressMatch]?
  ) -> [OutsidePeer] {
    var (matches, hasAll) = zone.changedMatches(side)
    for segment in segments where segment.old == nil || segment.new == nil {
      let (list, own) = segment.new.map { (zone.new, $0.matches) } ?? (zone.old, segment.old?.matches ?? [])
      let decisions = isNewcomer(list, own).map { list.decisions[Int($0.decision)] }
      matches += decisions.flatMap { side($0) ?? [] }
      if zone.zone == .outside || decisions.contains(where: { side($0) == nil }) { hasAll = true }
    }
    if zone.zone == .outside, segments.contains(where: { $0.old?.egress != $0.new?.egress }) { hasAll = true }
    let networks = (oldFinder.topology.networks + newFinder.topology.networks).map(\.prefix)
    let named = (zone.old.decisions + zone.new.decisions).flatMap { side($0) ?? [] }.filter { match in
      !networks.contains { AddressMatch($0).contains(match) }
    }
    // What is about everything is about what others name, too; a list of thousands is not told one by one.
    if hasAll, named.count <= 256 { matches += named }
    var peers = Set(matches).filter { named.contains($0) }.sorted().compactMap { match -> OutsidePeer? in
      let others = named.filter { $0 != match && $0.overlaps(match) && !$0.contains(match) }
      guard let rest = divide([match], by: others)?.first(where: { piece in !others.contains { $0.contains(piece) } })
      else { return nil }
      return OutsidePeer(label: label(match), address: address(in: rest))
    }
    if hasAll, let address = newFinder.strangeAddress(except: named.compactMap(\.prefix)) {
      peers.append(OutsidePeer(label: everywhere(zone.zone), address: address))
    }
    return peers
  }

  private func everywhere(_ zone: AccessZone) -> String {
    switch zone {
    case .inside, .outside: "anywhere outside"
    case .underlay: "the fabric's own devices"
    case .localHost: "its own host"
    case .remoteHost: "other hosts"
    }
  }

  private func label(_ match: AddressMatch) -> String {
    guard let prefix = match.prefix else { return "\(match.value)/\(match.maskAddress)" }
    if prefix.hostBitCount == 0,
      let host = newFinder.topology.hosts.first(where: { $0.address(family) == prefix.address })
    {
      return "host \(host.name)"
    }
    return "\(prefix)"
  }

  /// Not the address of the network itself, where there is another.
  private func address(in match: AddressMatch) -> Address {
    let free = family.allOnes & ~match.mask
    return Address(family, match.value.bits | free & 1)
  }
}
