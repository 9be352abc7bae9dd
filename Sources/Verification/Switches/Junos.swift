import TopologyModel

/// Reads the routes of `junos.conf`. All else in it must be there exactly: the group that a load replaces, its use, and
/// the policy that balances over several next hops.
func parseJunos(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> [(value: SwitchRoute, line: Int)] {
  let top = try parseJunosStatements(bytes, of: device)
  try expect(top, ["groups", "apply-groups romana-static"], line: 1)
  let group = try only(top[0], "romana-static")
  guard group.replaces else { throw ParseFailure("the group is not to be replaced", line: group.line) }
  let parts = try children(group)
  try expect(parts, ["policy-options", "routing-options"], line: group.line)
  let policy = try only(parts[0], "policy-statement romana-static-ecmp")
  let balancing = try only(try only(policy, "then"), "load-balance per-packet")
  guard balancing.children == nil else { throw ParseFailure("expected a semicolon", line: balancing.line) }
  let options = try children(parts[1])
  let tables = options.dropFirst().map { $0.words.joined(separator: " ") }
  guard options.first?.words == ["forwarding-table"], ["static", "rib inet6.0"].filter(tables.contains) == tables else {
    throw ParseFailure("expected the export policy and the tables", line: parts[1].line)
  }
  let export = try only(options[0], "export romana-static-ecmp")
  guard export.children == nil, top[1].children == nil else {
    throw ParseFailure("expected a semicolon", line: export.line)
  }
  var rows: [(value: SwitchRoute, line: Int)] = []
  for table in options.dropFirst() {
    rows +=
      table.words == ["static"] ? try routes(table, .ipv4) : try routes(try only(table, "static"), .ipv6)
  }
  return rows
}

private func children(_ statement: JunosStatement) throws(ParseFailure) -> [JunosStatement] {
  guard let children = statement.children else {
    throw ParseFailure("'\(statement.words.joined(separator: " "))' has no braces", line: statement.line)
  }
  return children
}

private func expect(_ statements: [JunosStatement], _ names: [String], line: Int) throws(ParseFailure) {
  let found = statements.map { $0.words.joined(separator: " ") }
  guard found == names else {
    throw ParseFailure("expected \(names.joined(separator: ", ")); found \(found.joined(separator: ", "))", line: line)
  }
}

private func only(_ statement: JunosStatement, _ name: String) throws(ParseFailure) -> JunosStatement {
  let inner = try children(statement)
  try expect(inner, [name], line: statement.line)
  return inner[0]
}

private func routes(
  _ table: JunosStatement, _ family: AddressFamily
) throws(ParseFailure) -> [(value: SwitchRoute, line: Int)] {
  var rows: [(value: SwitchRoute, line: Int)] = []
  for route in try children(table) {
    guard route.words.count == 2, route.words[0] == "route", let prefix = readPrefix(route.words[1]),
      prefix.family == family, !rows.contains(where: { $0.value.prefix == prefix })
    else { throw ParseFailure("not a route of this table, or a second one", line: route.line) }
    let settings = try children(route)
    guard settings.count == 2, settings.allSatisfy({ $0.children == nil && !$0.replaces }),
      settings[1].words.count == 2, settings[1].words[0] == "tag",
      let tag = readNumber(settings[1].words[1], in: 1...4_294_967_295)
    else { throw ParseFailure("a route without next hop or tag", line: route.line) }
    for hop in try hops(settings[0], family) {
      rows.append((SwitchRoute(prefix: prefix, hop: hop, tag: tag, name: route.comment), route.line))
    }
  }
  return rows
}

/// `discard`, `next-hop A` or `next-hop [ A B ]`.
private func hops(_ statement: JunosStatement, _ family: AddressFamily) throws(ParseFailure) -> [Address?] {
  var words = statement.words[...]
  if words == ["discard"] { return [nil] }
  let failure = ParseFailure("not a next hop", line: statement.line)
  guard words.popFirst() == "next-hop" else { throw failure }
  if words.first == "[" {
    guard words.popLast() == "]", words.count > 2 else { throw failure }
    words.removeFirst()
  } else if words.count != 1 {
    throw failure
  }
  let addresses = words.compactMap { readAddress($0) }
  guard addresses.count == words.count, addresses.allSatisfy({ $0.family == family }),
    Set(addresses).count == addresses.count
  else { throw failure }
  return addresses
}

func checkJunos(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  compareLists(
    expected: switchRoutes(device, tag: 77, name: purposeComment), found: try parseJunos(bytes, of: device), "route")
}
