import TopologyModel

/// Gateways to other regions that are lost whole, as by a power failure: their second takes over what they carried.
extension LabTest {
  func testGateways() async throws {
    let name = "gateway to other regions lost"
    let gateways = layout.nodes.filter { $0.hostIndex.map { topology.isGateway(host: $0) } ?? false }
    var regions: Set<Int> = []
    for node in gateways {
      let region = topology.region(of: node.device.place)
      let others = gateways.filter { $0.index != node.index && replaces($0, node) }
      guard !others.isEmpty, regions.insert(region).inserted else { continue }
      try await testGateway("\(name) (\(node.name))", node)
    }
    if regions.isEmpty { leaveOut(name, "no region has two gateways") }
  }

  /// Whether a gateway leads to all that another of its region leads to.
  private func replaces(_ node: LabNode, _ other: LabNode) -> Bool {
    guard let host = node.hostIndex, let lost = other.hostIndex else { return false }
    let region = topology.regionIndex(ofHost: lost)
    return topology.regionIndex(ofHost: host) == region
      && AddressFamily.allCases.allSatisfy { family in
        Set(topology.farPrefixes(ofGateway: host, family)).isSuperset(of: topology.farPrefixes(ofGateway: lost, family))
      }
  }

  private func testGateway(_ name: String, _ node: LabNode) async throws {
    try await scenario(name) { result in
      var condition = Condition()
      let links = layout.links.filter { $0.touches(node.index) }
      for link in links { condition.breakCable(link, at: node.index, .cut) }
      // Of EC2: nobody but failover.sh moves static routes.
      let router = layout.nodes.first { $0.plan.vpc != nil && layout.link($0.index, node.index) != nil }
      let failover = try router.map { try Failover(lab, $0) }
      if router != nil { condition.lostInstances = [node.device.name] }
      let cables = links.filter { !$0.isTunnel }
      let probes = someAllowedPairs(among: { $0 != node.index })
      try await breakAndHeal(
        &result, condition, within: 30, probes: probes, except: node.index,
        breaking: {
          for link in cables { try await lab.setCable(link, at: node.index, .cut) }
          try await setPlug(of: node, up: false)
          try await failover?.run(lab, node.name)
        },
        healing: {
          for link in cables { try await lab.setCable(link, at: node.index, nil) }
          try await setPlug(of: node, up: true)
          try await failover?.run(lab, "--back", node.name)
        })
      result.note += "; \(probes.count) probes of the others answered"
    }
  }

  /// Pulls the plug of a device to the outside, or puts it back with the ways that the outside has over it.
  private func setPlug(of node: LabNode, up: Bool) async throws {
    guard let position = layout.outside.plugs.firstIndex(where: { $0.node == node.index }) else { return }
    try await lab.ip(
      layout.identity.outside,
      up ? ["link set dev o\(position) up"] + lab.renewPlug(position) : ["link set dev o\(position) down"])
  }
}
