/// The devices of a topology while they are being resolved: the documents with ids, in the order of ids.
struct TopologyDraft {
  var regions: [RegionDraft] = []
}

struct RegionDraft {
  var document: RegionDocument
  var id: Int
  var path: LockPath
  var settings: SettingsDocument
  var lockEntry: LockEntry?
  var networks: [Int] = []
  var allocations: [RegionAllocation?] = []
  var spines: [SwitchDraft] = []
  var racks: [RackDraft] = []
  var spineASN: UInt32?

  /// The protocol between ToRs and spines.
  var routing: RoutingProtocol { settings.routing?.value ?? .bgp }

  /// Whether the hosts of a rack without ToRs have the spines for gateways.
  func hasSpineGateways(_ rack: RackDraft) -> Bool { rack.tors.isEmpty && !spines.isEmpty }

  /// Whether a spine speaks BGP: with ToRs, or with the hosts of racks that have none.
  var spinesSpeakBGP: Bool {
    if racks.contains(where: hasSpineGateways) { return racks.contains { hasSpineGateways($0) && $0.hasBGPHost } }
    return routing == .bgp
  }

  /// Whether a device of the region speaks BGP with an upstream.
  var hasUpstreamSession: Bool { document.upstreams.contains { $0.asn != nil } }

  var spineBGP: SpineBGP { document.spineBGP?.value ?? .ebgp }
}

struct SwitchDraft {
  var document: SpineDocument
  var id: Int
  var path: LockPath
  var lockEntry: LockEntry?
  var asn: UInt32?
  /// Of a ToR: the links to the spines, in the order of their ids.
  var uplinks: [SpineLink] = []
}

struct RackDraft {
  var document: RackDocument
  var id: Int
  var path: LockPath
  var settings: SettingsDocument
  var tors: [SwitchDraft] = []
  var hosts: [HostDraft] = []
  var allocations: [RackAllocation?] = []
  /// The link between the two ToRs, where they have one.
  var pairLink = PairLink()
  /// Sorted by id; not empty: the hosts are on these VLANs.
  var vlans: [RackVLANDraft] = []
  /// What is written for the rack, or else for its region.
  var fabricLinks: Located<LinkAddressing>?
  var asnScope: Located<ASNScope>?
  var lockEntry: LockEntry?
  /// The number that the hosts share (`asn_per: rack`).
  var hostASN: UInt32?

  /// Whether the links of its ToRs to the spines and to each other have no addresses.
  var hasUnnumberedFabric: Bool { fabricLinks?.value == .unnumbered }

  /// Whether the links of a host to its ToRs have no addresses.
  func isUnnumbered(_ host: HostDraft) -> Bool { hostLinks(of: host)?.value == .unnumbered }

  func hostLinks(of host: HostDraft) -> Located<LinkAddressing>? {
    host.document.settings.hostLinks ?? settings.hostLinks
  }

  /// The ToRs in the order of their ids.
  var orderedToRs: [SwitchDraft] { tors.sorted { $0.id < $1.id } }

  /// Whether every host has a link to each of two ToRs.
  var isDualHomed: Bool { access == .l3 && tors.count == 2 }

  /// Whether two ToRs are gateways of the segment that all hosts share.
  var isSegmentPair: Bool { access == .l2 && tors.count == 2 }

  /// How the ToRs of a pair, of which every host has a link to each, tell each other of their hosts; nil without a pair.
  var pairKind: PairKind? { isDualHomed ? document.pair?.value ?? .link : nil }

  /// Whether each host has a link of its own to each ToR, or all share a segment.
  var access: AccessKind { settings.access?.value ?? .l3 }

  /// How many links a host has: to each ToR one, or one to the segment.
  var linkCount: Int { isDualHomed ? 2 : 1 }

  /// Whether the ToR speaks BGP with a host of the rack.
  var hasBGPHost: Bool { hosts.contains { $0.routing == .bgp } }
}

struct HostDraft {
  var document: HostDocument
  var id: Int
  var path: LockPath
  var lockEntry: LockEntry?
  var routing: RoutingProtocol
  /// The host's end of each link; on VLANs one for each of `vlans`.
  var links: [LinkAddresses]
  /// Indices into `Topology.vlans`, ascending.
  var vlans: [Int] = []
  /// Whether the frames of its VLANs have tags.
  var isTagged = false
  var asn: UInt32?
  var blocks: [HostBlock] = []
}

extension HostDraft {
  /// The ToR's interface at the other end of a link: the only one that is named holds for both ToRs.
  func torPort(ofLink link: Int) -> Located<InterfaceName>? {
    let ports = document.torPorts
    return ports.count == 1 ? ports[0] : link < ports.count ? ports[link] : nil
  }
}

/// A host's addresses on one link.
struct LinkAddresses {
  var address: Address?
  var address6: Address?
}

/// Gives regions, spines, racks, ToRs and hosts their ids.
func identifyDevices(
  _ document: TopologyDocument, _ networks: ResolvedNetworks, _ ledger: inout LockLedger,
  _ diagnostics: inout Diagnostics
) -> TopologyDraft {
  let scope = IdentityScope(section: .regions, kind: "region", parent: nil, first: 0)
  let ids = assignIdentities(document.regions, in: scope, &ledger, &diagnostics)
  let gateways = document.gatewayHosts
  var draft = TopologyDraft()
  for (index, region) in document.regions.enumerated() {
    var item = RegionDraft(
      document: region, id: ids[index].id, path: ids[index].path,
      settings: region.settings.inheriting(document.defaults), lockEntry: ids[index].entry)
    item.networks = networks.indices(inRegion: region.name.value)
    item.spines = identifySwitches(region.spines, .spines, "spine", in: item.path, &ledger, &diagnostics)
    item.racks = identifyRacks(item, networks, gateways, &ledger, &diagnostics)
    item.document.racks = []
    draft.regions.append(item)
  }
  return draft
}

private func identifySwitches(
  _ documents: [SpineDocument], _ section: LockSection, _ kind: String, in parent: LockPath,
  _ ledger: inout LockLedger, _ diagnostics: inout Diagnostics
) -> [SwitchDraft] {
  let scope = IdentityScope(section: section, kind: kind, parent: parent, first: 0)
  return zip(documents, assignIdentities(documents, in: scope, &ledger, &diagnostics)).map {
    SwitchDraft(document: $0, id: $1.id, path: $1.path, lockEntry: $1.entry)
  }
}

/// - Parameter gateways: the hosts that have tunnels to other regions.
private func identifyRacks(
  _ region: RegionDraft, _ networks: ResolvedNetworks, _ gateways: Set<Name>, _ ledger: inout LockLedger,
  _ diagnostics: inout Diagnostics
) -> [RackDraft] {
  let documents = region.document.racks
  let parents = fixedPrefixes(region, networks)
  let scope = IdentityScope(section: .racks, kind: "rack", parent: region.path, first: 0)
  let ids = assignIdentities(documents, in: scope, &ledger, &diagnostics) { id in
    parents.allSatisfy { !$0.isExcluded(rack: id) }
  }
  return documents.indices.map { index in
    let settings = documents[index].settings.inheriting(region.settings)
    var rack = RackDraft(
      document: documents[index], id: ids[index].id, path: ids[index].path, settings: settings)
    rack.lockEntry = ids[index].entry
    rack.fabricLinks = documents[index].fabricLinks ?? region.document.fabricLinks
    rack.asnScope = documents[index].asnScope ?? region.document.asnScope
    rack.tors = identifySwitches(
      documents[index].tors, .tors, "ToR", in: rack.path, &ledger, &diagnostics)
    for host in rack.document.hosts.indices where gateways.contains(rack.document.hosts[host].name.value) {
      rack.document.hosts[host].settings.takeFullRouter(
        besides: rack.settings, at: rack.document.hosts[host].name.range)
    }
    rack.hosts = identifyHosts(rack, parents, &ledger, &diagnostics)
    rack.document.hosts = []
    return rack
  }
}

extension SettingsDocument {
  /// Gives a gateway FRR unless it names a speaker itself, or inherits one that is a full router.
  fileprivate mutating func takeFullRouter(besides inherited: SettingsDocument, at range: SourceRange) {
    guard speaker == nil, inherited.speaker?.value.isFullRouter != true else { return }
    speaker = Located(.frr, at: range)
  }
}

private func identifyHosts(
  _ rack: RackDraft, _ parents: [FixedRegion], _ ledger: inout LockLedger, _ diagnostics: inout Diagnostics
) -> [HostDraft] {
  let documents = rack.document.hosts
  let scope = IdentityScope(section: .hosts, kind: "host", parent: rack.path, first: 0)
  let ids = assignIdentities(documents, in: scope, &ledger, &diagnostics) { id in
    parents.allSatisfy { !$0.isExcluded(rack: rack.id, host: id) }
  }
  return documents.indices.map { index in
    let routing = documents[index].settings.routing ?? rack.settings.routing
    return HostDraft(
      document: documents[index], id: ids[index].id, path: ids[index].path, lockEntry: ids[index].entry,
      routing: routing?.value ?? .bgp, links: Array(repeating: LinkAddresses(), count: rack.linkCount))
  }
}

/// A region's prefix in a network with a fixed layout that excludes something.
private struct FixedRegion {
  let prefix: Prefix
  let network: Network
  let bits: AddressLayout.TopologyBits
  var excluded: [Prefix] { network.excluded }

  func isExcluded(rack: Int) -> Bool {
    guard rack < 1 << bits.rack else { return false }
    let prefix = prefix.child(UInt128(rack), length: prefix.length + bits.rack)
    return excluded.contains { $0.contains(prefix) }
  }

  func isExcluded(rack: Int, host: Int) -> Bool {
    guard rack < 1 << bits.rack, host < 1 << bits.host else { return false }
    let prefix = prefix.child(UInt128(rack), length: prefix.length + bits.rack)
      .child(UInt128(host), length: prefix.length + bits.rack + bits.host)
    let gateway = network.gateway(in: prefix)
    return excluded.contains { $0.contains(prefix) || $0.contains(gateway) }
  }
}

private func fixedPrefixes(_ region: RegionDraft, _ networks: ResolvedNetworks) -> [FixedRegion] {
  region.networks.compactMap { index in
    let network = networks.networks[index]
    guard let bits = network.layout.topology, !network.excluded.isEmpty, region.id < 1 << bits.region else {
      return nil
    }
    let prefix = network.prefix.child(UInt128(region.id), length: network.prefix.length + bits.region)
    return FixedRegion(prefix: prefix, network: network, bits: bits)
  }
}
