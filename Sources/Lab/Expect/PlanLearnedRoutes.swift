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
/// and over every spine the aggregates of other racks; spines the aggregate of each rack.
func planLearnedRoutes(_ layout: LabLayout, _ node: LabNode, _ condition: Condition) -> RoutingTable {
  guard node.plan.bgp != nil else { return [:] }
  switch node.device.place {
  case .host(let index): return learnedByHost(layout, node, index, condition)
  case .tor(let rack): return learnedByToR(layout, node, rack, condition)
  case .spine(let region, let spine): return learnedBySpine(layout, node, region, spine, condition)
  }
}

private func learnedByHost(
  _ layout: LabLayout, _ node: LabNode, _ index: Int, _ condition: Condition
) -> RoutingTable {
  let topology = layout.topology
  let host = topology.hosts[index]
  let tor = layout.node(.tor(host.rack))?.index
  guard host.settings.speaker.capabilities.installsRoutes, layout.hasSession(node.index, tor, condition) else {
    return [:]
  }
  let region = topology.region(ofHost: index)
  let own = Set(topology.networks.indices.compactMap { topology.prefix(ofHost: index, inNetwork: $0) })
  var table: RoutingTable = [:]
  for network in region.networks {
    let prefix = topology.networks[network].prefix
    guard !own.contains(prefix), let address = host.torAddress(prefix.family) else { continue }
    table[prefix] = .via([address])
  }
  if host.settings.defaultRoute == .own, region.carriesDefault {
    for family in AddressFamily.allCases
    where region.networks.contains(where: { topology.networks[$0].family == family }) {
      guard let address = host.torAddress(family),
        layout.torHasDefault(host.rack, condition)
      else { continue }
      table[.everything(family)] = .via([address])
    }
  }
  return table
}

private func learnedByToR(
  _ layout: LabLayout, _ node: LabNode, _ rackIndex: Int, _ condition: Condition
) -> RoutingTable {
  let topology = layout.topology
  let rack = topology.racks[rackIndex]
  let region = topology.regions[rack.region]
  var table: RoutingTable = [:]
  if region.routing == .bgp {
    for other in region.racks where other != rackIndex {
      for aggregate in topology.racks[other].allocations.compactMap({ $0?.aggregate }) {
        let hops = layout.spines(of: rackIndex, aggregate.family, condition) { spine in
          layout.hasSession(spine, layout.node(.tor(other))?.index, condition)
            && layout.announces(other, aggregate, condition)
        }
        if !hops.isEmpty { table[aggregate] = .via(hops) }
      }
    }
    for (prefix, hops) in layout.defaults(rackIndex, condition) { table[prefix] = .via(hops) }
  }
  for index in rack.hosts {
    let host = topology.hosts[index]
    guard host.settings.routing == .bgp, !host.isDrained,
      layout.hasSession(node.index, layout.node(.host(index))?.index, condition)
    else { continue }
    for network in topology.networks.indices {
      guard let prefix = topology.prefix(ofHost: index, inNetwork: network),
        let address = host.address(prefix.family)
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
  guard topology.regions[region].routing == .bgp else { return [:] }
  var table: RoutingTable = [:]
  for rack in topology.regions[region].racks {
    guard layout.hasSession(node.index, layout.node(.tor(rack))?.index, condition) else { continue }
    for aggregate in topology.racks[rack].allocations.compactMap({ $0?.aggregate }) {
      guard let address = topology.racks[rack].uplinks[spine].torAddress(aggregate.family),
        layout.announces(rack, aggregate, condition)
      else { continue }
      table[aggregate] = .via([address])
    }
  }
  return table
}

extension LabLayout {
  /// Whether a ToR announces an aggregate of its rack: always, but where it is the whole prefix of a host that speaks BGP,
  /// it is the host's route that the ToR passes on.
  fileprivate func announces(_ rackIndex: Int, _ aggregate: Prefix, _ condition: Condition) -> Bool {
    let rack = topology.racks[rackIndex]
    let owner = rack.hosts.first { host in
      topology.hosts[host].settings.routing == .bgp && !topology.hosts[host].isDrained
        && topology.networks.indices.contains { topology.prefix(ofHost: host, inNetwork: $0) == aggregate }
    }
    guard let owner else { return true }
    return hasSession(node(.host(owner))?.index, node(.tor(rackIndex))?.index, condition)
  }

  /// The addresses of a rack's spines that can be used and that fulfil a condition, sorted.
  fileprivate func spines(
    of rackIndex: Int, _ family: AddressFamily, _ condition: Condition, where isUsable: (Int) -> Bool
  ) -> [Address] {
    let rack = topology.racks[rackIndex]
    let tor = node(.tor(rackIndex))?.index
    return rack.uplinks.enumerated().compactMap { spine, link -> Address? in
      guard let spine = node(.spine(rack.region, spine))?.index, hasSession(tor, spine, condition), isUsable(spine)
      else { return nil }
      return link.spineAddress(family)
    }
    .sorted()
  }

  fileprivate func defaults(_ rackIndex: Int, _ condition: Condition) -> [(Prefix, [Address])] {
    let region = topology.regions[topology.racks[rackIndex].region]
    guard region.carriesDefault else { return [] }
    return AddressFamily.allCases.compactMap { family in
      guard region.networks.contains(where: { topology.networks[$0].family == family }) else { return nil }
      let hops = spines(of: rackIndex, family, condition) { hasUpstream($0, condition) }
      return hops.isEmpty ? nil : (.everything(family), hops)
    }
  }

  fileprivate func torHasDefault(_ rackIndex: Int, _ condition: Condition) -> Bool {
    let region = topology.regions[topology.racks[rackIndex].region]
    // A static region has it on its ToRs all the time, but a ToR announces only what it has from BGP or of its own.
    return region.routing == .bgp && !defaults(rackIndex, condition).isEmpty
  }
}
