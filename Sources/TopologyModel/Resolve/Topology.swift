/// A topology in which every name is resolved, every id given and every address settled.
///
/// Devices stand in flat arrays, ordered by the ids of region, rack and host; ranges of indices lead from a
/// region to its racks and from a rack to its hosts. What the order of the input was can no longer be seen.
package struct Topology: Sendable {
  package var fabric: Name
  /// Sorted by family, then prefix.
  package var networks: [Network]
  /// Sorted by id.
  package var vlans: [VLAN]
  /// Sorted by id.
  package var tenants: [Tenant]
  package var regions: [Region]
  package var racks: [Rack]
  package var hosts: [Host]
  /// Every address block of the devices themselves (rack subnets, link pools, links, loopbacks), aggregated.
  package var underlay: [Prefix]
  /// Sorted by priority, then name.
  package var policies: [Policy] = []
  /// Sorted by id.
  package var functions: [ServiceFunction] = []
  /// Sorted by priority, then name: of several that are about a packet the first has it.
  package var services: [Service] = []
  /// In the order of the topology; their devices exist and have the points.
  package var insertions: [PlacedInsertion] = []
  /// Sorted by name.
  package var interconnects: [Interconnect] = []
  /// By host, an index into `hosts`: the tunnels that end on it, by number. Only gateways have some.
  package var hostTunnels: [Int: [HostTunnel]] = [:]

  /// The prefix of a host in a network, or nil if the network does not reach its rack, or gives hosts blocks instead.
  package func prefix(ofHost host: Int, inNetwork network: Int) -> Prefix? {
    let host = hosts[host]
    guard networks[network].layout.block == nil, host.isOn(networks[network].vlan),
      let allocation = racks[host.rack].allocations[network]
    else { return nil }
    let slot = allocation.hostSlots.map { UInt128($0[host.index]) } ?? UInt128(host.id)
    return allocation.aggregate.child(slot, length: allocation.hostLength)
  }

  /// What a host is connected to: the ToRs of its rack; without any, the spines, if there are any. On VLANs it is the ToR once in
  /// each.
  package func gateways(ofHost index: Int) -> [HostGateway] {
    let host = hosts[index]
    let rack = racks[host.rack]
    if !rack.vlans.isEmpty { return vlanGateways(host, rack) }
    let devices: [(DeviceReference.Place, Switch)] =
      rack.tors.isEmpty
      ? regions[rack.region].spines.enumerated().map { (.spine(rack.region, $0), $1) }
      : rack.tors.enumerated().map { (.tor(host.rack, $0), $1.device) }
    return devices.enumerated().map { position, device in
      let number = rack.access == .l3 ? position : 0
      let link = host.links[number]
      func address(_ family: AddressFamily) -> Address? {
        if link.isUnnumbered { return nil }
        return switch rack.access {
        case .l3: link.address(family).map { Address(family, $0.bits & ~1) }
        case .l2: rack.subnet(family)?.address.advanced(by: UInt128(position) + 1)
        }
      }
      return HostGateway(
        place: device.0, device: device.1, link: number, interface: link.interface,
        port: rack.access == .l3 ? link.torPort : nil, isUnnumbered: link.isUnnumbered,
        hostAddress: link.isUnnumbered ? nil : link.address, hostAddress6: link.isUnnumbered ? nil : link.address6,
        address: address(.ipv4), address6: address(.ipv6))
    }
  }

  private func vlanGateways(_ host: Host, _ rack: Rack) -> [HostGateway] {
    guard let tor = rack.tors.first else { return [] }
    return host.links.enumerated().compactMap { number, link in
      guard let vlan = link.vlan, let carried = rack.vlans.first(where: { $0.vlan == vlan }) else { return nil }
      return HostGateway(
        place: .tor(host.rack, 0), device: tor.device, link: number, interface: link.interface, port: nil,
        isUnnumbered: false, hostAddress: link.address, hostAddress6: link.address6, address: carried.gateway,
        address6: carried.gateway6,
        vlan: vlan)
    }
  }

  /// Whether what a gateway leads to is where a network is: on VLANs each has its own.
  package func serves(_ gateway: HostGateway, network: Int) -> Bool {
    gateway.vlan == nil || networks[network].vlan == gateway.vlan
  }

  /// Whether the hosts of a region have the spines for gateways (a split layer 2); then none of its racks has a ToR.
  package func hasSpineGateways(_ region: Region) -> Bool {
    !region.spines.isEmpty && racks[region.racks].contains { $0.tors.isEmpty }
  }

  /// Whether the spines of a region speak BGP: with ToRs, or with the hosts of racks that have none.
  package func spinesSpeakBGP(_ region: Region) -> Bool {
    guard hasSpineGateways(region) else { return region.routing == .bgp }
    return racks[region.racks].contains { rack in hosts[rack.hosts].contains { $0.settings.routing == .bgp } }
  }

  package func rack(ofHost host: Int) -> Rack { racks[hosts[host].rack] }
  package func region(ofHost host: Int) -> Region { regions[racks[hosts[host].rack].region] }
}

/// A VLAN (IEEE 802.1Q): in each rack that carries it a segment that ends on the ToR.
package struct VLAN: Sendable, Equatable {
  package var name: Name
  /// The tag on trunks, 1 to 4094.
  package var id: Int
  /// In bytes; nil: that of the host.
  package var mtu: Int?
}

/// A VLAN that a rack carries.
package struct RackVLAN: Sendable, Equatable {
  /// Index into `Topology.vlans`.
  package var vlan: Int
  package var subnet: Prefix?
  package var subnet6: Prefix?
  /// The ToR's addresses in it.
  package var gateway: Address?
  package var gateway6: Address?

  package func subnet(_ family: AddressFamily) -> Prefix? { family == .ipv4 ? subnet : subnet6 }
}

package struct Tenant: Sendable {
  package var name: Name
  package var id: Int
  package var isolation: TenantIsolation
  package var egress: EgressPolicy
  /// Indices into `Topology.networks`, ascending.
  package var networks: [Int]
  /// Sorted by id.
  package var segments: [Segment]
}

package struct Segment: Sendable {
  package var name: Name
  package var id: Int
}

package struct Region: Sendable {
  package var name: Name
  package var id: Int
  package var routing: RoutingProtocol
  /// What the spines are to the ToRs where the two speak BGP.
  package var spineBGP: SpineBGP
  /// Whether a default route travels from the spines down to hosts that want it (`default_route: own`).
  package var carriesDefault: Bool
  /// The name of the key between ToRs and spines.
  package var fabricSecret: Name?
  /// Routers outside of the fabric, sorted by name.
  package var upstreams: [Upstream] = []
  /// Sorted by id.
  package var spines: [Switch]
  /// Indices into `Topology.racks`.
  package var racks: Range<Int>
  /// Indices of the networks that exist in the region, ascending.
  package var networks: [Int]
  /// For each network of the topology: the prefix of the region in it, and the length of its rack aggregates.
  package var allocations: [RegionAllocation?]
  /// Of an EC2 region; its racks are zones.
  package var vpc: VPC?
  /// What it reaches of other regions, sorted by prefix, each once.
  package var far: [FarAggregate] = []
}

package struct RegionAllocation: Sendable, Equatable {
  package var prefix: Prefix
  package var rackLength: Int
}

/// A ToR or spine.
package struct Switch: Sendable {
  package var name: Name
  package var id: Int
  package var loopback: Address
  package var asn: UInt32?
  package var system: DeviceSystem
  package var maximumStaticRoutes: Int?
  package var range: SourceRange
}

package struct Rack: Sendable {
  package var name: Name
  package var id: Int
  package var region: Int
  /// One, or two that the hosts are dual-homed to, by id; none where the hosts' segment ends on the spines, or where it is all
  /// that there is (a flat layer 2).
  package var tors: [ToR]
  /// Whether each host has a link of its own, or all share a segment.
  package var access: AccessKind
  /// The addresses of hosts and of what they are connected to.
  package var subnet: Prefix?
  package var subnet6: Prefix?
  /// By id; not empty: the hosts are on these VLANs, and the rack has no subnet of its own.
  package var vlans: [RackVLAN]
  package var hosts: Range<Int>
  /// For each network of the topology.
  package var allocations: [RackAllocation?]
  /// With two ToRs.
  package var pair: ToRPair?
  /// Of an EC2 region.
  package var zone: Zone?

  package func subnet(_ family: AddressFamily) -> Prefix? { family == .ipv4 ? subnet : subnet6 }
}

/// A top-of-rack switch and its place in the fabric.
package struct ToR: Sendable {
  package var device: Switch
  /// Links to the spines, in the order of `Region.spines`.
  package var uplinks: [SpineLink]

  package var name: Name { device.name }
  package var asn: UInt32? { device.asn }
  package var system: DeviceSystem { device.system }
}

/// A link of a ToR and a spine: the spine has the even address. An unnumbered one has none, but names of interfaces.
package struct SpineLink: Sendable, Equatable {
  package var prefix: Prefix?
  package var prefix6: Prefix?
  package var isUnnumbered = false
  package var torInterface: InterfaceName?
  package var spineInterface: InterfaceName?

  package func prefix(_ family: AddressFamily) -> Prefix? { family == .ipv4 ? prefix : prefix6 }
  package func spineAddress(_ family: AddressFamily) -> Address? { prefix(family)?.address }
  package func torAddress(_ family: AddressFamily) -> Address? { prefix(family)?.address.advanced(by: 1) }

  /// The ends of the session of a family, as the ToR or the spine sees them; nil without such a session.
  func ends(_ family: AddressFamily, ofToR: Bool) -> SessionEnds? {
    let interface = isUnnumbered ? (ofToR ? torInterface : spineInterface) : nil
    let addresses = (torAddress(family), spineAddress(family))
    return ofToR
      ? SessionEnds(interface, addresses.0, addresses.1) : SessionEnds(interface, addresses.1, addresses.0)
  }
}

/// What a rack has in a network.
package struct RackAllocation: Sendable, Equatable {
  package var aggregate: Prefix
  package var hostLength: Int
  /// The slot of each host of the rack inside the aggregate; nil: its id.
  package var hostSlots: [UInt32]?
}

package struct Host: Sendable {
  package var name: Name
  package var id: Int
  /// Index into `Topology.racks`.
  package var rack: Int
  /// Position among the hosts of the rack.
  package var index: Int
  package var asn: UInt32?
  package var isDrained: Bool
  /// With `access: l3` one for each ToR of the rack, in their order; with `access: l2` the one to the segment, on VLANs one in
  /// each, by id. Never empty.
  package var links: [HostLink]
  package var settings: HostSettings
  package var endpoints: [Endpoint]
  /// The host's blocks in networks of blocks, sorted.
  package var blocks: [HostBlock] = []
  /// Of an EC2 region.
  package var instance: Instance?

  /// The host's own address, by which others know it: that of its first link, or the one that this would have.
  package func address(_ family: AddressFamily) -> Address? { links[0].address(family) }

  /// Whether it is on a VLAN; with nil: on none at all.
  package func isOn(_ vlan: Int?) -> Bool { links.contains { $0.vlan == vlan } }

  /// Whether frames of its VLANs have tags (`node: shared`).
  package var isTagged: Bool { links[0].trunk != nil }
  /// The interface of the ToR at the other end of the first link.
  package var torPort: InterfaceName? { links[0].torPort }
}

/// A link of a host to the fabric: the host's end of it.
package struct HostLink: Sendable, Equatable {
  package var interface: InterfaceName
  /// The interface at the other end, where the topology names it.
  package var torPort: InterfaceName?
  /// Whether the link itself has no addresses; those below are the host's own then, wherever they are configured.
  package var isUnnumbered = false
  package var address: Address?
  package var address6: Address?
  /// The VLAN that it is in, an index into `Topology.vlans`.
  package var vlan: Int?
  /// The interface below, whose frames have the VLAN's tag; nil: frames have none.
  package var trunk: InterfaceName?

  package func address(_ family: AddressFamily) -> Address? { family == .ipv4 ? address : address6 }
}

/// What a host sends its traffic to: a ToR at the other end of a link, or a router on the host's segment.
package struct HostGateway: Sendable {
  package var place: DeviceReference.Place
  package var device: Switch
  /// Position among the host's links.
  package var link: Int
  package var interface: InterfaceName
  /// The gateway's interface, where the topology names it.
  package var port: InterfaceName?
  package var isUnnumbered: Bool
  /// The host's end of the link; nil on an unnumbered one.
  package var hostAddress: Address?
  package var hostAddress6: Address?
  /// The gateway's end.
  package var address: Address?
  package var address6: Address?
  /// The VLAN that it is the gateway of, an index into `Topology.vlans`.
  package var vlan: Int?

  package func hostAddress(_ family: AddressFamily) -> Address? { family == .ipv4 ? hostAddress : hostAddress6 }
  package func address(_ family: AddressFamily) -> Address? { family == .ipv4 ? address : address6 }

  /// The ends of the session of a family, as the host or the gateway sees them; nil without such a session.
  func ends(_ family: AddressFamily, ofHost: Bool) -> SessionEnds? {
    let name = isUnnumbered ? (ofHost ? interface : port) : nil
    return ofHost
      ? SessionEnds(name, hostAddress(family), address(family))
      : SessionEnds(name, address(family), hostAddress(family))
  }
}

package struct HostSettings: Sendable {
  package var speaker: Speaker
  package var bfd: FeatureUse
  package var bgpRole: FeatureUse
  package var routing: RoutingProtocol
  package var endpointInterface: InterfacePattern
  package var defaultRoute: DefaultRoutePolicy
  package var firewallBackend: FirewallBackend
  package var firewallMode: FirewallMode
  /// Whether long lists of policies become sets of addresses, with iptables.
  package var usesAddressSets = false
  /// Who may reach the host itself beside the fabric's own protocols; nil: what comes to it is not filtered.
  package var management: [ManagementEntry]?
  package var mtu: Int?
  /// The name of the key between the host and its ToR.
  package var secret: Name?
}

/// Some addresses, and what they may want of a host itself.
package struct ManagementEntry: Sendable {
  /// Sorted; they do not overlap.
  package var sources: [Prefix]
  package var services: [ServiceMatch]
}

/// An endpoint that is known in advance.
package struct Endpoint: Sendable {
  package var name: Name
  package var tenant: Name
  package var segment: Name
  package var interface: InterfaceName?
  /// One a family at most, sorted.
  package var addresses: [Address]
}
