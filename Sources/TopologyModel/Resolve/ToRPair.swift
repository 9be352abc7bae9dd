/// How the two ToRs of a rack learn from each other which hosts they reach, so that a ToR that lost the link of a host, or
/// its uplinks, has a way left.
package enum ToRPair: Sendable, Equatable {
  /// A link between the two, over which they also have each other's routes to other racks as a reserve.
  case link(PairLink)
  /// Over the spines, which hold the prefixes of the rack's hosts and tell them to its ToRs only.
  case spines
  /// Over the segment that all hosts of the rack share (`access: l2`): a ToR that lost its uplinks sends to the other. Of hosts
  /// they tell each other nothing: each hears of them itself, and one that does not announces no aggregate.
  case segment
}

/// The link between the ToRs of a pair: the first ToR has the even address. An unnumbered one has none.
package struct PairLink: Sendable, Equatable {
  package var prefix: Prefix?
  package var prefix6: Prefix?
  package var isUnnumbered = false
  /// Those of the first and of the second ToR, where the topology names them; with an unnumbered link always.
  package var interfaces: [InterfaceName?] = [nil, nil]

  package func prefix(_ family: AddressFamily) -> Prefix? { family == .ipv4 ? prefix : prefix6 }

  /// The address of the ToR at a position of `Rack.tors`, 0 or 1.
  package func address(_ family: AddressFamily, ofToR position: Int) -> Address? {
    prefix(family)?.address.advanced(by: UInt128(position))
  }

  /// The ends of the session of a family, as one of the ToRs sees them; nil without such a session.
  func ends(_ family: AddressFamily, ofToR position: Int) -> SessionEnds? {
    SessionEnds(
      isUnnumbered ? interfaces[position] : nil, address(family, ofToR: position),
      address(family, ofToR: 1 - position))
  }
}

extension SessionEnds {
  /// An interface comes first.
  init?(_ interface: InterfaceName?, _ local: Address?, _ neighbor: Address?) {
    if let interface {
      self = .interface(interface)
    } else if let local, let neighbor {
      self = .addresses(local: local, neighbor: neighbor)
    } else {
      return nil
    }
  }
}

extension Topology {
  /// The networks that the spines of a region announce to racks whose ToRs have no link to each other: a ToR that lost its
  /// uplinks must not attract what it can't pass on, so it does not announce them on its own.
  ///
  /// A network that is one rack's aggregate is left to that rack.
  package func networksOfSpines(_ region: Region) -> [Int] {
    guard racks[region.racks].contains(where: { $0.pair == .spines }) else { return [] }
    let aggregates = Set(racks[region.racks].flatMap { $0.allocations.compactMap { $0?.aggregate } })
    return region.networks.filter { !aggregates.contains(networks[$0].prefix) }
  }
}
