/// Everything that one device must do, fully decided and sorted. Emitters spell it and decide nothing.
package struct DevicePlan: Sendable, Equatable {
  package var fabric: Name
  package var name: Name
  package var role: DeviceRole
  /// The files of the device, in the order in which the output tree lists them.
  package var artifacts: [ArtifactKind]
  /// Kernel settings, in the order in which they are to be applied.
  package var sysctls: [Sysctl] = []
  /// The interface that holds the gateway addresses of the host's endpoints; hosts only.
  package var gateway: GatewayInterface?
  /// The interfaces of the host that lead to the fabric, in the order of its links; hosts only.
  package var uplinks: [Uplink] = []
  /// The routes that the device holds without any daemon telling it, sorted by prefix; one a prefix.
  package var routes: [StaticRoute] = []
  /// Whether `routes` are put into the kernel by `routes.sh`, and not by a routing daemon.
  package var kernelHoldsRoutes: Bool { artifacts.contains(.routesScript) }
  /// Whether the files are for Linux.
  package var isLinux: Bool { artifacts.contains(.sysctl) }
  /// The sub-interfaces and the policy routing of a host that is on VLANs by a trunk.
  package var vlans: VLANPlan?
  /// The tunnels of a gateway to other regions, by number.
  package var tunnels: [PlannedTunnel] = []
  /// How packets are led through service functions; hosts only.
  package var steering = SteeringPlan()
  package var bgp: BGPPlan?
  package var ospf: OSPFPlan?
  package var firewall: HostFirewall?
  /// The route tables of an EC2 region.
  package var vpc: VPCPlan?
  /// Texts of the user that the compiler passes on, in the order of the topology.
  package var insertions: [Insertion] = []

  package init(fabric: Name, name: Name, role: DeviceRole, artifacts: [ArtifactKind]) {
    (self.fabric, self.name, self.role, self.artifacts) = (fabric, name, role, artifacts)
  }
}

/// What a device is in the topology.
package enum DeviceRole: Sendable, Hashable, CaseIterable {
  case host
  case tor
  case spine
  /// A router outside of the fabric.
  case upstream
  /// The router of an EC2 region.
  case vpc

  /// The roles of the fabric's own devices that have an operating system.
  package static let allCases: [DeviceRole] = [.host, .tor, .spine]

  /// The folder of the output tree that holds the devices of this role.
  package var folder: StaticString {
    switch self {
    case .host: "hosts"
    case .tor: "tors"
    case .spine: "spines"
    case .upstream: "upstreams"
    case .vpc: "ec2"
    }
  }

  /// The name in comments and in the manifest.
  package var name: StaticString {
    switch self {
    case .host: "host"
    case .tor: "tor"
    case .spine: "spine"
    case .upstream: "upstream"
    case .vpc: "VPC"
    }
  }

  /// What people call it in a sentence.
  package var title: StaticString { self == .tor ? "ToR" : name }
}

/// A kind of file that a device can have.
package enum ArtifactKind: Sendable, Hashable, CaseIterable {
  case sysctl
  case routesScript
  case routesUnit
  /// The VLANs of a shared host.
  case vlansScript
  case vlansUnit
  /// The tunnels of a gateway to other regions.
  case tunnelsScript
  case tunnelsUnit
  case rulesIPv4
  case rulesIPv6
  case rulesNFT
  case addressSets
  case firewallScript
  case bird
  /// BIRD 1.6 has a program and a file for each family.
  case bird1
  case bird1IPv6
  case exabgp
  case frr
  case frrDaemons
  case quaggaZebra
  case quaggaBGP
  case quaggaOSPF
  case eos
  case nxos
  case junos
  case sonic
  case nvue
  /// Fills the secrets into the files that name them.
  case secretsScript
  /// Installs the other files, and takes them back unless told to keep them.
  case applyScript
  case staticTable
  /// The routes of a VPC: as a CloudFormation template, for Terraform, and as a script for the AWS CLI.
  case cloudFormation
  case terraform
  case vpcScript
  /// Moves the routes of a forwarding instance to those that take its place.
  case failoverScript
}

/// One kernel setting (sysctl.conf(5)).
///
/// The path is held in components, since an interface name such as `eth0.100` may contain the separator.
package struct Sysctl: Sendable, Equatable {
  package enum Component: Sendable, Equatable {
    case word(StaticWord)
    case interface(InterfaceName)
  }
  package var path: [Component]
  package var value: Int
  /// Why the device needs it, as a comment.
  package var reason: StaticWord
}

/// A text that the compiler itself wrote: the one kind of free text that may reach a file.
package struct StaticWord: Sendable, Equatable, ExpressibleByStringLiteral {
  package let text: StaticString

  package init(stringLiteral text: StaticString) { self.text = text }

  package static func == (left: StaticWord, right: StaticWord) -> Bool {
    left.text.withUTF8Buffer { first in right.text.withUTF8Buffer { first.elementsEqual($0) } }
  }
}

/// The dummy interface `romana-gw` of a host: its addresses are the default gateways of the endpoints.
package struct GatewayInterface: Sendable, Equatable {
  /// One for each network that the host has a prefix of, sorted.
  package var addresses: [Address]
  /// The host's prefixes that are announced as links of the interface: the address in one of them has its length. All
  /// others are host addresses (/32 or /128).
  package var announced: [Prefix] = []
  /// In bytes; nil leaves the kernel's default.
  package var mtu: Int?
}

/// The interface that holds a host's gateway addresses.
let gatewayInterfaceName = InterfaceName("romana-gw")!

/// An interface of a host that leads to the fabric, and the MTU that it must have.
package struct Uplink: Sendable, Equatable {
  package var interface: InterfaceName
  /// In bytes; nil leaves the interface as the operating system set it up.
  package var mtu: Int?
}

/// A route that a device holds by itself, in the main table.
package struct StaticRoute: Sendable, Equatable {
  package var prefix: Prefix
  package var target: RouteTarget
  package var purpose: RoutePurpose

  package init(prefix: Prefix, target: RouteTarget, purpose: RoutePurpose) {
    (self.prefix, self.target, self.purpose) = (prefix, target, purpose)
  }
}

package enum RouteTarget: Sendable, Equatable {
  /// Packets that no more specific route takes are dropped (a blackhole), so that they cannot loop.
  case discard
  /// One next hop, or several of equal cost, sorted.
  case gateways([NextHop])
  /// The endpoint is directly on this interface; `source` is the address that the host uses towards it.
  case endpoint(InterfaceName, source: Address?)
}

/// A neighbour's address on a link of the device.
package struct NextHop: Sendable, Equatable {
  package var address: Address
  /// The device at the other end.
  package var device: Name
  /// The outgoing interface where the topology knows it (hosts).
  package var interface: InterfaceName?

  package init(address: Address, device: Name, interface: InterfaceName?) {
    (self.address, self.device, self.interface) = (address, device, interface)
  }
}

/// Why a device has a route; also says whose prefix it is, for comments.
package enum RoutePurpose: Sendable, Equatable {
  /// The prefix of this very host in a network.
  case ownPrefix(network: Name)
  /// The prefix of a host of the rack.
  case hostPrefix(host: Name, network: Name)
  /// A block of a segment's endpoints: of this very host (nil), or of a host of the rack.
  case block(host: Name?, network: Name, tenant: Name, segment: Name)
  /// The aggregate of a rack in a network; of this ToR's own rack if it is a discard route.
  case rackAggregate(rack: Name, network: Name)
  /// The aggregate of a region in a network: of another region, or for a discard route of this one.
  case regionAggregate(region: Name, network: Name)
  /// The prefix of another region's VPC itself.
  case vpc(region: Name)
  /// A whole endpoint network.
  case network(Name)
  case defaultRoute
  case endpoint(tenant: Name, segment: Name, name: Name)
}
