/// Plans the chains that ask the policies about the packets of a zone; none if no policy is about them. A packet that
/// no policy decides about comes back from them.
///
/// Few rules stand in one chain, in the order of the policies. Many are spread over trees, first by destination, then
/// by source, then by port, so that the number that a packet meets grows with the logarithm of theirs.
///
/// - Parameter sets: takes the sets of addresses that the chains ask; nil: there are none, and chains hold what would be in
///   them.
func planPolicyChains(_ plan: AccessPlan, _ zone: AccessZone, _ sets: inout PolicySets?) -> [FilterChain] {
  let decisions = plan[zone]
  guard !decisions.isEmpty else { return [] }
  let compiled = compileAccess(decisions, plan.family, sets == nil ? .chains : .sets)
  var builder = PolicyChainBuilder(zone: zone, family: plan.family, decisions: decisions, sets: sets)
  var root = FilterChain(name: ChainName(policies: zone), rules: [])
  let isPlain = !compiled.rows.contains { $0.crowd != nil }
  if isPlain, builder.count(compiled.rows) <= RuleTree.leafSize {
    root.rules = compiled.rows.flatMap { builder.rules($0, []) }
  } else {
    for (index, layer) in compiled.layers.enumerated() { root.rules += builder.plan(layer, index) }
  }
  sets = builder.sets
  // The tree of the underlay's prefixes sends its packets here instead of dropping them.
  if zone == .underlay { root.rules.append(FilterRule(comment: .word("underlay"), verdict: .drop)) }
  return [root] + builder.chains
}

/// An address of a packet, as a level of trees looks at it.
private enum TreeLevel {
  case destination, source

  func match(_ row: AccessRow) -> AddressMatch { self == .destination ? row.destination : row.source }

  func rule(_ match: AddressMatch, _ verdict: Verdict = .accept) -> FilterRule {
    self == .destination
      ? FilterRule(destination: match, verdict: verdict) : FilterRule(source: match, verdict: verdict)
  }
}

private struct PolicyChainBuilder {
  let zone: AccessZone
  let family: AddressFamily
  let decisions: [AccessDecision]
  private(set) var chains: [FilterChain] = []
  private var numbers: (sources: Int, services: Int) = (0, 0)
  /// How many trees each layer has so far.
  private var trees: [Int: Int] = [:]
  private(set) var sets: PolicySets?

  init(zone: AccessZone, family: AddressFamily, decisions: [AccessDecision], sets: PolicySets?) {
    self.zone = zone
    self.family = family
    self.decisions = decisions
    self.sets = sets
  }

  /// The rules of a row, without the addresses that the way to their chain has tested.
  func rules(_ row: AccessRow, _ tested: [TreeLevel]) -> [FilterRule] {
    policyRules(
      row, decisions[row.decision], withSource: !tested.contains(.source),
      withDestination: !tested.contains(.destination))
  }

  func count(_ rows: [AccessRow]) -> Int {
    rows.reduce(0) { $0 + protocolMatches($1.services, family).count }
  }

  /// The rules that ask a layer: its own if they are few, else jumps into trees.
  mutating func plan(_ layer: [AccessRow], _ index: Int) -> [FilterRule] {
    spread(layer.filter { $0.crowd == nil }, index, .destination, tested: []) + planCrowds(layer, index)
  }

  /// Rows of many sources and destinations: their destinations lead to a chain of their sources, so that there are as many
  /// rules as both together.
  private mutating func planCrowds(_ layer: [AccessRow], _ index: Int) -> [FilterRule] {
    var rules: [FilterRule] = []
    var items: [UInt128: [UInt128: [ChainName]]] = [:]
    for row in layer {
      guard let crowd = row.crowd else { continue }
      let asking = sourceRules(row, crowd.sources, index)
      if crowd.destinations.isEverything {
        rules += asking
      } else if let set = sets?.add(crowd.destinations) {
        rules += leading(to: asking) { $0.destinationSet = set }
      } else {
        let chain = chain(.destination, asking)
        for match in crowd.destinations.matches {
          items[match.mask, default: [:]][match.value.bits, default: []].append(chain)
        }
      }
    }
    for mask in items.keys.sorted(by: >) {
      let values = items[mask] ?? [:]
      let leaves = values.keys.sorted().map { value in
        let chains = values[value] ?? []
        let match = AddressMatch(value: Address(family, value), mask: mask)
        return RuleTreeItem(
          bits: compress(value, mask), length: mask.nonzeroBitCount,
          rules: chains.map { FilterRule(destination: match, verdict: chains.count == 1 ? .goto($0) : .jump($0)) })
      }
      rules += tree(leaves, mask, .destination, index)
    }
    return rules
  }

  /// The rules about the sources and services of a row; what they do not decide comes back.
  private mutating func sourceRules(_ row: AccessRow, _ list: AddressList, _ layer: Int) -> [FilterRule] {
    let services = rules(row, [.destination, .source])
    if list.isEverything { return services }
    if let set = sets?.add(list) { return leading(to: services) { $0.sourceSet = set } }
    let lead: Verdict? = services.count == 1 ? nil : .goto(chain(.source, services))
    return list.byMask.flatMap { mask, matches in
      let leaves = matches.map { match in
        var rule = lead.map { FilterRule(verdict: $0) } ?? services[0]
        rule.source = match
        return RuleTreeItem(bits: compress(match.value.bits, mask), length: mask.nonzeroBitCount, rules: [rule])
      }
      return tree(leaves, mask, .source, layer)
    }
  }

  /// The one rule with another match, or a jump with that match to a chain of them all.
  private mutating func leading(to rules: [FilterRule], _ add: (inout FilterRule) -> Void) -> [FilterRule] {
    var rule = rules.count == 1 ? rules[0] : FilterRule(verdict: .jump(chain(.source, rules)))
    add(&rule)
    return [rule]
  }

  private mutating func chain(_ level: TreeLevel, _ rules: [FilterRule]) -> ChainName {
    let name = nextName(level)
    chains.append(FilterChain(name: name, rules: rules))
    return name
  }

  /// Puts rows under trees by one of their addresses: a tree for each mask, an item for each value. What is too much for
  /// an item goes into a chain of its own, where the next level begins.
  private mutating func spread(
    _ rows: [AccessRow], _ layer: Int, _ level: TreeLevel, tested: [TreeLevel]
  ) -> [FilterRule] {
    if count(rows) <= RuleTree.leafSize { return rows.flatMap { rules($0, tested) } }
    let groups = Dictionary(grouping: rows) { level.match($0).mask }
    var result: [FilterRule] = []
    for mask in groups.keys.sorted(by: >) {
      let group = groups[mask] ?? []
      guard mask != 0 else {
        result += lower(group, layer, level, tested)
        continue
      }
      let values = Dictionary(grouping: group) { level.match($0).value.bits }
      let items = values.keys.sorted().map { value in
        item(values[value] ?? [], mask, layer, level, tested)
      }
      result += tree(items, mask, level, layer)
    }
    return result
  }

  private mutating func item(
    _ rows: [AccessRow], _ mask: UInt128, _ layer: Int, _ level: TreeLevel, _ tested: [TreeLevel]
  ) -> RuleTreeItem {
    let match = level.match(rows[0])
    var rules = count(rows) <= RuleTree.leafSize ? rows.flatMap { self.rules($0, tested) } : []
    if rules.isEmpty {
      let name = nextName(level)
      let chain = chains.count
      chains.append(FilterChain(name: name, rules: []))
      chains[chain].rules = lower(rows, layer, level, tested + [level])
      rules = [level.rule(match, .goto(name))]
    }
    return RuleTreeItem(bits: compress(match.value.bits, mask), length: mask.nonzeroBitCount, rules: rules)
  }

  /// The rules of rows that are alike in the address of a level.
  private mutating func lower(
    _ rows: [AccessRow], _ layer: Int, _ level: TreeLevel, _ tested: [TreeLevel]
  ) -> [FilterRule] {
    level == .destination ? spread(rows, layer, .source, tested: tested) : planServices(rows, tested)
  }

  private mutating func nextName(_ level: TreeLevel) -> ChainName {
    if level == .destination {
      numbers.sources += 1
      return ChainName(policies: zone, part: "s", number: numbers.sources)
    }
    numbers.services += 1
    return ChainName(policies: zone, part: "v", number: numbers.services)
  }

  /// A tree of chains over items, and the jump to it, which tests what all of them have in common.
  private mutating func tree(
    _ items: [RuleTreeItem], _ mask: UInt128, _ level: TreeLevel, _ layer: Int
  ) -> [FilterRule] {
    if items.reduce(0, { $0 + $1.rules.count }) <= 2 { return items.flatMap(\.rules).map(comingBack) }
    let name = ChainName(policies: zone, layer: layer, tree: trees[layer, default: 0])
    trees[layer, default: 0] += 1
    let family = family
    func match(_ bits: UInt128, _ length: Int) -> AddressMatch {
      let top = highBits(of: mask, count: length)
      return AddressMatch(value: Address(family, expand(bits, top)), mask: top)
    }
    var tree = RuleTree { level.rule(match($0, $1)) }
    tree.build(name, items)
    chains += tree.chains
    // Sorted: what the first and the last have in common at the front, all between them have too.
    let difference = (items.first?.bits ?? 0) ^ (items.last?.bits ?? 0)
    let shared = (items.first?.length ?? 0) - (UInt128.bitWidth - difference.leadingZeroBitCount)
    guard shared > 0, let first = items.first else { return [FilterRule(verdict: .jump(name))] }
    return [level.rule(match(first.bits >> (first.length - shared), shared), .jump(name))]
  }

  /// The rules of rows that are alike in both addresses: by protocol, and ports in a tree of ranges.
  private mutating func planServices(_ rows: [AccessRow], _ tested: [TreeLevel]) -> [FilterRule] {
    if count(rows) <= RuleTree.leafSize { return rows.flatMap { rules($0, tested) } }
    var taken = ServiceSet([])
    var parts: [PortPart] = []
    var rest: [FilterRule] = []
    for row in rows {
      var row = row
      if row.services.isAny {
        rest += rules(row, tested)
        continue
      }
      // Rows of a layer that overlap say the same, so whichever is met first may decide.
      row.services = row.services.subtracting(taken)
      taken = ServiceSet(taken.ranges + row.services.ranges)
      for term in row.services.terms {
        guard case .ports(let proto, let ports) = term else { continue }
        for range in ports.isEmpty ? [0...UInt16.max] : ports {
          row.services = ServiceSet([ServiceLine.ports(proto, range)])
          parts.append(PortPart(proto: proto, range: range, rules: rules(row, tested)))
        }
      }
      row.services = taken.intersection(ServiceSet([ServiceLine.icmp(0...UInt8.max)])).intersection(row.services)
      rest += row.services.isEmpty ? [] : rules(row, tested)
    }
    return PortProtocol.allCases.flatMap { proto in
      portTree(parts.filter { $0.proto == proto }.sorted { $0.range.lowerBound < $1.range.lowerBound }, isRoot: true)
    } + rest
  }

  private struct PortPart {
    var proto: PortProtocol
    var range: ClosedRange<UInt16>
    var rules: [FilterRule]
  }

  /// Ranges of ports that do not overlap, sorted, under jumps by wider ranges.
  private mutating func portTree(_ parts: [PortPart], isRoot: Bool = false) -> [FilterRule] {
    guard let proto = parts.first?.proto, parts.count > (isRoot ? 2 : RuleTree.leafSize) else {
      return parts.flatMap(\.rules)
    }
    let size = isRoot ? parts.count : (parts.count + RuleTree.fanOut - 1) / RuleTree.fanOut
    return stride(from: 0, to: parts.count, by: size).map { start in
      let group = Array(parts[start..<min(start + size, parts.count)])
      let name = nextName(.source)
      let chain = chains.count
      chains.append(FilterChain(name: name, rules: []))
      chains[chain].rules = portTree(group)
      let whole = group[0].range.lowerBound...group[group.count - 1].range.upperBound
      return FilterRule(proto: .ports(proto, [whole]), verdict: isRoot ? .jump(name) : .goto(name))
    }
  }
}

/// The rule for a chain whose further rules must be met: a goto in it would leave them out.
private func comingBack(_ rule: FilterRule) -> FilterRule {
  var rule = rule
  if case .goto(let chain) = rule.verdict { rule.verdict = .jump(chain) }
  return rule
}

/// The bits of a value that a mask names, side by side.
func compress(_ value: UInt128, _ mask: UInt128) -> UInt128 {
  var (result, place, rest) = (UInt128(0), UInt128(0), mask)
  while rest != 0 {
    let shift = UInt128(rest.trailingZeroBitCount)
    result |= (value >> shift & 1) << place
    place += 1
    rest &= rest - 1
  }
  return result
}

/// The opposite: puts bits where a mask has its own.
func expand(_ bits: UInt128, _ mask: UInt128) -> UInt128 {
  var (result, place, rest) = (UInt128(0), UInt128(0), mask)
  while rest != 0 {
    result |= (bits >> place & 1) << UInt128(rest.trailingZeroBitCount)
    place += 1
    rest &= rest - 1
  }
  return result
}

/// The `count` highest bits of a mask.
func highBits(of mask: UInt128, count: Int) -> UInt128 {
  var (result, drop) = (mask, mask.nonzeroBitCount - count)
  while drop > 0 {
    result &= result - 1
    drop -= 1
  }
  return result
}
