import SystemPackage
import TopologyModel

/// A tree of the compiler's own that stands at the output path already.
struct FormerTree: Sendable {
  let root: Folder
  /// The scope that its manifest names.
  let scope: String
  /// Every file that it lists, and the list itself.
  let paths: PathSet

  /// Reads the two manifests of a folder; nil if it is no tree of the compiler's.
  init?(_ root: Folder) throws(PublishError) {
    guard let scope = try readScope(of: root), root.kind(of: checksumsName) == .file else { return nil }
    var paths = PathSet()
    var lineNumber = 1
    let isWhole = try readLines(checksumsName, in: root) { line in
      guard let path = listedPath(line) else { return false }
      paths.insert(path)
      lineNumber += 1
      return true
    }
    if !isWhole {
      throw PublishError(
        message: "line \(lineNumber) of \(quoted(root.path(of: checksumsName))) is damaged",
        help: [
          "what the compiler wrote there can't be told from what others did; --force deletes the whole folder"
        ])
    }
    paths.insert(checksumsName)
    self.root = root
    self.scope = scope
    self.paths = paths
  }

  /// Refuses to replace the tree of a whole fabric, or of another device, by that of one device.
  func refuseOtherScope(_ new: TreeScope) throws(PublishError) {
    if new == .fabric || scope == new.text { return }
    let held =
      scope == TreeScope.fabric.text ? "the tree of a whole fabric" : "the tree of \(quoted(scope)) alone"
    throw PublishError(
      message: "\(quoted(root.path)) holds \(held), which the tree of \(quoted(new.text)) would replace",
      help: ["name another folder for the device, or replace the tree with --force"])
  }
}

/// The list of digests, in the format of sha256sum(1).
let checksumsName = "MANIFEST.sha256"
/// The list of files with what they are.
let manifestName = "manifest.json"
/// How `manifest.json` begins, whatever version of the compiler wrote it.
let manifestSignature = "  \"schema\": \"romana-compile/manifest/"

/// The scope in `manifest.json`, nil if the file is missing or someone else's.
private func readScope(of root: Folder) throws(PublishError) -> String? {
  guard root.kind(of: manifestName) == .file else { return nil }
  let bytes = try explaining("read", root.path(of: manifestName)) { () throws(Errno) in
    try InputFile(manifestName, in: root).read(4096)
  }
  let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  guard lines.count > 4, lines[0] == "{", lines[1].hasPrefix(manifestSignature) else { return nil }
  let key = "  \"scope\": \""
  guard let line = lines.first(where: { $0.hasPrefix(key) }), line.hasSuffix("\",") else { return nil }
  return String(line.dropFirst(key.count).dropLast(2))
}

/// The path in a line of the list of digests: 64 lower-case hexadecimal digits, two blanks, a relative path.
private func listedPath(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
  let blank = UInt8(ascii: " ")
  guard line.count > 66, line[64] == blank, line[65] == blank, line[66] != UInt8(ascii: "/"),
    line[..<64].allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
  else { return nil }
  return UnsafeRawBufferPointer(rebasing: line[66...])
}

/// Refuses a folder that holds anything that the compiler did not write.
func refuseForeignFiles(in tree: FormerTree, threadCount: Int?) throws(PublishError) -> TreeListing {
  let listing = try listTree(tree.root, against: tree.paths, limit: 5, threadCount: threadCount)
  if listing.unlistedCount == 0 { return listing }
  throw PublishError(
    message:
      "\(quoted(tree.root.path)) holds \(counted(listing.unlistedCount, "file")) that romana-compile did not "
      + "write: \(exampleList(listing.unlisted, of: listing.unlistedCount))",
    help: ["move what you want to keep elsewhere, or delete it with --force"])
}

/// The message about a folder that has no manifest of the compiler's.
func foreignFolderError(_ folder: Folder) throws(PublishError) -> PublishError {
  let names = try folder.entries().map(\.name)
  return PublishError(
    message:
      "\(quoted(folder.path)) was not written by romana-compile (it lacks a valid \(checksumsName) and "
      + "\(manifestName)) and is not empty: it holds \(exampleList(Array(names.prefix(5)), of: names.count))",
    help: ["name another folder or an empty one; --force deletes everything in \(quoted(folder.path))"])
}

private func exampleList(_ examples: [String], of count: Int) -> String {
  let more = count > examples.count ? " and \(count - examples.count) more" : ""
  return examples.map(quoted).joined(separator: ", ") + more
}
