import SystemPackage
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// Replaces the lock file in one step: a killed process or a full disk leaves the old one.
func writeLock(_ lock: LockFile, to path: String) throws(PublishError) {
  try replaceFile(
    path, with: lock.renderedText(), what: "the lock file",
    help: "make its folder writable, or name another place with --lock")
}

/// Replaces a file in one step.
func replaceFile(
  _ path: String, with bytes: [UInt8], what: StaticString = "the file",
  help: String = "make its folder writable, or name another file"
) throws(PublishError) {
  let temporary = "\(path).\(getpid()).tmp"
  do {
    let descriptor = try FileDescriptor.open(
      FilePath(temporary), .writeOnly, options: [.create, .truncate, .noFollow],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
    try descriptor.closeAfter {
      _ = try descriptor.writeAll(bytes)
      guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }
    guard rename(temporary, path) == 0 else { throw Errno(rawValue: errno) }
  } catch {
    let reason = systemErrorText((error as? Errno)?.rawValue ?? EIO)
    unlink(temporary)
    throw PublishError(
      message: "cannot write \(what) '\(path)': \(reason); nothing was changed", help: [help], exitStatus: 74)
  }
}
