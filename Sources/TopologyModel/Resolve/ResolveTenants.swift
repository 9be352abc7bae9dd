/// Gives tenants and segments their ids and settles which networks each tenant uses. Sorted by id.
func resolveTenants(
  _ document: TopologyDocument, _ networks: ResolvedNetworks, _ ledger: inout LockLedger,
  _ diagnostics: inout Diagnostics
) -> [Tenant] {
  let documents = document.tenants
  let index = Dictionary(documents.enumerated().map { ($1.name.value, $0) }) { first, _ in first }
  let reserved = reservations(networks, index, &diagnostics)
  let scope = IdentityScope(section: .tenants, kind: "tenant", parent: nil, first: 1)
  let ids = assignIdentities(documents, in: scope, &ledger, &diagnostics)
  var tenants: [Tenant] = []
  for (position, tenant) in documents.enumerated() {
    ledger.record(.tenants, tenant.name.value.text, LockEntry(id: ids[position].id))
    let used = tenantNetworks(tenant, position, networks, reserved, &diagnostics)
    let segments = resolveSegments(tenant, ids[position].path, &ledger, &diagnostics)
    let resolved = Tenant(
      name: tenant.name.value, id: ids[position].id, isolation: tenant.isolation?.value ?? .segment,
      egress: tenant.egress?.value ?? .allow, networks: used, segments: segments)
    checkWidths(resolved, tenant, networks, &diagnostics)
    tenants.append(resolved)
  }
  return tenants.sorted { $0.id < $1.id }
}

/// For each network the tenants that it is reserved to, by position; nil: not reserved.
private func reservations(
  _ networks: ResolvedNetworks, _ index: [Name: Int], _ diagnostics: inout Diagnostics
) -> [Set<Int>?] {
  networks.documents.map { network in
    network.tenants.map { names in Set(names.compactMap { lookUp($0, "tenant", in: index, &diagnostics) }) }
  }
}

private func tenantNetworks(
  _ tenant: TenantDocument, _ position: Int, _ networks: ResolvedNetworks, _ reserved: [Set<Int>?],
  _ diagnostics: inout Diagnostics
) -> [Int] {
  let open = networks.indices.filter { reserved[$0]?.contains(position) ?? true }
  guard let named = tenant.networks else {
    if open.isEmpty, !networks.networks.isEmpty {
      diagnostics.add(.noNetworkForTenant(tenant, at: tenant.name.range))
    }
    return open
  }
  var used: Set<Int> = []
  for name in named {
    guard let network = lookUp(name, "network", in: networks.index, &diagnostics) else { continue }
    if open.contains(network) {
      used.insert(network)
    } else {
      diagnostics.add(.networkReserved(name, tenant, networks.documents[network]))
    }
  }
  if named.isEmpty { diagnostics.add(.noNetworkNamed(tenant)) }
  return used.sorted()
}

private func resolveSegments(
  _ tenant: TenantDocument, _ path: LockPath, _ ledger: inout LockLedger, _ diagnostics: inout Diagnostics
) -> [Segment] {
  let scope = IdentityScope(section: .segments, kind: "segment", parent: path, first: 1)
  let ids = assignIdentities(tenant.segments, in: scope, &ledger, &diagnostics)
  return zip(tenant.segments, ids).map { segment, id in
    ledger.record(.segments, "\(tenant.name.value)/\(segment.name.value)", LockEntry(id: id.id))
    return Segment(name: segment.name.value, id: id.id)
  }
  .sorted { $0.id < $1.id }
}

/// Ids must fit the fields of every network that the tenant may use.
private func checkWidths(
  _ tenant: Tenant, _ document: TenantDocument, _ networks: ResolvedNetworks, _ diagnostics: inout Diagnostics
) {
  let ids = Dictionary(tenant.segments.map { ($0.name, $0.id) }) { first, _ in first }
  for index in tenant.networks {
    // Blocks have owners, whatever their ids.
    guard let bits = networks.documents[index].bits?.value else { continue }
    let network = networks.networks[index]
    if tenant.id >= 1 << network.layout.tenant {
      diagnostics.add(
        .networkTooNarrow("tenant", document.name, tenant.id, document.id, network.name, bits.tenant))
    }
    // Segments that got their ids by counting overflow together: that is said once.
    let beyond = document.segments.filter { (ids[$0.name.value] ?? 0) >= 1 << network.layout.segment }
    let counted = beyond.filter { $0.id == nil }
    for segment in beyond where segment.id != nil || segment.name.value == counted.first?.name.value {
      diagnostics.add(
        .networkTooNarrow(
          "segment", segment.name, ids[segment.name.value] ?? 0, segment.id, network.name, bits.segment,
          further: segment.id == nil ? counted.count - 1 : 0))
    }
  }
}

extension Diagnostic {
  static func noNetworkForTenant(_ tenant: TenantDocument, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .noNetworkForTenant, "the tenant '\(tenant.name.value)' may use no network", at: range,
      notes: ["every network is reserved to other tenants"],
      help: ["add it to the `tenants:` of a network, or define a network that is not reserved"])
  }

  static func noNetworkNamed(_ tenant: TenantDocument) -> Diagnostic {
    Diagnostic(
      .noNetworkForTenant, "the tenant '\(tenant.name.value)' names no network", at: tenant.name.range,
      help: ["name one under `networks:`, or remove the key: the tenant then uses all that are not reserved"])
  }

  static func networkReserved(_ name: Located<Name>, _ tenant: TenantDocument, _ network: NetworkDocument) -> Diagnostic
  {
    Diagnostic(
      .noNetworkForTenant, "the network '\(name.value)' is reserved to other tenants than '\(tenant.name.value)'",
      at: name.range, labels: network.tenants?.first.map { [($0.range, "reserved here")] } ?? [],
      help: ["add '\(tenant.name.value)' to the network's `tenants:`, or remove it here"])
  }

  static func networkTooNarrow(
    _ kind: String, _ name: Located<Name>, _ id: Int, _ explicit: Located<Int>?, _ network: Name, _ bits: Located<Int>,
    further: Int = 0
  ) -> Diagnostic {
    Diagnostic(
      .networkTooNarrow,
      "the \(kind) '\(name.value)' has the id \(id), but the network '\(network)' has room for \(spanned(1, (1 << bits.value) - 1))",
      at: explicit?.range ?? name.range, labels: [(bits.range, counted(bits.value, "bit"))],
      notes: further > 0 ? ["so it is with \(counted(further, "more \(kind)")) of its tenant"] : [],
      help: ["widen the field, choose a smaller id, or keep the tenant out of this network with `networks:`"])
  }
}
