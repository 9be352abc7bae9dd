/// Gives every region, rack and host its prefix in every network that reaches it.
func allocatePrefixes(
  _ draft: inout TopologyDraft, _ networks: ResolvedNetworks, _ demands: BlockDemands, _ ledger: inout LockLedger,
  _ diagnostics: inout Diagnostics
) {
  for region in draft.regions.indices {
    draft.regions[region].allocations = Array(repeating: nil, count: networks.networks.count)
    for rack in draft.regions[region].racks.indices {
      draft.regions[region].racks[rack].allocations = Array(repeating: nil, count: networks.networks.count)
    }
  }
  for network in networks.indices {
    if let bits = networks.networks[network].layout.topology {
      allocateFixed(&draft, network, bits, networks, &diagnostics)
    } else {
      carveNetwork(&draft, network, networks, demands, &ledger, &diagnostics)
    }
  }
}

/// A fixed layout: the ids are the fields.
private func allocateFixed(
  _ draft: inout TopologyDraft, _ index: Int, _ bits: AddressLayout.TopologyBits, _ networks: ResolvedNetworks,
  _ diagnostics: inout Diagnostics
) {
  let network = networks.networks[index]
  let widths = networks.documents[index].bits?.value
  for region in draft.regions.indices where draft.regions[region].networks.contains(index) {
    let item = draft.regions[region]
    guard
      checkRoom(
        [(item.id, item.document.id, item.document.name)], "region", nil, bits.region, widths?.region, network,
        &diagnostics),
      checkRoom(
        item.racks.filter { $0.has(network) }.map { ($0.id, $0.document.id, $0.document.name) }, "rack",
        "region '\(item.document.name.value)'", bits.rack, widths?.rack, network, &diagnostics)
    else { continue }
    let rackLength = network.prefix.length + bits.region + bits.rack
    let prefix = network.prefix.child(UInt128(item.id), length: network.prefix.length + bits.region)
    draft.regions[region].allocations[index] = RegionAllocation(prefix: prefix, rackLength: rackLength)
    for (position, rack) in item.racks.enumerated() where rack.has(network) {
      let aggregate = prefix.child(UInt128(rack.id), length: rackLength)
      guard
        checkExcluded(aggregate, rack.document.name, "rack", network, &diagnostics),
        checkRoom(
          rack.hosts.map { ($0.id, $0.document.id, $0.document.name) }, "host", "rack '\(rack.document.name.value)'",
          bits.host, widths?.host, network, &diagnostics)
      else { continue }
      for host in rack.hosts {
        let own = aggregate.child(UInt128(host.id), length: rackLength + bits.host)
        if checkExcluded(own, host.document.name, "host", network, &diagnostics) {
          checkGateway(own, host.document.name, network, &diagnostics)
        }
      }
      draft.regions[region].racks[position].allocations[index] = RackAllocation(
        aggregate: aggregate, hostLength: rackLength + bits.host)
    }
  }
}

/// Whether all ids fit a field; reports the first that does not.
private func checkRoom(
  _ items: [(id: Int, explicit: Located<Int>?, name: Located<Name>)], _ kind: String, _ owner: String?, _ bits: Int,
  _ width: Located<Int>?, _ network: Network, _ diagnostics: inout Diagnostics
) -> Bool {
  let tooLarge = items.filter { $0.id >= 1 << bits }
  guard let first = tooLarge.first else { return true }
  var diagnostic = Diagnostic.idTooLarge(
    kind, first.name, first.id, bits: bits, network.name, at: first.explicit?.range ?? first.name.range,
    width: width?.range)
  if let owner {
    let others = tooLarge.count > 1 ? "; \(tooLarge.count) of them have no room" : ""
    diagnostic.notes = ["the \(owner) has \(counted(items.count, kind))\(others)"]
  }
  diagnostics.add(diagnostic)
  return false
}

/// Whether a prefix may be used; reports it if it is excluded.
private func checkExcluded(
  _ prefix: Prefix, _ name: Located<Name>, _ kind: String, _ network: Network, _ diagnostics: inout Diagnostics
) -> Bool {
  guard let excluded = network.excluded.first(where: { $0.contains(prefix) }) else { return true }
  diagnostics.add(.excludedAllocation(kind, name, prefix, excluded, network.name))
  return false
}

/// The host's gateway address must not lie in a small excluded prefix.
private func checkGateway(
  _ prefix: Prefix, _ name: Located<Name>, _ network: Network, _ diagnostics: inout Diagnostics
) {
  guard !network.excluded.isEmpty else { return }
  let gateway = Prefix(host: network.gateway(in: prefix))
  if let excluded = network.excluded.first(where: { $0.contains(gateway) && !$0.contains(prefix) }) {
    diagnostics.add(.excludedAllocation("gateway of host", name, gateway, excluded, network.name))
  }
}

/// Prefix groups: each node's prefix is carved among its children.
private func carveNetwork(
  _ draft: inout TopologyDraft, _ index: Int, _ networks: ResolvedNetworks, _ demands: BlockDemands,
  _ ledger: inout LockLedger, _ diagnostics: inout Diagnostics
) {
  let (network, document) = (networks.networks[index], networks.documents[index])
  let top = LockPath(network.name, renamedFrom: document.renamedFrom?.value)
  ledger.noteRename(.prefixes, top)
  let maximum = network.family.bitWidth - network.layout.identityBits
  let regions = draft.regions.indices.filter { draft.regions[$0].networks.contains(index) }
    .sorted { draft.regions[$0].id < draft.regions[$1].id }
  func group(
    _ kind: String, _ owner: String, _ parent: Prefix, _ path: LockPath, _ capacity: Located<Int>?
  ) -> PrefixGroup {
    PrefixGroup(
      kind: kind, owner: owner, parent: parent, children: [], parentPath: path, capacity: capacity?.value,
      excluded: network.excluded, maximumLength: maximum, isDividedIntoBlocks: network.isDividedIntoBlocks,
      network: network.name,
      range: network.range)
  }
  var root = group("region", "network '\(network.name)'", network.prefix, top, nil)
  root.children = regions.map {
    (LockPath(network: top, node: draft.regions[$0].path), draft.regions[$0].document.name)
  }
  if network.isDividedIntoBlocks {
    // A region holds its racks, and these their blocks.
    let most = regions.map { demands.mostInRack(region: $0, network: index) }.max() ?? 0
    let racks = regions.map { draft.regions[$0].racks.count }.max() ?? 0
    root.maximumLength -= bitsToCount(most) + bitsToCount(max(racks, document.capacity?.racks?.value ?? 0))
  }
  guard !regions.isEmpty, let carved = carve(root, &ledger, &diagnostics) else { return }
  for (position, region) in regions.enumerated() {
    let prefix = network.prefix.child(UInt128(carved.slots[position]), length: carved.length)
    let order = draft.regions[region].racks.indices.filter { draft.regions[region].racks[$0].has(network) }.sorted {
      draft.regions[region].racks[$0].id < draft.regions[region].racks[$1].id
    }
    let name = draft.regions[region].document.name.value
    var middle = group(
      "rack", "region '\(name)' in network '\(network.name)'", prefix, root.children[position].path,
      document.capacity?.racks)
    if network.isDividedIntoBlocks {
      middle.maximumLength -= bitsToCount(demands.mostInRack(region: region, network: index))
    }
    middle.children = order.map {
      let rack = draft.regions[region].racks[$0]
      return (LockPath(network: top, node: rack.path), rack.document.name)
    }
    guard !order.isEmpty, let racks = carve(middle, &ledger, &diagnostics) else { continue }
    draft.regions[region].allocations[index] = RegionAllocation(prefix: prefix, rackLength: racks.length)
    for (slot, rack) in order.enumerated() {
      let aggregate = prefix.child(UInt128(racks.slots[slot]), length: racks.length)
      var leaf = group(
        "host", "rack '\(draft.regions[region].racks[rack].document.name.value)' in network '\(network.name)'",
        aggregate, middle.children[slot].path, document.capacity?.hosts)
      draft.regions[region].racks[rack].allocations[index] = carveHosts(
        &leaf, draft.regions[region].racks[rack], top, network, &ledger, &diagnostics)
    }
  }
}

/// How many bits so many things need to be told apart.
private func bitsToCount(_ count: Int) -> Int { Int.bitWidth - (max(1, count) - 1).leadingZeroBitCount }

private func carveHosts(
  _ group: inout PrefixGroup, _ rack: RackDraft, _ top: LockPath, _ network: Network, _ ledger: inout LockLedger,
  _ diagnostics: inout Diagnostics
) -> RackAllocation? {
  if let block = network.layout.block { return RackAllocation(aggregate: group.parent, hostLength: block) }
  let order = rack.hosts.indices.sorted { rack.hosts[$0].id < rack.hosts[$1].id }
  group.gateway = { network.gateway(in: $0) }
  group.children = order.map { (LockPath(network: top, node: rack.hosts[$0].path), rack.hosts[$0].document.name) }
  guard let carved = carve(group, &ledger, &diagnostics) else { return nil }
  for (position, slot) in carved.slots.enumerated() {
    let prefix = group.parent.child(UInt128(slot), length: carved.length)
    checkGateway(prefix, rack.hosts[order[position]].document.name, network, &diagnostics)
  }
  return RackAllocation(aggregate: group.parent, hostLength: carved.length, hostSlots: carved.slots)
}

extension Diagnostic {
  static func idTooLarge(
    _ kind: String, _ name: Located<Name>, _ id: Int, bits: Int, _ network: Name, at range: SourceRange,
    width: SourceRange?
  ) -> Diagnostic {
    let elsewhere =
      switch kind {
      case "host": "put the host into another rack"
      case "rack": "put the rack into another region"
      default: "keep the network out of the region with `regions:`"
      }
    return Diagnostic(
      .idTooLarge,
      "the \(kind) '\(name.value)' has the id \(id), but the \(counted(bits, "\(kind) bit")) of network '\(network)' have room for \(spanned(0, (1 << bits) - 1))",
      at: range, labels: width.map { [($0, counted(bits, "bit"))] } ?? [],
      help: ["widen the field (this renumbers), choose a smaller id, or \(elsewhere)"])
  }

  static func excludedAllocation(
    _ kind: String, _ name: Located<Name>, _ prefix: Prefix, _ excluded: Prefix, _ network: Name
  ) -> Diagnostic {
    Diagnostic(
      .excludedAllocation,
      "the \(kind) '\(name.value)' would get \(prefix.shortText), but \(excluded) is excluded from network '\(network)'",
      at: name.range, help: ["give it another id, or narrow the excluded prefix"])
  }
}
