/// Plans the other end: an upstream that does exactly what the fabric expects of it. It is no device of the output tree; the lab and
/// the tests play it.
///
/// It announces the default while it has one itself, and what else it is believed about; it is the provider of its customer.
func planUpstreamRouter(_ topology: Topology, _ regionIndex: Int, _ index: Int) -> DevicePlan {
  let region = topology.regions[regionIndex]
  let upstream = region.upstreams[index]
  var plan = DevicePlan(fabric: topology.fabric, name: upstream.name, role: .upstream, artifacts: [.sysctl])
  plan.sysctls = switchSysctls(families: region.families(topology))
  guard upstream.asn != nil else {
    plan.artifacts += [.routesScript, .routesUnit]
    plan.routes = staticWaysBack(topology, region, upstream)
    return plan
  }
  plan.artifacts += [.frr, .frrDaemons]
  plan.routes = upstream.accepted.filter { !$0.isDefault }.map(\.prefix).uniqued().map {
    StaticRoute(prefix: $0, target: .discard, purpose: .defaultRoute)
  }
  plan.bgp = upstreamBGP(topology, upstream)
  if plan.needsSecrets { plan.artifacts.append(.secretsScript) }
  return plan
}

private func upstreamBGP(_ topology: Topology, _ upstream: Upstream) -> BGPPlan? {
  let (border, role) = plan(of: upstream.border, topology)
  guard let theirs = border.bgp, let asn = upstream.asn else { return nil }
  var filters = FilterTable()
  let sessions = theirs.sessions.filter { $0.neighbor == upstream.name }.map { session in
    let believed = theirs.filters[session.importFilter]
    var outside = session.outside
    outside?.importLimit = nil
    return BGPSession(
      neighbor: border.name, neighborRole: role, ends: session.ends.reversed, family: session.family,
      neighborASN: theirs.asn,
      localRole: session.localRole == nil ? nil : .provider, bfd: session.bfd,
      importFilter: filters.add(theirs.filters[session.exportFilter]),
      exportFilter: filters.add(
        PrefixFilter(name: believed.name, family: believed.family, entries: believed.entries.filter(\.permits))),
      exportLimit: nil, secret: session.secret, outside: outside)
  }
  let originated = upstream.accepted.map(\.prefix).uniqued().map {
    OriginatedPrefix(prefix: $0, purpose: .defaultRoute, onlyWhilePresent: $0.length == 0)
  }
  // An identifier is an IPv4 address (RFC 6286), also of a router that has none.
  let identifier = upstream.link.peer ?? Address(.ipv4, theirs.routerID.bits ^ 0x0000_ff00)
  return BGPPlan(
    asn: asn, routerID: identifier, originated: originated, sessions: sessions, filters: filters.filters,
    maximumPaths: maximumPaths)
}

private func plan(of border: Border, _ topology: Topology) -> (DevicePlan, DeviceRole) {
  switch border {
  case .spine(let region, let spine): (planSpine(topology, region, spine), .spine)
  case .tor(let rack, let position): (planToR(topology, rack, position), .tor)
  }
}

/// Without BGP the upstream has routes to the region's aggregates.
private func staticWaysBack(_ topology: Topology, _ region: Region, _ upstream: Upstream) -> [StaticRoute] {
  AddressFamily.allCases.flatMap { family -> [StaticRoute] in
    guard let address = upstream.link.address(family) else { return [] }
    let hop = NextHop(address: address, device: topology.device(upstream.border).name, interface: nil)
    return region.networks.compactMap { network in
      guard let prefix = region.allocations[network]?.prefix, prefix.family == family else { return nil }
      return StaticRoute(
        prefix: prefix, target: .gateways([hop]), purpose: .network(topology.networks[network].name))
    }
  }
  .sorted { $0.prefix < $1.prefix }
}

extension [Prefix] {
  fileprivate func uniqued() -> [Prefix] { Set(self).sorted() }
}
