/// A set of paths inside a tree, held as 64-bit hashes: some 10 bytes a path, 700,000 paths in a large fabric.
///
/// The hash is keyed anew in every process. That an unlisted path among a million looks listed has a chance of 1 in
/// 10^13; nothing that is written depends on a hash.
struct PathSet: Sendable {
  private var hashes: Set<Int> = []

  var count: Int { hashes.count }

  mutating func insert(_ path: UnsafeRawBufferPointer) { hashes.insert(hash(path)) }

  mutating func insert(_ path: String) {
    var path = path
    path.withUTF8 { insert(UnsafeRawBufferPointer($0)) }
  }

  func contains(_ path: String) -> Bool {
    var path = path
    return path.withUTF8 { hashes.contains(hash(UnsafeRawBufferPointer($0))) }
  }

  private func hash(_ path: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: path)
    return hasher.finalize()
  }
}

/// What a walk through a tree found.
struct TreeListing: Sendable {
  /// The regular files whose paths were in the set.
  var listedFiles = 0
  /// Everything else but folders: sorted, at most as many as were asked for.
  var unlisted: [String] = []
  var unlistedCount = 0

  fileprivate mutating func add(_ path: String, _ kind: EntryKind, in paths: PathSet, limit: Int) {
    if kind == .file && paths.contains(path) {
      listedFiles += 1
    } else {
      unlistedCount += 1
      if unlisted.count < limit { unlisted.append(path) }
    }
  }

  fileprivate mutating func add(_ other: TreeListing, limit: Int) {
    listedFiles += other.listedFiles
    unlistedCount += other.unlistedCount
    unlisted += other.unlisted.prefix(limit - unlisted.count)
  }
}

/// Compares what a tree holds with a set of paths. Folders as such don't count.
func listTree(
  _ root: Folder, against paths: PathSet, limit: Int, threadCount: Int?
) throws(PublishError) -> TreeListing {
  var listing = TreeListing()
  for entry in try root.entries() {
    guard entry.kind == .folder else {
      listing.add(entry.name, entry.kind, in: paths, limit: limit)
      continue
    }
    let folder = try root.openFolder(entry.name)
    let inside = try folder.entries()
    let parts = try mapRanges(of: inside.count, threadCount: threadCount, scratch: {}) {
      (range, _) throws(PublishError) in
      var part = TreeListing()
      for inner in inside[range] {
        try part.walk(inner, of: folder, at: "\(entry.name)/\(inner.name)", against: paths, limit: limit)
      }
      return part
    }
    for part in parts { listing.add(part, limit: limit) }
  }
  return listing
}

extension TreeListing {
  fileprivate mutating func walk(
    _ entry: FolderEntry, of above: Folder, at path: String, against paths: PathSet, limit: Int
  ) throws(PublishError) {
    guard entry.kind == .folder else { return add(path, entry.kind, in: paths, limit: limit) }
    let folder = try above.openFolder(entry.name)
    for inner in try folder.entries() {
      try walk(inner, of: folder, at: "\(path)/\(inner.name)", against: paths, limit: limit)
    }
  }
}
