import Glibc
import SystemPackage

/// Removes a folder beside an output folder, with all that is in it, on all threads.
///
/// Links are removed, not followed. A folder on another file system stops the removal. Signals don't.
func removeTree(_ name: String, in parent: Folder, threadCount: Int?) throws(PublishError) {
  let root = try parent.openFolder(name)
  let device = root.status.st_dev
  for entry in try root.entries() {
    guard entry.kind == .folder else {
      try root.removeFile(entry.name)
      continue
    }
    let folder = try root.openFolder(entry.name)
    let inside = try folder.entries()
    _ = try mapRanges(of: inside.count, threadCount: threadCount, stopsOnSignal: false, scratch: {}) {
      (range, _) throws(PublishError) in
      for inner in inside[range] { try folder.remove(inner, device: device) }
    }
    try root.removeEmptyFolder(entry.name)
  }
  try parent.removeEmptyFolder(name)
}

extension Folder {
  fileprivate func remove(_ entry: FolderEntry, device: dev_t) throws(PublishError) {
    guard entry.kind == .folder else { return try removeFile(entry.name) }
    let folder = try openFolder(entry.name)
    if folder.status.st_dev != device {
      throw PublishError(message: "cannot remove \(quoted(folder.path)): it is on another file system")
    }
    for inner in try folder.entries() { try folder.remove(inner, device: device) }
    try removeEmptyFolder(entry.name)
  }
}
