import ArgumentParser

/// The arguments of every command that reads a topology.
struct TopologyOptions: ParsableArguments {
  @Argument(help: "The topology, a YAML file; '-' is standard input.", completion: .file(extensions: ["yaml", "yml"]))
  var topology: String

  @Option(help: "The lock file; default: the topology's name with .lock.yaml.", completion: .file())
  var lock: String?

  @Flag(help: "Let the compiler give other ids, links and prefixes to things that the lock file has.")
  var renumber = false

  @Flag(help: "Fail if the lock file would change (for CI).")
  var locked = false

  @OptionGroup var warnings: WarningOptions

  mutating func validate() throws {
    if isFromStandardInput, lock == nil, locked {
      throw ValidationError("--locked with a topology from standard input needs --lock FILE")
    }
    if renumber, locked { throw ValidationError("--renumber and --locked contradict each other") }
  }

  var isFromStandardInput: Bool { topology == "-" }

  /// For commands that write the lock file.
  func demandLock() throws {
    if isFromStandardInput, lock == nil {
      throw ValidationError("a topology from standard input needs --lock FILE, so that ids stay the same next time")
    }
  }

  /// The path of the lock file; empty if there is none.
  var lockPath: String {
    if let lock { return lock }
    return isFromStandardInput ? "" : defaultLockPath(of: topology)
  }
}

/// Where the lock file of a topology is unless another place is named: beside it.
func defaultLockPath(of topology: String) -> String {
  for ending in [".yaml", ".yml", ".json"] where topology.hasSuffix(ending) {
    return topology.dropLast(ending.count) + ".lock.yaml"
  }
  return topology + ".lock.yaml"
}
