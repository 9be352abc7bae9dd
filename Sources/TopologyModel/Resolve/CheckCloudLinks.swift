/// A peering carries the VPCs' own addresses and drops all others, so that alone it is of no use to endpoints.
func checkPeerings(_ topology: Topology, _ documents: [InterconnectDocument], _ diagnostics: inout Diagnostics) {
  for (index, document) in documents.enumerated() where document.kind?.value == .vpcPeering {
    let above = topology.interconnects.compactMap(\.tunnels).filter { $0.over == index }
    if above.isEmpty { diagnostics.add(.peeringWithoutTunnels(document)) }
    let families = Set(above.flatMap { $0.tunnels.flatMap(\.ends).map(\.publicAddress.family) })
    for region in topology.interconnects[index].regions.map({ topology.regions[$0] }) {
      guard let family = families.sorted().first(where: { region.vpc?.prefix($0) == nil }) else { continue }
      diagnostics.add(.peeringWithoutPrefix(document, region.name, family))
    }
  }
}

/// No transit gateway gets more routes than it may hold. One has those of its own region and of all that it reaches, static
/// ones of both families; propagated routes count too and are among those of others.
func checkTransitQuotas(_ topology: Topology, _ documents: [InterconnectDocument], _ diagnostics: inout Diagnostics) {
  for (index, document) in documents.enumerated() {
    let interconnect = topology.interconnects[index]
    guard let gateways = interconnect.transitGateways else { continue }
    var fullest: (region: Int, count: Int)?
    for region in interconnect.regions {
      let plans = FarRoutes(topology, region).transitGateways
      let count = plans.first { $0.interconnect == interconnect.name }?.routes.count ?? 0
      if count > fullest?.count ?? 0 { fullest = (region, count) }
    }
    guard let fullest, fullest.count + gateways.otherRoutes > gateways.routesQuota else { continue }
    let networks = topology.regions[fullest.region].networks.count { network in
      interconnect.reached(from: fullest.region).contains { topology.regions[$0].networks.contains(network) }
    }
    diagnostics.add(
      .transitRoutesQuota(document, topology.regions[fullest.region].name, fullest.count, networks, gateways))
  }
}

/// No id stands twice: what one interconnect keeps in a table of a transit gateway another would remove.
func checkIDs(_ topology: Topology, _ documents: [InterconnectDocument], _ diagnostics: inout Diagnostics) {
  var known: [Name: Located<Name>] = [:]
  for document in documents {
    let transit = document.transitGateway
    let ids =
      (transit.gateways + transit.attachments + transit.routeTables).map(\.id) + transit.peerings.compactMap(\.id)
      + [document.peering].compactMap(\.self)
    for id in ids { checkID(id, &known, &diagnostics) }
  }
}

extension Diagnostic {
  fileprivate static func transitRoutesQuota(
    _ document: InterconnectDocument, _ region: Name, _ count: Int, _ networks: Int, _ gateways: TransitGateways
  ) -> Diagnostic {
    let needed = count + gateways.otherRoutes
    return Diagnostic(
      .transitRoutesQuota,
      "the transit gateway of '\(region)' needs \(counted(count, "route")) for '\(document.name.value)', and there is room for \(max(0, gateways.routesQuota - gateways.otherRoutes))",
      at: document.transitGateway.routesQuota?.range ?? document.name.range,
      notes: [
        "that is one for each region and network, of both families: \(counted(networks, "network")); the quota is \(gateways.routesQuota), and \(gateways.otherRoutes) are for routes of others (`other_routes`)"
      ],
      help: [
        "raise the quota to \(needed) or more and write `routes_quota: \(needed)`; AWS raises it on request",
        "or have fewer networks in common among these regions: each takes a route for every region that has it",
      ])
  }

  fileprivate static func peeringWithoutTunnels(_ document: InterconnectDocument) -> Diagnostic {
    Diagnostic(
      .peeringWithoutTunnels, "the peering '\(document.name.value)' carries nothing", at: document.name.range,
      notes: [
        "a peering delivers to the VPCs' own addresses only, and drops packets from and to endpoints; routes of endpoint prefixes over it lead nowhere"
      ],
      help: [
        "add an interconnect of `kind: tunnel` with `over: \(document.name.value)`, or use `kind: transit-gateway` instead"
      ])
  }

  fileprivate static func peeringWithoutPrefix(
    _ document: InterconnectDocument, _ region: Name, _ family: AddressFamily
  ) -> Diagnostic {
    Diagnostic(
      .peeringWithoutPrefix,
      "tunnels over '\(document.name.value)' are between \(family.name) addresses, and the VPC of '\(region)' has no such prefix",
      at: document.name.range, notes: ["the other VPC's tables need a route to it"],
      help: ["write `cidr6:` under `vpc:` of '\(region)', or name the gateways' IPv4 addresses"])
  }
}
