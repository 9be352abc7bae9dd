import TopologyModel

/// Spells what services need of a host in the list of `routes.sh`.
func emitSteering(_ steering: SteeringPlan, into writer: inout TextWriter) {
  for tunnel in steering.tunnels { write(tunnel, into: &writer) }
  for port in steering.ports {
    writer.write("port ")
    writer.write(port)
    writer.newline()
  }
  for step in steering.steps { write(step, into: &writer) }
}

private func write(_ tunnel: ServiceTunnel, into writer: inout TextWriter) {
  writer.write("tunnel ")
  writer.write(tunnel.interface)
  writer.write(" id ")
  writer.write(tunnel.identifier)
  writer.write(" local ")
  writer.write(tunnel.local)
  if let remote = tunnel.remote {
    writer.write(" remote ")
    writer.write(remote)
  }
  writer.write(" mac ")
  writer.write(tunnel.hardware)
  writer.write(" mtu ")
  writer.write(tunnel.mtu)
  for hop in tunnel.nextHops {
    writer.write(" next ")
    writer.write(hop)
  }
  writer.write("  # function ")
  writer.write(tunnel.function.name)
  writer.write(" on ")
  writer.write(tunnel.function.host)
  writer.newline()
}

private func write(_ step: SteeringStep, into writer: inout TextWriter) {
  for family in step.families {
    writer.write("steer ")
    writer.write(family == .ipv4 ? "4 " : "6 ")
    writer.write(hexadecimal: step.mark)
    writer.write(" ")
    writer.write(step.table)
    writer.write("  # service ")
    writer.write(step.service)
    writer.newline()
  }
  for way in step.ways {
    writer.write("way ")
    writer.write(step.table)
    writer.write(way.family == .ipv4 ? " 4 " : " 6 ")
    writer.write(way.metric)
    switch way.target {
    case .unreachable: writer.write(" unreachable")
    case .via(let address, let interface):
      writer.write(" via ")
      writer.write(address)
      writer.write(" dev ")
      writer.write(interface)
    }
    if let function = way.function {
      writer.write("  # ")
      writer.write(function)
    }
    writer.newline()
  }
}
