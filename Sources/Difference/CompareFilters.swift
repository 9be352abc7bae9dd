import Emitters
import TopologyModel

/// The rules that all hosts of a fabric share and that are not as before.
func compareSharedRules(_ old: NetworkPlan, _ new: NetworkPlan) -> [RuleChange] {
  var changes: [RuleChange] = []
  // The chains are planned for everybody, and reach a file only where a host has iptables.
  let hasChains = (old.topology.hosts + new.topology.hosts).contains { $0.settings.firewallBackend == .iptables }
  for family in AddressFamily.allCases where hasChains {
    let program = family == .ipv4 ? "iptables" : "ip6tables"
    let (before, after) = (old.sharedChains(family), new.sharedChains(family))
    if before != after { changes += compareChains(program, before, after) }
  }
  if old.sharedNFT != new.sharedNFT { changes += compareFragments(old.sharedNFT, new.sharedNFT) }
  return changes
}

/// The rules of a host's own part that are not as before.
func compareFilters(_ old: DevicePlan, _ new: DevicePlan) -> [DeviceChange] {
  guard let before = old.firewall, let after = new.firewall, before != after else { return [] }
  var changes: [DeviceChange] = []
  if before.backend != after.backend {
    changes.append(
      DeviceChange(.rule, "backend", before: before.backend.rawValue, after: after.backend.rawValue))
    return changes
  }
  if before.mode != after.mode {
    changes.append(DeviceChange(.rule, "mode", before: "\(before.mode)", after: "\(after.mode)"))
  }
  let own = OwnAddresses(old, new)
  var rules = compareChains("iptables", before.ipv4.chains, after.ipv4.chains)
  rules += compareChains("ip6tables", before.ipv6.chains, after.ipv6.chains)
  rules += compareChains("iptables -t mangle", before.ipv4.steering, after.ipv4.steering)
  rules += compareChains("ip6tables -t mangle", before.ipv6.steering, after.ipv6.steering)
  rules += compareChains("iptables -t nat", before.ipv4.translation, after.ipv4.translation)
  rules += compareChains("ip6tables -t nat", before.ipv6.translation, after.ipv6.translation)
  rules += compareSets(before.ipv4.sets, after.ipv4.sets) + compareSets(before.ipv6.sets, after.ipv6.sets)
  if let former = before.nft, let present = after.nft { rules += compareFragments(former, present) }
  for rule in rules {
    for text in rule.removed { changes.append(change(rule, before: text, after: nil, own)) }
    for text in rule.added { changes.append(change(rule, before: nil, after: text, own)) }
  }
  return changes
}

private func change(_ rule: RuleChange, before: String?, after: String?, _ own: OwnAddresses) -> DeviceChange {
  let text = before ?? after ?? ""
  return DeviceChange(
    .rule, "\(rule.program) \(rule.place)", before: before, after: after,
    shape: "\(rule.program) \(rule.place) \(own.leavingOut(text))")
}

/// The addresses of a host itself, so that rules which differ in them only are the same.
private struct OwnAddresses {
  private let texts: [(text: String, word: String)]

  init(_ old: DevicePlan, _ new: DevicePlan) {
    var words: [String: String] = [:]
    for (plan, side) in [(old, "old"), (new, "new")] {
      for route in plan.routes {
        switch route.purpose {
        case .ownPrefix(let network), .block(nil, let network, _, _): words["\(route.prefix)"] = "(\(side) \(network))"
        case .endpoint(_, _, let name): words["\(route.prefix.shortText)"] = "(\(side) \(name))"
        default: break
        }
      }
      for address in plan.gateway?.addresses ?? [] { words["\(address)"] = "(\(side) gateway)" }
      for session in plan.bgp?.sessions ?? [] {
        if let local = session.localAddress { words["\(local)"] = "(\(side) end \(session.title))" }
        if let neighbor = session.neighborAddress { words["\(neighbor)"] = "(\(side) of \(session.title))" }
      }
    }
    // Long ones first, so that none is taken for a part of another.
    texts = words.map { (text: $0.key, word: $0.value) }
      .sorted { ($0.text.utf8.count, $0.text) > ($1.text.utf8.count, $1.text) }
  }

  func leavingOut(_ rule: String) -> String {
    rule.split(separator: " ").map { part in
      let token = part.hasSuffix("/32") ? part.dropLast(3) : part.hasSuffix("/128") ? part.dropLast(4) : part
      if let known = texts.first(where: { $0.text == token }) { return known.word }
      // The part of a host's prefix that endpoints may have is written with a mask.
      let address = token.prefix { $0 != "/" }
      if let known = texts.first(where: { $0.text.prefix { $0 != "/" } == address }) { return known.word }
      return String(part)
    }
    .joined(separator: " ")
  }
}

private func compareChains(_ program: String, _ old: [FilterChain], _ new: [FilterChain]) -> [RuleChange] {
  guard old != new else { return [] }
  return compareLists(
    program, old.map { ($0.name.text, $0.rules) }, new.map { ($0.name.text, $0.rules) }, text: { ruleText($0) })
}

private func compareSets(_ old: [AddressSet], _ new: [AddressSet]) -> [RuleChange] {
  guard old != new else { return [] }
  return compareLists(
    "ipset", old.map { ($0.name.text, $0.prefixes) }, new.map { ($0.name.text, $0.prefixes) }, text: { "\($0)" })
}

private func compareFragments(_ old: NFTFragment, _ new: NFTFragment) -> [RuleChange] {
  var changes = compareLists(
    "nft", old.sets.map { ("\($0.isMap ? "map" : "set") \($0.name.text)", $0.elements) },
    new.sets.map { ("\($0.isMap ? "map" : "set") \($0.name.text)", $0.elements) }, text: { elementText($0) })
  changes += compareLists(
    "nft", old.chains.map { ("chain \($0.name.text)", $0.rules) },
    new.chains.map { ("chain \($0.name.text)", $0.rules) },
    text: { ruleText($0) })
  return changes
}

/// Compares named lists: what each has no more, and what it has anew; as often as it stands there.
private func compareLists<Item: Equatable>(
  _ program: String, _ old: [(name: String, items: [Item])], _ new: [(name: String, items: [Item])],
  text: (Item) -> String
) -> [RuleChange] {
  let before = Dictionary(old.map { ($0.name, $0.items) }) { first, _ in first }
  let after = Dictionary(new.map { ($0.name, $0.items) }) { first, _ in first }
  let names = old.map(\.name) + new.map(\.name).filter { before[$0] == nil }
  return names.compactMap { name in
    let (former, present) = (before[name], after[name])
    if let former, let present, former == present { return nil }
    let (gone, came) = listDifference((former ?? []).map(text), (present ?? []).map(text))
    if gone.isEmpty, came.isEmpty {
      // The same rules in another order.
      if former != nil, present != nil {
        return RuleChange(program: program, place: name, removed: [], added: ["(order)"])
      }
      return RuleChange(
        program: program, place: name, removed: former == nil ? [] : ["(empty)"],
        added: present == nil ? [] : ["(empty)"])
    }
    return RuleChange(program: program, place: name, removed: gone, added: came)
  }
}

private func listDifference(_ old: [String], _ new: [String]) -> (gone: [String], came: [String]) {
  var counts: [String: Int] = [:]
  for item in new { counts[item, default: 0] += 1 }
  var gone: [String] = []
  for item in old {
    if let count = counts[item], count > 0 { counts[item] = count - 1 } else { gone.append(item) }
  }
  var came: [String] = []
  // The last ones are those that nobody had.
  for item in new.reversed() where counts[item, default: 0] > 0 {
    counts[item, default: 0] -= 1
    came.append(item)
  }
  return (gone, came.reversed())
}
