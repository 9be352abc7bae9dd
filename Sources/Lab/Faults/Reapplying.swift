import Emitters
import TopologyModel

/// Applying the files again and again, and over the state that an older topology left.
extension LabTest {
  func testReapplying() async throws {
    try await scenario("routes.sh and rules applied three times", perBackend: true) { result in
      let before = try await snapshot()
      let watch = Stopwatch()
      for _ in 0..<3 {
        try await lab.applyRoutes()
        try await lab.applyFirewalls(backend)
        try await lab.applyTunnels()
      }
      result.note = "\(formatSeconds(watch.seconds / 3)) a run over all devices"
      result.findings = differences(before, try await snapshot())
    }
  }

  func testOlderTopology() async throws {
    try await scenario("from the state of an older topology", perBackend: true) { result in
      let before = try await snapshot()
      do {
        try await apply(NetworkPlan(olderTopology(topology)), folder: "older")
      } catch {
        try? await lab.applyRoutes()
        try? await lab.applyFirewalls(backend)
        throw error
      }
      let older = try await snapshot()
      if older == before { result.findings.append("the older topology makes no difference: nothing is proven") }
      let watch = Stopwatch()
      try await lab.applyRoutes()
      try await lab.applyFirewalls(backend)
      result.seconds = watch.seconds
      let state = try await lab.waitFor(.healthy, seconds: 20)
      result.findings += state.findings.lines + differences(before, try await snapshot())
      result.note = "other prefixes, a tenant less; as new after one run"
    }
  }

  /// Applies the route scripts and rules of another plan to the devices of the lab.
  func apply(_ plan: NetworkPlan, folder: String, routes: Bool = true) async throws {
    let shared = SharedFragments(plan)
    let devices = try lab.nodes.map { node in
      let path = "\(lab.folder(node))/\(folder)"
      let own = labPlan(plan, node.device)
      try lab.writeFiles(of: node, own, shared, to: path)
      return WrittenScripts(
        node: node, path: path, hasVLANs: routes && own.artifacts.contains(.vlansScript),
        hasRoutes: routes && own.artifacts.contains(.routesScript), hasRules: own.firewall != nil)
    }
    _ = try await concurrently(devices) { try await run($0) }
  }

  /// Scripts of another plan that lie beside those of the lab.
  private struct WrittenScripts: Sendable {
    var node: LabNode
    var path: String
    var hasVLANs, hasRoutes, hasRules: Bool
  }

  private func run(_ scripts: WrittenScripts) async throws(LabError) {
    if scripts.hasVLANs { try await lab.applyVLANs(on: scripts.node, "\(scripts.path)/vlans.sh") }
    if scripts.hasRoutes { try await runRoutes(scripts) }
    if scripts.hasRules {
      try await lab.runOrThrow(on: scripts.node, ["sh", "\(scripts.path)/firewall.sh"], backend: backend)
    }
  }

  private func runRoutes(_ scripts: WrittenScripts) async throws(LabError) {
    let result = try await lab.run(on: scripts.node, ["sh", "\(scripts.path)/routes.sh"])
    guard result.status == 0 || result.status == 3 else {
      throw LabError("\(scripts.node.name): routes.sh of another topology failed: \(result.error)")
    }
  }

  /// Routes, gateway addresses and rules of all devices that have scripts, as text.
  private func snapshot() async throws -> [[String]] {
    try await concurrently(lab.nodes.filter { $0.plan.artifacts.contains(.routesScript) }) { node in
      var lines: [String] = []
      for family in ["-4", "-6"] {
        lines += try await lab.runOrThrow(on: node, ["ip", family, "route", "show", "table", "main"]).lines
        lines += try await lab.runOrThrow(on: node, ["ip", "-o", family, "address", "show"]).lines.filter {
          $0.contains("romana-gw") && !$0.contains("fe80:")
        }
      }
      if !node.plan.tunnels.isEmpty {
        lines += try await lab.runOrThrow(on: node, ["ip", "-o", "address", "show"]).lines.filter {
          $0.contains(" romana-t") && !$0.contains("fe80:")
        }
      }
      if let plan = node.plan.vlans { lines += try await readPolicyRouting(lab, node, plan).sorted() }
      if node.plan.artifacts.contains(.rulesNFT) {
        lines += try await lab.runOrThrow(on: node, ["nft", "-s", "list", "ruleset"]).lines
      } else if node.plan.firewall != nil {
        for program in ["iptables-save", "ip6tables-save"] {
          lines += try await lab.runOrThrow(on: node, [program], backend: backend).lines.filter { !$0.hasPrefix("#") }
            .map(withoutCounters)
        }
      }
      if node.plan.artifacts.contains(.addressSets) {
        // The kernel draws a number for each set, and its tables grow.
        lines += try await lab.runOrThrow(on: node, ["ipset", "save"]).lines.map { line in
          line.split(separator: " ").prefix(5).joined(separator: " ")
        }
      }
      return lines
    }
  }

  private func differences(_ before: [[String]], _ after: [[String]]) -> [String] {
    let names = lab.nodes.filter { $0.plan.artifacts.contains(.routesScript) }.map(\.name)
    var findings: [String] = []
    for (name, states) in zip(names, zip(before, after)) {
      let (old, new) = (Set(states.0), Set(states.1))
      findings += old.subtracting(new).sorted().map { "\(name): '\($0)' is gone" }
      findings += new.subtracting(old).sorted().map { "\(name): '\($0)' is new" }
      if old == new, states.0.count != states.1.count { findings.append("\(name): lines are there twice") }
    }
    return findings
  }
}

private func withoutCounters(_ line: String) -> String {
  guard line.hasPrefix(":"), let bracket = line.lastIndex(of: "[") else { return line }
  return String(line[..<bracket])
}

extension String {
  fileprivate var lines: [String] { split(separator: "\n").map(String.init) }
}

/// A topology that the fabric may have had before: every host one slot further, the last tenant not there yet.
func olderTopology(_ topology: Topology) -> Topology {
  var older = topology
  if older.tenants.count > 1 {
    let removed = older.tenants.removeLast()
    for host in older.hosts.indices {
      older.hosts[host].endpoints.removeAll { $0.tenant == removed.name }
      older.hosts[host].blocks.removeAll { $0.owner?.tenant == removed.name }
    }
  }
  for host in older.hosts.indices {
    older.hosts[host].id += 1
    older.hosts[host].endpoints = []
    exchangeBlocks(of: &older.hosts[host])
  }
  for rack in older.racks.indices {
    for network in older.racks[rack].allocations.indices {
      older.racks[rack].allocations[network]?.hostSlots?.mutateAll { $0 += 1 }
    }
  }
  return older
}

/// Gives each block of a host the prefix of the next, as if they had had other owners.
private func exchangeBlocks(of host: inout Host) {
  for network in Set(host.blocks.map(\.network)) {
    let indices = host.blocks.indices.filter { host.blocks[$0].network == network && host.blocks[$0].owner != nil }
    let prefixes = indices.map { host.blocks[$0].prefix }
    for (index, prefix) in zip(indices, prefixes.dropFirst() + prefixes.prefix(1)) {
      host.blocks[index].prefix = prefix
    }
  }
}

extension Array {
  fileprivate mutating func mutateAll(_ change: (inout Element) -> Void) {
    for index in indices { change(&self[index]) }
  }
}
