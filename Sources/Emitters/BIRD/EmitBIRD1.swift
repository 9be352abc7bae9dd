import TopologyModel

/// Spells `bird1.conf` or `bird1-v6.conf` of a stub host for BIRD 1.6 (BIRD User's Guide, version 1.6): a program and a
/// file for each family, no channels, no roles.
///
/// As with BIRD 2 the discard routes of the host's own prefixes belong to `routes.sh`.
func emitBIRD1(_ device: DevicePlan, _ family: AddressFamily, into writer: inout TextWriter) {
  let what: StaticString =
    switch (family, device.ospf == nil) {
    case (.ipv4, true): "BGP speaker (BIRD 1.6, IPv4)"
    case (.ipv6, true): "BGP speaker (BIRD 1.6, IPv6)"
    case (.ipv4, false): "OSPF speaker (BIRD 1.6, IPv4)"
    case (.ipv6, false): "OSPF speaker (BIRD 1.6, IPv6)"
    }
  let file: InsertionFile = family == .ipv4 ? .bird1 : .bird1IPv6
  emitHeader(device, what: what, into: &writer)
  emitInsertions(device.insertions(file, .before), into: &writer)
  if let bgp = device.bgp {
    emitBIRDHead(bgp, device.uplinks, into: &writer)
    writer.write("protocol kernel kernel")
    writer.write(family.digit)
    writer.write(" {\n  import none;\n  export where source = RTS_BGP;\n")
    emitBIRDMergePaths(bgp, family, into: &writer)
    writer.write("}\n\n")
    emitBIRDStatic(bgp, family, channel: nil, into: &writer)
    for session in bgp.sessions where session.family == family {
      emitSession(session, of: bgp, device, file, into: &writer)
    }
  }
  if let ospf = device.ospf { emitBIRDOSPF(ospf, device.uplinks, .one(family), into: &writer) }
  emitInsertions(device.insertions(file, .after), into: &writer)
  emitEndMarker(what: what, into: &writer)
}

private func emitSession(
  _ session: BGPSession, of bgp: BGPPlan, _ device: DevicePlan, _ file: InsertionFile, into writer: inout TextWriter
) {
  emitBIRDSessionHead(session, of: bgp, into: &writer)
  writer.write("  import ")
  emitBIRDFilter(
    bgp.filters[session.importFilter], indent: "  ", insertions: device.insertions(file, .importFilter), into: &writer)
  writer.write("  export ")
  emitBIRDFilter(
    bgp.filters[session.exportFilter], indent: "  ", insertions: device.insertions(file, .exportFilter), into: &writer)
  if let limit = session.exportLimit {
    writer.write("  export limit ")
    writer.write(limit)
    writer.write(" action disable;\n")
  }
  writer.write("}\n\n")
}
