import Emitters
import TopologyModel

/// Hosts get another block while their endpoints talk: flows of the blocks that they have go on without a loss, and
/// endpoints in the new block are reached from the moment that all hosts know of it.
extension LabTest {
  func testBlockGrowth() async throws {
    let name = "hosts take another block under traffic"
    guard let (smaller, removed) = topologyBeforeGrowth(topology) else {
      return leaveOut(name, "no segment has two blocks on a host")
    }
    try await scenario(name, perBackend: true) { result in
      let (old, new) = growthProbes(removed)
      guard !old.isEmpty, !new.isEmpty else { throw LabError("no endpoint of the lab is in a new block") }
      let port = drawSourcePort()
      var lost: [String] = []
      do {
        try await applyHosts(NetworkPlan(smaller), folder: "smaller")
        result.findings += try await waitUntilGone(new)
        result.findings += try await unanswered(old, port, "before")
        let watch = Stopwatch()
        async let growth: Void = growAgain()
        // Each round uses the same flows, and the last begins after the growth.
        for _ in 0..<12 { lost += try await unanswered(old, port, "during") }
        try await growth
        result.seconds = watch.seconds
      } catch {
        try? await growAgain()
        throw error
      }
      let state = try await lab.waitFor(.healthy, seconds: patience)
      result.findings += lost + state.findings.lines
      result.findings += try await ask(new).map { "after: \($0)" }
      result.findings += try await unanswered(old, port, "after")
      result.note = "\(removed.count) blocks more: \(old.count) flows of others went on, \(new.count) new ones answered"
    }
  }

  private func growAgain() async throws {
    _ = try await concurrently(lab.nodes.filter(\.isHost)) { node in
      try await lab.applyFirewall(on: node, backend)
      try await lab.applyRoutes(on: node)
      if node.plan.artifacts.contains(.bird) { try await lab.configureBIRD(node, lab.file(node, .bird)) }
    }
  }

  /// The files of hosts alone, since ToRs believe the new blocks first.
  private func applyHosts(_ plan: NetworkPlan, folder: String) async throws {
    let shared = SharedFragments(plan)
    _ = try await concurrently(lab.nodes.filter(\.isHost)) { node in
      let path = "\(lab.folder(node))/\(folder)"
      let device = plan.plan(node.device)
      try lab.writeFiles(of: node, device, shared, to: path)
      if device.artifacts.contains(.bird) { try await lab.configureBIRD(node, "\(path)/bird.conf") }
      _ = try await lab.run(on: node, ["sh", "\(path)/routes.sh"])
      try await lab.runOrThrow(on: node, ["sh", "\(path)/firewall.sh"], backend: backend)
    }
  }

  /// Flows between endpoints that have a place in no new block, and those with one end in a new block.
  private func growthProbes(_ removed: [Prefix]) -> (old: [Probe], new: [Probe]) {
    let reachability = Reachability(layout)
    var (old, new): ([Probe], [Probe]) = ([], [])
    for source in layout.endpoints {
      for target in layout.endpoints where target.host != source.host && reachability.expect(source, target) == .answer
      {
        for from in source.places {
          for to in target.places where to.address.family == from.address.family {
            guard topology.networks[to.network].isDividedIntoBlocks else { continue }
            let probe = Probe(
              from: parties.endpoint(source.index), to: parties.endpoint(target.index), source: from.address,
              target: to.address, kind: .udp, expected: .answer)
            let ends = [from.address, to.address]
            let isNew = removed.contains { block in ends.contains { block.contains($0) } }
            if isNew { new.append(probe) } else { old.append(probe) }
          }
        }
      }
    }
    return (Array(old.prefix(40)), Array(new.prefix(40)))
  }

  private func unanswered(_ probes: [Probe], _ port: UInt16, _ when: String) async throws -> [String] {
    let outcomes = try await field.ask(probes, window: 0.3, port: port).outcomes
    return zip(probes, outcomes).filter { !$1.fulfils($0.expected) }.map { "\(when): \(field.describe($0, $1))" }
  }

  /// Before the growth nobody reaches the endpoints of the new blocks; what is still answered after some seconds.
  private func waitUntilGone(_ probes: [Probe]) async throws -> [String] {
    let unwanted = probes.map { probe in
      var probe = probe
      probe.expected = .noWay
      return probe
    }
    var findings: [String] = []
    for _ in 0..<10 {
      findings = try await ask(unwanted)
      if findings.isEmpty { break }
      await pause(0.5)
    }
    return findings.map { "before: \($0)" }
  }
}

/// The topology without the last block of each segment that has several on a host, and these blocks.
func topologyBeforeGrowth(_ topology: Topology) -> (topology: Topology, removed: [Prefix])? {
  var smaller = topology
  var removed: [Prefix] = []
  for index in smaller.hosts.indices {
    let blocks = smaller.hosts[index].blocks
    smaller.hosts[index].blocks = blocks.filter { block in
      let isLast = !blocks.contains {
        $0.network == block.network && $0.owner == block.owner && $0.number > block.number
      }
      let goes = block.number > 0 && isLast
      if goes { removed.append(block.prefix) }
      return !goes
    }
    smaller.hosts[index].endpoints.removeAll { endpoint in
      endpoint.addresses.contains { address in removed.contains { $0.contains(address) } }
    }
  }
  return removed.isEmpty ? nil : (smaller, removed)
}
