/// What EC2 has between the VPCs of two regions, a peering or transit gateways and theirs, as a cable of the lab between the routers
/// of the VPCs. For models and the lab.
package struct VPCCable {
  /// Index into `Topology.interconnects`.
  var interconnect: Int
  /// Indices into `Topology.regions`, the lower first.
  var regions: [Int]
  /// Unique in the lab.
  var number: Int

  /// Addresses that nothing else in a topology may have (RFC 3927, RFC 4193): the first region has the even ones.
  func address(_ family: AddressFamily, ofEnd end: Int) -> Address {
    let base: UInt128 = family == .ipv4 ? 0xa9fe_e000 : UInt128(0xfd72_6f6d_616e_6200) << 64
    return Address(family, base + UInt128(2 * number + end))
  }
}

extension Topology {
  var vpcCables: [VPCCable] {
    var cables: [VPCCable] = []
    for (index, interconnect) in interconnects.enumerated() where interconnect.kind != .tunnel {
      for pair in interconnect.pairs {
        cables.append(VPCCable(interconnect: index, regions: [pair.0, pair.1], number: cables.count))
      }
    }
    return cables
  }

  /// The cables as links of the fabric, for the layout.
  package var vpcLinks: [FabricLink] {
    vpcCables.map { cable in
      FabricLink(
        ends: cable.regions.enumerated().map { end, region in
          FabricLink.End(
            place: .vpc(region), name: regions[region].name, address: cable.address(.ipv4, ofEnd: end),
            address6: cable.address(.ipv6, ofEnd: end))
        }, length: 31, length6: 127)
    }
  }
}

extension NetworkPlan {
  /// What the tables of a VPC lead to other regions by themselves, over the cables: for transit gateways as the gateway's own table
  /// has it too.
  package func routesOverCables(_ region: Int) -> [StaticRoute] {
    guard let vpc = vpcs[region] else { return [] }
    var known: Set<Prefix> = []
    return vpc.tables.flatMap(\.routes).compactMap { route in
      guard case .link(let index) = route.target, let other = peer(of: vpc.links[index], route.prefix, vpc, region),
        known.insert(route.prefix).inserted
      else { return nil }
      let name = vpc.links[index].interconnect
      let cable = topology.vpcCables.first {
        topology.interconnects[$0.interconnect].name == name && $0.regions == [min(region, other), max(region, other)]
      }
      guard let cable else { return nil }
      let end = cable.regions[0] == region ? 1 : 0
      let hop = NextHop(
        address: cable.address(route.prefix.family, ofEnd: end), device: topology.regions[other].name, interface: nil)
      return StaticRoute(prefix: route.prefix, target: .gateways([hop]), purpose: route.purpose)
    }
  }

  /// The region that packets to a prefix come to next over a link.
  private func peer(of link: VPCLink, _ prefix: Prefix, _ vpc: VPCPlan, _ region: Int) -> Int? {
    let name: Name?
    switch link.kind {
    case .peering:
      return topology.interconnects.first { $0.name == link.interconnect }?.regions.first { $0 != region }
    case .transitGateway:
      let gateway = vpc.transitGateways.first { $0.interconnect == link.interconnect }
      name = gateway?.routes.first { $0.prefix == prefix }.flatMap { gateway?.attachments[$0.attachment].region }
    }
    return topology.regions.firstIndex { $0.name == name }
  }
}
