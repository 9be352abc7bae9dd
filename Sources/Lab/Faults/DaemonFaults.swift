import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// Daemons that are killed and started again.
extension LabTest {
  func testDaemons() async throws {
    let hosts = announcingHosts
    if hosts.isEmpty { leaveOut("daemon of a host killed", "no host speaks BGP") }
    for host in hosts {
      try await scenario("\(host.daemon.title) of a host killed") { result in
        try await testDaemon(&result, host)
      }
    }
    for host in firstOfEachDaemon(where: { isActiveHost($0) && $0.plan.ospf != nil }) {
      try await scenario("\(host.daemon.title) of an OSPF host killed") { result in
        try await testDaemon(&result, host)
      }
    }
    for (role, name) in [(DeviceRole.tor, "bgpd of a ToR killed"), (.spine, "bgpd of a spine killed")] {
      let node = lab.nodes.first {
        $0.device.role == role && $0.runsFRR && $0.plan.bgp != nil && $0.plan.ospf == nil
      }
      guard let node else {
        leaveOut(name, "none speaks BGP only")
        continue
      }
      try await scenario(name) { result in try await testDaemon(&result, node) }
    }
    for (role, name) in [(DeviceRole.tor, "OSPF of a ToR killed"), (.spine, "OSPF of a spine killed")] {
      guard let node = lab.nodes.first(where: { $0.device.role == role && $0.plan.ospf != nil }) else { continue }
      try await scenario(name) { result in try await testDaemon(&result, node) }
    }
  }

  /// The first host of each daemon that announces its prefixes.
  var announcingHosts: [LabNode] { firstOfEachDaemon(where: isAnnouncingHost) }

  private func firstOfEachDaemon(where isMeant: (LabNode) -> Bool) -> [LabNode] {
    var seen: Set<RoutingDaemon> = []
    return lab.nodes.filter { isMeant($0) && seen.insert($0.daemon).inserted }
  }

  func isAnnouncingHost(_ node: LabNode) -> Bool { isActiveHost(node) && node.plan.bgp != nil }

  func isActiveHost(_ node: LabNode) -> Bool {
    guard case .host(let index) = node.device.place else { return false }
    return !topology.hosts[index].isDrained
  }

  /// The killed daemon's kernel routes stay where nobody is left to remove them; the zebra of FRR and Quagga removes
  /// them. All others take back what they learned from it.
  private func testDaemon(
    _ result: inout ScenarioResult, _ node: LabNode
  ) async throws {
    var condition = Condition()
    condition.deadSpeakers = [node.index]
    let processes = lab.speakerProcesses(node)
    guard !processes.isEmpty, Set(processesInside([node.namespace])).isSuperset(of: processes) else {
      throw LabError("the daemon of \(node.name) does not run")
    }
    try await breakAndHeal(
      &result, condition, within: 20,
      breaking: {
        for process in processes { kill(process, SIGKILL) }
        while !Set(processesInside([node.namespace])).isDisjoint(with: processes) { await pause(0.01) }
      }, healing: { try await lab.restartSpeaker(node) })
  }
}
