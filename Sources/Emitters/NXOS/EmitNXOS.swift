import TopologyModel

/// Spells `nxos.conf`: the static routes of a switch that runs Cisco NX-OS.
///
/// A line a next hop, the name before the tag (Nexus 9000 Series NX-OS Unicast Routing Configuration Guide, "Configuring
/// Static Routing": `{ip | ipv6} route PREFIX {NEXT-HOP | Null0} [name NAME] [tag TAG] [PREFERENCE]`).
func emitNXOS(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "static routes (Cisco NX-OS)", comment: "!", into: &writer)
  for route in device.routes {
    forEachTarget(of: route.target) { writeNXOSRoute(route.prefix, $0, route.purpose, into: &writer) }
  }
  emitEndMarker(what: "static routes (Cisco NX-OS)", comment: "!", into: &writer)
}

/// Spells what `nxos.conf` leaves behind when it is loaded over a former one: `no` and the line as it was set.
func emitNXOSRemovals(_ routes: [StaleRoute], into writer: inout TextWriter) {
  for route in routes {
    writer.write("no ")
    writeNXOSRoute(route.prefix, route.target, route.purpose, into: &writer)
  }
}

private func writeNXOSRoute(
  _ prefix: Prefix, _ target: StaleRoute.Target, _ purpose: RoutePurpose, into writer: inout TextWriter
) {
  writer.write(prefix.family == .ipv4 ? "ip route " : "ipv6 route ")
  writer.write(prefix)
  switch target {
  case .discard: writer.write(" Null0")
  case .gateway(let address):
    writer.write(" ")
    writer.write(address)
  }
  writer.write(" name ")
  writer.write(routeName: purpose)
  writer.write(" tag ")
  writer.write(staticRouteTag)
  writer.newline()
}
