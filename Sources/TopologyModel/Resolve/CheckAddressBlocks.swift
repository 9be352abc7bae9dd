/// A block of addresses that something in the topology takes for itself.
private struct AddressBlock {
  var prefix: Prefix
  var range: SourceRange
  var owner: String
  var isNetwork: Bool
  /// Whether it is the whole of a VPC, which holds more than the fabric's devices.
  var isVPC = false
}

/// No two blocks of the topology overlap: networks, rack subnets, link pools, links outside a pool, loopbacks.
///
/// - Returns: the blocks of the devices themselves, aggregated: what endpoints must never reach. Of a VPC these are the
///   subnets of the zones.
func checkAddressBlocks(
  _ document: TopologyDocument, _ networks: ResolvedNetworks, _ draft: TopologyDraft,
  _ diagnostics: inout Diagnostics
) -> [Prefix] {
  var blocks = zip(networks.networks, networks.documents).map {
    AddressBlock(prefix: $0.prefix, range: $1.cidr.range, owner: "the network '\($0.name)'", isNetwork: true)
  }
  var zones: [Prefix] = []
  for region in draft.regions {
    guard region.document.isCloud else {
      addBlocks(of: region, to: &blocks, &diagnostics)
      continue
    }
    zones += addVPC(of: region, to: &blocks, &diagnostics)
  }
  addTunnelPools(document.interconnects, to: &blocks, &diagnostics)
  blocks.sort { ($0.prefix, $0.range) < ($1.prefix, $1.range) }
  // Sorted, so that whatever contains a block stands before it: an open list of enclosing blocks suffices.
  var enclosing: [AddressBlock] = []
  for block in blocks {
    while let last = enclosing.last, !last.prefix.contains(block.prefix) { enclosing.removeLast() }
    if let outer = enclosing.last {
      diagnostics.add(
        block.isVPC != outer.isVPC && block.isNetwork != outer.isNetwork
          ? .networkInVPC(block.isNetwork ? block : outer, block.isVPC ? block : outer) : .overlap(block, outer))
    }
    enclosing.append(block)
  }
  return aggregatePrefixes(blocks.filter { !$0.isNetwork && !$0.isVPC }.map(\.prefix) + zones)
}

private let upstreamOwner = "the link to an upstream"

private func addBlocks(
  of region: RegionDraft, to blocks: inout [AddressBlock], _ diagnostics: inout Diagnostics
) {
  func add(_ prefix: Located<Prefix>?, _ owner: String) {
    guard let prefix else { return }
    blocks.append(AddressBlock(prefix: prefix.value, range: prefix.range, owner: owner, isNetwork: false))
  }
  let document = region.document
  let name = document.name.value
  let pools = [document.linkPool, document.linkPool6].compactMap(\.self)
  for pool in pools {
    checkUsable(pool, &diagnostics)
    add(pool, "the link pool of region '\(name)'")
  }
  for link in document.links {
    for prefix in [link.prefix, link.prefix6].compactMap(\.self)
    where !pools.contains(where: { $0.value.contains(prefix.value) }) {
      checkUsable(prefix, &diagnostics)
      add(prefix, "the link of '\(link.between[0].value)' and '\(link.between[1].value)'")
    }
  }
  for upstream in document.upstreams {
    // Several upstreams may share a segment.
    for prefix in [upstream.prefix, upstream.prefix6].compactMap(\.self)
    where !blocks.contains(where: { $0.prefix == prefix.value && $0.owner == upstreamOwner }) {
      checkUsable(prefix, &diagnostics)
      add(prefix, upstreamOwner)
    }
  }
  for spine in region.spines { addLoopback(of: spine, to: &blocks, &diagnostics) }
  // Racks on one segment have their subnets in common.
  let shared = Set(region.bareSegments.flatMap { $0.dropFirst() }.map(\.id))
  for rack in region.racks {
    for subnet in [rack.document.subnet, rack.document.subnet6].compactMap(\.self) where !shared.contains(rack.id) {
      checkUsable(subnet, &diagnostics)
      add(subnet, "the subnet of rack '\(rack.document.name.value)'")
    }
    for vlan in rack.document.vlans {
      for subnet in [vlan.subnet, vlan.subnet6].compactMap(\.self) {
        checkUsable(subnet, &diagnostics)
        add(subnet, "the subnet of the VLAN '\(vlan.vlan.value)' in rack '\(rack.document.name.value)'")
      }
    }
    for tor in rack.tors {
      addLoopback(of: tor, to: &blocks, &diagnostics)
      for subnet in [tor.document.subnet, tor.document.subnet6].compactMap(\.self) {
        checkUsable(subnet, &diagnostics)
        add(subnet, "the subnet of the ToR '\(tor.document.name.value)'")
      }
    }
  }
}

/// The pools of tunnels between regions; several interconnects may share one.
private func addTunnelPools(
  _ interconnects: [InterconnectDocument], to blocks: inout [AddressBlock], _ diagnostics: inout Diagnostics
) {
  var seen: Set<Prefix> = []
  for interconnect in interconnects where interconnect.kind?.value == .tunnel {
    let tunnel = interconnect.tunnel
    let defaults = [defaultTunnelPool, defaultTunnelPool6].map { Located($0, at: interconnect.name.range) }
    for pool in [tunnel.linkPool ?? defaults[0], tunnel.linkPool6 ?? defaults[1]] where seen.insert(pool.value).inserted
    {
      blocks.append(
        AddressBlock(
          prefix: pool.value, range: pool.range, owner: "the link pool of tunnels", isNetwork: false))
    }
  }
}

/// The VPC stands for its zones' subnets, which are inside it; where its prefix is not known they stand for themselves.
///
/// - Returns: the subnets.
private func addVPC(
  of region: RegionDraft, to blocks: inout [AddressBlock], _ diagnostics: inout Diagnostics
) -> [Prefix] {
  let vpc = region.document.vpc
  for prefix in [vpc?.cidr, vpc?.cidr6].compactMap(\.self) {
    checkUsable(prefix, &diagnostics)
    blocks.append(
      AddressBlock(
        prefix: prefix.value, range: prefix.range, owner: "the VPC of region '\(region.document.name.value)'",
        isNetwork: false, isVPC: true))
  }
  let subnets = region.racks.flatMap { zone in
    AddressFamily.allCases.compactMap { zone.document.subnet($0) }.map { (zone.document.name.value, $0) }
  }
  for (zone, subnet) in subnets {
    checkUsable(subnet, &diagnostics)
    if [vpc?.cidr, vpc?.cidr6].contains(where: { $0?.value.family == subnet.value.family }) { continue }
    blocks.append(
      AddressBlock(
        prefix: subnet.value, range: subnet.range, owner: "the subnet of zone '\(zone)'", isNetwork: false, isVPC: true)
    )
  }
  return subnets.map(\.1.value)
}

private func addLoopback(
  of device: SwitchDraft, to blocks: inout [AddressBlock], _ diagnostics: inout Diagnostics
) {
  guard let loopback = device.document.loopback else { return }
  let prefix = Located(Prefix(host: loopback.value), at: loopback.range)
  checkUsable(prefix, &diagnostics)
  blocks.append(
    AddressBlock(
      prefix: prefix.value, range: loopback.range, owner: "the loopback of '\(device.document.name.value)'",
      isNetwork: false))
}

extension Diagnostic {
  fileprivate static func networkInVPC(_ network: AddressBlock, _ vpc: AddressBlock) -> Diagnostic {
    Diagnostic(
      .networkInVPC, "\(network.owner), \(network.prefix), overlaps \(vpc.owner), \(vpc.prefix)", at: network.range,
      labels: [(vpc.range, "overlaps this")],
      notes: [
        "inside its own prefix a VPC delivers to its subnets; a route there must be a whole subnet's, and never a host's"
      ],
      help: ["choose a network outside of every VPC"])
  }

  fileprivate static func overlap(_ block: AddressBlock, _ outer: AddressBlock) -> Diagnostic {
    let code: DiagnosticCode =
      block.isNetwork && outer.isNetwork
      ? .overlappingNetworks : block.isVPC && outer.isVPC ? .overlappingVPCs : .overlappingUnderlay
    return Diagnostic(
      code,
      block.prefix == outer.prefix
        ? "\(block.owner) and \(outer.owner) both have \(block.prefix.shortText)"
        : "\(block.owner), \(block.prefix.shortText), overlaps \(outer.owner), \(outer.prefix)",
      at: block.range, labels: [(outer.range, "overlaps this")],
      help: ["choose prefixes that share no address: every address has one meaning in the whole fabric"])
  }
}
