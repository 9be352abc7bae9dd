import ArgumentParser
import TopologyModel

/// For commands whose arguments are something else: the topology that they are about.
struct ReadTopology: ParsableArguments {
  @Option(
    name: .shortAndLong, help: ArgumentHelp("The topology.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var topology = "topology.yaml"

  @Option(help: "The lock file; default: the topology's name with .lock.yaml.", completion: .file())
  var lock: String?

  /// The plan, as a build would have it.
  func compiled() throws -> NetworkPlan {
    try compileSide(SideArgument(topology), SideOptions(lockPath: lock)).plan
  }
}
