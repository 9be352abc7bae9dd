import TopologyModel

/// A configuration of Terraform in its JSON syntax, with the rules of the language checked: names are identifiers, and no text is a
/// template but whole references to variables that are declared and used.
struct TerraformModule {
  let json: JSONText
  /// The names under `variable`.
  let variables: Set<String>

  init(_ bytes: [UInt8], keys: Set<String>) throws(ParseFailure) {
    json = try parseJSON(bytes)
    variables = Set(json["variable"]?.keys ?? [])
    guard Set(json.keys).isSubset(of: keys.union(["//", "terraform", "variable"])),
      json["terraform"]?["required_providers"]?["aws"]?["source"]?.string == "hashicorp/aws"
    else { throw ParseFailure("not a module as it should be: \(json.keys)", line: 1) }
    for (name, variable) in (json["variable"]?.members ?? []).map({ ($0.key, $0.value) }) {
      guard variable.keys == ["type", "description"], variable["type"]?.string == "string" else {
        throw ParseFailure("the variable '\(name)' is not whole", line: 1)
      }
    }
    let labels = ["variable", "module"].flatMap { json[$0]?.keys ?? [] }
    for name in labels + (json["resource"]?.members.flatMap { $0.value.keys } ?? []) where !isIdentifier(name) {
      throw ParseFailure("'\(name)' is no identifier", line: 1)
    }
    var used: Set<String> = []
    for member in json.members where member.key != "//" { try collectVariables(member.value, into: &used) }
    if used != variables {
      throw ParseFailure(
        "variables that are declared: \(variables.sorted()); that are used: \(used.sorted())", line: 1)
    }
  }

  /// A text, or a variable as `var NAME`.
  func word(_ value: JSONText?) -> String? { value?.string.map { variable(in: $0).map { "var \($0)" } ?? $0 } }
}

/// Letters, digits, underscores and dashes, first no digit and no dash (Terraform Language, "Configuration Syntax", Identifiers).
func isIdentifier(_ text: String) -> Bool {
  guard let first = text.first, first.isLetter || first == "_" else { return false }
  return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
}

/// `NAME` of `${var.NAME}`.
private func variable(in text: String) -> String? {
  guard text.hasPrefix("${var."), text.hasSuffix("}") else { return nil }
  return String(text.dropFirst(6).dropLast())
}

private func collectVariables(_ value: JSONText, into used: inout Set<String>) throws(ParseFailure) {
  for member in value.members { try collectVariables(member.value, into: &used) }
  for item in value.items { try collectVariables(item, into: &used) }
  guard let text = value.string, text.contains("$") || text.contains("%") else { return }
  guard let name = variable(in: text), isIdentifier(name) else {
    throw ParseFailure("'\(text)' would be taken for a template", line: 1)
  }
  used.insert(name)
}

/// Finds the routes and the sources of a plan in the `vpc.tf.json` of a region.
func checkTerraform(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  guard let vpc = device.vpc else { return [Finding("the device is no VPC")] }
  let module = try TerraformModule(bytes, keys: ["resource"])
  let resources = module.json["resource"]
  let types: Set = ["aws_route", "aws_ec2_transit_gateway_route", "aws_vpc_security_group_ingress_rule"]
  guard Set(resources?.keys ?? []).isSubset(of: types) else {
    throw ParseFailure("not resources as they should be: \(resources?.keys ?? [])", line: 1)
  }
  var routes: [(value: ReadVPCRoute, line: Int)] = []
  for member in resources?["aws_route"]?.members ?? [] {
    let (name, route) = (member.key, member.value)
    guard let table = module.word(route["route_table_id"]), let target = moduleKeys.target(route, module.word),
      let prefix = destination(route, "destination_cidr_block", "destination_ipv6_cidr_block"), route.members.count == 3
    else { throw ParseFailure("the route '\(name)' is not whole", line: 1) }
    routes.append((ReadVPCRoute(table: table, prefix: prefix, instance: target), 1))
  }
  var transits: [(value: ReadVPCRoute, line: Int)] = []
  for member in resources?["aws_ec2_transit_gateway_route"]?.members ?? [] {
    let (name, route) = (member.key, member.value)
    guard let table = module.word(route["transit_gateway_route_table_id"]), route.members.count == 3,
      let target = module.word(route["transit_gateway_attachment_id"]),
      let prefix = route["destination_cidr_block"]?.string, readPrefix(prefix) != nil
    else { throw ParseFailure("the route '\(name)' is not whole", line: 1) }
    transits.append((ReadVPCRoute(table: table, prefix: prefix, instance: target), 1))
  }
  var sources: [(value: String, line: Int)] = []
  for member in resources?["aws_vpc_security_group_ingress_rule"]?.members ?? [] {
    let (name, rule) = (member.key, member.value)
    guard let prefix = destination(rule, "cidr_ipv4", "cidr_ipv6"), rule["ip_protocol"]?.string == "-1",
      let group = rule["security_group_id"]?.string, rule["description"] != nil, rule.members.count == 4
    else { throw ParseFailure("the rule '\(name)' is not whole", line: 1) }
    sources.append(("\(group) \(prefix)", 1))
  }
  let expected = expectedRoutes(vpc, moduleKeys, table: "var route_table") {
    "var eni_\(identifier($0.text, keeping: "-"))"
  } other: {
    "var \(identifier($0, separator: "_", keeping: "-"))"
  }
  let expectedOfTransit = expectedTransits(vpc) { "var \(identifier($0, separator: "_", keeping: "-"))" }
  return compareLists(expected: expected, found: routes, "route")
    + compareLists(expected: expectedOfTransit, found: transits, "transit route")
    + compareLists(expected: expectedSources(vpc), found: sources, "source")
}

/// Finds the EC2 regions in the `vpc.tf.json` of the deployment: a provider for each, and a call of its module with that, which hands over
/// every id that the topology leaves out, and the same one to two regions that share it.
package func checkDeployment(_ bytes: [UInt8], _ network: NetworkPlan) -> [Finding] {
  do {
    let vpcs = network.vpcs.compactMap(\.self).sorted { $0.region < $1.region }
    let root = try TerraformModule(bytes, keys: ["provider", "module"])
    let providers = (root.json["provider"]?["aws"]?.items ?? []).map { item in
      (
        value: (item.keys + [item["alias"]?.string ?? "-", item["region"]?.string ?? "-"]).joined(separator: " "),
        line: 1
      )
    }
    let calls = (root.json["module"]?.members ?? []).map { (value: words(of: $0, in: root), line: 1) }
    let expected = vpcs.map { vpc in
      let region = vpc.region.text
      let heads = ["module \(region)", "source ./\(region)", "providers aws", "aws.\(region)"]
      return heads + sharedNames(vpc).map { "\($0) var \($1)" }.sorted()
    }
    return compareLists(
      expected: vpcs.map { "alias region \($0.region) \($0.region)" }, found: providers, "provider")
      + compareLists(expected: expected, found: calls, "module")
      + compareValues(root.json["provider"]?.keys, ["aws"], "the providers")
  } catch {
    return [Finding(error.message, line: error.line)]
  }
}

/// A call of a module: its label, where it is, its providers, and then sorted what it is told.
private func words(of call: JSONMember, in root: TerraformModule) -> [String] {
  let providers = call.value["providers"]
  let heads = [
    "module \(call.key)", "source \(call.value["source"]?.string ?? "-")",
    "providers \(providers?.keys.joined(separator: " ") ?? "-")", providers?["aws"]?.string ?? "-",
  ]
  let told = call.value.members.filter { !["source", "providers"].contains($0.key) }
  return heads + told.map { "\($0.key) \(root.word($0.value) ?? "-")" }.sorted()
}

/// The variables of a region's module, and those of the deployment that they are.
private func sharedNames(_ vpc: VPCPlan) -> [String: String] {
  func name(_ words: [String]) -> String { identifier(words, separator: "_", keeping: "-") }
  let region = vpc.region.text
  var names: [String: String] = [:]
  for table in vpc.tables where !table.routes.isEmpty {
    if table.id == nil { names["route_table"] = name(["route"]) + "_" + name(["table", region]) }
    for index in table.routes.compactMap(\.instance) where vpc.instances[index].eni == nil {
      let own = name(["eni", vpc.instances[index].name.text])
      names[own] = own
    }
  }
  for link in vpc.links where link.id == nil {
    let interconnect = link.interconnect.text
    switch link.kind {
    case .peering: names[name(["pcx", interconnect])] = name(["pcx", interconnect])
    case .transitGateway: names[name(["tgw", interconnect])] = name(["tgw", interconnect, region])
    }
  }
  for gateway in vpc.transitGateways {
    let interconnect = gateway.interconnect.text
    if gateway.routeTable == nil { names[name(["rtb", interconnect])] = name(["rtb", interconnect, region]) }
    for attachment in gateway.attachments where attachment.id == nil {
      let other = attachment.region.text
      let shared = ["peering", interconnect] + [region, other].sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      names[name(["attach", interconnect, other])] = name(
        other == region ? ["attach", interconnect, region] : shared)
    }
  }
  return names
}

private let moduleKeys = TargetKeys(
  interface: "network_interface_id", transitGateway: "transit_gateway_id", peering: "vpc_peering_connection_id")
