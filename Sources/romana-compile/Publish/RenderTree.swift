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

/// The same of a file that is about the fabric as a whole.
struct FabricRecord: Sendable {
  var file: FabricFile
  var digest: SHA256Digest
  var size: Int
  var state: FileState

  var path: String { "\(file.path)" }
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
  /// In the order of their paths.
  var fabric: [FabricRecord] = []
  /// The local additions, which the manifest lists.
  var insertions: [PlacedInsertion] = []

  var records: some Sequence<FileRecord> { parts.lazy.joined() }

  /// The devices with the names of their files, for those who bring the files to them.
  func fleet(_ plan: NetworkPlan) -> Fleet {
    var artifacts: [DeviceReference: [ArtifactKind]] = [:]
    for record in records { artifacts[devices[Int(record.device)], default: []].append(record.kind) }
    return Fleet(plan, artifacts)
  }

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

extension RenderedTree {
  /// Spells the files that are about the fabric as a whole, and shows each to `visit` while its bytes are there.
  mutating func renderFabricFiles(
    _ plan: NetworkPlan, visit: (FabricFile, [UInt8]) throws(PublishError) -> FileState
  ) throws(PublishError) {
    let fleet = fleet(plan)
    var writer = TextWriter(reservingBytes: 1 << 14)
    var hasher = SHA256Hasher()
    for file in plan.fabricFiles.inPathOrder {
      writer.removeAll()
      emit(file, of: fleet, into: &writer)
      let digest = hasher.digest(of: writer.bytes)
      let state = try visit(file, writer.bytes)
      fabric.append(FabricRecord(file: file, digest: digest, size: writer.bytes.count, state: state))
    }
  }
}

extension Folder {
  /// Compares bytes with the file at a path; one that can't be read is different.
  func compare(_ path: String, with bytes: [UInt8], isExecutable: Bool = false) -> FileState {
    var buffer: [UInt8] = []
    return path.withCString { path in
      bytes.withUnsafeBufferPointer { compare(path, UnsafeRawBufferPointer($0), isExecutable: isExecutable, &buffer) }
    }
  }

  fileprivate func compare(
    _ path: UnsafePointer<CChar>, _ bytes: UnsafeRawBufferPointer, isExecutable: Bool, _ buffer: inout [UInt8]
  ) -> FileState {
    do throws(Errno) {
      let file = try InputFile(path, in: self)
      let status = file.status
      guard EntryKind(mode: status.st_mode) == .file, (status.st_mode & S_IXUSR != 0) == isExecutable,
        Int(status.st_size) == bytes.count
      else { return .different }
      return try file.continues(with: bytes, &buffer) ? .equal : .different
    } catch {
      return error == .noSuchFileOrDirectory ? .missing : .different
    }
  }
}

/// The folders of the roles in a tree on disk, as far as they exist.
struct RoleFolders: Sendable {
  private let hosts, tors, spines, vpcs: Folder?

  init(of root: Folder) throws(PublishError) {
    hosts = try root.openFolderIfPresent("\(DeviceRole.host.folder)")
    tors = try root.openFolderIfPresent("\(DeviceRole.tor.folder)")
    spines = try root.openFolderIfPresent("\(DeviceRole.spine.folder)")
    vpcs = try root.openFolderIfPresent("\(DeviceRole.vpc.folder)")
  }

  subscript(role: DeviceRole) -> Folder? {
    switch role {
    case .upstream: nil
    case .host: hosts
    case .tor: tors
    case .spine: spines
    case .vpc: vpcs
    }
  }

  /// Compares the file that was just rendered with the one on disk; one that can't be read is different.
  func compare(_ device: DeviceReference, _ kind: ArtifactKind, _ scratch: inout RenderScratch) -> FileState {
    guard let folder = self[device.role] else { return .missing }
    let bytes = scratch.writer.bytes
    return scratch.path.withText { path in
      bytes.withUnsafeBufferPointer {
        folder.compare(path, UnsafeRawBufferPointer($0), isExecutable: kind.isExecutable, &scratch.buffer)
      }
    }
  }
}
