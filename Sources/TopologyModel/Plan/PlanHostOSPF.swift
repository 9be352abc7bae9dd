/// The OSPF speaker of a host: a leaf of its rack's area, whose prefixes are stub networks.
///
/// The area gives it a default route only, whatever `default_route` says, so it never enters the host's table itself:
/// with BIRD the routes that the host is to have follow it. FRR and Quagga can't follow a route that is not in the table,
/// so with them the routes are those of a static host.
func hostOSPF(
  _ topology: Topology, _ host: Host, _ region: Region, _ own: [OwnPrefix], _ gateways: [HostGateway]
) -> OSPFPlan? {
  guard let routerID = host.address(.ipv4), let tor = gateways.first else { return nil }
  let rack = topology.racks[host.rack]
  let area = OSPFArea(
    number: rack.area, ranges: [], summaryFilters: [],
    stubPrefixes: host.isDrained ? [] : own.map(\.prefix).sorted())
  let families = region.families(topology)
  let capabilities = host.settings.speaker.capabilities
  return OSPFPlan(
    routerID: routerID, families: families, areas: [area],
    interfaces: [
      ospfInterface(
        tor.interface, area: rack.area, tor.device.name, .tor,
        bfd: AccessFeatures(host.settings, tor: tor.device.system).bfd, secret: host.settings.secret,
        authenticated: authenticatedHostFamilies(host))
    ],
    passive: capabilities.hasOSPFTables || area.stubPrefixes.isEmpty
      ? [] : [OSPFPassiveInterface(name: gatewayInterfaceName, area: rack.area, cost: 1)],
    accepted: [], exported: [], originatesDefault: false,
    followed: capabilities.hasOSPFTables
      ? families.flatMap { followedRoutes(topology, host, region, own, tor, $0) } : [],
    filters: [],
    maximumPaths: maximumPaths)
}

/// The prefixes that the addresses of the gateway interface must have the length of, so that OSPF announces them.
func prefixesOfGateway(_ ospf: OSPFPlan?) -> [Prefix] {
  guard let ospf, ospf.passive.contains(where: { $0.name == gatewayInterfaceName }) else { return [] }
  return ospf.areas.flatMap(\.stubPrefixes)
}

/// The files of the speaker of a host.
func speakerArtifacts(_ speaker: Speaker, _ ospf: OSPFPlan) -> [ArtifactKind] {
  let byFamily: (ArtifactKind, ArtifactKind) -> [ArtifactKind] = { ipv4, ipv6 in
    ospf.families.map { $0 == .ipv4 ? ipv4 : ipv6 }
  }
  return switch speaker {
  case .bird: [.bird]
  case .bird1: byFamily(.bird1, .bird1IPv6)
  case .frr: [.frr, .frrDaemons]
  case .quagga: [.quaggaZebra, .quaggaOSPF]
  case .exabgp, .none: []
  }
}

/// The endpoint networks, but for one that the host has to itself, and the default route if it is the compiler's.
private func followedRoutes(
  _ topology: Topology, _ host: Host, _ region: Region, _ own: [OwnPrefix], _ tor: HostGateway,
  _ family: AddressFamily
) -> [FollowedRoute] {
  guard let gateway = tor.address(family) else { return [] }
  var routes = region.networks.map { topology.networks[$0] }
    .filter { network in network.family == family && !own.contains { $0.prefix == network.prefix } }
    .map { FollowedRoute(prefix: $0.prefix, purpose: .network($0.name), gateway: gateway) }
  if host.settings.defaultRoute == .own {
    routes.append(FollowedRoute(prefix: .everything(family), purpose: .defaultRoute, gateway: gateway))
  }
  return routes.sorted { $0.prefix < $1.prefix }
}
