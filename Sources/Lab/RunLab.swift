import TopologyModel

/// How a lab is set up and tested.
package struct LabOptions: Sendable {
  /// The forms of iptables that the rules are tested with, in this order.
  package var backends = FirewallBackendProgram.allCases
  /// About how many devices a large topology's lab has; nil: all.
  package var sample: Int?
  /// Whether things are broken on purpose.
  package var testsFaults = true
  /// Only the scenarios whose names contain one of these; empty: all.
  package var only: [String] = []
  /// How long the network may take to be as planned, in seconds.
  package var patience = 40.0
  package var rewriting: FileRewriting?
  /// Called with a line about what happens now.
  package var progress: @Sendable (String) -> Void = { _ in }

  package init() {}
}

/// Sets up a lab, tests it, and removes it however that went; also if the task is cancelled.
package func runLab(
  _ plan: NetworkPlan, _ options: LabOptions, record: (LabIdentity) -> LabRecord
) async throws -> LabReport {
  try checkMachine(plan)
  let record = record(try reserveIdentity())
  guard let lock = LabLock(record.identity) else { throw LabError("another process has taken the new lab") }
  do {
    let report = try await setUpAndTest(plan, options, record)
    options.progress("taking it down")
    try await takeDownUncancelled(record.identity)
    _ = consume lock
    return report
  } catch {
    try? await takeDownUncancelled(record.identity)
    throw error
  }
}

private func setUpAndTest(
  _ plan: NetworkPlan, _ options: LabOptions, _ record: LabRecord
) async throws -> LabReport {
  let watch = Stopwatch()
  let backend = options.backends.first ?? .nft
  let lab = try makeLab(plan, options, record.identity)
  try record.save()
  try await lab.setUp(backend)
  return try await test(lab, options, started: backend, watch)
}

/// Sets up a lab that stays. If that fails, nothing stays.
package func bringUpLab(
  _ plan: NetworkPlan, _ options: LabOptions, record: (LabIdentity) -> LabRecord
) async throws -> LabRecord {
  try checkMachine(plan)
  var record = record(try reserveIdentity())
  record.backend = options.backends.first ?? .nft
  guard let lock = LabLock(record.identity) else { throw LabError("another process has taken the new lab") }
  do {
    let lab = try makeLab(plan, options, record.identity)
    try record.save()
    try await lab.setUp(record.backend)
    let state = try await lab.waitFor(.healthy, seconds: 40)
    for line in state.findings.lines { options.progress("not as planned: \(line)") }
    record.isReady = true
    try record.save()
    _ = consume lock
    return record
  } catch {
    try? await takeDownUncancelled(record.identity)
    throw error
  }
}

/// Tests a lab that stands.
package func testLab(_ record: LabRecord, _ plan: NetworkPlan, _ options: LabOptions) async throws -> LabReport {
  guard let lock = LabLock(record.identity) else {
    throw LabError("another process works on the lab \(record.identity)")
  }
  var options = options
  options.sample = record.sample
  let lab = try makeLab(plan, options, record.identity)
  let report = try await test(lab, options, started: record.backend, Stopwatch())
  _ = consume lock
  return report
}

private func makeLab(_ plan: NetworkPlan, _ options: LabOptions, _ identity: LabIdentity) throws(LabError) -> Lab {
  let layout = try planLayout(plan, sampleDevices(plan, options.sample), identity)
  return Lab(layout: layout, plan: plan, rewriting: options.rewriting, progress: options.progress)
}

/// A name for a new lab, and its folder.
private func reserveIdentity() throws(LabError) -> LabIdentity {
  try makeFolder(labsFolder)
  let identity = LabIdentity()
  try makeFolder(identity.folder)
  return identity
}

private func test(
  _ lab: Lab, _ options: LabOptions, started: FirewallBackendProgram, _ watch: Stopwatch
) async throws -> LabReport {
  var test = try await LabTest(lab, started, only: options.only, patience: options.patience)
  defer { test.field.close() }
  try await test.testConvergence()
  // A table of nftables is the same whatever form iptables has on the machine.
  let hasIPTables = lab.nodes.contains { $0.plan.artifacts.contains(.rulesIPv4) }
  for backend in [started] + options.backends.filter({ $0 != started && hasIPTables }) {
    try await test.change(to: backend)
    try await test.testMatrix()
    try await test.testSpoofing()
    try await test.testServices()
    guard options.testsFaults else { continue }
    try await test.testReapplying()
    try await test.testOlderTopology()
    try await test.testTightening()
    try await test.testBlockGrowth()
  }
  try await test.change(to: started)
  try await test.testUnallocated()
  try await test.testVLANs(withFaults: options.testsFaults)
  if options.testsFaults {
    try await test.testFunctionsDown()
    try await test.testCables()
    try await test.testSegments()
    try await test.testInstances()
    try await test.testGateways()
    try await test.testFlaps()
    try await test.testDualHoming()
    try await test.testDaemons()
    try await test.testRogueHosts()
    try await test.testUpstream()
    try await test.testUpstreams()
  }
  return LabReport(
    identity: lab.identity, fabric: lab.layout.topology.fabric, devices: lab.nodes.count,
    playedByLinux: lab.nodes.compactMap { node in node.playedSystem.map { "\(node.name) (\($0.rawValue))" } },
    links: lab.layout.links.count, endpoints: lab.layout.endpoints.count,
    devicesOfTopology: lab.plan.devices.count, results: test.journal.results, seconds: watch.seconds)
}

extension LabTest {
  /// Gives the hosts the same rules by the other form of iptables.
  mutating func change(to new: FirewallBackendProgram) async throws {
    guard new != backend else { return }
    try await lab.clearFirewalls(backend)
    backend = new
    try await lab.applyFirewalls(new)
  }
}

/// Takes a lab down even if the task that did the lab's work was cancelled.
private func takeDownUncancelled(_ identity: LabIdentity) async throws {
  try await Task.detached { try await takeDown(identity) }.value
}
