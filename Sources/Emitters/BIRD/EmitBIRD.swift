import TopologyModel

/// Spells `bird.conf` of a stub host for BIRD 2 (BIRD User's Guide, version 2.0).
///
/// BIRD puts only what BGP told it into the kernel: the discard routes of the host's own prefixes belong to
/// `routes.sh`, so that they outlive the daemon, and the static protocol here exists to be announced.
func emitBIRD(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "BGP speaker (BIRD 2)", into: &writer)
  if let bgp = device.bgp {
    writer.write("log syslog all;\nrouter id ")
    writer.write(bgp.routerID)
    writer.write(";\n\nprotocol device {\n}\n\n")
    emitBFD(device.uplink, into: &writer)
    for family in AddressFamily.allCases where bgp.sessions.contains(where: { $0.family == family }) {
      emitKernel(family, into: &writer)
      emitStatic(bgp, family, into: &writer)
      for session in bgp.sessions where session.family == family {
        emitSession(session, of: bgp, into: &writer)
      }
    }
  }
  emitEndMarker(what: "BGP speaker (BIRD 2)", into: &writer)
}

/// BFD (RFC 5880) for the sessions that ask for it: a silent link is noticed after 3 times 300 ms.
private func emitBFD(_ uplink: Uplink?, into writer: inout TextWriter) {
  writer.write("protocol bfd {\n")
  if let uplink {
    writer.write("  interface \"")
    writer.write(uplink.interface)
    writer.write("\" {\n    interval 300 ms;\n    multiplier 3;\n  };\n")
  }
  writer.write("}\n\n")
}

private func emitKernel(_ family: AddressFamily, into writer: inout TextWriter) {
  writer.write("protocol kernel kernel")
  writer.write(family.digit)
  writer.write(" {\n  ")
  writer.write(family.channel)
  writer.write(" {\n    import none;\n    export where source = RTS_BGP;\n  };\n}\n\n")
}

/// The prefixes that the host announces.
private func emitStatic(_ bgp: BGPPlan, _ family: AddressFamily, into writer: inout TextWriter) {
  let originated = bgp.originated.filter { $0.prefix.family == family }
  if originated.isEmpty { return }
  writer.write("protocol static own")
  writer.write(family.digit)
  writer.write(" {\n  ")
  writer.write(family.channel)
  writer.write(";\n")
  for origin in originated {
    writer.write("  route ")
    writer.write(origin.prefix)
    writer.write(" blackhole;\n")
  }
  writer.write("}\n\n")
}

/// One eBGP session. BIRD keeps the routes of a named protocol through a reconfiguration, so it is named after
/// the neighbour; a symbol has at most 64 bytes, of which three say the family.
///
/// The timers are short because the defaults keep a session down for more than 100 s after an error.
private func emitSession(_ session: BGPSession, of bgp: BGPPlan, into writer: inout TextWriter) {
  writer.write("protocol bgp '")
  writer.write(session.neighbor, maximumBytes: 61)
  writer.write("-v")
  writer.write(session.family.digit)
  writer.write("' {\n  description \"")
  writer.write(session.neighbor)
  writer.write("\";\n  local ")
  writer.write(session.localAddress)
  writer.write(" as ")
  writer.write(bgp.asn)
  writer.write(";\n  neighbor ")
  writer.write(session.neighborAddress)
  writer.write(" as ")
  writer.write(session.neighborASN)
  writer.write(";\n  local role ")
  writer.write(session.localRole.keyword)
  writer.write(
    """
    ;
      require roles on;
      ttl security on;
      bfd on;
      graceful restart off;
      hold time 9;
      keepalive time 3;
      connect delay time 1;
      connect retry time 5;
      error wait time 1, 5;
      error forget time 30;

    """)
  emitChannel(session, of: bgp, into: &writer)
  writer.write("}\n\n")
}

/// What the session believes and announces; the limit shuts it down should the filter ever fail.
private func emitChannel(_ session: BGPSession, of bgp: BGPPlan, into writer: inout TextWriter) {
  writer.write("  ")
  writer.write(session.family.channel)
  writer.write(" {\n    import ")
  emitFilter(bgp.filters[session.importFilter], into: &writer)
  writer.write("    export ")
  emitFilter(bgp.filters[session.exportFilter], into: &writer)
  if let limit = session.exportLimit {
    writer.write("    export limit ")
    writer.write(limit)
    writer.write(" action disable;\n")
  }
  writer.write("  };\n")
}

/// An ordered filter. A prefix in a set matches itself only, `{low,high}` lengths inside it (User's Guide,
/// section 5.2); `net ~ PREFIX` without a set would take more-specific ones too.
private func emitFilter(_ filter: PrefixFilter, into writer: inout TextWriter) {
  if filter.entries.isEmpty {
    writer.write("none;\n")
    return
  }
  writer.write("filter {\n")
  for entry in filter.entries {
    writer.write("      if net ~ [ ")
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
  writer.write("      reject;\n    };\n")
}

extension AddressFamily {
  fileprivate var channel: StaticString { self == .ipv4 ? "ipv4" : "ipv6" }
}
