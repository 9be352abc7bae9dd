import ArgumentParser
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

/// The stages from the source to the plan, as `compile` has them.
///
/// - Parameter fallback: the lock to take where there is none.
func compileSide(
  _ side: SideArgument, lockPath: String?, fallback: LockFile?, mayRenumber: Bool, allow: [String]
) throws(ExitCode) -> ComparedSide {
  var sources = SourceMap()
  var diagnostics = Diagnostics()
  diagnostics.allowed = Set(allow.compactMap { DiagnosticCode(text: $0) })
  let document = loadTopology(side.path, from: side.files, into: &sources, &diagnostics)
  // A lock file that is named lies on the disk; the other one beside its topology.
  let recorded =
    lockPath.map { readLock($0, &sources, &diagnostics) }
    ?? readLock(defaultLockPath(of: side.path), from: side.files, &sources, &diagnostics)
  let sameFabric = fallback.flatMap { $0.fabric == document?.fabric?.value ? $0 : nil }
  let resolved = document.flatMap {
    resolveTopology($0, lock: recorded?.lock ?? sameFabric, mayRenumber: mayRenumber, &diagnostics)
  }
  printDiagnostics(diagnostics, sources)
  guard let resolved, !diagnostics.hasErrors else { throw ExitCode(1) }
  return ComparedSide(plan: NetworkPlan(resolved.topology), lock: resolved.lock, isLocked: recorded != nil)
}
