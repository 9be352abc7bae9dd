import Emitters
import Lab
import Testing
import TopologyModel

/// Files that are wrong on purpose: the lab must notice each, and the scenario that should.
@Suite(.enabled(if: isRoot, "labs need root"))
struct WrongFileTests {
  private func run(
    _ example: String = "starter", only: [String], _ rewriting: @escaping FileRewriting
  ) async throws -> LabReport {
    var options = LabOptions()
    options.backends = [.nft]
    options.only = only
    options.patience = 9
    options.rewriting = rewriting
    return try await runExample(example, options)
  }

  /// Removes the lines that fulfil a condition; a test that removes none would prove nothing.
  private static func remove(_ text: String, where matches: (Substring) -> Bool) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let kept = lines.filter { !matches($0) }
    if kept.count == lines.count { Issue.record("nothing was removed from:\n\(text)") }
    return kept.joined(separator: "\n")
  }

  private static func replace(_ text: String, _ old: String, _ new: String) -> String {
    if !text.contains(old) { Issue.record("'\(old)' is not in:\n\(text)") }
    return text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
  }

  private func expectFailure(_ report: LabReport, of scenario: String, _ finding: String) {
    let failed = report.results.filter { $0.verdict == .failed }
    #expect(failed.contains { $0.name == scenario }, "\(report.table())")
    #expect(failed.contains { $0.findings.contains { $0.contains(finding) } }, "\(report.table())")
  }

  @Test func aDroppedFilterLineIsCaught() async throws {
    let report = try await run(only: ["routing tables"]) { device, kind, text in
      guard device.name.text == "tor1", kind == .frr else { return text }
      return Self.remove(text) { $0.hasSuffix("prefix-list host-h1 in") }
    }
    expectFailure(report, of: "routing tables and sessions", "tor1: 10.0.0.0/22 via 172.16.1.1 is missing")
  }

  @Test func aWidenedPrefixIsCaught() async throws {
    let report = try await run(only: ["host announces"]) { device, kind, text in
      guard device.name.text == "tor1", kind == .frr else { return text }
      return Self.replace(
        text, "prefix-list host-h1 seq 5 permit 10.0.0.0/22", "prefix-list host-h1 seq 5 permit 10.0.0.0/16 le 32")
    }
    expectFailure(report, of: "host announces more specific prefixes", "should not be there")
    expectFailure(report, of: "host announces another's prefix", "tor1")
  }

  @Test func aSwappedMaskIsCaught() async throws {
    let report = try await run(only: ["reachability"]) { _, kind, text in
      guard kind == .rulesIPv4 else { return text }
      return Self.replace(text, "/255.255.3.224", "/255.255.224.3")
    }
    expectFailure(report, of: "reachability", "no answer")
  }

  @Test func aSwappedMaskOfATableIsCaught() async throws {
    let report = try await run("nftables", only: ["reachability"]) { _, kind, text in
      guard kind == .rulesNFT else { return text }
      return Self.replace(text, "ip daddr & 255.128.31.224 @pairs4-0", "ip daddr & 255.128.31.0 @pairs4-0")
    }
    expectFailure(report, of: "reachability", "no answer")
  }

  @Test func aWidenedElementOfATableIsCaught() async throws {
    let report = try await run("nftables", only: ["reachability"]) { _, kind, text in
      guard kind == .rulesNFT else { return text }
      return Self.replace(text, "10.0.2.0/24 . 10.0.2.0/24", "10.0.0.0/9 . 10.0.2.0/24")
    }
    expectFailure(report, of: "reachability", "must be dropped")
  }

  @Test func aTableWithoutAntiSpoofingIsCaught() async throws {
    let report = try await run("nftables", only: ["spoofed"]) { device, kind, text in
      guard device.name.text == "h1", kind == .rulesNFT else { return text }
      return Self.remove(text) { $0.hasPrefix("    iifname \"eth0\" ip saddr {") }
    }
    expectFailure(report, of: "spoofed sources", "must be dropped")
  }

  @Test func theShortWayBetweenVLANsIsCaught() async throws {
    let report = try await run("vlans", only: ["between VLANs"]) { device, kind, text in
      guard device.name.text == "h1", kind == .vlansScript else { return text }
      return Self.remove(text) { $0.hasPrefix("rule 4 7711 ") }
    }
    expectFailure(report, of: "traffic between VLANs of a host passes the gateway", "but must be dropped")
  }

  @Test func aVLANThatDoesNotFailClosedIsCaught() async throws {
    let report = try await run("vlans", only: ["VLAN of a host down and up (h1)"]) { device, kind, text in
      guard device.name.text == "h1", kind == .vlansScript else { return text }
      return Self.remove(text) { $0.hasPrefix("route ") && $0.contains(" blackhole ") }
    }
    expectFailure(report, of: "VLAN of a host down and up (h1)", "but must be dropped")
  }

  @Test func aMissingDiscardRouteIsCaught() async throws {
    let report = try await run(only: ["routing tables", "unallocated"]) { device, kind, text in
      guard device.name.text == "h1", kind == .routesScript else { return text }
      return Self.remove(text) { $0.hasPrefix("route ") && $0.contains(" blackhole ") }
    }
    expectFailure(report, of: "routing tables and sessions", "h1: 10.0.0.0/22 discard is missing")
    expectFailure(report, of: "packets to unallocated addresses", "went round")
  }

  /// The rule against own addresses that come in on the uplink, and that against any endpoint's on other interfaces.
  @Test(arguments: ["-A romana-spoof -s 10.0.0.0/22 -i eth0 ", "-A romana-spoof -s 10.0.0.0/16 -m"])
  func aMissingAntiSpoofRuleIsCaught(_ rule: String) async throws {
    let report = try await run(only: ["spoofed"]) { device, kind, text in
      guard device.name.text == "h1", kind == .rulesIPv4 else { return text }
      return Self.remove(text) { $0.hasPrefix(rule) }
    }
    expectFailure(report, of: "spoofed sources", "must be dropped")
  }

  /// What WireGuard is not told to let pass does not come out of a tunnel, though the routes are there.
  @Test func aMissingAllowedPrefixOfATunnelIsCaught() async throws {
    let report = try await run("hybrid", only: ["reachability"]) { device, kind, text in
      guard device.name.text == "a1", kind == .tunnelsScript else { return text }
      return Self.remove(text) { $0.hasPrefix("allow romana-t0 10.0.0.0/14") }
    }
    expectFailure(report, of: "reachability", "to acme/web@a1")
  }
}
