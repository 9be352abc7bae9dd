import Dispatch
import Synchronization
import SystemPackage

extension RenderedTree {
  /// Writes the two manifests into the root of a tree, side by side: the list of digests waits for the digest of
  /// `manifest.json` only where its line stands.
  func writeManifests(
    _ scope: TreeScope, _ identity: TreeIdentity, in root: Folder, threadCount: Int?
  ) throws(PublishError) {
    let digest = Mutex<SHA256Digest?>(nil)
    let isKnown = DispatchSemaphore(value: 0)
    // The first range is always begun first, so that on one thread the second has nothing to wait for; and a
    // signal stops neither, since the second would wait for ever.
    _ = try mapRanges(of: 2, threadCount: threadCount, stopsOnSignal: false, scratch: {}) {
      (range, _) throws(PublishError) in
      if range.contains(0) {
        defer { isKnown.signal() }
        let found = try writeManifest(scope, identity, in: root)
        digest.withLock { $0 = found }
      } else {
        try root.makeFile(checksumsName) { (take) throws(PublishError) in
          let manifestDigest = {
            isKnown.wait()
            // None if `manifest.json` failed: the whole tree is given up then.
            return digest.withLock(\.self) ?? SHA256Digest()
          }
          try streamChecksums(self, manifestDigest: manifestDigest, to: take)
        }
      }
    }
  }

  private func writeManifest(
    _ scope: TreeScope, _ identity: TreeIdentity, in root: Folder
  ) throws(PublishError) -> SHA256Digest {
    var hasher = SHA256Hasher()
    try root.makeFile(manifestName) { (take) throws(PublishError) in
      try streamManifest(self, scope, identity) { (block) throws(PublishError) in
        hasher.update(block)
        try take(block)
      }
    }
    return hasher.finish()
  }

  /// Whether both manifests in the root of a tree are the ones of this tree, byte for byte.
  func hasSameManifests(
    _ scope: TreeScope, _ identity: TreeIdentity, in root: Folder
  ) throws(PublishError) -> Bool {
    var hasher = SHA256Hasher()
    let isSame = try root.holds(manifestName) { (take) throws(PublishError) in
      try streamManifest(self, scope, identity) { (block) throws(PublishError) in
        hasher.update(block)
        try take(block)
      }
    }
    guard isSame else { return false }
    let digest = hasher.finish()
    return try root.holds(checksumsName) { (take) throws(PublishError) in
      try streamChecksums(self, manifestDigest: { digest }, to: take)
    }
  }
}

/// Takes the next block of a file.
typealias TakeBlock = (UnsafeRawBufferPointer) throws(PublishError) -> Void

extension Folder {
  /// Creates a file from blocks.
  fileprivate func makeFile(
    _ name: String, _ write: (TakeBlock) throws(PublishError) -> Void
  ) throws(PublishError) {
    let path = path(of: name)
    let file = try explaining("create", path) { () throws(Errno) in try OutputFile(name, in: self) }
    try write { (block) throws(PublishError) in
      try explaining("write", path) { () throws(Errno) in try file.write(block) }
    }
    do throws(Errno) { try file.finish() } catch { throw PublishError("write", path, error) }
  }

  /// Whether a file consists of exactly these blocks.
  fileprivate func holds(
    _ name: String, _ write: (TakeBlock) throws(PublishError) -> Void
  ) throws(PublishError) -> Bool {
    let path = path(of: name)
    let file = try explaining("read", path) { () throws(Errno) in try InputFile(name, in: self) }
    var buffer: [UInt8] = []
    var isSame = true
    try write { (block) throws(PublishError) in
      guard isSame else { return }
      isSame = try explaining("read", path) { () throws(Errno) in try file.continues(with: block, &buffer) }
    }
    guard isSame else { return false }
    return try explaining("read", path) { () throws(Errno) in try file.read(1).isEmpty }
  }
}
