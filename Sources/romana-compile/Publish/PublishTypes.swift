import TopologyModel

/// What `manifest.json` says about a tree as a whole.
struct TreeIdentity: Sendable {
  var compilerVersion: String
  var fabric: Name
  /// The digest of everything that the tree was compiled from, 64 hexadecimal digits.
  var topologyDigest: String
}

/// Which devices a tree holds.
enum TreeScope: Sendable, Equatable {
  case fabric
  /// One device, in a tree of its own.
  case device(DeviceReference)

  /// The scope in `manifest.json`: `fabric`, or the folder of the device.
  var text: String {
    switch self {
    case .fabric: "fabric"
    case .device(let device): device.folderPath
    }
  }
}

extension DeviceReference {
  /// The folder of the device in a tree, e.g. `hosts/h1`.
  var folderPath: String { "\(role.folder)/\(name.text)" }
}

/// How a tree is written; none of it changes a byte of the tree.
struct PublishOptions: Sendable {
  /// What the compiler did not write may be deleted from the output folder.
  var force = false
  /// Writes the tree to the disk before it takes its place.
  ///
  /// Off by default. A kill or a full disk can't hurt without it, and after a power failure the next run finds
  /// what is damaged (it compares bytes, not dates) and `sha256sum -c` names it; flushing a file system costs more
  /// than a whole build.
  var syncsToDisk = false
  /// The number of threads, at least 1; nil takes all processors.
  var threadCount: Int?
  /// SIGINT, SIGTERM and SIGHUP end the run in good order, the old tree in place.
  var handlesSignals = true
  /// False takes the way of file systems that cannot exchange two folders; for tests.
  var canExchange = true
}

/// What a run did to the output folder.
struct PublishSummary: Sendable, Equatable {
  enum Outcome: Sendable {
    /// Nothing was touched.
    case unchanged
    /// There was no tree before.
    case created
    case replaced
  }

  var output: String
  var outcome = Outcome.unchanged
  var devices = 0
  /// The files that are new or differ from what stood there, and their size.
  var filesWritten = 0
  var bytesWritten = 0
  /// The files that the old tree had already.
  var filesKept = 0
  var filesRemoved = 0
  /// What --force deleted is not counted.
  var isForced = false
  /// The new tree is in place, but the user should know this.
  var warnings: [String] = []

  /// Counts a file of the new tree; what the old one had is counted as removed before.
  mutating func add(_ state: FileState, _ size: Int) {
    if state != .missing { filesRemoved -= 1 }
    if state == .equal {
      filesKept += 1
    } else {
      filesWritten += 1
      bytesWritten += size
    }
  }

  /// One line for the user.
  var text: String {
    let tree = "\(printable(output)): \(counted(devices, "device"))"
    switch outcome {
    case .unchanged: return "\(tree), \(counted(filesKept, "file")), nothing to change"
    case .created: return "\(tree), \(counted(filesWritten, "file")) written"
    case .replaced:
      let written = "\(tree), \(counted(filesWritten, "file")) written"
      return isForced
        ? "\(written) in place of what was there"
        : "\(written), \(filesKept) unchanged, \(filesRemoved) removed"
    }
  }
}
