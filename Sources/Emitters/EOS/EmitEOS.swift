import TopologyModel

/// Spells `eos.conf`: the static routes of a switch that runs Arista EOS, in the words of `show running-config`.
///
/// Forwarding is switched on first (EOS User Manual, "IPv4": `ip routing`; "IPv6": `ipv6 unicast-routing`): it is off
/// on a new switch. A line a next hop, and equal-cost ones of a prefix are used together ("ip route", "ipv6 route").
func emitEOS(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "static routes (Arista EOS)", comment: "!", into: &writer)
  let families = Set(device.routes.map(\.prefix.family))
  if families.contains(.ipv4) { writer.write("ip routing\n") }
  if families.contains(.ipv6) { writer.write("ipv6 unicast-routing\n") }
  for route in device.routes {
    forEachTarget(of: route.target) { target in
      writeEOSRoute(route.prefix, target, into: &writer)
      writer.write(" tag ")
      writer.write(staticRouteTag)
      writer.write(" name ")
      writer.write(routeName: route.purpose)
      writer.newline()
    }
  }
  emitEndMarker(what: "static routes (Arista EOS)", comment: "!", into: &writer)
}

/// Spells what `eos.conf` leaves behind when it is loaded over a former one. EOS removes the statements that match
/// what a `no` line says, and does not look at what it leaves out ("no ip route"): neither tag nor name can be wrong.
func emitEOSRemovals(_ routes: [StaleRoute], into writer: inout TextWriter) {
  for route in routes {
    writer.write("no ")
    writeEOSRoute(route.prefix, route.target, into: &writer)
    writer.newline()
  }
}

private func writeEOSRoute(_ prefix: Prefix, _ target: StaleRoute.Target, into writer: inout TextWriter) {
  writer.write(prefix.family == .ipv4 ? "ip route " : "ipv6 route ")
  writer.write(prefix)
  switch target {
  case .discard: writer.write(" Null0")
  case .gateway(let address):
    writer.write(" ")
    writer.write(address)
  }
}
