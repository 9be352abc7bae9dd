import TopologyModel

/// Spells `sonic.json`: the table STATIC_ROUTE of SONiC's configuration database, keyed by `VRF|PREFIX`.
///
/// The fields of an entry are lists, split at commas and aligned by index, one item a next hop (SONiC Configuration
/// wiki, "Static Routes"). Every field is always written: a load merges field by field, and one that stayed from a
/// former entry would make lists of different lengths, which SONiC rejects. `advertise` keeps the routes out of BGP,
/// where SONiC redistributes them otherwise. JSON has no comments, so that there is neither header nor end marker.
func emitSONiC(_ device: DevicePlan, into writer: inout TextWriter) {
  writer.write("{\n  \"STATIC_ROUTE\": {")
  for (index, route) in device.routes.enumerated() {
    writer.write(index == 0 ? "\n    \"default|" : ",\n    \"default|")
    writer.write(route.prefix)
    writer.write("\": {\n")
    writeFields(route.target, into: &writer)
    writer.write("    }")
  }
  writer.write("\n  }\n}\n")
}

private func writeFields(_ target: RouteTarget, into writer: inout TextWriter) {
  var hops: [NextHop] = []
  if case .gateways(let some) = target { hops = some }
  let count = max(1, hops.count)
  func field(_ name: StaticString, isLast: Bool = false, _ item: (Int, inout TextWriter) -> Void) {
    writer.write("      \"")
    writer.write(name)
    writer.write("\": \"")
    for index in 0..<count {
      if index > 0 { writer.write(",") }
      item(index, &writer)
    }
    writer.write(isLast ? "\"\n" : "\",\n")
  }
  // One word for the whole route, not a list.
  writer.write("      \"advertise\": \"false\",\n")
  field("blackhole") { _, writer in writer.write(hops.isEmpty ? "true" : "false") }
  field("distance") { _, writer in writer.write("0") }
  field("ifname") { _, _ in }
  field("nexthop") { index, writer in
    if !hops.isEmpty { writer.write(hops[index].address) }
  }
  field("nexthop-vrf", isLast: true) { _, writer in
    if !hops.isEmpty { writer.write("default") }
  }
}

/// Spells what `sonic.json` leaves behind when it is loaded over a former one, as a JSON patch (RFC 6902) for `config
/// apply-patch`. An entry is one route with all its next hops (`MergingSystem.overwritesPrefixes`). In a path `/` is `~1` (RFC 6901).
func emitSONiCRemovals(_ routes: [StaleRoute], into writer: inout TextWriter) {
  writer.write("[")
  var former: Prefix?
  for route in routes where route.prefix != former {
    writer.write(former == nil ? "\n" : ",\n")
    former = route.prefix
    writer.write("  { \"op\": \"remove\", \"path\": \"/STATIC_ROUTE/default|")
    writer.write(route.prefix.address)
    writer.write("~1")
    writer.write(route.prefix.length)
    writer.write("\" }")
  }
  writer.write(former == nil ? "]\n" : "\n]\n")
}
