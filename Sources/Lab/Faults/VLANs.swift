import TopologyModel

/// Hosts on VLANs: traffic between two VLANs passes the gateway, even between endpoints of one host; inside a VLAN of a host it
/// never leaves.
///
/// The time to live tells: each router on the way takes one off. From endpoint to endpoint of a host it is one router, the host;
/// by way of the gateway it is three: the host, the ToR, and the host again.
extension LabTest {
  private struct Pair {
    var source: LabEndpoint
    var target: LabEndpoint
    var from: Address
    var to: Address
    /// The VLANs of the two addresses.
    var vlans: [Int]
    var crosses: Bool { vlans[0] != vlans[1] }
  }

  /// Allowed pairs on one shared host.
  private var pairs: [Pair] {
    let reachability = Reachability(layout)
    var pairs: [Pair] = []
    for source in layout.endpoints where layout.nodes[source.host].plan.vlans != nil {
      for target in layout.endpoints where target.host == source.host && target.index != source.index {
        guard reachability.expect(source, target) == .answer else { continue }
        for from in source.places {
          for to in target.places where from.address.family == to.address.family {
            let vlans = [from.network, to.network].compactMap { topology.networks[$0].vlan }
            if vlans.count == 2 {
              pairs.append(Pair(source: source, target: target, from: from.address, to: to.address, vlans: vlans))
            }
          }
        }
      }
    }
    return pairs
  }

  private func probe(_ pair: Pair, _ expected: Probe.Expectation, hops: Int? = nil) -> Probe {
    Probe(
      from: parties.endpoint(pair.source.index), to: parties.endpoint(pair.target.index), source: pair.from,
      target: pair.to, kind: .udp, expected: expected, hopLimit: hops)
  }

  func testVLANs(withFaults: Bool) async throws {
    let pairs = pairs
    let names = [
      "traffic between VLANs of a host passes the gateway", "VLAN of a host lost", "VLAN of a host down and up",
    ]
    guard !pairs.isEmpty else {
      for name in withFaults ? names : Array(names.prefix(1)) {
        leaveOut(name, "no host has endpoints that talk in its VLANs")
      }
      return
    }
    try await scenario(names[0]) { result in try await testWays(pairs, &result) }
    guard withFaults else { return }
    var seen: Set<RoutingDaemon> = []
    for node in layout.nodes where node.plan.vlans != nil {
      let crossing = pairs.filter { $0.source.host == node.index && $0.crosses }
      guard let first = crossing.first, seen.insert(node.daemon).inserted,
        let link = layout.links.first(where: { $0.vlan == first.vlans[0] && $0.touches(node.index) })
      else { continue }
      let mine = pairs.filter { $0.source.host == node.index }
      try await scenario("\(names[1]) (\(node.name))") { result in try await testLoss(node, link, mine, &result) }
      try await scenario("\(names[2]) (\(node.name))") { result in try await testDown(node, link, mine, &result) }
    }
  }

  private func testWays(_ pairs: [Pair], _ result: inout ScenarioResult) async throws {
    let (crossing, local) = (pairs.filter(\.crosses), pairs.filter { !$0.crosses })
    result.findings = try await ask(
      crossing.map { probe($0, .arrival, hops: 4) } + local.map { probe($0, .arrival, hops: 2) })
    // One less, and the packet dies on the last router: the host at its second turn, or at its first.
    result.findings += try await ask(
      crossing.map { probe($0, .nothing, hops: 3) } + local.map { probe($0, .nothing, hops: 1) })
    // Two: it dies on the gateway, which counts it.
    let before = try await timeExceededCount()
    result.findings += try await ask(crossing.map { probe($0, .nothing, hops: 2) })
    let after = try await timeExceededCount()
    for node in layout.nodes {
      let expected = crossing.count { pair in gateway(of: pair.source)?.index == node.index }
      let counted = after[node.index] - before[node.index]
      if counted != expected {
        result.findings.append("\(node.name): the time to live of \(counted) packets ended here, expected \(expected)")
      }
    }
    result.note =
      "\(crossing.count) pairs over three routers, the gateway second; \(local.count) pairs inside a VLAN over the host alone"
    if crossing.isEmpty || local.isEmpty {
      result.findings.append("there are not both kinds of pairs: nothing is proven")
    }
  }

  private func gateway(of endpoint: LabEndpoint) -> LabNode? {
    topology.gateways(ofHost: endpoint.hostIndex).first.flatMap { layout.node($0.place) }
  }

  /// One VLAN of a host is lost: what its endpoints send to the others must not take the short way. The other VLAN, and all
  /// that stays inside one on the host, go on.
  private func probesWithout(_ vlan: Int, _ pairs: [Pair]) -> [Probe] {
    pairs.map { probe($0, $0.crosses ? ($0.vlans.contains(vlan) ? .nothing : .arrival) : .arrival) }
  }

  private func testLoss(_ node: LabNode, _ link: LabLink, _ pairs: [Pair], _ result: inout ScenarioResult) async throws
  {
    guard let vlan = link.vlan else { return }
    var condition = Condition()
    condition.breakCable(link, at: node.index, .cut)
    let probes = probesWithout(vlan, pairs)
    try await breakAndHeal(
      &result, condition, within: 20, probes: probes,
      breaking: {
        try await lab.setCable(link, at: node.index, .cut)
        try await waitForCarrierLoss(link, at: node.index)
      }, healing: { try await lab.setCable(link, at: node.index, nil) })
    result.findings += try await ask(pairs.map { probe($0, .arrival) })
    result.note += "; \(probes.count { $0.isWanted }) pairs went on, \(probes.count { !$0.isWanted }) took no short way"
  }

  /// The kernel drops the routes over an interface that is taken down: the discard routes below them have to hold until
  /// vlans.sh runs again.
  private func testDown(_ node: LabNode, _ link: LabLink, _ pairs: [Pair], _ result: inout ScenarioResult) async throws
  {
    guard let interface = link.end(at: node.index)?.interface, let vlan = link.vlan else { return }
    do {
      try await lab.ip(node.namespace, ["link set dev \(interface) down"])
      result.findings += try await lab.checkPolicyRouting(node, down: [interface])
      result.findings += try await ask(probesWithout(vlan, pairs))
      // With the interface gone the scripts can do nothing about it, and must not make it worse.
      try await lab.applyRoutes(on: node)
      result.findings += try await lab.checkPolicyRouting(node, down: [interface])
      result.findings += try await ask(probesWithout(vlan, pairs))
    } catch {
      try? await lab.ip(node.namespace, ["link set dev \(interface) up"])
      throw error
    }
    try await lab.ip(node.namespace, ["link set dev \(interface) up"])
    try await lab.applyRoutes(on: node)
    let healed = try await lab.waitFor(.healthy, seconds: patience)
    result.seconds = healed.seconds
    result.findings += healed.findings.lines.map { "after healing: \($0)" }
    result.findings += try await ask(pairs.map { probe($0, .arrival) })
    result.note = "\(interface) of \(node.name)"
  }
}
