import TopologyModel

/// A route of a VPC in the words of a file: ids, or the names of what stands for them.
struct ReadVPCRoute: Hashable, CustomStringConvertible {
  var table: String
  var prefix: String
  /// Where it leads to: an interface, or the id of a transit gateway or peering; in templates after the key that says which.
  var instance: String
  /// Only scripts know it.
  var standby = "-"

  var description: String { "\(prefix) in \(table) to \(instance) (\(standby))" }
}

/// Finds the routes and the sources of a plan in `template.json`, and the parameters that they refer to.
func checkCloudFormation(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  guard let vpc = device.vpc else { return [Finding("the device is no VPC")] }
  let template = try parseJSON(bytes)
  let known = ["AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Resources"]
  guard template.keys == known.filter({ $0 != "Parameters" || template["Parameters"] != nil }),
    template["AWSTemplateFormatVersion"]?.string == "2010-09-09"
  else { throw ParseFailure("not a template as it should be: \(template.keys)", line: 1) }
  let parameters = Set(template["Parameters"]?.keys ?? [])
  var used: Set<String> = []
  func word(_ value: JSONText?) -> String? {
    guard let value, value.string == nil else { return value?.string }
    guard value.keys == ["Ref"], let name = value["Ref"]?.string, parameters.contains(name) else { return nil }
    used.insert(name)
    return "Ref \(name)"
  }
  var (routes, sources): ([(value: ReadVPCRoute, line: Int)], [(value: String, line: Int)]) = ([], [])
  var transits: [(value: ReadVPCRoute, line: Int)] = []
  for member in template["Resources"]?.members ?? [] {
    let (name, resource) = (member.key, member.value)
    guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }), name.utf8.count <= 255 else {
      throw ParseFailure("'\(name)' can't be the name of a resource", line: 1)
    }
    let properties = resource["Properties"]
    switch resource["Type"]?.string {
    case "AWS::EC2::Route":
      guard let table = word(properties?["RouteTableId"]), let target = templateKeys.target(properties, word),
        let prefix = destination(properties, "DestinationCidrBlock", "DestinationIpv6CidrBlock"),
        properties?.members.count == 3
      else { throw ParseFailure("the route '\(name)' is not whole", line: 1) }
      routes.append((ReadVPCRoute(table: table, prefix: prefix, instance: target), 1))
    case "AWS::EC2::TransitGatewayRoute":
      guard let table = word(properties?["TransitGatewayRouteTableId"]), properties?.members.count == 3,
        let target = word(properties?["TransitGatewayAttachmentId"]),
        let prefix = properties?["DestinationCidrBlock"]?.string, readPrefix(prefix) != nil
      else { throw ParseFailure("the route '\(name)' is not whole", line: 1) }
      transits.append((ReadVPCRoute(table: table, prefix: prefix, instance: target), 1))
    case "AWS::EC2::SecurityGroupIngress":
      guard let prefix = destination(properties, "CidrIp", "CidrIpv6"), properties?["IpProtocol"]?.string == "-1",
        let group = properties?["GroupId"]?.string
      else { throw ParseFailure("the rule '\(name)' is not whole", line: 1) }
      sources.append(("\(group) \(prefix)", 1))
    case "AWS::CloudFormation::WaitConditionHandle" where template["Resources"]?.members.count == 1: break
    default: throw ParseFailure("'\(name)' is of a type that is not expected", line: 1)
    }
  }
  let expected = expectedRoutes(vpc, templateKeys, table: "Ref RouteTable") {
    "Ref Eni\(identifier($0.text))"
  } other: {
    "Ref Id\(identifier($0, separator: "Zx"))"
  }
  return compareLists(expected: expected, found: routes, "route")
    + compareLists(
      expected: expectedTransits(vpc) { "Ref Id\(identifier($0, separator: "Zx"))" }, found: transits, "transit route")
    + compareLists(expected: expectedSources(vpc), found: sources, "source")
    + compareValues(parameters, used, "the parameters that are used")
}

/// The prefix under the one key of its family.
func destination(_ object: JSONText?, _ ipv4: String, _ ipv6: String) -> String? {
  switch (object?[ipv4]?.string, object?[ipv6]?.string) {
  case (let text?, nil): readPrefix(text)?.family == .ipv4 ? text : nil
  case (nil, let text?): readPrefix(text)?.family == .ipv6 ? text : nil
  default: nil
  }
}

/// By what a file says where a route leads to.
struct TargetKeys {
  var interface: String
  var transitGateway: String
  var peering: String

  /// The one of the keys that is there, and the word under it.
  func target(_ object: JSONText?, _ read: (JSONText?) -> String?) -> String? {
    let found = [interface, transitGateway, peering].filter { object?[$0] != nil }
    return found.count == 1 ? read(object?[found[0]]).map { "\(found[0]) \($0)" } : nil
  }
}

private let templateKeys = TargetKeys(
  interface: "NetworkInterfaceId", transitGateway: "TransitGatewayId", peering: "VpcPeeringConnectionId")

/// - Parameters:
///   - parameter: what stands for the interface of an instance without an id.
///   - other: the same for any other parameter: a word for what it is, and the names that tell it from others.
func expectedRoutes(
  _ vpc: VPCPlan, _ keys: TargetKeys, table: String, _ parameter: (Name) -> String, other: ([String]) -> String
) -> [ReadVPCRoute] {
  vpc.tables.flatMap { item in
    item.routes.map { route in
      let target: String
      switch route.target {
      case .instance(let index, _):
        let instance = vpc.instances[index]
        target = "\(keys.interface) \(instance.eni?.text ?? parameter(instance.name))"
      case .link(let index):
        let link = vpc.links[index]
        let key = link.kind == .peering ? keys.peering : keys.transitGateway
        target = "\(key) \(link.id?.text ?? other(parts(link)))"
      }
      return ReadVPCRoute(table: item.id?.text ?? table, prefix: "\(route.prefix)", instance: target)
    }
  }
}

/// The variable of the environment that says what the topology leaves out.
func scriptVariable(_ parts: [String]) -> String { "$ROMANA_" + identifier(parts, separator: "_") }

private func parts(_ link: VPCLink) -> [String] {
  [link.kind == .peering ? "pcx" : "tgw", link.interconnect.text]
}

func expectedTransits(_ vpc: VPCPlan, _ parameter: ([String]) -> String) -> [ReadVPCRoute] {
  vpc.transitGateways.flatMap { gateway in
    let name = gateway.interconnect.text
    return gateway.routes.map { route in
      let attachment = gateway.attachments[route.attachment]
      return ReadVPCRoute(
        table: gateway.routeTable?.text ?? parameter(["rtb", name]), prefix: "\(route.prefix)",
        instance: attachment.id?.text ?? parameter(["attach", name, attachment.region.text]))
    }
  }
}

func expectedSources(_ vpc: VPCPlan) -> [String] {
  vpc.securityGroup.map { group in vpc.sources.map { "\(group) \($0)" } } ?? []
}

/// A name as an identifier: what is neither a letter nor a digit, and Z, is Z and its code in hexadecimal.
///
/// - Parameter kept: stays too.
func identifier(_ text: String, keeping kept: Character? = nil) -> String {
  text.map { character in
    let isPlain = character.isASCII && (character.isLetter || character.isNumber) && character != "Z"
    return isPlain || character == kept
      ? String(character) : "Z" + String(character.unicodeScalars.first!.value, radix: 16)
  }.joined()
}

/// Several names as one identifier.
func identifier(_ names: [String], separator: String, keeping kept: Character? = nil) -> String {
  names.map { identifier($0, keeping: kept) }.joined(separator: separator)
}

/// What a list of a VPC's script wants.
struct WantedVPC {
  var head: [String] = []
  var instances: [(value: String, line: Int)] = []
  var tables: [(value: String, line: Int)] = []
  var spaces: [(value: String, line: Int)] = []
  var routes: [(value: ReadVPCRoute, line: Int)] = []
  var groups: [(value: String, line: Int)] = []
  var peers: [(value: String, line: Int)] = []
  var links: [(value: String, line: Int)] = []
  var transitTables: [(value: String, line: Int)] = []
  var transits: [(value: ReadVPCRoute, line: Int)] = []
}

func parseWantedVPC(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> WantedVPC {
  let file = try TextFile(bytes, comment: "#", interpreter: "#!/bin/sh", of: device)
  var wanted = WantedVPC()
  for line in try wantedLines(file) {
    var words = try wantedWords(line.text, line: line.number)
    switch try words.word("a thing to want") {
    case "vpc":
      wanted.head.append(words.rest())
    case "instance": wanted.instances.append((words.rest(), line.number))
    case "table": wanted.tables.append((words.rest(), line.number))
    case "space": wanted.spaces.append(("\(try words.prefix())", line.number))
    case "peer": wanted.peers.append(("\(try words.prefix())", line.number))
    case "link": wanted.links.append((words.rest(), line.number))
    case "transit": wanted.transitTables.append((words.rest(), line.number))
    case "transit-route":
      let route = ReadVPCRoute(
        table: try words.word("a table"), prefix: "\(try words.prefix())", instance: try words.word("an attachment"))
      wanted.transits.append((route, line.number))
    case "group": wanted.groups.append((words.rest(), line.number))
    case "route":
      let route = ReadVPCRoute(
        table: try words.word("a table"), prefix: "\(try words.prefix())", instance: try words.word("an instance"),
        standby: try words.word("an instance"))
      wanted.routes.append((route, line.number))
    case let other: throw ParseFailure("'\(other)' is not known", line: line.number)
    }
    try words.end()
  }
  return wanted
}

/// Finds a plan in the `routes.sh` of a VPC, or the part of it that can be moved in `failover.sh`.
func checkVPCScript(_ bytes: [UInt8], _ device: DevicePlan, movesOnly: Bool) throws(ParseFailure) -> [Finding] {
  guard let vpc = device.vpc else { return [Finding("the device is no VPC")] }
  let wanted = try parseWantedVPC(bytes, of: device)
  var routes: [ReadVPCRoute] = []
  var moved: Set<String> = []
  for table in vpc.tables {
    for route in table.routes where !movesOnly || route.standby != nil {
      let names: (String, String?)
      switch route.target {
      case .instance(let first, let standby):
        names = (vpc.instances[first].name.text, standby.map { vpc.instances[$0].name.text })
      case .link(let index): names = ("link:\(vpc.links[index].interconnect)", nil)
      }
      moved.formUnion([names.0, names.1].compactMap(\.self))
      routes.append(
        ReadVPCRoute(
          table: table.id?.text ?? "-", prefix: "\(route.prefix)", instance: names.0, standby: names.1 ?? "-"))
    }
  }
  let instances = vpc.instances.filter { !movesOnly || moved.contains($0.name.text) }.map { instance in
    ([instance.name.text, instance.eni?.text ?? "-"] + instance.addresses.map { "\($0)" }).joined(separator: " ")
  }
  return compareValues(
    ["\(vpc.region) \(vpc.id?.text ?? "-") \(device.fabric)"], wanted.head, "the VPC")
    + compareLists(expected: instances, found: wanted.instances, "instance")
    + compareLists(expected: movesOnly ? [] : vpc.tables.map { $0.id?.text ?? "-" }, found: wanted.tables, "table")
    + compareLists(expected: movesOnly ? [] : vpc.space.map { "\($0)" }, found: wanted.spaces, "space")
    + compareLists(expected: routes, found: wanted.routes, "route")
    + checkLinks(wanted, movesOnly ? nil : vpc)
    + compareLists(expected: movesOnly ? [] : expectedSources(vpc), found: wanted.groups, "source")
}

/// What the script wants of transit gateways and peerings; with nil nothing.
private func checkLinks(_ wanted: WantedVPC, _ vpc: VPCPlan?) -> [Finding] {
  let links = (vpc?.links ?? []).map { link in
    let option = link.kind == .peering ? "--vpc-peering-connection-id" : "--transit-gateway-id"
    return "\(link.interconnect) \(option) \(link.id?.text ?? scriptVariable(parts(link)))"
  }
  let tables = (vpc?.transitGateways ?? []).map { gateway in
    gateway.routeTable?.text ?? scriptVariable(["rtb", gateway.interconnect.text])
  }
  return compareLists(expected: links, found: wanted.links, "link")
    + compareLists(expected: (vpc?.peers ?? []).map { "\($0)" }, found: wanted.peers, "peer")
    + compareLists(expected: tables, found: wanted.transitTables, "transit table")
    + compareLists(
      expected: vpc.map { expectedTransits($0, scriptVariable) } ?? [], found: wanted.transits, "transit route")
}
