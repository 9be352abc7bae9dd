import TopologyModel

/// Spells `exabgp.conf` of a stub host for ExaBGP 4.2 (exabgp.conf(5); ExaBGP wiki, "Directives Reference").
///
/// ExaBGP puts nothing into the kernel: the host's routes are those of `routes.sh`. What it announces is written out
/// route by route, which is an exact filter; whatever it hears has no effect. Both TTLs are needed for TTL security
/// (RFC 5082): what is sent, and the least that is taken. Without route refresh (RFC 2918), which is off by default, the ToR
/// would miss for good what it got before its own filters were all loaded.
func emitExaBGP(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "BGP speaker (ExaBGP 4)", into: &writer)
  emitInsertions(device.insertions(.exabgp, .before), into: &writer)
  if let bgp = device.bgp {
    for session in bgp.sessions { emitNeighbor(session, of: bgp, into: &writer) }
  }
  emitInsertions(device.insertions(.exabgp, .after), into: &writer)
  emitEndMarker(what: "BGP speaker (ExaBGP 4)", into: &writer)
}

private func emitNeighbor(_ session: BGPSession, of bgp: BGPPlan, into writer: inout TextWriter) {
  let family: StaticString = session.family == .ipv4 ? "ipv4" : "ipv6"
  writer.write("neighbor ")
  writer.write(peerOf: session)
  writer.write(" {\n  description \"")
  writer.write(session.neighbor)
  writer.write("\";\n  router-id ")
  writer.write(bgp.routerID)
  writer.write(";\n  local-address ")
  if let local = session.localAddress { writer.write(local) }
  writer.write(";\n  local-as ")
  writer.write(bgp.asn)
  writer.write(";\n  peer-as ")
  writer.write(session.neighborASN)
  writer.write(";\n")
  if let secret = session.secret {
    // The first word of a place would do as a password, so that what ExaBGP does not know keeps it from starting.
    // Without md5-base64 it takes a key of hexadecimal digits for base64 (ExaBGP 4.2, reactor/network/tcp.py).
    writer.write("  # <until-secret>\n  secret-is-missing;\n  md5-base64 false;\n  md5-password ")
    writer.write(secret: secret, maximum: maximumMD5Key, quoted: true)
    writer.write(";\n")
  }
  writer.write(
    "  hold-time 9;\n  outgoing-ttl 255;\n  incoming-ttl 255;\n  capability {\n    route-refresh enable;\n  }\n  family {\n    "
  )
  writer.write(family)
  writer.write(" unicast;\n  }\n")
  // Of a host on several VLANs each session announces what is in its own.
  let filter = bgp.filters[session.exportFilter]
  let announced = bgp.originated.map(\.prefix).filter { prefix in
    prefix.family == session.family && filter.entries.contains { $0.permits && $0.prefix == prefix }
  }
  if !announced.isEmpty {
    writer.write("  announce {\n    ")
    writer.write(family)
    writer.write(" {\n")
    for prefix in announced {
      writer.write("      unicast ")
      writer.write(prefix)
      writer.write(" next-hop self;\n")
    }
    writer.write("    }\n  }\n")
  }
  writer.write("}\n\n")
}
