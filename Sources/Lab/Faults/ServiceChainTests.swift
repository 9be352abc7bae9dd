import TopologyModel

/// Packets are led through service functions: every hop is seen by its answer to a packet whose time to live ends there, and each
/// function counts what it passes on.
extension LabTest {
  private var chains: ServiceChains { ServiceChains(topology: topology) }

  func testServices() async throws {
    let name = "service chains"
    guard !topology.services.isEmpty else { return leaveOut(name, "no services") }
    try await scenario(name, perBackend: true) { result in
      let pairs = chosenPairs()
      let before = try await passedOn()
      let findings = try await concurrently(pairs) { try await trace($0, down: nil) }
      result.findings = findings.compactMap(\.self)
      let after = try await passedOn()
      for (index, function) in topology.functions.enumerated()
      where pairs.contains(where: { $0.functions.contains(index) }) {
        for family in AddressFamily.allCases where function.address(family) != nil {
          let (old, new) = (before[index]?[family] ?? 0, after[index]?[family] ?? 0)
          if new <= old { result.findings.append("\(function.name) passed on no \(family.name) packet") }
        }
      }
      let led = pairs.count { !$0.functions.isEmpty }
      result.note = "\(led) ways through functions, \(pairs.count - led) without, hop by hop"
    }
  }

  /// Each function that services use is unplugged in turn.
  func testFunctionsDown() async throws {
    let used = Set(topology.services.flatMap(\.functions)).sorted()
    if used.isEmpty { return leaveOut("service function down", "no services") }
    for index in used {
      let function = topology.functions[index]
      guard let node = lab.nodes.first(where: { $0.device.place == .host(function.host) }) else { continue }
      try await scenario("service function down (\(function.name))") { result in
        let pairs = chosenPairs().filter { $0.functions.contains(index) }
        try await lab.ip(node.namespace, ["link set dev \(function.interface) down"])
        do {
          let findings = try await concurrently(pairs) { try await trace($0, down: index) }
          result.findings = findings.compactMap(\.self)
        } catch {
          try await plugIn(function, node)
          throw error
        }
        try await plugIn(function, node)
        result.findings += try await concurrently(pairs) { try await trace($0, down: nil) }.compactMap(\.self)
          .map { "after healing: \($0)" }
        let closed = pairs.count { $0.fail == .closed }
        result.note = "\(closed) ways closed, \(pairs.count - closed) go on without it; all back"
      }
    }
  }

  /// romana-routes.service would see the link and run `routes.sh`.
  private func plugIn(_ function: ServiceFunction, _ node: LabNode) async throws {
    try await lab.ip(node.namespace, ["link set dev \(function.interface) up"])
    await pause(0.2)
    try await lab.applyRoutes(on: node)
  }

  private struct Pair: Sendable {
    var source: LabEndpoint
    var target: LabEndpoint
    var from: Address
    var to: Address
    var functions: [Int]
    var fail: ServiceFailure
  }

  /// Of each kind of way (service, direction, hosts of both ends, family) one pair of endpoints that may talk; and as many without a
  /// service, which must visit no function.
  private func chosenPairs() -> [Pair] {
    let reachability = Reachability(layout)
    var seen: Set<[String]> = []
    var pairs: [Pair] = []
    for source in layout.endpoints where source.function == nil {
      for target in layout.endpoints where target.function == nil && target.index != source.index {
        guard reachability.expect(source, target) == .answer else { continue }
        let chain = chains.chain(source, target)
        let kind = [
          chain.map { "\($0.service.name) \($0.functions)" } ?? "none", "\(source.host) \(target.host)",
        ]
        for from in source.places.map(\.address) {
          guard let to = target.places.map(\.address).first(where: { $0.family == from.family }),
            seen.insert(kind + ["\(from.family)"]).inserted
          else { continue }
          pairs.append(
            Pair(
              source: source, target: target, from: from, to: to, functions: chain?.functions ?? [],
              fail: chain?.service.fail ?? .open))
        }
      }
    }
    return pairs
  }

  /// - Returns: what was wrong with the way of a packet, if anything.
  private func trace(_ pair: Pair, down: Int?) async throws -> String? {
    var expected = pair.functions
    let isClosed = down.map { expected.contains($0) && pair.fail == .closed } ?? false
    if let down, let position = expected.firstIndex(of: down) {
      if isClosed { expected.removeSubrange(position...) } else { expected.remove(at: position) }
    }
    let seen = try await HopTrace.run(pair.source.namespace, to: pair.to)
    let functions = seen.hops.compactMap { hop in
      topology.functions.firstIndex { $0.addresses.contains { "\($0)" == hop } }
    }
    // The answers must come back too, over the functions of their own way.
    let back = chains.chain(pair.target, pair.source)
    let isAnswerClosed = down.map { (back?.functions.contains($0) ?? false) && back?.service.fail == .closed } ?? false
    let shouldAnswer = !isClosed && !isAnswerClosed
    guard functions != expected || seen.isAnswered != shouldAnswer else { return nil }
    func names(_ functions: [Int]) -> String {
      functions.isEmpty ? "no function" : functions.map { topology.functions[$0].name.text }.joined(separator: ", ")
    }
    let answer =
      seen.isAnswered == shouldAnswer ? "" : seen.isAnswered ? ", and was answered" : ", and was not answered"
    return
      "\(pair.source.label) (\(pair.from)) to \(pair.target.label) (\(pair.to)): \(names(functions)) instead of \(names(expected))\(answer); over \(seen.hops.joined(separator: " "))"
  }

  /// How many packets each function has passed on, by its own count (RFC 4293, ipIfStatsOutForwDatagrams).
  private func passedOn() async throws -> [Int: [AddressFamily: Int]] {
    var counts: [Int: [AddressFamily: Int]] = [:]
    for endpoint in layout.endpoints {
      guard let function = endpoint.function else { continue }
      let text = try await executeOrThrow([
        "ip", "netns", "exec", endpoint.namespace, "cat", "/proc/net/snmp", "/proc/net/snmp6",
      ])
      let lines = text.split(separator: "\n").map { $0.split(whereSeparator: { $0 == " " || $0 == "\t" }) }
      let ip = lines.filter { $0.first == "Ip:" }
      if ip.count == 2, let column = ip[0].firstIndex(of: "ForwDatagrams") {
        counts[function, default: [:]][.ipv4] = Int(ip[1][column])
      }
      counts[function, default: [:]][.ipv6] = lines.first { $0.first == "Ip6OutForwDatagrams" }.flatMap { Int($0[1]) }
    }
    return counts
  }
}
