/// Plans a host: a stub that announces its own prefixes and sends the endpoint networks to its ToR.
///
/// - Parameters:
///   - paths: the directions of all services.
///   - transit: what it does for others, in an EC2 region.
func planHost(
  _ topology: Topology, _ index: Int, _ access: [AccessPlan], _ paths: [ServicePath], _ transit: HostTransit = .none
) -> DevicePlan {
  let host = topology.hosts[index]
  let region = topology.region(ofHost: index)
  let own = ownPrefixes(topology, index)
  var plan = DevicePlan(
    fabric: topology.fabric, name: host.name, role: .host,
    artifacts: [.sysctl, .routesScript, .routesUnit])
  plan.artifacts += host.settings.firewallBackend == .nft ? [.rulesNFT] : [.rulesIPv4, .rulesIPv6]
  plan.artifacts.append(.firewallScript)
  let steering = HostSteering(topology, index, paths)
  plan.steering = steering.plan
  plan.gateway = GatewayInterface(
    addresses: region.networks.compactMap { topology.gateway(ofHost: index, inNetwork: $0) }.sorted(),
    mtu: host.settings.mtu)
  plan.uplinks = host.links.map { link in
    Uplink(interface: link.interface, mtu: link.vlan.flatMap { topology.vlans[$0].mtu } ?? host.settings.mtu)
  }
  let gateways = topology.gateways(ofHost: index)
  plan.tunnels = planTunnels(topology, index)
  if !plan.tunnels.isEmpty { plan.artifacts += [.tunnelsScript, .tunnelsUnit] }
  plan.sysctls = hostSysctls(
    host, families: region.families(topology), gateways: gateways.count, hasFunctions: !steering.local.isEmpty,
    forwards: !transit.prefixes.isEmpty)
  plan.routes = hostRoutes(topology, index, region, own, gateways)
  plan.vlans = planVLANs(topology, host, region, own, gateways)
  if plan.vlans != nil { plan.artifacts.insert(contentsOf: [.vlansScript, .vlansUnit], at: 1) }
  switch host.settings.routing {
  case .bgp:
    plan.bgp = planHostBGP(topology, index, region, own, gateways)
    if let bgp = plan.bgp { plan.artifacts += speakerArtifacts(host.settings.speaker, bgp) }
  case .ospf:
    plan.ospf = hostOSPF(topology, host, region, own, gateways)
    if let ospf = plan.ospf { plan.artifacts += speakerArtifacts(host.settings.speaker, ospf) }
    plan.gateway?.announced = prefixesOfGateway(plan.ospf)
  case .static:
    if !plan.tunnels.isEmpty { plan.bgp = planCloudGateway(topology, index) }
    if let bgp = plan.bgp { plan.artifacts += speakerArtifacts(host.settings.speaker, bgp) }
  }
  let input = AddressFamily.allCases.map { planHostInput(plan, host, gateways, $0) }
  var transit = transit
  transit.tunnels = TunnelTransit(topology, index)
  plan.firewall = planFirewall(topology, host, own, access, input, steering, transit)
  if plan.needsSecrets { plan.artifacts.append(.secretsScript) }
  plan.artifacts.append(.applyScript)
  return plan
}

extension Host {
  /// The interfaces that lead to the fabric, each once, in the order of the links.
  var uplinkInterfaces: [InterfaceName] { links.map(\.interface) }
}

extension DeviceReference {
  init(_ gateway: HostGateway) { self.init(name: gateway.device.name, place: gateway.place) }
}

/// A prefix of a host and the index of its network; in a network of blocks one of its blocks.
struct OwnPrefix {
  var network: Int
  var prefix: Prefix
  /// Whose block it is; nil for the host's own, and for a prefix of all tenants.
  var owner: BlockOwner?
}

func ownPrefixes(_ topology: Topology, _ host: Int) -> [OwnPrefix] {
  topology.region(ofHost: host).networks.flatMap { network in
    topology.networks[network].isDividedIntoBlocks
      ? topology.hosts[host].blocks.filter { $0.network == network }
        .map { OwnPrefix(network: network, prefix: $0.prefix, owner: $0.owner) }
      : topology.prefix(ofHost: host, inNetwork: network).map { [OwnPrefix(network: network, prefix: $0)] } ?? []
  }
}

extension OwnPrefix {
  /// Why the host itself has a route to it (nil), or its ToR over the host.
  func purpose(_ topology: Topology, onToROf host: Name? = nil) -> RoutePurpose {
    let network = topology.networks[network].name
    if let owner { return .block(host: host, network: network, tenant: owner.tenant, segment: owner.segment) }
    return host.map { .hostPrefix(host: $0, network: network) } ?? .ownPrefix(network: network)
  }
}

extension Region {
  /// The families that have a network in the region.
  func families(_ topology: Topology) -> [AddressFamily] {
    AddressFamily.allCases.filter { family in networks.contains { topology.networks[$0].family == family } }
  }
}

private func hostRoutes(
  _ topology: Topology, _ index: Int, _ region: Region, _ own: [OwnPrefix], _ gateways: [HostGateway]
) -> [StaticRoute] {
  let host = topology.hosts[index]
  var routes = own.map {
    StaticRoute(prefix: $0.prefix, target: .discard, purpose: $0.purpose(topology))
  }
  routes += segmentRoutes(topology, index)
  if gateways.isEmpty {
    routes += zoneRoutes(topology, index, region, except: routes)
    routes += gatewayDiscards(topology, index, except: routes)
    routes += networkDiscards(topology, region, except: routes)
  } else if !host.settings.speaker.capabilities.installsRoutes(of: host.settings.routing) {
    routes += staticHostRoutes(topology, host, region, own, gateways)
  }
  for endpoint in host.endpoints {
    guard let interface = endpoint.interface else { continue }
    for address in endpoint.addresses {
      let gateway = own.first { $0.prefix.contains(address) }
        .flatMap { topology.gateway(ofHost: index, inNetwork: $0.network) }
      routes.append(
        StaticRoute(
          prefix: Prefix(host: address), target: .endpoint(interface, source: gateway),
          purpose: .endpoint(tenant: endpoint.tenant, segment: endpoint.segment, name: endpoint.name)))
    }
  }
  return routes.sorted { $0.prefix < $1.prefix }
}

/// With `access: l2` every other host of the segment is a neighbour: its prefixes are one hop away. A drained one has
/// nothing that anybody should send to.
private func segmentRoutes(_ topology: Topology, _ index: Int) -> [StaticRoute] {
  let rack = topology.rack(ofHost: index)
  guard rack.access == .l2 else { return [] }
  let host = topology.hosts[index]
  let onSegment = topology.racksOnSegment(ofRack: host.rack).flatMap { topology.racks[$0].hosts }
  return onSegment.filter { $0 != index && !topology.hosts[$0].isDrained }.flatMap { other in
    let neighbor = topology.hosts[other]
    return ownPrefixes(topology, other).compactMap { own -> StaticRoute? in
      // On VLANs: the one that both are in and the prefix is of.
      let vlan = topology.networks[own.network].vlan
      guard let mine = host.links.first(where: { $0.vlan == vlan }),
        let address = neighbor.links.first(where: { $0.vlan == vlan })?.address(own.prefix.family)
      else { return nil }
      return StaticRoute(
        prefix: own.prefix,
        target: .gateways([NextHop(address: address, device: neighbor.name, interface: mine.interface)]),
        purpose: own.purpose(topology, onToROf: neighbor.name))
    }
  }
}

/// In an EC2 region: what is in other zones is behind the VPC router, and what nobody has of the own zone is dropped.
private func zoneRoutes(
  _ topology: Topology, _ index: Int, _ region: Region, except routes: [StaticRoute]
) -> [StaticRoute] {
  let host = topology.hosts[index]
  guard region.vpc != nil, let zone = topology.rack(ofHost: index).zone else { return [] }
  return farRoutes(topology, index, zone)
    + region.racks.flatMap { rack in
      region.networks.compactMap { network -> StaticRoute? in
        guard let aggregate = topology.racks[rack].allocations[network]?.aggregate,
          !routes.contains(where: { $0.prefix == aggregate })
        else { return nil }
        let purpose = RoutePurpose.rackAggregate(
          rack: topology.racks[rack].name, network: topology.networks[network].name)
        if rack == host.rack { return StaticRoute(prefix: aggregate, target: .discard, purpose: purpose) }
        guard let router = zone.router(aggregate.family) else { return nil }
        let hop = NextHop(address: router, device: region.name, interface: host.links[0].interface)
        return StaticRoute(prefix: aggregate, target: .gateways([hop]), purpose: purpose)
      }
    }
}

/// What is in other regions is behind the VPC router too, but for the gateways that carry it there.
private func farRoutes(_ topology: Topology, _ index: Int, _ zone: Zone) -> [StaticRoute] {
  let (host, region) = (topology.hosts[index], topology.regionIndex(ofHost: index))
  return topology.farAggregates(ofRegion: region).compactMap { far in
    if case .gateways = far.way,
      topology.interconnects[far.interconnect].tunnels?.gateways[region]?.contains(index) ?? false
    {
      return nil
    }
    guard let router = zone.router(far.prefix.family) else { return nil }
    let hop = NextHop(address: router, device: topology.regions[region].name, interface: host.links[0].interface)
    return StaticRoute(
      prefix: far.prefix, target: .gateways([hop]),
      purpose: topology.purpose(ofRegion: far.region, inNetwork: far.network))
  }
}

/// A gateway of an EC2 region drops what nobody has of its own region. What it reaches of others it has by BGP; while a tunnel is down
/// the discard route of the network drops the rest.
private func gatewayDiscards(_ topology: Topology, _ index: Int, except routes: [StaticRoute]) -> [StaticRoute] {
  guard topology.isGateway(host: index) else { return [] }
  let region = topology.regionIndex(ofHost: index)
  return topology.toldAggregates(region, of: index).filter { told in !routes.contains { $0.prefix == told.prefix } }.map
  {
    StaticRoute(prefix: $0.prefix, target: .discard, purpose: $0.purpose(topology, of: region))
  }
}

/// Where nothing leads out of the segment, what no host has is dropped, and does not take the host's default route.
private func networkDiscards(
  _ topology: Topology, _ region: Region, except routes: [StaticRoute]
) -> [StaticRoute] {
  region.networks.map { topology.networks[$0] }
    .filter { network in !routes.contains { $0.prefix == network.prefix } }
    .map { StaticRoute(prefix: $0.prefix, target: .discard, purpose: .network($0.name)) }
}

/// Without a daemon that installs what it learns: the endpoint networks, and the default if it is the compiler's, over
/// the gateways.
private func staticHostRoutes(
  _ topology: Topology, _ host: Host, _ region: Region, _ own: [OwnPrefix], _ gateways: [HostGateway]
) -> [StaticRoute] {
  func route(_ prefix: Prefix, _ purpose: RoutePurpose, network: Int? = nil) -> StaticRoute? {
    let hops = gatewaysTo(network, prefix.family, topology, region, gateways).compactMap { gateway in
      gateway.address(prefix.family).map {
        NextHop(address: $0, device: gateway.device.name, interface: gateway.interface)
      }
    }
    if hops.isEmpty { return nil }
    return StaticRoute(
      prefix: prefix, target: .gateways(hops.sorted { $0.address < $1.address }), purpose: purpose)
  }
  // A host that has a whole network to itself drops what is not its endpoints'.
  var routes = region.networks
    .filter { network in !own.contains { $0.prefix == topology.networks[network].prefix } }
    .compactMap { route(topology.networks[$0].prefix, .network(topology.networks[$0].name), network: $0) }
  if host.settings.defaultRoute == .own {
    routes += region.families(topology).compactMap { route(.everything($0), .defaultRoute) }
  }
  return routes
}

/// A filter of exactly these prefixes; with none it is called what it is.
func exactFilter(_ name: FilterName, _ family: AddressFamily, _ prefixes: [Prefix]) -> PrefixFilter {
  PrefixFilter(
    name: prefixes.isEmpty ? .nothing : name, family: family, entries: prefixes.sorted().map { FilterEntry($0) })
}

/// The filters of a device, each once.
struct FilterTable {
  private(set) var filters: [PrefixFilter] = []
  private var index: [Key: Int] = [:]

  private struct Key: Hashable {
    var name: FilterName
    var family: AddressFamily
  }

  /// The index of a filter; a filter of the same name and family is the same filter.
  mutating func add(_ filter: PrefixFilter) -> Int {
    let key = Key(name: filter.name, family: filter.family)
    if let known = index[key] { return known }
    index[key] = filters.count
    filters.append(filter)
    return filters.count - 1
  }
}
