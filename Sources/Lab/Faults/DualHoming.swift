import TopologyModel

/// What racks with two ToRs must survive: every single link, either ToR, any spine. Traffic between all endpoints goes on,
/// and every table is what follows from the links that are left.
extension LabTest {
  func testDualHoming() async throws {
    let tors = layout.nodes.filter { node in
      if case .tor(let rack, _) = node.device.place { topology.racks[rack].pair != nil } else { false }
    }
    guard !tors.isEmpty else { return }
    let links = layout.links.filter { link in !link.isSegment && tors.contains { link.touches($0.index) } }
    try await scenario("each link of a pair of ToRs cut in turn") { result in
      var slowest = 0.0
      for link in links { slowest = max(slowest, try await lose([link], &result)) }
      result.seconds = slowest
      result.note = "\(links.count) links, \(someAllowedPairs().count) probes during each"
    }
    try await testLoss("a ToR of a pair lost", of: tors)
    try await testLoss("a spine above pairs lost", of: layout.nodes.filter { $0.device.role == .spine })
  }

  private func testLoss(_ name: String, of nodes: [LabNode]) async throws {
    for node in nodes {
      try await scenario("\(name) (\(node.name))") { result in
        result.seconds = try await lose(layout.links.filter { !$0.isSegment && $0.touches(node.index) }, &result)
      }
    }
  }

  /// Cuts cables together, looks, and repairs them.
  private func lose(_ links: [LabLink], _ result: inout ScenarioResult) async throws -> Double {
    var condition = Condition()
    for link in links { condition.breakCable(link, at: link.lower.node, .cut) }
    var part = ScenarioResult(name: "", backend: nil, verdict: .passed, seconds: nil, note: "")
    try await breakAndHeal(
      &part, condition, within: 20, probes: someAllowedPairs(),
      breaking: {
        for link in links { try await lab.setCable(link, at: link.lower.node, .cut) }
        for link in links { try await waitForCarrierLoss(link, at: link.lower.node) }
      },
      healing: { for link in links { try await lab.setCable(link, at: link.lower.node, nil) } })
    let names = links.map { "\(layout.nodes[$0.upper.node].name)-\(layout.nodes[$0.lower.node].name)" }
    result.findings += part.findings.map { "without \(names.joined(separator: ", ")): \($0)" }
    result.note = part.note
    return part.seconds ?? 0
  }
}
