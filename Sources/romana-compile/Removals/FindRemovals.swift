import Emitters
import SystemPackage
import TopologyModel

/// What two trees say about the routes that a load of the newer leaves on the switches.
struct TreeRemovals {
  /// The text for a device; empty if nothing is left over.
  struct File {
    /// Below the tree's root, e.g. `tors/tor1/eos-remove.conf`.
    var path: String
    var device: String
    var bytes: [UInt8]
    var count: Int
  }
  var files: [File] = []
  /// What is to be known about other devices, one line each.
  var notes: [String] = []
}

/// Compares the tables of the switches of two trees, or of one switch.
///
/// - Parameter device: a device of the newer tree; nil compares all.
func findRemovals(former: String, present: String, device: String?) throws(PublishError) -> TreeRemovals {
  let (old, new) = (try openTree(former), try openTree(present))
  var result = TreeRemovals()
  var isKnown = false
  for role in [DeviceRole.spine, .tor] {
    let (before, now) = (try old.devices(role), try new.devices(role))
    for name in now where device == nil || device == name {
      isKnown = true
      if before.contains(name) {
        try compare(old, new, name, role, into: &result)
      } else {
        result.notes.append("\(role.folder)/\(name) is new: nothing to remove")
      }
    }
    for gone in before where device == nil && !now.contains(gone) {
      result.notes.append("\(role.folder)/\(gone) is gone: what it holds is not removed")
    }
  }
  if let device, !isKnown {
    throw PublishError(message: "\(quoted(present)) has no switch \(quoted(device))", exitStatus: 1)
  }
  return result
}

/// A tree of the compiler's, with the digests of its tables by path.
private struct ComparedTree {
  let folder: Folder
  var digests: [String: String] = [:]

  func devices(_ role: DeviceRole) throws(PublishError) -> [String] {
    try folder.openFolderIfPresent("\(role.folder)")?.entries().filter { $0.kind == .folder }.map(\.name) ?? []
  }

  /// The system of a device, if it is one that merges.
  func mergingSystem(_ path: String) -> MergingSystem? {
    MergingSystem.allCases.first { folder.kind(of: "\(path)/\($0.artifact.fileName)") == .file }
  }
}

private func openTree(_ path: String) throws(PublishError) -> ComparedTree {
  switch Folder.open(FilePath(path)) {
  case .failure(let code): throw PublishError("open the folder", path, code)
  case .success(let folder):
    guard try FormerTree(folder) != nil else {
      throw PublishError(
        message: "\(quoted(path)) was not written by romana-compile",
        help: ["name the tree of an earlier `build`, and then the new one"])
    }
    var tree = ComparedTree(folder: folder)
    // Whether the list is whole was checked when the tree was opened.
    _ = try readLines(checksumsName, in: folder) { line in
      let text = String(decoding: line, as: UTF8.self)
      if text.hasSuffix("/\(ArtifactKind.staticTable.fileName)") {
        tree.digests[String(text.dropFirst(66))] = String(text.prefix(64))
      }
      return true
    }
    return tree
  }
}

private func compare(
  _ old: ComparedTree, _ new: ComparedTree, _ name: String, _ role: DeviceRole, into result: inout TreeRemovals
) throws(PublishError) {
  let path = "\(role.folder)/\(name)"
  guard let system = new.mergingSystem(path) else {
    result.notes.append("\(path) replaces its table as a whole: nothing to remove")
    return
  }
  guard old.mergingSystem(path) == system else {
    result.notes.append("\(path) ran another system: nothing to remove")
    return
  }
  let (before, now) = (try readTable(old, name, role), try readTable(new, name, role))
  guard before.fabric == now.fabric, let fabric = Name(now.fabric), let device = Name(name) else {
    throw PublishError(
      message:
        "\(quoted(old.folder.path)) is of the fabric '\(before.fabric)', \(quoted(new.folder.path)) of '\(now.fabric)'",
      exitStatus: 1)
  }
  var stale = planRemovals(former: before.routes, present: now.routes)
  if system.overwritesPrefixes { stale.removeAll { !$0.isWholePrefix } }
  var writer = TextWriter()
  if !stale.isEmpty {
    emitRemovals(
      stale, system, of: DevicePlan(fabric: fabric, name: device, role: role, artifacts: []), into: &writer)
  }
  result.files.append(
    TreeRemovals.File(path: "\(path)/\(system.fileName)", device: name, bytes: writer.bytes, count: stale.count))
}

/// Reads a table that is as the compiler wrote it: what it says is going to be removed from a device.
private func readTable(_ tree: ComparedTree, _ name: String, _ role: DeviceRole) throws(PublishError) -> NeutralTable {
  let file = "\(role.folder)/\(name)/\(ArtifactKind.staticTable.fileName)"
  let (folder, help) = (tree.folder, ["compile the former topology again: the same input and lock give the same tree"])
  // A million routes, the most that the language lets a switch hold, take less.
  let limit = 1 << 28
  let bytes = try explaining("read", folder.path(of: file)) { () throws(Errno) in
    let input = try InputFile(file, in: folder)
    return try input.read(min(limit, Int(input.status.st_size) + 1))
  }
  var hasher = SHA256Hasher()
  hasher.update(bytes)
  guard hasher.finish().hex == tree.digests[file] else {
    throw PublishError(
      message: "\(quoted(folder.path(of: file))) is not the file that \(checksumsName) lists", help: help)
  }
  do throws(NeutralTableError) {
    return try NeutralTable(bytes, role: role, device: name)
  } catch {
    throw PublishError(
      message: "line \(error.line) of \(quoted(folder.path(of: file))) is damaged: \(error.message)",
      help: help)
  }
}

extension MergingSystem {
  /// What the removal is called beside the device's own file.
  fileprivate var fileName: String {
    switch self {
    case .eos: "eos-remove.conf"
    case .nxos: "nxos-remove.conf"
    case .sonic: "sonic-remove.json"
    case .nvue: "nvue-remove.sh"
    }
  }
}
