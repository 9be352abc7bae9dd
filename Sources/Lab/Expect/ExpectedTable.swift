import TopologyModel

/// The main routing table that a device must have: its static routes, what BGP brings, the links, and what the lab itself put there.
struct ExpectedTable: Sendable {
  var routes: RoutingTable
  /// Networks that are connected because an interface has an address; they may be missing while a link is down.
  var connected: Set<Prefix>
}

func expectTable(_ layout: LabLayout, _ node: LabNode, _ condition: Condition) -> ExpectedTable {
  var routes: RoutingTable = [:]
  // What failover.sh has moved comes last.
  let moved = node.plan.vpc?.routesOfRouter(without: condition.lostInstances) ?? []
  for route in node.plan.routes + moved { routes[route.prefix] = staticMeaning(layout, node, route, condition) }
  // A daemon that was killed leaves its routes in the kernel; the zebra of FRR and Quagga lives on and takes them away.
  var known = condition
  if !node.daemon.cleansUp { known.deadSpeakers.remove(node.index) }
  routes.merge(planLearnedRoutes(layout, node, known)) { _, learned in learned }
  for plug in layout.outside.plugs where plug.node == node.index && !condition.noUpstream.contains(node.index) {
    for way in plug.ways { routes[way.prefix] = .via([way.hop]) }
  }
  for route in layout.dhcpRoutes where route.node == node.index { routes[route.prefix] = .via([route.hop]) }
  for endpoint in layout.endpoints where endpoint.host == node.index && !endpoint.isListed {
    for place in endpoint.places { routes[Prefix(host: place.address)] = .interface(endpoint.interface) }
  }
  return ExpectedTable(routes: routes, connected: connectedNetworks(layout, node))
}

private func staticMeaning(
  _ layout: LabLayout, _ node: LabNode, _ route: StaticRoute, _ condition: Condition
) -> RouteMeaning? {
  switch route.target {
  case .discard: return .discard
  case .endpoint(let interface, _): return .interface(interface.text)
  case .gateways(let hops):
    let usable = hops.map(\.address).filter { address in
      let link = layout.links.first { link in
        link.others(than: node.index).contains { $0.addresses.contains(address) }
      }
      guard let link else { return false }
      // FRR takes a next hop of its own away when the carrier is gone; plain Linux keeps it and marks it.
      return
        !(node.runsFRR && !node.plan.kernelHoldsRoutes
        && condition.cables[Condition.Port(link: link.index, node: node.index)] == .cut)
    }
    return usable.isEmpty ? nil : .via(usable.sorted())
  }
}

private func connectedNetworks(_ layout: LabLayout, _ node: LabNode) -> Set<Prefix> {
  var result: Set<Prefix> = []
  for link in layout.links {
    for address in link.end(at: node.index)?.addresses ?? [] {
      result.insert(Prefix(containing: address, length: link.length(address.family)))
    }
  }
  let plugs = layout.outside.plugs.filter { $0.node == node.index }
  let addresses = plugs.flatMap(\.device)
  result.formUnion(addresses.map { Prefix(containing: $0, length: $0.family.bitWidth - 1) })
  for address in (node.plan.gateway?.addresses ?? []) + plugs.flatMap(\.publicAddresses) where address.family == .ipv6 {
    result.insert(Prefix(host: address))
  }
  return result
}
