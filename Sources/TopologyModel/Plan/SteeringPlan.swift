/// How a host leads packets through service functions: the packet filter marks them (`FirewallPlan`), rules send each mark to a
/// table of its own, and the table has the way to the function (ip-rule(8)).
package struct SteeringPlan: Sendable, Equatable {
  /// The tunnels between this host and functions, sorted by interface.
  package var tunnels: [ServiceTunnel] = []
  /// The interfaces of functions on this host, sorted.
  package var ports: [InterfaceName] = []
  /// Sorted by mark.
  package var steps: [SteeringStep] = []

  package var isEmpty: Bool { tunnels.isEmpty && ports.isEmpty && steps.isEmpty }
}

/// The bits of a packet's mark that are the compiler's: the highest, then service and step.
package let steeringMask: UInt32 = 0xffff_0000

/// Set in every mark of ours. The tunnel's own packets inherit the mark of those inside; with this bit one rule keeps them in
/// table main. In the mark of a connection it says that some of its packets were led elsewhere from this host.
package let steeredFlag: UInt32 = 0x8000_0000

/// The first of 32,768 routing tables, and virtual network identifiers (RFC 7348), that are the compiler's.
package let steeringBase = 7_700_000

/// One step of a service: to which function packets are sent next.
package struct SteeringStep: Sendable, Equatable {
  package var service: Name
  /// The service's id and the number of the step, in the bits of `steeringMask`.
  package var mark: UInt32
  /// The families that the service is about.
  package var families: [AddressFamily]
  /// Sorted by family, then metric; the kernel takes the first that can be used. Without any that can, the packet goes on
  /// as if there were no service.
  package var ways: [SteeringWay]

  package var table: Int { steeringBase + Int((mark & ~steeredFlag) >> 16) }

  /// - Parameters:
  ///   - service: the id, 1 to 2047.
  ///   - position: of the function that comes next, among those of the direction.
  package static func mark(service: Int, position: Int, isReturn: Bool) -> UInt32 {
    steeredFlag | UInt32(service << 4 | (isReturn ? 8 : 0) + position + 1) << 16
  }
}

package struct SteeringWay: Sendable, Equatable {
  package enum Target: Sendable, Equatable {
    /// A neighbour's address on an interface that has no network: a function's own, or what is behind a tunnel.
    case via(Address, InterfaceName)
    /// The packet is refused, and its sender told (RFC 792, RFC 4443).
    case unreachable
  }
  package var family: AddressFamily
  package var metric: Int
  package var target: Target
  /// The function that it leads to.
  package var function: Name?
}

/// One end of the tunnel to a service function: VXLAN (RFC 7348) between the gateway addresses of two hosts, with an identifier
/// for each function. The function's own host takes packets from every other.
package struct ServiceTunnel: Sendable, Equatable {
  package var function: ServiceTunnelFunction
  package var interface: InterfaceName
  package var identifier: Int
  package var local: Address
  /// The gateway address of the function's host; nil on that host itself.
  package var remote: Address?
  /// In bytes, of the packets inside.
  package var mtu: Int
  /// The hardware address of the end at the function's host, so that nobody has to ask for it.
  package var hardware: HardwareAddress
  /// The next hops behind the tunnel, one a family at most. Empty on the function's host.
  package var nextHops: [Address]
}

package struct ServiceTunnelFunction: Sendable, Equatable {
  package var name: Name
  package var host: Name
}

/// A locally administered unicast address (IEEE 802): 02:72:6f:6d and the function's id.
package struct HardwareAddress: Sendable, Equatable {
  package var function: Int
}

extension InterfaceName {
  /// The tunnel of a service function: `romana-s1` to `romana-s2047`.
  package init(serviceTunnel id: Int) { self = InterfaceName("romana-s\(id)")! }
}

extension InterfacePattern {
  /// All tunnels of service functions.
  package static let serviceTunnels = InterfacePattern("romana-s+")!
}

/// The UDP port of the tunnels. Not VXLAN's own (4789, RFC 7348 section 5), so that others of the host are not touched.
package let tunnelPort: UInt16 = 7700

/// What VXLAN adds to a packet in bytes: Ethernet 14, VXLAN 8, UDP 8, and IPv4 20 or IPv6 40.
package func vxlanOverhead(_ family: AddressFamily) -> Int { family == .ipv4 ? 50 : 70 }
