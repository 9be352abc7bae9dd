import Subprocess
import SystemPackage
import Testing
import TopologyModel

@testable import Lab

#if canImport(Glibc)
  import Glibc
#endif

/// What was set up goes, and only that.
@Suite(.enabled(if: isRoot, "labs need root"))
struct TakeDownTests {
  private func record(_ identity: LabIdentity) -> LabRecord {
    LabRecord(
      identity: identity, fabric: "starter", topology: "", lock: "", sample: nil, digest: "", backend: .nft,
      isReady: false)
  }

  /// Two labs of one topology stand beside each other; taking one down leaves the other whole.
  @Test func twoLabsDoNotMeet() async throws {
    try await LabGate.shared.run {
      let plan = try examplePlan("starter")
      let first = try await bringUpLab(plan, LabOptions()) { record($0) }
      let second = try await bringUpLab(plan, LabOptions()) { record($0) }
      let before = traces(of: second.identity)
      try await takeDown(first.identity)
      #expect(traces(of: first.identity).isEmpty)
      #expect(traces(of: second.identity) == before && !before.isEmpty)
      var options = LabOptions()
      options.backends = [.nft]
      options.testsFaults = false
      let report = try await testLab(LabRecord(second.identity), plan, options)
      if !report.hasPassed { Issue.record("\(report.table())") }
      try await takeDown(second.identity)
      #expect(traces(of: second.identity).isEmpty)
    }
  }

  /// A lab whose process was killed on the way: a namespace, a process in it, a folder, no record.
  @Test func anInterruptedLabIsFoundAndRemoved() async throws {
    let identity = try #require(LabIdentity("fffff0"))
    mkdir("/run/romana-lab", 0o755)
    mkdir("/run/romana-lab/\(identity)", 0o755)
    mkdir("/etc/frr/rlab-\(identity)-0", 0o755)
    let namespace = "rlab-\(identity)-h1"
    _ = try await Subprocess.run(.name("ip"), arguments: ["netns", "add", namespace], output: .discarded)
    let inside = "sleep 600 >/dev/null 2>&1 & echo $!"
    let started = try await Subprocess.run(
      .name("ip"), arguments: ["netns", "exec", namespace, "sh", "-c", inside], output: .string(limit: 100))
    let sleeper = try #require(pid_t(started.standardOutput.filter(\.isNumber)))
    #expect(processesInside([namespace]) == [sleeper])
    let found = LabRecord.all().first { $0.identity == identity }
    #expect(found != nil && found?.isReady == false)
    try await takeDown(identity)
    // A process that nobody waits for stays a zombie, which has no namespaces any more.
    #expect(namespaceNumber("/proc/\(sleeper)/ns/net") == nil)
    #expect(traces(of: identity).isEmpty)
  }

  /// A cancelled lab (an interrupt) leaves nothing.
  @Test func aCancelledLabLeavesNothing() async throws {
    try await LabGate.shared.run {
      let plan = try examplePlan("starter")
      let named = Named()
      let task = Task {
        try await runLab(plan, LabOptions()) { identity in
          named.identity = identity
          return record(identity)
        }
      }
      try await Task.sleep(for: .seconds(2))
      task.cancel()
      await #expect(throws: (any Error).self) { try await task.value }
      #expect(traces(of: try #require(named.identity)).isEmpty)
    }
  }

  /// Only ever written before the task is cancelled, and read after it has ended.
  private final class Named: @unchecked Sendable { var identity: LabIdentity? }

  /// Only exact names in the folder of labs are labs.
  @Test(arguments: ["", "12345", "1234567", "ABCDEF", "../etc", "12345g"])
  func namesAreReadStrictly(_ text: String) {
    #expect(LabIdentity(text) == nil)
  }
}
