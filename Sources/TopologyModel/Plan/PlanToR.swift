/// Plans a top-of-rack switch: a route to each host of the rack, and to every other rack over every spine.
func planToR(_ topology: Topology, _ index: Int, _ position: Int) -> DevicePlan {
  let rack = topology.racks[index]
  let region = topology.regions[rack.region]
  var plan = switchPlan(topology, rack.tors[position].device, .tor, region)
  plan.routes = torRoutes(topology, index, position)
  let sessions = torBGP(topology, index, position)
  if !sessions.sessions.isEmpty { plan.bgp = sessions }
  plan.sysctls += unnumberedSettings(sessions.unnumberedInterfaces)
  plan.ospf = torOSPF(topology, index, position)
  if plan.needsSecrets { plan.artifacts.append(.secretsScript) }
  if plan.isLinux { plan.artifacts.append(.applyScript) }
  return plan
}

/// What ToRs and spines have in common.
func switchPlan(_ topology: Topology, _ device: Switch, _ role: DeviceRole, _ region: Region) -> DevicePlan {
  var plan = DevicePlan(
    fabric: topology.fabric, name: device.name, role: role, artifacts: device.system.artifacts + [.staticTable])
  plan.sysctls = switchSysctls(families: region.families(topology))
  return plan
}

extension DeviceSystem {
  /// The files of a switch, without the neutral table. The systems that are not plain Linux set up the kernel themselves.
  fileprivate var artifacts: [ArtifactKind] {
    switch self {
    case .linux: [.sysctl, .routesScript, .routesUnit]
    case .frr: [.sysctl, .frr, .frrDaemons]
    case .eos: [.eos]
    case .nxos: [.nxos]
    case .junos: [.junos]
    case .sonic: [.sonic]
    case .nvue: [.nvue]
    }
  }
}

/// The static routes of a ToR: of one prefix only the most specific purpose stays.
func torRoutes(_ topology: Topology, _ index: Int, _ position: Int) -> [StaticRoute] {
  let rack = topology.racks[index]
  let region = topology.regions[rack.region]
  var routes = RouteTable()
  let side = GatewaySide(topology, rack: index, gateway: position)
  side.addHostRoutes(to: &routes)
  if region.routing == .static { addRemoteRoutes(topology, index, position, to: &routes) }
  side.addDiscards(to: &routes)
  addUpstreamRoutes(topology, region, at: .tor(index, position), to: &routes)
  addGatewayDiscards(topology, rack, to: &routes)
  routes.addNetworkDiscards(topology, region)
  return routes.sorted()
}

/// Every other rack's aggregate over every spine, and the default if the region carries one.
private func addRemoteRoutes(_ topology: Topology, _ index: Int, _ position: Int, to routes: inout RouteTable) {
  let rack = topology.racks[index]
  let region = topology.regions[rack.region]
  func spines(_ family: AddressFamily) -> [NextHop] {
    zip(region.spines, rack.tors[position].uplinks).compactMap { spine, link in
      link.spineAddress(family).map { NextHop(address: $0, device: spine.name, interface: nil) }
    }
    .sorted { $0.address < $1.address }
  }
  let hops = AddressFamily.allCases.map(spines)
  func add(_ prefix: Prefix, _ purpose: RoutePurpose) {
    let gateways = hops[Int(prefix.family.rawValue)]
    guard !gateways.isEmpty else { return }
    routes.add(StaticRoute(prefix: prefix, target: .gateways(gateways), purpose: purpose))
  }
  for other in region.racks where other != index {
    for network in region.networks {
      guard let allocation = topology.racks[other].allocations[network] else { continue }
      add(
        allocation.aggregate,
        .rackAggregate(rack: topology.racks[other].name, network: topology.networks[network].name))
    }
  }
  if region.carriesDefault {
    for family in region.families(topology) { add(.everything(family), .defaultRoute) }
  }
}

/// Routes by prefix; the first that is added for a prefix stays.
struct RouteTable {
  private var routes: [Prefix: StaticRoute] = [:]

  mutating func add(_ route: StaticRoute?) {
    guard let route, routes[route.prefix] == nil else { return }
    routes[route.prefix] = route
  }

  func sorted() -> [StaticRoute] { routes.values.sorted { $0.prefix < $1.prefix } }
}

private func torBGP(_ topology: Topology, _ index: Int, _ position: Int) -> BGPPlan {
  let rack = topology.racks[index]
  let tor = rack.tors[position]
  let region = topology.regions[rack.region]
  let side = GatewaySide(topology, rack: index, gateway: position)
  var filters = FilterTable()
  var sessions: [BGPSession] = []
  sessions += side.hostSessions(&filters)
  if region.routing == .bgp { sessions += spineSessions(topology, rack, tor, region, &filters) }
  sessions += pairSessions(topology, index, position, region, &filters)
  let place = DeviceReference.Place.tor(index, position)
  sessions += upstreamSessions(topology, region, at: place, &filters)
  sessions.sortByNeighbor()
  var originated =
    passedOnDefaults(topology, rack, place) + originatedByGateway(topology, region, [side], summaries: false)
  originated += upstreamOrigins(topology, region, at: place, besides: originated)
  originated += gatewayOrigins(topology, rack, besides: originated)
  originated.sort { $0.prefix < $1.prefix }
  return BGPPlan(
    asn: tor.asn ?? 0, routerID: tor.device.loopback, originated: originated,
    sessions: sessions,
    filters: filters.filters, maximumPaths: maximumPaths)
}

private func spineSessions(
  _ topology: Topology, _ rack: Rack, _ tor: ToR, _ region: Region, _ filters: inout FilterTable
) -> [BGPSession] {
  var sessions: [BGPSession] = []
  for (spine, link) in zip(region.spines, tor.uplinks) {
    for family in region.families(topology) {
      guard let ends = link.ends(family, ofToR: true), let asn = spine.asn else { continue }
      sessions.append(
        BGPSession(
          neighbor: spine.name, neighborRole: .spine, ends: ends, family: family, neighborASN: asn,
          localRole: region.spineBGP == .ebgp ? .customer : nil, bfd: true,
          importFilter: filters.add(
            rack.pair == .spines
              ? pairRegionFilter(topology, rack, region, family, denyingOwn: true)
              : regionFilter(topology, region, family, except: rack)),
          exportFilter: filters.add(rackFilter(topology, rack, tor, family)), exportLimit: nil,
          secret: region.fabricSecret))
    }
  }
  return sessions
}

/// Any rack aggregate of the region by its place and length, so that the filter does not grow with the racks; on a
/// ToR its own are denied first.
func regionFilter(
  _ topology: Topology, _ region: Region, _ family: AddressFamily, except rack: Rack?
) -> PrefixFilter {
  var entries: [FilterEntry] = region.carriesDefault ? [FilterEntry(.everything(family))] : []
  let own = (rack?.allocations ?? []).compactMap { $0?.aggregate }.filter { $0.family == family }
  entries += own.sorted().map { FilterEntry(permits: false, $0) }
  entries += region.allocations.compactMap(\.self).filter { $0.prefix.family == family }
    .sorted { $0.prefix < $1.prefix }
    .map { FilterEntry($0.prefix, lengths: $0.rackLength...$0.rackLength) }
  entries += region.externals(family).map(\.entry)
  entries += topology.tunnelled(region).filter { $0.family == family }.map { FilterEntry($0) }
  return PrefixFilter(name: .regionAggregates, family: family, entries: entries)
}

/// Exactly the aggregates of a rack, and the prefixes of its hosts if its ToRs tell each other over the spines.
func rackFilter(_ topology: Topology, _ rack: Rack, _ tor: ToR, _ family: AddressFamily) -> PrefixFilter {
  var aggregates = rack.allocations.compactMap { $0?.aggregate }.filter { $0.family == family }
  if rack.hosts.contains(where: { topology.isGateway(host: $0) }) {
    aggregates += topology.tunnelled(topology.regions[rack.region]).filter { $0.family == family }
  }
  if rack.pair == .spines {
    aggregates += activePrefixes(topology, rack, family).filter { !aggregates.contains($0) }
  }
  return exactFilter(.rackAggregates(tor.name), family, aggregates)
}

/// The default route that a ToR has from OSPF, or by way of an upstream without BGP, and passes on to hosts that speak BGP and
/// want it.
private func passedOnDefaults(
  _ topology: Topology, _ rack: Rack, _ place: DeviceReference.Place
) -> [OriginatedPrefix] {
  let region = topology.regions[rack.region]
  let isWanted = topology.hosts[rack.hosts].contains {
    $0.settings.routing == .bgp && $0.settings.defaultRoute == .own
  }
  guard isWanted else { return [] }
  let hasOSPF = region.routing == .ospf && !region.spines.isEmpty
  return region.families(topology).filter { hasOSPF || region.hasStaticDefault(at: place, $0) }.map {
    OriginatedPrefix(prefix: .everything($0), purpose: .defaultRoute, onlyWhilePresent: true)
  }
}
