/// The pools of tunnels' links where the topology names none.
let defaultTunnelPool = Prefix(containing: Address(.ipv4, 0xa9fe_f000), length: 20)
let defaultTunnelPool6 = Prefix(containing: Address(.ipv6, UInt128(0xfd72_6f6d_616e_6100) << 64), length: 64)
/// The IANA has none for WireGuard; this is the one of its documentation.
let defaultTunnelPort = 51820

/// Resolves the links between regions and checks what they are told to be.
func resolveInterconnects(
  _ document: TopologyDocument, into topology: inout Topology, _ ledger: inout LockLedger,
  _ diagnostics: inout Diagnostics
) {
  guard !document.interconnects.isEmpty else { return }
  let regions = Dictionary(topology.regions.enumerated().map { ($1.name, $0) }) { first, _ in first }
  let documents = document.interconnects.sorted { $0.name.value < $1.name.value }
  let names = Dictionary(documents.enumerated().map { ($1.name.value, $0) }) { first, _ in first }
  var settled: [Interconnect?] = []
  for document in documents {
    checkKeys(document, &diagnostics)
    settled.append(settleRegions(document, regions, topology, &diagnostics))
  }
  let resolver = TunnelResolver(topology, names, document)
  for (index, document) in documents.enumerated() {
    guard var interconnect = settled[index] else { continue }
    switch document.kind?.value {
    case .tunnel: interconnect.means = .tunnels(resolver.resolve(document, interconnect, settled, &diagnostics))
    case .transitGateway:
      interconnect.means = .transitGateways(resolveIDs(document, interconnect, regions, topology, &diagnostics))
    case .vpcPeering, nil: break
    }
    settled[index] = interconnect
  }
  resolver.assignTunnels(documents, &settled, &ledger, &diagnostics)
  // One that is missing was reported.
  guard !settled.contains(where: { $0 == nil }) else { return }
  topology.interconnects = settled.compactMap(\.self)
  topology.hostTunnels = topology.listHostTunnels()
  for region in topology.regions.indices { topology.regions[region].far = topology.listFarAggregates(ofRegion: region) }
  checkInterconnects(topology, documents, &diagnostics)
  // What came down from a ToR must be allowed up to another region's, so the sessions of gateways state no role.
  for host in topology.hostTunnels.keys { topology.hosts[host].settings.bgpRole = .off }
}

/// Refuses the keys of other kinds.
private func checkKeys(_ document: InterconnectDocument, _ diagnostics: inout Diagnostics) {
  guard let kind = document.kind else { return }
  for (key, owner, range) in document.kindKeys where owner != kind.value {
    diagnostics.add(.keyOfOtherKind(key, owner, kind, at: range))
  }
}

/// The regions of an interconnect; nil after a message.
private func settleRegions(
  _ document: InterconnectDocument, _ regions: [Name: Int], _ topology: Topology, _ diagnostics: inout Diagnostics
) -> Interconnect? {
  guard let kind = document.kind else { return nil }
  let before = diagnostics.errorCount
  var found: [Int: Located<Name>] = [:]
  for name in document.between {
    guard let index = lookUp(name, "region", in: regions, &diagnostics) else { continue }
    if let first = found.updateValue(name, forKey: index) { diagnostics.add(.regionTwice(name, first)) }
    if kind.value != .tunnel, topology.regions[index].vpc == nil {
      diagnostics.add(.datacenterInCloudLink(name, kind))
    }
  }
  guard diagnostics.errorCount == before else { return nil }
  if found.count < 2 { diagnostics.add(.tooFewRegions(document)) }
  if kind.value == .vpcPeering, found.count > 2 || document.hub != nil { diagnostics.add(.peeringOfMany(document)) }
  var hub: Int?
  if let name = document.hub, let index = lookUp(name, "region", in: regions, &diagnostics) {
    hub = index
    if found[index] == nil { diagnostics.add(.hubElsewhere(name, document)) }
  }
  if let transit = document.transit, transit.value == .true, document.hub == nil {
    diagnostics.add(.transitWithoutHub(document, at: transit.range))
  }
  guard diagnostics.errorCount == before else { return nil }
  return Interconnect(
    name: document.name.value, regions: found.keys.sorted(), hub: hub, isTransit: document.transit?.value == .true,
    means: .peering(id: document.peering?.value), range: document.name.range)
}

private func resolveIDs(
  _ document: InterconnectDocument, _ interconnect: Interconnect, _ regions: [Name: Int], _ topology: Topology,
  _ diagnostics: inout Diagnostics
) -> TransitGateways {
  func member(_ name: Located<Name>, _ diagnostics: inout Diagnostics) -> Int? {
    let known = regions.filter { interconnect.regions.contains($0.value) }
    return lookUp(name, "region", of: "the interconnect '\(document.name.value)'", in: known, &diagnostics)
  }
  func byRegion(
    _ items: [(region: Located<Name>, id: Located<Name>)], _ diagnostics: inout Diagnostics
  ) -> [Int: Name] {
    items.reduce(into: [:]) { ids, item in
      if let region = member(item.region, &diagnostics) { ids[region] = item.id.value }
    }
  }
  var result = TransitGateways(
    gateways: byRegion(document.transitGateway.gateways, &diagnostics),
    attachments: byRegion(document.transitGateway.attachments, &diagnostics),
    routeTables: byRegion(document.transitGateway.routeTables, &diagnostics), peerings: [:])
  if let quota = document.transitGateway.routesQuota { result.routesQuota = quota.value }
  if let others = document.transitGateway.otherRoutes { result.otherRoutes = others.value }
  for peering in document.transitGateway.peerings {
    let ends = peering.between.compactMap { member($0, &diagnostics) }
    guard ends.count == peering.between.count else { continue }
    let pair = Set(ends).sorted()
    guard pair.count == 2, interconnect.pairs.contains(where: { [$0.0, $0.1] == pair }) else {
      diagnostics.add(.peeringOfNoPair(peering.between, document))
      continue
    }
    if let id = peering.id { result.peerings[pair] = id.value }
  }
  return result
}

extension Diagnostic {
  fileprivate static func keyOfOtherKind(
    _ key: String, _ owner: InterconnectKind, _ kind: Located<InterconnectKind>, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .conflictingKeys, "'\(key)' belongs to an interconnect of `kind: \(owner.rawValue)`", at: range,
      labels: [(kind.range, "this one's kind")], help: ["remove it, or write `kind: \(owner.rawValue)`"])
  }

  fileprivate static func regionTwice(_ name: Located<Name>, _ first: Located<Name>) -> Diagnostic {
    Diagnostic(
      .interconnectRegions, "the region '\(name.value)' stands twice", at: name.range,
      labels: [(first.range, "first here")], help: ["name each region once"])
  }

  fileprivate static func datacenterInCloudLink(
    _ name: Located<Name>, _ kind: Located<InterconnectKind>
  ) -> Diagnostic {
    Diagnostic(
      .interconnectRegions, "'\(name.value)' is a data center, which `kind: \(kind.value.rawValue)` can't link",
      at: name.range, labels: [(kind.range, "a means of EC2")],
      help: ["use `kind: tunnel` between gateways, or leave the region out"])
  }

  fileprivate static func tooFewRegions(_ document: InterconnectDocument) -> Diagnostic {
    Diagnostic(
      .interconnectRegions, "the interconnect '\(document.name.value)' links fewer than two regions",
      at: document.between.first?.range ?? document.name.range, help: ["name two regions or more under `between:`"])
  }

  fileprivate static func peeringOfMany(_ document: InterconnectDocument) -> Diagnostic {
    Diagnostic(
      .interconnectRegions, "the VPC peering '\(document.name.value)' must be between two regions",
      at: document.hub?.range ?? document.name.range,
      notes: ["a peering is not transitive: a VPC forwards nothing from one peering to another"],
      help: ["write an interconnect for every two VPCs that are peered"])
  }

  fileprivate static func hubElsewhere(_ hub: Located<Name>, _ document: InterconnectDocument) -> Diagnostic {
    Diagnostic(
      .interconnectRegions, "the hub '\(hub.value)' is not one of the regions of '\(document.name.value)'",
      at: hub.range, labels: [(document.name.range, "the interconnect")],
      help: ["add it under `between:`, or name one of: \(document.between.map(\.value.text).joined(separator: ", "))"])
  }

  fileprivate static func transitWithoutHub(
    _ document: InterconnectDocument, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .interconnectRegions, "`transit: true` without a `hub`: in a full mesh each region has a link to each other",
      at: range, labels: [(document.name.range, "the interconnect")], help: ["name the region in the middle: `hub: …`"])
  }

  fileprivate static func peeringOfNoPair(
    _ names: [Located<Name>], _ document: InterconnectDocument
  ) -> Diagnostic {
    Diagnostic(
      .interconnectRegions, "this peering is not between two regions that '\(document.name.value)' links",
      at: names.first?.range ?? document.name.range, labels: [(document.name.range, "the interconnect")],
      help: ["name two regions; with a `hub` one of them is the hub"])
  }
}
