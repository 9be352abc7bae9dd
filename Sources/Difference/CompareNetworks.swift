import Emitters
import TopologyModel

/// One side of a comparison: a plan, and what is rendered once for all its files.
package struct ComparedNetwork: Sendable {
  package let plan: NetworkPlan
  package let shared: SharedFragments
  var topology: Topology { plan.topology }

  package init(_ plan: NetworkPlan) {
    self.plan = plan
    shared = SharedFragments(plan)
  }

  /// Both sides at the same time.
  package static func pair(_ old: NetworkPlan, _ new: NetworkPlan) -> (old: ComparedNetwork, new: ComparedNetwork) {
    let plans = [old, new]
    let sides = inParallel(2) { range in range.map { ComparedNetwork(plans[$0]) } }.flatMap(\.self)
    return (sides[0], sides[1])
  }
}

/// Finds out what it means to go from one network to another.
package func compareNetworks(_ old: ComparedNetwork, _ new: ComparedNetwork) -> NetworkDifference {
  var difference = NetworkDifference(before: old.topology.fabric, after: new.topology.fabric)
  let names = NameMap(old.topology, new.topology)
  difference.renames = names.renames
  difference.isDualStack = Set((old.topology.networks + new.topology.networks).map(\.family)).count > 1
  difference.moves = findMoves(old.topology, new.topology, names)
  difference.parts = compareParts(old.topology, new.topology, names)
  difference.reachability = compareReachability(old.plan, new.plan, names)
  difference.sharedRules = compareSharedRules(old.plan, new.plan)
  let devices = compareDevices(old, new)
  difference.groups = groupDevices(devices.differences)
  difference.sessions = devices.sessions
  difference.radius = blastRadius(old.topology, new.topology, difference, names)
  return difference
}

private func blastRadius(
  _ old: Topology, _ new: Topology, _ difference: NetworkDifference, _ names: NameMap
) -> BlastRadius {
  var radius = BlastRadius()
  radius.hostsInAll = max(old.hosts.count, new.hosts.count)
  radius.racksInAll = max(old.racks.count, new.racks.count)
  radius.tenantsInAll = max(old.tenants.count, new.tenants.count)
  let devices = difference.groups.flatMap(\.devices)
  radius.hosts = devices.count { $0.role == .host }
  radius.racks = Set(devices.filter { $0.rack != nil }.map(\.path)).count
  radius.interconnects = interconnectRadius(old, new, difference.parts)
  radius.tenants = touchedTenants(old, new, difference, names).count
  return radius
}

/// Tenants by the names of the newer side: of moved addresses, of networks that removed hosts had endpoints in or that
/// regions are newly linked or cut in, of reachability, of changed parts.
private func touchedTenants(
  _ old: Topology, _ new: Topology, _ difference: NetworkDifference, _ names: NameMap
) -> Set<String> {
  var touched: Set<String> = []
  func add(_ name: some StringProtocol) {
    let tenant = String(name.prefix { $0 != "/" })
    touched.insert(Name(tenant).flatMap { names.tenants[$0]?.text } ?? tenant)
  }
  let known = Set((old.tenants + new.tenants).map(\.name.text))
  for change in difference.reachability {
    for peer in change.from + change.to where known.contains(String(peer.prefix { $0 != "/" })) { add(peer) }
  }
  for part in difference.parts where part.kind == "tenant" || part.kind == "segment" { add(part.name) }
  for rename in difference.renames where rename.kind == "tenant" || rename.kind == "segment" { add(rename.after) }
  var networks = networksLinkedOtherwise(old, new)
  for move in difference.moves {
    switch move.kind {
    case .tenant, .segment: add(move.name)
    case .endpoint: break
    default: if let network = move.network { networks.insert(network) }
    }
  }
  for group in difference.groups where group.mark == .removed {
    for device in group.devices where device.role == .host {
      guard let region = old.regions.first(where: { $0.name.text == device.region }) else { continue }
      networks.formUnion(region.networks.map { old.networks[$0].name.text })
    }
  }
  for topology in [old, new] {
    for tenant in topology.tenants
    where tenant.networks.contains(where: { networks.contains(topology.networks[$0].name.text) }) {
      add(tenant.name.text)
    }
  }
  return touched
}
