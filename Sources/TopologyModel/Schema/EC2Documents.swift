/// An EC2 region as written. Decoded for its form; compiled by a later part.
package struct EC2RegionDocument: Sendable {
  package var vpc: VPCDocument?
  package var zones: [ZoneDocument]
}

package struct VPCDocument: Sendable {
  package var cidr: Located<Prefix>?
  package var id: Located<Name>?
  package var routesQuota: Located<Int>?
  package var routeTable: Located<Name>?
}

package struct ZoneDocument: Sendable {
  package var name: Located<Name>
  package var subnet: Located<Prefix>?
  package var subnet6: Located<Prefix>?
  package var instances: [EC2HostDocument]
}

package struct EC2HostDocument: Sendable {
  package var name: Located<Name>
  package var address: Located<Address>?
  package var address6: Located<Address>?
  package var eni: Located<Name>?
  package var isGateway: Bool
}

extension ObjectSpec {
  static let vpc = ObjectSpec(
    "VPC", phrase: "a VPC", "The VPC of an EC2 region. Not supported yet.",
    [
      KeySpec("cidr", .prefix(.ipv4), "Its prefix."),
      KeySpec("id", .name, "Its id."),
      KeySpec("routes_quota", .integer(1...1000), "How many routes a route table may hold."),
      KeySpec("route_table", .name, "The id of its route table."),
    ])

  static let instance = ObjectSpec(
    "EC2 host", phrase: "an EC2 host", "An instance. Not supported yet.",
    [
      KeySpec("name", .name, required: true, "Its name."),
      KeySpec("address", .address(.ipv4), "Its private address."),
      KeySpec("address6", .address(.ipv6), "Its IPv6 address."),
      KeySpec("eni", .name, "The id of its network interface."),
      KeySpec("gateway", .choice(["true", "false"]), default: "false", "Whether it carries transit."),
    ])

  static let zone = ObjectSpec(
    "zone", phrase: "a zone", "An availability zone. Not supported yet.",
    [
      KeySpec("name", .name, required: true, "Its name."),
      KeySpec("subnet", .prefix(.ipv4), "Its subnet."),
      KeySpec("subnet6", .prefix(.ipv6), "Its IPv6 subnet."),
      KeySpec("hosts", .list(.object(instance)), "Its instances."),
    ])
}

/// The EC2 keys of a region, or nil if it has none of them.
func decodeEC2Region(_ reader: MappingReader, _ diagnostics: inout Diagnostics) -> EC2RegionDocument? {
  guard reader.node("vpc") != nil || reader.node("zones") != nil else { return nil }
  let vpc = reader.object("vpc", .vpc, &diagnostics).map {
    VPCDocument(
      cidr: $0.prefix("cidr", &diagnostics), id: $0.name("id", &diagnostics),
      routesQuota: $0.integer("routes_quota", &diagnostics), routeTable: $0.name("route_table", &diagnostics))
  }
  return EC2RegionDocument(vpc: vpc, zones: reader.list("zones", &diagnostics, decodeZone))
}

private func decodeZone(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> ZoneDocument? {
  guard let reader = MappingReader(node, .zone, &diagnostics),
    let name = reader.requiredName("name", &diagnostics)
  else { return nil }
  return ZoneDocument(
    name: name, subnet: reader.prefix("subnet", &diagnostics),
    subnet6: reader.prefix("subnet6", &diagnostics),
    instances: reader.list("hosts", &diagnostics, decodeInstance))
}

private func decodeInstance(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> EC2HostDocument? {
  guard let reader = MappingReader(node, .instance, &diagnostics),
    let name = reader.requiredName("name", &diagnostics)
  else { return nil }
  var isGateway = false
  if let node = reader.node("gateway") {
    let word: Located<Truth>? = decodeChoice(node, "gateway", &diagnostics)
    isGateway = word?.value == .true
  }
  return EC2HostDocument(
    name: name, address: reader.address("address", &diagnostics),
    address6: reader.address("address6", &diagnostics), eni: reader.name("eni", &diagnostics),
    isGateway: isGateway)
}

private enum Truth: String, Choice {
  case `true`, `false`
}
