import TopologyModel

/// What BGP and OSPF must bring to a device of a region that has OSPF: each rack has one ToR there, or none of its hosts
/// speaks OSPF. No path leads from a spine down to a ToR and up again, so every route has one step to look at.
func learnedWithOSPF(_ layout: LabLayout, _ node: LabNode, _ condition: Condition) -> RoutingTable {
  let view = OSPFRegion(layout: layout, topology: layout.topology, condition: condition)
  switch node.device.place {
  case .host(let index): return view.host(node, index)
  case .tor(let rack, let position): return view.tor(node, rack, position)
  case .spine(let region, let spine): return view.spine(node, region, spine)
  case .upstream, .vpc: return [:]
  }
}

extension Topology {
  func hasOSPF(_ region: Int) -> Bool {
    regions[region].routing == .ospf
      || racks[regions[region].racks].contains { rack in hosts[rack.hosts].contains { $0.settings.routing == .ospf } }
  }
}

private struct OSPFRegion {
  let layout: LabLayout
  let topology: Topology
  let condition: Condition

  private func speak(_ first: Int?, _ second: Int?) -> Bool { layout.hasSession(first, second, condition) }

  /// The endpoint networks, and the default if it comes from the fabric: with OSPF as long as the host has its ToR.
  func host(_ node: LabNode, _ index: Int) -> RoutingTable {
    let host = topology.hosts[index]
    let region = topology.region(ofHost: index)
    let gateways = topology.gateways(ofHost: index).filter { speak(node.index, layout.node($0.place)?.index) }
    let own = Set(topology.networks.indices.compactMap { topology.prefix(ofHost: index, inNetwork: $0) })
    var table: RoutingTable = [:]
    func add(_ prefix: Prefix, where isUsable: (HostGateway) -> Bool = { _ in true }) {
      let hops = gateways.filter(isUsable).compactMap { $0.address(prefix.family) }.sorted()
      if !hops.isEmpty { table[prefix] = .via(hops) }
    }
    for network in region.networks where !own.contains(topology.networks[network].prefix) {
      add(topology.networks[network].prefix)
    }
    guard host.settings.defaultRoute == .own else { return table }
    for family in families(region) {
      add(.everything(family)) { host.settings.routing == .ospf || hasDefault($0.place, family) }
    }
    return table
  }

  func tor(_ node: LabNode, _ rack: Int, _ position: Int) -> RoutingTable {
    let region = topology.regions[topology.racks[rack].region]
    var table: RoutingTable = [:]
    if region.routing != .static {
      for other in region.racks where other != rack {
        for aggregate in topology.racks[other].allocations.compactMap({ $0?.aggregate }) {
          let hops = spines(node, rack, position, aggregate.family) { !announcers(other, aggregate, to: $0).isEmpty }
          if !hops.isEmpty { table[aggregate] = .via(hops) }
        }
      }
      for family in families(region) {
        let hops = defaultHops(node, rack, position, family)
        if !hops.isEmpty { table[.everything(family)] = .via(hops) }
      }
    }
    for index in topology.racks[rack].hosts {
      let host = topology.hosts[index]
      guard host.settings.routing != .static, !host.isDrained, speak(node.index, layout.node(.host(index))?.index)
      else {
        continue
      }
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

  func spine(_ node: LabNode, _ region: Int, _ spine: Int) -> RoutingTable {
    guard topology.regions[region].routing != .static else { return [:] }
    var table: RoutingTable = [:]
    for rack in topology.regions[region].racks {
      for aggregate in topology.racks[rack].allocations.compactMap({ $0?.aggregate }) {
        let hops = announcers(rack, aggregate, to: node.index).compactMap {
          topology.racks[rack].tors[$0].uplinks[spine].torAddress(aggregate.family)
        }
        if !hops.isEmpty { table[aggregate] = .via(hops.sorted()) }
      }
    }
    return table
  }

  private func families(_ region: Region) -> [AddressFamily] {
    AddressFamily.allCases.filter { family in region.networks.contains { topology.networks[$0].family == family } }
  }

  /// The ToRs of a rack that tell a spine of an aggregate: where all hosts speak OSPF under an OSPF fabric, while one of
  /// them is there, since the ToR sums up what they announce; where it is the whole prefix of a host that speaks, while
  /// that one is; else always.
  private func announcers(_ index: Int, _ aggregate: Prefix, to spine: Int) -> [Int] {
    let rack = topology.racks[index]
    let isSummary =
      topology.regions[rack.region].routing == .ospf && !rack.hosts.isEmpty
      && topology.hosts[rack.hosts].allSatisfy { $0.settings.routing == .ospf }
    let active = rack.hosts.filter { topology.hosts[$0].settings.routing != .static && !topology.hosts[$0].isDrained }
    let owner = active.first { host in
      topology.networks.indices.contains { topology.prefix(ofHost: host, inNetwork: $0) == aggregate }
    }
    return rack.tors.indices.filter { position in
      let tor = layout.node(.tor(index, position))?.index
      func isThere(_ host: Int) -> Bool { speak(layout.node(.host(host))?.index, tor) }
      return speak(tor, spine) && (isSummary ? active.contains(where: isThere) : owner.map(isThere) ?? true)
    }
  }

  /// The addresses of the spines that a ToR can use and that fulfil a condition, sorted.
  private func spines(
    _ tor: LabNode, _ rack: Int, _ position: Int, _ family: AddressFamily, where isUsable: (Int) -> Bool
  ) -> [Address] {
    topology.racks[rack].tors[position].uplinks.enumerated().compactMap { number, link -> Address? in
      guard let spine = layout.node(.spine(topology.racks[rack].region, number))?.index, speak(tor.index, spine),
        isUsable(spine)
      else { return nil }
      return link.spineAddress(family)
    }
    .sorted()
  }

  private func defaultHops(_ tor: LabNode, _ rack: Int, _ position: Int, _ family: AddressFamily) -> [Address] {
    guard topology.regions[topology.racks[rack].region].carriesDefault else { return [] }
    return spines(tor, rack, position, family) { layout.hasUpstream($0, condition) }
  }

  /// Whether a ToR has a default route to announce: one that it holds itself is not.
  private func hasDefault(_ place: DeviceReference.Place, _ family: AddressFamily) -> Bool {
    guard case .tor(let rack, let position) = place, let tor = layout.node(place) else { return false }
    return topology.regions[topology.racks[rack].region].routing != .static
      && !defaultHops(tor, rack, position, family).isEmpty
  }
}
