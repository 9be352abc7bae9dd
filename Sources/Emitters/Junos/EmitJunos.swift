import TopologyModel

/// Spells `junos.conf` for `load replace`: one configuration group that holds every static route.
///
/// The group carries the tag `replace:`, so that a load puts it in the place of a former one as a whole and nothing of
/// that stays (Junos OS CLI User Guide, "Loading a Configuration": `load replace`); `apply-groups` makes it effective
/// ("Use Configuration Groups"). IPv6 routes are of the table `inet6.0` (Protocol-Independent Routing Properties User
/// Guide, "static"). Several next hops are in the forwarding table together only with an export policy that says
/// `load-balance per-packet`, which balances flows (same guide, "Configuring Per-Packet Load Balancing").
func emitJunos(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "static routes (Junos)", comment: "##", into: &writer)
  writer.write(junosHead)
  let routes = AddressFamily.allCases.map { family in device.routes.filter { $0.prefix.family == family } }
  if !routes[0].isEmpty { emitJunosTable(routes[0], indent: "            ", into: &writer) }
  if !routes[1].isEmpty {
    writer.write("            rib inet6.0 {\n")
    emitJunosTable(routes[1], indent: "                ", into: &writer)
    writer.write("            }\n")
  }
  writer.write("        }\n    }\n}\napply-groups romana-static;\n")
  emitEndMarker(what: "static routes (Junos)", comment: "##", into: &writer)
}

private let junosHead: StaticString = """
  groups {
      replace:
      romana-static {
          policy-options {
              policy-statement romana-static-ecmp {
                  then {
                      load-balance per-packet;
                  }
              }
          }
          routing-options {
              forwarding-table {
                  export romana-static-ecmp;
              }

  """

private func emitJunosTable(_ routes: [StaticRoute], indent: StaticString, into writer: inout TextWriter) {
  func line(_ level: Int, _ body: (inout TextWriter) -> Void) {
    writer.write(indent)
    for _ in 0..<level { writer.write("    ") }
    body(&writer)
    writer.newline()
  }
  line(0) { $0.write("static {") }
  for route in routes {
    line(1) {
      $0.write("/* ")
      write(route.purpose, into: &$0)
      $0.write(" */")
    }
    line(1) {
      $0.write("route ")
      $0.write(route.prefix)
      $0.write(" {")
    }
    line(2) { writeJunosTarget(route.target, into: &$0) }
    line(2) {
      $0.write("tag ")
      $0.write(staticRouteTag)
      $0.write(";")
    }
    line(1) { $0.write("}") }
  }
  line(0) { $0.write("}") }
}

/// `next-hop A;`, `next-hop [ A B ];` or `discard;`.
private func writeJunosTarget(_ target: RouteTarget, into writer: inout TextWriter) {
  switch target {
  case .discard: writer.write("discard;")
  case .gateways(let hops):
    writer.write("next-hop ")
    if hops.count > 1 { writer.write("[ ") }
    for (index, hop) in hops.enumerated() {
      if index > 0 { writer.write(" ") }
      writer.write(hop.address)
    }
    if hops.count > 1 { writer.write(" ]") }
    writer.write(";")
  case .endpoint(let interface, _):
    writer.write("next-hop ")
    writer.write(interface)
    writer.write(";")
  }
}
