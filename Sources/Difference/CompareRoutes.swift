import TopologyModel

/// The routes of a device that are not as before: those that it holds by itself, and those that BGP brings from neighbours whose
/// prefixes it knows; and what it announces.
///
/// - Parameter silent: neighbours that announce nothing, on each side.
func compareRoutes(_ old: DevicePlan, _ new: DevicePlan, silent: (old: Set<Name>, new: Set<Name>)) -> [DeviceChange] {
  var changes = compareByPrefix(
    routes(old, silent.old), routes(new, silent.new), \.prefix, .route, text: \.text, shape: \.shape, purpose: \.purpose
  )
  changes += compareByPrefix(
    announcements(old), announcements(new), \.prefix, .announcement, text: \.text,
    shape: { "\($0.purpose.map { shapeText($0, nil) } ?? "\($0.prefix)")|\($0.text)" },
    purpose: { $0.purpose?.text ?? "" })
  return changes
}

/// What tells a new or removed device from others: its prefixes.
func ownPrefixes(_ old: DevicePlan?, _ new: DevicePlan?) -> [DeviceChange] {
  func own(_ plan: DevicePlan?) -> [StaticRoute] {
    plan?.routes.filter { route in
      switch route.purpose {
      case .ownPrefix, .block(nil, _, _, _): true
      case .rackAggregate: route.target == .discard && plan?.role == .tor
      default: false
      }
    } ?? []
  }
  let name = (new ?? old)?.name.text ?? ""
  return compareByPrefix(
    own(old), own(new), \.prefix, .route, text: { $0.target.text },
    shape: { shapeText($0.purpose, nil) }, purpose: { "\(name): \($0.purpose.text)" })
}

private func compareByPrefix<Item>(
  _ old: [Item], _ new: [Item], _ prefix: (Item) -> Prefix, _ kind: DeviceChange.Kind, text: (Item) -> String,
  shape: (Item) -> String, purpose: (Item) -> String
) -> [DeviceChange] {
  let before = Dictionary(old.map { (prefix($0), $0) }) { first, _ in first }
  let after = Dictionary(new.map { (prefix($0), $0) }) { first, _ in first }
  func change(_ was: Item?, _ now: Item?) -> DeviceChange? {
    guard let item = now ?? was else { return nil }
    let (former, present) = (was.map(text), now.map(text))
    if let former, former == present { return nil }
    return DeviceChange(
      kind, "\(prefix(item))", purpose: purpose(item), before: former, after: present,
      shape: "\(was.map(shape) ?? "")→\(now.map(shape) ?? "")")
  }
  let gone = old.filter { after[prefix($0)] == nil }.compactMap { change($0, nil) }
  let stayed = new.compactMap { item in before[prefix(item)].flatMap { change($0, item) } }
  let came = new.filter { before[prefix($0)] == nil }.compactMap { change(nil, $0) }
  return gone + stayed + came
}

/// A route in words.
private struct ToldRoute {
  var prefix: Prefix
  var text: String
  var shape: String
  var purpose: String
}

/// One a prefix, sorted; what a device holds by itself comes before what BGP brings.
private func routes(_ plan: DevicePlan, _ silent: Set<Name>) -> [ToldRoute] {
  let held = plan.routes.map { route in
    ToldRoute(
      prefix: route.prefix, text: route.target.text,
      shape: "\(shapeText(route.purpose, route.prefix))|\(targetShape(route.target))",
      purpose: route.purpose.text)
  }
  let known = Set(held.map(\.prefix))
  return (held + learnedRoutes(plan, silent).filter { !known.contains($0.prefix) }).sorted { $0.prefix < $1.prefix }
}

/// What the import filters name exactly: a ToR's the prefixes of each host, a spine's the aggregates of each rack, a host's the
/// networks. What comes over the spines from other racks is named by a range only and is not told here.
private func learnedRoutes(_ plan: DevicePlan, _ silent: Set<Name>) -> [ToldRoute] {
  guard let bgp = plan.bgp, plan.role != .host || installsRoutes(plan) else { return [] }
  var hops: [Prefix: (session: BGPSession, texts: [String], names: [String])] = [:]
  for session in bgp.sessions where session.neighborRole != .upstream && !silent.contains(session.neighbor) {
    // What the other ToR of a pair tells is further away than the host's own link.
    if plan.role == .tor, session.neighborRole == .tor { continue }
    for entry in bgp.filters[session.importFilter].entries where entry.permits && entry.isExact {
      let hop = session.neighborAddress.map { "\($0) (\(session.neighbor))" } ?? "\(session.neighbor)"
      var known = hops[entry.prefix] ?? (session, [], [])
      known.texts.append(hop)
      known.names.append(session.title)
      hops[entry.prefix] = known
    }
  }
  return hops.map { prefix, hop in
    let purpose = learnedText(bgp.filters[hop.session.importFilter].name)
    return ToldRoute(
      prefix: prefix, text: "via " + hop.texts.joined(separator: ", "),
      shape: "\(prefix)|\(hop.names.joined(separator: ","))", purpose: purpose)
  }
}

/// Whether the daemon puts what it learns into the kernel; without, the host has static routes.
private func installsRoutes(_ plan: DevicePlan) -> Bool { !plan.artifacts.contains(.exabgp) }

private func learnedText(_ name: FilterName) -> String {
  switch name {
  case .hostPrefixes(let host), .vlanPrefixes(let host, _): "\(host), by BGP"
  case .rackAggregates(let tor): "rack of \(tor), by BGP"
  default: "by BGP"
  }
}

/// A prefix that a device tells others.
private struct Announcement {
  var prefix: Prefix
  var purpose: RoutePurpose?
  var text: String
}

private func announcements(_ plan: DevicePlan) -> [Announcement] {
  var result = (plan.bgp?.originated ?? []).map { origin in
    Announcement(
      prefix: origin.prefix, purpose: origin.purpose,
      text: origin.onlyWhilePresent ? "by BGP while known" : origin.isSummary ? "by BGP as a summary" : "by BGP")
  }
  for area in plan.ospf?.areas ?? [] {
    result += area.stubPrefixes.map { Announcement(prefix: $0, purpose: nil, text: "by OSPF in area \(area.number)") }
    result += area.ranges.map { Announcement(prefix: $0, purpose: nil, text: "by OSPF for area \(area.number)") }
  }
  return result
}

private func targetShape(_ target: RouteTarget) -> String {
  switch target {
  case .discard: "discard"
  case .gateways(let hops): "via " + hops.map(\.device.text).joined(separator: ",")
  case .endpoint(let interface, _): "to \(interface)"
  }
}

/// The purpose without what is a device's own.
private func shapeText(_ purpose: RoutePurpose, _ prefix: Prefix?) -> String {
  switch purpose {
  case .ownPrefix(let network): "own in \(network)"
  case .block(nil, let network, let tenant, let segment): "own block in \(network) of \(tenant)/\(segment)"
  default: "\(purpose.text) \(prefix.map { "\($0)" } ?? "")"
  }
}
