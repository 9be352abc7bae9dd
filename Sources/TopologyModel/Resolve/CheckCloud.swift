/// Checks EC2 regions for what EC2 would refuse, or accept and then drop: names, subnets, ids, source/dest check.
func checkClouds(_ draft: TopologyDraft, _ networks: ResolvedNetworks, _ diagnostics: inout Diagnostics) {
  var ids: [Name: Located<Name>] = [:]
  for region in draft.regions where region.document.isCloud {
    var document = region.document
    document.racks = region.racks.map(\.document)
    checkCloudNames(document, &diagnostics)
    checkZones(region, &diagnostics)
    checkInstances(region, &ids, &diagnostics)
    for id in [document.vpc?.id, document.vpc?.routeTable, document.vpc?.securityGroup].compactMap(\.self) {
      checkID(id, &ids, &diagnostics)
    }
    checkZoneTables(region, &ids, &diagnostics)
    for index in region.networks {
      let network = networks.networks[index]
      for reserved in reservedDestinations where reserved.overlaps(network.prefix) {
        diagnostics.addOnce(.reservedDestination(networks.documents[index], reserved, region.document.name))
      }
    }
  }
}

/// What EC2 keeps for its own services: no route leads there (Amazon VPC User Guide, "Subnet route tables").
let reservedDestinations = [
  Prefix(containing: Address(.ipv4, 0xa9fe_a800), length: 22),
  Prefix(containing: Address(.ipv6, UInt128(0xfd00_0ec2) << 96), length: 32),
]

/// The lengths that subnets and VPCs may have (Amazon VPC User Guide, "Subnet CIDR blocks").
private func lengths(_ family: AddressFamily) -> ClosedRange<Int> { family == .ipv4 ? 16...28 : 44...64 }

private func checkZones(_ region: RegionDraft, _ diagnostics: inout Diagnostics) {
  guard let vpc = region.document.vpc else { return }
  for prefix in [vpc.cidr, vpc.cidr6].compactMap(\.self) { checkLength(prefix, "VPC", &diagnostics) }
  var subnets: [(subnet: Located<Prefix>, zone: Name)] = []
  for zone in region.racks {
    for family in AddressFamily.allCases {
      guard let subnet = zone.document.subnet(family) else { continue }
      checkLength(subnet, "subnet", &diagnostics)
      if let whole = family == .ipv4 ? vpc.cidr : vpc.cidr6, !whole.value.contains(subnet.value) {
        diagnostics.add(.zoneOutsideVPC(subnet, zone.document.name, whole))
      }
      if let other = subnets.first(where: { $0.subnet.value.overlaps(subnet.value) }) {
        diagnostics.add(.zonesOverlap(subnet, zone.document.name.value, other.subnet, other.zone))
      }
      subnets.append((subnet, zone.document.name.value))
      let router = family == .ipv4 ? zone.document.zone?.router : zone.document.zone?.router6
      if let router, !subnet.value.contains(router.value) {
        diagnostics.add(.routerOutsideSubnet(router, zone.document.name.value, subnet))
      }
    }
  }
}

private func checkLength(_ prefix: Located<Prefix>, _ what: String, _ diagnostics: inout Diagnostics) {
  let range = lengths(prefix.value.family)
  if !range.contains(prefix.value.length) { diagnostics.add(.cloudPrefixLength(prefix, what, range)) }
}

private func checkInstances(
  _ region: RegionDraft, _ ids: inout [Name: Located<Name>], _ diagnostics: inout Diagnostics
) {
  for host in region.racks.flatMap(\.hosts) {
    let instance = host.document.instance
    if let check = instance.sourceDestCheck, check.value == .on {
      diagnostics.addOnce(.sourceDestCheck(host.document.name, at: check.range))
    }
    if let eni = instance.eni { checkID(eni, &ids, &diagnostics) }
  }
}

/// Several zones may share a table of the region, but no two regions share one.
private func checkZoneTables(
  _ region: RegionDraft, _ ids: inout [Name: Located<Name>], _ diagnostics: inout Diagnostics
) {
  var own: Set<Name> = region.document.vpc?.routeTable.map { [$0.value] } ?? []
  for zone in region.racks {
    guard let table = zone.document.zone?.routeTable, own.insert(table.value).inserted else { continue }
    checkID(table, &ids, &diagnostics)
  }
}

/// No id of EC2 stands at two places.
func checkID(
  _ id: Located<Name>, _ ids: inout [Name: Located<Name>], _ diagnostics: inout Diagnostics
) {
  if let first = ids[id.value] {
    diagnostics.addOnce(.sameCloudID(id, first))
  } else {
    ids[id.value] = id
  }
}

extension Diagnostic {
  fileprivate static func cloudPrefixLength(
    _ prefix: Located<Prefix>, _ what: String, _ range: ClosedRange<Int>
  ) -> Diagnostic {
    Diagnostic(
      .cloudPrefixLength, "a \(what) of EC2 can't be a /\(prefix.value.length)", at: prefix.range,
      help: ["choose a /\(range.lowerBound) to a /\(range.upperBound)"])
  }

  fileprivate static func zoneOutsideVPC(
    _ subnet: Located<Prefix>, _ zone: Located<Name>, _ vpc: Located<Prefix>
  ) -> Diagnostic {
    Diagnostic(
      .zoneOutsideVPC, "the subnet \(subnet.value) of '\(zone.value)' is outside of the VPC, \(vpc.value)",
      at: subnet.range, labels: [(vpc.range, "the VPC")],
      notes: ["a VPC with several prefixes stands here with the one that holds the instances"],
      help: ["choose a subnet inside the VPC, or correct its prefix"])
  }

  fileprivate static func zonesOverlap(
    _ subnet: Located<Prefix>, _ zone: Name, _ other: Located<Prefix>, _ otherZone: Name
  ) -> Diagnostic {
    Diagnostic(
      .overlappingUnderlay,
      "the subnets of '\(zone)' and '\(otherZone)' overlap: \(subnet.value) and \(other.value)", at: subnet.range,
      labels: [(other.range, "overlaps this")], help: ["choose subnets that share no address"])
  }

  fileprivate static func routerOutsideSubnet(
    _ router: Located<Address>, _ zone: Name, _ subnet: Located<Prefix>
  ) -> Diagnostic {
    Diagnostic(
      .zoneOutsideVPC, "the VPC router \(router.value) is outside of the subnet \(subnet.value) of '\(zone)'",
      at: router.range, labels: [(subnet.range, "the subnet")],
      help: ["remove it: the VPC router has the subnet's first address after the network's"])
  }

  fileprivate static func sourceDestCheck(_ host: Located<Name>, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .sourceDestCheck, "the instance '\(host.value)' holds endpoints, with EC2's source/dest check on", at: range,
      labels: [(host.range, "the instance")],
      notes: ["EC2 drops what an instance sends or gets with an address that is not the instance's own"],
      help: ["remove the line: the emitted routes.sh turns the check off"])
  }

  fileprivate static func sameCloudID(_ id: Located<Name>, _ first: Located<Name>) -> Diagnostic {
    Diagnostic(
      .sameCloudID, "the id \(id.value) stands at two places", at: id.range,
      labels: [(first.range, "first used here")], help: ["copy the right id from EC2"])
  }

  fileprivate static func reservedDestination(
    _ network: NetworkDocument, _ reserved: Prefix, _ region: Located<Name>
  ) -> Diagnostic {
    Diagnostic(
      .reservedDestination,
      "the network '\(network.name.value)' overlaps \(reserved), which EC2 keeps for its own services",
      at: network.cidr.range, labels: [(region.range, "it exists in this region")],
      notes: ["EC2 refuses routes there"], help: ["choose another prefix"])
  }
}
