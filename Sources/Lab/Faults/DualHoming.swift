import TopologyModel

/// What racks with two ToRs must survive: every single link, either ToR, any spine. Traffic between all endpoints goes on,
/// and every table is what follows from the links that are left.
extension LabTest {
  /// A plug that is pulled: of a cable, both of its ends lose the carrier; of a segment, the node's own.
  private struct Loss {
    var link: LabLink
    var node: Int
  }

  func testDualHoming() async throws {
    let tors = layout.nodes.filter { node in
      if case .tor(let rack, _) = node.device.place { topology.racks[rack].pair != nil } else { false }
    }
    guard !tors.isEmpty else { return }
    // A host on a segment has the one link to it: that it is cut is another scenario.
    let losses = layout.links.flatMap { link -> [Loss] in
      let own = tors.filter { link.touches($0.index) }
      if own.isEmpty { return [] }
      return link.isSegment
        ? own.map { Loss(link: link, node: $0.index) } : [Loss(link: link, node: link.lower.node)]
    }
    try await scenario("each link of a pair of ToRs cut in turn") { result in
      var slowest = 0.0
      for loss in losses { slowest = max(slowest, try await lose([loss], &result)) }
      result.seconds = slowest
      result.note = "\(losses.count) links, \(probes.count) probes during each"
    }
    try await testLoss("a ToR of a pair lost", of: tors)
    for tor in tors {
      let uplinks = layout.links.filter { $0.touches(tor.index) && layout.nodes[$0.upper.node].device.role == .spine }
      guard !uplinks.isEmpty else { continue }
      try await scenario("a ToR of a pair without uplinks (\(tor.name))") { result in
        result.seconds = try await lose(uplinks.map { Loss(link: $0, node: tor.index) }, &result)
      }
    }
    let spines = layout.nodes.filter { $0.device.role == .spine }
    // Without the only spine no rack reaches another.
    if spines.count > 1 {
      try await testLoss("a spine above pairs lost", of: spines)
    } else {
      leaveOut("a spine above pairs lost", "there is no other spine")
    }
  }

  private func testLoss(_ name: String, of nodes: [LabNode]) async throws {
    for node in nodes {
      try await scenario("\(name) (\(node.name))") { result in
        let losses = layout.links.filter { $0.touches(node.index) }.map { Loss(link: $0, node: node.index) }
        result.seconds = try await lose(losses, &result)
      }
    }
  }

  /// All hosts to each other but those that can't see that a gateway is gone: of these only what stays on their segment.
  private var probes: [Probe] {
    let blind = Set(
      layout.nodes.filter { node in
        guard case .host(let host) = node.device.place else { return false }
        return topology.gateways(ofHost: host).count > 1
          && (node.plan.bgp == nil || !topology.hosts[host].settings.speaker.capabilities.installsRoutes)
      }.map(\.index))
    let segments = layout.links.filter { link in link.isSegment && blind.contains { link.touches($0) } }
    return someAllowedPairs { !blind.contains($0) } + segments.flatMap { someAllowedPairs(among: $0.touches) }
  }

  /// Cuts cables together, looks, and repairs them.
  private func lose(_ losses: [Loss], _ result: inout ScenarioResult) async throws -> Double {
    var condition = Condition()
    for loss in losses { condition.breakCable(loss.link, at: loss.node, .cut) }
    var part = ScenarioResult(name: "", backend: nil, verdict: .passed, seconds: nil, note: "")
    try await breakAndHeal(
      &part, condition, within: 20, probes: probes,
      breaking: {
        for loss in losses { try await lab.setCable(loss.link, at: loss.node, .cut) }
        for loss in losses { try await waitForCarrierLoss(loss.link, at: loss.node) }
      },
      healing: { for loss in losses { try await lab.setCable(loss.link, at: loss.node, nil) } })
    let names = losses.map { loss in
      loss.link.isSegment
        ? "\(layout.nodes[loss.node].name)-link \(loss.link.index)"
        : "\(layout.nodes[loss.link.upper.node].name)-\(layout.nodes[loss.link.lower.node].name)"
    }
    result.findings += part.findings.map { "without \(names.joined(separator: ", ")): \($0)" }
    result.note = part.note
    return part.seconds ?? 0
  }
}
