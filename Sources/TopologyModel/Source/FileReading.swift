import Glibc

/// The largest file that is read, in bytes.
package let maximumFileSize = 512 << 20

/// Why a file could not be read.
package enum FileReadError: Error {
  case directory
  case tooLarge
  /// An `errno` of open(2) or read(2).
  case system(Int32)

  package var isMissing: Bool {
    if case .system(ENOENT) = self { true } else { false }
  }
}

/// Reads a whole file; `-` is standard input.
package func readFile(_ path: String) throws(FileReadError) -> [UInt8] {
  let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .system(errno) }
  defer { if descriptor > 0 { close(descriptor) } }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw .system(errno) }
  if status.st_mode & S_IFMT == S_IFDIR { throw .directory }
  var bytes: [UInt8] = []
  // One byte more than the size, so that the end is seen without growing.
  var room = max(Int(status.st_size) + 1, 1 << 16)
  while true {
    guard bytes.count + room <= maximumFileSize + (1 << 16) else { throw .tooLarge }
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: room))
    let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + start, room) }
    if count < 0, errno == EINTR {
      bytes.removeLast(room)
      continue
    }
    guard count >= 0 else { throw .system(errno) }
    bytes.removeLast(room - count)
    if count == 0 { break }
    room = 1 << 16
  }
  guard bytes.count <= maximumFileSize else { throw .tooLarge }
  return bytes
}

/// The text of an `errno`, in English, since the program never sets a locale.
package func systemErrorText(_ code: Int32) -> String {
  strerror(code).map { String(cString: $0) } ?? "error \(code)"
}

/// The paths that a glob(7) matches, sorted by bytes.
package func expandGlob(_ pattern: String) -> [String] {
  var result = glob_t()
  defer { globfree(&result) }
  guard glob(pattern, GLOB_NOSORT, nil, &result) == 0 else { return [] }
  return (0..<Int(result.gl_pathc)).compactMap { result.gl_pathv[$0].map { String(cString: $0) } }
    .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// The first line that marks a conflict of a merge (git-merge(1), "how conflicts are presented").
func conflictMark(_ bytes: [UInt8], _ file: UInt32) -> SourceRange? {
  let mark = Array("<<<<<<< ".utf8)
  var start = 0
  while start < bytes.count {
    let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
    if bytes[start..<end].starts(with: mark) { return SourceRange(file: file, start: start, end: end) }
    start = end + 1
  }
  return nil
}

/// The path without links and dots, to see that two paths are one file; nil if there is no such file.
package func canonicalPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}
