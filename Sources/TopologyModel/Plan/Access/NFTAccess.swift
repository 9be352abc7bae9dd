/// The policies of a zone as verdict maps: one chain that looks a packet up in each, in the order of the layers.
///
/// Rows of all policies that can be looked up in the same way share a map: under the same two masks, and by ports, by
/// types of ICMP or by addresses alone. The number of lookups depends on how many ways there are, not on the number
/// of policies.
struct NFTAccess {
  private(set) var sets: [NFTSet] = []
  private(set) var chain: NFTChain?
  private let family: AddressFamily
  private let word: StaticString
  private let decisions: [AccessDecision]

  /// The name of a zone's chain and maps; what has no decisions has none.
  static func name(_ zone: AccessZone, _ family: AddressFamily) -> NFTName { NFTName(word(zone), family) }

  private static func word(_ zone: AccessZone) -> StaticString {
    switch zone {
    case .inside: "policies-inside"
    case .outside: "policies-outside"
    case .underlay: "policies-underlay"
    case .localHost: "policies-local"
    case .remoteHost: "policies-remote"
    }
  }

  /// - Parameter masks: those under which only tenant and segment are left, of each network.
  init(_ plan: AccessPlan, _ zone: AccessZone, masks: [UInt128]) {
    family = plan.family
    word = Self.word(zone)
    decisions = plan[zone]
    guard !decisions.isEmpty else { return }
    var rules: [NFTRule] = []
    for layer in compileAccess(decisions, family).layers {
      rules += layer.flatMap { row in row.crowd.map { addCrowd(row, $0) } ?? [] }
      for part in shapeRows(layer.filter { $0.crowd == nil }, family, masks) {
        for kind in NFTAccessKind.allCases { rules += add(kind, part) }
      }
    }
    chain = NFTChain(name: NFTName(word, family), rules: rules)
  }

  /// The maps of one kind of rows under one pair of masks, and the rules that ask them: one, unless rows that say the same
  /// overlap without one containing the other.
  private mutating func add(_ kind: NFTAccessKind, _ part: NFTAccessPart) -> [NFTRule] {
    let groups = separate(part.rows.compactMap { kind.part(of: $0) })
    return groups.compactMap { rows in
      let selectors = part.shape.selectors(family) + kind.selectors(family)
      if selectors.isEmpty {
        // Everything from anywhere to anywhere: all rows say the same.
        return rows.first.map { NFTRule([], .verdict(verdict($0)), comment: comment($0)) }
      }
      let name = NFTName(word, family, number: sets.count)
      let elements = rows.flatMap { row in
        part.shape.keys(row).flatMap { address in
          kind.keys(row.services, family).map { service in
            NFTElement(address + service, comment: comment(row), verdict: verdict(row))
          }
        }
      }
      sets.append(
        NFTSet(name: name, key: selectors.map(\.type), isMap: true, hasCounters: true, elements: elements))
      return NFTRule(kind.conditions(family), .lookup(selectors, name))
    }
  }

  /// Many sources and destinations: a set of each side, which are asked one after the other.
  private mutating func addCrowd(_ row: AccessRow, _ crowd: AccessCrowd) -> [NFTRule] {
    let sources = conditions(crowd.sources) { .source($0, mask: $1) }
    let destinations = conditions(crowd.destinations) { .destination($0, mask: $1) }
    return destinations.flatMap { destination in
      sources.flatMap { source in
        conditions(row.services).map { service in
          NFTRule(destination + source + service, .verdict(verdict(row)), comment: comment(row))
        }
      }
    }
  }

  /// The ways to ask for a list of matches: all prefixes are one set, other matches one for each mask.
  private mutating func conditions(
    _ list: AddressList, _ selector: (AddressFamily, UInt128?) -> NFTSelector
  ) -> [[NFTCondition]] {
    if list.isEverything { return [[]] }
    let prefixes = list.matches.compactMap(\.prefix)
    var groups: [(mask: UInt128?, elements: [NFTElement])] = []
    if !prefixes.isEmpty { groups.append((nil, prefixes.map { NFTElement([NFTValue($0)]) })) }
    for (mask, matches) in list.byMask where matches[0].prefix == nil {
      groups.append((mask, matches.map { NFTElement([.address($0.value)]) }))
    }
    return groups.map { mask, elements in
      let name = NFTName(word, family, number: sets.count)
      sets.append(NFTSet(name: name, key: [.address(family)], elements: elements))
      return [.contained([selector(family, mask)], name)]
    }
  }

  private func conditions(_ services: ServiceSet) -> [[NFTCondition]] {
    services.terms.flatMap { term -> [[NFTCondition]] in
      switch term {
      case .any: return [[]]
      case .ports(let proto, let ports): return [ports.isEmpty ? [.proto(proto.number)] : [.ports(proto, ports)]]
      case .icmp(let types):
        let numbers = types.flatMap { Array($0) }
        return [[types.isEmpty ? .proto(family == .ipv4 ? 1 : 58) : .icmpTypes(family, numbers)]]
      case .others: return []
      }
    }
  }

  private func verdict(_ row: AccessRow) -> NFTVerdict { row.verdict == .allow ? .accept : .drop }

  private func comment(_ row: AccessRow) -> RuleComment {
    .policy(decisions[row.decision].name, decisions[row.decision].comment)
  }
}

/// By what rows are looked up beside addresses.
enum NFTAccessKind: CaseIterable {
  /// By nothing: rows of any protocol.
  case any
  case ports
  case icmp

  /// What of a row is of this kind; nil if nothing is.
  func part(of row: AccessRow) -> AccessRow? {
    var row = row
    switch self {
    case .any: return row.services.isAny ? row : nil
    case .ports where !row.services.isAny: row.services = row.services.intersection(ServiceSet(ports))
    case .icmp where !row.services.isAny: row.services = row.services.intersection(ServiceSet([icmp]))
    default: return nil
    }
    return row.services.isEmpty ? nil : row
  }

  private var ports: [ClosedRange<UInt32>] { PortProtocol.allCases.map { ServiceLine.ports($0, 0...UInt16.max) } }
  private var icmp: ClosedRange<UInt32> { ServiceLine.icmp(0...UInt8.max) }

  func selectors(_ family: AddressFamily) -> [NFTSelector] {
    switch self {
    case .any: []
    case .ports: [.proto, .destinationPort]
    case .icmp: [.icmpType(family)]
    }
  }

  /// Only packets that have the fields: in others a port would be read where there is none.
  func conditions(_ family: AddressFamily) -> [NFTCondition] {
    switch self {
    case .any: []
    case .ports: [.protos(PortProtocol.allCases.map(\.number))]
    case .icmp: [.proto(family == .ipv4 ? 1 : 58)]
    }
  }

  func keys(_ services: ServiceSet, _ family: AddressFamily) -> [[NFTValue]] {
    if self == .any { return [[]] }
    return services.terms.flatMap { term -> [[NFTValue]] in
      switch term {
      case .ports(let proto, let ports):
        let number = UInt16(proto.number)
        return (ports.isEmpty ? [0...UInt16.max] : ports).map { [.numbers(number...number), .numbers($0)] }
      case .icmp(let types):
        return (types.isEmpty ? [0...UInt8.max] : types).map {
          [.numbers(UInt16($0.lowerBound)...UInt16($0.upperBound))]
        }
      case .any, .others: return []
      }
    }
  }
}

extension PortProtocol {
  /// IANA, protocol numbers.
  var number: UInt8 {
    switch self {
    case .tcp: 6
    case .udp: 17
    case .sctp: 132
    }
  }
}

/// Splits rows of one verdict, or that do not overlap, so that in each part no two have a packet in common: a map takes
/// no two elements for one key. What one row says is taken out of those that it contains.
func separate(_ rows: [AccessRow]) -> [[AccessRow]] {
  var rows = rows
  var index = AccessRowIndex(rows)
  var parts: [Int] = []
  for position in rows.indices {
    var taken: Set<Int> = []
    for other in index.earlier(than: position) {
      guard rows[other].services.overlaps(rows[position].services) else { continue }
      if rows[other].holdsAddresses(of: rows[position]) {
        rows[position].services = rows[position].services.subtracting(rows[other].services)
      } else if rows[position].holdsAddresses(of: rows[other]) {
        rows[other].services = rows[other].services.subtracting(rows[position].services)
      } else {
        taken.insert(parts[other])
      }
    }
    parts.append((0...taken.count).first { !taken.contains($0) } ?? 0)
  }
  var result: [[AccessRow]] = []
  for (part, row) in zip(parts, rows) where !row.services.isEmpty {
    while result.count <= part { result.append([]) }
    result[part].append(row)
  }
  return result.filter { !$0.isEmpty }
}

extension AccessRow {
  fileprivate func holdsAddresses(of other: AccessRow) -> Bool {
    source.contains(other.source) && destination.contains(other.destination)
  }
}
