/// Plans a spine: one route per rack and network; of racks without ToRs it is a gateway.
func planSpine(_ topology: Topology, _ regionIndex: Int, _ index: Int) -> DevicePlan {
  let region = topology.regions[regionIndex]
  let spine = region.spines[index]
  var plan = switchPlan(topology, spine, .spine, region)
  let place = DeviceReference.Place.spine(regionIndex, index)
  plan.routes = spineRoutes(topology, region, place, index)
  if topology.spinesSpeakBGP(region) || region.upstreams(at: place).contains(where: { $0.asn != nil }) {
    plan.bgp = spineBGP(topology, region, place, index)
  }
  plan.sysctls += unnumberedSettings(plan.bgp?.unnumberedInterfaces ?? [])
  if region.routing == .ospf, !topology.hasSpineGateways(region) { plan.ospf = spineOSPF(topology, region, index) }
  if plan.needsSecrets { plan.artifacts.append(.secretsScript) }
  if plan.isLinux { plan.artifacts.append(.applyScript) }
  return plan
}

private func spineRoutes(
  _ topology: Topology, _ region: Region, _ place: DeviceReference.Place, _ index: Int
) -> [StaticRoute] {
  var routes = RouteTable()
  if topology.hasSpineGateways(region) {
    let sides = region.gatewaySides(topology, gateway: index)
    for side in sides { side.addHostRoutes(to: &routes) }
    for side in sides { side.addDiscards(to: &routes) }
    addUpstreamRoutes(topology, region, at: place, to: &routes)
    routes.addNetworkDiscards(topology, region)
    return routes.sorted()
  }
  if region.routing == .static {
    for rack in topology.racks[region.racks] {
      for network in region.networks {
        guard let allocation = rack.allocations[network],
          let hops = rack.hops(fromSpine: index, allocation.aggregate.family)
        else { continue }
        routes.add(
          StaticRoute(
            prefix: allocation.aggregate, target: .gateways(hops),
            purpose: .rackAggregate(rack: rack.name, network: topology.networks[network].name)))
      }
    }
  }
  addUpstreamRoutes(topology, region, at: place, to: &routes)
  // With a default route a packet to a rack that does not exist would leave the fabric and might come back.
  if region.carriesDefault {
    for network in region.networks {
      guard let allocation = region.allocations[network] else { continue }
      routes.add(
        StaticRoute(
          prefix: allocation.prefix, target: .discard, purpose: .network(topology.networks[network].name)))
    }
  }
  for network in topology.networksOfSpines(region) {
    routes.add(
      StaticRoute(
        prefix: topology.networks[network].prefix, target: .discard, purpose: .network(topology.networks[network].name))
    )
  }
  return routes.sorted()
}

extension Region {
  /// The segments that a spine is a gateway of.
  fileprivate func gatewaySides(_ topology: Topology, gateway index: Int) -> [GatewaySide] {
    topology.hasSpineGateways(self) ? racks.map { GatewaySide(topology, rack: $0, gateway: index) } : []
  }
}

extension Rack {
  /// The ToRs' ends of the links to a spine, sorted; nil without any.
  fileprivate func hops(fromSpine spine: Int, _ family: AddressFamily) -> [NextHop]? {
    let hops = tors.compactMap { tor in
      tor.uplinks[spine].torAddress(family).map { NextHop(address: $0, device: tor.name, interface: nil) }
    }
    return hops.isEmpty ? nil : hops.sorted { $0.address < $1.address }
  }
}

private func spineBGP(
  _ topology: Topology, _ region: Region, _ place: DeviceReference.Place, _ index: Int
) -> BGPPlan {
  let spine = region.spines[index]
  var filters = FilterTable()
  var sessions: [BGPSession] = []
  for rack in topology.racks[region.racks] where region.routing == .bgp {
    for tor in rack.tors {
      for family in region.families(topology) {
        guard let ends = tor.uplinks[index].ends(family, ofToR: false), let asn = tor.asn else { continue }
        sessions.append(
          BGPSession(
            neighbor: tor.name, neighborRole: .tor, ends: ends, family: family, neighborASN: asn,
            localRole: region.spineBGP == .ebgp ? .provider : nil, bfd: true,
            importFilter: filters.add(rackFilter(topology, rack, tor, family)),
            exportFilter: filters.add(
              rack.pair == .spines
                ? pairRegionFilter(topology, rack, region, family, denyingOwn: false)
                : regionFilter(topology, region, family, except: nil)), exportLimit: nil,
            reflects: region.spineBGP == .routeReflector, secret: region.fabricSecret))
      }
    }
  }
  let sides = region.gatewaySides(topology, gateway: index)
  for side in sides { sessions += side.hostSessions(&filters) }
  sessions += upstreamSessions(topology, region, at: place, &filters)
  sessions.sortByNeighbor()
  var originated =
    region.carriesDefault
    ? region.families(topology).filter { !region.hasLearnedDefault(at: place, $0) }.map {
      OriginatedPrefix(prefix: .everything($0), purpose: .defaultRoute, onlyWhilePresent: true)
    } : []
  originated += topology.networksOfSpines(region).map {
    OriginatedPrefix(
      prefix: topology.networks[$0].prefix, purpose: .network(topology.networks[$0].name), onlyWhilePresent: false)
  }
  if !sides.isEmpty { originated += originatedByGateway(topology, region, sides, summaries: true) }
  originated += upstreamOrigins(topology, region, at: place, besides: originated)
  originated.sort { $0.prefix < $1.prefix }
  return BGPPlan(
    asn: spine.asn ?? 0, routerID: spine.loopback, originated: originated,
    sessions: sessions,
    filters: filters.filters, maximumPaths: maximumPaths)
}
