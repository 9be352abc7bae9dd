import TopologyModel

extension Topology {
  /// Whether an announcement crosses a link between a host and its ToR: on VLANs each has what is its own. What is in none of
  /// the host's VLANs it is told of in its first one with networks of the family.
  func crosses(_ item: Announcement, vlan: Int?, ofHost host: Int?) -> Bool {
    guard let vlan, let host else { return true }
    if let network = networks.indices.first(where: { networks[$0].prefix.contains(item.prefix) }),
      let own = networks[network].vlan, hosts[host].links.contains(where: { $0.vlan == own })
    {
      return own == vlan
    }
    let present = Set(region(ofHost: host).networks.filter { networks[$0].family == item.prefix.family })
    return hosts[host].links.compactMap(\.vlan).first { link in present.contains { networks[$0].vlan == link } } == vlan
  }
}

/// A table or a rule of a VLAN, in the words of ip(8) without its decorations.
typealias PolicyLine = String

/// The rules and VLAN tables that a shared host must have.
///
/// - Parameter down: interfaces that an administrator took down; routes over them are gone.
func expectPolicyRouting(_ plan: VLANPlan, down: Set<String> = []) -> Set<PolicyLine> {
  var lines: Set<PolicyLine> = []
  for interface in plan.interfaces {
    let table = interface.table
    let families = Set(plan.interfaces.flatMap(\.sources).map(\.family))
    for family in families {
      lines.insert("\(family.name) rule 7710: from all iif lo lookup main")
      lines.insert("\(family.name) rule 7710: from all iif \(interface.interface) lookup main")
    }
    for source in interface.sources {
      lines.insert("\(source.family.name) rule 7711: from \(source) lookup \(table)")
    }
    for route in interface.routes {
      let prefix = route.prefix.length == 0 ? "default" : route.prefix.description
      let family = route.prefix.family.name
      switch route.target {
      case .main: lines.insert("\(family) \(table) throw \(prefix)")
      case .gateway(let gateway):
        lines.insert("\(family) \(table) blackhole \(prefix) metric 4294967295")
        if !down.contains(interface.interface.text) {
          lines.insert("\(family) \(table) \(prefix) via \(gateway) dev \(interface.interface)")
        }
      }
    }
  }
  return lines
}

/// Reads the rules of protocol 77 and the tables that they lead to.
func readPolicyRouting(_ lab: Lab, _ node: LabNode, _ plan: VLANPlan) async throws(LabError) -> Set<PolicyLine> {
  var lines: Set<PolicyLine> = []
  for family in AddressFamily.allCases {
    let option = family == .ipv4 ? "-4" : "-6"
    let rules = try await executeOrThrow(["ip", "-n", node.namespace, option, "rule", "show"])
    for rule in rules.split(separator: "\n") where rule.hasSuffix(" proto 77") {
      let words = rule.dropLast(9).split(whereSeparator: { $0 == " " || $0 == "\t" }).filter { $0 != "[detached]" }
      lines.insert("\(family.name) rule \(words.joined(separator: " "))")
    }
    for interface in plan.interfaces {
      let table = interface.table
      let command = ["ip", "-n", node.namespace, "-o", option, "route", "show", "table", "\(table)"]
      // A table that never had a route does not exist, which ip takes for an error.
      let result = try await execute(command)
      guard result.status == 0 else { continue }
      for route in result.output.split(separator: "\n") { lines.insert("\(family.name) \(table) \(plain(route))") }
    }
  }
  return lines
}

/// A route without what the kernel adds: the protocol, the device of a discard, the default metric, flags.
private func plain(_ route: Substring) -> String {
  var words = route.split(separator: " ")[...]
  var result: [Substring] = []
  var isDiscard = false
  while let word = words.popFirst() {
    switch word {
    case "throw", "blackhole":
      isDiscard = true
      result.append(word)
    case "proto", "pref", "error": words.removeFirst()
    case "dev" where isDiscard: words.removeFirst()
    case "metric":
      if let metric = words.popFirst(), metric != "1024" { result += ["metric", metric] }
    case "linkdown", "dead": continue
    default: result.append(word)
    }
  }
  return result.joined(separator: " ")
}

extension Lab {
  /// What is different between the policy routing of a host and its plan.
  func checkPolicyRouting(_ node: LabNode, down: Set<String> = []) async throws(LabError) -> [String] {
    guard let plan = node.plan.vlans else { return [] }
    let (wanted, found) = (expectPolicyRouting(plan, down: down), try await readPolicyRouting(self, node, plan))
    return wanted.subtracting(found).sorted().map { "'\($0)' is missing" }
      + found.subtracting(wanted).sorted().map { "'\($0)' should not be there" }
  }
}
