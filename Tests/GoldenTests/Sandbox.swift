import Subprocess
import SystemPackage
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Runs the scripts of `Scripts/` in namespaces of their own (network, mounts, processes, host name): unshare(1) makes
/// them, and everything in them ends with the script, so that nothing has to be named, stopped or removed.
enum Sandbox {
  private static let scripts = FilePath(#filePath).removingLastComponent().appending("Scripts")

  /// The sections of what a script printed, by name; nil, with a note, if it can't run here.
  static func run(
    _ script: String, _ arguments: [String], needs programs: [String], seconds: Int = 60
  ) async throws -> [String: [String]]? {
    guard try await isAvailable(script, programs) else { return nil }
    let unshare = [
      "--signal=KILL", "\(seconds)", "unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child",
      "--mount-proc", "/bin/sh", scripts.appending(script).string,
    ]
    let result = try await Subprocess.run(
      .name("timeout"), arguments: Arguments(unshare + arguments), output: .string(limit: 1 << 24),
      error: .string(limit: 1 << 20))
    var sections: [String: [String]] = [:]
    var name = ""
    for line in result.standardOutput.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("== ") {
        name = String(line.dropFirst(3))
        sections[name] = []
      } else {
        sections[name, default: []].append(String(line))
      }
    }
    #expect(
      sections["end"] != nil,
      "\(script) \(arguments): \(result.terminationStatus) \(result.standardError) \(result.standardOutput.suffix(2000))"
    )
    return sections
  }

  /// Whether namespaces can be made and the programs are there.
  private static func isAvailable(_ what: String, _ programs: [String]) async throws -> Bool {
    guard has(programs, for: what) else { return false }
    if geteuid() != 0 { return leaveOut(what, "needs root") }
    return await canUnshare ? true : leaveOut(what, "namespaces can't be made here")
  }

  /// Whether programs are installed.
  static func has(_ programs: [String], for what: String) -> Bool {
    let missing = programs.filter { program in
      !["/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/", "/usr/lib/frr/"].contains { access($0 + program, X_OK) == 0 }
    }
    return missing.isEmpty ? true : leaveOut(what, "needs \(missing.joined(separator: ", "))")
  }

  /// Whether a program is there that no package puts into a usual place.
  static func hasFile(_ path: String, for what: String, hint: String) -> Bool {
    access(path, X_OK) == 0 ? true : leaveOut(what, "run \(hint)")
  }

  /// Prints what can't be tested here; in CI nothing may be left out.
  private static func leaveOut(_ what: String, _ reason: String) -> Bool {
    if Repository.isContinuousIntegration { Issue.record("\(what) is left out: \(reason)") }
    print("left out: \(what): \(reason)")
    return false
  }

  private static var canUnshare: Bool {
    get async {
      let result = try? await Subprocess.run(
        .name("unshare"), arguments: ["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "true"],
        output: .discarded)
      return result?.terminationStatus.isSuccess ?? false
    }
  }
}
