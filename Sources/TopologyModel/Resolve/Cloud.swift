/// The VPC of an EC2 region: a router that is in every zone's subnet, and route tables.
package struct VPC: Sendable {
  /// `vpc-…`; nil: a parameter of what is emitted.
  package var id: Name?
  package var prefix: Prefix?
  package var prefix6: Prefix?
  /// How many routes of a family one table may hold, and how many of them others keep there.
  package var quota: Int
  package var otherRoutes: Int
  /// The table of the zones that name none; nil: a parameter.
  package var routeTable: Name?
  package var securityGroup: Name?
  package var egress: CloudEgress
  package var range: SourceRange

  package func prefix(_ family: AddressFamily) -> Prefix? { family == .ipv4 ? prefix : prefix6 }
}

/// An availability zone, beside what it has as a rack.
package struct Zone: Sendable {
  /// The subnet's own table.
  package var routeTable: Name?
  /// The VPC router in the subnet.
  package var router: Address?
  package var router6: Address?

  package func router(_ family: AddressFamily) -> Address? { family == .ipv4 ? router : router6 }
}

/// An EC2 instance, beside what it has as a host.
package struct Instance: Sendable {
  /// Its network interface; nil: a parameter.
  package var eni: Name?
  /// Whether it is one of those of its zone that may carry traffic of others.
  package var isGateway: Bool
}

/// How many routes a table may hold where the topology does not say (Amazon VPC quotas, "Routes per route table").
let defaultRoutesQuota = 500
/// The routes of a table that others keep: room for the default route and one more.
let defaultOtherRoutes = 2

func assembleVPC(_ region: RegionDocument) -> VPC? {
  guard region.kind?.value == .ec2, let vpc = region.vpc else { return nil }
  return VPC(
    id: vpc.id?.value, prefix: vpc.cidr?.value, prefix6: vpc.cidr6?.value,
    quota: vpc.routesQuota?.value ?? defaultRoutesQuota,
    otherRoutes: vpc.otherRoutes?.value ?? defaultOtherRoutes, routeTable: vpc.routeTable?.value,
    securityGroup: vpc.securityGroup?.value, egress: region.egress?.value ?? .none, range: vpc.range)
}

/// The second address of a subnet is the VPC router's (Amazon VPC User Guide, "Subnet CIDR blocks").
func assembleZone(_ rack: RackDocument) -> Zone? {
  guard let zone = rack.zone else { return nil }
  return Zone(
    routeTable: zone.routeTable?.value, router: zone.router?.value ?? rack.subnet?.value.address.advanced(by: 1),
    router6: zone.router6?.value ?? rack.subnet6?.value.address.advanced(by: 1))
}

extension RegionDocument {
  var isCloud: Bool { kind?.value == .ec2 }
}

/// Makes zones the racks of EC2 regions, with the settings that instances have whatever `defaults` says: they share a segment
/// in their zone, and no routing daemon is needed, since the VPC takes no routes from one. Refuses what one kind of region
/// has and the other has not.
func settleKinds(_ document: inout TopologyDocument, _ diagnostics: inout Diagnostics) {
  let gateways = document.gatewayHosts
  for index in document.regions.indices {
    guard document.regions[index].isCloud else {
      refuseCloudKeys(document.regions[index], &diagnostics)
      continue
    }
    settleCloud(&document.regions[index], gateways, &diagnostics)
  }
}

private func refuseCloudKeys(_ region: RegionDocument, _ diagnostics: inout Diagnostics) {
  for (key, range) in region.cloudKeys { diagnostics.add(.ec2KeyOfDatacenter(key, at: range)) }
  for host in region.racks.flatMap(\.hosts) {
    if let (key, range) = host.instance.firstKey { diagnostics.addOnce(.ec2KeyOfDatacenter(key, at: range)) }
  }
}

/// - Parameter gateways: the hosts that have tunnels to other regions.
private func settleCloud(
  _ region: inout RegionDocument, _ gateways: Set<Name>, _ diagnostics: inout Diagnostics
) {
  for (key, range) in region.datacenterKeys { diagnostics.add(.datacenterKeyOfEC2(key, at: range)) }
  if region.vpc == nil, !region.cloudKeys.contains(where: { $0.key == "vpc" }) {
    diagnostics.add(.missingVPC(region.name))
  }
  region.settings.refuseRouting(of: region.name, &diagnostics)
  region.racks = region.zones
  for zone in region.racks.indices {
    region.racks[zone].settings.refuseRouting(of: region.racks[zone].name, &diagnostics)
    for host in region.racks[zone].hosts.indices {
      let document = region.racks[zone].hosts[host]
      if let port = document.torPorts.first { diagnostics.addOnce(.datacenterKeyOfEC2("tor_port", at: port.range)) }
      // What a gateway may have is said where gateways are checked; one that says nothing gets FRR like any other.
      let speaker = gateways.contains(document.name.value) ? document.settings.speaker : nil
      if speaker != nil { region.racks[zone].hosts[host].settings.speaker = nil }
      region.racks[zone].hosts[host].settings.refuseRouting(of: document.name, &diagnostics)
      region.racks[zone].hosts[host].settings.speaker = speaker
    }
  }
  let range = region.kind?.range ?? region.name.range
  region.settings.access = Located(.l2, at: range)
  region.settings.routing = Located(.static, at: range)
  region.settings.speaker = Located(Speaker.none, at: range)
  region.settings.defaultRoute = Located(DefaultRoutePolicy.none, at: range)
  region.settings.hostLinks = Located(.numbered, at: range)
  region.settings.bfd = Located(.auto, at: range)
  region.settings.bgpRole = Located(.auto, at: range)
  (region.spines, region.links, region.upstreams) = ([], [], [])
  (region.linkPool, region.linkPool6, region.fabricSecret) = (nil, nil, nil)
}

extension SettingsDocument {
  /// Removes what a VPC has no use for, after a message.
  fileprivate mutating func refuseRouting(of owner: Located<Name>, _ diagnostics: inout Diagnostics) {
    func refuse(_ key: String, _ value: String, _ range: SourceRange) {
      diagnostics.addOnce(.settingOfEC2(key, value, of: owner, at: range))
    }
    if let found = access, found.value != .l2 { refuse("access", found.value.rawValue, found.range) }
    if let found = routing, found.value != .static { refuse("protocol", found.value.rawValue, found.range) }
    if let found = speaker, found.value != .none { refuse("speaker", found.value.rawValue, found.range) }
    if let found = defaultRoute, found.value != .none { refuse("default_route", found.value.rawValue, found.range) }
    if let found = hostLinks, found.value != .numbered { refuse("host_links", found.value.rawValue, found.range) }
    if let found = bfd, found.value == .required { refuse("bfd", found.value.rawValue, found.range) }
    if let found = bgpRole, found.value == .required { refuse("bgp_role", found.value.rawValue, found.range) }
    if let found = secret { refuse("secret", found.value.text, found.range) }
    (access, routing, speaker, defaultRoute, hostLinks) = (nil, nil, nil, nil, nil)
    (bfd, bgpRole, secret) = (nil, nil, nil)
  }
}

extension Diagnostic {
  fileprivate static func ec2KeyOfDatacenter(_ key: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .conflictingKeys, "'\(key)' belongs to a region of `kind: ec2`, which this one is not", at: range,
      help: ["remove it, or write `kind: ec2`"])
  }

  fileprivate static func datacenterKeyOfEC2(_ key: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .conflictingKeys, "'\(key)' belongs to a data center, and this region has `kind: ec2`", at: range,
      help: [key == "racks" ? "write `zones:` instead" : "remove it, or write `kind: datacenter`"])
  }

  fileprivate static func missingVPC(_ region: Located<Name>) -> Diagnostic {
    Diagnostic(
      .missingKey, "the EC2 region '\(region.value)' has no 'vpc'", at: region.range,
      help: ["add `vpc: { cidr: 172.20.0.0/16 }` with the prefix of its VPC"])
  }

  fileprivate static func settingOfEC2(
    _ key: String, _ value: String, of owner: Located<Name>, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .settingOfEC2, "`\(key): \(value)` can't be in an EC2 region", at: range,
      labels: owner.range == range ? [] : [(owner.range, "stated for this")],
      notes: [
        "a VPC speaks no routing protocol: instances have static routes, and `defaults` about routing do not reach them"
      ],
      help: ["remove it"])
  }
}
