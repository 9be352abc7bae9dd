/// Blocks that nobody announces to the world: private (RFC 1918, RFC 6598, RFC 4193), for examples and benchmarks (RFC 5737,
/// RFC 3849, RFC 2544, RFC 5180), and with a meaning of their own (RFC 6890). Inside an accepted range they are denied; a range
/// that lies inside one of them was meant.
private let bogons: [Prefix] =
  [
    (0x0000_0000, 8), (0x0a00_0000, 8), (0x6440_0000, 10), (0x7f00_0000, 8), (0xa9fe_0000, 16), (0xac10_0000, 12),
    (0xc000_0000, 24), (0xc000_0200, 24), (0xc0a8_0000, 16), (0xc612_0000, 15), (0xc633_6400, 24), (0xcb00_7100, 24),
    (0xe000_0000, 3),
  ].map { Prefix(containing: Address(.ipv4, $0.0), length: $0.1) }
  + [
    (UInt128(0), 8), (0x0100 << 112, 64), (0x2001_0002 << 96, 48), (0x2001_0db8 << 96, 32), (0xfc00 << 112, 7),
    (0xfe80 << 112, 10), (0xff00 << 112, 8),
  ].map { Prefix(containing: Address(.ipv6, $0.0), length: $0.1) }

/// The sessions of a device with the upstreams that are connected to it, one a family.
func upstreamSessions(
  _ topology: Topology, _ region: Region, at border: DeviceReference.Place, _ filters: inout FilterTable
) -> [BGPSession] {
  var sessions: [BGPSession] = []
  for upstream in region.upstreams(at: border) {
    for family in AddressFamily.allCases {
      guard let asn = upstream.asn, let local = upstream.link.address(family), let peer = upstream.link.peer(family)
      else { continue }
      let announced = topology.announced(to: upstream, in: region, family)
      var outside = upstream.session
      outside.importLimit =
        upstream.maximumPrefixes ?? max(1, upstream.accepted.count { $0.prefix.family == family })
      sessions.append(
        BGPSession(
          neighbor: upstream.name, neighborRole: .upstream, ends: .addresses(local: local, neighbor: peer),
          family: family, neighborASN: asn, localRole: upstream.hasRole ? .customer : nil, bfd: upstream.bfd,
          importFilter: filters.add(believedFilter(topology, upstream, family)),
          exportFilter: filters.add(exactFilter(.announced(upstream.name), family, announced)),
          exportLimit: nil, secret: upstream.secret, outside: outside))
    }
  }
  return sessions
}

/// What an upstream is believed about. The fabric's own addresses come first, so that no entry below can let them in.
private func believedFilter(_ topology: Topology, _ upstream: Upstream, _ family: AddressFamily) -> PrefixFilter {
  let own = aggregatePrefixes(topology.networks.map(\.prefix) + topology.underlay).filter { $0.family == family }
  let accepted = upstream.accepted.filter { $0.prefix.family == family }
  let ranges = accepted.filter { !$0.isExact }
  let strange = bogons.filter { bogon in
    ranges.contains { $0.prefix.contains(bogon) && $0.prefix != bogon && $0.longest >= bogon.length }
  }
  func denied(_ prefix: Prefix) -> FilterEntry {
    FilterEntry(permits: false, prefix, lengths: prefix.length...family.bitWidth)
  }
  return PrefixFilter(
    name: .upstream(upstream.name), family: family,
    entries: own.map(denied) + accepted.filter(\.isExact).map(\.entry) + strange.map(denied) + ranges.map(\.entry))
}

/// What a device that upstreams are connected to holds for them: the default by way of those without BGP, and the discard routes of
/// what it announces.
func addUpstreamRoutes(
  _ topology: Topology, _ region: Region, at border: DeviceReference.Place, to routes: inout RouteTable
) {
  let upstreams = region.upstreams(at: border)
  for family in AddressFamily.allCases {
    let hops = upstreams.filter { $0.asn == nil }.compactMap { upstream in
      upstream.link.peer(family).map { NextHop(address: $0, device: upstream.name, interface: nil) }
    }
    if hops.isEmpty { continue }
    routes.add(
      StaticRoute(
        prefix: .everything(family), target: .gateways(hops.sorted { $0.address < $1.address }), purpose: .defaultRoute
      ))
  }
  guard !upstreams.isEmpty else { return }
  for network in region.networks {
    guard let allocation = region.allocations[network] else { continue }
    routes.add(
      StaticRoute(
        prefix: allocation.prefix, target: .discard, purpose: .network(topology.networks[network].name)))
  }
}

/// What a device originates so that it can tell upstreams: the region's aggregates while it knows something inside of them, and
/// where racks are not known by BGP their aggregates, while there is a route to them.
///
/// - Parameter known: what it originates anyway.
func upstreamOrigins(
  _ topology: Topology, _ region: Region, at border: DeviceReference.Place, besides known: [OriginatedPrefix]
) -> [OriginatedPrefix] {
  let upstreams = region.upstreams(at: border).filter { $0.asn != nil }
  guard !upstreams.isEmpty else { return [] }
  var result: [OriginatedPrefix] = []
  let aggregates = Set(
    topology.racks[region.racks].flatMap { rack in rack.allocations.compactMap { $0?.aggregate } })
  if case .spine = border, region.routing != .bgp, !topology.hasSpineGateways(region) {
    for rack in topology.racks[region.racks] {
      for network in region.networks {
        guard let allocation = rack.allocations[network] else { continue }
        result.append(
          OriginatedPrefix(
            prefix: allocation.aggregate,
            purpose: .rackAggregate(rack: rack.name, network: topology.networks[network].name), onlyWhilePresent: true))
      }
    }
  }
  guard upstreams.contains(where: { $0.announces == .region }) else { return result }
  let originated = Set(known.map(\.prefix))
  for network in region.networks {
    // An aggregate that is a rack's comes from there.
    guard let prefix = region.allocations[network]?.prefix, !aggregates.contains(prefix), !originated.contains(prefix)
    else { continue }
    result.append(
      OriginatedPrefix(
        prefix: prefix, purpose: .network(topology.networks[network].name), onlyWhilePresent: false, isSummary: true))
  }
  return result
}

extension Region {
  /// Whether a device has the default of a family from an upstream's BGP, so that it passes it on and originates none: a route
  /// of its own would hide the one that it depends on.
  func hasLearnedDefault(at border: DeviceReference.Place, _ family: AddressFamily) -> Bool {
    upstreams(at: border).contains { upstream in
      upstream.link.peer(family) != nil && upstream.accepted.contains { $0.isDefault && $0.prefix.family == family }
    }
  }

  /// Whether a device has the default of a family by way of an upstream without BGP.
  func hasStaticDefault(at border: DeviceReference.Place, _ family: AddressFamily) -> Bool {
    upstreams(at: border).contains { $0.asn == nil && $0.link.peer(family) != nil }
  }
}
