import TopologyModel

/// A lab on paper: every device, cable and endpoint with the names and addresses that it gets.
package struct LabLayout: Sendable {
  let identity: LabIdentity
  let topology: Topology
  let nodes: [LabNode]
  let links: [LabLink]
  let endpoints: [LabEndpoint]
  let outside: OutsideWorld
  /// What DHCP of EC2 gives to instances, here only to where their tunnels over a peering of VPCs lead: the lab's own default route
  /// leads to the outside.
  let dhcpRoutes: [DHCPRoute]
  /// Node by device.
  let index: [DeviceReference.Place: Int]

  func node(_ place: DeviceReference.Place) -> LabNode? { index[place].map { nodes[$0] } }

  /// Those of a device on its cables.
  func addresses(of node: LabNode) -> [Address] {
    links.filter { !$0.isTunnel }.compactMap { $0.end(at: node.index) }.flatMap(\.addresses)
  }
}

/// A route of an instance over the router of its VPC.
struct DHCPRoute: Sendable {
  var node: Int
  var prefix: Prefix
  var hop: Address

  var command: String { "route replace \(prefix) via \(hop) proto boot" }
}

/// A device of the fabric in its namespace.
struct LabNode: Sendable {
  var index: Int
  var device: DeviceReference
  var namespace: String
  var plan: DevicePlan
  /// The system that the device would run, if Linux plays it here.
  var playedSystem: DeviceSystem?
  /// Without one the device is plain Linux.
  var daemon: RoutingDaemon { RoutingDaemon(plan) }
  var runsFRR: Bool { daemon == .frr }
  var name: String { device.name.text }
  var isHost: Bool { device.role == .host }
  /// Index into `Topology.hosts`.
  var hostIndex: Int? {
    if case .host(let index) = device.place { index } else { nil }
  }
  /// Whether it has a routing protocol.
  var speaks: Bool { plan.bgp != nil || plan.ospf != nil }
}

/// What an end of a cable is plugged into.
struct LinkEnd: Sendable {
  var node: Int
  var interface: String
  /// One a family at most; none on an unnumbered link.
  var addresses: [Address]
  /// By what this end is known to the other in expected tables, one a family: its addresses, or on an unnumbered link
  /// others that stand for its link-local one, which nobody knows beforehand.
  var labels: [Address]
}

/// A cable of the fabric (a ToR and a spine, the two ToRs of a rack, or a host and its ToR), or a segment that several
/// devices share.
struct LabLink: Sendable {
  var index: Int
  /// Of a cable the spine of a ToR's, the first ToR of a pair, the ToR of a host's, then the other; of a segment the
  /// routers, then the hosts.
  var ends: [LinkEnd]
  var isSegment: Bool
  var isUnnumbered: Bool
  /// How long the prefixes of its addresses are.
  var length: Int
  var length6: Int
  /// In bytes.
  var mtu: Int
  /// The VLAN that the segment is, an index into `Topology.vlans`. Each has a cable of its own: not every kernel has 802.1Q, and
  /// what a tag tells apart is apart here.
  var vlan: Int?
  /// Between gateways of two regions: their `tunnels.sh` makes it, over other links.
  var isTunnel = false
  /// The ports of cables that a tunnel runs over; none over the internet.
  var carriers: [Condition.Port] = []
  /// The upper and the lower end of a cable.
  var upper: LinkEnd { ends[0] }
  var lower: LinkEnd { ends[1] }
  var bridge: String { "b\(index)" }
  func port(_ position: Int) -> String { "c\(index)p\(position)" }

  func length(_ family: AddressFamily) -> Int { family == .ipv4 ? length : length6 }
  func end(at node: Int) -> LinkEnd? { ends.first { $0.node == node } }
  func others(than node: Int) -> [LinkEnd] { touches(node) ? ends.filter { $0.node != node } : [] }
  func touches(_ node: Int) -> Bool { ends.contains { $0.node == node } }
}

/// A namespace behind a host that stands for a virtual machine or a pod.
struct LabEndpoint: Sendable {
  struct Place: Sendable {
    var address: Address
    var network: Int
    var gateway: Address
  }
  var index: Int
  var namespace: String
  /// Node of the host.
  var host: Int
  /// Index into `Topology.hosts`.
  var hostIndex: Int
  var tenant: Int
  var segment: Int
  /// The host's end of the cable.
  var interface: String
  var places: [Place]
  /// Listed in the topology: the emitted files have its route, and a rule for its interface.
  var isListed: Bool
  /// Index into `Topology.functions`: it passes on what it gets.
  var function: Int?
  /// For messages, e.g. `acme/web@h1`.
  var label: String
}

/// What is not the fabric: one namespace, plugged into the spines that have an upstream, and into the management
/// interface of the hosts whose default route is not the fabric's, and of gateways to other regions.
struct OutsideWorld: Sendable {
  struct Plug: Sendable {
    var node: Int
    var interface: String
    /// Addresses of the device and, in the same order, of the outside.
    var device: [Address]
    var outside: [Address]
    /// Of a gateway: by which the others reach it. The outside knows them.
    var publicAddresses: [Address] = []
    /// What the device has routes to over the plug.
    var destinations = AddressFamily.allCases.map { Prefix.everything($0) }
    /// In bytes.
    var mtu = 1500

    var leadsDefault: Bool { destinations.contains { $0.length == 0 } }
    /// The device's routes over the plug.
    var ways: [(prefix: Prefix, hop: Address)] {
      destinations.flatMap { prefix in outside.filter { $0.family == prefix.family }.map { (prefix, $0) } }
    }
  }
  var plugs: [Plug]
  /// A service that any endpoint with egress may reach, one address a family.
  var services: [Address]
  /// The metadata addresses of clouds, which no endpoint may reach: 169.254.169.254 (RFC 3927) and EC2's fd00:ec2::254.
  var metadata = [Address(.ipv4, 0xa9fe_a9fe), Address(.ipv6, UInt128(0xfd00_0ec2) << 96 | 0x254)]
}

extension Topology {
  func tenant(named name: Name) -> Tenant? { tenants.first { $0.name == name } }
}
