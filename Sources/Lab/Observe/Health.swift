import TopologyModel

/// What differs from the plan, by device; empty if nothing does.
struct Findings: Sendable {
  var lines: [String] = []
  var isEmpty: Bool { lines.isEmpty }

  mutating func add(_ place: String, _ differences: [String]) { lines += differences.map { "\(place): \($0)" } }
}

extension Lab {
  /// Compares every device's routing table with the plan, both ways; perhaps one device's not.
  func checkTables(_ condition: Condition = .healthy, except: Int? = nil) async throws -> Findings {
    let nodes = nodes.filter { $0.index != except }
    let differences = try await concurrently(nodes) { node in
      compareTable(try await readKernelRoutes(self, node), expectTable(layout, node, condition))
        + (try await checkPolicyRouting(node))
    }
    var findings = Findings()
    for (node, lines) in zip(nodes, differences) { findings.add(node.name, lines) }
    return findings
  }

  /// Compares every daemon's sessions with the plan, both ways. Not those of a daemon that is refused: BIRD with a wrong TTL
  /// believes for its hold time that it is Established, while the ToR hears nothing of it.
  func checkSessions(_ condition: Condition = .healthy) async throws -> Findings {
    let speakers = nodes.filter {
      $0.speaks && $0.daemon.tellsSessions
        && !condition.deadSpeakers.union(condition.refusedSpeakers).contains($0.index)
    }
    let differences = try await concurrently(speakers) { node in
      compareSessions(try await readSessions(self, node), layout, node, condition)
        + compareAdjacencies(try await readAdjacencies(self, node), layout, node, condition)
    }
    var findings = Findings()
    for (node, lines) in zip(speakers, differences) { findings.add(node.name, lines) }
    return findings
  }

  private func check(_ condition: Condition, _ except: Int?) async throws -> Findings {
    let findings = try await checkTables(condition, except: except)
    return findings.isEmpty ? try await checkSessions(condition) : findings
  }

  /// Waits until tables and sessions are as planned under a condition.
  ///
  /// - Returns: the seconds that the tables took, and what still differs if the time ran out.
  func waitFor(
    _ condition: Condition, seconds limit: Double, except: Int? = nil
  ) async throws -> (seconds: Double, findings: Findings) {
    let watch = Stopwatch()
    var findings = Findings()
    while true {
      try Task.checkCancellation()
      let began = watch.seconds
      findings = try await check(condition, except)
      if findings.isEmpty {
        // It may be so for a moment only, on the way from one state to another.
        await pause(0.4)
        findings = try await check(condition, except)
        if findings.isEmpty { return (began, findings) }
      }
      if watch.seconds > limit { return (watch.seconds, findings) }
      await pause(0.05)
    }
  }
}
