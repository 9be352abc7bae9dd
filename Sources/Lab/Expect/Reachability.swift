import TopologyModel

/// Who reaches whom, from the meaning of tenants, segments, isolation and egress in the topology; the rules of the
/// packet filter have no part in it.
struct Reachability: Sendable {
  let layout: LabLayout
  /// The topology whose meaning counts; another than the layout's once it was tightened.
  let topology: Topology

  init(_ layout: LabLayout, topology: Topology? = nil) {
    self.layout = layout
    self.topology = topology ?? layout.topology
  }

  /// Whether a packet of one endpoint may come to another.
  ///
  /// - Parameter networks: those of the addresses; nil: of all that endpoints of the two have, one does.
  func expect(
    _ source: LabEndpoint, _ target: LabEndpoint, networks: (from: Int, to: Int)? = nil
  ) -> Probe.Expectation {
    guard allows(source, target) else { return .nothing }
    if source.host == target.host { return .answer }
    let hosts = [source.hostIndex, target.hostIndex]
    if hosts.contains(where: { topology.hosts[$0].isDrained }) { return .noWay }
    let regions = hosts.map { topology.regionIndex(ofHost: $0) }
    if regions[0] == regions[1] { return .answer }
    // There and back.
    func leads(_ from: Int, to region: Int, _ network: Int?) -> Bool {
      topology.farAggregates(ofRegion: from).contains {
        $0.region == region && $0.network == network ?? $0.network && $0.way != .gateways([])
      }
    }
    let isLinked = leads(regions[0], to: regions[1], networks?.to) && leads(regions[1], to: regions[0], networks?.from)
    return isLinked ? .answer : .noWay
  }

  private func allows(_ source: LabEndpoint, _ target: LabEndpoint) -> Bool {
    guard let tenant = topology.tenants.first(where: { $0.id == target.tenant }) else { return false }
    switch tenant.isolation {
    case .none: return true
    case .tenant: return source.tenant == target.tenant
    case .segment: return source.tenant == target.tenant && source.segment == target.segment
    }
  }

  /// Whether an endpoint's new connections to the outside get an answer.
  func expectEgress(_ source: LabEndpoint) -> Probe.Expectation {
    guard let tenant = topology.tenants.first(where: { $0.id == source.tenant }), tenant.egress == .allow else {
      return .nothing
    }
    let host = topology.hosts[source.hostIndex]
    if topology.region(ofHost: source.hostIndex).vpc?.egress == CloudEgress.none { return .nothing }
    if layout.outside.plugs.contains(where: { $0.node == source.host && $0.leadsDefault }) { return .answer }
    let rack = topology.rack(ofHost: source.hostIndex)
    let spines = topology.regions[rack.region].spines.indices.compactMap { layout.node(.spine(rack.region, $0))?.index }
    let upstreams = topology.regions[rack.region].upstreams.indices.compactMap {
      layout.node(.upstream(rack.region, $0))?.index
    }
    let hasUpstream = (spines + upstreams).contains { spine in layout.outside.plugs.contains { $0.node == spine } }
    return host.settings.defaultRoute == .own && hasUpstream && !host.isDrained ? .answer : .noWay
  }
}
