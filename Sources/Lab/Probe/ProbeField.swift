import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// The open ears of all parties: one process listens in every namespace, so that a matrix of thousands of pairs takes
/// about as long as one timeout.
struct ProbeField: Sendable {
  let parties: [ProbeParty]
  /// Listening TCP sockets.
  let listeners: [Int32]
  /// UDP sockets, one an address, so that an answer has the right source.
  let echoes: [Int32]

  static func open(_ parties: [ProbeParty]) async throws -> ProbeField {
    raiseFileLimit()
    return try await onThread {
      var listeners: [Int32] = []
      var echoes: [Int32] = []
      for party in parties {
        try enterNamespace(party.namespace)
        for family in Set(party.addresses.map(\.family)) {
          let listener = try openSocket(.tcp, family, port: probePort)
          guard listen(listener, 4096) == 0 else { throw systemError("cannot listen in \(party.namespace)") }
          listeners.append(listener)
        }
        for address in party.addresses {
          echoes.append(try openSocket(.udp, address.family, boundTo: address, port: probePort))
        }
      }
      return ProbeField(parties: parties, listeners: listeners, echoes: echoes)
    }
  }

  func close() {
    for descriptor in listeners + echoes { Glibc.close(descriptor) }
  }

  /// Sends all probes at once and waits for the answers.
  ///
  /// - Parameters:
  ///   - window: how long to wait for what should not come, in seconds.
  ///   - port: the source port of UDP probes; nil draws one, so that every flow is new.
  func ask(_ probes: [Probe], window: Double = 0.6, port: UInt16? = nil) async throws -> ProbeResult {
    var outcomes: [ProbeOutcome] = []
    var timeExceeded = 0
    // Each TCP probe takes a descriptor.
    for start in stride(from: 0, to: probes.count, by: 6000) {
      let part = Array(probes[start..<min(start + 6000, probes.count)])
      let result = try await onThread {
        var round = ProbeRound(field: self, probes: part, port: port ?? drawSourcePort())
        defer { round.close() }
        try round.send()
        round.listen(window: window)
        return round.result
      }
      outcomes += result.outcomes
      timeExceeded += result.timeExceeded
    }
    return ProbeResult(outcomes: outcomes, timeExceeded: timeExceeded)
  }

  /// Asks, and asks once more what should have been answered: a first packet may wait for a neighbour's address.
  func askPatiently(_ probes: [Probe]) async throws -> ProbeResult {
    var result = try await ask(probes)
    for _ in 0..<2 {
      let missing = probes.indices.filter { !result.outcomes[$0].fulfils(probes[$0].expected) && probes[$0].isWanted }
      guard !missing.isEmpty else { break }
      let again = try await ask(missing.map { probes[$0] })
      for (index, outcome) in zip(missing, again.outcomes) { result.outcomes[index] = outcome }
      result.timeExceeded += again.timeExceeded
    }
    return result
  }

  func describe(_ probe: Probe, _ outcome: ProbeOutcome) -> String {
    let what =
      switch probe.expected {
      case .answer: "no answer"
      case .nothing: outcome.isAnswered ? "was answered, but must be dropped" : "arrived, but must be dropped"
      case .noWay: "was answered, though there should be no way"
      case .arrival: "did not arrive"
      }
    let claim = probe.isForged ? ", a forged source," : ""
    return
      "\(probe.kind.name) from \(parties[probe.from].label) (\(probe.source)\(claim)) to \(parties[probe.to].label) (\(probe.target)): \(what)"
  }
}

extension Probe {
  /// Whether something must come.
  var isWanted: Bool { expected == .answer || expected == .arrival }
}
