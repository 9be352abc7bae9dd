import TopologyModel

/// What is new, gone or otherwise among interconnects, networks, tenants, segments, policies and services, deletions first.
func compareParts(_ old: Topology, _ new: Topology, _ names: NameMap) -> [PartChange] {
  var changes = compareInterconnects(old, new, names)
  changes += compareNamed("network", networkFacts(old), networkFacts(new))
  changes += compareNamed("tenant", tenantFacts(old, names), tenantFacts(new, nil))
  changes += compareNamed("segment", segmentFacts(old, names), segmentFacts(new, nil))
  changes += compareNamed("policy", policyFacts(old, names), policyFacts(new, nil))
  changes += compareNamed("service", serviceFacts(old, names), serviceFacts(new, nil))
  return changes.enumerated().sorted { ($0.element.mark, $0.offset) < ($1.element.mark, $1.offset) }.map(\.element)
}

/// What is said of a thing, by key.
struct PartFacts {
  var name: String
  var facts: [(key: String, value: String)]
}

func compareNamed(_ kind: String, _ old: [PartFacts], _ new: [PartFacts]) -> [PartChange] {
  let before = Dictionary(old.map { ($0.name, $0) }) { first, _ in first }
  let after = Dictionary(new.map { ($0.name, $0) }) { first, _ in first }
  func all(_ facts: PartFacts) -> [String] { facts.facts.map { "\($0.key): \($0.value)" } }
  let removed = old.filter { after[$0.name] == nil }.map {
    PartChange(mark: .removed, kind: kind, name: $0.name, details: all($0))
  }
  let added = new.filter { before[$0.name] == nil }.map {
    PartChange(mark: .added, kind: kind, name: $0.name, details: all($0))
  }
  let changed = new.compactMap { item -> PartChange? in
    guard let other = before[item.name] else { return nil }
    var details: [String] = []
    for (key, value) in item.facts {
      let former = other.facts.first { $0.key == key }?.value ?? "none"
      if former != value { details.append("\(key): \(former) → \(value)") }
    }
    for (key, value) in other.facts where !item.facts.contains(where: { $0.key == key }) {
      details.append("\(key): \(value) → none")
    }
    return details.isEmpty ? nil : PartChange(mark: .changed, kind: kind, name: item.name, details: details)
  }
  return removed + changed + added
}

private func networkFacts(_ topology: Topology) -> [PartFacts] {
  topology.networks.map { network in
    let layout = network.layout
    let places =
      layout.topology.map { "region \($0.region), rack \($0.rack), host \($0.host), " }
      ?? layout.block.map { "blocks of /\($0), " } ?? "carved, "
    let identity = layout.block == nil ? "tenant \(layout.tenant), segment \(layout.segment), " : ""
    var facts = [
      ("cidr", "\(network.prefix)"), ("bits", places + identity + "endpoint \(layout.endpoint)"),
      ("regions", network.regions.map { list($0.map(\.text)) } ?? "all"),
    ]
    if !network.excluded.isEmpty { facts.append(("exclude", list(network.excluded.map { "\($0)" }))) }
    if let vlan = network.vlan { facts.append(("vlan", topology.vlans[vlan].name.text)) }
    return PartFacts(name: network.name.text, facts: facts)
  }
}

private func tenantFacts(_ topology: Topology, _ names: NameMap?) -> [PartFacts] {
  topology.tenants.map { tenant in
    PartFacts(
      name: (names?.tenants[tenant.name] ?? tenant.name).text,
      facts: [
        ("id", "\(tenant.id)"), ("isolation", tenant.isolation.rawValue), ("egress", tenant.egress.rawValue),
        ("networks", list(tenant.networks.map { topology.networks[$0].name.text })),
      ])
  }
}

private func segmentFacts(_ topology: Topology, _ names: NameMap?) -> [PartFacts] {
  topology.tenants.flatMap { tenant in
    tenant.segments.map { segment in
      PartFacts(
        name: names?.key(tenant.name, segment.name) ?? "\(tenant.name)/\(segment.name)",
        facts: [("id", "\(segment.id)")])
    }
  }
}

private func policyFacts(_ topology: Topology, _ names: NameMap?) -> [PartFacts] {
  topology.policies.map { policy in
    var facts = [("priority", "\(policy.priority)"), ("direction", policy.direction.rawValue)]
    facts += [("from", peers(policy.from, topology, names)), ("to", peers(policy.to, topology, names))]
    if !policy.allow.isEmpty { facts.append(("allow", serviceWords(policy.allow))) }
    if !policy.deny.isEmpty { facts.append(("deny", serviceWords(policy.deny))) }
    return PartFacts(name: policy.name.text, facts: facts)
  }
}

private func serviceFacts(_ topology: Topology, _ names: NameMap?) -> [PartFacts] {
  topology.services.map { service in
    PartFacts(
      name: service.name.text,
      facts: [
        ("from", peers(service.from, topology, names)), ("to", peers(service.to, topology, names)),
        ("via", service.functions.map { topology.functions[$0].name.text }.joined(separator: ", then ")),
        ("priority", "\(service.priority)"), ("fail", "\(service.fail)"),
        ("return", service.returns ? "the same way" : "direct"),
      ])
  }
}

private func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.sorted().joined(separator: ", ") }

private func peers(_ peers: [PolicyPeer], _ topology: Topology, _ names: NameMap?) -> String {
  list(
    peers.map { peer in
      switch peer {
      case .any: "any"
      case .localHost: "the own host"
      case .cidr(let prefix): "\(prefix)"
      case .host(let host): "host \(topology.hosts[host].name)"
      case .endpoints(let group): words(group, topology, names)
      }
    })
}

private func words(_ group: EndpointGroup, _ topology: Topology, _ names: NameMap?) -> String {
  var who = "endpoints"
  if let index = group.tenant {
    let tenant = topology.tenants[index]
    let segment = group.segment.flatMap { id in tenant.segments.first { $0.id == id } }
    who =
      segment.map { names?.key(tenant.name, $0.name) ?? "\(tenant.name)/\($0.name)" }
      ?? (names?.tenants[tenant.name] ?? tenant.name).text
  }
  switch group.place {
  case .everywhere: return who
  case .cidr(let prefix): return "\(who) in \(prefix)"
  case .region(let region): return "\(who) in \(topology.regions[region].name)"
  case .rack(let rack): return "\(who) in \(topology.path(ofRack: rack))"
  case .host(let host): return "\(who) on \(topology.hosts[host].name)"
  }
}

/// Services as a topology writes them.
private func serviceWords(_ services: [ServiceMatch]) -> String {
  services.map { service in
    switch service {
    case .any: "any"
    case .ports(let proto, let ports): ports.map { "\(proto.rawValue)/\(portText($0))" } ?? proto.rawValue
    case .icmp(let ipv4?, _): ipv4 == 0...255 ? "icmp" : "icmp/\(portText(ipv4))"
    case .icmp(nil, let ipv6?): ipv6 == 0...255 ? "icmpv6" : "icmpv6/\(portText(ipv6))"
    case .icmp(nil, nil): "none"
    }
  }
  .joined(separator: ", ")
}

/// `22`, `8000-8080`.
func portText(_ range: ClosedRange<some FixedWidthInteger>) -> String {
  range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
}
