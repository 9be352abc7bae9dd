import TopologyModel

/// Spells `nvue.yaml`: the static routes of the default VRF for NVUE (Cumulus Linux), in the form of
/// `/etc/nvue.d/startup.yaml` (Cumulus Linux User Guide, "NVUE CLI": `nv config patch`).
///
/// A route holds its next hops as keys under `via:` ("Static Routing"; NVUE Command Reference, `nv set vrf default router
/// static`). Keys are quoted: an IPv6 address may begin or end with a colon.
func emitNVUE(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "static routes (NVUE)", into: &writer)
  writer.write("- set:\n    vrf:\n      default:\n        router:\n          static:")
  if device.routes.isEmpty { writer.write(" {}") }
  writer.newline()
  for route in device.routes {
    writer.write("            '")
    writer.write(route.prefix)
    writer.write("':  # ")
    write(route.purpose, into: &writer)
    writer.write("\n              address-family: ")
    writer.write(route.prefix.family == .ipv4 ? "ipv4-unicast" : "ipv6-unicast")
    writer.write("\n              via:\n")
    forEachTarget(of: route.target) { target in
      switch target {
      case .discard:
        writer.write("                blackhole:\n                  type: blackhole\n")
      case .gateway(let address):
        writer.write("                '")
        writer.write(address)
        writer.write("':\n                  type: ")
        writer.write(address.family == .ipv4 ? "ipv4-address\n" : "ipv6-address\n")
      }
    }
  }
  emitEndMarker(what: "static routes (NVUE)", into: &writer)
}

/// Spells what a patch with `nvue.yaml` leaves behind of a former one, as commands; nothing happens before `nv config
/// apply`, so the order does not matter.
func emitNVUERemovals(_ routes: [StaleRoute], into writer: inout TextWriter) {
  var former: Prefix?
  for route in routes where !(route.isWholePrefix && route.prefix == former) {
    writer.write("nv unset vrf default router static ")
    writer.write(route.prefix)
    if route.isWholePrefix {
      former = route.prefix
    } else {
      writer.write(" via ")
      switch route.target {
      case .discard: writer.write("blackhole")
      case .gateway(let address): writer.write(address)
      }
    }
    writer.newline()
  }
}
