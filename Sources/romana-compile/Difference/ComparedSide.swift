import ArgumentParser
import Dispatch
import Synchronization
import TopologyModel

/// `OLD` or `NEW`: a topology on the disk, or in a revision.
struct SideArgument: Sendable {
  /// As the user wrote it.
  let text: String
  let path: String
  let files: FileSource

  /// `PATH`, or `git:REV:PATH`.
  init(_ text: String) throws {
    self.text = text
    guard text.hasPrefix("git:") else {
      (path, files) = (text, .disk)
      return
    }
    let parts = text.dropFirst(4).split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw ValidationError("'\(text)' is not of the form git:REV:PATH, as in git:main:topology.yaml")
    }
    path = String(parts[1])
    do throws(GitError) {
      files = try GitRevision(String(parts[0])).files
    } catch {
      writeText("error: cannot read '\(text)': \(error.message)\n", to: .standardError)
      throw ExitCode(1)
    }
  }
}

/// A topology that was compiled to be compared.
struct ComparedSide {
  var plan: NetworkPlan
  /// What the lock file would be after a build.
  var lock: LockFile
  /// Whether there is a lock file.
  var isLocked: Bool
}

/// How a side is to be compiled.
struct SideOptions: Sendable {
  /// A lock file on the disk; nil: the one beside the topology, wherever that is.
  var lockPath: String?
  var mayRenumber = false
  var allow: [String] = []
}

/// The stages from the source to the plan, as `compile` has them.
///
/// - Parameter fallback: the lock to take where there is none.
func compileSide(
  _ side: SideArgument, _ options: SideOptions, fallback: LockFile?
) throws(ExitCode) -> ComparedSide {
  var stages = SideStages(side, options)
  stages.resolve(fallback: fallback)
  return try stages.finish()
}

/// Both sides at the same time, but that a side without a lock file waits for the other's.
func compileSides(
  _ old: (SideArgument, SideOptions), _ new: (SideArgument, SideOptions)
) throws(ExitCode) -> (old: ComparedSide, new: ComparedSide) {
  let sides = [old, new]
  let done = Mutex<[SideStages?]>([nil, nil])
  DispatchQueue.concurrentPerform(iterations: 2) { index in
    var stages = SideStages(sides[index].0, sides[index].1)
    if index == 0 || stages.recorded != nil { stages.resolve(fallback: nil) }
    done.withLock { $0[index] = stages }
  }
  let stages = done.withLock { $0 }
  guard let first = stages[0], var second = stages[1] else { throw ExitCode(1) }
  let before = try first.finish()
  if second.recorded == nil { second.resolve(fallback: before.lock) }
  return (before, try second.finish())
}

/// How far the compilation of a side has come.
private struct SideStages: Sendable {
  private let options: SideOptions
  private var sources = SourceMap()
  private var diagnostics = Diagnostics()
  private let document: TopologyDocument?
  let recorded: LockFile?
  private var plan: NetworkPlan?
  private var lock: LockFile?

  /// Reads everything.
  init(_ side: SideArgument, _ options: SideOptions) {
    self.options = options
    diagnostics.allowed = Set(options.allow.compactMap { DiagnosticCode(text: $0) })
    document = loadTopology(side.path, from: side.files, into: &sources, &diagnostics)
    if let path = options.lockPath {
      recorded = readLock(path, &sources, &diagnostics)?.lock
    } else {
      recorded = readLock(defaultLockPath(of: side.path), from: side.files, &sources, &diagnostics)?.lock
    }
  }

  mutating func resolve(fallback: LockFile?) {
    let sameFabric = fallback.flatMap { $0.fabric == document?.fabric?.value ? $0 : nil }
    let resolved = document.flatMap {
      resolveTopology($0, lock: recorded ?? sameFabric, mayRenumber: options.mayRenumber, &diagnostics)
    }
    lock = resolved?.lock
    plan = diagnostics.hasErrors ? nil : resolved.map { NetworkPlan($0.topology) }
  }

  /// Says what there is to say.
  func finish() throws(ExitCode) -> ComparedSide {
    printDiagnostics(diagnostics, sources)
    guard let plan, let lock else { throw ExitCode(1) }
    return ComparedSide(plan: plan, lock: lock, isLocked: recorded != nil)
  }
}
