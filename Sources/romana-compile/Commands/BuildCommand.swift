import ArgumentParser
import Emitters
import SystemPackage
import TopologyModel

struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Compile a topology and write every device's files.",
    discussion: """
      The folder is replaced as a whole or not at all, and not touched if nothing changed. Ids that the compiler \
      chose are recorded in the lock file beside the topology, which is written first.
      """)

  @OptionGroup var topology: TopologyOptions
  @OptionGroup var messages: MessageOptions

  @Option(name: .shortAndLong, help: "The folder to write; '-' prints to standard output.", completion: .directory)
  var output: String

  @Option(help: ArgumentHelp("Compile one device only.", valueName: "name"))
  var device: String?

  @Option(help: ArgumentHelp("With '-o -': print this file only, without a separator.", valueName: "name"))
  var file: String?

  @Flag(help: "Replace a folder even if it holds files that the compiler did not write.")
  var force = false

  @Flag(help: "Wait until everything is on disk.")
  var sync = false

  mutating func validate() throws {
    try topology.demandLock()
    if file != nil, output != "-" { throw ValidationError("--file goes with '-o -'") }
    if messages.format != .text, messages.report == "-", output == "-" {
      throw ValidationError(
        "--format \(messages.format.rawValue) and '-o -' would both write to standard output; give --report FILE")
    }
  }

  func run() throws {
    let compilation = try compile(topology, messages)
    let scope = try deviceScope(device, compilation.plan)
    let options = PublishOptions(force: force, syncsToDisk: sync)
    do throws(PublishError) {
      if output != "-" { try checkOutputFolder(output, scope: scope, options: options) }
      if compilation.changesLock { try writeLock(compilation.lock, to: topology.lockPath) }
      let shared = SharedFragments(compilation.plan)
      guard output != "-" else {
        try printFiles(compilation.plan, shared: shared, scope: scope, file: file)
        return
      }
      let summary = try publishTree(
        compilation.plan, shared: shared, scope: scope, identity: compilation.identity, to: output, options: options)
      for warning in summary.warnings { writeText("warning: \(warning)\n", to: .standardError) }
      messages.tell(summary.text + "\n")
    } catch {
      throw report(error)
    }
  }
}

/// The whole fabric, or the device of a name.
func deviceScope(_ name: String?, _ plan: NetworkPlan) throws(ExitCode) -> TreeScope {
  guard let name else { return .fabric }
  if let device = plan.device(named: name) { return .device(device) }
  let near = nearMiss(of: name, among: plan.devices.lazy.map(\.name.text))
  writeText(
    "error: there is no device '\(name)'\n" + (near.map { " = help: did you mean '\($0)'?\n" } ?? ""),
    to: .standardError)
  throw ExitCode(1)
}
