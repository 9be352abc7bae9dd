import TopologyModel

/// Links that an administrator takes down and up: the kernel forgets the IPv4 routes over them, and `routes.sh --watch`, which
/// is what romana-routes.service runs, has to bring them back.
extension LabTest {
  func testFlaps() async throws {
    let name = "link down and up under romana-routes.service"
    let devices = lab.nodes.filter { node in
      node.plan.artifacts.contains(.routesScript) && node.plan.routes.contains { isGateway($0.target) }
    }
    var seen: Set<DeviceRole> = []
    let chosen = devices.filter { seen.insert($0.device.role).inserted }
    guard !chosen.isEmpty else { return leaveOut(name, "no device has static routes with next hops of its own") }
    for node in chosen {
      try await scenario(chosen.count > 1 ? "\(name) (\(node.device.role.name))" : name) { result in
        try await testFlap(&result, node)
      }
    }
  }

  private func isGateway(_ target: RouteTarget) -> Bool {
    if case .gateways = target { true } else { false }
  }

  private func testFlap(_ result: inout ScenarioResult, _ node: LabNode) async throws {
    let before = Set(processesInside([node.namespace]))
    let script = lab.file(node, .routesScript)
    let scripts = (node.plan.vlans == nil ? [] : [lab.file(node, .vlansScript)]) + [script]
    for script in scripts {
      try await lab.runOrThrow(on: node, ["sh", "-c", "sh '\(script)' --watch >/dev/null 2>&1 </dev/null &"])
    }
    do {
      // The first run is at the start; the flap must come after it.
      await pause(1.5)
      let interfaces = layout.links.filter { !$0.isTunnel }.compactMap { $0.end(at: node.index)?.interface }
      try await lab.ip(node.namespace, interfaces.map { "link set dev \($0) down" })
      let lost = try await lab.checkTables([node]).lines
      if lost.isEmpty { result.findings.append("\(node.name) lost no route: nothing is proven") }
      try await lab.ip(node.namespace, interfaces.map { "link set dev \($0) up" } + lab.dhcpCommands(node))
      let state = try await lab.waitFor(.healthy, seconds: patience)
      result.seconds = state.seconds
      result.findings += state.findings.lines
      result.note = "\(node.name): \(lost.count) routes lost and back"
    } catch {
      await endProcesses(processesInside([node.namespace]).filter { !before.contains($0) })
      throw error
    }
    await endProcesses(processesInside([node.namespace]).filter { !before.contains($0) })
  }
}
