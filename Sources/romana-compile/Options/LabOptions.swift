import ArgumentParser
import Lab
import SystemPackage
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

enum LabBackend: String, ExpressibleByArgument, CaseIterable {
  case nft, legacy

  var program: FirewallBackendProgram { self == .nft ? .nft : .legacy }
}

enum LabFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

/// What a test of a lab does and how it tells.
struct LabTestingOptions: ParsableArguments {
  @Option(help: "Only this form of iptables: nft or legacy; default: one after the other.")
  var backend: LabBackend?

  @Flag(inversion: .prefixedNo, help: "Break things on purpose and look again.")
  var faults = true

  @Option(help: ArgumentHelp("Only scenarios whose names contain this; may be repeated.", valueName: "text"))
  var only: [String] = []

  @Option(help: "text: a table; json: the same for programs.")
  var format = LabFormat.text

  var options: LabOptions {
    var options = LabOptions()
    if let backend { options.backends = [backend.program] }
    options.testsFaults = faults
    options.only = only
    options.progress = LabProgress().show
    return options
  }
}

/// Which lab is meant.
struct LabChoice: ParsableArguments {
  @Option(
    help: ArgumentHelp("The lab, as `lab status` names it; may be left out if there is only one.", valueName: "id"))
  var lab: String?

  func record() throws(ExitCode) -> LabRecord {
    let records = LabRecord.all()
    if let lab {
      guard let record = records.first(where: { $0.identity.text == lab }) else {
        throw report(LabError("there is no lab '\(lab)'", help: ["lab status lists them"]))
      }
      return record
    }
    guard records.count == 1 else {
      throw report(
        records.isEmpty
          ? LabError("there is no lab", help: ["lab up TOPOLOGY sets one up"])
          : LabError(
            "there are \(records.count) labs",
            help: ["choose one with --lab: \(records.map(\.identity.text).joined(separator: ", "))"]))
    }
    return records[0]
  }
}

/// What `lab status` will say of a lab.
func labRecord(
  _ compilation: Compilation, _ topology: TopologyOptions, sample: Int?
) -> @Sendable (LabIdentity) -> LabRecord {
  let (fabric, digest) = (compilation.plan.topology.fabric.text, compilation.topologyDigest)
  let (path, lock) = (absolutePath(topology.topology), absolutePath(topology.lockPath))
  return { identity in
    LabRecord(
      identity: identity, fabric: fabric, topology: path, lock: lock, sample: sample, digest: digest, backend: .nft,
      isReady: false)
  }
}

private func absolutePath(_ path: String) -> String {
  if path.hasPrefix("/") || path == "-" { return path }
  guard let folder = getcwd(nil, 0) else { return path }
  defer { free(folder) }
  return String(cString: folder) + "/" + path
}

/// Progress on standard error: one line that changes on a terminal, a line each elsewhere.
struct LabProgress: Sendable {
  private let isTerminal = isatty(STDERR_FILENO) == 1

  func show(_ text: String) {
    writeText(isTerminal ? "\r\u{1B}[K\(text)" : "lab: \(text)\n", to: .standardError)
  }

  func finish() { if isTerminal { writeText("\r\u{1B}[K", to: .standardError) } }
}

/// Runs a test of a lab and prints its report; differences end the program with status 2.
func showing(_ format: LabFormat, _ work: @escaping @Sendable () async throws -> LabReport) async throws {
  let result = try await reporting(work)
  LabProgress().finish()
  writeText(format == .json ? result.json() : result.table(), to: .standardOutput)
  if !result.hasPassed { throw ExitCode(2) }
}

/// Runs work on a lab so that an interrupt ends it in order: the lab is taken down before the program ends.
func reporting<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
  let task = Task { try await work() }
  let watcher = Task {
    while !Task.isCancelled {
      if receivedSignal() != 0 {
        LabProgress().show("interrupted: taking it down")
        task.cancel()
        return
      }
      try? await Task.sleep(for: .milliseconds(100))
    }
  }
  catchSignals()
  defer { watcher.cancel() }
  do {
    return try await task.value
  } catch let error as LabError {
    LabProgress().finish()
    if receivedSignal() != 0 { throw ExitCode(128 + receivedSignal()) }
    throw report(error)
  } catch is CancellationError {
    LabProgress().finish()
    throw ExitCode(128 + receivedSignal())
  }
}

func report(_ error: LabError) -> ExitCode {
  var text = "error: \(error.message)\n"
  for help in error.help { text += " = help: \(help)\n" }
  writeText(text, to: .standardError)
  return ExitCode(74)
}
