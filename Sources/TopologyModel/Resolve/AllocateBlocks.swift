/// The most blocks of a fabric: a few bytes of ranges and numbers must not fill the memory.
package let maximumBlocks = 1_000_000

/// Gives hosts their blocks in networks of blocks: those of the lock file, then the lowest free ones of the rack's
/// prefix, by the ids of host, tenant and segment.
///
/// Each host that has endpoints in such a network has a block of its own beside theirs, which holds its gateway address.
/// Blocks of what is gone stay reserved; a block never moves, and growth adds another one.
func allocateBlocks(
  _ draft: inout TopologyDraft, _ document: TopologyDocument, _ networks: ResolvedNetworks, _ demands: BlockDemands,
  _ ledger: inout LockLedger, _ diagnostics: inout Diagnostics
) {
  guard demands.count <= maximumBlocks else { return }
  var requests = BlockRequests(document, networks)
  for region in draft.regions.indices {
    for rack in draft.regions[region].racks.indices {
      requests.add(draft.regions[region], rack, region, demands.ofHosts[region][rack], &ledger)
    }
  }
  // What nobody has asked for by now is reserved.
  let gone = ledger.unclaimed(.blocks).compactMap { item in item.entry.prefix.map { (key: item.key, prefix: $0) } }
    .sorted { $0.prefix < $1.prefix }
  for group in requests.groups {
    place(group, in: &draft, networks.networks[group.network], gone, &ledger, &diagnostics)
  }
  if ledger.mayRenumber { forgetMoved(gone, draft, networks, &ledger) }
  for region in draft.regions.indices {
    for rack in draft.regions[region].racks.indices {
      for host in draft.regions[region].racks[rack].hosts.indices {
        draft.regions[region].racks[rack].hosts[host].blocks.sort { $0.order < $1.order }
      }
    }
  }
}

/// One block that is asked for.
struct BlockRequest {
  /// Position in the draft's rack.
  var host: Int
  var name: Located<Name>
  /// Nil: the host's own.
  var owner: BlockOwner?
  var number: Int
  var path: LockPath
  var locked: Prefix?
  var range: SourceRange
}

/// What the hosts of a rack ask for in a network.
struct BlockGroup {
  var network: Int
  /// Positions in the draft.
  var region: Int
  var rack: Int
  var rackName: Name
  var aggregate: Prefix
  var requests: [BlockRequest] = []
}

/// Everything that is asked for, rack by rack.
private struct BlockRequests {
  private let networks: ResolvedNetworks
  private let tenantPaths: [Name: LockPath]
  private let segmentPaths: [Name: [Name: LockPath]]
  private(set) var groups: [BlockGroup] = []

  init(_ document: TopologyDocument, _ networks: ResolvedNetworks) {
    self.networks = networks
    func path(_ name: Located<Name>, _ former: Located<Name>?) -> (Name, LockPath) {
      (name.value, LockPath(name.value, renamedFrom: former?.value))
    }
    tenantPaths = Dictionary(document.tenants.map { path($0.name, $0.renamedFrom) }) { first, _ in first }
    segmentPaths = Dictionary(
      document.tenants.map { tenant in
        (
          tenant.name.value,
          Dictionary(tenant.segments.map { path($0.name, $0.renamedFrom) }) { first, _ in first }
        )
      }
    ) { first, _ in first }
  }

  mutating func add(
    _ region: RegionDraft, _ rackIndex: Int, _ regionIndex: Int, _ demands: [[BlockDemand]],
    _ ledger: inout LockLedger
  ) {
    let rack = region.racks[rackIndex]
    guard demands.contains(where: { !$0.isEmpty }) else { return }
    var groups: [Int: BlockGroup] = [:]
    for position in rack.hosts.indices.sorted(by: { rack.hosts[$0].id < rack.hosts[$1].id }) {
      let host = rack.hosts[position]
      for (network, demands) in Dictionary(grouping: demands[position], by: \.network) {
        guard let aggregate = rack.allocations[network]?.aggregate else { continue }
        var group =
          groups[network]
          ?? BlockGroup(
            network: network, region: regionIndex, rack: rackIndex, rackName: rack.document.name.value,
            aggregate: aggregate)
        append(demands, position, host, to: &group, &ledger)
        groups[network] = group
      }
    }
    self.groups += groups.values.sorted { $0.network < $1.network }
  }

  private func append(
    _ demands: [BlockDemand], _ position: Int, _ host: HostDraft, to group: inout BlockGroup,
    _ ledger: inout LockLedger
  ) {
    let document = networks.documents[group.network]
    let top = LockPath(document.name.value, renamedFrom: document.renamedFrom?.value)
    let node = LockPath(network: top, node: host.path)
    ledger.noteRename(.blocks, node)
    func request(_ owner: BlockOwner?, _ number: Int, _ path: LockPath, at range: SourceRange) {
      group.requests.append(
        BlockRequest(
          host: position, name: host.document.name, owner: owner, number: number, path: path,
          locked: ledger.claim(.blocks, path)?.prefix, range: range))
    }
    request(nil, 0, node, at: demands[0].document.range)
    for demand in demands {
      guard let tenant = tenantPaths[demand.owner.tenant],
        let segment = segmentPaths[demand.owner.tenant]?[demand.owner.segment]
      else { continue }
      let owner = LockPath(node: node, tenant: tenant, segment: segment)
      ledger.noteRename(.blocks, owner)
      for number in 0..<demand.count {
        request(demand.owner, number, LockPath(owner, number: number), at: demand.document.endpoints.range)
      }
    }
  }
}

extension HostBlock {
  /// By network, the host's own first, then by ids.
  fileprivate var order: (Int, Int, Int, Int) {
    (network, owner?.tenantID ?? -1, owner?.segmentID ?? -1, number)
  }
}

/// Gives the blocks of a rack in a network.
private func place(
  _ group: BlockGroup, in draft: inout TopologyDraft, _ network: Network,
  _ gone: [(key: String, prefix: Prefix)], _ ledger: inout LockLedger, _ diagnostics: inout Diagnostics
) {
  guard let length = network.layout.block else { return }
  func fits(_ prefix: Prefix) -> Bool {
    prefix.length == length && group.aggregate.contains(prefix) && !network.isExcluded(prefix)
  }
  var isRefused = false
  for request in group.requests where !ledger.mayRenumber {
    guard let locked = request.locked, !fits(locked) else { continue }
    diagnostics.add(.blockWouldMove(request, locked, group, network))
    isRefused = true
  }
  guard !isRefused else { return }
  let kept = group.requests.map { request in request.locked.flatMap { fits($0) ? $0 : nil } }
  let reserved = gone.map(\.prefix).filter { group.aggregate.contains($0) && (!ledger.mayRenumber || fits($0)) }
  var slots = FreeBlocks(
    group.aggregate, length: length, taken: kept.compactMap(\.self) + reserved + network.excluded)
  for (request, kept) in zip(group.requests, kept) {
    guard let prefix = kept ?? slots.next() else {
      diagnostics.add(.noRoomForBlocks(request, group, network, reserved: reserved.count))
      return
    }
    ledger.record(.blocks, request.path.text, LockEntry(prefix: prefix))
    draft.regions[group.region].racks[group.rack].hosts[request.host].blocks.append(
      HostBlock(network: group.network, owner: request.owner, number: request.number, prefix: prefix))
  }
}

/// The free blocks of a prefix, the lowest first.
private struct FreeBlocks {
  private let parent: Prefix
  private let length: Int
  /// What is taken, aggregated, ascending.
  private var taken: ArraySlice<Prefix>
  private var index: UInt128 = 0

  init(_ parent: Prefix, length: Int, taken: [Prefix]) {
    self.parent = parent
    self.length = length
    self.taken = aggregatePrefixes(taken.filter { $0.overlaps(parent) })[...]
  }

  mutating func next() -> Prefix? {
    while true {
      // The number of blocks may be 2 to the 127, which fits.
      guard index < UInt128(1) << (length - parent.length) else { return nil }
      let block = parent.child(index, length: length)
      while let first = taken.first, first.lastAddress < block.address { taken.removeFirst() }
      guard let first = taken.first, first.overlaps(block) else {
        index += 1
        return block
      }
      if first.contains(parent) { return nil }
      let end = first.lastAddress < block.lastAddress ? block : first
      index = Prefix(containing: end.lastAddress, length: length).index(in: parent) + 1
    }
  }
}

/// With `--renumber` blocks that no rack can give out any more are not reserved either.
private func forgetMoved(
  _ gone: [(key: String, prefix: Prefix)], _ draft: TopologyDraft, _ networks: ResolvedNetworks,
  _ ledger: inout LockLedger
) {
  var lengths: [Prefix: Int] = [:]
  for rack in draft.regions.flatMap(\.racks) {
    for (network, allocation) in rack.allocations.enumerated() {
      guard let allocation, let block = networks.networks[network].layout.block else { continue }
      lengths[allocation.aggregate] = block
    }
  }
  let aggregates = lengths.keys.sorted()
  for item in gone {
    let owner = aggregates.last { $0.contains(item.prefix) }
    if owner.flatMap({ lengths[$0] }) != item.prefix.length { ledger.forget(.blocks, item.key) }
  }
}
