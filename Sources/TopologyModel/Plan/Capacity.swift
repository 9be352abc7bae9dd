/// How much of something that can't grow without renumbering, or not at all, is in use.
package struct Capacity: Sendable, Equatable {
  package enum Resource: Sendable, Hashable, CaseIterable {
    /// Regions in a network.
    case regions
    /// Racks in a region's prefix.
    case racks
    /// Hosts in a rack's prefix.
    case hosts
    /// Blocks in a rack's prefix.
    case blocks
    /// Tenant ids in a network's tenant bits; 0 is the infrastructure's.
    case tenants
    /// Segment ids of a tenant in a network's segment bits.
    case segments
    /// Addresses for hosts in a rack's subnet: pairs on routed links, single ones on a segment.
    case links
    /// Routes in the table of a switch.
    case staticRoutes
    /// Routes of a family in the fullest route table of a VPC, those of others included.
    case vpcRoutes

    package var title: String {
      switch self {
      case .regions: "regions"
      case .racks: "racks"
      case .hosts: "hosts"
      case .blocks: "blocks"
      case .tenants: "tenants"
      case .segments: "segments"
      case .links: "hosts in the subnet"
      case .staticRoutes: "static routes"
      case .vpcRoutes: "routes of VPCs"
      }
    }
  }
  package var resource: Resource
  /// What it is part of: a network, and there a region, rack or tenant; or a rack or switch alone.
  package var network: Name?
  package var place: Name?
  /// What is divided, where that is a prefix.
  package var prefix: Prefix?
  package var used: Int
  /// At most 2^62.
  package var available: Int

  /// From 0 to 1.
  package var share: Double { available == 0 ? 1 : Double(used) / Double(available) }
}

extension NetworkPlan {
  /// All that can run out, network by network from the top down, then subnets, then tables of switches.
  package func capacities() -> [Capacity] {
    topology.networks.indices.flatMap(networkCapacities) + subnetCapacities() + tableCapacities()
      + vpcCapacities()
  }

  private func networkCapacities(_ index: Int) -> [Capacity] {
    let network = topology.networks[index]
    let regions = topology.regions.filter { $0.allocations[index] != nil }
    func capacity(_ resource: Capacity.Resource, _ place: Name?, _ prefix: Prefix?, _ used: Int, bits: Int) -> Capacity
    {
      Capacity(
        resource: resource, network: network.name, place: place, prefix: prefix, used: used, available: powerOfTwo(bits)
      )
    }
    var found: [Capacity] = []
    if let length = regions.first?.allocations[index]?.prefix.length {
      found.append(
        capacity(.regions, nil, network.prefix, regions.count, bits: length - network.prefix.length))
    }
    for region in regions {
      guard let allocation = region.allocations[index] else { continue }
      let racks = topology.racks[region.racks].filter { $0.allocations[index] != nil }
      found.append(
        capacity(
          .racks, region.name, allocation.prefix, racks.count, bits: allocation.rackLength - allocation.prefix.length))
      for rack in racks {
        guard let own = rack.allocations[index] else { continue }
        if let block = network.layout.block {
          let blocks = topology.hosts[rack.hosts].reduce(0) { $0 + $1.blocks.count { $0.network == index } }
          found.append(capacity(.blocks, rack.name, own.aggregate, blocks, bits: block - own.aggregate.length))
        } else {
          found.append(
            capacity(.hosts, rack.name, own.aggregate, rack.hosts.count, bits: own.hostLength - own.aggregate.length))
        }
      }
    }
    return found + identityCapacities(index)
  }

  /// Ids are fabric-wide, so the highest of those that may use the network counts, not their number.
  private func identityCapacities(_ index: Int) -> [Capacity] {
    let network = topology.networks[index]
    guard network.tagged != nil else { return [] }
    let tenants = topology.tenants.filter { $0.networks.contains(index) }
    let highest = tenants.map(\.id).max() ?? 0
    var found = [
      Capacity(
        resource: .tenants, network: network.name, place: nil, prefix: nil, used: highest,
        available: powerOfTwo(network.layout.tenant) - 1)
    ]
    for tenant in tenants {
      found.append(
        Capacity(
          resource: .segments, network: network.name, place: tenant.name, prefix: nil,
          used: tenant.segments.map(\.id).max() ?? 0, available: powerOfTwo(network.layout.segment) - 1))
    }
    return found
  }

  private func subnetCapacities() -> [Capacity] {
    topology.racks.flatMap { rack in
      AddressFamily.allCases.compactMap { family -> Capacity? in
        guard let subnet = rack.subnet(family) else { return nil }
        let bits = family.bitWidth - subnet.length
        // A link of two addresses a host and ToR; on a segment neither the network, the broadcast nor the gateways.
        let available =
          rack.access == .l3
          ? powerOfTwo(bits - 1) / max(1, rack.tors.count) : powerOfTwo(bits) - 2 - max(1, rack.tors.count)
        return Capacity(
          resource: .links, network: nil, place: rack.name, prefix: subnet, used: rack.hosts.count,
          available: max(0, available))
      }
    }
  }

  private func tableCapacities() -> [Capacity] {
    devices.compactMap { device in
      guard let limit = maximumStaticRoutes(of: device) else { return nil }
      return Capacity(
        resource: .staticRoutes, network: nil, place: device.name, prefix: nil, used: plan(device).routes.count,
        available: limit)
    }
  }

  private func vpcCapacities() -> [Capacity] {
    vpcs.compactMap(\.self).flatMap { vpc in
      vpc.families.filter { $0.choice != .direct }.map { family in
        let routes = vpc.tables.map { $0.routes.count { $0.prefix.family == family.family } }
        return Capacity(
          resource: .vpcRoutes, network: nil, place: vpc.region, prefix: .everything(family.family),
          used: (routes.max() ?? 0) + family.otherRoutes, available: family.quota)
      }
    }
  }

  private func maximumStaticRoutes(of device: DeviceReference) -> Int? {
    switch device.place {
    case .tor(let rack, let position): topology.racks[rack].tors[position].device.maximumStaticRoutes
    case .spine(let region, let spine): topology.regions[region].spines[spine].maximumStaticRoutes
    case .host, .upstream, .vpc: nil
    }
  }
}

private func powerOfTwo(_ bits: Int) -> Int { bits < 0 ? 0 : 1 << min(bits, 62) }
