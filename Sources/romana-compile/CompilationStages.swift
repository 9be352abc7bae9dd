import ArgumentParser
import TopologyModel

/// The stages from the source to the plan, in order, and the messages of all of them. Nothing is printed here.
struct CompilationStages: Sendable {
  private(set) var sources = SourceMap()
  var diagnostics = Diagnostics()
  private let document: TopologyDocument?
  /// The lock file as it is; nil if there is none.
  let recorded: (lock: LockFile, text: [UInt8])?
  /// What the lock file would be after a build; nil before `resolve`, or if there are errors.
  private(set) var lock: LockFile?
  private var plan: NetworkPlan?
  /// How many of the sources are the topology's own: the lock file comes behind them.
  private let topologyFileCount: Int

  /// Reads everything.
  ///
  /// - Parameters:
  ///   - lockPath: a lock file on the disk; nil takes the one beside the topology, wherever that is.
  ///   - allowed: codes of warnings that are not wanted.
  init(_ path: String, from files: FileSource = .disk, lockPath: String?, allowed: Set<DiagnosticCode>) {
    diagnostics.allowed = allowed
    document = loadTopology(path, from: files, into: &sources, &diagnostics)
    topologyFileCount = sources.files.count
    recorded =
      if let lockPath {
        readLock(lockPath, &sources, &diagnostics)
      } else {
        readLock(defaultLockPath(of: path), from: files, &sources, &diagnostics)
      }
  }

  /// Settles everything, and makes the plan if there is no error.
  ///
  /// - Parameter fallback: the lock to take where there is none, if it is of the same fabric.
  mutating func resolve(mayRenumber: Bool, fallback: LockFile? = nil) {
    let sameFabric = fallback.flatMap { $0.fabric == document?.fabric?.value ? $0 : nil }
    let resolved = document.flatMap {
      resolveTopology($0, lock: recorded?.lock ?? sameFabric, mayRenumber: mayRenumber, &diagnostics)
    }
    lock = resolved?.lock
    plan = diagnostics.hasErrors ? nil : resolved.map { NetworkPlan($0.topology) }
  }

  /// Of everything that the topology was read from, without the lock file: 64 hexadecimal digits.
  var topologyDigest: String { SHA256Digest(of: sources.files[..<topologyFileCount].map(\.bytes)).hex }

  /// What was compiled; errors end the program with status 1.
  func result() throws(ExitCode) -> (plan: NetworkPlan, lock: LockFile) {
    guard !diagnostics.hasErrors, let plan, let lock else { throw ExitCode(1) }
    return (plan, lock)
  }
}
