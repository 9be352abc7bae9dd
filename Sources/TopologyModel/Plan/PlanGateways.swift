/// The hosts' side of a gateway: what a ToR, and a spine that segments end on, have in common.
struct GatewaySide {
  let topology: Topology
  /// The rack and its region.
  let rack: Rack
  let region: Region
  /// Which of the gateways of the rack's hosts the device is.
  let position: Int

  init(_ topology: Topology, rack index: Int, gateway position: Int) {
    self.topology = topology
    rack = topology.racks[index]
    region = topology.regions[rack.region]
    self.position = position
  }

  /// Routes to the hosts that do not announce theirs.
  func addHostRoutes(to routes: inout RouteTable) {
    for index in rack.hosts {
      let host = topology.hosts[index]
      guard host.settings.routing == .static, !host.isDrained else { continue }
      for own in ownPrefixes(topology, index) {
        guard let gateway = gateways(ofHost: index).first(where: { topology.serves($0, network: own.network) }),
          let address = gateway.hostAddress(own.prefix.family)
        else { continue }
        routes.add(
          StaticRoute(
            prefix: own.prefix, target: .gateways([NextHop(address: address, device: host.name, interface: nil)]),
            purpose: own.purpose(topology, onToROf: host.name)))
      }
    }
  }

  /// What the device drops: addresses of the rack that no host has.
  func addDiscards(to routes: inout RouteTable) {
    for network in region.networks {
      guard let allocation = rack.allocations[network] else { continue }
      routes.add(
        StaticRoute(
          prefix: allocation.aggregate, target: .discard,
          purpose: .rackAggregate(rack: rack.name, network: topology.networks[network].name)))
    }
  }

  /// The sessions with the hosts, one a family.
  func hostSessions(_ filters: inout FilterTable) -> [BGPSession] {
    rack.hosts.filter { topology.hosts[$0].settings.routing == .bgp }.flatMap { sessions(withHost: $0, &filters) }
  }

  private func sessions(withHost index: Int, _ filters: inout FilterTable) -> [BGPSession] {
    let host = topology.hosts[index]
    return gateways(ofHost: index).flatMap { gateway in
      region.families(topology).compactMap { session(withHost: index, host, gateway, $0, &filters) }
    }
  }

  private func session(
    withHost index: Int, _ host: Host, _ gateway: HostGateway, _ family: AddressFamily, _ filters: inout FilterTable
  ) -> BGPSession? {
    guard let ends = gateway.ends(family, ofHost: false), let asn = host.asn,
      topology.speaks(gateway, family, region)
    else { return nil }
    let own = ownPrefixes(topology, index)
      .filter { $0.prefix.family == family && topology.serves(gateway, network: $0.network) }.map(\.prefix)
    let features = AccessFeatures(host.settings, tor: gateway.device.system)
    let vlan = topology.sessionVLAN(gateway, host)
    let believed = exactFilter(
      .prefixes(of: host.name, in: vlan), family,
      host.isDrained ? [] : own + topology.farPrefixes(ofGateway: index, family))
    let told = networkFilter(topology, index, gateway, topology.gateways(ofHost: index), region, family)
    return BGPSession(
      neighbor: host.name, neighborRole: .host, ends: ends, family: family, neighborASN: asn,
      localRole: features.role ? .provider : nil, bfd: features.bfd, importFilter: filters.add(believed),
      exportFilter: filters.add(told), exportLimit: nil, secret: host.settings.secret,
      namesItself: rack.pair == .segment, vlan: vlan?.id)
  }

  /// What the device is to a host: on VLANs its gateway in each.
  private func gateways(ofHost index: Int) -> [HostGateway] {
    let gateways = topology.gateways(ofHost: index)
    guard gateways.first?.vlan == nil else { return gateways }
    // A rack with VLANs and no ToR, which was refused, has none.
    return position < gateways.count ? [gateways[position]] : []
  }

  /// The aggregates that the device announces of the rack, unless a host of the rack announces just that prefix.
  ///
  /// Of two ToRs on a segment that which lost it announces no aggregate: the prefixes of hosts with static routes count too,
  /// and so are originated, though no filter lets them out.
  ///
  /// - Parameter summaries: whether an aggregate of hosts that all speak BGP is announced only while one of them does.
  func originated(summaries: Bool) -> [OriginatedPrefix] {
    let hosts = rack.hosts.filter { !topology.hosts[$0].isDrained }
    let speakers = hosts.filter { topology.hosts[$0].settings.routing == .bgp }
    let announced = Set(
      speakers.lazy
        .filter { _ in rack.allocations.contains { $0.map { $0.hostLength == $0.aggregate.length } ?? false } }
        .flatMap { ownPrefixes(topology, $0).map(\.prefix) })
    let isPair = rack.pair == .segment
    let known = isPair ? staticHostPrefixes() : []
    let owned = announced.union(known.map(\.prefix))
    return known
      + region.networks.compactMap { network in
        guard let allocation = rack.allocations[network], !owned.contains(allocation.aggregate) else { return nil }
        return OriginatedPrefix(
          prefix: allocation.aggregate,
          purpose: .rackAggregate(rack: rack.name, network: topology.networks[network].name), onlyWhilePresent: false,
          isSummary: !hosts.isEmpty && (isPair || summaries && speakers.count == hosts.count))
      }
  }

  /// The prefixes of hosts with static routes, while the device reaches them.
  private func staticHostPrefixes() -> [OriginatedPrefix] {
    rack.hosts.filter { topology.hosts[$0].settings.routing == .static && !topology.hosts[$0].isDrained }
      .flatMap { host in
        ownPrefixes(topology, host).map {
          OriginatedPrefix(
            prefix: $0.prefix,
            purpose: .hostPrefix(host: topology.hosts[host].name, network: topology.networks[$0.network].name),
            onlyWhilePresent: true)
        }
      }
  }
}

extension RouteTable {
  /// The rest of each network ends on a gateway: no rack has it.
  mutating func addNetworkDiscards(_ topology: Topology, _ region: Region) {
    for network in region.networks {
      add(
        StaticRoute(
          prefix: topology.networks[network].prefix, target: .discard,
          purpose: .network(topology.networks[network].name)
        ))
    }
  }
}

/// What a gateway announces of its own: the aggregates of its racks and the networks, each once.
func originatedByGateway(
  _ topology: Topology, _ region: Region, _ racks: [GatewaySide], summaries: Bool
) -> [OriginatedPrefix] {
  let aggregates = racks.flatMap { $0.originated(summaries: summaries) }
  // A rack that is a whole network of one host: the host announces it.
  let owned = Set(
    racks.flatMap { side in
      side.rack.hosts.filter {
        topology.hosts[$0].settings.routing == .bgp && !topology.hosts[$0].isDrained
      }.flatMap { host in
        region.networks.compactMap { network in
          topology.prefixes(ofHost: host, inNetwork: network).first.flatMap {
            $0 == topology.networks[network].prefix ? $0 : nil
          }
        }
      }
    })
  var seen: Set<Prefix> = owned
  // Those that spines announce to the ToRs of a pair are not the ToRs' to announce.
  let ofSpines = racks.allSatisfy { $0.rack.pair == .spines } ? topology.networksOfSpines(region) : []
  let networks = region.networks.filter { !ofSpines.contains($0) }.map {
    OriginatedPrefix(
      prefix: topology.networks[$0].prefix, purpose: .network(topology.networks[$0].name), onlyWhilePresent: false)
  }
  return (aggregates + networks).filter { seen.insert($0.prefix).inserted }.sorted { $0.prefix < $1.prefix }
}
