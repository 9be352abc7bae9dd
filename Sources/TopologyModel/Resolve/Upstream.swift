/// A router outside of the fabric, and what it and the fabric believe of each other.
package struct Upstream: Sendable {
  package var name: Name
  package var border: Border
  /// Nil: no BGP, but a default route by way of it.
  package var asn: UInt32?
  package var link: UpstreamLink
  /// What it is believed about, sorted; without BGP nothing.
  package var accepted: [AcceptedPrefix]
  /// How many prefixes a family may bring; nil: as many as `accepted` names.
  package var maximumPrefixes: Int?
  package var announces: UpstreamAnnouncement
  package var session: OutsideSession
  package var bfd: Bool
  /// Whether the border states that it is the upstream's customer.
  package var hasRole: Bool
  package var secret: Name?
}

/// The switch that an upstream is connected to.
package enum Border: Sendable, Hashable {
  /// Indices into `Topology.regions` and its spines.
  case spine(Int, Int)
  /// Index into `Topology.racks` and position among the rack's ToRs.
  case tor(Int, Int)

  package var place: DeviceReference.Place {
    switch self {
    case .spine(let region, let spine): .spine(region, spine)
    case .tor(let rack, let position): .tor(rack, position)
    }
  }
}

package struct UpstreamLink: Sendable, Equatable {
  package var prefix: Prefix?
  package var prefix6: Prefix?
  /// The border's end.
  package var address: Address?
  package var address6: Address?
  package var peer: Address?
  package var peer6: Address?

  package func prefix(_ family: AddressFamily) -> Prefix? { family == .ipv4 ? prefix : prefix6 }
  package func address(_ family: AddressFamily) -> Address? { family == .ipv4 ? address : address6 }
  package func peer(_ family: AddressFamily) -> Address? { family == .ipv4 ? peer : peer6 }
}

/// One prefix, or those inside it up to a length.
package struct AcceptedPrefix: Sendable, Equatable {
  package var prefix: Prefix
  package var longest: Int

  package var isExact: Bool { longest == prefix.length }
  package var isDefault: Bool { prefix.length == 0 && isExact }
  var entry: FilterEntry { FilterEntry(prefix, lengths: prefix.length...longest) }
}

/// What a session with a router outside of the fabric has that those inside do not.
package struct OutsideSession: Sendable, Hashable {
  /// How far away the other end is: 1 is on the link.
  package var hops: Int
  package var ttlSecurity: Bool
  /// Whether the other end must state its role.
  package var demandsRole: Bool
  /// The most prefixes that the other end may announce before the session is closed for a while; nil: no limit.
  package var importLimit: Int?

  package init(hops: Int = 1, ttlSecurity: Bool = true, demandsRole: Bool = false, importLimit: Int? = nil) {
    (self.hops, self.ttlSecurity, self.demandsRole, self.importLimit) = (hops, ttlSecurity, demandsRole, importLimit)
  }
}

extension Region {
  package func upstreams(at place: DeviceReference.Place) -> [Upstream] {
    upstreams.filter { $0.border.place == place }
  }

  /// What the upstreams of the region are believed about beside the default, for all its switches and for hosts whose default
  /// comes from the fabric; sorted, each once.
  package func externals(_ family: AddressFamily) -> [AcceptedPrefix] {
    guard carriesDefault else { return [] }
    var result: [AcceptedPrefix] = []
    for item in upstreams.flatMap(\.accepted) where item.prefix.family == family && !item.isDefault {
      if !result.contains(item) { result.append(item) }
    }
    return result.sorted { ($0.prefix, $0.longest) < ($1.prefix, $1.longest) }
  }
}

extension Topology {
  /// The prefixes that an upstream is told of a family, sorted.
  package func announced(to upstream: Upstream, in region: Region, _ family: AddressFamily) -> [Prefix] {
    let prefixes =
      switch upstream.announces {
      case .region: region.allocations.compactMap { $0?.prefix }
      case .racks: racks[region.racks].flatMap { $0.allocations.compactMap { $0?.aggregate } }
      }
    return Set(prefixes.filter { $0.family == family }).sorted()
  }

  func device(_ border: Border) -> Switch {
    switch border {
    case .spine(let region, let spine): regions[region].spines[spine]
    case .tor(let rack, let position): racks[rack].tors[position].device
    }
  }
}
