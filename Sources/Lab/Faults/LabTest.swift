import Synchronization
import TopologyModel

/// What became of one scenario.
package struct ScenarioResult: Sendable {
  package enum Verdict: Sendable, Equatable {
    case passed
    case failed
    /// The topology has nothing that the scenario is about.
    case leftOut
  }
  package var name: String
  package var backend: FirewallBackendProgram?
  package var verdict: Verdict
  /// Seconds until the network was as expected; nil where there is nothing to wait for.
  package var seconds: Double?
  /// What was measured or checked, in a few words.
  package var note: String
  /// What was wrong, a line each.
  package var findings: [String] = []
}

/// The results so far, in the order of the scenarios.
final class Journal: Sendable {
  private let entries = Mutex<[ScenarioResult]>([])

  var results: [ScenarioResult] { entries.withLock { $0 } }
  func add(_ result: ScenarioResult) { entries.withLock { $0.append(result) } }
}

/// A lab under test: the scenarios fill the journal.
struct LabTest: Sendable {
  let lab: Lab
  let parties: Parties
  let field: ProbeField
  var backend: FirewallBackendProgram
  let journal = Journal()
  private let only: [String]
  let patience: Double

  var layout: LabLayout { lab.layout }
  var topology: Topology { lab.layout.topology }

  init(
    _ lab: Lab, _ backend: FirewallBackendProgram, only: [String] = [], patience: Double = 40
  ) async throws {
    self.lab = lab
    self.only = only
    self.patience = patience
    self.backend = backend
    parties = Parties(lab.layout)
    field = try await ProbeField.open(parties.all)
  }

  /// Runs one scenario: its errors are its findings, but those of a cancelled lab end the test.
  func scenario(
    _ name: String, perBackend: Bool = false, _ body: (inout ScenarioResult) async throws -> Void
  ) async throws {
    guard isWanted(name) else { return }
    lab.progress(perBackend ? "\(name) (\(backend.rawValue))" : name)
    var result = ScenarioResult(
      name: name, backend: perBackend ? backend : nil, verdict: .passed, seconds: nil, note: "")
    do {
      try Task.checkCancellation()
      try await body(&result)
    } catch let error as LabError {
      result.findings.append(error.message)
    }
    try Task.checkCancellation()
    if !result.findings.isEmpty { result.verdict = .failed }
    journal.add(result)
  }

  func isWanted(_ name: String) -> Bool { only.isEmpty || only.contains { name.contains($0) } }

  func leaveOut(_ name: String, _ reason: String) {
    guard isWanted(name) else { return }
    journal.add(ScenarioResult(name: name, backend: nil, verdict: .leftOut, seconds: nil, note: reason))
  }

  /// Asks and gives the probes that did not go as they should, described.
  func ask(_ probes: [Probe]) async throws -> [String] {
    let result = try await field.askPatiently(probes)
    var findings: [String] = []
    for (probe, outcome) in zip(probes, result.outcomes) where !outcome.fulfils(probe.expected) {
      findings.append(field.describe(probe, outcome))
    }
    return findings
  }

  /// Breaks something, waits for what the plan says of it, heals it, and waits for the whole plan again.
  ///
  /// - Parameter except: a node whose table does not count while it is broken.
  func breakAndHeal(
    _ result: inout ScenarioResult, _ condition: Condition, within limit: Double, probes: [Probe] = [],
    except: Int? = nil, breaking: () async throws -> Void, healing: () async throws -> Void
  ) async throws {
    do {
      try await breaking()
      let broken = try await lab.waitFor(condition, seconds: limit, except: except)
      result.seconds = broken.seconds
      result.findings += broken.findings.lines
      if broken.findings.isEmpty { result.findings += try await ask(probes) }
    } catch {
      try? await healing()
      throw error
    }
    try await healing()
    let healed = try await lab.waitFor(.healthy, seconds: patience)
    result.findings += healed.findings.lines.map { "after healing: \($0)" }
    result.note = "healed in \(formatSeconds(healed.seconds))"
  }
}

func formatSeconds(_ seconds: Double) -> String {
  let tenths = Int((seconds * 10).rounded())
  return "\(tenths / 10).\(tenths % 10) s"
}
