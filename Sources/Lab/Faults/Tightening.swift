import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// A stricter topology under traffic: new flows stop at once, established ones only when their entry in the table of
/// connections is deleted (conntrack(8)).
extension LabTest {
  func testTightening() async throws {
    let name = "isolation or egress tightened under traffic"
    guard let (tightened, what) = tightenedTopology(topology) else {
      return leaveOut(name, "every tenant is as strict as it can be")
    }
    let flows = endingFlows(tightened)
    guard !flows.isEmpty else {
      return leaveOut(name, "no flow between the lab's endpoints or to the outside would end by it")
    }
    try await scenario(name, perBackend: true) { result in
      let port = drawSourcePort()
      result.findings += try await send(flows, port, "before", expected: .answer)
      let watch = Stopwatch()
      do {
        try await apply(NetworkPlan(tightened), folder: "tightened", routes: false)
        result.seconds = watch.seconds
        result.findings += try await checkNewFlows(tightened)
        result.findings += try await send(flows, port, "established, after", expected: .answer)
        result.note = "\(what): new flows stop, established ones go on"
        if let conntrack = conntrackProgram {
          result.findings += try await sendAfterDeleting(conntrack, flows, port)
          result.note += " until conntrack -D"
        }
      } catch {
        try? await lab.applyFirewalls(backend)
        throw error
      }
      try await lab.applyFirewalls(backend)
      result.findings += try await ask(flows.map { Probe($0, expected: .answer) }).map { "after loosening: \($0)" }
    }
  }

  private var conntrackProgram: String? {
    ["/usr/sbin/conntrack", "/sbin/conntrack"].first { access($0, X_OK) == 0 }
  }

  /// Sends on the same flows, that is from the same port, and gives what is not as expected.
  private func send(
    _ flows: [Probe], _ port: UInt16, _ when: String, expected: Probe.Expectation
  ) async throws -> [String] {
    let probes = flows.map { Probe($0, expected: expected) }
    var outcomes = try await field.ask(probes, port: port).outcomes
    if expected == .answer, outcomes.contains(where: { !$0.isAnswered }) {
      outcomes = try await field.ask(probes, port: port).outcomes
    }
    return zip(probes, outcomes).filter { !$1.fulfils($0.expected) }.map { "\(when): \(field.describe($0, $1))" }
  }

  /// New flows follow the stricter topology, all of them.
  private func checkNewFlows(_ tightened: Topology) async throws -> [String] {
    var matrix = MatrixBuilder(reachability: Reachability(layout, topology: tightened), parties: parties)
    matrix.addPairs()
    matrix.addOutside()
    return try await ask(matrix.probes).map { "new flows: \($0)" }
  }

  /// UDP flows that are answered now and would not be under the stricter topology, at most 20.
  private func endingFlows(_ tightened: Topology) -> [Probe] {
    let (now, then) = (Reachability(layout), Reachability(layout, topology: tightened))
    var flows: [Probe] = []
    for source in layout.endpoints {
      if now.expectEgress(source) == .answer, then.expectEgress(source) == .nothing {
        for place in source.places {
          for service in layout.outside.services where service.family == place.address.family {
            flows.append(
              Probe(
                from: parties.endpoint(source.index), to: parties.outside, source: place.address, target: service,
                kind: .udp, expected: .answer))
          }
        }
      }
      for target in layout.endpoints where target.index != source.index {
        guard now.expect(source, target) == .answer, then.expect(source, target) == .nothing else { continue }
        for (from, to) in zip(source.places, target.places) where from.address.family == to.address.family {
          flows.append(
            Probe(
              from: parties.endpoint(source.index), to: parties.endpoint(target.index), source: from.address,
              target: to.address, kind: .udp, expected: .answer))
        }
      }
    }
    let step = max(1, flows.count / 20)
    return stride(from: 0, to: flows.count, by: step).prefix(20).map { flows[$0] }
  }

  /// A dump of a table that changes may miss an entry (conntrack(8) lists what it deletes from one): so twice.
  private func sendAfterDeleting(_ conntrack: String, _ flows: [Probe], _ port: UInt16) async throws -> [String] {
    var findings: [String] = []
    for _ in 0..<2 {
      try await deleteFlows(conntrack, flows)
      findings = try await send(flows, port, "after conntrack -D", expected: .nothing)
      if findings.isEmpty { break }
    }
    return findings
  }

  private func deleteFlows(_ conntrack: String, _ flows: [Probe]) async throws {
    let sources = Set(flows.map(\.source)).sorted()
    _ = try await concurrently(lab.nodes.filter(\.isHost)) { node in
      for source in sources {
        // Status 1 says that there was none.
        _ = try await lab.run(
          on: node, [conntrack, "-D", "-f", source.family == .ipv4 ? "ipv4" : "ipv6", "-s", "\(source)"])
      }
    }
  }
}

extension Probe {
  fileprivate init(_ probe: Probe, expected: Expectation) {
    self = probe
    self.expected = expected
  }
}

/// A topology that is stricter in one point, and the point.
func tightenedTopology(_ topology: Topology) -> (Topology, String)? {
  var tightened = topology
  if let index = topology.tenants.firstIndex(where: { $0.isolation == .tenant && $0.segments.count > 1 })
    ?? topology.tenants.firstIndex(where: { $0.isolation == .none })
  {
    tightened.tenants[index].isolation = .segment
    return (
      tightened,
      "isolation of \(topology.tenants[index].name) from \(topology.tenants[index].isolation.rawValue) to segment"
    )
  }
  guard let index = topology.tenants.firstIndex(where: { $0.egress == .allow }) else { return nil }
  tightened.tenants[index].egress = .deny
  return (tightened, "egress of \(topology.tenants[index].name) denied")
}
