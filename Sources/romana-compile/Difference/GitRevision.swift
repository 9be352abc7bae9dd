import Glibc
import Synchronization
import TopologyModel

/// The files of a revision of the repository that the current folder is in, as git has them: nothing is checked out.
final class GitRevision: Sendable {
  private struct Entry {
    var object: String
    var isLink: Bool
  }
  private let revision: String
  /// From the root of the repository to the current folder, with a slash at the end, or nothing.
  private let prefix: String
  /// The root of the repository.
  private let root: String
  private let entries: [String: Entry]
  private let paths: [String]
  private let blobs = Mutex<[String: [UInt8]]>([:])

  /// - Parameter revision: whatever git takes for a commit or a tree.
  init(_ revision: String) throws(GitError) {
    self.revision = revision
    func line(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self) }
    root = line(try runGit(["rev-parse", "--show-toplevel"]))
    prefix = line(try runGit(["rev-parse", "--show-prefix"]))
    let tree = line(try runGit(["rev-parse", "--verify", "--end-of-options", "\(revision)^{tree}"]))
    var entries: [String: Entry] = [:]
    for record in try runGit(["ls-tree", "-r", "-z", "--full-tree", tree]).split(separator: 0) {
      // MODE TYPE OBJECT TAB PATH
      guard let tab = record.firstIndex(of: 0x09) else { continue }
      let fields = record[..<tab].split(separator: 0x20)
      guard fields.count == 3, fields[1].elementsEqual("blob".utf8) else { continue }
      entries[String(decoding: record[(tab + 1)...], as: UTF8.self)] = Entry(
        object: String(decoding: fields[2], as: UTF8.self), isLink: fields[0].elementsEqual("120000".utf8))
    }
    self.entries = entries
    paths = entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// What the stages of the compiler read from; paths are relative to the current folder, as on the disk.
  var files: FileSource {
    FileSource(
      label: "git:\(revision):", read: { self.read($0) }, glob: { self.glob($0) },
      canonical: { path in
        let found = self.resolve(path)
        if found == nil { errno = ENOENT }
        return found
      },
      unfitness: { path, limit in
        guard case .success(let bytes) = self.read(path) else { return systemErrorText(ENOENT) }
        return bytes.count > limit ? "it is larger than \(limit >> 10) KiB" : nil
      })
  }

  /// A path relative to the current folder, or absolute, from the root of the repository; nil if it leads out of it.
  private func place(_ path: String) -> String? {
    if path.hasPrefix("/") {
      if path == root { return "" }
      return path.hasPrefix(root + "/") ? normalized(String(path.dropFirst(root.utf8.count + 1))) : nil
    }
    return normalized(prefix + path)
  }

  /// Without `.` and `..`.
  private func normalized(_ path: String) -> String? {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." {
        guard parts.popLast() != nil else { return nil }
      } else {
        parts.append(part)
      }
    }
    return parts.joined(separator: "/")
  }

  /// The absolute path without links, as if the revision were checked out; nil if there is nothing.
  private func resolve(_ path: String) -> String? {
    guard var place = place(path) else { return nil }
    for _ in 0..<40 {
      if entries[place].map({ !$0.isLink }) ?? isFolder(place) { return place.isEmpty ? root : "\(root)/\(place)" }
      guard let next = followed(place) else { return nil }
      place = next
    }
    return nil
  }

  private func isFolder(_ place: String) -> Bool {
    place.isEmpty || paths.contains { $0.hasPrefix(place + "/") }
  }

  /// The path with its first symbolic link replaced by what it names; nil without one, or if that leads out.
  private func followed(_ place: String) -> String? {
    let parts = place.split(separator: "/")
    for count in parts.indices {
      let head = parts[...count].joined(separator: "/")
      guard let entry = entries[head], entry.isLink, let target = try? blob(entry.object) else { continue }
      let text = String(decoding: target, as: UTF8.self)
      if text.hasPrefix("/") { return nil }
      return normalized(
        (parts[..<count].map(String.init) + [text] + parts[(count + 1)...].map(String.init)).joined(separator: "/"))
    }
    return nil
  }

  private func read(_ path: String) -> Result<[UInt8], FileReadError> {
    guard let found = resolve(path) else { return .failure(.system(ENOENT)) }
    guard let entry = entries[String(found.dropFirst(root.utf8.count + 1))] else { return .failure(.directory) }
    guard let bytes = try? blob(entry.object) else { return .failure(.system(EIO)) }
    return .success(bytes)
  }

  private func blob(_ object: String) throws(GitError) -> [UInt8] {
    if let known = blobs.withLock({ $0[object] }) { return known }
    let bytes = try runGit(["cat-file", "blob", object])
    blobs.withLock { $0[object] = bytes }
    return bytes
  }

  /// As glob(7): no `*` stands for a slash or a dot at the beginning of a name. What matches is read at once.
  private func glob(_ pattern: String) -> [String] {
    let special = pattern.firstIndex { "*?[\\".contains($0) } ?? pattern.endIndex
    let folder = pattern[..<special].lastIndex(of: "/").map { String(pattern[...$0]) } ?? ""
    let rest = String(pattern.dropFirst(folder.count))
    guard let place = resolve(folder.isEmpty ? "." : folder).map({ String($0.dropFirst(root.utf8.count + 1)) }) else {
      return []
    }
    let head = place.isEmpty ? "" : place + "/"
    let matches = paths.filter { path in
      path.hasPrefix(head) && fnmatch(rest, String(path.dropFirst(head.count)), FNM_PATHNAME | FNM_PERIOD) == 0
    }
    prefetch(matches)
    return matches.map { folder + $0.dropFirst(head.count) }
  }

  /// Reads many files by one run of git.
  private func prefetch(_ paths: [String]) {
    let objects = paths.compactMap { entries[$0]?.object }
    for start in stride(from: 0, to: objects.count, by: 1000) {
      let part = objects[start..<min(objects.count, start + 1000)]
      let input = Array(part.joined(separator: "\n").utf8) + [0x0a]
      guard part.count > 1, let output = try? runGit(["cat-file", "--batch"], input: input) else { return }
      blobs.withLock { parseBatch(output, into: &$0) }
    }
  }
}

/// Each object is `OBJECT TYPE SIZE`, a line feed, its bytes and a line feed (git-cat-file(1), batch output).
private func parseBatch(_ output: [UInt8], into blobs: inout [String: [UInt8]]) {
  var index = 0
  while index < output.count, let end = output[index...].firstIndex(of: 0x0a) {
    let fields = output[index..<end].split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
    guard fields.count == 3, let size = Int(fields[2]), end + 1 + size < output.count else { return }
    blobs[fields[0]] = Array(output[(end + 1)..<(end + 1 + size)])
    index = end + size + 2
  }
}
