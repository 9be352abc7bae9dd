/// Isolation in networks of blocks. An address there does not tell whose it is, so rules ask sets of blocks.
///
/// There is a rule for each segment or tenant, as in networks that are divided by bits, and a tree of unions above them:
/// the number of rules, and of those that a packet meets, does not depend on the number of hosts and blocks.
func blockIsolationTree(_ topology: Topology, _ networks: [Int]) -> [FilterChain] {
  guard let family = blockFamily(topology, networks) else { return [] }
  var items: [RuleTreeItem] = []
  for tenant in topology.tenants where usesBlocks(tenant, topology, networks) {
    for group in peerGroups(topology, tenant, networks) {
      let name = AddressSetName(family, tenant: tenant.id, segment: group.segment?.id)
      guard case .segments(let bits, let length) = name.content else { continue }
      let rules =
        group.sources.count > mostPeersInTree
        ? [FilterRule(destinationSet: name, comment: group.comment, verdict: .goto(group.chain))]
        : group.sources.map { source in
          var rule = source.rule(group.comment)
          rule.destinationSet = name
          return rule
        }
      items.append(RuleTreeItem(bits: UInt128(bits), length: length, rules: rules))
    }
  }
  var tree = RuleTree { bits, length in
    FilterRule(destinationSet: AddressSetName(family, .segments(bits: UInt32(bits), length: length)), verdict: .accept)
  }
  tree.build(.blocks, items)
  return tree.chains
}

/// Which tenants' endpoints in blocks may open connections to addresses outside the fabric. The source is one of the
/// host's own blocks, as anti-spoofing has seen to.
func blockEgressTree(_ topology: Topology, _ networks: [Int], _ root: inout FilterChain) -> [FilterChain] {
  guard let family = blockFamily(topology, networks) else { return [] }
  let tenants = topology.tenants.filter { $0.egress == .allow && usesBlocks($0, topology, networks) }
  guard !tenants.isEmpty else { return [] }
  root.rules += networks.map { topology.networks[$0] }.filter(\.isDividedIntoBlocks).map {
    FilterRule(source: AddressMatch($0.prefix), comment: .network($0.name), verdict: .goto(.blockEgress))
  }
  var tree = RuleTree { bits, length in
    FilterRule(sourceSet: AddressSetName(family, .segments(bits: UInt32(bits), length: length)), verdict: .accept)
  }
  tree.build(
    .blockEgress,
    tenants.map { tenant in
      RuleTreeItem(
        bits: UInt128(tenant.id), length: 16,
        rules: [
          FilterRule(
            sourceSet: AddressSetName(family, tenant: tenant.id), comment: .egress(tenant: tenant.name),
            verdict: .accept)
        ])
    })
  return tree.chains
}

/// Hosts speak for themselves. Only a tenant that lets every address of the networks in would take them for endpoints.
func infrastructureBlockRules(_ topology: Topology, _ networks: [Int]) -> [FilterRule] {
  guard let family = blockFamily(topology, networks),
    topology.tenants.contains(where: { tenant in
      tenant.isolation == .none && networks.contains { tenant.networks.contains($0) }
    })
  else { return [] }
  return [
    FilterRule(
      sourceSet: AddressSetName(family, .infrastructure), comment: .word("from the infrastructure"), verdict: .drop)
  ]
}

/// The set of the host's blocks, if it has any of the family.
func ownBlockSet(_ own: [OwnPrefix]) -> [AddressSetName] {
  own.first { $0.owner != nil }.map { [AddressSetName($0.prefix.family, .own)] } ?? []
}

private func blockFamily(_ topology: Topology, _ networks: [Int]) -> AddressFamily? {
  networks.first { topology.networks[$0].isDividedIntoBlocks }.map { topology.networks[$0].family }
}

func usesBlocks(_ tenant: Tenant, _ topology: Topology, _ networks: [Int]) -> Bool {
  networks.contains { topology.networks[$0].isDividedIntoBlocks && tenant.networks.contains($0) }
}
