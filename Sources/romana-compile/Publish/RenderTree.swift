import Emitters
import Glibc
import SystemPackage
import TopologyModel

/// What is known of a rendered file once its bytes are gone: 48 bytes, so that a large fabric's fit in memory.
struct FileRecord: Sendable {
  var digest: SHA256Digest
  var size: UInt32
  /// Index into `RenderedTree.devices`.
  var device: UInt32
  var kind: ArtifactKind
  var state: FileState
}

/// How a rendered file stands to the file of the same path in a tree on disk.
enum FileState: Sendable {
  /// There is none.
  case missing
  /// It has other bytes, or is a program and may not run, or the other way round.
  case different
  case equal
}

/// The files of a tree in the order of their paths, byte by byte.
struct RenderedTree: Sendable {
  let devices: [DeviceReference]
  /// By consecutive ranges of devices, the files of a device never in two of them.
  let parts: [[FileRecord]]
  /// The local additions, which the manifest lists.
  var insertions: [PlacedInsertion] = []

  var records: some Sequence<FileRecord> { parts.lazy.joined() }

  func path(_ record: FileRecord) -> String {
    "\(devices[Int(record.device)].folderPath)/\(record.kind.fileName)"
  }
}

/// What one thread uses over and over.
struct RenderScratch: ~Copyable {
  var writer = TextWriter(reservingBytes: 1 << 14)
  var hasher = SHA256Hasher()
  var path = DevicePath()
  /// For what is read from a disk.
  var buffer: [UInt8] = []
  /// Whether the folder of the device at hand was made in the tree that is being written.
  var isFolderMade = false
}

/// Plans and spells the files of the devices, on all threads, and shows each to `visit` while its bytes are there.
func renderTree(
  _ plan: NetworkPlan, shared: SharedFragments, devices: [DeviceReference], threadCount: Int?,
  visit: @Sendable (DeviceReference, ArtifactKind, inout RenderScratch) throws(PublishError) -> FileState
) throws(PublishError) -> RenderedTree {
  let parts = try mapRanges(of: devices.count, threadCount: threadCount, scratch: { RenderScratch() }) {
    (range, scratch) throws(PublishError) in
    var records: [FileRecord] = []
    records.reserveCapacity(range.count * 8)
    for index in range {
      let device = plan.plan(devices[index])
      scratch.isFolderMade = false
      for kind in kindsInPathOrder where device.artifacts.contains(kind) {
        scratch.writer.removeAll()
        emit(kind, of: device, shared: shared, into: &scratch.writer)
        let digest = scratch.hasher.digest(of: scratch.writer.bytes)
        scratch.path.set(devices[index], kind)
        let state = try visit(devices[index], kind, &scratch)
        records.append(
          FileRecord(
            digest: digest, size: UInt32(scratch.writer.bytes.count), device: UInt32(index), kind: kind,
            state: state))
      }
    }
    return records
  }
  return RenderedTree(devices: devices, parts: parts, insertions: plan.topology.insertions)
}

/// The folders of the roles in a tree on disk, as far as they exist.
struct RoleFolders: Sendable {
  private let hosts, tors, spines: Folder?

  init(of root: Folder) throws(PublishError) {
    hosts = try root.openFolderIfPresent("\(DeviceRole.host.folder)")
    tors = try root.openFolderIfPresent("\(DeviceRole.tor.folder)")
    spines = try root.openFolderIfPresent("\(DeviceRole.spine.folder)")
  }

  subscript(role: DeviceRole) -> Folder? {
    switch role {
    case .upstream: nil
    case .host: hosts
    case .tor: tors
    case .spine: spines
    }
  }

  /// Compares the file that was just rendered with the one on disk; one that can't be read is different.
  func compare(_ device: DeviceReference, _ kind: ArtifactKind, _ scratch: inout RenderScratch) -> FileState {
    guard let folder = self[device.role] else { return .missing }
    let (path, bytes) = (scratch.path, scratch.writer.bytes)
    do throws(Errno) {
      return try path.withText { (path) throws(Errno) in
        let file = try InputFile(path, in: folder)
        let status = file.status
        let isExecutable = status.st_mode & S_IXUSR != 0
        guard EntryKind(mode: status.st_mode) == .file, isExecutable == kind.isExecutable,
          Int(status.st_size) == bytes.count
        else { return .different }
        return try bytes.withUnsafeBufferPointer { (bytes) throws(Errno) in
          try file.continues(with: UnsafeRawBufferPointer(bytes), &scratch.buffer) ? .equal : .different
        }
      }
    } catch {
      return error == .noSuchFileOrDirectory ? .missing : .different
    }
  }
}
