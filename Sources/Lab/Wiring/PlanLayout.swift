import TopologyModel

/// Lays out a lab of the given devices.
func planLayout(_ plan: NetworkPlan, _ devices: [DeviceReference], _ identity: LabIdentity) throws(LabError)
  -> LabLayout
{
  let topology = plan.topology
  // Upstreams are played where the device that they are connected to is there.
  let present = Set(devices.map(\.place))
  let upstreams = plan.upstreams.filter { reference in
    guard case .upstream(let region, let index) = reference.place else { return false }
    let upstream = topology.regions[region].upstreams[index]
    // The tables of a region with OSPF are expected from its own protocol only.
    return !topology.hasOSPF(region) && upstream.session.hops == 1 && present.contains(upstream.border.place)
  }
  let nodes = (devices + upstreams).enumerated().map { index, device in
    LabNode(
      index: index, device: device, namespace: identity.namespace(device: device.name.text),
      plan: labPlan(plan, device), playedSystem: playedSystem(topology, device.place))
  }
  let index = Dictionary(uniqueKeysWithValues: nodes.map { ($0.device.place, $0.index) })
  let cables = planLinks(topology, index)
  return LabLayout(
    identity: identity, topology: topology, nodes: nodes,
    links: cables + planTunnelLinks(topology, index, over: cables),
    endpoints: planEndpoints(topology, nodes, identity), outside: try planOutside(topology, nodes),
    dhcpRoutes: planDHCPRoutes(topology, nodes, cables), index: index)
}

private func system(_ topology: Topology, _ place: DeviceReference.Place) -> DeviceSystem? {
  switch place {
  case .host, .upstream, .vpc: nil
  case .tor(let rack, let position): topology.racks[rack].tors[position].system
  case .spine(let region, let spine): topology.regions[region].spines[spine].system
  }
}

private func playedSystem(_ topology: Topology, _ place: DeviceReference.Place) -> DeviceSystem? {
  system(topology, place).flatMap { [.linux, .frr].contains($0) ? nil : $0 }
}

/// The plan of a device as the lab carries it out. A switch whose system can't run here is played by Linux: the same
/// routes, put by a `routes.sh`; its own file lies beside it and proves nothing here.
///
/// The router of a VPC is played by Linux too, with the routes of the VPC's tables.
func labPlan(_ plan: NetworkPlan, _ device: DeviceReference) -> DevicePlan {
  if case .vpc(let region) = device.place {
    var router = plan.routerOfVPC(region)
    router.routes = (router.routes + plan.routesOverCables(region)).sorted { $0.prefix < $1.prefix }
    return router
  }
  var result = plan.plan(device)
  if playedSystem(plan.topology, device.place) != nil { result.artifacts += [.sysctl, .routesScript] }
  return result
}

/// The largest MTU that the lab's cables between switches have, above every usual jumbo frame.
private let switchMTU = 9216

private func planLinks(_ topology: Topology, _ nodes: [DeviceReference.Place: Int]) -> [LabLink] {
  var ports: [Int: Int] = [:]
  return (topology.listLinks() + topology.vpcLinks).compactMap { link -> (FabricLink, [(FabricLink.End, Int)])? in
    let ends = link.ends.compactMap { end in nodes[end.place].map { (end, $0) } }
    return ends.count > 1 && (link.isSegment || ends.count == link.ends.count) ? (link, ends) : nil
  }
  .enumerated().map { index, wired in
    let (link, plugged) = wired
    let ends = plugged.map { end, node in
      // Switches' interfaces have no names in the topology.
      let port = ports[node, default: 0]
      if end.interface == nil { ports[node] = port + 1 }
      return LinkEnd(
        node: node, interface: end.interface?.text ?? "port\(port)", addresses: end.addresses,
        labels: link.isUnnumbered ? standIns(link: index, node) : end.addresses)
    }
    let mtu = link.mtu ?? (link.ends.contains(where: nodeIsHost) ? 1500 : switchMTU)
    return LabLink(
      index: index, ends: ends, isSegment: link.isSegment, isUnnumbered: link.isUnnumbered, length: link.length,
      length6: link.length6, mtu: mtu, vlan: link.vlan)
  }
}

/// The tunnels whose ends are both in the lab.
private func planTunnelLinks(
  _ topology: Topology, _ nodes: [DeviceReference.Place: Int], over cables: [LabLink]
) -> [LabLink] {
  let routers = topology.regions.indices.compactMap { nodes[.vpc($0)] }
  let segments = cables.filter { cable in cable.isSegment && routers.contains { cable.touches($0) } }
  var links: [LabLink] = []
  for tunnels in topology.interconnects.compactMap(\.tunnels) {
    for tunnel in tunnels.tunnels {
      let ends = tunnel.ends.enumerated().compactMap { position, end in
        nodes[.host(end.host)].map { node in
          let addresses = AddressFamily.allCases.compactMap { tunnel.address($0, ofEnd: position) }
          return LinkEnd(node: node, interface: tunnel.interface.text, addresses: addresses, labels: addresses)
        }
      }
      guard ends.count == 2 else { continue }
      // A peering of VPCs is reached over the router of each.
      let below = tunnels.over == nil ? [] : segments.filter { segment in ends.contains { segment.touches($0.node) } }
      let carriers = below.flatMap { segment in
        segment.ends.map(\.node).filter { node in routers.contains(node) || ends.contains { $0.node == node } }
          .map { Condition.Port(link: segment.index, node: $0) }
      }
      links.append(
        LabLink(
          index: cables.count + links.count, ends: ends, isSegment: false, isUnnumbered: false, length: 31,
          length6: 127,
          mtu: tunnels.mtu, isTunnel: true, carriers: carriers))
    }
  }
  return links
}

/// Link-local addresses that nobody has, a pair for each end of a link.
private func standIns(link: Int, _ node: Int) -> [Address] {
  [
    Address(.ipv4, 0xa9fe_8000 + UInt128(link * 97 + node) % 0x7fff),
    Address(.ipv6, 0xfe80 << 112 | UInt128(link) << 32 | UInt128(node)),
  ]
}

private func nodeIsHost(_ end: FabricLink.End) -> Bool {
  if case .host = end.place { true } else { false }
}

/// Places for the outside that no part of a real network has: the blocks for benchmarks (RFC 2544, RFC 5180), and
/// others in case a topology uses them.
private let outsideBlocks: [[(UInt128, Int)]] = [
  [(0xc612_0000, 16), (0xc613_0000, 16), (0x0808_0000, 16)],
  [(0x2001_0002 << 96, 48), (0x2001_0db8_ffff << 80, 48), (0x2600_ffff << 96, 48)],
]

private func planOutside(_ topology: Topology, _ nodes: [LabNode]) throws(LabError) -> OutsideWorld {
  let tunnels = topology.hosts.indices.map { overTheInternet(topology, $0) }
  let used =
    topology.networks.map(\.prefix) + topology.underlay
    + tunnels.joined().map { Prefix(host: $0.local.publicAddress) }
  var blocks: [Prefix] = []
  for family in AddressFamily.allCases {
    let candidates = outsideBlocks[Int(family.rawValue)].map {
      Prefix(containing: Address(family, $0.0), length: $0.1)
    }
    guard let free = candidates.first(where: { block in !used.contains { $0.overlaps(block) } }) else {
      throw LabError("the topology uses every address block that the lab has for the outside world")
    }
    blocks.append(free)
  }
  let plugged = nodes.filter { node in
    switch node.device.place {
    case .host(let index): topology.hosts[index].settings.defaultRoute != .own || !tunnels[index].isEmpty
    case .tor, .vpc: false
    case .spine(let region, _):
      topology.regions[region].carriesDefault
        && (topology.regions[region].upstreams.isEmpty || topology.hasOSPF(region))
    case .upstream: true
    }
  }
  let plugs = plugged.enumerated().map { position, node in
    let base = blocks.map { $0.address.advanced(by: UInt128(2 * position)) }
    var plug = OutsideWorld.Plug(
      node: node.index, interface: "mgmt0", device: base.map { $0.advanced(by: 1) }, outside: base)
    guard let host = node.hostIndex, !tunnels[host].isEmpty else { return plug }
    plug.publicAddresses = Set(tunnels[host].map(\.local.publicAddress)).sorted()
    plug.mtu = tunnels[host].compactMap { topology.interconnects[$0.interconnect].tunnels?.underlayMTU }.max() ?? 1500
    if topology.hosts[host].settings.defaultRoute == .own {
      plug.destinations = Set(tunnels[host].map { Prefix(host: $0.remote.publicAddress) }).sorted()
    }
    return plug
  }
  return OutsideWorld(plugs: plugs, services: blocks.map { Address($0.family, $0.lastAddress.bits &- 1) })
}

private func planDHCPRoutes(_ topology: Topology, _ nodes: [LabNode], _ cables: [LabLink]) -> [DHCPRoute] {
  let routers = Set(nodes.filter { $0.plan.vpc != nil }.map(\.index))
  return nodes.flatMap { node -> [DHCPRoute] in
    guard let host = node.hostIndex,
      let router = cables.lazy.filter({ $0.touches(node.index) }).flatMap(\.ends).first(where: {
        routers.contains($0.node)
      })
    else { return [] }
    let over = topology.tunnels(ofHost: host).filter {
      topology.interconnects[$0.interconnect].tunnels?.over != nil
    }
    return Set(over.map(\.remote.publicAddress)).sorted().compactMap { address in
      router.addresses.first { $0.family == address.family }.map {
        DHCPRoute(node: node.index, prefix: Prefix(host: address), hop: $0)
      }
    }
  }
}

/// The tunnels of a host that have no peering of VPCs below them.
private func overTheInternet(_ topology: Topology, _ host: Int) -> [HostTunnel] {
  topology.tunnels(ofHost: host).filter { topology.interconnects[$0.interconnect].tunnels?.over == nil }
}
