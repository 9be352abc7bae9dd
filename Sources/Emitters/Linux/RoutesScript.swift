import TopologyModel

/// Spells `routes.sh`: the list of what the device wants, then the program that makes it so.
///
/// The list has one thing a line, `gateway`, `uplink`, `address`, `route`, or for services `tunnel`, `port`, `steer` or `way` first, so that it can be searched and
/// compared; what follows a `#` is for people.
func emitRoutesScript(_ device: DevicePlan, into writer: inout TextWriter) {
  writer.write("#!/bin/sh\n")
  emitHeader(device, what: "static routes", into: &writer)
  writer.write(routesScriptIntroduction)
  writer.write("wanted() {\n  cat <<'END'\n")
  if let gateway = device.gateway { write(gateway, into: &writer) }
  for uplink in device.uplinks {
    guard let mtu = uplink.mtu else { continue }
    writer.write("uplink ")
    writer.write(uplink.interface)
    writer.write(" mtu ")
    writer.write(mtu)
    writer.newline()
  }
  for route in device.routes { write(route, into: &writer) }
  emitSteering(device.steering, into: &writer)
  writer.write("END\n}\n\n")
  writer.write(routesProgramHead)
  writer.write(addressFunctions)
  writer.write(routesReading)
  writer.write(routesSteering)
  writer.write(routesDeciding)
  writer.write(routesProgramTail)
  writer.write(watchFunction)
  writer.write(routesMain)
  emitEndMarker(what: "static routes", into: &writer)
}

private let routesScriptIntroduction: StaticString = #"""
  # Install as /etc/romana/routes.sh; romana-routes.service runs it at boot and after every change of a link.
  #
  #   routes.sh            makes the kernel's routes (protocol 77; table main, for services 7700000 and above), its rules of
  #                        preference 7700 and the interfaces romana-* equal to the list below
  #   routes.sh --dry-run  prints the commands that this would take; needs no root
  #   routes.sh --watch    does so now and after every change of a link or an address
  #
  # Exit status: 0 done; 1 refused or failed, see standard error; 3 done, but some routes have no live next
  # hop now; 64 wrong usage. Needs sh, awk, iproute2 and flock (util-linux).
  set -eu
  export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"


  """#

private func write(_ gateway: GatewayInterface, into writer: inout TextWriter) {
  writer.write("gateway romana-gw")
  if let mtu = gateway.mtu {
    writer.write(" mtu ")
    writer.write(mtu)
  }
  writer.newline()
  for address in gateway.addresses {
    let announced = gateway.announced.first { $0.contains(address) }
    writer.write("address ")
    writer.write(address)
    writer.write("/")
    writer.write(announced?.length ?? address.family.bitWidth)
    writer.newline()
  }
}

private func write(_ route: StaticRoute, into writer: inout TextWriter) {
  writer.write("route ")
  writer.write(route.prefix)
  switch route.target {
  case .discard:
    writer.write(" blackhole")
  case .gateways(let hops):
    for hop in hops {
      writer.write(" via ")
      writer.write(hop.address)
    }
  case .endpoint(let interface, let source):
    writer.write(" dev ")
    writer.write(interface)
    if let source {
      writer.write(" src ")
      writer.write(source)
    }
  }
  writer.write("  # ")
  write(route.purpose, into: &writer)
  writer.newline()
}

/// Says in a few words whose prefix a route is about.
func write(_ purpose: RoutePurpose, into writer: inout TextWriter) {
  switch purpose {
  case .ownPrefix(let network):
    writer.write("own ")
    writer.write(network)
  case .hostPrefix(let host, let network):
    writer.write("host ")
    writer.write(host)
    writer.write(" ")
    writer.write(network)
  case .block(let host, let network, let tenant, let segment):
    writer.write(host == nil ? "own " : "host ")
    if let host {
      writer.write(host)
      writer.write(" ")
    }
    writer.write(network)
    writer.write(" ")
    writer.write(tenant)
    writer.write("/")
    writer.write(segment)
  case .rackAggregate(let rack, let network):
    writer.write("rack ")
    writer.write(rack)
    writer.write(" ")
    writer.write(network)
  case .regionAggregate(let region, let network):
    writer.write("region ")
    writer.write(region)
    writer.write(" ")
    writer.write(network)
  case .vpc(let region):
    writer.write("VPC ")
    writer.write(region)
  case .network(let network):
    writer.write("network ")
    writer.write(network)
  case .defaultRoute:
    writer.write("default")
  case .endpoint(let tenant, let segment, let name):
    writer.write("endpoint ")
    writer.write(tenant)
    writer.write("/")
    writer.write(segment)
    writer.write(" ")
    writer.write(name)
  }
}
