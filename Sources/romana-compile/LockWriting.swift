import SystemPackage
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// Replaces the lock file in one step: a killed process or a full disk leaves the old one.
func writeLock(_ lock: LockFile, to path: String) throws(PublishError) {
  let temporary = "\(path).\(getpid()).tmp"
  do {
    let descriptor = try FileDescriptor.open(
      FilePath(temporary), .writeOnly, options: [.create, .truncate, .noFollow],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
    try descriptor.closeAfter {
      _ = try descriptor.writeAll(lock.renderedText())
      guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }
    guard rename(temporary, path) == 0 else { throw Errno(rawValue: errno) }
  } catch {
    let reason = systemErrorText((error as? Errno)?.rawValue ?? EIO)
    unlink(temporary)
    throw PublishError(
      message: "cannot write the lock file '\(path)': \(reason); nothing was changed",
      help: ["make its folder writable, or name another place with --lock"], exitStatus: 74)
  }
}
