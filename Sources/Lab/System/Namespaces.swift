import CNamespaces
import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// The folder in which ip-netns(8) keeps a file for each named network namespace.
let namespaceFolder = "/run/netns/"

/// Runs a closure on a thread of its own that lives in a network namespace, and ends with it.
///
/// Sockets that the closure opens stay in the namespace for good; so one process can speak for many endpoints.
func inNamespace<Result: Sendable>(
  _ name: String, _ work: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await onThread {
    try enterNamespace(name)
    return try work()
  }
}

/// Moves the calling thread into a namespace. Only for threads that were made for it: see `onThread`.
func enterNamespace(_ name: String) throws(LabError) {
  let descriptor = open(namespaceFolder + name, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw LabError("there is no network namespace \(name)") }
  defer { close(descriptor) }
  guard setns(descriptor, Int32(romanaNetworkNamespace)) == 0 else {
    throw LabError("cannot enter the network namespace \(name): \(Errno(rawValue: errno))")
  }
}

/// Runs a closure on a new thread, since a thread that entered a namespace must not be used for anything else.
func onThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    let box = ThreadBox { continuation.resume(with: Swift.Result(catching: work)) }
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<ThreadBox>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, Unmanaged.passRetained(box).toOpaque())
    guard status == 0 else {
      continuation.resume(throwing: LabError("cannot start a thread: \(Errno(rawValue: status))"))
      return
    }
    pthread_detach(thread)
  }
}

private final class ThreadBox: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// The number of a namespace's file on nsfs, by which processes in it are known; nil if there is none.
func namespaceNumber(_ path: String) -> UInt64? {
  var status = stat()
  return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
}

/// The processes whose threads live in any of these namespaces, whoever started them there.
func processesInside(_ namespaces: [String]) -> [pid_t] {
  let numbers = Set(namespaces.compactMap { namespaceNumber(namespaceFolder + $0) })
  guard !numbers.isEmpty, let folder = opendir("/proc") else { return [] }
  defer { closedir(folder) }
  var result: [pid_t] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    guard let process = pid_t(name), process != getpid() else { continue }
    if let number = namespaceNumber("/proc/\(process)/ns/net"), numbers.contains(number) { result.append(process) }
  }
  return result
}

/// Ends processes: politely, and after two seconds for good.
func endProcesses(_ processes: @autoclosure () -> [pid_t]) async {
  for signal in [SIGTERM, SIGKILL] {
    for process in processes() { kill(process, signal) }
    for _ in 0..<40 {
      if processes().isEmpty { return }
      await pause(0.05)
    }
  }
}
