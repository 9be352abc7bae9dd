import TopologyModel

/// Segments that routers end on: a router's plug is pulled, and a whole router is lost.
extension LabTest {
  private func isRouter(_ node: Int) -> Bool { !layout.nodes[node].isHost }

  func testSegments() async throws {
    let segments = layout.links.filter { link in link.isSegment && link.ends.contains { isRouter($0.node) } }
    guard !segments.isEmpty else {
      return leaveOut("link of a router and a segment cut", "no router is on a segment")
    }
    for segment in segments {
      for end in segment.ends where isRouter(end.node) {
        let router = layout.nodes[end.node]
        let name = "link of a router and a segment cut (\(router.name), link \(segment.index))"
        try await testLoss(name, router, [segment])
      }
    }
    for router in layout.nodes where !router.isHost {
      let own = segments.filter { $0.touches(router.index) }
      // A ToR has other links too; that it is lost is another scenario.
      guard !own.isEmpty, router.device.role == .spine else { continue }
      try await testLoss("router lost (\(router.name))", router, own)
    }
  }

  /// Hosts of a segment go on among themselves; to others they go over another router, if it is there and BGP tells.
  private func testLoss(_ name: String, _ router: LabNode, _ segments: [LabLink]) async throws {
    let routers = segments.map { link in link.ends.count { isRouter($0.node) } }.min() ?? 0
    let hosts = layout.nodes.filter { node in segments.contains { $0.touches(node.index) } && node.isHost }
    let detours = routers > 1 && hosts.allSatisfy { $0.plan.bgp != nil } && router.plan.bgp != nil
    try await scenario(name) { result in
      var condition = Condition()
      for link in segments { condition.breakCable(link, at: router.index, .cut) }
      let probes = detours ? someAllowedPairs() : segments.flatMap(pairsInside)
      try await breakAndHeal(
        &result, condition, within: 20, probes: probes,
        breaking: {
          for link in segments {
            try await lab.setCable(link, at: router.index, .cut)
            try await waitForCarrierLoss(link, at: router.index)
          }
        }, healing: { for link in segments { try await lab.setCable(link, at: router.index, nil) } })
      result.note += "; \(probes.count) probes \(detours ? "over the other routers" : "inside the segment") answered"
    }
  }

  private func pairsInside(_ segment: LabLink) -> [Probe] {
    someAllowedPairs(among: segment.touches).filter { probe in
      guard let vlan = segment.vlan else { return true }
      return [probe.source, probe.target].allSatisfy { address in
        topology.networks.contains { $0.vlan == vlan && $0.prefix.contains(address) }
      }
    }
  }
}
