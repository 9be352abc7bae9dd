import Emitters
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// Writing the emitted files where the devices of the lab find them, and applying them as a device would.
extension Lab {
  func writeFiles() throws(LabError) {
    try makeFolder("\(identity.folder)/devices")
    let shared = SharedFragments(plan)
    for node in nodes { try writeFiles(of: node, node.plan, shared, to: folder(node)) }
    for backend in FirewallBackendProgram.allCases { try linkBackend(backend) }
  }

  func writeFiles(
    of node: LabNode, _ devicePlan: DevicePlan, _ shared: SharedFragments, to folder: String
  ) throws(LabError) {
    try makeFolder(folder)
    for kind in devicePlan.artifacts {
      var text = String(decoding: shared.bytes(kind, of: devicePlan), as: UTF8.self)
      if kind == .tunnelsScript { text = withLabKeys(text, of: node) }
      if let rewriting { text = rewriting(node.device, kind, text) }
      try write(text, to: "\(folder)/\(kind.fileName)", mode: kind.isExecutable ? 0o755 : 0o644)
    }
  }

  /// A folder in which `iptables` is one of its two forms, as update-alternatives(1) would choose it for a machine.
  private func linkBackend(_ backend: FirewallBackendProgram) throws(LabError) {
    let folder = "\(identity.folder)/bin-\(backend.rawValue)"
    try makeFolder(folder)
    for family in ["iptables", "ip6tables"] {
      for ending in ["", "-restore", "-save"] {
        let target = "/usr/sbin/\(family)-\(backend.rawValue)\(ending)"
        guard symlink(target, "\(folder)/\(family)\(ending)") == 0 || errno == EEXIST else {
          throw systemError("cannot link \(target)")
        }
      }
    }
  }

  func applySysctls() async throws {
    _ = try await concurrently(nodes) { node in
      try await runOrThrow(on: node, ["sysctl", "-q", "-p", file(node, .sysctl)])
    }
  }

  func applyFirewalls(_ backend: FirewallBackendProgram) async throws {
    _ = try await concurrently(nodes.filter { $0.plan.firewall != nil }) { node in
      try await applyFirewall(on: node, backend)
    }
  }

  @discardableResult
  func applyFirewall(on node: LabNode, _ backend: FirewallBackendProgram) async throws(LabError) -> String {
    try await runOrThrow(on: node, ["sh", file(node, .firewallScript)], backend: backend)
  }

  /// Takes every rule away, so that the other backend starts with an empty kernel.
  func clearFirewalls(_ backend: FirewallBackendProgram) async throws {
    _ = try await concurrently(nodes.filter { $0.plan.firewall != nil }) { node in
      if node.plan.artifacts.contains(.rulesNFT) {
        try await runOrThrow(on: node, ["nft", "delete", "table", "inet", "romana"])
        return
      }
      for family in ["iptables", "ip6tables"] {
        if !node.plan.steering.isEmpty {
          let empty = "*mangle\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n"
          try await runOrThrow(on: node, ["\(family)-restore"], input: empty, backend: backend)
        }
        if node.plan.firewall?.ipv4.translation.isEmpty == false
          || node.plan.firewall?.ipv6.translation.isEmpty == false
        {
          let empty = "*nat\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n"
          try await runOrThrow(on: node, ["\(family)-restore"], input: empty, backend: backend)
        }
        let empty = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
        try await runOrThrow(on: node, ["\(family)-restore"], input: empty, backend: backend)
      }
    }
  }

  /// Runs `routes.sh` on every device that has one.
  func applyRoutes() async throws {
    _ = try await concurrently(nodes.filter { $0.plan.artifacts.contains(.routesScript) }) { node in
      try await applyRoutes(on: node)
    }
  }

  /// Status 3 says that a next hop or an interface is not there: so it is before the endpoints are, and in a sample.
  @discardableResult
  func applyRoutes(on node: LabNode) async throws(LabError) -> String {
    if node.plan.artifacts.contains(.vlansScript) { try await applyVLANs(on: node, file(node, .vlansScript)) }
    let result = try await run(on: node, ["sh", file(node, .routesScript)])
    guard result.status == 0 || result.status == 3 else {
      throw LabError("\(node.name): routes.sh ended with status \(result.status)\n  \(result.error)")
    }
    return result.output
  }

  /// Status 3 says that a VLAN's interface is missing or down.
  func applyVLANs(on node: LabNode, _ script: String) async throws(LabError) {
    let result = try await run(on: node, ["sh", script])
    guard result.status == 0 || result.status == 3 else {
      throw LabError("\(node.name): vlans.sh ended with status \(result.status)\n  \(result.error)")
    }
  }
}
