/// Checks that the route tables of every VPC can hold what they must, and says where they can't hold a route for each host.
func checkCloudRoutes(_ topology: Topology, _ draft: TopologyDraft, _ diagnostics: inout Diagnostics) {
  for index in topology.regions.indices {
    guard let planner = VPCPlanner(topology, index),
      let source = draft.regions.first(where: { $0.document.name.value == topology.regions[index].name })
    else { continue }
    let families = topology.regions[index].families(topology)
    let choices = families.map { ($0, planner.choose($0)) }
    for (family, choice) in choices where choice == nil {
      diagnostics.add(.routesQuota(planner, family, source.document))
    }
    for case (_, let choice?) in choices {
      guard case .aggregates(let bits) = choice.choice else { continue }
      diagnostics.add(.zoneAggregates(choice, isDivided: bits > 0, source.document))
      checkForwarders(topology, index, choice.family, bits: bits, planner, source, &diagnostics)
    }
    if !diagnostics.hasErrors, let plan = planner.plan(), !plan.fitsTemplate {
      diagnostics.add(.templateTooLarge(source.document))
    }
  }
}

/// Aggregates need somebody to carry them, and somebody else for when that one is lost.
private func checkForwarders(
  _ topology: Topology, _ index: Int, _ family: AddressFamily, bits: Int, _ planner: VPCPlanner, _ source: RegionDraft,
  _ diagnostics: inout Diagnostics
) {
  for rack in topology.regions[index].racks {
    let shared = planner.parts(rack, family, bits: bits).contains { part in
      part.hosts.count { !topology.hosts[$0].isDrained } > 1
    }
    let candidates = topology.forwardingCandidates(rack)
    guard shared, candidates.count < 2,
      let zone = source.racks.first(where: { $0.document.name.value == topology.racks[rack].name })
    else { continue }
    diagnostics.addOnce(
      candidates.isEmpty
        ? .noForwarder(zone.document.name) : .noSecondForwarder(topology.hosts[candidates[0]].name, zone.document.name))
  }
}

extension Diagnostic {
  fileprivate static func routesQuota(
    _ planner: VPCPlanner, _ family: AddressFamily, _ region: RegionDocument
  ) -> Diagnostic {
    let (least, vpc, far) = (planner.least(family), planner.vpc, planner.farCount(family))
    let room = max(0, vpc.quota - vpc.otherRoutes)
    let needed = least + vpc.otherRoutes
    var help: [String] = []
    if needed <= 1000 {
      help.append("raise the quota to \(needed) or more and write `routes_quota: \(needed)`; AWS grants up to 1000")
    }
    if planner.leastWithOwnTables(family) < least, planner.leastWithOwnTables(family) <= room {
      help.append("or give each zone a `route_table:` of its own, which needs no routes to the zone itself")
    }
    help.append("or have fewer networks in the region: each takes a route for every zone")
    return Diagnostic(
      .routesQuota,
      "the region '\(region.name.value)' needs at least \(counted(least, "\(family.name) route")) in a table, and there is room for \(room)",
      at: region.vpc?.routesQuota?.range ?? region.vpc?.range ?? region.name.range,
      notes: [
        "that is one for each zone and network\(far > 0 ? ", and \(far) to other regions" : ""); the quota is \(vpc.quota), and \(vpc.otherRoutes) are for routes of others (`other_routes`)"
      ], help: help)
  }

  fileprivate static func zoneAggregates(
    _ choice: VPCFamily, isDivided: Bool, _ region: RegionDocument
  ) -> Diagnostic {
    let parts = isDivided ? "parts of zone aggregates" : "an aggregate a zone and network"
    return Diagnostic(
      .zoneAggregates,
      "the region '\(region.name.value)' routes \(choice.family.name) by \(parts): \(counted(choice.taken - choice.farRoutes, "route"))",
      at: region.vpc?.routesQuota?.range ?? region.vpc?.range ?? region.name.range,
      notes: [
        "a route for each host would take \(choice.wanted - choice.farRoutes), and the quota leaves \(choice.quota - choice.otherRoutes - choice.farRoutes) a table",
        "they lead over forwarding instances; when one is lost somebody must call failover.sh",
      ],
      help: ["raise `routes_quota` as far as AWS grants it, or silence this with `allow: [RC0618]`"])
  }

  fileprivate static func noForwarder(_ zone: Located<Name>) -> Diagnostic {
    Diagnostic(
      .noForwarder, "the zone '\(zone.value)' has no instance to carry its aggregates", at: zone.range,
      notes: ["those with `gateway: true` are drained"], help: ["write `gateway: true` for an active instance"])
  }

  fileprivate static func noSecondForwarder(_ host: Name, _ zone: Located<Name>) -> Diagnostic {
    Diagnostic(
      .noSecondForwarder, "in the zone '\(zone.value)' only '\(host)' can carry its aggregates: nobody takes over",
      at: zone.range,
      notes: ["when it is lost, the rest of its zone is cut off from other zones"],
      help: ["write `gateway: true` for a second instance, or for none"])
  }

  fileprivate static func templateTooLarge(_ region: RegionDocument) -> Diagnostic {
    Diagnostic(
      .templateTooLarge,
      "the region '\(region.name.value)' has too many routes for a CloudFormation template: it gets none",
      at: region.vpc?.range ?? region.name.range,
      notes: ["a template holds up to 500 resources and 200 parameters"],
      help: ["use vpc.tf.json or routes.sh, or lower `routes_quota`, so that the region is routed by aggregates"])
  }
}
