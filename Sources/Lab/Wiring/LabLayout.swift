import TopologyModel

/// A lab on paper: every device, cable and endpoint with the names and addresses that it gets.
package struct LabLayout: Sendable {
  let identity: LabIdentity
  let topology: Topology
  let nodes: [LabNode]
  let links: [LabLink]
  let endpoints: [LabEndpoint]
  let outside: OutsideWorld
  /// Node by device.
  let index: [DeviceReference.Place: Int]

  func node(_ place: DeviceReference.Place) -> LabNode? { index[place].map { nodes[$0] } }
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
}

/// What an end of a cable is plugged into.
struct LinkEnd: Sendable {
  var node: Int
  var interface: String
  /// One a family at most.
  var addresses: [Address]
}

/// A cable of the fabric: a ToR and a spine, or a host and its ToR.
struct LabLink: Sendable {
  var index: Int
  /// The spine of a ToR's link, the ToR of a host's.
  var upper: LinkEnd
  var lower: LinkEnd
  /// In bytes.
  var mtu: Int
  var upperPort: String { "u\(index)" }
  var lowerPort: String { "l\(index)" }
  var bridge: String { "b\(index)" }

  func end(at node: Int) -> LinkEnd? { upper.node == node ? upper : lower.node == node ? lower : nil }
  func peer(of node: Int) -> LinkEnd? { upper.node == node ? lower : lower.node == node ? upper : nil }
  func touches(_ node: Int) -> Bool { upper.node == node || lower.node == node }
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
  /// For messages, e.g. `acme/web@h1`.
  var label: String
}

/// What is not the fabric: one namespace, plugged into the spines that have an upstream, and into the management
/// interface of the hosts whose default route is not the fabric's.
struct OutsideWorld: Sendable {
  struct Plug: Sendable {
    var node: Int
    var interface: String
    /// Addresses of the device and, in the same order, of the outside.
    var device: [Address]
    var outside: [Address]
  }
  var plugs: [Plug]
  /// A service that any endpoint with egress may reach, one address a family.
  var services: [Address]
  /// The metadata address of clouds, which no endpoint may reach (RFC 3927).
  var metadata = Address(.ipv4, 0xa9fe_a9fe)
}

extension Topology {
  func tenant(named name: Name) -> Tenant? { tenants.first { $0.name == name } }
}
