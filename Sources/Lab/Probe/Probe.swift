import TopologyModel

/// Somebody who sends and answers probes: an endpoint, a device, the outside.
struct ProbeParty: Sendable {
  var namespace: String
  var label: String
  /// Where it answers.
  var addresses: [Address]
}

/// One question to the network: does this packet get there, and an answer back?
struct Probe: Sendable {
  enum Expectation: Sendable {
    /// There is an answer.
    case answer
    /// The packet must not even arrive.
    case nothing
    /// The rules allow it, but there is no way there or back.
    case noWay
    /// The packet arrives, whatever becomes of the answer.
    case arrival
  }
  /// Indices of parties.
  var from: Int
  var to: Int
  var source: Address
  var target: Address
  var kind: ProbeKind
  var expected: Expectation
  /// The sender claims to be `source`, which is not its address.
  var isForged = false
  /// The time to live that it starts with; nil: the system's. UDP only.
  var hopLimit: Int?
}

struct ProbeOutcome: Sendable {
  var isAnswered = false
  /// UDP only: the packet reached the target. TCP and ICMP show it by an answer.
  var hasArrived = false

  func fulfils(_ expected: Probe.Expectation) -> Bool {
    switch expected {
    case .answer: isAnswered
    case .nothing: !isAnswered && !hasArrived
    case .noWay: !isAnswered
    case .arrival: hasArrived || isAnswered
    }
  }
}

/// What a round of probes brought.
struct ProbeResult: Sendable {
  var outcomes: [ProbeOutcome]
  /// ICMP errors of the type "time exceeded" that came back to the senders.
  var timeExceeded: Int
}
