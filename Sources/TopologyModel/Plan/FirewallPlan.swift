/// The packet filter of a host: its own part, next to that which is the same on every host of the fabric.
package struct HostFirewall: Sendable, Equatable {
  package var mode: FirewallMode
  /// For iptables.
  package var ipv4 = HostFilter(chains: [])
  package var ipv6 = HostFilter(chains: [])
  /// Whether long lists of policies are sets of addresses beside the rules (ipset(8)).
  package var usesAddressSets = false
  /// For nftables, both families; nil if the host's filter is made with iptables.
  package var nft: NFTFragment?

  package var backend: FirewallBackend { nft == nil ? .iptables : .nft }
}

package enum FirewallMode: Sendable, Hashable, CaseIterable {
  /// The compiler decides what the host forwards. With iptables: it owns the whole filter table.
  case own
  /// The compiler decides about the traffic of endpoints only, next to others.
  case share
}

/// The chains of one family on a host. The chains of `FabricPlan.sharedChains` follow them in the file.
package struct HostFilter: Sendable, Equatable {
  package var chains: [FilterChain]
  /// The sets that its chains and the shared ones refer to, sorted by name.
  package var sets: [AddressSet] = []
  /// Chains of the table mangle that mark packets of services; the first is entered before routing (iptables(8), PREROUTING).
  package var steering: [FilterChain] = []
  /// The chain of the table nat that gives packets another source; entered after routing (iptables(8), POSTROUTING).
  package var translation: [FilterChain] = []
}

/// The name of a chain of the compiler's own: `romana-` and what it is for; at most 28 characters (iptables(8)).
package struct ChainName: Sendable, Hashable, Comparable {
  package let text: String

  /// A fixed name, written in the compiler.
  package init(_ text: StaticString) { self.text = "\(text)" }

  /// The root of a network's tree: `romana-n0`, `romana-n1` … for isolation, `romana-e0` … for egress.
  package init(tree: StaticString, network: Int) { self.text = "romana-\(tree)\(network)" }

  /// The peers of a tenant's endpoints: `romana-p-TENANT`, or of a segment's: `romana-p-TENANT-SEGMENT`, by ids.
  package init(peersOf tenant: Int, segment: Int? = nil) {
    self.text = "romana-p-\(tenant)" + (segment.map { "-\($0)" } ?? "")
  }

  /// A chain below it, for all addresses whose field begins with these bits: `romana-n0-LENGTH-BITS`, the bits in
  /// hexadecimal; where that is longer than a chain's name may be, its number in the tree.
  package init(below root: ChainName, bits: UInt128, length: Int, number: Int) {
    let name = "\(root.text)-\(length)-\(String(bits, radix: 16))"
    text = name.utf8.count <= 28 ? name : "\(root.text)-\(number)"
  }

  /// The chain that asks the policies about the packets of a zone: `romana-pi`, `romana-po` …
  package init(policies zone: AccessZone) {
    let letter =
      switch zone {
      case .inside: "i"
      case .outside: "o"
      case .underlay: "u"
      case .localHost: "l"
      case .remoteHost: "h"
      }
    text = "romana-p\(letter)"
  }

  /// The tree of the rules of a layer whose addresses have the same mask: `romana-pi-LAYER-TREE`.
  package init(policies zone: AccessZone, layer: Int, tree: Int) {
    text = "\(ChainName(policies: zone).text)-\(layer)-\(tree)"
  }

  /// A chain for the sources (`s`) or services (`v`) of one destination: `romana-pi-sNUMBER`.
  package init(policies zone: AccessZone, part: StaticString, number: Int) {
    text = "\(ChainName(policies: zone).text)-\(part)\(number)"
  }

  /// The packets of services that come from a function or through its tunnel: `romana-steer-fID`, `romana-steer-tID`.
  package init(steering part: StaticString, _ id: Int) { text = "romana-steer-\(part)\(id)" }

  /// Gives a packet a mark: `romana-m-` and the mark's upper bits in hexadecimal.
  package init(mark: UInt32) { text = "romana-m-\(String(mark >> 16, radix: 16))" }

  package static func < (left: ChainName, right: ChainName) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}

package struct FilterChain: Sendable, Equatable {
  package var name: ChainName
  package var rules: [FilterRule]
}

/// One rule of iptables: every match that is present must hold.
package struct FilterRule: Sendable, Equatable {
  package var source: AddressMatch?
  package var destination: AddressMatch?
  /// The source is in a set.
  package var sourceSet: AddressSetName?
  /// The destination is in a set.
  package var destinationSet: AddressSetName?
  package var input: InterfacePattern?
  package var proto: ProtocolMatch?
  /// Only packets of flows that were accepted before, and the errors that belong to them.
  package var establishedOnly = false
  /// Only packets of connections of which this host has marked some (`steeredFlag`).
  package var steeredOnly = false
  /// Only the packets of TCP that open a connection; without a protocol beside it.
  package var synOnly = false
  package var comment: RuleComment?
  package var verdict: Verdict
}

package enum Verdict: Sendable, Equatable {
  case accept
  case drop
  case `return`
  case jump(ChainName)
  case goto(ChainName)
  /// Sets the bits of `steeringMask` in the packet's mark, and goes on with the next rule.
  case mark(UInt32)
  /// Sets `steeredFlag` in the mark of the packet's connection, and goes on with the next rule.
  case markConnection
  /// Gives the packet, and the rest of its connection, the address of the interface that it leaves by.
  case masquerade
  /// Lowers the TCP maximum segment size to what fits the ways there and back, and goes on with the next rule.
  case clampMSS
}

package enum ProtocolMatch: Sendable, Equatable {
  /// An ICMP type by its number (RFC 792).
  case icmp(type: UInt8?)
  /// An ICMPv6 type by its number (RFC 4443, RFC 4861).
  case icmpv6(type: UInt8?)
  case udp(sourcePort: UInt16, destinationPort: UInt16)
  /// Any protocol by its number (IANA, protocol numbers).
  case number(UInt8)
  /// Destination ports, sorted; empty: all. At most 15 numbers, a range counting two (iptables-extensions(8), multiport).
  case ports(PortProtocol, [ClosedRange<UInt16>])
}

/// The comment of a rule, built from names and from words of the compiler only.
package enum RuleComment: Sendable, Equatable {
  case word(StaticWord)
  case tenant(Name)
  case segment(tenant: Name, segment: Name)
  case endpoint(Name)
  case network(Name)
  case egress(tenant: Name)
  case policy(Name, CommentText?)
  case service(Name)
}
