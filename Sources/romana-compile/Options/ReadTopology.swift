import ArgumentParser
import TopologyModel

/// For commands whose arguments are something else: the topology that they are about.
struct ReadTopology: ParsableArguments {
  @Option(
    name: .shortAndLong, help: ArgumentHelp("The topology.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var topology = Self.usual

  private static let usual = "topology.yaml"

  @Option(help: "The lock file; default: the topology's name with .lock.yaml.", completion: .file())
  var lock: String?

  /// The plan, as a build would have it. Those who forgot the option are told of it.
  func compiled() throws -> NetworkPlan {
    if topology == Self.usual, FileSource.disk.canonical(topology) == nil {
      throw ValidationError("there is no \(topology) here: name the topology with --topology FILE")
    }
    return try compileSide(SideArgument(topology), SideOptions(lockPath: lock)).plan
  }
}
