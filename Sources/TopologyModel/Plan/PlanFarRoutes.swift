/// What the tables of a VPC hold of other regions, the same in each, and what the region's transit gateways hold.
struct FarRoutes {
  /// Targets are indices of hosts, or into `links`.
  private(set) var routes: [VPCRoute] = []
  private(set) var links: [VPCLink] = []
  private(set) var transitGateways: [TransitGatewayPlan] = []
  private let topology: Topology
  private let region: Int

  var isEmpty: Bool { routes.isEmpty }

  init(_ topology: Topology, _ region: Int) {
    (self.topology, self.region) = (topology, region)
    for (index, interconnect) in topology.interconnects.enumerated() where interconnect.regions.contains(region) {
      switch interconnect.means {
      case .tunnels: addGateways(index)
      case .transitGateways(let gateways): addTransitGateway(index, interconnect, gateways)
      case .peering(let id): addPeering(index, interconnect, id)
      }
    }
  }

  private func far(_ interconnect: Int) -> [FarAggregate] {
    topology.farAggregates(ofRegion: region).filter { $0.interconnect == interconnect }
  }

  private func purpose(_ far: FarAggregate) -> RoutePurpose {
    topology.purpose(ofRegion: far.region, inNetwork: far.network)
  }

  /// To the gateway instance that is used first; its second takes over.
  private mutating func addGateways(_ index: Int) {
    for aggregate in far(index) {
      guard case .gateways(let hosts) = aggregate.way, let first = hosts.first else { continue }
      routes.append(
        VPCRoute(
          prefix: aggregate.prefix, target: .instance(first, standby: hosts.dropFirst().first),
          purpose: purpose(aggregate)))
    }
  }

  private mutating func addTransitGateway(_ index: Int, _ interconnect: Interconnect, _ gateways: TransitGateways) {
    let aggregates = far(index)
    guard !aggregates.isEmpty else { return }
    routes += aggregates.map {
      VPCRoute(prefix: $0.prefix, target: .link(links.count), purpose: purpose($0))
    }
    links.append(
      VPCLink(kind: .transitGateway, interconnect: interconnect.name, id: gateways.gateways[region]))
    // The regions at the other ends of this one's peerings.
    let peers = interconnect.pairs.filter { $0.0 == region || $0.1 == region }.map { $0.0 == region ? $0.1 : $0.0 }
    let own = Set(aggregates.map(\.network)).sorted().compactMap { network in
      topology.regions[region].allocations[network].map {
        TransitRoute(
          prefix: $0.prefix, attachment: 0, purpose: topology.purpose(ofRegion: region, inNetwork: network))
      }
    }
    let others = aggregates.compactMap { aggregate in
      // Not linked itself: by way of the hub.
      let next = peers.contains(aggregate.region) ? aggregate.region : interconnect.hub
      return next.flatMap { peers.firstIndex(of: $0) }.map {
        TransitRoute(prefix: aggregate.prefix, attachment: $0 + 1, purpose: purpose(aggregate))
      }
    }
    transitGateways.append(
      TransitGatewayPlan(
        interconnect: interconnect.name, routeTable: gateways.routeTables[region],
        attachments: [TransitAttachment(region: topology.regions[region].name, id: gateways.attachments[region])]
          + peers.map { peer in
            TransitAttachment(
              region: topology.regions[peer].name, id: gateways.peerings[[min(region, peer), max(region, peer)]])
          }, routes: (own + others).sorted { $0.prefix < $1.prefix }))
  }

  /// The other VPC's own prefixes: a peering knows no others. Of the families that tunnels over it have.
  private mutating func addPeering(_ index: Int, _ interconnect: Interconnect, _ id: Name?) {
    let families = Set(
      topology.interconnects.compactMap(\.tunnels).filter { $0.over == index }
        .flatMap { $0.tunnels.flatMap(\.ends).map(\.publicAddress.family) })
    guard let other = interconnect.regions.first(where: { $0 != region }), let vpc = topology.regions[other].vpc else {
      return
    }
    let prefixes = families.sorted().compactMap { vpc.prefix($0) }
    guard !prefixes.isEmpty else { return }
    routes += prefixes.map {
      VPCRoute(prefix: $0, target: .link(links.count), purpose: .vpc(region: topology.regions[other].name))
    }
    links.append(VPCLink(kind: .peering, interconnect: interconnect.name, id: id))
  }
}

extension VPCRoute {
  /// Whether it leads to another VPC's own prefix.
  var isOfPeer: Bool { if case .vpc = purpose { true } else { false } }
}
