import TopologyModel

/// The filter table of one family as a file for iptables-restore describes it.
package struct RuleFile: Sendable, Equatable {
  package var family: AddressFamily
  /// The policies of the builtin chains that the file declares.
  package var policies: [String: Policy]
  /// All chains in the order of their declaration.
  package var chains: [Chain]
  /// The sets that rules may ask, by name: what `ipset.conf` holds.
  package var sets: [String: KernelSet] = [:]
  /// The table mangle, where the file has one: chains of ours that mark packets.
  package var steering: Steering?
  /// The table nat, where the file has one: the chain of ours that gives packets another source.
  package var translation: Steering?
  private var index: [String: Int]

  /// A box: the second table of a file is a file of its own.
  package final class Steering: Sendable, Equatable {
    package let file: RuleFile

    init(_ file: RuleFile) { self.file = file }

    package static func == (left: Steering, right: Steering) -> Bool { left.file == right.file }
  }

  package enum Policy: String, Sendable {
    case accept = "ACCEPT"
    case drop = "DROP"
  }

  package struct Chain: Sendable, Equatable {
    package var name: String
    package var line: Int
    package var rules: [ReadRule] = []
  }

  init(family: AddressFamily) {
    self.family = family
    policies = [:]
    chains = []
    index = [:]
  }

  package subscript(name: String) -> Chain? { index[name].map { chains[$0] } }

  package func position(of name: String) -> Int? { index[name] }

  mutating func declare(_ name: String, _ policy: Policy?, line: Int) -> Bool {
    guard index[name] == nil else { return false }
    index[name] = chains.count
    policies[name] = policy
    chains.append(Chain(name: name, line: line))
    return true
  }

  mutating func append(_ rule: ReadRule, to name: String) -> Bool {
    guard let position = index[name] else { return false }
    chains[position].rules.append(rule)
    return true
  }

  package var ruleCount: Int { chains.reduce(0) { $0 + $1.rules.count } }
}

/// A rule as it stands in a file, and in which line.
package struct ReadRule: Sendable, Equatable {
  package var rule: RuleValue
  package var line: Int
}

/// What a rule matches and does; every match that is present must hold.
package struct RuleValue: Sendable, Hashable {
  package var source: MaskedAddress?
  package var destination: MaskedAddress?
  /// Names of sets that hold the source, and the destination.
  package var sourceSet: String?
  package var destinationSet: String?
  /// An interface, or a beginning of its name followed by `+`.
  package var input: String?
  package var proto: ProtocolValue?
  /// The states of connection tracking of which one must hold; empty: any.
  package var states: Set<FlowState> = []
  /// Bits of the connection's mark that must all be set.
  package var connectionMark: UInt32?
  /// Only the packets of TCP that open a connection.
  package var synOnly = false
  package var comment: String?
  package var target: RuleTarget
}

/// `address & mask == value`, by bits.
package struct MaskedAddress: Sendable, Hashable {
  package var family: AddressFamily
  package var value: UInt128
  package var mask: UInt128

  package func matches(_ address: Address) -> Bool { address.family == family && address.bits & mask == value }
}

package enum ProtocolValue: Sendable, Hashable {
  /// ICMP (protocol 1) or ICMPv6 (protocol 58), of a type if one is named.
  case icmp(type: Int?)
  case icmpv6(type: Int?)
  /// Any other protocol, by its number.
  case number(Int)
  /// Source and destination ports; empty: any.
  case ports(PortProtocol, source: [ClosedRange<Int>], destination: [ClosedRange<Int>])

  package enum PortProtocol: String, Sendable, Hashable {
    case tcp, udp, sctp
  }
}

/// What connection tracking knows of a packet's flow (iptables-extensions(8), conntrack).
package enum FlowState: String, Sendable, Hashable {
  case new = "NEW"
  case established = "ESTABLISHED"
  case related = "RELATED"
}

package enum RuleTarget: Sendable, Hashable {
  case accept
  case drop
  case `return`
  case jump(String)
  case goto(String)
  /// Sets the bits of the mask in the packet's mark; the packet goes on with the next rule.
  case mark(UInt32, mask: UInt32)
  /// Sets bits in the mark of the packet's connection.
  case markConnection(UInt32)
  /// Gives the packet the address of the interface that it leaves by.
  case masquerade
  /// Lowers the maximum segment size; the packet goes on with the next rule.
  case clampMSS
}

extension RuleValue: CustomStringConvertible {
  /// Close to how iptables-save prints it, for messages.
  package var description: String {
    var words: [String] = []
    if let source { words.append("-s \(source)") }
    if let destination { words.append("-d \(destination)") }
    if let sourceSet { words.append("src in \(sourceSet)") }
    if let destinationSet { words.append("dst in \(destinationSet)") }
    if let input { words.append("-i \(input)") }
    if let proto { words.append("\(proto)") }
    if synOnly { words.append("SYN") }
    if !states.isEmpty { words.append(states.map(\.rawValue).sorted().joined(separator: ",")) }
    if let comment { words.append("\"\(comment)\"") }
    return (words + ["\(target)"]).joined(separator: " ")
  }
}

extension MaskedAddress: CustomStringConvertible {
  package var description: String { "\(Address(family, value))/\(Address(family, mask))" }
}
