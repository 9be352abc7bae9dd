/// The lock file and its bytes; nil if there is none. A damaged one is an error.
package func readLock(
  _ path: String, from files: FileSource = .disk, _ sources: inout SourceMap, _ diagnostics: inout Diagnostics
) -> (lock: LockFile, text: [UInt8])? {
  do throws(FileReadError) {
    let bytes = try files.read(path).get()
    if let diagnostic = encodingError(bytes, path: files.label + path) {
      diagnostics.add(diagnostic)
      return nil
    }
    let file = sources.add(SourceFile(path: files.label + path, bytes: bytes))
    return parseLock(file, in: sources, &diagnostics).map { ($0, bytes) }
  } catch {
    if !error.isMissing { diagnostics.add(.unreadable(files.label + path, error, at: nil)) }
    return nil
  }
}

extension Diagnostic {
  /// With `--locked` nothing may be chosen that is not recorded.
  ///
  /// - Parameter changes: what is not recorded, in words.
  package static func lockOutOfDate(_ path: String, exists: Bool, changes: [String] = []) -> Diagnostic {
    let more = changes.count > 5 ? ["and \(changes.count - 5) more"] : []
    return Diagnostic(
      .lockOutOfDate, exists ? "the lock file '\(path)' is out of date" : "there is no lock file '\(path)'", at: nil,
      notes: changes.isEmpty ? [] : [(changes.prefix(5) + more).joined(separator: ", ")],
      help: [
        "run `romana-compile lock` or `build` without --locked and put the lock file into version control"
      ])
  }
}
