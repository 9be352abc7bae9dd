import TopologyModel

/// The network as it should be, with nothing broken.
extension LabTest {
  /// Waits for it even if it is not asked for: without routes most other scenarios would prove nothing.
  func testConvergence() async throws {
    let name = "routing tables and sessions"
    guard isWanted(name) else {
      _ = try await lab.waitFor(.healthy, seconds: patience)
      return
    }
    try await scenario(name) { result in
      let state = try await lab.waitFor(.healthy, seconds: patience)
      result.seconds = state.seconds
      result.findings = state.findings.lines
      let sessions = lab.nodes.reduce(0) { $0 + ($1.plan.bgp?.sessions.count ?? 0) } / 2
      let links = lab.nodes.reduce(0) { $0 + ($1.plan.ospf.map { $0.interfaces.count * $0.families.count } ?? 0) } / 2
      result.note =
        "\(lab.nodes.count) tables, \(sessions) sessions" + (links > 0 ? ", \(links) OSPF adjacencies" : "")
    }
  }

  func testMatrix() async throws {
    try await scenario("reachability", perBackend: true) { result in
      let probes = planMatrix(Reachability(layout), parties)
      let watch = Stopwatch()
      result.findings = try await ask(probes)
      result.seconds = watch.seconds
      result.note = "\(probes.count) probes, \(probes.count { $0.expected == .answer }) to be answered"
    }
  }

  /// A few questions whose answers cross every kind of path, for use while something is broken.
  func someAllowedPairs(among hosts: (Int) -> Bool = { _ in true }) -> [Probe] {
    var matrix = MatrixBuilder(reachability: Reachability(layout), parties: parties)
    var seen: Set<[Int]> = []
    for source in layout.endpoints where hosts(source.host) {
      for target in layout.endpoints where target.host != source.host && hosts(target.host) {
        guard matrix.reachability.expect(source, target) == .answer,
          seen.insert([source.host, target.host]).inserted
        else { continue }
        for (from, to) in zip(source.places, target.places) {
          matrix.add(
            from: parties.endpoint(source.index), from.address, to: parties.endpoint(target.index), to.address, .answer)
        }
      }
    }
    return matrix.probes
  }
}
