import TopologyModel

/// What differs from the plan, by device; empty if nothing does.
struct Findings: Sendable {
  private(set) var lines: [String] = []
  /// The nodes at which something differs.
  private(set) var places: Set<Int> = []
  var isEmpty: Bool { lines.isEmpty }

  mutating func add(_ node: LabNode, _ differences: [String]) {
    lines += differences.map { "\(node.name): \($0)" }
    if !differences.isEmpty { places.insert(node.index) }
  }
}

extension Lab {
  /// Compares the routing tables of devices with the plan, both ways.
  ///
  /// - Parameter expected: tables of the condition that are known already, by node.
  func checkTables(
    _ nodes: [LabNode], _ condition: Condition = .healthy, expected: [Int: ExpectedTable] = [:]
  ) async throws -> Findings {
    let differences = try await concurrently(nodes) { node in
      compareTable(
        try await readKernelRoutes(self, node), expected[node.index] ?? expectTable(layout, node, condition))
        + (try await checkPolicyRouting(node))
    }
    var findings = Findings()
    for (node, lines) in zip(nodes, differences) { findings.add(node, lines) }
    return findings
  }

  /// Compares the sessions of daemons with the plan, both ways. Not those of a daemon that is refused: BIRD with a wrong TTL
  /// believes for its hold time that it is Established, while the ToR hears nothing of it.
  func checkSessions(_ nodes: [LabNode], _ condition: Condition = .healthy) async throws -> Findings {
    let speakers = nodes.filter {
      $0.speaks && $0.daemon.tellsSessions
        && !condition.deadSpeakers.union(condition.refusedSpeakers).contains($0.index)
    }
    let differences = try await concurrently(speakers) { node in
      compareSessions(try await readSessions(self, node), layout, node, condition)
        + compareAdjacencies(try await readAdjacencies(self, node), layout, node, condition)
    }
    var findings = Findings()
    for (node, lines) in zip(speakers, differences) { findings.add(node, lines) }
    return findings
  }

  private func check(
    _ nodes: [LabNode], _ condition: Condition, _ expected: [Int: ExpectedTable], _ except: Int?, asksDaemons: Bool
  ) async throws -> Findings {
    let findings = try await checkTables(nodes.filter { $0.index != except }, condition, expected: expected)
    return findings.isEmpty && asksDaemons ? try await checkSessions(nodes, condition) : findings
  }

  /// Waits until tables and sessions are as planned under a condition, perhaps all but one device's table.
  ///
  /// Every look costs each device some processes. So those are asked again at which something differed, less and less often,
  /// and all of them once these are as planned; the daemons are asked when all tables are as planned.
  ///
  /// - Returns: the seconds that the tables took, and what still differs if the time ran out.
  func waitFor(
    _ condition: Condition, seconds limit: Double, except: Int? = nil
  ) async throws -> (seconds: Double, findings: Findings) {
    let watch = Stopwatch()
    // To work out what a device must have takes longer than to look at what it has.
    let tables = try await concurrently(nodes) { ($0.index, expectTable(layout, $0, condition)) }
    let expected = Dictionary(uniqueKeysWithValues: tables)
    var asked = nodes
    var asksDaemons = false
    var interval = 0.05
    while true {
      try Task.checkCancellation()
      let began = watch.seconds
      var findings = try await check(asked, condition, expected, except, asksDaemons: asksDaemons)
      if findings.isEmpty, asked.count < nodes.count {
        asked = nodes
        continue
      }
      if findings.isEmpty {
        // It may be so for a moment only, on the way from one state to another.
        await pause(0.4)
        findings = try await check(nodes, condition, expected, except, asksDaemons: true)
        if findings.isEmpty { return (began, findings) }
        asksDaemons = true
      }
      if watch.seconds > limit {
        return (watch.seconds, try await check(nodes, condition, expected, except, asksDaemons: true))
      }
      asked = nodes.filter { findings.places.contains($0.index) }
      await pause(interval)
      interval = min(interval * 1.3, 0.3)
    }
  }
}
