import TopologyModel

/// Spells `bird.conf` of a stub host for BIRD 2 (BIRD User's Guide, version 2.0).
///
/// BIRD puts only what BGP told it into the kernel: the discard routes of the host's own prefixes belong to
/// `routes.sh`, so that they outlive the daemon, and the static protocol here exists to be announced.
func emitBIRD(_ device: DevicePlan, into writer: inout TextWriter) {
  let what: StaticString = device.ospf == nil ? "BGP speaker (BIRD 2)" : "OSPF speaker (BIRD 2)"
  emitHeader(device, what: what, into: &writer)
  emitInsertions(device.insertions(.bird, .before), into: &writer)
  if let bgp = device.bgp {
    emitBIRDHead(bgp, device.uplinks, into: &writer)
    emitBIRDAdvertisements(bgp.unnumberedInterfaces, into: &writer)
    for family in AddressFamily.allCases where bgp.sessions.contains(where: { $0.family == family }) {
      emitKernel(bgp, family, into: &writer)
      emitBIRDStatic(bgp, family, channel: family.channel, into: &writer)
      for session in bgp.sessions where session.family == family && session.interface == nil {
        emitSession([session], of: bgp, device, into: &writer)
      }
    }
    for interface in bgp.unnumberedInterfaces {
      emitSession(bgp.sessions.filter { $0.interface == interface }, of: bgp, device, into: &writer)
    }
  } else if let ospf = device.ospf {
    emitBIRDOSPF(ospf, device.uplinks, .two, into: &writer)
  }
  emitInsertions(device.insertions(.bird, .after), into: &writer)
  emitEndMarker(what: what, into: &writer)
}

private func emitKernel(_ bgp: BGPPlan, _ family: AddressFamily, into writer: inout TextWriter) {
  writer.write("protocol kernel kernel")
  writer.write(family.digit)
  writer.write(" {\n  ")
  writer.write(family.channel)
  writer.write(" {\n    import none;\n    export where source = RTS_BGP;\n  };\n")
  emitBIRDMergePaths(bgp, family, into: &writer)
  writer.write("}\n\n")
}

/// A session with a channel for each family that it carries.
private func emitSession(
  _ parts: [BGPSession], of bgp: BGPPlan, _ device: DevicePlan, into writer: inout TextWriter
) {
  guard let first = parts.first else { return }
  emitBIRDSessionHead(first, of: bgp, into: &writer)
  for part in parts { emitChannel(part, of: bgp, device, into: &writer) }
  writer.write("}\n\n")
}

/// What the session believes and announces; the limit shuts it down should the filter ever fail.
private func emitChannel(
  _ session: BGPSession, of bgp: BGPPlan, _ device: DevicePlan, into writer: inout TextWriter
) {
  writer.write("  ")
  writer.write(session.family.channel)
  writer.write(" {\n")
  // The capability of RFC 8950, without which IPv4 routes have IPv4 next hops.
  if session.interface != nil, session.family == .ipv4 { writer.write("    extended next hop on;\n") }
  writer.write("    import ")
  emitBIRDFilter(
    bgp.filters[session.importFilter], indent: "    ", insertions: device.insertions(.bird, .importFilter),
    into: &writer)
  writer.write("    export ")
  emitBIRDFilter(
    bgp.filters[session.exportFilter], indent: "    ", insertions: device.insertions(.bird, .exportFilter),
    into: &writer)
  if let limit = session.exportLimit {
    writer.write("    export limit ")
    writer.write(limit)
    writer.write(" action disable;\n")
  }
  writer.write("  };\n")
}

extension AddressFamily {
  var channel: StaticString { self == .ipv4 ? "ipv4" : "ipv6" }
}
