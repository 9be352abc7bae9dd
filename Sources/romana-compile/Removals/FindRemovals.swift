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
    let folders = (
      old: try old.openFolderIfPresent("\(role.folder)"), new: try new.openFolderIfPresent("\(role.folder)")
    )
    let names = try folders.new?.entries().filter { $0.kind == .folder }.map(\.name) ?? []
    for name in names where device == nil || device == name {
      isKnown = true
      guard let present = try folders.new?.openFolder(name) else { continue }
      try compare(try folders.old?.openFolderIfPresent(name), present, name, role, into: &result)
    }
    for gone in try folders.old?.entries() ?? [] where device == nil && !names.contains(gone.name) {
      result.notes.append("\(role.folder)/\(gone.name) is gone: what it holds is not removed")
    }
  }
  if let device, !isKnown {
    throw PublishError(message: "\(quoted(present)) has no switch \(quoted(device))", exitStatus: 1)
  }
  return result
}

private func openTree(_ path: String) throws(PublishError) -> Folder {
  switch Folder.open(FilePath(path)) {
  case .failure(let code): throw PublishError("open the folder", path, code)
  case .success(let folder):
    guard try FormerTree(folder) != nil else {
      throw PublishError(
        message: "\(quoted(path)) was not written by romana-compile",
        help: ["name the tree of an earlier `build`, and then the new one"])
    }
    return folder
  }
}

private func compare(
  _ old: Folder?, _ new: Folder, _ name: String, _ role: DeviceRole, into result: inout TreeRemovals
) throws(PublishError) {
  let path = "\(role.folder)/\(name)"
  guard let old else {
    result.notes.append("\(path) is new: nothing to remove")
    return
  }
  guard let system = mergingSystem(new) else {
    result.notes.append("\(path) replaces its table as a whole: nothing to remove")
    return
  }
  guard mergingSystem(old) == system else {
    result.notes.append("\(path) ran another system: nothing to remove")
    return
  }
  let (before, now) = (try readTable(old, name, role), try readTable(new, name, role))
  guard before.fabric == now.fabric, let fabric = Name(now.fabric), let device = Name(name) else {
    throw PublishError(
      message: "\(quoted(old.path)) is of the fabric '\(before.fabric)', \(quoted(new.path)) of '\(now.fabric)'",
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

private func mergingSystem(_ folder: Folder) -> MergingSystem? {
  MergingSystem.allCases.first { folder.kind(of: "\($0.artifact.fileName)") == .file }
}

private func readTable(_ folder: Folder, _ name: String, _ role: DeviceRole) throws(PublishError) -> NeutralTable {
  let file = "\(ArtifactKind.staticTable.fileName)"
  // A million routes, the most that the language lets a switch hold, take less.
  let limit = 1 << 28
  let bytes = try explaining("read", folder.path(of: file)) { () throws(Errno) in
    let input = try InputFile(file, in: folder)
    return try input.read(min(limit, Int(input.status.st_size) + 1))
  }
  do throws(NeutralTableError) {
    return try NeutralTable(bytes, role: role, device: name)
  } catch {
    throw PublishError(
      message: "line \(error.line) of \(quoted(folder.path(of: file))) is damaged: \(error.message)",
      help: ["compile the former topology again: the same input and lock give the same tree"])
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
