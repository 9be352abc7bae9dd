import Emitters
import Subprocess
import SystemPackage
import Testing
import TopologyModel

@testable import romana_compile

#if canImport(Glibc)
  import Glibc
#endif

/// Whole trees, byte for byte. `make golden` writes them anew.
@Suite struct GoldenTreeTests {
  @Test(arguments: Example.names)
  func treeIsWhatTheExampleCompilesTo(_ name: String) throws {
    let example = try Example.named(name)
    let compilation = example.compilation
    if Repository.isRewriting {
      try rewriting()
      let lock = Repository.examples.appending(name).appending("topology.lock.yaml").string
      if compilation.changesLock { try writeLock(compilation.lock, to: lock) }
      let summary = try publishTree(
        compilation.plan, shared: SharedFragments(compilation.plan), scope: .fabric, identity: compilation.identity,
        to: example.golden.string, options: PublishOptions(handlesSignals: false))
      #expect(summary.outcome == .unchanged, "rewritten: read git diff")
      return
    }
    let comparison = try compareTree(
      compilation.plan, shared: SharedFragments(compilation.plan), scope: .fabric, identity: compilation.identity,
      with: example.golden.string, options: CompareOptions())
    #expect(comparison.isEqual, "\(comparison.text)")
    #expect(comparison.filesCompared > 0)
  }

  /// The sample of the language's page: what the compiler can't do yet is said, and nothing else.
  @Test func referenceIsCheckedAsRecorded() async throws {
    let expected = Repository.golden.appending("reference").appending("expected.txt")
    let result = try await run(
      .path(Repository.program), arguments: ["check", "examples/reference/topology.yaml"],
      workingDirectory: Repository.root, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    let text = result.standardOutput + result.standardError + "status \(result.terminationStatus.code)\n"
    if Repository.isRewriting {
      try rewriting()
      let old = try? Repository.read(expected)
      mkdir(Repository.golden.appending("reference").string, 0o755)
      try Repository.write(text, to: expected)
      #expect(old.map { $0 == Array(text.utf8) } ?? false, "rewritten: read git diff")
      return
    }
    #expect(text == String(decoding: try Repository.read(expected), as: UTF8.self))
    let codes = text.split(separator: "\n").filter { $0.hasPrefix("error") || $0.hasPrefix("warning") }
    #expect(codes.allSatisfy { $0.hasPrefix("error[RC0212]: ") && $0.hasSuffix(": not supported yet") })
  }

  /// No tree stays behind when its example goes.
  @Test func everyGoldenFolderHasAnExample() {
    let folders = expandGlob(Repository.golden.appending("*").string).compactMap { FilePath($0).lastComponent?.string }
    #expect(
      Set(folders) == Set(Example.names + ["reference", "diagnostics", "graph", "diff", "import", "trace", "explain"]))
  }
}

struct NotInContinuousIntegration: Error {}

/// A rewrite where goldens are to be compared would hide every mistake.
func rewriting() throws {
  if Repository.isContinuousIntegration { throw NotInContinuousIntegration() }
}

extension TerminationStatus {
  /// The exit status, or 128 and the signal's number as a shell has it.
  var code: Int32 {
    switch self {
    case .exited(let code): Int32(code)
    case .signaled(let signal): 128 + Int32(signal)
    }
  }
}
