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
    for family in AddressFamily.allCases where bgp.sessions.contains(where: { $0.family == family }) {
      emitKernel(bgp, family, into: &writer)
      emitBIRDStatic(bgp, family, channel: family.channel, into: &writer)
      for session in bgp.sessions where session.family == family {
        emitBIRDSessionHead(session, of: bgp, into: &writer)
        emitChannel(session, of: bgp, device, into: &writer)
        writer.write("}\n\n")
      }
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

/// What the session believes and announces; the limit shuts it down should the filter ever fail.
private func emitChannel(
  _ session: BGPSession, of bgp: BGPPlan, _ device: DevicePlan, into writer: inout TextWriter
) {
  writer.write("  ")
  writer.write(session.family.channel)
  writer.write(" {\n    import ")
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
