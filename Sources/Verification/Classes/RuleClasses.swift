import TopologyModel

/// The fates of all packets in files for iptables, as diagrams. Files that are taken one after the other are compared by
/// their nodes.
package struct RuleClasses {
  package private(set) var bits: PacketBits
  private var conditions: [RuleMatches: Diagrams.Node] = [:]

  /// What a rule matches, without what it does and says.
  private struct RuleMatches: Hashable {
    var source: MaskedAddress?
    var destination: MaskedAddress?
    /// What the sets hold that it asks.
    var sources: [Prefix]?
    var destinations: [Prefix]?
    var input: String?
    var proto: ProtocolValue?
    var states: Set<FlowState>
  }

  package init(_ bits: PacketBits) { self.bits = bits }

  /// The fate of every packet at a hook: `accept` or `drop` by a rule or by a policy that drops, else `open`. A policy
  /// that accepts leaves packets open, since a rule of others may still drop them.
  package mutating func fate(at hook: FilterHook, in file: RuleFile) -> Diagrams.Node {
    let policy = file.policies[hook.rawValue]
    var known: [Int: Diagrams.Node] = [:]
    guard let entry = file.position(of: policy == nil ? hook.chain : hook.rawValue) else { return Diagrams.open }
    let fate = fate(of: entry, in: file, &known)
    return policy == .drop ? bits.diagrams.bind(fate, Diagrams.drop) : fate
  }

  /// `open` where a packet comes back from the chain.
  private mutating func fate(
    of chain: Int, in file: RuleFile, _ known: inout [Int: Diagrams.Node]
  ) -> Diagrams.Node {
    if let known = known[chain] { return known }
    var rest = Diagrams.open
    for read in file.chains[chain].rules.reversed() {
      let condition = condition(read.rule, file.sets)
      let fate: Diagrams.Node
      switch read.rule.target {
      case .accept: fate = Diagrams.accept
      case .drop: fate = Diagrams.drop
      case .return: fate = Diagrams.open
      case .mark, .markConnection, .masquerade, .clampMSS: continue
      case .jump(let name):
        guard let target = file.position(of: name) else { continue }
        fate = bits.diagrams.bind(self.fate(of: target, in: file, &known), rest)
      case .goto(let name):
        guard let target = file.position(of: name) else { continue }
        fate = self.fate(of: target, in: file, &known)
      }
      rest = bits.diagrams.choose(condition, fate, rest)
    }
    known[chain] = rest
    return rest
  }

  private mutating func condition(_ rule: RuleValue, _ sets: [String: KernelSet]) -> Diagrams.Node {
    // The connections of these packets have no mark.
    if rule.connectionMark != nil { return Diagrams.no }
    func members(_ name: String?) -> [Prefix]? { name.map { sets[$0]?.prefixes ?? [] } }
    let matches = RuleMatches(
      source: rule.source, destination: rule.destination, sources: members(rule.sourceSet),
      destinations: members(rule.destinationSet), input: rule.input, proto: rule.proto, states: rule.states)
    if let known = conditions[matches] { return known }
    var all = Diagrams.yes
    if let source = rule.source {
      all = bits.diagrams.and(all, bits.source(source.value, source.value, mask: source.mask))
    }
    if let destination = rule.destination {
      all = bits.diagrams.and(all, bits.destination(destination.value, destination.value, mask: destination.mask))
    }
    if let sources = matches.sources {
      var any = Diagrams.no
      for prefix in sources where prefix.family == bits.family {
        any = bits.diagrams.or(any, bits.source(prefix.address.bits, prefix.address.bits, mask: prefix.mask))
      }
      all = bits.diagrams.and(all, any)
    }
    if let destinations = matches.destinations {
      var any = Diagrams.no
      for prefix in destinations where prefix.family == bits.family {
        any = bits.diagrams.or(any, bits.destination(prefix.address.bits, prefix.address.bits, mask: prefix.mask))
      }
      all = bits.diagrams.and(all, any)
    }
    if let input = rule.input { all = bits.diagrams.and(all, bits.interface(input)) }
    if let proto = rule.proto { all = bits.diagrams.and(all, condition(proto)) }
    if !rule.states.isEmpty {
      var any = Diagrams.no
      for state in rule.states { any = bits.diagrams.or(any, bits.state(state)) }
      all = bits.diagrams.and(all, any)
    }
    conditions[matches] = all
    return all
  }

  private mutating func condition(_ proto: ProtocolValue) -> Diagrams.Node {
    switch proto {
    case .icmp(let type), .icmpv6(let type):
      return bits.icmpType(UInt128(type ?? 0), UInt128(type ?? 255))
    case .number(let number): return bits.proto(UInt128(number))
    case .ports(let name, let source, let destination):
      let number: UInt128 =
        switch name {
        case .tcp: 6
        case .udp: 17
        case .sctp: 132
        }
      var all = bits.proto(number)
      if !source.isEmpty {
        var any = Diagrams.no
        for range in source {
          any = bits.diagrams.or(any, bits.sourcePort(UInt128(range.lowerBound), UInt128(range.upperBound)))
        }
        all = bits.diagrams.and(all, any)
      }
      if !destination.isEmpty {
        var any = Diagrams.no
        for range in destination {
          any = bits.diagrams.or(any, bits.destinationPort(UInt128(range.lowerBound), UInt128(range.upperBound)))
        }
        all = bits.diagrams.and(all, any)
      }
      return all
    }
  }
}

extension RuleFile {
  /// The interfaces that rules name.
  package var interfaces: Set<String> { Set(chains.flatMap { $0.rules.compactMap(\.rule.input) }) }
}
