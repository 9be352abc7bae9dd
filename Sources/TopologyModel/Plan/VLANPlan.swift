/// What a host on VLANs by a trunk needs below and beside its main routing table. Emitters spell it as `vlans.sh`.
///
/// The main table leads to the endpoints of the host whatever their VLAN. What an endpoint sends is therefore looked up in the
/// table of its VLAN first, by its source: there all other VLANs lie behind the gateway. What comes in from a VLAN is looked up in
/// the main table, also if its source is an endpoint of this host, for then it went round. So is what the host itself sends.
package struct VLANPlan: Sendable, Equatable {
  /// The interface whose frames have tags.
  package var trunk: InterfaceName
  /// The least MTU that it must have, in bytes; nil: as the operating system set it up.
  package var trunkMTU: Int?
  /// By VLAN id.
  package var interfaces: [VLANInterface]

  /// The interfaces whose packets the main table decides about: `lo` stands for what the host itself sends, from a gateway
  /// address too.
  package var mainInterfaces: [InterfaceName] { [InterfaceName("lo")!] + interfaces.map(\.interface) }
}

/// One VLAN of a host.
package struct VLANInterface: Sendable, Equatable {
  package var vlan: Name
  /// The tag, 1 to 4094.
  package var id: Int
  package var interface: InterfaceName
  /// In bytes; nil: that of the trunk.
  package var mtu: Int?
  /// The host's addresses in it, with the length of the subnet.
  package var addresses: [InterfaceAddress]
  /// The prefixes of the host in the networks of the VLAN, sorted: sources that are looked up in `table`.
  package var sources: [Prefix]
  /// The routes of the VLAN's table, sorted by prefix.
  package var routes: [VLANRoute]

  /// The number of the VLAN's routing table: 7740000 and the id.
  package var table: Int { vlanTableBase + id }
}

package struct InterfaceAddress: Sendable, Equatable {
  package var address: Address
  package var length: Int
}

/// A route of a VLAN's table.
package struct VLANRoute: Sendable, Equatable {
  package enum Target: Sendable, Equatable {
    /// A network of the VLAN: as the main table says.
    case main
    /// Another network: over the gateway, and if that can't be, nowhere.
    case gateway(Address)
  }
  package var prefix: Prefix
  package var target: Target
}

/// The number below those of the VLANs' routing tables. Those below, from `steeringBase` on, are of services.
let vlanTableBase = 7_740_000

/// The priorities of the rules (ip-rule(8)): lower numbers come first, the main table has 32766. Those of services come before
/// them: a packet that is led away is not yet on its way to another VLAN.
package let vlanRulePriorities = (arriving: 7710, sent: 7711)

/// The VLANs of a shared host; nil on others: with one VLAN and no tags the uplink leads to the gateway anyway.
func planVLANs(
  _ topology: Topology, _ host: Host, _ region: Region, _ own: [OwnPrefix], _ gateways: [HostGateway]
) -> VLANPlan? {
  guard let trunk = host.links[0].trunk else { return nil }
  let rack = topology.racks[host.rack]
  let interfaces = gateways.compactMap { gateway -> VLANInterface? in
    guard let index = gateway.vlan, let carried = rack.vlans.first(where: { $0.vlan == index }) else { return nil }
    let vlan = topology.vlans[index]
    let addresses = AddressFamily.allCases.compactMap { family -> InterfaceAddress? in
      guard let address = gateway.hostAddress(family), let subnet = carried.subnet(family) else { return nil }
      return InterfaceAddress(address: address, length: subnet.length)
    }
    let sources = own.filter { topology.serves(gateway, network: $0.network) }.map(\.prefix).sorted()
    return VLANInterface(
      vlan: vlan.name, id: vlan.id, interface: gateway.interface, mtu: vlan.mtu ?? host.settings.mtu,
      addresses: addresses, sources: sources, routes: vlanRoutes(topology, host, region, gateway, sources))
  }
  let mtu = host.settings.mtu ?? interfaces.compactMap(\.mtu).max()
  return VLANPlan(trunk: trunk, trunkMTU: mtu, interfaces: interfaces)
}

/// Of the families that endpoints of the VLAN have.
private func vlanRoutes(
  _ topology: Topology, _ host: Host, _ region: Region, _ gateway: HostGateway, _ sources: [Prefix]
) -> [VLANRoute] {
  let families = Set(sources.map(\.family))
  var routes = region.networks.compactMap { index -> VLANRoute? in
    let network = topology.networks[index]
    guard families.contains(network.family) else { return nil }
    if topology.serves(gateway, network: index) { return VLANRoute(prefix: network.prefix, target: .main) }
    return gateway.address(network.family).map { VLANRoute(prefix: network.prefix, target: .gateway($0)) }
  }
  if host.settings.defaultRoute == .own {
    routes += families.sorted().compactMap { family in
      gateway.address(family).map { VLANRoute(prefix: .everything(family), target: .gateway($0)) }
    }
  }
  return routes.sorted { $0.prefix < $1.prefix }
}

extension Host {
  /// Whether its endpoints may be in different VLANs.
  var hasSeveralVLANs: Bool { links.count > 1 && links[0].vlan != nil }
}

extension Topology {
  /// The VLAN that tells the sessions of a host apart; nil if it has no more than one.
  func sessionVLAN(_ gateway: HostGateway, _ host: Host) -> VLAN? {
    host.hasSeveralVLANs ? gateway.vlan.map { vlans[$0] } : nil
  }

  /// Whether host and gateway have something to tell each other in a family: on VLANs, if a network of the VLAN is of it.
  func speaks(_ gateway: HostGateway, _ family: AddressFamily, _ region: Region) -> Bool {
    gateway.vlan == nil
      || region.networks.contains { networks[$0].family == family && networks[$0].vlan == gateway.vlan }
  }
}

/// The gateways of a host that lead to a network, or with nil to everything else: on VLANs the one of the network's VLAN, and of
/// a network that is in none of the host's VLANs that of the first which speaks the family.
func gatewaysTo(
  _ network: Int?, _ family: AddressFamily, _ topology: Topology, _ region: Region, _ gateways: [HostGateway]
) -> [HostGateway] {
  guard gateways.contains(where: { $0.vlan != nil }) else { return gateways }
  if let network, let vlan = topology.networks[network].vlan,
    let own = gateways.first(where: { $0.vlan == vlan })
  {
    return [own]
  }
  return gateways.first { topology.speaks($0, family, region) }.map { [$0] } ?? []
}

extension FilterName {
  /// The filter of a host's prefixes, in one VLAN of several or in all.
  static func prefixes(of host: Name, in vlan: VLAN?) -> FilterName {
    vlan.map { .vlanPrefixes(host: host, vlan: $0.name) } ?? .hostPrefixes(host)
  }
}

extension [BGPSession] {
  /// By neighbour, then family; of one neighbour and family the VLANs keep their order.
  mutating func sortByNeighbor() {
    let sorted = enumerated().sorted {
      ($0.element.neighbor, $0.element.family, $0.offset) < ($1.element.neighbor, $1.element.family, $1.offset)
    }
    self = sorted.map(\.element)
  }
}
