/// Plans the chains that are the same on every host of the fabric: who reaches which endpoint (`romana-inside` and
/// a tree a network), which endpoint reaches addresses outside the fabric (`romana-egress` and its trees), and what the
/// policies say (`romana-pi` and others).
///
/// - Parameter usesSets: whether long lists of policies become sets of addresses.
func planSharedChains(
  _ topology: Topology, _ access: AccessPlan, usesSets: Bool = false
) -> (chains: [FilterChain], sets: [AddressSet]) {
  let family = access.family
  let networks = topology.networks.indices.filter { topology.networks[$0].family == family }
  var chains = [insideChain(topology, networks, access)]
  var sets = usesSets ? PolicySets(family) : nil
  for zone in AccessZone.allCases { chains += planPolicyChains(access, zone, &sets) }
  for (position, network) in networks.enumerated() {
    guard let target = topology.networks[network].tagged else { continue }
    chains += isolationTree(topology, target, network, position, among: networks)
  }
  chains += blockIsolationTree(topology, networks)
  chains += peerChains(topology, networks)
  chains += egressChains(topology, networks, access)
  return (chains.sorted { $0.name < $1.name }, sets?.sets ?? [])
}

extension ChainName {
  static let input = ChainName("romana-input")
  static let forward = ChainName("romana-forward")
  static let fabric = ChainName("romana-fabric")
  static let host = ChainName("romana-host")
  static let spoof = ChainName("romana-spoof")
  static let strict = ChainName("romana-strict")
  static let translate = ChainName("romana-snat")
  static let inside = ChainName("romana-inside")
  static let egress = ChainName("romana-egress")
  static let underlay = ChainName("romana-u")
  /// Isolation in networks of blocks, and what may leave them.
  static let blocks = ChainName("romana-b")
  static let blockEgress = ChainName("romana-eb")
}

extension AccessPlan {
  /// The jump to the policies of a zone, if there are any.
  func asking(_ zone: AccessZone) -> [FilterRule] {
    self[zone].isEmpty ? [] : [FilterRule(verdict: .jump(ChainName(policies: zone)))]
  }
}

/// ICMP errors: destination unreachable, time exceeded, parameter problem (RFC 792).
let icmpErrorTypes: [UInt8] = [3, 11, 12]

/// ICMPv6 errors, packet too big among them, which path MTU discovery needs (RFC 4443 section 3, RFC 4890 section 4.3.1).
let icmpv6ErrorTypes: [UInt8] = [1, 2, 3, 4]

func icmpErrors(_ family: AddressFamily) -> [ProtocolMatch] {
  family == .ipv4 ? icmpErrorTypes.map { .icmp(type: $0) } : icmpv6ErrorTypes.map { .icmpv6(type: $0) }
}

private func insideChain(_ topology: Topology, _ networks: [Int], _ access: AccessPlan) -> FilterChain {
  var rules = icmpErrors(access.family).map { error in
    FilterRule(proto: error, comment: .word("ICMP error"), verdict: .accept)
  }
  rules += access.asking(.inside)
  // Tenant 0 is the infrastructure: hosts speak for themselves, not as neighbours of endpoints.
  rules += networks.compactMap { topology.networks[$0].tagged }.map {
    FilterRule(source: $0.match(tenant: 0), comment: .word("from the infrastructure"), verdict: .drop)
  }
  rules += infrastructureBlockRules(topology, networks)
  rules += networks.enumerated().map { position, network in
    FilterRule(
      destination: AddressMatch(topology.networks[network].prefix), comment: .network(topology.networks[network].name),
      verdict: .jump(
        topology.networks[network].isDividedIntoBlocks ? .blocks : ChainName(tree: "n", network: position)))
  }
  rules.append(FilterRule(comment: .word("not allowed"), verdict: .drop))
  return FilterChain(name: .inside, rules: rules)
}

/// With more networks than this a tenant's peers stand in a chain of their own, which every network's tree leads to:
/// the number of rules then grows with the number of networks, not with its square.
let mostPeersInTree = 2

/// The tree over the destination's tenant and segment: at its leaves a rule for each segment, or for each tenant
/// that is not divided, and each network that its peers may be in.
private func isolationTree(
  _ topology: Topology, _ target: TaggedNetwork, _ network: Int, _ position: Int, among networks: [Int]
) -> [FilterChain] {
  var items: [RuleTreeItem] = []
  for tenant in topology.tenants where tenant.networks.contains(network) {
    for group in peerGroups(topology, tenant, networks) {
      let bits =
        UInt128(tenant.id) << (group.segment == nil ? 0 : target.layout.segment) | UInt128(group.segment?.id ?? 0)
      let length = target.layout.tenant + (group.segment == nil ? 0 : target.layout.segment)
      let destination =
        group.segment.map { target.match(tenant: tenant.id, segment: $0.id) } ?? target.match(tenant: tenant.id)
      let rules =
        group.sources.count > mostPeersInTree
        ? [FilterRule(destination: destination, comment: group.comment, verdict: .goto(group.chain))]
        : group.sources.map { $0.rule(to: destination, group.comment) }
      items.append(RuleTreeItem(bits: bits, length: length, rules: rules))
    }
  }
  var tree = RuleTree { bits, length in
    FilterRule(destination: target.match(fieldBits: bits, length: length), verdict: .accept)
  }
  tree.build(ChainName(tree: "n", network: position), items)
  return tree.chains
}

/// Where packets may come from: addresses under a mask, or in blocks.
enum PeerSource {
  case match(AddressMatch)
  case blocks(AddressSetName)

  func rule(to destination: AddressMatch? = nil, _ comment: RuleComment) -> FilterRule {
    var rule = FilterRule(destination: destination, comment: comment, verdict: .accept)
    switch self {
    case .match(let match): rule.source = match
    case .blocks(let name): rule.sourceSet = name
    }
    return rule
  }
}

/// Endpoints that the same sources may reach: those of a segment, or of a whole tenant.
struct PeerGroup {
  var segment: Segment?
  var sources: [PeerSource]
  var comment: RuleComment
  /// The chain that holds the sources where there are many.
  var chain: ChainName
}

/// Who may reach whom within a tenant, as its isolation says.
func peerGroups(_ topology: Topology, _ tenant: Tenant, _ networks: [Int]) -> [PeerGroup] {
  let used = networks.filter { tenant.networks.contains($0) }.map { topology.networks[$0] }
  let peers = used.compactMap(\.tagged)
  let blocks = used.first { $0.isDividedIntoBlocks }?.family
  let chain = ChainName(peersOf: tenant.id)
  switch tenant.isolation {
  case .segment:
    return tenant.segments.map { segment in
      PeerGroup(
        segment: segment,
        sources: peers.map { .match($0.match(tenant: tenant.id, segment: segment.id)) }
          + [blocks].compactMap { $0.map { .blocks(AddressSetName($0, tenant: tenant.id, segment: segment.id)) } },
        comment: .segment(tenant: tenant.name, segment: segment.name),
        chain: ChainName(peersOf: tenant.id, segment: segment.id))
    }
  case .tenant:
    return [
      PeerGroup(
        sources: peers.map { .match($0.match(tenant: tenant.id)) }
          + [blocks].compactMap { $0.map { .blocks(AddressSetName($0, tenant: tenant.id)) } },
        comment: .tenant(tenant.name), chain: chain)
    ]
  case .none:
    return [
      PeerGroup(
        sources: networks.map { .match(AddressMatch(topology.networks[$0].prefix)) }, comment: .tenant(tenant.name),
        chain: chain)
    ]
  }
}

/// The chains of the peers that stand in chains of their own.
private func peerChains(_ topology: Topology, _ networks: [Int]) -> [FilterChain] {
  topology.tenants.filter { tenant in networks.contains { tenant.networks.contains($0) } }.flatMap { tenant in
    peerGroups(topology, tenant, networks).filter { $0.sources.count > mostPeersInTree }.map { group in
      FilterChain(
        name: group.chain,
        rules: group.sources.map { $0.rule(group.comment) })
    }
  }
}

/// New connections of local endpoints to addresses outside the fabric: never the devices of the fabric, nor
/// link-local services such as an instance's metadata; else as each tenant's `egress` says.
private func egressChains(_ topology: Topology, _ networks: [Int], _ access: AccessPlan) -> [FilterChain] {
  var root = FilterChain(name: .egress, rules: [FilterRule(verdict: .jump(.underlay))] + access.asking(.outside))
  var chains = underlayTree(
    neverReached(topology, access.family),
    access[.underlay].isEmpty ? .drop : .goto(ChainName(policies: .underlay)))
  for (position, index) in networks.enumerated() {
    guard let network = topology.networks[index].tagged else { continue }
    let items = topology.tenants.filter { $0.networks.contains(index) && $0.egress == .allow }.map { tenant in
      RuleTreeItem(
        bits: UInt128(tenant.id), length: network.layout.tenant,
        rules: [
          FilterRule(
            source: network.match(tenant: tenant.id), comment: .egress(tenant: tenant.name), verdict: .accept)
        ])
    }
    guard !items.isEmpty else { continue }
    let name = ChainName(tree: "e", network: position)
    root.rules.append(
      FilterRule(source: AddressMatch(network.prefix), comment: .network(network.name), verdict: .goto(name)))
    var tree = RuleTree { bits, length in
      FilterRule(source: network.match(fieldBits: bits, length: length), verdict: .accept)
    }
    tree.build(name, items)
    chains += tree.chains
  }
  chains += blockEgressTree(topology, networks, &root)
  return chains + [root]
}

/// What no endpoint reaches: the devices of the fabric, 169.254.0.0/16 (RFC 3927), and the address of EC2's metadata service in
/// IPv6; sorted.
func neverReached(_ topology: Topology, _ family: AddressFamily) -> [Prefix] {
  var never = topology.underlay.filter { $0.family == family }
  never.append(family == .ipv4 ? linkLocalIPv4 : metadataIPv6)
  return aggregatePrefixes(never)
}

/// The tree over the destination that drops what is for the underlay, or leads it to the policies about it: the number of its rules is that of the
/// underlay's aggregated prefixes.
private func underlayTree(_ prefixes: [Prefix], _ verdict: Verdict) -> [FilterChain] {
  let items = prefixes.map { prefix in
    RuleTreeItem(
      bits: prefix.address.bits >> prefix.hostBitCount, length: prefix.length,
      rules: [
        FilterRule(
          destination: AddressMatch(prefix), comment: verdict == .drop ? .word("underlay") : nil, verdict: verdict)
      ])
  }
  guard let family = prefixes.first?.family else { return [FilterChain(name: .underlay, rules: [])] }
  var tree = RuleTree { bits, length in
    let address = Address(family, bits << (family.bitWidth - length))
    return FilterRule(destination: AddressMatch(Prefix(containing: address, length: length)), verdict: .accept)
  }
  tree.build(.underlay, items)
  return tree.chains
}
