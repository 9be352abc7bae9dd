import TopologyModel

/// What the route tables of an EC2 region's VPC have no more, otherwise or anew, and what else about the VPC is not as before. Nil:
/// there is none on that side.
func compareVPC(_ old: VPCPlan?, _ new: VPCPlan?) -> [DeviceChange] {
  guard old != new else { return [] }
  return compareTables(old, new) + compareTransits(old, new) + compareVPCSettings(old, new)
}

/// A route in words.
private struct RouteText {
  var text: String
  var purpose: String
}

/// A route that differs, in whatever table.
private struct RouteChange: Hashable {
  var prefix: Prefix
  var purpose: String
  var before: String?
  var after: String?

  var mark: ChangeMark { before == nil ? .added : after == nil ? .removed : .changed }
}

/// What a table has no more, otherwise or anew; sorted by prefix.
private func changedRoutes(_ before: [Prefix: RouteText], _ after: [Prefix: RouteText]) -> [RouteChange] {
  Set(before.keys).union(after.keys).sorted().compactMap { prefix in
    let (was, now) = (before[prefix], after[prefix])
    guard let purpose = (now ?? was)?.purpose, was?.text != now?.text else { return nil }
    return RouteChange(prefix: prefix, purpose: purpose, before: was?.text, after: now?.text)
  }
}

/// Table by table; a change that several tables have is told once.
private func compareTables(_ old: VPCPlan?, _ new: VPCPlan?) -> [DeviceChange] {
  let (former, present) = (old?.tables ?? [], new?.tables ?? [])
  let tables = present + former.filter { table in !present.contains { $0.id == table.id } }
  var places: [RouteChange: [String]] = [:]
  for table in tables {
    let before = routes(former.first { $0.id == table.id }, old)
    let after = routes(present.first { $0.id == table.id }, new)
    for change in changedRoutes(before, after) { places[change, default: []].append(title(table)) }
  }
  return places.sorted { ($0.key.mark, $0.key.prefix, $0.value[0]) < ($1.key.mark, $1.key.prefix, $1.value[0]) }
    .map { change, titles in
      let place = titles.count == tables.count ? "" : ", \(titles.joined(separator: " and "))"
      return DeviceChange(
        .route, "\(change.prefix)", purpose: change.purpose + place, before: change.before, after: change.after)
    }
}

private func title(_ table: VPCTable) -> String {
  table.id?.text ?? "table of \(table.zones.map(\.text).joined(separator: ", "))"
}

private func title(_ link: VPCLink) -> String {
  let id = link.id.map { " \($0)" } ?? ""
  return "the \(link.kind == .peering ? "peering" : "transit gateway")\(id) of \(link.interconnect)"
}

/// Of every transit gateway of the region: what its table leads where.
private func compareTransits(_ old: VPCPlan?, _ new: VPCPlan?) -> [DeviceChange] {
  let names = Set((old?.transitGateways ?? []).map(\.interconnect) + (new?.transitGateways ?? []).map(\.interconnect))
  return names.sorted().flatMap { name -> [DeviceChange] in
    func routes(_ plan: VPCPlan?) -> [Prefix: RouteText] {
      guard let gateway = plan?.transitGateways.first(where: { $0.interconnect == name }) else { return [:] }
      let pairs = gateway.routes.map { route in
        let attachment = gateway.attachments[route.attachment]
        let id = attachment.id.map { " (\($0))" } ?? ""
        return (route.prefix, RouteText(text: "to \(attachment.region)\(id)", purpose: route.purpose.text))
      }
      return Dictionary(pairs) { first, _ in first }
    }
    return changedRoutes(routes(old), routes(new)).map { change in
      DeviceChange(
        .route, "\(change.prefix)", purpose: "\(change.purpose), transit gateway of \(name)", before: change.before,
        after: change.after)
    }
  }
}

private func routes(_ table: VPCTable?, _ vpc: VPCPlan?) -> [Prefix: RouteText] {
  guard let table, let vpc else { return [:] }
  func name(_ instance: Int) -> Name { vpc.instances[instance].name }
  let pairs = table.routes.map { route in
    let text =
      switch route.target {
      case .instance(let first, let standby): "to \(name(first))\(standby.map { ", standby \(name($0))" } ?? "")"
      case .link(let index): "to \(title(vpc.links[index]))"
      }
    return (route.prefix, RouteText(text: text, purpose: route.purpose.text))
  }
  return Dictionary(pairs) { first, _ in first }
}

private func compareVPCSettings(_ old: VPCPlan?, _ new: VPCPlan?) -> [DeviceChange] {
  guard let old, let new else { return [] }
  var changes: [DeviceChange] = []
  func add(_ subject: String, _ before: String?, _ after: String?) {
    if before != after { changes.append(DeviceChange(.setting, subject, before: before, after: after)) }
  }
  func list(_ names: [some CustomStringConvertible]) -> String {
    names.isEmpty ? "none" : names.map { "\($0)" }.joined(separator: ", ")
  }
  for family in AddressFamily.allCases {
    add(
      "\(family.name) routes", old.families.first { $0.family == family }.map(text),
      new.families.first { $0.family == family }.map(text))
  }
  func forwarding(_ plan: VPCPlan) -> [Name] { plan.instances.filter(\.forwards).map(\.name) }
  add("forwarding instances", list(forwarding(old)), list(forwarding(new)))
  // Hosts that come and go are told as devices.
  let former = Dictionary(old.instances.map { ($0.name, $0) }) { first, _ in first }
  for instance in new.instances {
    if let was = former[instance.name] { add("instance \(instance.name)", text(was), text(instance)) }
  }
  add("VPC", old.id?.text ?? "a parameter", new.id?.text ?? "a parameter")
  add("prefixes of the fabric", list(old.space), list(new.space))
  add("security group", old.securityGroup?.text, new.securityGroup?.text)
  add("networks that instances let in", list(old.sources), list(new.sources))
  return changes
}

/// `one for each host prefix, 12 of 50 in the fullest table`.
private func text(_ family: VPCFamily) -> String {
  let choice =
    switch family.choice {
    case .direct: "none needed"
    case .instances: "one for each host prefix"
    case .aggregates(let bits): bits == 0 ? "one for each zone" : "each zone in up to \(1 << bits) parts"
    }
  if family.choice == .direct { return choice }
  return "\(choice), \(family.taken + family.otherRoutes) of \(family.quota) in the fullest table"
}

private func text(_ instance: VPCInstance) -> String {
  ([instance.eni?.text ?? "an interface by parameter"] + instance.addresses.map { "\($0)" }).joined(separator: ", ")
}
