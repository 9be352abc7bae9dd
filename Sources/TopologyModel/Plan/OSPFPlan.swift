/// OSPF on a device: OSPFv2 (RFC 2328) for IPv4, OSPFv3 (RFC 5340) for IPv6, alike in everything but addresses.
///
/// What neighbours say reaches the routing table only through `accepted` (switches) or not at all but for the default
/// route that `followed` waits for (hosts): OSPF itself believes whatever stands in its database.
package struct OSPFPlan: Sendable, Equatable {
  /// The loopback of a ToR or spine, the address of a host.
  package var routerID: Address
  /// The families that have a network in the region, each an instance of its own.
  package var families: [AddressFamily]
  /// Sorted by number.
  package var areas: [OSPFArea]
  /// Sorted by name.
  package var interfaces: [OSPFInterface]
  /// Interfaces whose prefixes are announced but where nobody is spoken to, sorted by name.
  package var passive: [OSPFPassiveInterface]
  /// What a switch takes into its routing table; all else stays in OSPF's own.
  package var accepted: [OSPFAcceptance]
  /// Aggregates that the device announces as external routes (type 1) while its table has them.
  package var exported: [OSPFExport]
  /// Whether a default route that comes from outside of OSPF is announced while it is there.
  package var originatesDefault: Bool
  /// Routes that a host has over its ToR while the ToR announces a default route into the area.
  package var followed: [FollowedRoute]
  /// The prefix filters that areas, acceptances and exports refer to by index.
  package var filters: [PrefixFilter]
  /// How many equal-cost paths the device may use at once.
  package var maximumPaths: Int
}

package struct OSPFArea: Sendable, Equatable {
  /// 0 is the backbone; every other area is totally stubby: a default route and nothing else comes in.
  package var number: UInt32
  /// What an area border router announces to the backbone in place of what lies inside, sorted.
  package var ranges: [Prefix]
  /// Indices into `OSPFPlan.filters`, one a family: of what an area border router may tell the backbone of the
  /// area, before `ranges` summarise it. Empty where the device is no border router of the area.
  package var summaryFilters: [Int]
  /// What the device announces into the area as stub networks, sorted.
  package var stubPrefixes: [Prefix]

  package var isBackbone: Bool { number == 0 }
  /// The number in the form of an address, as every implementation prints it.
  package var text: Address { Address(.ipv4, UInt128(number)) }
}

/// A point-to-point link that OSPF runs on.
package struct OSPFInterface: Sendable, Equatable {
  package var name: InterfaceName
  /// The number of its area.
  package var area: UInt32
  package var neighbor: Name
  package var neighborRole: DeviceRole
  /// Whether BFD (RFC 5881) watches the link.
  package var bfd: Bool
  /// In seconds.
  package var helloInterval: Int
  /// In seconds; both ends must have the same (RFC 2328 section 10.5).
  package var deadInterval: Int
  /// The same on every link, so that no host's path is shorter than another's.
  package var cost: Int
  /// The name of the key; nil: packets are not authenticated.
  package var secret: Name?
  /// The families that `secret` authenticates: keyed MD5 for IPv4 (RFC 2328 appendix D), HMAC-SHA-256 for IPv6
  /// (RFC 7166).
  package var authenticated: [AddressFamily]
}

/// An interface that OSPF announces without speaking on it (a stub link, RFC 2328 section 12.4.1).
///
/// On a ToR that is the loopback, in area 0: without a live link to a spine the ToR still is an area border router, from
/// which its hosts get their default route (RFC 2328 section 3.3). On a host whose daemon knows no stub networks of its
/// own it is the gateway interface, whose addresses then have the length of the host's prefixes.
package struct OSPFPassiveInterface: Sendable, Equatable {
  package var name: InterfaceName
  package var area: UInt32
  /// nil: the daemon's own for its kind of interface.
  package var cost: Int?

  static let backboneAnchor = OSPFPassiveInterface(name: InterfaceName("lo")!, area: 0, cost: nil)
}

/// Prefixes that are believed if they come over an interface.
package struct OSPFAcceptance: Sendable, Equatable {
  package var interface: InterfaceName
  /// Index into `OSPFPlan.filters`.
  package var filter: Int
}

/// Prefixes of the device's table that become external routes.
package struct OSPFExport: Sendable, Equatable {
  /// Index into `OSPFPlan.filters`.
  package var filter: Int
  /// Whether a host may announce just this prefix by BGP, whose route then stands in the table.
  package var includesBGP: Bool
}

package struct FollowedRoute: Sendable, Equatable {
  package var prefix: Prefix
  package var purpose: RoutePurpose
  /// An address that only the default route leads to: the ToR's end of the link.
  package var gateway: Address
}

/// The timers and cost of a link. BFD notices a dead link in 0.9 s; hellos find a dead daemon, and without BFD both.
/// Authenticated ones with BFD are 5 s apart: BIRD warns that a packet of the same 5 s could be replayed otherwise.
func ospfInterface(
  _ name: InterfaceName, area: UInt32, _ neighbor: Name, _ role: DeviceRole, bfd: Bool = true, secret: Name?,
  authenticated: [AddressFamily]
) -> OSPFInterface {
  let isSlow = bfd && secret != nil
  return OSPFInterface(
    name: name, area: area, neighbor: neighbor, neighborRole: role, bfd: bfd, helloInterval: isSlow ? 5 : 1,
    deadInterval: isSlow ? 20 : 4, cost: 10, secret: secret, authenticated: secret == nil ? [] : authenticated)
}

extension Rack {
  /// The area of the rack's hosts: the id of the rack and one, since 0 is the backbone.
  var area: UInt32 { UInt32(id) + 1 }
}

/// The families in which a host and its ToR authenticate OSPF. FRR 8.4 computes the digest of OSPFv3 (RFC 7166) over
/// the protocol's number in the byte order of the machine, so that BIRD and FRR never agree on it.
func authenticatedHostFamilies(_ host: Host) -> [AddressFamily] { [.ipv4] }
