import Lab
import SystemPackage
import Testing
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// Labs need root; without it these tests are left out, which `RootTests` makes a failure in CI.
let isRoot = geteuid() == 0

/// The root of the repository.
let repository = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()

func examplePlan(_ name: String) throws -> NetworkPlan {
  var sources = SourceMap()
  var diagnostics = Diagnostics()
  let path = repository.appending("examples").appending(name).appending("topology.yaml").string
  let document = try #require(loadTopology(path, into: &sources, &diagnostics))
  let resolved = resolveTopology(document, lock: nil, &diagnostics)
  var printer = DiagnosticPrinter(sources: sources, colored: false)
  let plan = try #require(resolved, "\(printer.text(diagnostics))")
  return NetworkPlan(plan.topology)
}

/// At most six labs at a time: they mostly wait, but more on two cores would make BFD's 0.9 s too short.
actor LabGate {
  static let shared = LabGate()
  private var free = 6
  private var waiting: [CheckedContinuation<Void, Never>] = []

  private func enter() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  private func leave() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }

  nonisolated func run<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
    await enter()
    do {
      let value = try await body()
      await leave()
      return value
    } catch {
      await leave()
      throw error
    }
  }
}

/// Sets up, tests and removes a lab of an example.
func runExample(_ name: String, _ options: LabOptions) async throws -> LabReport {
  let plan = try examplePlan(name)
  return try await LabGate.shared.run {
    try await runLab(plan, options) { identity in
      LabRecord(
        identity: identity, fabric: name, topology: "", lock: "", sample: nil, digest: "", backend: .nft,
        isReady: false)
    }
  }
}

/// What the machine has of a lab: namespaces, folders.
func traces(of identity: LabIdentity) -> [String] {
  ["/run/netns", "/run/romana-lab", "/etc/frr", "/var/run/frr"].flatMap { folder in
    expandGlob("\(folder)/*\(identity)*")
  }
}
