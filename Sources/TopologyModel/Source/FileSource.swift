import Glibc

/// Where the files of a topology are read from: the disk, or a revision of a repository.
package struct FileSource: Sendable {
  /// What stands before paths in messages, e.g. `git:main:`.
  package var label: String
  package var read: @Sendable (String) -> Result<[UInt8], FileReadError>
  /// The paths that a glob(7) matches, sorted by bytes.
  package var glob: @Sendable (String) -> [String]
  /// The path without links and dots; nil, with `errno` set, if there is no such file.
  package var canonical: @Sendable (String) -> String?
  /// Why something that exists can't be read as a text of at most so many bytes; nil if it can.
  package var unfitness: @Sendable (String, Int) -> String?

  package init(
    label: String, read: @escaping @Sendable (String) -> Result<[UInt8], FileReadError>,
    glob: @escaping @Sendable (String) -> [String], canonical: @escaping @Sendable (String) -> String?,
    unfitness: @escaping @Sendable (String, Int) -> String?
  ) {
    (self.label, self.read, self.glob, self.canonical) = (label, read, glob, canonical)
    self.unfitness = unfitness
  }

  /// The files of this machine.
  package static let disk = FileSource(
    label: "",
    read: { path in Result { () throws(FileReadError) in try readFile(path) } },
    glob: expandGlob, canonical: canonicalPath, unfitness: unfitnessOnDisk)
}

private func unfitnessOnDisk(_ path: String, _ limit: Int) -> String? {
  var status = stat()
  guard stat(path, &status) == 0 else { return systemErrorText(errno) }
  guard status.st_mode & S_IFMT == S_IFREG else { return "it is not a file" }
  guard status.st_size <= limit else { return "it is larger than \(limit >> 10) KiB" }
  return access(path, R_OK) == 0 ? nil : systemErrorText(errno)
}
