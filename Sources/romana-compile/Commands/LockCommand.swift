import ArgumentParser
import SystemPackage
import TopologyModel

struct LockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lock", abstract: "Write the lock file of a topology without building.",
    discussion: """
      With --prune it forgets things that are no longer in the topology: their ids, AS numbers, links and prefixes \
      may then be given to others. Prune once no device uses them any more.
      """)

  @OptionGroup var topology: TopologyOptions

  @Flag(help: "Forget what is no longer in the topology.")
  var prune = false

  mutating func validate() throws { try topology.demandLock() }

  func run() throws {
    var compilation = try compile(topology)
    let removed = compilation.lock.removedCount
    if prune { compilation.lock.prune() }
    guard compilation.changesLock || (prune && removed > 0) else {
      writeText("\(topology.lockPath): unchanged\n", to: .standardOutput)
      return
    }
    do {
      try writeLock(compilation.lock, to: topology.lockPath)
    } catch {
      throw report(error)
    }
    let note = prune ? ", \(counted(removed, "removed thing")) forgotten" : ""
    writeText("\(topology.lockPath): written\(note)\n", to: .standardOutput)
  }
}
