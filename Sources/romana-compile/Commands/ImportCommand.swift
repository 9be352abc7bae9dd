import ArgumentParser
import Emitters
import SystemPackage
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Turn what other systems have into files of a topology.",
    subcommands: [ImportPoliciesCommand.self, ImportTopologyCommand.self])
}

struct ImportPoliciesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policies",
    abstract: "Import policies: NetworkPolicies of Kubernetes, policy documents of Romana.",
    discussion: """
      Writes a file with `policies:` that a topology includes. A namespace is a tenant, the value of a label of pods their \
      segment. What can't be said in this language is an error, with its place; nothing is left out silently. Give all \
      NetworkPolicies of a cluster at once: what they isolate depends on all of them.
      """)

  @Argument(help: "Files in YAML or JSON; '-' is standard input.", completion: .file())
  var files: [String]

  @Option(help: ArgumentHelp("The label of pods that holds the name of their segment.", valueName: "key"))
  var segmentLabel = PolicyImportOptions().segmentLabel

  @Option(
    help: ArgumentHelp(
      "A label of namespaces that holds their name, beside kubernetes.io/metadata.name; may be repeated.",
      valueName: "key"))
  var namespaceLabel: [String] = ["namespace"]

  @Option(help: ArgumentHelp("The namespace of NetworkPolicies that name none.", valueName: "name"))
  var namespace: String?

  @Option(
    help: ArgumentHelp(
      "The first of four priorities for NetworkPolicies, and that of Romana's policies; default: 1000 and 100.",
      valueName: "number"))
  var priority: Int?

  @Option(
    help: ArgumentHelp(
      "A topology that must have the tenants and segments; peers without an address in its networks are left out.",
      valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
  var topology: String?

  @OptionGroup var warnings: WarningOptions

  @Option(name: .shortAndLong, help: "The file to write; default: standard output.", completion: .file())
  var output: String?

  mutating func validate() throws {
    if let priority, !(0...65532).contains(priority) {
      throw ValidationError("--priority is a number from 0 to 65532")
    }
    if let namespace, Name(namespace) == nil { throw ValidationError("'\(namespace)' can't be the name of a tenant") }
    if files.count(where: { $0 == "-" }) > 1 { throw ValidationError("standard input can be read once") }
  }

  func run() throws {
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    diagnostics.allowed = warnings.allowed
    let policies = importPolicies(files, try options(), into: &sources, &diagnostics)
    printDiagnostics(diagnostics, sources)
    guard !diagnostics.hasErrors else { throw ExitCode(1) }
    var writer = TextWriter()
    emitImportedPolicies(policies, into: &writer)
    try write(writer.bytes, to: output)
    guard let output, output != "-" else { return }
    writeText("\(output): \(counted(policies.count, "policy", "policies"))\n", to: .standardError)
  }

  private func options() throws -> PolicyImportOptions {
    var options = PolicyImportOptions()
    options.segmentLabel = segmentLabel
    options.namespaceLabels = ["kubernetes.io/metadata.name"] + namespaceLabel
    options.namespace = namespace.flatMap(Name.init)
    options.priority = priority
    guard let topology else { return options }
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    // The file to be written may be named under `include:` already; other errors are `check`'s business.
    guard let document = loadTopology(topology, into: &sources, &diagnostics) else {
      printDiagnostics(diagnostics, sources)
      throw ExitCode(1)
    }
    options.fabric = ImportFabric(document)
    return options
  }
}
