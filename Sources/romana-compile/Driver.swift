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

/// Compiles what a command was given. Messages go to standard error, or as a report to standard output or a file; errors end
/// the program with status 1.
func compile(_ options: TopologyOptions, _ messages: MessageOptions? = nil) throws(ExitCode) -> Compilation {
  var stages = CompilationStages(options.topology, lockPath: options.lockPath, allowed: options.warnings.allowed)
  stages.resolve(mayRenumber: options.renumber)
  let recorded = stages.recorded
  let changesLock = stages.lock?.renderedText() != recorded?.text
  if options.locked, let lock = stages.lock, changesLock {
    let changes = recorded?.lock.changes(to: lock) ?? []
    stages.diagnostics.add(.lockOutOfDate(options.lockPath, exists: recorded != nil, changes: changes))
  }
  if let messages, messages.format != .text {
    let text = messages.format.spell(stages.diagnostics.reported(stages.sources), topology: options.topology)
    try write(Array(text.utf8), to: messages.report)
  } else {
    printDiagnostics(stages.diagnostics, stages.sources)
  }
  let (plan, lock) = try stages.result()
  return Compilation(plan: plan, lock: lock, changesLock: changesLock, topologyDigest: stages.topologyDigest)
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
