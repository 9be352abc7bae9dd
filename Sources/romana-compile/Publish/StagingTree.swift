import Emitters
import Glibc
import Synchronization
import SystemPackage
import TopologyModel

/// The tree that grows beside the old one. Its folder is made only when there is something to put into it.
final class StagingTree: Sendable {
  private let location: OutputLocation
  private let made = Mutex<Made?>(nil)

  private struct Made {
    var root: Folder
    var roles: [DeviceRole: Folder]
  }

  init(_ location: OutputLocation) { self.location = location }

  var exists: Bool { made.withLock { $0 != nil } }

  /// The folder of the tree itself.
  func root() throws(PublishError) -> Folder { try make(for: nil).root }

  /// The folder of a role, e.g. `hosts`.
  func folder(_ role: DeviceRole) throws(PublishError) -> Folder { try make(for: role).roles[role]! }

  private func make(for role: DeviceRole?) throws(PublishError) -> Made {
    try made.withLock { (state) throws(PublishError) in
      if state == nil {
        try location.parent.makeFolder(location.stagingName)
        state = Made(root: try location.parent.openFolder(location.stagingName), roles: [:])
      }
      if let role, state!.roles[role] == nil {
        try state!.root.makeFolder("\(role.folder)")
        state!.roles[role] = try state!.root.openFolder("\(role.folder)")
      }
      return state!
    }
  }

  /// Writes the file that was just rendered.
  func write(
    _ device: DeviceReference, _ kind: ArtifactKind, _ scratch: inout RenderScratch
  ) throws(PublishError) {
    let folder = try folder(device.role)
    if !scratch.isFolderMade {
      scratch.isFolderMade = true
      scratch.path.set(device)
      try scratch.path.withText { (path) throws(PublishError) in try folder.makeFolder(path) }
      scratch.path.set(device, kind)
    }
    let bytes = scratch.writer.bytes
    try scratch.path.withText { (path) throws(PublishError) in
      try folder.makeFile(path, bytes, isExecutable: kind.isExecutable)
    }
  }

  /// Takes over every file that the former tree has already.
  func takeEqualFiles(
    of tree: RenderedTree, from former: RoleFolders, threadCount: Int?
  ) throws(PublishError) {
    _ = try mapRanges(of: tree.parts.count, threadCount: threadCount, scratch: { DevicePath() }) {
      (range, path) throws(PublishError) in
      for part in tree.parts[range] {
        for files in part.chunkedByDevice {
          try self.takeEqualFiles(of: tree.devices[Int(files.first!.device)], files, from: former, &path)
        }
      }
    }
  }

  private func takeEqualFiles(
    of device: DeviceReference, _ files: ArraySlice<FileRecord>, from former: RoleFolders,
    _ path: inout DevicePath
  ) throws(PublishError) {
    let equal = files.filter { $0.state == .equal }
    guard !equal.isEmpty, let source = former[device.role] else { return }
    let folder = try folder(device.role)
    if equal.count == files.count {
      path.set(device)
      try path.withText { (path) throws(PublishError) in try folder.makeFolder(path) }
    }
    for file in equal {
      path.set(device, file.kind)
      try path.withText { (path) throws(PublishError) in
        try folder.takeFile(path, from: source, isExecutable: file.kind.isExecutable)
      }
    }
  }
}

extension [FileRecord] {
  /// The files device by device.
  fileprivate var chunkedByDevice: [ArraySlice<FileRecord>] {
    var result: [ArraySlice<FileRecord>] = []
    var start = 0
    for index in indices where index + 1 == count || self[index + 1].device != self[index].device {
      result.append(self[start...index])
      start = index + 1
    }
    return result
  }
}
