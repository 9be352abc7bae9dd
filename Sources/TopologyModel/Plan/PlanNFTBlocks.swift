/// Networks of blocks in the table `inet romana`: what `PlanBlockChains` says for iptables.
///
/// A map leads from the destination's block to the chain of its segment (or tenant), which asks one set for the source. Sets and
/// chains are the host's own, with the segments that its endpoints can talk to; the rules that ask them are the same on all.

/// The rules of the chain `inside` about addresses in blocks.
func nftBlockRules(_ topology: Topology, _ networks: [Int], _ family: AddressFamily) -> [NFTRule] {
  guard networks.contains(where: { topology.networks[$0].isDividedIntoBlocks }) else { return [] }
  var rules: [NFTRule] = []
  if !infrastructureBlockRules(topology, networks).isEmpty {
    rules.append(
      NFTRule(
        [.contained([.source(family)], NFTName("hosts", family))], .verdict(.drop),
        comment: .word("from the infrastructure")))
  }
  rules.append(NFTRule([], .lookup([.destination(family)], NFTName("blocks", family))))
  for (number, mask) in masksReachedFromBlocks(topology, networks).enumerated() {
    let selectors: [NFTSelector] = [.source(family), .destination(family, mask: mask)]
    rules.append(
      NFTRule([.contained(selectors, NFTName("from-blocks", family, number: number))], .verdict(.accept)))
  }
  return rules
}

/// The rule of the chain `egress` about addresses in blocks.
func nftBlockEgress(_ topology: Topology, _ networks: [Int], _ family: AddressFamily) -> [NFTRule] {
  guard networks.contains(where: { topology.networks[$0].isDividedIntoBlocks }) else { return [] }
  return [NFTRule([.contained([.source(family)], NFTName("egress-blocks", family))], .verdict(.accept))]
}

/// The masks of the networks divided by bits that endpoints in blocks may reach, in the order of the networks.
private func masksReachedFromBlocks(_ topology: Topology, _ networks: [Int]) -> [UInt128] {
  var masks: [UInt128] = []
  for index in networks {
    guard let mask = topology.networks[index].tagged?.segmentMask else { continue }
    let isReached = topology.tenants.contains { tenant in
      tenant.networks.contains(index) && (tenant.isolation == .none || usesBlocks(tenant, topology, networks))
    }
    if isReached, !masks.contains(mask) { masks.append(mask) }
  }
  return masks
}

extension BlockIndex {
  /// The sets, the map and the chains of a host's table.
  func nftFragment(_ topology: Topology, _ host: Int) -> NFTFragment {
    let networks = topology.networks.indices.filter { topology.networks[$0].family == family }
    guard networks.contains(where: { topology.networks[$0].isDividedIntoBlocks }) else { return NFTFragment() }
    let relevant = relevantSegments(topology, host)
    var fragment = NFTFragment()
    var owners: [NFTElement] = []
    for (number, group) in blockGroups(topology, networks).enumerated() {
      let blocks = group.blocks(relevant)
      guard !blocks.isEmpty else { continue }
      let (chain, members) = (NFTName("blocks", family, number: number), NFTName("members", family, number: number))
      owners += blocks.map { NFTElement([NFTValue($0)], comment: group.peers.comment, verdict: .goto(chain)) }
      let asksBlocks = group.peers.sources.contains { if case .blocks = $0 { true } else { false } }
      if asksBlocks {
        fragment.sets.append(
          NFTSet(name: members, key: [.address(family)], elements: blocks.map { NFTElement([NFTValue($0)]) }))
      }
      let rules = group.peers.sources.map { source in
        switch source {
        case .match(let match): NFTRule([.source(match)], .verdict(.accept), comment: group.peers.comment)
        case .blocks:
          NFTRule([.contained([.source(family)], members)], .verdict(.accept), comment: group.peers.comment)
        }
      }
      fragment.chains.append(
        NFTChain(name: chain, rules: rules + [NFTRule([], .verdict(.drop), comment: .word("not allowed"))]))
    }
    fragment.sets.append(
      NFTSet(name: NFTName("blocks", family), key: [.address(family)], isMap: true, elements: owners.sortedByKey()))
    fragment.sets += pairsFromBlocks(topology, networks, relevant)
    fragment.sets += hostSets(topology, networks, host)
    return fragment
  }

  /// What endpoints in blocks reach in networks that are divided by bits: the block, and tenant and segment of the
  /// destination.
  private func pairsFromBlocks(
    _ topology: Topology, _ networks: [Int], _ relevant: [SegmentBlocks]
  ) -> [NFTSet] {
    let wholes = networks.map { topology.networks[$0] }.filter(\.isDividedIntoBlocks).map(\.prefix)
    return masksReachedFromBlocks(topology, networks).enumerated().map { number, mask in
      var elements: [NFTElement] = []
      for index in networks {
        guard let target = topology.networks[index].tagged, target.segmentMask == mask else { continue }
        for tenant in topology.tenants where tenant.networks.contains(index) {
          func add(_ prefixes: [Prefix], _ value: NFTValue, _ comment: RuleComment) {
            elements += prefixes.map { NFTElement([NFTValue($0), value], comment: comment) }
          }
          let own = relevant.filter { $0.tenant.id == tenant.id }
          switch tenant.isolation {
          case .segment:
            for segment in own {
              guard let name = tenant.segments.first(where: { $0.id == segment.segmentID })?.name else { continue }
              add(
                segment.prefixes, .address(target.match(tenant: tenant.id, segment: segment.segmentID).value),
                .segment(tenant: tenant.name, segment: name))
            }
          case .tenant:
            add(own.flatMap(\.prefixes).sorted(), target.maskedPrefix(tenant: tenant.id), .tenant(tenant.name))
          case .none: add(wholes, target.maskedPrefix(tenant: tenant.id), .tenant(tenant.name))
          }
        }
      }
      return NFTSet(
        name: NFTName("from-blocks", family, number: number), key: [.address(family), .address(family)],
        hasCounters: true, elements: elements)
    }
  }

  /// The blocks of hosts, where a rule asks for them, and those of this host whose endpoints may leave the fabric.
  private func hostSets(_ topology: Topology, _ networks: [Int], _ host: Int) -> [NFTSet] {
    var sets: [NFTSet] = []
    if !infrastructureBlockRules(topology, networks).isEmpty {
      sets.append(
        NFTSet(
          name: NFTName("hosts", family), key: [.address(family)],
          elements: infrastructure.map { NFTElement([NFTValue($0)]) }))
    }
    let leaving = topology.hosts[host].blocks.filter { block in
      block.prefix.family == family
        && topology.tenants.contains { $0.id == block.owner?.tenantID && $0.egress == .allow }
    }
    let elements = leaving.sorted { $0.prefix < $1.prefix }.map { block in
      NFTElement([NFTValue(block.prefix)], comment: block.owner.map { .egress(tenant: $0.tenant) })
    }
    sets.append(
      NFTSet(
        name: NFTName("egress-blocks", family), key: [.address(family)], hasCounters: true, elements: elements))
    return sets
  }
}

/// Endpoints in blocks that the same sources may reach.
struct BlockGroupOfPeers {
  var tenant: Int
  var peers: PeerGroup

  func blocks(_ relevant: [SegmentBlocks]) -> [Prefix] {
    relevant.filter { $0.tenant.id == tenant && (peers.segment == nil || $0.segmentID == peers.segment?.id) }
      .flatMap(\.prefixes).sorted()
  }
}

private func blockGroups(_ topology: Topology, _ networks: [Int]) -> [BlockGroupOfPeers] {
  topology.tenants.filter { usesBlocks($0, topology, networks) }.flatMap { tenant in
    peerGroups(topology, tenant, networks).map { BlockGroupOfPeers(tenant: tenant.id, peers: $0) }
  }
}

extension [NFTElement] {
  /// In the order of the blocks, whoever has them.
  fileprivate func sortedByKey() -> [NFTElement] {
    sorted { left, right in
      guard case .prefix(let first)? = left.key.first, case .prefix(let second)? = right.key.first else { return false }
      return first < second
    }
  }
}
