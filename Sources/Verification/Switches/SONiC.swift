import TopologyModel

/// Reads `sonic.json`: a JSON object (RFC 8259) whose one member STATIC_ROUTE holds entries of texts, as SONiC's
/// configuration database has them. One member a line, as `sonic-cfggen --print-data` prints it.
func parseSONiC(_ bytes: [UInt8]) throws(ParseFailure) -> [(value: SwitchRoute, line: Int)] {
  var lines = try splitLines(bytes)[...]
  func take(_ text: String) throws(ParseFailure) {
    guard let line = lines.popFirst(), line.text == text else {
      throw ParseFailure("expected '\(text)'", line: lines.startIndex)
    }
  }
  try take("{")
  try take("  \"STATIC_ROUTE\": {")
  var routes: [(value: SwitchRoute, line: Int)] = []
  var isLast = lines.first?.text == "  }"
  while !isLast {
    let start = lines.startIndex + 1
    guard let line = lines.popFirst(), line.text.hasPrefix("    \"default|"), line.text.hasSuffix("\": {"),
      let prefix = readPrefix(line.text.dropFirst(13).dropLast(4)),
      !routes.contains(where: { $0.value.prefix == prefix })
    else { throw ParseFailure("not an entry of the default VRF, or a second one", line: start) }
    let fields = try parseFields(&lines)
    routes += try hops(fields, of: prefix, line: start).map { (SwitchRoute(prefix: prefix, hop: $0), start) }
    guard let end = lines.popFirst(), end.text == "    }" || end.text == "    }," else {
      throw ParseFailure("the entry does not end", line: start)
    }
    isLast = end.text == "    }"
  }
  try take("  }")
  try take("}")
  if let rest = lines.first { throw ParseFailure("something follows the end", line: rest.number) }
  return routes
}

private func parseFields(
  _ lines: inout ArraySlice<(number: Int, text: Substring)>
) throws(ParseFailure) -> [String: String] {
  var fields: [String: String] = [:]
  while let line = lines.first, line.text.hasPrefix("      \"") {
    lines.removeFirst()
    let hasComma = line.text.hasSuffix(",")
    let parts = line.text.dropFirst(6).dropLast(hasComma ? 1 : 0).split(
      separator: "\"", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0].isEmpty, parts[2] == ": ", parts[4].isEmpty, !parts[1].contains("\\"),
      !parts[3].contains("\\"), fields.updateValue(String(parts[3]), forKey: String(parts[1])) == nil,
      hasComma == (lines.first?.text.hasPrefix("      \"") ?? false)
    else { throw ParseFailure("not a field, or a second one", line: line.number) }
  }
  return fields
}

/// The lists of an entry are of one length: bgpcfgd rejects others.
private func hops(
  _ fields: [String: String], of prefix: Prefix, line: Int
) throws(ParseFailure) -> [Address?] {
  func items(_ name: String) -> [Substring]? { fields[name]?.split(separator: ",", omittingEmptySubsequences: false) }
  let names = ["advertise", "blackhole", "distance", "ifname", "nexthop", "nexthop-vrf"]
  guard fields.keys.sorted() == names, fields["advertise"] == "false", let blackhole = items("blackhole"),
    let distance = items("distance"), let interfaces = items("ifname"), let hops = items("nexthop"),
    let vrfs = items("nexthop-vrf"), distance.allSatisfy({ $0 == "0" }), interfaces.allSatisfy(\.isEmpty),
    [distance.count, interfaces.count, hops.count, vrfs.count].allSatisfy({ $0 == blackhole.count })
  else { throw ParseFailure("the fields are not those of a static route, or not of one length", line: line) }
  if blackhole == ["true"], hops == [""], vrfs == [""] { return [nil] }
  let addresses = hops.compactMap { readAddress($0) }
  guard blackhole.allSatisfy({ $0 == "false" }), vrfs.allSatisfy({ $0 == "default" }), addresses.count == hops.count,
    addresses.allSatisfy({ $0.family == prefix.family }), Set(addresses).count == addresses.count
  else { throw ParseFailure("neither a discard route nor one with next hops", line: line) }
  return addresses
}

func checkSONiC(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  compareLists(expected: switchRoutes(device, tag: nil) { _ in nil }, found: try parseSONiC(bytes), "route")
}
