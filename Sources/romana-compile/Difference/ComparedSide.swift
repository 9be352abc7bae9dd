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
  var allowed: Set<DiagnosticCode> = []
}

/// Compiles a side by itself and says what there is to say; errors end the program with status 1.
func compileSide(_ side: SideArgument, _ options: SideOptions) throws(ExitCode) -> ComparedSide {
  var stages = CompilationStages(side, options)
  stages.resolve(mayRenumber: options.mayRenumber)
  return try finish(stages)
}

/// Both sides at the same time, but that a newer side without a lock file waits for the older one's.
func compileSides(
  _ old: (SideArgument, SideOptions), _ new: (SideArgument, SideOptions)
) throws(ExitCode) -> (old: ComparedSide, new: ComparedSide) {
  let sides = [old, new]
  let done = Mutex<[CompilationStages?]>([nil, nil])
  DispatchQueue.concurrentPerform(iterations: 2) { index in
    let (side, options) = sides[index]
    var stages = CompilationStages(side, options)
    if index == 0 || stages.recorded != nil { stages.resolve(mayRenumber: options.mayRenumber) }
    done.withLock { $0[index] = stages }
  }
  let stages = done.withLock { $0 }
  guard let first = stages[0], var second = stages[1] else { throw ExitCode(1) }
  let before = try finish(first)
  if second.recorded == nil { second.resolve(mayRenumber: new.1.mayRenumber, fallback: before.lock) }
  return (before, try finish(second))
}

extension CompilationStages {
  fileprivate init(_ side: SideArgument, _ options: SideOptions) {
    self.init(side.path, from: side.files, lockPath: options.lockPath, allowed: options.allowed)
  }
}

private func finish(_ stages: CompilationStages) throws(ExitCode) -> ComparedSide {
  printDiagnostics(stages.diagnostics, stages.sources)
  let (plan, lock) = try stages.result()
  return ComparedSide(plan: plan, lock: lock, isLocked: stages.recorded != nil)
}
