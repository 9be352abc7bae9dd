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
