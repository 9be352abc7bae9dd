/// Plans the part of the table `inet romana` that is the same on every host: who reaches which endpoint, and which
/// endpoint reaches addresses outside the fabric. It says what `planSharedChains` says for iptables.
func planSharedNFT(_ topology: Topology, _ access: [AccessPlan]) -> NFTFragment {
  var fragment = NFTFragment()
  for access in access {
    let family = access.family
    let networks = topology.networks.indices.filter { topology.networks[$0].family == family }
    if !networks.isEmpty {
      fragment.sets.append(
        NFTSet(
          name: NFTName("networks", family), key: [.address(family)],
          elements: networks.map {
            NFTElement([NFTValue(topology.networks[$0].prefix)], comment: .network(topology.networks[$0].name))
          }))
      addInside(topology, networks, access, to: &fragment)
    }
    addEgress(topology, networks, access, to: &fragment)
    addPolicies(topology, networks, access, to: &fragment)
  }
  return fragment
}

/// The chains and maps of the zones that policies are about. Without networks nothing is forwarded to endpoints.
private func addPolicies(
  _ topology: Topology, _ networks: [Int], _ access: AccessPlan, to fragment: inout NFTFragment
) {
  let masks = Set(networks.compactMap { topology.networks[$0].tagged?.segmentMask }).sorted()
  for zone in AccessZone.allCases where !(zone == .inside && networks.isEmpty) {
    let policies = NFTAccess(access, zone, masks: masks)
    fragment.sets += policies.sets
    if let chain = policies.chain { fragment.chains.append(chain) }
  }
}

extension AccessPlan {
  /// The jump to the policies of a zone, if there are any.
  func jump(_ zone: AccessZone, _ conditions: [NFTCondition] = []) -> [NFTRule] {
    self[zone].isEmpty ? [] : [NFTRule(conditions, .verdict(.jump(NFTAccess.name(zone, family))))]
  }
}

private func addInside(
  _ topology: Topology, _ networks: [Int], _ access: AccessPlan, to fragment: inout NFTFragment
) {
  let family = access.family
  var rules = [
    NFTRule(
      [.icmpTypes(family, family == .ipv4 ? icmpErrorTypes : icmpv6ErrorTypes)], .verdict(.accept),
      comment: .word("ICMP error"))
  ]
  rules += access.jump(.inside)
  // Tenant 0 is the infrastructure: hosts speak for themselves, not as neighbours of endpoints.
  rules += networks.compactMap { topology.networks[$0].tagged }.map {
    NFTRule([.source($0.match(tenant: 0))], .verdict(.drop), comment: .word("from the infrastructure"))
  }
  rules += nftBlockRules(topology, networks, family)
  let isolation = IsolationSets(topology, networks, family)
  fragment.sets += isolation.sets
  fragment.chains += isolation.chains
  rules += isolation.rules
  rules.append(NFTRule([], .verdict(.drop), comment: .word("not allowed")))
  fragment.chains.append(NFTChain(name: NFTName("inside", family), rules: rules))
}

/// Isolation as sets of pairs: what a packet's source and destination leave under the masks of their networks is looked
/// up in one set, whatever the number of tenants and segments.
///
/// A set serves all pairs of networks whose masks are the same two. With several such pairs a map of the networks'
/// prefixes leads to the chain of the right one, so a packet meets one lookup, or two.
private struct IsolationSets {
  private let family: AddressFamily
  private let networks: [TaggedNetwork]
  private var elements: [MaskPair: [NFTElement]] = [:]
  /// The pairs of networks (by position, source first) between which anybody may talk, and their masks.
  private var pairs: [(source: Int, destination: Int, masks: MaskPair)] = []
  /// All masks in use, in the order of the networks.
  private var masks: [MaskPair] = []

  private struct MaskPair: Hashable {
    var source: UInt128
    var destination: UInt128
  }

  init(_ topology: Topology, _ indices: [Int], _ family: AddressFamily) {
    self.family = family
    let indices = indices.filter { topology.networks[$0].tagged != nil }
    networks = indices.compactMap { topology.networks[$0].tagged }
    for destination in networks.indices {
      for source in networks.indices {
        let between = topology.tenants.filter { $0.networks.contains(indices[destination]) }.flatMap {
          elements($0, isPeer: $0.networks.contains(indices[source]), from: networks[source], to: networks[destination])
        }
        guard !between.isEmpty else { continue }
        let pair = MaskPair(source: networks[source].segmentMask, destination: networks[destination].segmentMask)
        if elements[pair] == nil { masks.append(pair) }
        elements[pair, default: []] += between
        pairs.append((source, destination, pair))
      }
    }
  }

  /// Which of a tenant's endpoints in one network are reached from another. Values under a network's mask differ in
  /// tenant and segment alone, so that a prefix stands for a tenant, and the network's for everybody.
  private func elements(
    _ tenant: Tenant, isPeer: Bool, from source: TaggedNetwork, to destination: TaggedNetwork
  ) -> [NFTElement] {
    switch tenant.isolation {
    case .segment:
      guard isPeer else { return [] }
      return tenant.segments.map { segment in
        NFTElement(
          [
            .address(source.match(tenant: tenant.id, segment: segment.id).value),
            .address(destination.match(tenant: tenant.id, segment: segment.id).value),
          ], comment: .segment(tenant: tenant.name, segment: segment.name))
      }
    case .tenant:
      guard isPeer else { return [] }
      return [
        NFTElement(
          [source.maskedPrefix(tenant: tenant.id), destination.maskedPrefix(tenant: tenant.id)],
          comment: .tenant(tenant.name))
      ]
    case .none:
      return [
        NFTElement(
          [NFTValue(source.prefix), destination.maskedPrefix(tenant: tenant.id)], comment: .tenant(tenant.name))
      ]
    }
  }

  var sets: [NFTSet] {
    masks.enumerated().map { number, masks in
      NFTSet(
        name: NFTName("pairs", family, number: number), key: [.address(family), .address(family)], hasCounters: true,
        elements: elements[masks] ?? [])
    } + (masks.count > 1 ? [networkPairs] : [])
  }

  /// From two networks to the chain for their masks.
  private var networkPairs: NFTSet {
    NFTSet(
      name: NFTName("network-pairs", family), key: [.address(family), .address(family)], isMap: true,
      elements: pairs.map { source, destination, pair in
        NFTElement(
          [NFTValue(networks[source].prefix), NFTValue(networks[destination].prefix)],
          verdict: .goto(chainName(masks.firstIndex(of: pair) ?? 0)))
      })
  }

  private func chainName(_ number: Int) -> NFTName { NFTName("isolation", family, number: number) }

  private func lookup(_ number: Int) -> NFTRule {
    let selectors: [NFTSelector] = [
      .source(family, mask: masks[number].source), .destination(family, mask: masks[number].destination),
    ]
    return NFTRule([.contained(selectors, NFTName("pairs", family, number: number))], .verdict(.accept))
  }

  /// One chain for each pair of masks, where there are several.
  var chains: [NFTChain] {
    guard masks.count > 1 else { return [] }
    return masks.indices.map { number in
      NFTChain(
        name: chainName(number),
        rules: [lookup(number), NFTRule([], .verdict(.drop), comment: .word("not allowed"))])
    }
  }

  var rules: [NFTRule] {
    if masks.count == 1 { return [lookup(0)] }
    if masks.isEmpty { return [] }
    return [NFTRule([], .lookup([.source(family), .destination(family)], NFTName("network-pairs", family)))]
  }
}

/// New connections of local endpoints to addresses outside the fabric: never the devices of the fabric, nor link-local
/// services such as an instance's metadata; else as each tenant's `egress` says. One lookup for each mask of tenants.
private func addEgress(
  _ topology: Topology, _ networks: [Int], _ access: AccessPlan, to fragment: inout NFTFragment
) {
  let family = access.family
  var rules: [NFTRule] = []
  let never = neverReached(topology, family)
  if !never.isEmpty {
    let underlay = NFTName("underlay", family)
    fragment.sets.append(
      NFTSet(name: underlay, key: [.address(family)], elements: never.map { NFTElement([NFTValue($0)]) }))
    let toUnderlay = NFTCondition.contained([.destination(family)], underlay)
    rules += access.jump(.underlay, [toUnderlay])
    rules.append(NFTRule([toUnderlay], .verdict(.drop), comment: .word("underlay")))
  }
  rules += access.jump(.outside)
  var masks: [UInt128] = []
  var elements: [UInt128: [NFTElement]] = [:]
  for index in networks {
    guard let network = topology.networks[index].tagged else { continue }
    for tenant in topology.tenants where tenant.networks.contains(index) && tenant.egress == .allow {
      let match = network.match(tenant: tenant.id)
      if elements[match.mask] == nil { masks.append(match.mask) }
      elements[match.mask, default: []].append(
        NFTElement([.address(match.value)], comment: .egress(tenant: tenant.name)))
    }
  }
  for (number, mask) in masks.enumerated() {
    let name = NFTName("egress", family, number: number)
    fragment.sets.append(
      NFTSet(name: name, key: [.address(family)], hasCounters: true, elements: elements[mask] ?? []))
    rules.append(NFTRule([.contained([.source(family, mask: mask)], name)], .verdict(.accept)))
  }
  rules += nftBlockEgress(topology, networks, family)
  fragment.chains.append(NFTChain(name: NFTName("egress", family), rules: rules))
}

extension TaggedNetwork {
  /// The mask under which only the network, the tenant and the segment are left.
  var segmentMask: UInt128 { match(tenant: 0, segment: 0).mask }

  /// All values under `segmentMask` that are a tenant's: the bits between the network's prefix and the tenant are zero
  /// in them.
  func maskedPrefix(tenant: Int) -> NFTValue {
    NFTValue(
      Prefix(
        containing: match(tenant: tenant).value,
        length: self.family.bitWidth - self.layout.segment - self.layout.endpoint))
  }
}
