import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

func systemError(_ what: String) -> LabError { LabError("\(what): \(Errno(rawValue: errno))") }

func makeFolder(_ path: String, mode: mode_t = 0o755) throws(LabError) {
  guard mkdir(path, mode) == 0 || errno == EEXIST else { throw systemError("cannot make the folder \(path)") }
}

func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws(LabError) {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
  guard descriptor >= 0 else { throw systemError("cannot write \(path)") }
  defer { close(descriptor) }
  guard (try? FileDescriptor(rawValue: descriptor).writeAll(bytes)) != nil else {
    throw systemError("cannot write \(path)")
  }
}

func write(_ text: String, to path: String, mode: mode_t = 0o644) throws(LabError) {
  try write(Array(text.utf8), to: path, mode: mode)
}

/// The text of a file, or nil if it cannot be read.
func readText(_ path: String) -> String? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = read(descriptor, &chunk, chunk.count)
    guard count > 0 else { break }
    bytes += chunk[..<count]
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// The names in a folder, sorted; none if there is no such folder.
func listFolder(_ path: String) -> [String] {
  guard let folder = opendir(path) else { return [] }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// Removes a file or a folder with all that is in it; links are removed, not followed.
func removeTree(_ path: String) {
  var status = stat()
  guard lstat(path, &status) == 0 else { return }
  if status.st_mode & S_IFMT == S_IFDIR {
    for name in listFolder(path) { removeTree(path + "/" + name) }
    rmdir(path)
  } else {
    unlink(path)
  }
}
