import TopologyModel

/// The table `inet romana` as a file for `nft -f` describes it.
package struct NFTFile: Sendable, Equatable {
  package var sets: [ReadSet] = []
  package var chains: [ReadNFTChain] = []
  private var setIndex: [String: Int] = [:]
  private var chainIndex: [String: Int] = [:]

  package func set(_ name: String) -> ReadSet? { setIndex[name].map { sets[$0] } }
  package func chain(_ name: String) -> ReadNFTChain? { chainIndex[name].map { chains[$0] } }

  /// Sets and chains have names of their own each; false if one is taken.
  mutating func add(_ set: ReadSet) -> Bool {
    guard setIndex.updateValue(sets.count, forKey: set.name) == nil else { return false }
    sets.append(set)
    return true
  }

  mutating func add(_ chain: ReadNFTChain) -> Bool {
    guard chainIndex.updateValue(chains.count, forKey: chain.name) == nil else { return false }
    chains.append(chain)
    return true
  }

  /// How many rules and how many elements of sets there are.
  package var ruleCount: Int { chains.reduce(0) { $0 + $1.rules.count } }
  package var elementCount: Int { sets.reduce(0) { $0 + $1.elements.count } }
}

/// The type of a field of a set's key (nft(8), data types).
package enum NFTKeyType: String, Sendable, Hashable {
  case ipv4 = "ipv4_addr"
  case ipv6 = "ipv6_addr"
  case interface = "ifname"
  case proto = "inet_proto"
  case port = "inet_service"
  case icmp = "icmp_type"
  case icmpv6 = "icmpv6_type"
}

package struct ReadSet: Sendable, Equatable {
  package var name: String
  package var line: Int
  package var isMap = false
  package var types: [NFTKeyType] = []
  package var isInterval = false
  package var hasCounters = false
  package var elements: [ReadElement] = []
  /// Elements that stand for one key, by that key; the rest have to be searched.
  private var exact: [[FieldValue]: Int] = [:]
  private var ranged: [Int] = []

  init(name: String, line: Int, isMap: Bool) {
    self.name = name
    self.line = line
    self.isMap = isMap
  }

  /// False if another element contains some of the same keys: the kernel refuses that, or keeps only one.
  mutating func append(_ element: ReadElement) -> Bool {
    let key = element.fields.compactMap(\.onlyValue)
    if key.count == element.fields.count {
      guard lookUp(key) == nil else { return false }
      exact[key] = elements.count
    } else {
      guard !elements.contains(where: { zip($0.fields, element.fields).allSatisfy { $0.overlaps($1) } }) else {
        return false
      }
      ranged.append(elements.count)
    }
    elements.append(element)
    return true
  }

  /// The element that contains a key.
  package func lookUp(_ key: [FieldValue]) -> ReadElement? {
    if let index = exact[key] { return elements[index] }
    let index = ranged.first { index in zip(elements[index].fields, key).allSatisfy { $0.contains($1) } }
    return index.map { elements[$0] }
  }
}

package struct ReadElement: Sendable, Hashable {
  package var fields: [FieldRange]
  package var comment: String?
  package var verdict: NFTReadVerdict?
}

/// What a field of a packet is: an address or number, or the name of an interface.
package enum FieldValue: Sendable, Hashable {
  case number(UInt128)
  case name(String)
}

/// What a field is compared with.
package enum FieldRange: Sendable, Hashable {
  case numbers(UInt128, UInt128)
  case name(String)
  /// All names that begin so.
  case beginning(String)

  func contains(_ value: FieldValue) -> Bool {
    switch (self, value) {
    case (.numbers(let first, let last), .number(let number)): first <= number && number <= last
    case (.name(let name), .name(let other)): name == other
    case (.beginning(let start), .name(let name)): name.hasPrefix(start)
    default: false
    }
  }

  func overlaps(_ other: FieldRange) -> Bool {
    switch (self, other) {
    case (.numbers(let first, let last), .numbers(let start, let end)): first <= end && start <= last
    case (.name(let name), .name(let other)): name == other
    default: true
    }
  }

  /// The value, if there is only one.
  var onlyValue: FieldValue? {
    switch self {
    case .numbers(let first, let last): first == last ? .number(first) : nil
    case .name(let name): .name(name)
    case .beginning: nil
    }
  }
}

package struct ReadNFTChain: Sendable, Equatable {
  package var name: String
  package var line: Int
  package var hook: FilterHook?
  /// Whether it is at the hook before routing, where packets of services are marked.
  package var marks = false
  /// Whether it is at the hook after routing, where packets get another source.
  package var translates = false
  /// Of a chain with a hook: whether it drops what no rule decides about.
  package var dropsByDefault = false
  package var rules: [ReadNFTRule] = []
}

package struct ReadNFTRule: Sendable, Equatable {
  package var rule: NFTRuleValue
  package var line: Int
}

/// What a rule matches and does; every match must hold.
package struct NFTRuleValue: Sendable, Hashable {
  package var matches: [NFTMatch]
  package var action: NFTReadAction
  package var comment: String?
}

package struct NFTMatch: Sendable, Hashable {
  package enum Operand: Sendable, Hashable {
    /// One of these.
    case values([FieldRange])
    case set(String)
  }
  package var selectors: [ReadSelector]
  package var operand: Operand
}

/// A field of a packet, under a mask if it has one.
package struct ReadSelector: Sendable, Hashable {
  package enum Field: String, Sendable, Hashable {
    case input = "iifname"
    case source4 = "ip saddr"
    case destination4 = "ip daddr"
    case source6 = "ip6 saddr"
    case destination6 = "ip6 daddr"
    case state = "ct state"
    case connectionMark = "ct mark"
    case family = "meta nfproto"
    case proto = "meta l4proto"
    case port = "th dport"
    case icmpType = "icmp type"
    case icmpv6Type = "icmpv6 type"
    case udpSource = "udp sport"
    case udpDestination = "udp dport"
    case tcpDestination = "tcp dport"
    case sctpDestination = "sctp dport"
  }
  package var field: Field
  package var mask: UInt128?
}

package enum NFTReadAction: Sendable, Hashable {
  case verdict(NFTReadVerdict)
  case lookup([ReadSelector], String)
  /// Sets the bits of the mask in the packet's mark, then returns.
  case mark(UInt32, mask: UInt32)
  /// Gives the packet the address of the interface that it leaves by.
  case masquerade
  /// Lowers the maximum segment size of packets that open a connection of TCP; they go on with the next rule.
  case clampMSS
}

package enum NFTReadVerdict: Sendable, Hashable {
  case accept
  case drop
  case `return`
  case jump(String)
  case goto(String)

  /// The chain that the packet goes on in.
  var chain: String? {
    switch self {
    case .jump(let name), .goto(let name): name
    case .accept, .drop, .return: nil
    }
  }
}
