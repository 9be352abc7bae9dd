/// What the whole fabric is to do: the devices, and for each of them a plan that is made when it is asked for, so
/// that 100,000 plans never stand in memory together.
package struct NetworkPlan: Sendable {
  package let topology: Topology
  /// All devices in the order of the output tree: hosts, spines, ToRs, VPCs, by name in each.
  package let devices: [DeviceReference]
  /// What the policies decide, by family.
  private let access: [AccessPlan]
  private let trees: [[FilterChain]]
  /// The same for hosts with sets of addresses for long lists of policies, and the sets; empty if no host has them.
  private let treesWithSets: [(chains: [FilterChain], sets: [AddressSet])]
  /// The directions of all services, in the order in which they are asked.
  package let paths: [ServicePath]
  /// The part of the nftables table that is the same on every host; empty if no host has one.
  package let sharedNFT: NFTFragment
  /// By family, if there are networks of blocks.
  private let blocks: [BlockIndex]
  /// By region; nil for data centers.
  package let vpcs: [VPCPlan?]
  /// What instances do for others of their zone, by index of the host.
  private let transits: [Int: HostTransit]

  package init(_ topology: Topology) {
    self.topology = topology
    devices = listDevices(topology)
    access = AddressFamily.allCases.map { planAccess(topology, $0) }
    paths = servicePaths(topology)
    let trees = access.map { planSharedChains(topology, $0).chains }
    self.trees = trees
    let hasSets = topology.hosts.contains { $0.settings.usesAddressSets }
    treesWithSets = hasSets ? access.map { planSharedChains(topology, $0, usesSets: true) } : []
    blocks =
      topology.networks.contains(where: \.isDividedIntoBlocks)
      ? AddressFamily.allCases.map { BlockIndex(topology, $0, trees[Int($0.rawValue)]) } : []
    let vpcs = topology.regions.indices.map { VPCPlanner(topology, $0)?.plan() }
    transits = vpcs.enumerated().reduce(into: [:]) { all, item in
      guard let vpc = item.element else { return }
      all.merge(topology.transits(item.offset, vpc)) { first, _ in first }
    }
    self.vpcs = vpcs
    let hasNFT = topology.hosts.contains { $0.settings.firewallBackend == .nft }
    sharedNFT = hasNFT ? planSharedNFT(topology, access) : NFTFragment()
  }

  /// The chains that are the same on every host of the fabric: the trees of isolation and egress.
  ///
  /// - Parameter withSets: those of hosts whose policies have sets of addresses (`HostFirewall.usesAddressSets`).
  package func sharedChains(_ family: AddressFamily, withSets: Bool = false) -> [FilterChain] {
    withSets && !treesWithSets.isEmpty ? treesWithSets[Int(family.rawValue)].chains : trees[Int(family.rawValue)]
  }

  /// What the policies of the fabric decide in a family, before any rule is spelled.
  package func accessPlan(_ family: AddressFamily) -> AccessPlan { access[Int(family.rawValue)] }

  package func plan(_ device: DeviceReference) -> DevicePlan {
    var plan =
      switch device.place {
      case .host(let index): withSets(planHost(topology, index, access, paths, transits[index] ?? .none), index)
      case .tor(let rack, let position): planToR(topology, rack, position)
      case .spine(let region, let spine): planSpine(topology, region, spine)
      case .upstream(let region, let index): planUpstreamRouter(topology, region, index)
      // What has no plan was refused when the topology was resolved.
      case .vpc(let region): planVPCDevice(topology, region, vpcs[region]!)
      }
    plan.insertions = topology.insertions(of: device.name)
    return plan
  }

  /// Gives a host the sets that its rules refer to: of blocks, and of policies.
  private func withSets(_ plan: DevicePlan, _ host: Int) -> DevicePlan {
    guard var firewall = plan.firewall else { return plan }
    let policies = firewall.usesAddressSets ? treesWithSets.map(\.sets) : [[], []]
    guard !blocks.isEmpty || policies.contains(where: { !$0.isEmpty }) else { return plan }
    var plan = plan
    guard firewall.nft == nil else {
      for fragment in blocks.map({ $0.nftFragment(topology, host) }) {
        firewall.nft?.sets += fragment.sets
        firewall.nft?.chains += fragment.chains
      }
      plan.firewall = firewall
      return plan
    }
    if !blocks.isEmpty {
      firewall.ipv4.sets = blocks[0].sets(topology, host, own: firewall.ipv4.chains)
      firewall.ipv6.sets = blocks[1].sets(topology, host, own: firewall.ipv6.chains)
    }
    firewall.ipv4.sets = (firewall.ipv4.sets + policies[0]).sorted { $0.name < $1.name }
    firewall.ipv6.sets = (firewall.ipv6.sets + policies[1]).sorted { $0.name < $1.name }
    plan.firewall = firewall
    plan.artifacts.insert(.addressSets, at: plan.artifacts.firstIndex(of: .firewallScript) ?? 0)
    return plan
  }

  /// The upstreams: the other ends of sessions, which have a plan but no files in the output tree.
  package var upstreams: [DeviceReference] {
    topology.regions.enumerated().flatMap { index, region in
      region.upstreams.enumerated().map { DeviceReference(name: $1.name, place: .upstream(index, $0)) }
    }
  }

  /// The device of a name, which is unique in the fabric.
  package func device(named name: String) -> DeviceReference? { devices.first { $0.name.text == name } }
}

/// A device and where the topology holds it.
package struct DeviceReference: Sendable, Hashable {
  package enum Place: Sendable, Hashable {
    /// Index into `Topology.hosts`.
    case host(Int)
    /// Index into `Topology.racks` and position among the rack's ToRs.
    case tor(Int, Int)
    /// Indices into `Topology.regions` and its spines.
    case spine(Int, Int)
    /// Indices into `Topology.regions` and its upstreams: no device of the output tree.
    case upstream(Int, Int)
    /// Index into `Topology.regions`.
    case vpc(Int)

    package var role: DeviceRole {
      switch self {
      case .host: .host
      case .tor: .tor
      case .spine: .spine
      case .upstream: .upstream
      case .vpc: .vpc
      }
    }
  }
  package let name: Name
  package let place: Place

  package var role: DeviceRole { place.role }
}

func listDevices(_ topology: Topology) -> [DeviceReference] {
  let hosts = topology.hosts.indices.map { DeviceReference(name: topology.hosts[$0].name, place: .host($0)) }
  let tors = topology.racks.indices.flatMap { rack in
    topology.racks[rack].tors.enumerated().map { DeviceReference(name: $1.name, place: .tor(rack, $0)) }
  }
  let spines = topology.regions.indices.flatMap { region in
    topology.regions[region].spines.indices.map {
      DeviceReference(name: topology.regions[region].spines[$0].name, place: .spine(region, $0))
    }
  }
  let vpcs = topology.regions.indices.filter { topology.regions[$0].vpc != nil }.map {
    DeviceReference(name: topology.regions[$0].name, place: .vpc($0))
  }
  return [hosts, spines, tors, vpcs].flatMap { $0.sorted { $0.name < $1.name } }
}
