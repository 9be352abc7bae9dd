import TopologyModel

/// A route as the tables are compared: where packets go, whoever put it there.
enum RouteMeaning: Sendable, Hashable, CustomStringConvertible {
  case discard
  /// Next hops, sorted; several share the traffic.
  case via([Address])
  case interface(String)

  var description: String {
    switch self {
    case .discard: "discard"
    case .via(let hops): "via " + hops.map(\.description).joined(separator: ", ")
    case .interface(let name): "on \(name)"
    }
  }
}

typealias RoutingTable = [Prefix: RouteMeaning]

/// What BGP must bring to a device, from the topology's meaning alone: filters and sessions have no part in it.
///
/// Hosts learn the endpoint networks, and the default if theirs comes from the fabric; ToRs the prefixes of their hosts
/// and over every spine the aggregates of other racks; spines the aggregate of each rack, or, without ToRs, what ToRs
/// learn of hosts, while hosts learn the aggregates of the other racks too.
func planLearnedRoutes(_ layout: LabLayout, _ node: LabNode, _ condition: Condition) -> RoutingTable {
  guard node.plan.bgp != nil else { return [:] }
  switch node.device.place {
  case .host(let index): return learnedByHost(layout, node, index, condition)
  case .tor(let rack, let position): return learnedByToR(layout, node, rack, position, condition)
  case .spine(let region, let spine): return learnedBySpine(layout, node, region, spine, condition)
  }
}

private func learnedByHost(
  _ layout: LabLayout, _ node: LabNode, _ index: Int, _ condition: Condition
) -> RoutingTable {
  let topology = layout.topology
  let host = topology.hosts[index]
  guard host.settings.speaker.capabilities.installsRoutes else { return [:] }
  let gateways = topology.gateways(ofHost: index).filter {
    layout.hasSession(node.index, layout.node($0.place)?.index, condition)
  }
  func hops(_ family: AddressFamily, where isUsable: (HostGateway) -> Bool = { _ in true }) -> RouteMeaning? {
    let addresses = gateways.filter(isUsable).compactMap { $0.address(family) }
    return addresses.isEmpty ? nil : .via(addresses.sorted())
  }
  let region = topology.region(ofHost: index)
  let own = Set(topology.networks.indices.compactMap { topology.prefix(ofHost: index, inNetwork: $0) })
  var table: RoutingTable = [:]
  for network in region.networks {
    let prefix = topology.networks[network].prefix
    if !own.contains(prefix) { table[prefix] = hops(prefix.family) }
  }
  if topology.hasSpineGateways(region) {
    for rack in region.racks where rack != host.rack {
      for aggregate in topology.racks[rack].allocations.compactMap({ $0?.aggregate }) where table[aggregate] == nil {
        table[aggregate] = hops(aggregate.family) { layout.announces(rack, $0.place, aggregate, condition) }
      }
    }
  }
  if host.settings.defaultRoute == .own, region.carriesDefault {
    for family in AddressFamily.allCases
    where region.networks.contains(where: { topology.networks[$0].family == family }) {
      table[.everything(family)] = hops(family) { layout.hasDefault($0.place, condition) }
    }
  }
  return table
}

private func learnedByToR(
  _ layout: LabLayout, _ node: LabNode, _ rackIndex: Int, _ position: Int, _ condition: Condition
) -> RoutingTable {
  let topology = layout.topology
  let rack = topology.racks[rackIndex]
  let region = topology.regions[rack.region]
  var table: RoutingTable = [:]
  if region.routing == .bgp {
    for other in region.racks where other != rackIndex {
      for aggregate in topology.racks[other].allocations.compactMap({ $0?.aggregate }) {
        let hops = layout.spines(of: node, rackIndex, position, aggregate.family, condition) { spine in
          topology.racks[other].tors.indices.contains { tor in
            layout.hasSession(spine, layout.node(.tor(other, tor))?.index, condition)
              && layout.announces(other, .tor(other, tor), aggregate, condition)
          }
        }
        if !hops.isEmpty { table[aggregate] = .via(hops) }
      }
    }
    for (prefix, hops) in layout.defaults(node, rackIndex, position, condition) { table[prefix] = .via(hops) }
  }
  return table.merging(learnedFromHosts(layout, node, rackIndex, position, condition)) { first, _ in first }
}

/// The prefixes of the hosts of a rack that speak BGP with one of its gateways.
private func learnedFromHosts(
  _ layout: LabLayout, _ node: LabNode, _ rack: Int, _ position: Int, _ condition: Condition
) -> RoutingTable {
  let topology = layout.topology
  var table: RoutingTable = [:]
  for index in topology.racks[rack].hosts {
    let host = topology.hosts[index]
    guard host.settings.routing == .bgp, !host.isDrained,
      layout.hasSession(node.index, layout.node(.host(index))?.index, condition)
    else { continue }
    let gateway = topology.gateways(ofHost: index)[position]
    for network in topology.networks.indices {
      guard let prefix = topology.prefix(ofHost: index, inNetwork: network),
        let address = gateway.hostAddress(prefix.family)
      else { continue }
      table[prefix] = .via([address])
    }
  }
  return table
}

private func learnedBySpine(
  _ layout: LabLayout, _ node: LabNode, _ region: Int, _ spine: Int, _ condition: Condition
) -> RoutingTable {
  let topology = layout.topology
  var table: RoutingTable = [:]
  if topology.hasSpineGateways(topology.regions[region]) {
    for rack in topology.regions[region].racks {
      table.merge(learnedFromHosts(layout, node, rack, spine, condition)) { first, _ in first }
    }
    return table
  }
  guard topology.regions[region].routing == .bgp else { return [:] }
  for rack in topology.regions[region].racks {
    for aggregate in topology.racks[rack].allocations.compactMap({ $0?.aggregate }) {
      let hops = topology.racks[rack].tors.enumerated().compactMap { position, tor -> Address? in
        guard layout.hasSession(node.index, layout.node(.tor(rack, position))?.index, condition),
          layout.announces(rack, .tor(rack, position), aggregate, condition)
        else { return nil }
        return tor.uplinks[spine].torAddress(aggregate.family)
      }
      if !hops.isEmpty { table[aggregate] = .via(hops.sorted()) }
    }
  }
  return table
}

extension LabLayout {
  /// Whether a ToR announces an aggregate of its rack: always, but where it is the whole prefix of a host that speaks BGP,
  /// it is the host's route that the ToR passes on. A spine that is a gateway of the rack does while a host of the rack
  /// speaks to it, if all do.
  fileprivate func announces(
    _ rackIndex: Int, _ gateway: DeviceReference.Place, _ aggregate: Prefix, _ condition: Condition
  ) -> Bool {
    let rack = topology.racks[rackIndex]
    if case .spine = gateway {
      let hosts = rack.hosts.filter { !topology.hosts[$0].isDrained }
      if !hosts.isEmpty, hosts.allSatisfy({ topology.hosts[$0].settings.routing == .bgp }) {
        return hosts.contains { hasSession(node(.host($0))?.index, node(gateway)?.index, condition) }
      }
    }
    let owner = rack.hosts.first { host in
      topology.hosts[host].settings.routing == .bgp && !topology.hosts[host].isDrained
        && topology.networks.indices.contains { topology.prefix(ofHost: host, inNetwork: $0) == aggregate }
    }
    guard let owner else { return true }
    return hasSession(node(.host(owner))?.index, node(gateway)?.index, condition)
  }

  /// The addresses of a rack's spines that can be used and that fulfil a condition, sorted.
  fileprivate func spines(
    of tor: LabNode, _ rackIndex: Int, _ position: Int, _ family: AddressFamily, _ condition: Condition,
    where isUsable: (Int) -> Bool
  ) -> [Address] {
    let rack = topology.racks[rackIndex]
    return rack.tors[position].uplinks.enumerated().compactMap { spine, link -> Address? in
      guard let spine = node(.spine(rack.region, spine))?.index, hasSession(tor.index, spine, condition),
        isUsable(spine)
      else { return nil }
      return link.spineAddress(family)
    }
    .sorted()
  }

  fileprivate func defaults(
    _ tor: LabNode, _ rackIndex: Int, _ position: Int, _ condition: Condition
  ) -> [(Prefix, [Address])] {
    let region = topology.regions[topology.racks[rackIndex].region]
    guard region.carriesDefault else { return [] }
    return AddressFamily.allCases.compactMap { family in
      guard region.networks.contains(where: { topology.networks[$0].family == family }) else { return nil }
      let hops = spines(of: tor, rackIndex, position, family, condition) { hasUpstream($0, condition) }
      return hops.isEmpty ? nil : (.everything(family), hops)
    }
  }

  /// Whether a host's gateway has a default route to announce.
  fileprivate func hasDefault(_ place: DeviceReference.Place, _ condition: Condition) -> Bool {
    if case .spine = place { return hasUpstream(node(place)?.index, condition) }
    guard case .tor(let rack, let position) = place, let tor = node(place) else { return false }
    let region = topology.regions[topology.racks[rack].region]
    // A static region has it on its ToRs all the time, but a ToR announces only what it has from BGP or of its own.
    return region.routing == .bgp && !defaults(tor, rack, position, condition).isEmpty
  }
}
