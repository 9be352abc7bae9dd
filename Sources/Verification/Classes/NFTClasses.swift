import TopologyModel

/// The fates of all packets of one family in tables of nftables, as diagrams. Tables that are taken one after the other
/// are compared by their nodes.
package struct NFTClasses {
  package private(set) var bits: PacketBits
  private var matches: [NFTMatch: Diagrams.Node] = [:]
  private var elements: [ElementMatch: Diagrams.Node] = [:]

  private struct ElementMatch: Hashable {
    var selectors: [ReadSelector]
    var fields: [FieldRange]
  }

  package init(_ bits: PacketBits) { self.bits = bits }

  /// The fate of every packet at a hook: `accept`, `drop`, or `open` where other tables decide.
  package mutating func fate(at hook: FilterHook, in file: NFTFile) -> Diagrams.Node {
    guard let base = file.chains.first(where: { $0.hook == hook }) else { return Diagrams.open }
    var known: [String: Diagrams.Node] = [:]
    let fate = fate(of: base, in: file, &known)
    return base.dropsByDefault ? bits.diagrams.bind(fate, Diagrams.drop) : fate
  }

  /// `open` where a packet comes back from the chain.
  private mutating func fate(
    of chain: ReadNFTChain, in file: NFTFile, _ known: inout [String: Diagrams.Node]
  ) -> Diagrams.Node {
    if let known = known[chain.name] { return known }
    var rest = Diagrams.open
    for read in chain.rules.reversed() {
      var condition = Diagrams.yes
      for match in read.rule.matches { condition = bits.diagrams.and(condition, self.condition(match, file)) }
      let fate: Diagrams.Node
      switch read.rule.action {
      case .verdict(let verdict): fate = self.fate(verdict, rest, file, &known)
      case .mark: fate = Diagrams.open
      case .masquerade: fate = Diagrams.accept
      case .clampMSS: continue
      case .lookup(let selectors, let name):
        var found = rest
        for element in file.set(name)?.elements ?? [] {
          guard let verdict = element.verdict else { continue }
          let isIt = self.condition(selectors, element.fields)
          found = bits.diagrams.choose(isIt, self.fate(verdict, rest, file, &known), found)
        }
        fate = found
      }
      rest = bits.diagrams.choose(condition, fate, rest)
    }
    known[chain.name] = rest
    return rest
  }

  private mutating func fate(
    _ verdict: NFTReadVerdict, _ rest: Diagrams.Node, _ file: NFTFile, _ known: inout [String: Diagrams.Node]
  ) -> Diagrams.Node {
    switch verdict {
    case .accept: return Diagrams.accept
    case .drop: return Diagrams.drop
    case .return: return Diagrams.open
    case .jump(let name):
      guard let chain = file.chain(name) else { return rest }
      return bits.diagrams.bind(fate(of: chain, in: file, &known), rest)
    case .goto(let name):
      guard let chain = file.chain(name) else { return rest }
      return fate(of: chain, in: file, &known)
    }
  }

  private mutating func condition(_ match: NFTMatch, _ file: NFTFile) -> Diagrams.Node {
    var any = Diagrams.no
    switch match.operand {
    case .values(let values):
      if let known = matches[match] { return known }
      for value in values { any = bits.diagrams.or(any, condition(match.selectors, [value])) }
      matches[match] = any
    case .set(let name):
      for element in file.set(name)?.elements ?? [] {
        any = bits.diagrams.or(any, condition(match.selectors, element.fields))
      }
    }
    return any
  }

  /// Whether all fields are what an element says.
  private mutating func condition(_ selectors: [ReadSelector], _ fields: [FieldRange]) -> Diagrams.Node {
    let key = ElementMatch(selectors: selectors, fields: fields)
    if let known = elements[key] { return known }
    var all = Diagrams.yes
    for (selector, field) in zip(selectors, fields) { all = bits.diagrams.and(all, condition(selector, field)) }
    elements[key] = all
    return all
  }

  private mutating func condition(_ selector: ReadSelector, _ range: FieldRange) -> Diagrams.Node {
    switch range {
    case .name(let name): return bits.interface(name)
    case .beginning(let start): return bits.interface(start + "+")
    case .numbers(let low, let high): return condition(selector, low, high)
    }
  }

  private mutating func condition(_ selector: ReadSelector, _ low: UInt128, _ high: UInt128) -> Diagrams.Node {
    let mask = selector.mask ?? UInt128.max
    func contains(_ number: UInt128) -> Diagrams.Node { low <= number && number <= high ? Diagrams.yes : Diagrams.no }
    switch selector.field {
    case .input: return Diagrams.no
    case .source4, .source6:
      return (selector.field == .source4) == (bits.family == .ipv4)
        ? bits.source(low, high, mask: mask) : Diagrams.no
    case .destination4, .destination6:
      return (selector.field == .destination4) == (bits.family == .ipv4)
        ? bits.destination(low, high, mask: mask) : Diagrams.no
    case .family: return contains(bits.family == .ipv4 ? 2 : 10)
    case .state:
      var any = Diagrams.no
      for (number, state) in [(UInt128(2), FlowState.established), (4, .related), (8, .new)]
      where low <= number && number <= high {
        any = bits.diagrams.or(any, bits.state(state))
      }
      return any
    case .proto: return bits.protos(low, high)
    case .icmpType, .icmpv6Type:
      return (selector.field == .icmpType) == (bits.family == .ipv4) ? bits.icmpType(low, high) : Diagrams.no
    // The connections of these packets have no mark.
    case .connectionMark: return Diagrams.no
    case .udpSource: return bits.diagrams.and(bits.proto(17), bits.sourcePort(low, high))
    case .udpDestination: return bits.diagrams.and(bits.proto(17), bits.destinationPort(low, high))
    case .tcpDestination: return bits.diagrams.and(bits.proto(6), bits.destinationPort(low, high))
    case .sctpDestination: return bits.diagrams.and(bits.proto(132), bits.destinationPort(low, high))
    case .port:
      var hasPorts = Diagrams.no
      for number in [UInt128(6), 17, 132] { hasPorts = bits.diagrams.or(hasPorts, bits.proto(number)) }
      return bits.diagrams.and(hasPorts, bits.destinationPort(low, high))
    }
  }
}

extension NFTFile {
  /// The interfaces that rules and sets name; beginnings with `+` behind them.
  package var interfaces: Set<String> {
    let values = chains.flatMap(\.rules).flatMap(\.rule.matches).flatMap { match in
      if case .values(let values) = match.operand { values } else { [FieldRange]() }
    }
    return Set(
      (values + sets.flatMap(\.elements).flatMap(\.fields)).compactMap { value in
        switch value {
        case .numbers: nil
        case .name(let name): name
        case .beginning(let start): start + "+"
        }
      })
  }
}
