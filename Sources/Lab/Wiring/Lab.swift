import Emitters
import TopologyModel

/// Changes a file before it is applied. Tests use it to prove that the lab notices wrong files.
package typealias FileRewriting = @Sendable (DeviceReference, ArtifactKind, String) -> String

/// The two programs behind the name `iptables` on Debian.
package enum FirewallBackendProgram: String, Sendable, CaseIterable {
  case nft, legacy
}

/// A lab that is being set up, tested or taken down.
package struct Lab: Sendable {
  let layout: LabLayout
  let plan: NetworkPlan
  let rewriting: FileRewriting?
  /// Called with a line of progress, e.g. "sessions: 12 of 14 established".
  let progress: @Sendable (String) -> Void

  var identity: LabIdentity { layout.identity }
  var nodes: [LabNode] { layout.nodes }

  init(
    layout: LabLayout, plan: NetworkPlan, rewriting: FileRewriting? = nil,
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.layout = layout
    self.plan = plan
    self.rewriting = rewriting
    self.progress = progress
  }

  /// The folder of a device's files, as `/etc/romana` would be on the device.
  func folder(_ node: LabNode) -> String { "\(identity.folder)/devices/\(node.name)" }

  func file(_ node: LabNode, _ kind: ArtifactKind) -> String { "\(folder(node))/\(kind.fileName)" }

  /// Runs a program on a device and gives what it printed.
  func run(
    on node: LabNode, _ command: [String], input: String = "", backend: FirewallBackendProgram? = nil
  ) async throws(LabError) -> CommandResult {
    try await execute(
      ["ip", "netns", "exec", node.namespace] + command, input: input,
      firstInPath: backend.map { "\(identity.folder)/bin-\($0.rawValue)" }, variables: variables)
  }

  @discardableResult
  func runOrThrow(
    on node: LabNode, _ command: [String], input: String = "", backend: FirewallBackendProgram? = nil
  ) async throws(LabError) -> String {
    try await run(on: node, command, input: input, backend: backend).outputOrThrow(command, on: node.name)
  }

  /// Asks a daemon of a node over a socket in the file system, which is the same in every network namespace: entering one would cost
  /// more than the question.
  func ask(_ node: LabNode, _ command: [String]) async throws(LabError) -> String {
    try await execute(command).outputOrThrow(command, on: node.name)
  }

  /// The lock of iptables-legacy is a file of the machine; the lab has its own.
  private var variables: [(String, String)] { [("XTABLES_LOCKFILE", "\(identity.folder)/xtables.lock")] }

  /// Runs a list of ip(8) commands in a namespace, or in that of the machine, as one program.
  func ip(_ namespace: String?, _ commands: [String]) async throws(LabError) {
    guard !commands.isEmpty else { return }
    let options = namespace.map { ["-n", $0] } ?? []
    try await executeOrThrow(
      ["ip"] + options + ["-batch", "-"], input: commands.joined(separator: "\n") + "\n")
  }
}
