import TopologyModel

/// What `bird.conf` begins with in every version: logging, router id, the device protocol, and BFD if a session has it.
func emitBIRDHead(_ bgp: BGPPlan, _ uplinks: [Uplink], into writer: inout TextWriter) {
  writer.write("log syslog all;\nrouter id ")
  writer.write(bgp.routerID)
  writer.write(";\n\nprotocol device {\n}\n\n")
  if bgp.sessions.contains(where: \.bfd) { emitBFD(uplinks, into: &writer) }
}

/// Router advertisements, by which the neighbours of unnumbered links find this end (User's Guide, section 6.13): in short
/// intervals, and for no one's default route.
func emitBIRDAdvertisements(_ interfaces: [InterfaceName], into writer: inout TextWriter) {
  if interfaces.isEmpty { return }
  writer.write("protocol radv {\n")
  for interface in interfaces {
    writer.write("  interface \"")
    writer.write(interface)
    writer.write("\" {\n    min ra interval 3;\n    max ra interval 4;\n    default lifetime 0;\n  };\n")
  }
  writer.write("}\n\n")
}

/// BFD (RFC 5880) for the sessions that ask for it: a silent link is noticed after 3 times 300 ms.
func emitBFD(_ uplinks: [Uplink], into writer: inout TextWriter) {
  writer.write("protocol bfd {\n")
  for uplink in uplinks {
    writer.write("  interface \"")
    writer.write(uplink.interface)
    writer.write("\" {\n    interval 300 ms;\n    multiplier 3;\n  };\n")
  }
  writer.write("}\n\n")
}

/// Without it BIRD gives the kernel the best path only, also where others are as good (User's Guide, "Kernel").
func emitBIRDMergePaths(_ bgp: BGPPlan, _ family: AddressFamily, into writer: inout TextWriter) {
  guard bgp.sessions.count(where: { $0.family == family }) > 1 else { return }
  writer.write("  merge paths on limit ")
  writer.write(bgp.maximumPaths)
  writer.write(";\n")
}

/// The prefixes that the host announces; BIRD 2 names the channel of the family.
func emitBIRDStatic(
  _ bgp: BGPPlan, _ family: AddressFamily, channel: StaticString?, into writer: inout TextWriter
) {
  let originated = bgp.originated.filter { $0.prefix.family == family }
  if originated.isEmpty { return }
  writer.write("protocol static own")
  writer.write(family.digit)
  writer.write(" {\n")
  if let channel {
    writer.write("  ")
    writer.write(channel)
    writer.write(";\n")
  }
  for origin in originated {
    writer.write("  route ")
    writer.write(origin.prefix)
    writer.write(" blackhole;\n")
  }
  writer.write("}\n\n")
}

/// The name of a session: NEIGHBOUR-vFAMILY; of several with a neighbour, one in each VLAN, NEIGHBOUR:ID-vFAMILY.
private func emitBIRDSessionName(_ session: BGPSession, into writer: inout TextWriter) {
  writer.write(session.neighbor, maximumBytes: session.vlan == nil ? 61 : 56)
  if let vlan = session.vlan {
    writer.write(":")
    writer.write(vlan)
  }
  writer.write("-v")
  writer.write(session.family.digit)
}

/// An eBGP session up to its filters. BIRD keeps the routes of a named protocol through a reconfiguration, so it is
/// named after the neighbour; a symbol has at most 64 bytes, of which three say the family.
///
/// The timers are short because the defaults keep a session down for more than 100 s after an error.
func emitBIRDSessionHead(_ session: BGPSession, of bgp: BGPPlan, into writer: inout TextWriter) {
  switch session.ends {
  case .addresses(let local, let neighbor):
    writer.write("protocol bgp '")
    emitBIRDSessionName(session, into: &writer)
    writer.write("' {\n  description \"")
    writer.write(session.neighbor)
    writer.write("\";\n  local ")
    writer.write(local)
    writer.write(" as ")
    writer.write(bgp.asn)
    writer.write(";\n  neighbor ")
    writer.write(neighbor)
  case .interface(let interface): emitUnnumberedEnds(interface, session, of: bgp, into: &writer)
  }
  writer.write(" as ")
  writer.write(session.neighborASN)
  writer.write(";\n")
  if let role = session.localRole {
    writer.write("  local role ")
    writer.write(role.keyword)
    writer.write(";\n  require roles on;\n")
  }
  writer.write("  ttl security on;\n")
  if let secret = session.secret {
    writer.write("  password ")
    writer.write(secret: secret, maximum: maximumMD5Key, quoted: true)
    writer.write(";\n")
  }
  if session.bfd { writer.write("  bfd on;\n") }
  writer.write(
    """
      graceful restart off;
      hold time 9;
      keepalive time 3;
      connect delay time 1;
      connect retry time 5;
      error wait time 1, 5;
      error forget time 30;

    """)
}

/// The ends of a session over an interface: any link-local address there may call, and BIRD makes a protocol of its own for
/// the one that does (User's Guide, section 6.3, "neighbor range" and "dynamic name"). The place of the number that it adds
/// to the name is left free.
private func emitUnnumberedEnds(
  _ interface: InterfaceName, _ session: BGPSession, of bgp: BGPPlan, into writer: inout TextWriter
) {
  writer.write("protocol bgp '")
  writer.write(session.neighbor, maximumBytes: 48)
  writer.write("-link' {\n  description \"")
  writer.write(session.neighbor)
  writer.write("\";\n  local as ")
  writer.write(bgp.asn)
  writer.write(";\n  interface \"")
  writer.write(interface)
  writer.write("\";\n  dynamic name \"")
  writer.write(session.neighbor, maximumBytes: 48)
  writer.write("-link-\";\n  neighbor range fe80::/64")
}

/// An ordered filter. A prefix in a set matches itself only, `{low,high}` lengths inside it (User's Guide,
/// section 5.2); `net ~ PREFIX` without a set would take more-specific ones too.
func emitBIRDFilter(
  _ filter: PrefixFilter, indent: StaticString, insertions: [Insertion] = [], into writer: inout TextWriter
) {
  if filter.entries.isEmpty, insertions.isEmpty {
    writer.write("none;\n")
    return
  }
  writer.write("filter {\n")
  emitInsertions(insertions, into: &writer)
  for entry in filter.entries {
    writer.write(indent)
    writer.write("  if net ~ [ ")
    writer.write(entry.prefix)
    if !entry.isExact {
      writer.write("{")
      writer.write(entry.lengths.lowerBound)
      writer.write(",")
      writer.write(entry.lengths.upperBound)
      writer.write("}")
    }
    writer.write(entry.permits ? " ] then accept;\n" : " ] then reject;\n")
  }
  writer.write(indent)
  writer.write("  reject;\n")
  writer.write(indent)
  writer.write("};\n")
}
