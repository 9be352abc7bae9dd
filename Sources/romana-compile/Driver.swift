import ArgumentParser
import Emitters
import SystemPackage
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// A topology that was compiled without errors: everything but the files.
struct Compilation {
  var plan: NetworkPlan
  var lock: LockFile
  /// Whether the lock file on disk is not the one that this compilation needs.
  var changesLock: Bool
  var topologyDigest: String

  var identity: TreeIdentity {
    TreeIdentity(
      compilerVersion: compilerVersion, fabric: plan.topology.fabric, topologyDigest: topologyDigest)
  }
}

/// The stages from the source to the plan, in order. Messages go to standard error, or as a report to standard output or a
/// file; errors end the program with status 1.
func compile(_ options: TopologyOptions, _ messages: MessageOptions? = nil) throws(ExitCode) -> Compilation {
  var sources = SourceMap()
  var diagnostics = Diagnostics()
  diagnostics.allowed = Set(options.allow.compactMap { DiagnosticCode(text: $0) })
  let document = loadTopology(options.topology, into: &sources, &diagnostics)
  let digest = SHA256Digest(of: sources.files.map(\.bytes)).hex
  let recorded = readLock(options.lockPath, &sources, &diagnostics)
  let resolved = document.flatMap {
    resolveTopology($0, lock: recorded?.lock, mayRenumber: options.renumber, &diagnostics)
  }
  let text = resolved?.lock.renderedText()
  let changesLock = text != recorded?.text
  if options.locked, resolved != nil, changesLock {
    let changes = resolved.flatMap { recorded?.lock.changes(to: $0.lock) } ?? []
    diagnostics.add(.lockOutOfDate(options.lockPath, exists: recorded != nil, changes: changes))
  }
  if let messages, messages.format != .text {
    let text = messages.format.spell(diagnostics.reported(sources), topology: options.topology)
    try write(Array(text.utf8), to: messages.report)
  } else {
    printDiagnostics(diagnostics, sources)
  }
  guard let resolved, !diagnostics.hasErrors else { throw ExitCode(1) }
  return Compilation(
    plan: NetworkPlan(resolved.topology), lock: resolved.lock, changesLock: changesLock, topologyDigest: digest)
}

func printDiagnostics(_ diagnostics: Diagnostics, _ sources: SourceMap) {
  var printer = DiagnosticPrinter(sources: sources, colored: usesColor(STDERR_FILENO))
  writeText(printer.text(diagnostics), to: .standardError)
}

/// Colors on a terminal, unless NO_COLOR is set; with CLICOLOR_FORCE everywhere.
func usesColor(_ descriptor: Int32) -> Bool {
  func isSet(_ name: String) -> Bool { getenv(name).map { $0.pointee != 0 } ?? false }
  if isSet("NO_COLOR") { return false }
  if let force = getenv("CLICOLOR_FORCE"), force.pointee != 0, force.pointee != UInt8(ascii: "0") { return true }
  return isatty(descriptor) == 1
}

/// Writes a text as far as it goes; a closed pipe is the reader's choice and no error.
func writeText(_ text: String, to descriptor: FileDescriptor) {
  _ = try? descriptor.writeAll(text.utf8)
}

/// Writes what a command makes to a file, replaced in one step, or without one (nil, `-`) to standard output.
func write(_ bytes: [UInt8], to path: String?) throws(ExitCode) {
  guard let path, path != "-" else { return writeText(String(decoding: bytes, as: UTF8.self), to: .standardOutput) }
  do throws(PublishError) { try replaceFile(path, with: bytes) } catch { throw report(error) }
}

/// Prints what went wrong with files and gives the status to exit with.
func report(_ error: PublishError) -> ExitCode {
  var text = "error: \(error.message)\n"
  for help in error.help { text += " = help: \(help)\n" }
  writeText(text, to: .standardError)
  return ExitCode(error.exitStatus)
}
