import Subprocess
import SystemPackage

/// What a program printed and how it ended.
struct CommandResult: Sendable {
  /// The exit status, or 128 and the signal that ended it.
  var status: Int32
  var output: String
  var error: String

  /// What it printed; a status other than 0 is an error that shows the last of what the program said.
  ///
  /// - Parameter device: the device that it ran on, if it was one.
  func outputOrThrow(_ command: [String], on device: String? = nil) throws(LabError) -> String {
    guard status == 0 else {
      let said = (error + output).split(separator: "\n").suffix(6).joined(separator: "\n  ")
      let place = device.map { "\($0): " } ?? ""
      throw LabError("\(place)\(command.joined(separator: " ")) ended with status \(status)\n  \(said)")
    }
    return output
  }
}

/// A program of the system failed, or something of the machine is not as the lab needs it.
package struct LabError: Error, Sendable, CustomStringConvertible {
  package var message: String
  package var help: [String] = []
  package var description: String { message }

  package init(_ message: String, help: [String] = []) {
    self.message = message
    self.help = help
  }
}

/// The search path of the programs; those of the lab's packages are in the `sbin` folders.
private let searchPath = "/usr/sbin:/usr/bin:/sbin:/bin"

/// Runs a program to its end and gives what it printed, at most 8 MiB; never fails because of its status.
///
/// - Parameters:
///   - input: what it reads from standard input.
///   - firstInPath: a folder whose programs hide those of the system.
func execute(
  _ command: [String], input: String = "", firstInPath: String? = nil, variables: [(String, String)] = []
) async throws(LabError) -> CommandResult {
  var environment: [Environment.Key: String] = [
    "PATH": (firstInPath.map { $0 + ":" } ?? "") + searchPath, "LC_ALL": "C", "HOME": "/root", "TERM": "dumb",
  ]
  for (name, value) in variables { environment[Environment.Key(rawValue: name)!] = value }
  do {
    let result = try await Subprocess.run(
      command[0].contains("/") ? .path(FilePath(command[0])) : .name(command[0]),
      arguments: Arguments(Array(command.dropFirst())), environment: .custom(environment),
      workingDirectory: "/", input: .string(input), output: .string(limit: 8 << 20), error: .string(limit: 1 << 20))
    let status: Int32 =
      switch result.terminationStatus {
      case .exited(let code): Int32(code)
      case .signaled(let signal): 128 + Int32(signal)
      }
    return CommandResult(status: status, output: result.standardOutput, error: result.standardError)
  } catch {
    throw LabError("cannot run \(command.joined(separator: " ")): \(error)")
  }
}

/// As `execute`, but a status other than 0 is an error that shows what the program said.
@discardableResult
func executeOrThrow(
  _ command: [String], input: String = "", firstInPath: String? = nil, variables: [(String, String)] = []
) async throws(LabError) -> String {
  try await execute(command, input: input, firstInPath: firstInPath, variables: variables).outputOrThrow(command)
}

/// Runs the same work for many things, a few at a time; results in the order of the things.
func concurrently<Item: Sendable, Result: Sendable>(
  _ items: [Item], limit: Int = 6, _ work: @escaping @Sendable (Item) async throws -> Result
) async throws -> [Result] {
  try await withThrowingTaskGroup(of: (Int, Result).self) { group in
    var results = [Result?](repeating: nil, count: items.count)
    var next = 0
    func start() {
      guard next < items.count else { return }
      let (index, item) = (next, items[next])
      next += 1
      group.addTask { (index, try await work(item)) }
    }
    for _ in 0..<limit { start() }
    while let (index, result) = try await group.next() {
      results[index] = result
      start()
    }
    return results.compactMap(\.self)
  }
}

/// A point in time on a clock that only goes forward; differences in seconds.
struct Stopwatch: Sendable {
  private let start = ContinuousClock.now

  var seconds: Double {
    let elapsed = ContinuousClock.now - start
    return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
  }
}

func pause(_ seconds: Double) async { try? await Task.sleep(for: .milliseconds(Int(seconds * 1000))) }
