import Lab
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The labs of the examples, all faults. The table of each goes to the output of the test.
@Suite(.enabled(if: isRoot, "labs need root"))
struct ExampleLabTests {
  /// One form of iptables does where the routing daemon is what differs. Of a fabric with one kind of speaker the daemon's own faults do:
  /// the others are those of the fabric with all.
  @Test(
    arguments: [
      ("vlans", ["BIRD", "BIRD 1.6", "ExaBGP", "FRR", "Quagga"]),
      ("mixed-speakers", ["BIRD", "BIRD 1.6", "ExaBGP", "FRR", "Quagga"]),
      ("ospf-speakers", ["BIRD", "BIRD 1.6", "FRR", "Quagga"]),
      ("exabgp-hosts", ["ExaBGP"]), ("bird1-hosts", ["BIRD 1.6"]), ("frr-hosts", ["FRR"]), ("quagga-hosts", ["Quagga"]),
    ])
  func everySpeakerIsAsPlanned(_ example: String, _ daemons: [String]) async throws {
    var options = LabOptions()
    options.backends = [.nft]
    if daemons.count == 1 { options.only = ["routing tables", "reachability", "unallocated", "of a host"] }
    let passed = try await passedFaults(example, options).names
    for daemon in daemons {
      #expect(passed.contains("\(daemon) of a host killed") || passed.contains("\(daemon) of an OSPF host killed"))
      let suffix = daemons.count > 1 ? " (\(daemon))" : ""
      #expect(passed.contains("link of a host cut\(suffix)") && passed.contains("link of a host silent\(suffix)"))
    }
  }

  /// One form of iptables does where the fabric is what differs. Those that take longest come first, so that they do not end last.
  @Test(arguments: [
    "layer2-pair", "dual-homed", "upstreams", "ospf", "unnumbered", "layer2-access", "split-layer2", "route-reflectors",
    "tor-systems", "static-fabric", "flat-layer2",
  ])
  func everyFabricIsAsPlanned(_ example: String) async throws {
    var options = LabOptions()
    options.backends = [.nft]
    try await check(example, options)
  }

  /// Both forms of iptables, for what packet filters do.
  @Test(arguments: ["starter", "dual-stack", "nftables", "address-blocks"])
  func everythingIsAsPlanned(_ example: String) async throws {
    try await check(example, LabOptions())
  }

  /// Where hosts are filtered themselves: what may come to them, and that routing goes on.
  @Test func strictHostsAreAsPlanned() async throws {
    var options = LabOptions()
    options.only = [
      "routing tables", "reachability", "spoofed", "applied", "older topology", "tightened", "of a host silent",
      "killed", "host announces",
    ]
    try await check("strict-hosts", options)
  }

  /// Sessions with keys come up, come back, and do not with a wrong key.
  @Test func keysAreNeeded() async throws {
    var options = LabOptions()
    options.backends = [.nft]
    options.only = ["routing tables", "reachability", "killed", "host announces", "host with"]
    let report = try await check("tcp-md5", options)
    #expect(report.results.contains { $0.verdict == .passed && $0.name.contains("wrong key") }, "\(report.table())")
  }

  /// The VPC's tables in a namespace: packets between zones, and to the outside with the instance's address; forwarding instances are
  /// lost and the emitted failover.sh is run. Regions and a data center by tunnels, which gateways are lost of.
  @Test(arguments: [
    ("ec2-three-zones", FirewallBackendProgram.allCases, ["routing tables", "reachability"]),
    ("ec2-zone-aggregates", [.nft], ["routing tables", "packets to unallocated", "forwarding instance"]),
    ("ec2-transit-gateways", [.nft], ["routing tables", "reachability", "packets to unallocated"]),
    (
      "hybrid", [.nft],
      ["routing tables", "reachability", "applied three times", "packets to unallocated", "gateway to other"]
    ),
    ("region-tunnels", [.nft], ["routing tables", "reachability", "gateway to other"]),
    ("ec2-peerings", [.nft], ["routing tables", "reachability", "gateway to other"]),
  ])
  func zonesAndRegionsReachEachOther(_ example: String, _ backends: [FirewallBackendProgram], _ only: [String])
    async throws
  {
    var options = LabOptions()
    (options.backends, options.only) = (backends, only)
    let passed = try await passedFaults(example, options).names
    for name in only { #expect(passed.contains { $0.contains(name) }) }
    if only.contains("forwarding instance") {
      #expect(passed.count { $0.hasPrefix("forwarding instance lost") } == 3)
    }
  }

  /// Functions seen as hops, each unplugged in turn.
  @Test func servicesAreSeen() async throws {
    var options = LabOptions()
    options.only = ["reachability", "spoofed", "service"]
    let passed = try await passedFaults("services", options).names
    #expect(passed.count(where: { $0 == "service chains" }) == 2)
    #expect(passed.contains("service function down (ids1)"))
  }

  @Test func aSampleOfALargeTopologyIsAsPlanned() async throws {
    var options = LabOptions()
    options.sample = 8
    let report = try await check("routed-access", options)
    #expect(report.devices == 8)
    #expect(report.devicesOfTopology == 262)
  }

  @discardableResult
  private func check(_ example: String, _ options: LabOptions) async throws -> LabReport {
    let (names, report) = try await passedFaults(example, options)
    #expect(names.count(where: { $0 == "reachability" }) == options.backends.count)
    if !["static-fabric", "tor-systems", "flat-layer2"].contains(example) {
      #expect(names.contains("BIRD of a host killed") && names.contains("host announces another's prefix"))
    }
    return report
  }

  /// Runs a lab in which all must be as planned and which leaves nothing behind; gives what passed, for the rule that nothing was left out.
  private func passedFaults(
    _ example: String, _ options: LabOptions
  ) async throws -> (names: [String], report: LabReport) {
    let report = try await runExample(example, options)
    print(report.table())
    if !report.hasPassed { Issue.record("\(report.table())") }
    #expect(traces(of: report.identity).isEmpty)
    return (report.results.filter { $0.verdict == .passed }.map(\.name), report)
  }
}

/// In CI a machine without root must not look as if the labs had passed.
@Suite struct RootTests {
  @Test func labsAreNotLeftOutInCI() {
    let isCI = getenv("CI").map { String(cString: $0) == "true" } ?? false
    #expect(isRoot || !isCI, "the labs need root")
  }
}
