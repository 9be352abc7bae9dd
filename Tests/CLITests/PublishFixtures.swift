import Emitters
import Glibc
import Testing
import TopologyModel

@testable import romana_compile

/// A folder that lives as long as a test.
final class TestFolder: Sendable {
  let path: String

  /// - Parameter above: The folder to make it in.
  init(in above: String = "/tmp") throws {
    var template = Array("\(above)/romana-publish-XXXXXX".utf8CString)
    let isMade = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
    try #require(isMade)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { _ = try? runProgram("rm", ["-rf", path]) }

  func write(_ text: String, to name: String) throws {
    let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    try Array(text.utf8).withUnsafeBytes { try writeAll($0, to: descriptor) }
  }

  func read(_ name: String) throws -> String {
    let finished = try runProgram("cat", ["\(path)/\(name)"])
    try #require(finished.status == 0)
    return finished.output
  }

  /// What lies in the folder itself, hidden names included, sorted.
  func names() throws -> [String] {
    switch Folder.open(.init(path)) {
    case .success(let folder): try folder.entries().map(\.name)
    case .failure(let code): throw code
    }
  }
}

/// How a program ended; the status of a shell: 128 and the signal's number if a signal ended it.
struct FinishedProgram {
  var status: Int32
  var output: String
  var errors: String
}

/// A program that runs.
struct RunningProgram {
  let process: pid_t
  private let output, errors: String

  init(_ name: String, _ arguments: [String]) throws {
    (output, errors) = try (makeTemporaryFile(), makeTemporaryFile())
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY, 0)
    var words: [UnsafeMutablePointer<CChar>?] = ([name] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    // The threads that tests run on block signals, and tests under nohup(1) or in the background of a shell ignore some: a child would
    // inherit both.
    var attributes = posix_spawnattr_t()
    var (noSignals, allSignals) = (sigset_t(), sigset_t())
    sigemptyset(&noSignals)
    sigfillset(&allSignals)
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setsigdefault(&attributes, &allSignals)
    var process = pid_t()
    let code = posix_spawnp(&process, name, &actions, &attributes, words, environ)
    try #require(code == 0, "\(name): \(String(cString: strerror(code)))")
    self.process = process
  }

  func send(_ signal: Int32) { kill(process, signal) }

  /// Whether it has not ended; leaves it to be waited for.
  var isRunning: Bool {
    var info = siginfo_t()
    return waitid(P_PID, id_t(process), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == 0
  }

  func finish() throws -> FinishedProgram {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    defer {
      unlink(output)
      unlink(errors)
    }
    let code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    return FinishedProgram(status: code, output: try textOfFile(output), errors: try textOfFile(errors))
  }
}

func runProgram(_ name: String, _ arguments: [String]) throws -> FinishedProgram {
  try RunningProgram(name, arguments).finish()
}

private func makeTemporaryFile() throws -> String {
  var template = Array("/tmp/romana-output-XXXXXX".utf8CString)
  let descriptor = template.withUnsafeMutableBufferPointer { mkstemp($0.baseAddress!) }
  try #require(descriptor >= 0)
  close(descriptor)
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

private func textOfFile(_ path: String) throws -> String {
  let descriptor = open(path, O_RDONLY)
  try #require(descriptor >= 0)
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = read(descriptor, &block, block.count), count > 0 { bytes += block[..<count] }
  return String(decoding: bytes, as: UTF8.self)
}
