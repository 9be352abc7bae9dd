/// A policy about every protocol that does the opposite of what a tenant's `isolation` says for whole segments or
/// tenants must say that this is meant.
func checkIsolation(
  _ document: PolicyDocument, _ policy: Policy, _ topology: Topology, _ diagnostics: inout Diagnostics
) {
  guard !document.overridesIsolation else { return }
  if policy.deny.contains(.any), let cut = firstCut(policy, topology) {
    diagnostics.add(.cutsIsolation(document, cut))
  }
  if policy.allow.contains(.any), let opened = firstOpened(policy, topology) {
    diagnostics.add(.opensIsolation(document, topology.tenants[opened]))
  }
}

/// Which endpoints a side names, as whole segments: nil stands for all.
private struct NamedSegments {
  var isEverybody = false
  var tenants: Set<Int> = []
  var segments: Set<[Int]> = []

  init(_ peers: [PolicyPeer]) {
    for peer in peers {
      switch peer {
      case .any: isEverybody = true
      case .endpoints(let group) where group.place == .everywhere:
        guard let tenant = group.tenant else { continue }
        if let segment = group.segment { segments.insert([tenant, segment]) } else { tenants.insert(tenant) }
      case .endpoints, .cidr, .host, .localHost: continue
      }
    }
  }

  func has(_ tenant: Int, _ segment: Int) -> Bool {
    isEverybody || tenants.contains(tenant) || segments.contains([tenant, segment])
  }

  func hasAll(_ tenant: Tenant, _ index: Int) -> Bool {
    isEverybody || tenants.contains(index) || tenant.segments.allSatisfy { segments.contains([index, $0.id]) }
  }
}

/// A tenant whose isolation lets two segments talk that the policy parts, and a word on it.
private func firstCut(_ policy: Policy, _ topology: Topology) -> (tenant: Tenant, says: String)? {
  let (from, to) = (NamedSegments(policy.from), NamedSegments(policy.to))
  for (index, tenant) in topology.tenants.enumerated() {
    let reached = tenant.segments.filter { to.has(index, $0.id) }
    guard !reached.isEmpty else { continue }
    switch tenant.isolation {
    case .segment:
      if reached.contains(where: { from.has(index, $0.id) }) { return (tenant, "endpoints of one segment talk") }
    case .tenant:
      if tenant.segments.contains(where: { from.has(index, $0.id) }) { return (tenant, "its segments talk") }
    case .none:
      let others = topology.tenants.enumerated()
      if others.contains(where: { from.hasAll($1, $0) }) { return (tenant, "every tenant's endpoints may come in") }
    }
  }
  return nil
}

/// A tenant all of whose segments the policy opens to all of another tenant, or to one another.
private func firstOpened(_ policy: Policy, _ topology: Topology) -> Int? {
  let (from, to) = (NamedSegments(policy.from), NamedSegments(policy.to))
  return topology.tenants.indices.first { index in
    let tenant = topology.tenants[index]
    guard tenant.isolation != .none, to.hasAll(tenant, index) else { return false }
    if tenant.isolation == .segment, tenant.segments.count > 1, from.hasAll(tenant, index) { return true }
    return topology.tenants.indices.contains { $0 != index && from.hasAll(topology.tenants[$0], $0) }
  }
}

extension Diagnostic {
  static func cutsIsolation(_ policy: PolicyDocument, _ cut: (tenant: Tenant, says: String)) -> Diagnostic {
    Diagnostic(
      .contradictsIsolation,
      "the policy '\(policy.name.value)' denies everything where `isolation: \(cut.tenant.isolation.rawValue)` of tenant '\(cut.tenant.name)' says that \(cut.says)",
      at: policy.name.range,
      help: ["narrow it, or write `overrides_isolation: true` if that is meant"])
  }

  static func opensIsolation(_ policy: PolicyDocument, _ tenant: Tenant) -> Diagnostic {
    Diagnostic(
      .contradictsIsolation,
      "the policy '\(policy.name.value)' allows everything into all of tenant '\(tenant.name)', whose isolation is '\(tenant.isolation.rawValue)'",
      at: policy.name.range,
      help: [
        "name protocols or segments, change the tenant's `isolation:`, or write `overrides_isolation: true` if that is meant"
      ])
  }
}
