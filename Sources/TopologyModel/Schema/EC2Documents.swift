/// The VPC of an EC2 region as written.
package struct VPCDocument: Sendable {
  package var cidr: Located<Prefix>?
  package var cidr6: Located<Prefix>?
  package var id: Located<Name>?
  package var routesQuota: Located<Int>?
  package var otherRoutes: Located<Int>?
  package var routeTable: Located<Name>?
  package var securityGroup: Located<Name>?
  package var checksNames: Located<CloudNames>?
  package var range: SourceRange
}

/// What an availability zone has beside the keys of a rack.
package struct ZoneDocument: Sendable {
  package var routeTable: Located<Name>?
  package var router: Located<Address>?
  package var router6: Located<Address>?
}

/// What an EC2 instance has beside the keys of a host.
package struct InstanceDocument: Sendable {
  package var eni: Located<Name>?
  package var isGateway: Located<Truth>?
  package var sourceDestCheck: Located<SourceDestCheck>?

  /// The place of the first key that a host of a data center can't have.
  var firstKey: (String, SourceRange)? {
    eni.map { ("eni", $0.range) } ?? isGateway.map { ("gateway", $0.range) }
      ?? sourceDestCheck.map { ("source_dest_check", $0.range) }
  }
}

package enum Truth: String, Choice {
  case `true`, `false`
}

/// EC2's check that an instance is the source or the destination of every packet.
package enum SourceDestCheck: String, Choice {
  case off, on
}

/// Whether region and zones must be ones that the compiler knows.
package enum CloudNames: String, Choice {
  case listed, any
}

/// How endpoints of an EC2 region reach what is outside the fabric.
package enum CloudEgress: String, Choice {
  case snat, routed, none
}

/// The kinds of ids that EC2 gives out: the word before the dash.
enum CloudIDKind: String {
  case vpc, rtb, eni, sg, pcx, tgw
  case transitAttachment = "tgw-attach"
  case transitTable = "tgw-rtb"

  var example: String { "\(rawValue)-0a1b2c3d4e5f60718" }
  var type: ValueType {
    .pattern("^\(rawValue)-([0-9a-f]{8}|[0-9a-f]{17})$", example: example)
  }

  /// Whether a text is such an id: 8 or 17 hexadecimal digits (EC2 User Guide, "Resource IDs").
  func accepts(_ text: String) -> Bool {
    guard text.hasPrefix("\(rawValue)-") else { return false }
    let digits = text.utf8.dropFirst(rawValue.utf8.count + 1)
    return [8, 17].contains(digits.count)
      && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}

extension ObjectSpec {
  static let vpc = ObjectSpec(
    "VPC", phrase: "a VPC", "The VPC of an EC2 region.",
    [
      KeySpec("cidr", .prefix(.ipv4), required: true, "Its IPv4 prefix; the zones' subnets are inside."),
      KeySpec("cidr6", .prefix(.ipv6), "Its IPv6 prefix; absent: it is not checked."),
      KeySpec("id", CloudIDKind.vpc.type, "Its id; absent: a parameter of what is emitted."),
      KeySpec(
        "routes_quota", .integer(1...1000), default: "500",
        "How many routes a route table may hold, IPv4 and IPv6 apart (the quota \"Routes per route table\")."),
      KeySpec(
        "other_routes", .integer(0...1000), default: "2",
        "How many routes of a family others keep in a table, the default route and those to peers; they count against the quota."
      ),
      KeySpec(
        "route_table", CloudIDKind.rtb.type,
        "The id of the route table of the zones that name none; absent: a parameter of what is emitted."),
      KeySpec(
        "security_group", CloudIDKind.sg.type,
        "The id of a security group of all instances, in which to keep what the fabric needs; absent: only said in comments."
      ),
      KeySpec(
        "names", choice(CloudNames.self), default: "listed",
        "`any`: the region and its zones need not be ones that the compiler knows."),
    ])

  static let zone = ObjectSpec(
    "zone", phrase: "a zone", "An availability zone: it takes the place of a rack.",
    [
      KeySpec("name", .name, required: true, "Its name, as EC2 has it: us-east-1a."),
      KeySpec("renamed_from", .name, "Its former name: ids and prefixes are kept."),
      KeySpec("id", .integer(0...65535), "The id; absent: from the lock file, else the lowest free."),
      KeySpec(
        "subnet", .prefix(.ipv4),
        "The subnet of its instances, /16 to /28. EC2 keeps the first four addresses and the last; instance id n has the n-th after them."
      ),
      KeySpec("subnet6", .prefix(.ipv6), "The same for IPv6, a /44 to a /64. Needed where an IPv6 network is."),
      KeySpec("route_table", CloudIDKind.rtb.type, "The id of the subnet's own route table."),
      KeySpec(
        "router", .address(.ipv4), "The VPC router in the subnet; absent: its first address after the network's."),
      KeySpec("router6", .address(.ipv6), "The same for IPv6."),
      KeySpec("hosts", .list(.object(host)), "Its instances."),
    ] + settingKeys)
}

func decodeVPC(_ reader: MappingReader, _ diagnostics: inout Diagnostics) -> VPCDocument? {
  guard let vpc = reader.object("vpc", .vpc, &diagnostics) else { return nil }
  _ = vpc.required("cidr", &diagnostics)
  return VPCDocument(
    cidr: vpc.prefix("cidr", &diagnostics), cidr6: vpc.prefix("cidr6", &diagnostics),
    id: vpc.cloudID("id", .vpc, &diagnostics), routesQuota: vpc.integer("routes_quota", &diagnostics),
    otherRoutes: vpc.integer("other_routes", &diagnostics),
    routeTable: vpc.cloudID("route_table", .rtb, &diagnostics),
    securityGroup: vpc.cloudID("security_group", .sg, &diagnostics), checksNames: vpc.choice("names", &diagnostics),
    range: reader.keyRange("vpc") ?? vpc.range)
}

func decodeZone(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> RackDocument? {
  guard var reader = MappingReader(node, .zone, &diagnostics) else { return nil }
  let name = reader.requiredName("name", &diagnostics)
  let zone = RackDocument(
    name: name ?? Located(Name("unnamed")!, at: node.range),
    renamedFrom: reader.name("renamed_from", &diagnostics), id: reader.integer("id", &diagnostics),
    settings: decodeSettings(&reader, &diagnostics), subnet: reader.prefix("subnet", &diagnostics),
    subnet6: reader.prefix("subnet6", &diagnostics), tors: [],
    hosts: reader.node("hosts").map { decodeHosts($0, &diagnostics) } ?? [],
    zone: ZoneDocument(
      routeTable: reader.cloudID("route_table", .rtb, &diagnostics), router: reader.address("router", &diagnostics),
      router6: reader.address("router6", &diagnostics)), range: node.range)
  return name == nil ? nil : zone
}

func decodeInstance(_ reader: MappingReader, _ diagnostics: inout Diagnostics) -> InstanceDocument {
  InstanceDocument(
    eni: reader.cloudID("eni", .eni, &diagnostics), isGateway: reader.choice("gateway", &diagnostics),
    sourceDestCheck: reader.choice("source_dest_check", &diagnostics))
}

extension MappingReader {
  /// An id of EC2.
  func cloudID(_ key: String, _ kind: CloudIDKind, _ diagnostics: inout Diagnostics) -> Located<Name>? {
    node(key).flatMap { decodeCloudID($0, kind, &diagnostics) }
  }
}

func decodeCloudID(_ node: YAMLNode, _ kind: CloudIDKind, _ diagnostics: inout Diagnostics) -> Located<Name>? {
  guard let text = decodeScalar(node, expected: "an id such as \(kind.example)", &diagnostics) else { return nil }
  guard kind.accepts(text), let name = Name(text) else {
    diagnostics.add(.invalidCloudID(text, kind, at: node.range))
    return nil
  }
  return Located(name, at: node.range)
}

extension Diagnostic {
  fileprivate static func invalidCloudID(_ text: String, _ kind: CloudIDKind, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidCloudID, "\(shown(text)) is not an id of EC2 that begins with '\(kind.rawValue)-'", at: range,
      notes: ["such an id has 8 or 17 hexadecimal digits in lower case after the dash"],
      help: ["copy it from EC2, for example \(kind.example)"])
  }
}
