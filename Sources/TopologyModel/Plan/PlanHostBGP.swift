/// The BGP speaker of a stub host: it announces exactly its own prefixes to its gateways. A gateway to other regions also announces what it
/// reaches there, and speaks with their gateways.
func planHostBGP(
  _ topology: Topology, _ index: Int, _ region: Region, _ own: [OwnPrefix], _ gateways: [HostGateway]
) -> BGPPlan? {
  let host = topology.hosts[index]
  guard let asn = host.asn, let routerID = host.address(.ipv4) else { return nil }
  let capabilities = host.settings.speaker.capabilities
  var filters = FilterTable()
  var sessions: [BGPSession] = []
  for gateway in gateways {
    let features = AccessFeatures(host.settings, tor: gateway.device.system)
    for family in region.families(topology) {
      guard let ends = gateway.ends(family, ofHost: true), let neighborASN = gateway.device.asn else { continue }
      guard topology.speaks(gateway, family, region) else { continue }
      let served = own.filter { $0.prefix.family == family && topology.serves(gateway, network: $0.network) }
      let announced =
        host.isDrained ? [] : served.map(\.prefix) + topology.farPrefixes(ofGateway: index, family)
      // All that it has on any VLAN: while BIRD changes its filters it counts what stays out by the new ones.
      let limit = host.isDrained ? 0 : own.count { $0.prefix.family == family }
      let vlan = topology.sessionVLAN(gateway, host)
      sessions.append(
        BGPSession(
          neighbor: gateway.device.name, neighborRole: DeviceReference(gateway).role, ends: ends, family: family,
          neighborASN: neighborASN, localRole: features.role ? .customer : nil,
          bfd: features.bfd,
          importFilter: filters.add(
            networkFilter(topology, index, gateway, gateways, region, family, except: own.map(\.prefix))),
          exportFilter: filters.add(exactFilter(.prefixes(of: host.name, in: vlan), family, announced)),
          exportLimit: capabilities.features.contains(.exportLimit) ? limit : nil,
          secret: host.settings.secret, vlan: vlan?.id))
    }
  }
  sessions += tunnelSessions(topology, index, &filters)
  sessions.sortByNeighbor()
  let originated =
    host.isDrained
    ? []
    : own.map {
      OriginatedPrefix(
        prefix: $0.prefix, purpose: $0.purpose(topology), onlyWhilePresent: false)
    }
  return BGPPlan(
    asn: asn, routerID: routerID, originated: originated, sessions: sessions, filters: filters.filters,
    maximumPaths: maximumPaths)
}

/// How many equal-cost paths a device may use at once; FRR on Debian is built for up to 256.
let maximumPaths = 64

/// What a ToR tells a host: the endpoint networks of the region, and the default route if the host gets it from the
/// fabric. A speaker that puts nothing into the kernel is told nothing: its host has static routes.
///
/// - Parameters:
///   - gateway: that at the other end; on VLANs a host is told of the networks there, in the first also of those that are in none
///     of its VLANs.
///   - gateways: all of the host.
func networkFilter(
  _ topology: Topology, _ index: Int, _ gateway: HostGateway, _ gateways: [HostGateway], _ region: Region,
  _ family: AddressFamily, except own: [Prefix] = []
) -> PrefixFilter {
  let host = topology.hosts[index]
  let withDefault = host.settings.defaultRoute == .own
  guard host.settings.speaker.capabilities.installsRoutes else { return exactFilter(.nothing, family, []) }
  func leads(_ network: Int?) -> Bool {
    gatewaysTo(network, family, topology, region, gateways).contains { $0.link == gateway.link }
  }
  var prefixes = region.networks.filter { topology.networks[$0].family == family && (gateway.vlan == nil || leads($0)) }
    .map { topology.networks[$0].prefix }.filter { !own.contains($0) }
  if let vlan = topology.sessionVLAN(gateway, host) {
    if withDefault, leads(nil) { prefixes.insert(.everything(family), at: 0) }
    return exactFilter(.vlanNetworks(host: host.name, vlan: vlan.name), family, prefixes)
  }
  if withDefault { prefixes.insert(.everything(family), at: 0) }
  // With the default comes what else upstreams are believed about.
  let externals = withDefault ? region.externals(family).map(\.entry) : []
  func filter(_ name: FilterName, _ prefixes: [Prefix]) -> PrefixFilter {
    var filter = exactFilter(name, family, prefixes)
    filter.entries += externals
    return filter
  }
  if topology.hasSpineGateways(region) {
    // One of several routers may have lost a segment, while it still leads to the others.
    let rack = topology.racks[host.rack]
    let others = topology.racks[region.racks].filter { $0.name != rack.name }.flatMap(\.allocations)
    prefixes += others.compactMap { $0?.aggregate }.filter { $0.family == family && !prefixes.contains($0) }
    return filter(.segmentNetworks(rack: rack.name, withDefault: withDefault), prefixes)
  }
  if topology.isGateway(host: index) {
    prefixes += topology.toldAggregates(topology.regionIndex(ofHost: index)).map(\.prefix)
      .filter { $0.family == family && !prefixes.contains($0) && !own.contains($0) }
    return filter(.gatewayNetworks(host.name), prefixes)
  }
  return filter(withDefault ? .networksAndDefault : .networks, prefixes)
}

/// The files of a host's routing daemon.
func speakerArtifacts(_ speaker: Speaker, _ bgp: BGPPlan) -> [ArtifactKind] {
  switch speaker {
  case .bird: [.bird]
  case .bird1:
    [(AddressFamily.ipv4, ArtifactKind.bird1), (.ipv6, .bird1IPv6)]
      .filter { family, _ in bgp.sessions.contains { $0.family == family } }.map(\.1)
  case .exabgp: [.exabgp]
  case .frr: [.frr, .frrDaemons]
  case .quagga: [.quaggaZebra, .quaggaBGP]
  case .none: []
  }
}
