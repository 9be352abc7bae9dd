import Glibc
import TopologyModel

/// Why git did not do what was asked, in its own words.
struct GitError: Error {
  var message: String
}

/// Runs git and gives what it writes to standard output.
///
/// Not by swift-subprocess, which the lab and the tests have: that is async, and the stages of the compiler, which read from a
/// revision as they read from the disk (`FileSource`), are not.
///
/// - Parameter input: what it reads from standard input, up to the size of a pipe (64 KiB).
func runGit(_ arguments: [String], input: [UInt8] = []) throws(GitError) -> [UInt8] {
  let (stdin, stdout, stderr) = (try makePipe(), try makePipe(), try makePipe())
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, stdin.read, 0)
  posix_spawn_file_actions_adddup2(&actions, stdout.write, 1)
  posix_spawn_file_actions_adddup2(&actions, stderr.write, 2)
  let words: [UnsafeMutablePointer<CChar>?] = (["git"] + arguments).map { strdup($0) } + [nil]
  defer { for word in words { free(word) } }
  var process = pid_t()
  let status = posix_spawnp(&process, "git", &actions, nil, words, environ)
  for end in [stdin.read, stdout.write, stderr.write] { close(end) }
  defer { for end in [stdout.read, stderr.read] { close(end) } }
  guard status == 0 else {
    close(stdin.write)
    throw GitError(message: "cannot run git: \(systemErrorText(status))")
  }
  var sent = 0
  while sent < input.count {
    let count = input.withUnsafeBytes { write(stdin.write, $0.baseAddress! + sent, input.count - sent) }
    if count <= 0 { break }
    sent += count
  }
  close(stdin.write)
  let output = readAll(stdout.read)
  // What git says of an error is a line or two, so it never waits for a reader.
  let complaint = readAll(stderr.read)
  var code: Int32 = 0
  while waitpid(process, &code, 0) < 0, errno == EINTR {}
  guard code == 0 else {
    let text = String(decoding: complaint, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
    throw GitError(message: text.isEmpty ? "git failed" : text)
  }
  return output
}

private func makePipe() throws(GitError) -> (read: Int32, write: Int32) {
  var ends: [Int32] = [0, 0]
  guard pipe(&ends) == 0 else { throw GitError(message: "no pipe: \(systemErrorText(errno))") }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  return (ends[0], ends[1])
}

private func readAll(_ descriptor: Int32) -> [UInt8] {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return bytes }
    bytes += buffer[..<count]
  }
}
