/// What the whole fabric is to do: the devices, and for each of them a plan that is made when it is asked for, so
/// that 100,000 plans never stand in memory together.
package struct NetworkPlan: Sendable {
  package let topology: Topology
  /// All devices in the order of the output tree: hosts, spines, ToRs by folder, then name by bytes.
  package let devices: [DeviceReference]
  /// What the policies decide, by family.
  private let access: [AccessPlan]
  private let trees: [[FilterChain]]
  /// The directions of all services, in the order in which they are asked.
  package let paths: [ServicePath]
  /// The part of the nftables table that is the same on every host; empty if no host has one.
  package let sharedNFT: NFTFragment
  /// By family, if there are networks of blocks.
  private let blocks: [BlockIndex]

  package init(_ topology: Topology) {
    self.topology = topology
    devices = listDevices(topology)
    access = AddressFamily.allCases.map { planAccess(topology, $0) }
    paths = servicePaths(topology)
    let trees = access.map { planSharedChains(topology, $0) }
    self.trees = trees
    blocks =
      topology.networks.contains(where: \.isDividedIntoBlocks)
      ? AddressFamily.allCases.map { BlockIndex(topology, $0, trees[Int($0.rawValue)]) } : []
    let hasNFT = topology.hosts.contains { $0.settings.firewallBackend == .nft }
    sharedNFT = hasNFT ? planSharedNFT(topology, access) : NFTFragment()
  }

  /// The chains that are the same on every host of the fabric: the trees of isolation and egress.
  package func sharedChains(_ family: AddressFamily) -> [FilterChain] { trees[Int(family.rawValue)] }

  /// What the policies of the fabric decide in a family, before any rule is spelled.
  package func accessPlan(_ family: AddressFamily) -> AccessPlan { access[Int(family.rawValue)] }

  package func plan(_ device: DeviceReference) -> DevicePlan {
    var plan =
      switch device.place {
      case .host(let index): withSets(planHost(topology, index, access, paths), index)
      case .tor(let rack, let position): planToR(topology, rack, position)
      case .spine(let region, let spine): planSpine(topology, region, spine)
      }
    plan.insertions = topology.insertions(of: device.name)
    return plan
  }

  /// Gives a host the sets that its rules refer to, where there are networks of blocks.
  private func withSets(_ plan: DevicePlan, _ host: Int) -> DevicePlan {
    guard !blocks.isEmpty, var firewall = plan.firewall else { return plan }
    var plan = plan
    guard firewall.nft == nil else {
      for fragment in blocks.map({ $0.nftFragment(topology, host) }) {
        firewall.nft?.sets += fragment.sets
        firewall.nft?.chains += fragment.chains
      }
      plan.firewall = firewall
      return plan
    }
    firewall.ipv4.sets = blocks[0].sets(topology, host, own: firewall.ipv4.chains)
    firewall.ipv6.sets = blocks[1].sets(topology, host, own: firewall.ipv6.chains)
    plan.firewall = firewall
    plan.artifacts.insert(.addressSets, at: plan.artifacts.firstIndex(of: .firewallScript) ?? 0)
    return plan
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
  }
  package let name: Name
  package let place: Place

  package var role: DeviceRole {
    switch place {
    case .host: .host
    case .tor: .tor
    case .spine: .spine
    }
  }
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
  return [hosts, spines, tors].flatMap { $0.sorted { $0.name < $1.name } }
}
