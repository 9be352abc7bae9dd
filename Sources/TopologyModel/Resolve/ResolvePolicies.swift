/// Resolves the names of policies. Sorted by priority, then name, whatever the order of the document.
func resolvePolicies(
  _ documents: [PolicyDocument], _ topology: Topology, _ diagnostics: inout Diagnostics
) -> [Policy] {
  guard !documents.isEmpty else { return [] }
  let resolver = PeerResolver(topology)
  var policies: [Policy] = []
  for document in documents {
    let before = diagnostics.errorCount
    let policy = Policy(
      name: document.name.value, comment: document.description?.value, priority: document.priority?.value ?? 100,
      direction: document.direction?.value ?? .ingress,
      from: resolver.resolve(document.from, &diagnostics), to: resolver.resolve(document.to, &diagnostics),
      allow: document.allow.map(\.value), deny: document.deny.map(\.value), range: document.name.range)
    guard diagnostics.errorCount == before else { continue }
    checkDirection(document, policy, topology, &diagnostics)
    checkIsolation(document, policy, topology, &diagnostics)
    policies.append(policy)
  }
  return policies.sorted { ($0.priority, $0.name) < ($1.priority, $1.name) }
}

/// Finds what peers name.
struct PeerResolver {
  private let topology: Topology
  private let tenants: [Name: Int]
  private let segments: [[Name: Int]]
  private let regions: [Name: Int]
  private let racks: [Name: [Int]]
  private let hosts: [Name: Int]

  init(_ topology: Topology) {
    self.topology = topology
    func index(_ names: [Name]) -> [Name: Int] {
      Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    }
    tenants = index(topology.tenants.map(\.name))
    segments = topology.tenants.map { tenant in
      Dictionary(tenant.segments.map { ($0.name, $0.id) }) { first, _ in first }
    }
    regions = index(topology.regions.map(\.name))
    racks = Dictionary(grouping: topology.racks.indices) { topology.racks[$0].name }
    hosts = index(topology.hosts.map(\.name))
  }

  /// What one side of a policy names; absent: any.
  func resolve(_ documents: [PeerDocument]?, _ diagnostics: inout Diagnostics) -> [PolicyPeer] {
    guard let documents else { return [.any] }
    var peers: [PolicyPeer] = []
    for document in documents { peers += resolve(document, &diagnostics) }
    return peers
  }

  func resolve(_ document: PeerDocument, _ diagnostics: inout Diagnostics) -> [PolicyPeer] {
    if document.isAny { return [.any] }
    if document.isLocalHost { return [.localHost] }
    if !document.cidrs.isEmpty, !document.hasOwner { return document.cidrs.map { .cidr($0.value) } }
    let named = document.hosts.compactMap { lookUp($0, "host", in: hosts, &diagnostics) }
    if !document.hasOwner, !document.hosts.isEmpty { return named.map { .host($0) } }
    let places = document.hosts.isEmpty ? places(document, &diagnostics) : named.map { .host($0) }
    return owners(document, &diagnostics).flatMap { owner in
      places.map { .endpoints(EndpointGroup(tenant: owner.tenant, segment: owner.segment, place: $0)) }
    }
  }

  private func owners(
    _ document: PeerDocument, _ diagnostics: inout Diagnostics
  ) -> [(tenant: Int?, segment: Int?)] {
    if document.isEveryTenant, !document.segments.isEmpty { return ofEveryTenant(document.segments, &diagnostics) }
    guard !document.tenants.isEmpty else { return [(nil, nil)] }
    var owners: [(tenant: Int?, segment: Int?)] = []
    for name in document.tenants {
      guard let tenant = lookUp(name, "tenant", in: tenants, &diagnostics) else { continue }
      if document.segments.isEmpty { owners.append((tenant, nil)) }
      for segment in document.segments {
        let id = lookUp(segment, "segment", of: "tenant '\(name.value)'", in: segments[tenant], &diagnostics)
        if let id { owners.append((tenant, id)) }
      }
    }
    return owners
  }

  /// The segments of these names, of whichever tenants have one.
  private func ofEveryTenant(
    _ names: [Located<Name>], _ diagnostics: inout Diagnostics
  ) -> [(tenant: Int?, segment: Int?)] {
    var owners: [(tenant: Int?, segment: Int?)] = []
    for name in names {
      let having = segments.indices.filter { segments[$0][name.value] != nil }
      if having.isEmpty {
        let all = segments.reduce(into: [Name: Int]()) { $0.merge($1) { first, _ in first } }
        _ = lookUp(name, "segment", of: "any tenant", in: all, &diagnostics)
      }
      owners += having.map { ($0, segments[$0][name.value]) }
    }
    return owners
  }

  private func places(_ document: PeerDocument, _ diagnostics: inout Diagnostics) -> [EndpointGroup.Place] {
    if !document.cidrs.isEmpty { return document.cidrs.map { .cidr($0.value) } }
    if document.racks.isEmpty && document.regions.isEmpty { return [.everywhere] }
    let inside = document.regions.compactMap { lookUp($0, "region", in: regions, &diagnostics) }
    guard !document.racks.isEmpty else { return inside.map { .region($0) } }
    var places: [EndpointGroup.Place] = []
    for name in document.racks {
      let known = racks.mapValues { $0[0] }
      guard lookUp(name, "rack", in: known, &diagnostics) != nil else { continue }
      let fitting = racks[name.value, default: []].filter {
        document.regions.isEmpty || inside.contains(topology.racks[$0].region)
      }
      if fitting.isEmpty, !inside.isEmpty { diagnostics.add(.rackElsewhere(name)) }
      if fitting.count > 1, document.regions.isEmpty {
        diagnostics.add(.ambiguousRack(name, fitting.map { topology.regions[topology.racks[$0].region].name }))
      }
      places += fitting.map { .rack($0) }
    }
    return places
  }
}

/// A policy must be about endpoints or hosts on the side that its direction enforces.
private func checkDirection(
  _ document: PolicyDocument, _ policy: Policy, _ topology: Topology, _ diagnostics: inout Diagnostics
) {
  func isInNetwork(_ prefix: Prefix) -> Bool { topology.networks.contains { $0.prefix.overlaps(prefix) } }
  if policy.direction == .ingress {
    for peer in document.to ?? [] where !peer.hasOwner {
      for cidr in peer.cidrs where !isInNetwork(cidr.value) { diagnostics.add(.ingressToOutside(document.name, cidr)) }
    }
  }
  if policy.direction == .egress {
    for peer in document.from ?? [] where !peer.hasOwner {
      for cidr in peer.cidrs where !isInNetwork(cidr.value) { diagnostics.add(.egressFromOutside(document.name, cidr)) }
      if let host = peer.hosts.first { diagnostics.add(.egressFromHost(document.name, host)) }
    }
  }
  for peer in document.from ?? [] where peer.isLocalHost {
    diagnostics.add(
      policy.deny.isEmpty
        ? .localHostAllowed(document.name, at: peer.range) : .localHostDenied(document.name, at: peer.range))
  }
}

extension Diagnostic {
  static func ambiguousRack(_ name: Located<Name>, _ regions: [Name]) -> Diagnostic {
    Diagnostic(
      .undefinedName, "several regions have a rack '\(name.value)': \(regions.map(\.text).joined(separator: ", "))",
      at: name.range, help: ["name the region too: { region: \(regions[0]), rack: \(name.value) }"])
  }

  static func rackElsewhere(_ name: Located<Name>) -> Diagnostic {
    Diagnostic(
      .undefinedName, "there is no rack '\(name.value)' in the named region", at: name.range,
      help: ["name the region that it is in, or leave the region out"])
  }

  static func ingressToOutside(_ policy: Located<Name>, _ cidr: Located<Prefix>) -> Diagnostic {
    Diagnostic(
      .policyDirection,
      "the policy '\(policy.value)' is about what comes in, but \(cidr.value.shortText) holds no endpoint",
      at: cidr.range,
      notes: ["without `direction:` a policy has the direction ingress"],
      help: [
        "write `direction: egress` for what endpoints open to addresses outside; hosts are named by `hosts:` or `local_host:`"
      ])
  }

  static func egressFromOutside(_ policy: Located<Name>, _ cidr: Located<Prefix>) -> Diagnostic {
    Diagnostic(
      .policyDirection,
      "the policy '\(policy.value)' is about what endpoints open, but \(cidr.value.shortText) holds no endpoint",
      at: cidr.range, help: ["write `direction: ingress`, or name a tenant"])
  }

  static func egressFromHost(_ policy: Located<Name>, _ host: Located<Name>) -> Diagnostic {
    Diagnostic(
      .policyDirection, "the policy '\(policy.value)' is about what endpoints open, but '\(host.value)' is a host",
      at: host.range,
      help: ["add `tenant:` for its endpoints there, or write `direction: ingress` for what the host itself opens"])
  }

  static func localHostDenied(_ policy: Located<Name>, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .policyDirection, "the policy '\(policy.value)' denies what the endpoint's own host opens", at: range,
      notes: ["a host reaches its own endpoints: its traffic is never filtered"], help: ["name another peer"])
  }

  static func localHostAllowed(_ policy: Located<Name>, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .policyWithoutEffect, "a host reaches its own endpoints without the policy '\(policy.value)'", at: range,
      help: ["remove this peer"])
  }
}
