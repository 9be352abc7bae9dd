import ArgumentParser
import Emitters
import SystemPackage
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

struct ImportTopologyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "topology",
    abstract: "Import a topology of Romana 2, with every prefix that it has.",
    discussion: """
      Reads networks, topologies, groups and hosts, or the state of Romana's address management with the blocks in use. \
      Writes a topology and its lock file, which pins each group's prefix and each block: groups are regions and racks, with \
      the prefixes that they had. What can't be kept is an error, with its place; what has no counterpart is a warning.
      """)

  @Argument(help: "The topology, in JSON; '-' is standard input.", completion: .file(extensions: ["json"]))
  var file: String

  @Option(
    name: .shortAndLong, help: "The topology to write; its lock file stands beside it.",
    completion: .file(extensions: ["yaml", "yml"]))
  var output = "topology.yaml"

  @Option(help: "The lock file to write; default: the output's name with .lock.yaml.", completion: .file())
  var lock: String?

  @Option(help: "The name of the fabric.")
  var fabric = "romana"

  @Option(
    help: ArgumentHelp(
      "A subnet that hosts are on, or that the hosts of a group are on; may be repeated.", valueName: "[group=]cidr"))
  var subnet: [String] = []

  @Option(
    help: ArgumentHelp(
      "What routes between the subnets of a region: a spine that is on all of them; may be repeated.",
      valueName: "[region/]name=loopback"))
  var router: [String] = []

  @OptionGroup var warnings: WarningOptions

  @Flag(help: "Replace files that exist.")
  var replace = false

  mutating func validate() throws {
    _ = try options()
    if output == "-", lock == nil {
      throw ValidationError("a topology on standard output needs --lock FILE: the prefixes are in the lock file")
    }
  }

  func run() throws {
    let lockPath = lock ?? defaultLockPath(of: output)
    if !replace { try demandFree([output, lockPath].filter { $0 != "-" }) }
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    diagnostics.allowed = warnings.allowed
    let imported = importTopology(file, try options(), into: &sources, &diagnostics)
    var text = TextWriter()
    let settled = imported.flatMap { imported in
      emitImportedTopology(imported.topology, into: &text)
      return settleImportedTopology(text.bytes, at: output, lock: imported.lock, into: &sources, &diagnostics)
    }
    printDiagnostics(diagnostics, sources)
    guard let imported, let settled, !diagnostics.hasErrors else { throw ExitCode(1) }
    do throws(PublishError) { try writeLock(settled, to: lockPath) } catch { throw report(error) }
    try write(text.bytes, to: output)
    let racks = imported.topology.regions.flatMap(\.racks)
    let counts = [
      counted(imported.topology.networks.count, "network"), counted(imported.topology.regions.count, "region"),
      counted(racks.count, "rack"), counted(racks.reduce(0) { $0 + $1.hosts.count }, "host"),
      counted(imported.lock.entries[.prefixes]?.count ?? 0, "prefix", "prefixes"),
      counted(imported.lock.entries[.blocks]?.count ?? 0, "block"),
    ]
    writeText("\(output): \(counts.joined(separator: ", ")); \(lockPath) pins them\n", to: .standardError)
  }

  /// A lock file that is overwritten would be lost with all its numbers.
  private func demandFree(_ paths: [String]) throws {
    for path in paths {
      guard access(path, F_OK) == 0 else { continue }
      writeText(
        "error: '\(path)' exists\n = help: name another file with -o and --lock, or pass --replace\n",
        to: .standardError)
      throw ExitCode(74)
    }
  }

  private func options() throws -> TopologyImportOptions {
    guard let name = Name(fabric) else { throw ValidationError("'\(fabric)' can't be the name of a fabric") }
    var options = TopologyImportOptions(fabric: name)
    for text in subnet where !options.addSubnet(text) {
      throw ValidationError("--subnet '\(text)' is not of the form 192.0.2.0/24 or GROUP=192.0.2.0/24")
    }
    for text in router where !options.addRouter(text) {
      throw ValidationError("--router '\(text)' is not of the form NAME=192.0.2.1 or REGION/NAME=192.0.2.1")
    }
    return options
  }
}
