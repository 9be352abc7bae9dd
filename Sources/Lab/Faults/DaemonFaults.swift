import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// Daemons that are killed and started again.
extension LabTest {
  func testDaemons() async throws {
    if let host = lab.nodes.first(where: { isAnnouncingHost($0) }) {
      try await scenario("BIRD of a host killed") { result in
        try await testDaemon(&result, host) { try await lab.startBIRD(host) }
      }
    } else {
      leaveOut("BIRD of a host killed", "no host speaks BGP")
    }
    for (role, name) in [(DeviceRole.tor, "bgpd of a ToR killed"), (.spine, "bgpd of a spine killed")] {
      guard let node = lab.nodes.first(where: { $0.device.role == role && $0.runsFRR && $0.plan.bgp != nil }) else {
        leaveOut(name, "none speaks BGP")
        continue
      }
      try await scenario(name) { result in
        try await testDaemon(&result, node) { try await lab.restartFRRDaemon(node, "bgpd") }
      }
    }
  }

  func isAnnouncingHost(_ node: LabNode) -> Bool {
    guard case .host(let index) = node.device.place else { return false }
    return node.plan.bgp != nil && !topology.hosts[index].isDrained
  }

  /// The killed daemon's kernel routes stay on a host, since nobody is left to remove them; a ToR's or spine's zebra
  /// removes them. All others take back what they learned from it.
  private func testDaemon(
    _ result: inout ScenarioResult, _ node: LabNode, restart: () async throws -> Void
  ) async throws {
    var condition = Condition()
    condition.deadSpeakers = [node.index]
    guard let process = node.isHost ? lab.birdProcess(node) : lab.frrProcess(node, "bgpd"),
      processesInside([node.namespace]).contains(process)
    else { throw LabError("the daemon of \(node.name) does not run") }
    try await breakAndHeal(
      &result, condition, within: 20,
      breaking: {
        kill(process, SIGKILL)
        while processesInside([node.namespace]).contains(process) { await pause(0.01) }
      }, healing: { try await restart() })
  }
}
