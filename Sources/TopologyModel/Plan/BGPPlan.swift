/// The BGP speaker of a device (RFC 4271): one session a neighbour and family; those over one interface are one.
package struct BGPPlan: Sendable, Equatable {
  package var asn: UInt32
  /// The BGP identifier (RFC 6286), an IPv4 address: the loopback of a ToR or spine, the address of a host.
  package var routerID: Address
  /// What the device announces of its own, sorted by prefix; each has a discard route on the device unless it is conditional
  /// on a route to itself.
  package var originated: [OriginatedPrefix]
  /// Sorted by neighbour name, then family, then VLAN id.
  package var sessions: [BGPSession]
  /// The prefix filters that the sessions refer to by index, each used at least once.
  package var filters: [PrefixFilter]
  /// How many equal-cost paths the device may use at once.
  package var maximumPaths: Int
}

package struct OriginatedPrefix: Sendable, Equatable {
  package var prefix: Prefix
  package var purpose: RoutePurpose
  /// Announced only while the device has a route to exactly this prefix from elsewhere (the default route).
  package var onlyWhilePresent: Bool
  /// Announced only while the device knows, by BGP, a more specific route inside the prefix.
  package var isSummary = false
}

/// How the two ends of a session find each other.
package enum SessionEnds: Sendable, Hashable {
  /// By the addresses of their link: a session for the family of these.
  case addresses(local: Address, neighbor: Address)
  /// By whoever speaks at the other end of an interface, from link-local addresses (RFC 4291 section 2.5.6): one session
  /// carries all families, IPv4 with IPv6 next hops (RFC 8950).
  case interface(InterfaceName)

  /// As the neighbour has them.
  var reversed: SessionEnds {
    switch self {
    case .addresses(let local, let neighbor): .addresses(local: neighbor, neighbor: local)
    case .interface: self
    }
  }
}

/// One end of a session, or of one family's part in a session over an interface.
package struct BGPSession: Sendable, Equatable {
  /// The device at the other end.
  package var neighbor: Name
  package var neighborRole: DeviceRole
  package var ends: SessionEnds
  package var family: AddressFamily
  package var neighborASN: UInt32
  /// The role that this end states and demands of the other (RFC 9234): a host is the ToR's customer, a ToR the
  /// spine's. Nil where one of the ends has no roles, and between the ToRs of a pair.
  package var localRole: BGPRole?
  /// Whether both ends watch the link by BFD (RFC 5880): 300 ms times 3.
  package var bfd: Bool
  /// Index into `BGPPlan.filters`: what this end believes.
  package var importFilter: Int
  /// Index into `BGPPlan.filters`: what this end announces.
  package var exportFilter: Int
  /// The most prefixes that this end may announce before the session is shut down; nil: no limit.
  package var exportLimit: Int?
  /// Whether this end is a route reflector and the other its client (RFC 4456).
  package var reflects = false
  /// The name of the key of TCP MD5 signatures (RFC 2385); nil: none.
  package var secret: Name?
  /// Whether this end is the next hop of all that it announces, also of what it has from a neighbour on the same segment
  /// (RFC 4271 section 5.1.3 would let it name that neighbour).
  package var namesItself = false
  /// The id of the VLAN that the session runs in, where the two devices have one in each of several.
  package var vlan: Int?

  /// The neighbour; of several sessions with it, one in each VLAN, with the VLAN's id.
  package var title: String { vlan.map { "\(neighbor):\($0)" } ?? neighbor.text }
  /// What the session has if one end is an upstream; nil between devices of the fabric.
  package var outside: OutsideSession?

  package var localAddress: Address? { if case .addresses(let local, _) = ends { local } else { nil } }
  package var neighborAddress: Address? { if case .addresses(_, let neighbor) = ends { neighbor } else { nil } }
  /// The interface of an unnumbered link.
  package var interface: InterfaceName? { if case .interface(let name) = ends { name } else { nil } }
}

extension BGPPlan {
  /// Whether both ends of a session are in one AS, so that it is internal.
  package func isInternal(_ session: BGPSession) -> Bool { session.neighborASN == asn }

  /// The interfaces of unnumbered links that the speaker has sessions over, sorted.
  package var unnumberedInterfaces: [InterfaceName] { Set(sessions.compactMap(\.interface)).sorted() }
}

package enum BGPRole: Sendable, Equatable {
  case customer
  case provider
}

/// An ordered list of permissions over prefixes; what no entry matches is denied.
package struct PrefixFilter: Sendable, Equatable {
  /// Unique on the device, e.g. what FRR calls the prefix list.
  package var name: FilterName
  package var family: AddressFamily
  package var entries: [FilterEntry]
}

/// What a filter is about; each emitter makes a name of it that its format allows.
package enum FilterName: Sendable, Hashable {
  /// Exactly the prefixes of a host, as its ToR believes them or the host itself announces them.
  case hostPrefixes(Name)
  /// The prefixes of a host that are in one of its VLANs, and what it is told there.
  case vlanPrefixes(host: Name, vlan: Name)
  case vlanNetworks(host: Name, vlan: Name)
  /// Exactly the aggregates of a rack.
  case rackAggregates(Name)
  /// Any rack aggregate of the region but, on a ToR, its own.
  case regionAggregates
  /// What the ToRs of a pair tell each other: directly, by the name of the other ToR; over the spines, by that of the rack.
  case pair(Name)
  /// The endpoint networks, for hosts.
  case networks
  /// The endpoint networks and the default route, for hosts that get theirs from the fabric.
  case networksAndDefault
  /// The endpoint networks and the aggregates of the other segments of the region, for hosts of a segment that several
  /// routers may lead out of; with or without the default route.
  case segmentNetworks(rack: Name, withDefault: Bool)
  /// The prefixes that hosts of the ToR's rack can have, for its OSPF area.
  case areaPrefixes
  /// What an upstream, or a gateway of another region, is believed about.
  case upstream(Name)
  /// What it is told.
  case announced(Name)
  /// What a gateway to other regions is told by its ToR: beside the networks the region's aggregates.
  case gatewayNetworks(Name)
  /// Nothing at all, e.g. for a drained host.
  case nothing
}

/// Permits or denies the prefixes inside `prefix` whose length lies in `lengths`.
package struct FilterEntry: Sendable, Equatable {
  package var permits: Bool
  package var prefix: Prefix
  /// From `prefix.length` to the width of the family; `prefix.length...prefix.length` is an exact match.
  package var lengths: ClosedRange<Int>

  package init(permits: Bool = true, _ prefix: Prefix, lengths: ClosedRange<Int>? = nil) {
    self.permits = permits
    self.prefix = prefix
    self.lengths = lengths ?? prefix.length...prefix.length
  }

  package var isExact: Bool { lengths == prefix.length...prefix.length }
}
