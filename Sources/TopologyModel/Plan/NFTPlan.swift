/// A part of the table `inet romana` of nftables: its sets, maps and chains (nft(8)).
///
/// The table of a host is made of two parts: one that all hosts of the fabric share, and its own.
package struct NFTFragment: Sendable, Equatable {
  package var sets: [NFTSet] = []
  package var chains: [NFTChain] = []
}

/// The name of a set, map or chain inside the table.
///
/// Names that are words of nft's grammar (`fwd`, `log`) are refused by it; all of these but those of base chains end with
/// a digit, and no word does.
package struct NFTName: Sendable, Hashable {
  package let text: String

  /// A name that the compiler chose, followed by the digit of the family.
  package init(_ word: StaticString, _ family: AddressFamily) {
    text = "\(word)\(family == .ipv4 ? 4 : 6)"
  }

  /// The same with a number: `isolation4-0`.
  package init(_ word: StaticString, _ family: AddressFamily, number: Int) {
    text = "\(word)\(family == .ipv4 ? 4 : 6)-\(number)"
  }

  /// The name of a base chain.
  private init(hook: StaticString) { text = "\(hook)" }

  package static let input = NFTName(hook: "input")
  package static let forward = NFTName(hook: "forward")
  package static let steer = NFTName(hook: "steer")
  package static let translate = NFTName(hook: "translate")
}

/// A set, or a map to verdicts. One lookup finds the one element that a packet's key is in, however many there are.
package struct NFTSet: Sendable, Equatable {
  package var name: NFTName
  /// The types of the fields that make up a key.
  package var key: [NFTType]
  /// Whether elements carry verdicts.
  package var isMap = false
  /// Whether each element counts its packets.
  package var hasCounters = false
  /// In an order that the topology decides; no two contain the same key.
  package var elements: [NFTElement]

  /// Whether an element stands for more than one key; a set without such elements is a hash table.
  package var isInterval: Bool { elements.contains { $0.key.contains(where: \.isRange) } }
}

package enum NFTType: Sendable, Hashable {
  case address(AddressFamily)
  case interface
  case proto
  case port
  /// A type of ICMP, or of ICMPv6.
  case icmp(AddressFamily)
}

package struct NFTElement: Sendable, Equatable {
  package var key: [NFTValue]
  package var comment: RuleComment?
  /// Nil in sets.
  package var verdict: NFTVerdict?

  package init(_ key: [NFTValue], comment: RuleComment? = nil, verdict: NFTVerdict? = nil) {
    self.key = key
    self.comment = comment
    self.verdict = verdict
  }
}

/// One field of an element's key.
package enum NFTValue: Sendable, Hashable {
  case address(Address)
  case prefix(Prefix)
  /// First and last, both included.
  case addresses(Address, Address)
  case interface(InterfaceName)
  /// Protocol numbers or ports.
  case numbers(ClosedRange<UInt16>)

  /// A prefix, as the one address where it holds no more.
  package init(_ prefix: Prefix) { self = prefix.hostBitCount == 0 ? .address(prefix.address) : .prefix(prefix) }

  package var isRange: Bool {
    switch self {
    case .address, .interface: false
    case .prefix, .addresses: true
    case .numbers(let range): range.count > 1
    }
  }
}

/// What is taken out of a packet to be compared or looked up.
package enum NFTSelector: Sendable, Hashable {
  /// `address & mask`; without a mask the address itself.
  case source(AddressFamily, mask: UInt128? = nil)
  case destination(AddressFamily, mask: UInt128? = nil)
  case input
  case proto
  case destinationPort
  case icmpType(AddressFamily)

  package var type: NFTType {
    switch self {
    case .source(let family, _), .destination(let family, _): .address(family)
    case .input: .interface
    case .proto: .proto
    case .destinationPort: .port
    case .icmpType(let family): .icmp(family)
    }
  }
}

/// A chain; with a hook it is one that the kernel hands packets to.
package struct NFTChain: Sendable, Equatable {
  package var name: NFTName
  package var hook: NFTHook?
  package var rules: [NFTRule]
}

package struct NFTHook: Sendable, Equatable {
  package enum Place: Sendable, Equatable {
    case input
    case forward
    /// Before routing, where marks are set.
    case prerouting
    /// After routing, where packets get another source.
    case postrouting
  }
  package var place: Place
  /// What becomes of packets that no rule decides about.
  package var dropsByDefault: Bool
}

/// One rule: every condition must hold.
package struct NFTRule: Sendable, Equatable {
  package var conditions: [NFTCondition]
  package var action: NFTAction
  package var comment: RuleComment?

  package init(_ conditions: [NFTCondition], _ action: NFTAction, comment: RuleComment? = nil) {
    self.conditions = conditions
    self.action = action
    self.comment = comment
  }
}

package enum NFTCondition: Sendable, Equatable {
  /// The interface that the packet came in on: `ep*` for `ep+`.
  case input(InterfacePattern)
  /// One of several, by name.
  case inputs([InterfaceName])
  case source(AddressMatch)
  case destination(AddressMatch)
  /// In one of these prefixes, which do not overlap.
  case sources([Prefix])
  /// The key is in the set.
  case contained([NFTSelector], NFTName)
  /// Only packets of flows that were accepted before, and the errors that belong to them.
  case established
  /// Of this family's packets.
  case family(AddressFamily)
  case proto(UInt8)
  case protos([UInt8])
  /// ICMP or ICMPv6, as the family has it, of one of these types.
  case icmpTypes(AddressFamily, [UInt8])
  case udp(sourcePort: UInt16, destinationPort: UInt16)
  /// Destination ports of a protocol, sorted; never empty.
  case ports(PortProtocol, [ClosedRange<UInt16>])
  case udpDestination(UInt16)
  /// The packets of TCP that open a connection.
  case synOnly
  /// Only packets of connections of which this host has marked some (`steeredFlag`).
  case steered
}

package enum NFTAction: Sendable, Equatable {
  case verdict(NFTVerdict)
  /// The verdict that a map has for the key; without one the packet goes on to the next rule.
  case lookup([NFTSelector], NFTName)
  /// Sets the bits of `steeringMask` in the packet's mark and `steeredFlag` in that of its connection, and returns.
  case mark(UInt32)
  /// Gives the packet, and the rest of its connection, the address of the interface that it leaves by.
  case masquerade
  /// Lowers the TCP maximum segment size to what fits the ways there and back, and goes on.
  case clampMSS
}

package enum NFTVerdict: Sendable, Hashable {
  case accept
  case drop
  case `return`
  case jump(NFTName)
  case goto(NFTName)
}
