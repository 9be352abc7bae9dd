/// Decides how the endpoints of an EC2 region are routed in its VPC.
///
/// In a zone instances reach each other directly, so a table has routes for what is in other zones than its own; with `egress:
/// routed` for all, since answers come back by way of the VPC. As long as the quota lasts each prefix of a host has a route; beyond
/// that, zone aggregates are divided as finely as the quota lets them, so that a forwarding instance carries as little as can be for others.
struct VPCPlanner {
  let topology: Topology
  let index: Int
  let vpc: VPC
  private let tables: [(id: Name?, racks: [Int])]
  /// What it reaches of other regions, and the VPCs behind peerings.
  private let far: FarRoutes

  /// Nil if the region is no VPC.
  init?(_ topology: Topology, _ index: Int) {
    guard let vpc = topology.regions[index].vpc else { return nil }
    (self.topology, self.index, self.vpc) = (topology, index, vpc)
    far = FarRoutes(topology, index)
    let racks = topology.regions[index].racks
    func table(_ rack: Int) -> Name? { topology.racks[rack].zone?.routeTable ?? vpc.routeTable }
    let ids = Set(racks.map(table)).sorted { left, right in
      guard let left, let right else { return left == nil && right != nil }
      return left < right
    }
    tables = ids.map { id in (id, racks.filter { table($0) == id }) }
  }

  private var region: Region { topology.regions[index] }

  /// What the endpoints of a zone are divided into: a prefix, and the hosts that hold something inside, by index.
  struct Part: Equatable {
    var prefix: Prefix
    var network: Int
    var hosts: [Int]
  }

  /// The zones that a table needs routes for. What comes from other regions may come in anywhere.
  private func served(_ table: [Int]) -> [Int] {
    region.racks.filter { rack in needsAll ? !table.isEmpty : table.contains { $0 != rack } }
  }

  private var needsAll: Bool { vpc.egress == .routed || !far.isEmpty }

  /// The parts of a zone: aggregates divided `bits` times, no finer than hosts' prefixes; with nil these.
  func parts(_ rack: Int, _ family: AddressFamily, bits: Int?) -> [Part] {
    let bits = bits.map { min($0, mostBits(rack)) }
    var parts: [Part] = []
    for network in region.networks where topology.networks[network].family == family {
      guard let aggregate = topology.racks[rack].allocations[network]?.aggregate else { continue }
      var hosts: [Prefix: [Int]] = [:]
      for host in topology.racks[rack].hosts {
        for own in ownPrefixes(topology, host) where own.network == network {
          let length = bits.map { min(aggregate.length + $0, own.prefix.length) } ?? own.prefix.length
          let prefix = Prefix(containing: own.prefix.address, length: length)
          if hosts[prefix]?.last != host { hosts[prefix, default: []].append(host) }
        }
      }
      parts += hosts.sorted { $0.key < $1.key }.map { Part(prefix: $0.key, network: network, hosts: $0.value) }
    }
    return parts
  }

  /// Dividing an aggregate further than there are instances named for forwarding spreads nothing.
  private func mostBits(_ rack: Int) -> Int {
    let named = topology.hosts[topology.racks[rack].hosts].count { $0.instance?.isGateway == true }
    return named == 0 ? 128 : Int.bitWidth - (named - 1).leadingZeroBitCount
  }

  /// The routes of a family that the fullest table takes. Drained hosts count, so that draining one changes nothing for the
  /// others.
  private func count(_ family: AddressFamily, bits: Int?) -> Int {
    tables.map { table in served(table.racks).reduce(0) { $0 + parts($1, family, bits: bits).count } }.max() ?? 0
  }

  /// The routes of a table to other regions.
  func farCount(_ family: AddressFamily) -> Int { far.routes.count { $0.prefix.family == family } }

  func choose(_ family: AddressFamily) -> VPCFamily? {
    let far = farCount(family)
    let room = vpc.quota - vpc.otherRoutes - far
    let wanted = count(family, bits: nil)
    var result = VPCFamily(
      family: family, choice: .direct, wanted: wanted + far, taken: wanted + far, quota: vpc.quota,
      otherRoutes: vpc.otherRoutes, farRoutes: far)
    if tables.allSatisfy({ served($0.racks).isEmpty }) { return result }
    if wanted <= room {
      result.choice = .instances
      return result
    }
    for bits in stride(from: deepest(family), through: 0, by: -1) {
      let taken = count(family, bits: bits)
      guard taken <= room else { continue }
      (result.choice, result.taken) = (.aggregates(bits: bits), taken + far)
      return result
    }
    return nil
  }

  /// The routes that remain where nothing is divided.
  func least(_ family: AddressFamily) -> Int { count(family, bits: 0) + farCount(family) }

  /// Whether the same would fit if every zone had a table of its own.
  func leastWithOwnTables(_ family: AddressFamily) -> Int {
    let counts = region.racks.map { parts($0, family, bits: 0).count }
    let all = counts.reduce(0, +)
    return (needsAll ? all : counts.map { all - $0 }.max() ?? 0) + farCount(family)
  }

  private func deepest(_ family: AddressFamily) -> Int {
    region.networks.filter { topology.networks[$0].family == family }.flatMap { network in
      topology.racks[region.racks].compactMap { rack -> Int? in
        guard let allocation = rack.allocations[network] else { return nil }
        return (topology.networks[network].layout.block ?? allocation.hostLength) - allocation.aggregate.length
      }
    }.max() ?? 0
  }

  /// The plan; nil if something does not fit.
  func plan() -> VPCPlan? {
    let families = region.families(topology).compactMap(choose)
    guard families.count == region.families(topology).count else { return nil }
    var forwarders = Forwarders(topology)
    var routes: [Int: [VPCRoute]] = [:]
    for rack in region.racks {
      for family in families where family.choice != .direct {
        var bits: Int?
        if case .aggregates(let some) = family.choice { bits = some }
        routes[rack, default: []] += parts(rack, family.family, bits: bits).compactMap {
          route($0, rack, isDivided: bits != nil, &forwarders)
        }
      }
    }
    let hosts = topology.racks[region.racks].flatMap { Array($0.hosts) }
    let position = Dictionary(uniqueKeysWithValues: hosts.enumerated().map { ($1, $0) })
    let reached = Set(families.map(\.family))
    return VPCPlan(
      region: region.name, id: vpc.id, families: families,
      instances: hosts.map { instance($0, forwards: forwarders.all.contains($0)) },
      tables: tables.map { table in
        let all =
          (served(table.racks).flatMap { routes[$0] ?? [] }
          + far.routes.filter { reached.contains($0.prefix.family) || $0.isOfPeer }).map { route in
            var route = route
            if case .instance(let first, let second) = route.target {
              route.target = .instance(position[first]!, standby: second.map { position[$0]! })
            }
            return route
          }
        return VPCTable(
          id: table.id, zones: table.racks.map { topology.racks[$0].name }, routes: all.sorted { $0.prefix < $1.prefix }
        )
      },
      space: aggregatePrefixes(
        region.allocations.compactMap { $0?.prefix } + topology.farAggregates(ofRegion: index).map(\.prefix)),
      peers: far.routes.filter(\.isOfPeer).map(\.prefix).sorted(), links: far.links,
      transitGateways: far.transitGateways,
      securityGroup: vpc.securityGroup,
      sources: aggregatePrefixes(region.networks.map { topology.networks[$0].prefix } + tunnelEnds(hosts)))
  }

  /// The other ends of the tunnels of hosts.
  private func tunnelEnds(_ hosts: [Int]) -> [Prefix] {
    hosts.flatMap { topology.tunnels(ofHost: $0) }.map { Prefix(host: $0.remote.publicAddress) }
  }

  private func instance(_ index: Int, forwards: Bool) -> VPCInstance {
    let host = topology.hosts[index]
    return VPCInstance(
      name: host.name, zone: topology.rack(ofHost: index).name, eni: host.instance?.eni, address: host.address(.ipv4),
      address6: host.address(.ipv6), forwards: forwards)
  }

  /// Nil if all hosts of the part are drained. Its instances are indices of hosts.
  private func route(_ part: Part, _ rack: Int, isDivided: Bool, _ forwarders: inout Forwarders) -> VPCRoute? {
    let network = topology.networks[part.network].name
    let active = part.hosts.filter { !topology.hosts[$0].isDrained }
    guard let first = active.first else { return nil }
    if active.count == 1 || !isDivided {
      // All that is inside is on one host, or nowhere.
      let own = ownPrefixes(topology, first).first { $0.prefix == part.prefix }
      let purpose =
        own?.purpose(topology, onToROf: topology.hosts[first].name)
        ?? .hostPrefix(host: topology.hosts[first].name, network: network)
      return VPCRoute(prefix: part.prefix, target: .instance(first, standby: nil), purpose: purpose)
    }
    guard let pair = forwarders.choose(for: part, rack) else { return nil }
    return VPCRoute(
      prefix: part.prefix, target: .instance(pair.first, standby: pair.second),
      purpose: .rackAggregate(rack: topology.racks[rack].name, network: network))
  }
}
