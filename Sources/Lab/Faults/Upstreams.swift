import TopologyModel

/// Upstreams that are lost one after the other, every cable between switches, and an upstream that announces what is the
/// fabric's own.
extension LabTest {
  private var upstreamNodes: [LabNode] { layout.nodes.filter { $0.device.role == .upstream } }

  func testUpstreams() async throws {
    guard !upstreamNodes.isEmpty else { return }
    for node in upstreamNodes {
      guard let link = layout.links.first(where: { $0.touches(node.index) }) else { continue }
      try await testLoss("link of an upstream cut (\(node.name))", node, link, .cut)
      if node.plan.bgp != nil { try await testLoss("link of an upstream silent (\(node.name))", node, link, .silent) }
    }
    try await testEveryCable()
    for node in upstreamNodes where node.plan.bgp != nil { try await testRogue(node) }
  }

  /// The tables follow; where another upstream is left, endpoints go on to reach the outside.
  private func testLoss(_ name: String, _ node: LabNode, _ link: LabLink, _ fault: Condition.Cable) async throws {
    try await scenario(name) { result in
      var condition = Condition()
      condition.breakCable(link, at: node.index, fault)
      let probes = egressProbes(without: [node.index])
      try await breakAndHeal(
        &result, condition, within: 20, probes: probes,
        breaking: {
          try await lab.setCable(link, at: node.index, fault)
          if fault == .cut { try await waitForCarrierLoss(link, at: node.index) }
          try await lab.ip(lab.identity.outside, lab.waysBack(condition))
        },
        healing: {
          try await lab.setCable(link, at: node.index, nil)
          try await lab.ip(lab.identity.outside, lab.waysBack(.healthy))
        })
      result.note += "; \(probes.count) probes to the outside and between hosts answered"
    }
  }

  /// Every cable between two switches in turn.
  private func testEveryCable() async throws {
    let upstreams = Set(upstreamNodes.map(\.index))
    let links = layout.links.filter { link in
      !link.isSegment && link.ends.allSatisfy { !layout.nodes[$0.node].isHost && !upstreams.contains($0.node) }
    }
    guard !links.isEmpty else { return }
    try await scenario("each link of two switches cut in turn") { result in
      for link in links {
        var condition = Condition()
        condition.breakCable(link, at: link.lower.node, .cut)
        let broken = condition
        var part = ScenarioResult(name: "", backend: nil, verdict: .passed, seconds: nil, note: "")
        try await breakAndHeal(
          &part, condition, within: 20, probes: egressProbes(without: []),
          breaking: {
            try await lab.setCable(link, at: link.lower.node, .cut)
            try await waitForCarrierLoss(link, at: link.lower.node)
            try await lab.ip(lab.identity.outside, lab.waysBack(broken))
          },
          healing: {
            try await lab.setCable(link, at: link.lower.node, nil)
            try await lab.ip(lab.identity.outside, lab.waysBack(.healthy))
          })
        let ends = link.ends.map { layout.nodes[$0.node].name }.joined(separator: "-")
        result.findings += part.findings.map { "without \(ends): \($0)" }
        result.seconds = max(result.seconds ?? 0, part.seconds ?? 0)
      }
      result.note = "\(links.count) links; endpoints reach each other and the outside"
    }
  }

  /// Questions of endpoints to the outside, where their region has an upstream left, and to each other.
  private func egressProbes(without lost: Set<Int>) -> [Probe] {
    let reachability = Reachability(layout)
    var matrix = MatrixBuilder(reachability: reachability, parties: parties)
    for endpoint in layout.endpoints where reachability.expectEgress(endpoint) == .answer {
      let region = topology.rack(ofHost: endpoint.hostIndex).region
      let left = upstreamNodes.filter { node in
        if case .upstream(region, _) = node.device.place { !lost.contains(node.index) } else { false }
      }
      let isManaged = layout.outside.plugs.contains { $0.node == endpoint.host }
      guard !left.isEmpty || isManaged else { continue }
      for place in endpoint.places {
        for service in layout.outside.services {
          matrix.add(
            from: parties.endpoint(endpoint.index), place.address, to: parties.outside, service, .answer,
            kinds: [.udp])
        }
      }
    }
    return matrix.probes + someAllowedPairs()
  }

  /// An upstream without filters announces networks, a host's prefix, a link and something nobody listed: nothing of it reaches a
  /// table.
  private func testRogue(_ node: LabNode) async throws {
    guard let bgp = node.plan.bgp else { return }
    try await scenario("upstream announces the fabric's own prefixes (\(node.name))") { result in
      let prefixes = foreignPrefixes(bgp)
      do {
        try await configure(node, bgp, prefixes, isRogue: true)
        try await waitUntilSent(node, bgp, prefixes)
        for _ in 0..<4 where result.findings.isEmpty {
          let state = try await lab.waitFor(.healthy, seconds: 15, except: node.index)
          result.findings += state.findings.lines
          await pause(0.3)
        }
      } catch {
        try? await configure(node, bgp, prefixes, isRogue: false)
        throw error
      }
      try await configure(node, bgp, prefixes, isRogue: false)
      let healed = try await lab.waitFor(.healthy, seconds: patience)
      result.findings += healed.findings.lines.map { "after healing: \($0)" }
      result.note = "\(prefixes.count) prefixes sent, none believed"
    }
  }

  /// Networks and halves of them, a host's prefix and one inside it, the fabric's links, and what nobody listed.
  private func foreignPrefixes(_ bgp: BGPPlan) -> [Prefix] {
    let families = Set(bgp.sessions.map(\.family))
    var result = topology.networks.flatMap { [$0.prefix, $0.prefix.child(1, length: $0.prefix.length + 1)] }
    for network in topology.networks.indices {
      if let own = topology.hosts.indices.lazy.compactMap({ topology.prefix(ofHost: $0, inNetwork: network) }).first {
        result += [own, own.child(1, length: own.length + 1)]
      }
    }
    result += topology.underlay.prefix(4)
    result += [
      Prefix(containing: Address(.ipv4, 0x0909_0900), length: 24),
      Prefix(containing: Address(.ipv6, UInt128(0x2a09) << 112), length: 32),
    ]
    let asked = Set(bgp.originated.map(\.prefix))
    return Set(result).filter { families.contains($0.family) && !asked.contains($0) }.sorted()
  }

  /// Lets the upstream announce prefixes past its own filter, or takes that back.
  private func configure(_ node: LabNode, _ bgp: BGPPlan, _ prefixes: [Prefix], isRogue: Bool) async throws {
    let no = isRogue ? "" : "no "
    var commands = ["configure terminal"]
    for prefix in prefixes {
      commands.append("\(no)\(prefix.family == .ipv4 ? "ip" : "ipv6") route \(prefix) blackhole 250")
    }
    commands.append("router bgp \(bgp.asn)")
    for family in AddressFamily.allCases where bgp.sessions.contains(where: { $0.family == family }) {
      commands.append("address-family \(family == .ipv4 ? "ipv4" : "ipv6") unicast")
      for prefix in prefixes where prefix.family == family { commands.append("\(no)network \(prefix)") }
      for session in bgp.sessions where session.family == family {
        guard let peer = session.neighborAddress else { continue }
        let list = "upstream-\(node.name)"
        commands.append("\(isRogue ? "no " : "")neighbor \(peer) prefix-list \(list) out")
        // Without any policy bgpd says nothing at all.
        commands.append(
          "\(isRogue ? "" : "no ")neighbor \(peer) route-map rogue out")
      }
      commands.append("exit-address-family")
    }
    commands += ["exit", isRogue ? "route-map rogue permit 10" : "no route-map rogue", "end"]
    let arguments = commands.flatMap { ["-c", $0] }
    try await lab.runOrThrow(on: node, ["vtysh", "-N", lab.pathspace(node)] + arguments)
  }

  /// Makes sure that the announcements went out; else the scenario would prove nothing.
  private func waitUntilSent(_ node: LabNode, _ bgp: BGPPlan, _ prefixes: [Prefix]) async throws {
    var missing: [Prefix] = []
    for _ in 0..<100 {
      var sent = ""
      for session in bgp.sessions {
        guard let peer = session.neighborAddress else { continue }
        let family = session.family == .ipv4 ? "ipv4" : "ipv6"
        sent += try await lab.ask(
          node, .bgpd, "show bgp \(family) unicast neighbors \(peer) advertised-routes json")
      }
      missing = prefixes.filter { !sent.contains("\"\($0)\"") }
      if missing.isEmpty { return }
      await pause(0.1)
    }
    throw LabError("\(node.name) did not send \(missing): the scenario proves nothing")
  }
}
