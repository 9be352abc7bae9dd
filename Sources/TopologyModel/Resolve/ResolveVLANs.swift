/// The VLANs of a topology, and what the document says of each beside what `VLAN` holds.
struct ResolvedVLANs {
  /// Sorted by id.
  var vlans: [VLAN] = []
  var documents: [VLANDocument] = []
  var index: [Name: Int] = [:]
}

func resolveVLANs(_ document: TopologyDocument, _ diagnostics: inout Diagnostics) -> ResolvedVLANs {
  var result = ResolvedVLANs()
  result.documents = document.vlans.sorted { ($0.id.value, $0.name.value) < ($1.id.value, $1.name.value) }
  result.vlans = result.documents.map { VLAN(name: $0.name.value, id: $0.id.value, mtu: $0.mtu?.value) }
  result.index = Dictionary(result.vlans.enumerated().map { ($1.name, $0) }) { first, _ in first }
  for (one, other) in zip(result.documents, result.documents.dropFirst()) where one.id.value == other.id.value {
    let inOrder = [one, other].sorted { $0.id.range < $1.id.range }
    diagnostics.add(.duplicateVLANID(inOrder[1], first: inOrder[0]))
  }
  return result
}

/// Binds networks to VLANs.
func bindNetworks(
  _ networks: inout ResolvedNetworks, to vlans: ResolvedVLANs, _ diagnostics: inout Diagnostics
) {
  for index in networks.indices {
    guard let name = networks.documents[index].vlan else { continue }
    if networks.documents[index].block != nil {
      diagnostics.add(.notSupportedYet("`vlan:` of a network with `block:`", at: name.range))
    }
    networks.networks[index].vlan = lookUp(name, "VLAN", in: vlans.index, &diagnostics)
  }
}

/// A VLAN that a rack carries, while it is being resolved.
struct RackVLANDraft {
  /// Index into `Topology.vlans`.
  var vlan: Int
  var document: RackVLANDocument
}

/// Settles which VLANs racks carry and hosts are on; a host has a link in each.
func placeVLANs(
  _ draft: inout TopologyDraft, _ vlans: ResolvedVLANs, _ networks: ResolvedNetworks, _ diagnostics: inout Diagnostics
) {
  for region in draft.regions.indices {
    let bound = Set(draft.regions[region].networks.compactMap { networks.networks[$0].vlan })
    for rack in draft.regions[region].racks.indices {
      place(&draft.regions[region].racks[rack], vlans, bound: bound, &diagnostics)
    }
  }
}

/// - Parameter bound: the VLANs that a network of the region is bound to.
private func place(
  _ rack: inout RackDraft, _ vlans: ResolvedVLANs, bound: Set<Int>, _ diagnostics: inout Diagnostics
) {
  var carried: [Int: RackVLANDocument] = [:]
  for document in rack.document.vlans {
    guard let index = lookUp(document.vlan, "VLAN", in: vlans.index, &diagnostics) else { continue }
    if let first = carried[index] {
      diagnostics.add(.vlanTwice(document.vlan, first: first.vlan, rack))
      continue
    }
    carried[index] = document
    for family in AddressFamily.allCases { checkGateway(document, family, &diagnostics) }
    if !bound.contains(index), !diagnostics.hasErrors { diagnostics.add(.vlanWithoutNetwork(document.vlan)) }
  }
  rack.vlans = carried.map { RackVLANDraft(vlan: $0, document: $1) }.sorted { $0.vlan < $1.vlan }
  if let first = rack.document.vlans.first {
    if rack.access != .l2 || rack.tors.count != 1 { diagnostics.add(.vlansNotPossible(first, rack)) }
    for subnet in [rack.document.subnet, rack.document.subnet6].compactMap(\.self) {
      diagnostics.add(.subnetBesideVLANs(subnet, first))
    }
  }
  var hosts = rack.hosts
  for host in hosts.indices { place(&hosts[host], in: rack, vlans, &diagnostics) }
  rack.hosts = hosts
}

private func place(
  _ host: inout HostDraft, in rack: RackDraft, _ vlans: ResolvedVLANs, _ diagnostics: inout Diagnostics
) {
  let document = host.document
  guard !rack.document.vlans.isEmpty else {
    if let range = document.vlans?.range ?? document.node?.range {
      diagnostics.addOnce(.rackWithoutVLANs(document.name, rack, at: range))
    }
    return
  }
  let carried = rack.vlans.map(\.vlan)
  if let named = document.vlans {
    var chosen: Set<Int> = []
    for name in named.value {
      guard let index = lookUp(name, "VLAN", in: vlans.index, &diagnostics) else { continue }
      if carried.contains(index) {
        chosen.insert(index)
      } else {
        diagnostics.addOnce(.vlanNotInRack(name, document.name, rack))
      }
    }
    if named.value.isEmpty { diagnostics.addOnce(.hostWithoutVLAN(document.name, at: named.range)) }
    host.vlans = chosen.sorted()
  } else {
    host.vlans = carried
  }
  host.isTagged = document.node?.value != .dedicated
  if let node = document.node, node.value == .dedicated, host.vlans.count > 1 {
    diagnostics.addOnce(.dedicatedToSeveral(node, document, host.vlans.map { vlans.vlans[$0].name }))
  }
  // A host whose VLANs were refused keeps a link, so that what follows has something to look at.
  host.links = Array(repeating: LinkAddresses(), count: max(host.vlans.count, 1))
}

/// The gateway has one of the addresses that a segment reserves for gateways.
private func checkGateway(
  _ document: RackVLANDocument, _ family: AddressFamily, _ diagnostics: inout Diagnostics
) {
  guard let gateway = document.gateway(family) else { return }
  guard let subnet = document.subnet(family) else {
    diagnostics.add(.gatewayOutsideVLAN(gateway, document.vlan, subnet: nil))
    return
  }
  let place = gateway.value.bits &- subnet.value.address.bits
  guard subnet.value.contains(gateway.value), (1...UInt128(mostGateways)).contains(place) else {
    diagnostics.add(.gatewayOutsideVLAN(gateway, document.vlan, subnet: subnet))
    return
  }
}

extension RackVLANDraft {
  /// What the rack has of the VLAN: the ToR has the address that is named, or the first of the subnet.
  var assembled: RackVLAN {
    RackVLAN(
      vlan: vlan, subnet: document.subnet?.value, subnet6: document.subnet6?.value,
      gateway: document.gateway?.value ?? document.subnet?.value.address.advanced(by: 1),
      gateway6: document.gateway6?.value ?? document.subnet6?.value.address.advanced(by: 1))
  }
}

/// Warns of networks that no host has because of VLANs.
func checkVLANNetworks(_ topology: Topology, _ diagnostics: inout Diagnostics) {
  for index in topology.networks.indices {
    let network = topology.networks[index]
    let racks = topology.racks.filter { topology.regions[$0.region].networks.contains(index) }
    guard network.vlan != nil || racks.contains(where: { !$0.vlans.isEmpty }),
      !topology.hosts.indices.contains(where: { topology.prefix(ofHost: $0, inNetwork: index) != nil })
    else { continue }
    diagnostics.add(.networkOnNoHost(network, network.vlan.map { topology.vlans[$0] }))
  }
}

extension RackDraft {
  /// Whether a network exists in the rack: where hosts are on VLANs, those of their VLANs, else those of none.
  func has(_ network: Network) -> Bool {
    guard let vlan = network.vlan else { return document.vlans.isEmpty }
    return vlans.contains { $0.vlan == vlan }
  }
}
