import Glibc
import SystemPackage

/// The right to write one output folder: flock(2) on a file beside it, which lives only as long as the run.
///
/// The kernel gives the lock up with the process, so a killed run never blocks the next one; the empty file that it
/// leaves behind means nothing.
struct OutputLock: ~Copyable {
  private let location: OutputLocation
  private let descriptor: Int32

  /// Takes the lock, or fails at once when another process has it.
  init(_ location: OutputLocation) throws(PublishError) {
    self.location = location
    while true {
      let descriptor = openat(
        location.parent.descriptor, location.lockName, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
      if descriptor < 0 { throw PublishError("create", location.parent.path(of: location.lockName), .last) }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        let code = Errno.last
        close(descriptor)
        throw Self.refusal(code, location)
      }
      if Self.isCurrent(descriptor, location) {
        self.descriptor = descriptor
        return
      }
      // The run before removed the file between the opening and the lock.
      close(descriptor)
    }
  }

  /// Removes the file while the lock is still held; who waits with it open will see that it is gone.
  deinit {
    unlinkat(location.parent.descriptor, location.lockName, 0)
    close(descriptor)
  }

  private static func isCurrent(_ descriptor: Int32, _ location: OutputLocation) -> Bool {
    var own = stat()
    guard fstat(descriptor, &own) == 0, let named = location.parent.status(of: location.lockName) else {
      return false
    }
    return own.st_ino == named.st_ino && own.st_dev == named.st_dev
  }

  private static func refusal(_ code: Errno, _ location: OutputLocation) -> PublishError {
    if code == .wouldBlock {
      return PublishError(
        message: "another run of romana-compile is writing \(quoted(location.path)) at this moment",
        help: ["wait until it has ended; nothing was done"])
    }
    return PublishError("lock", location.parent.path(of: location.lockName), code)
  }
}
