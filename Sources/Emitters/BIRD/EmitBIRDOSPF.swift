import TopologyModel

/// The two versions of BIRD: 1.6 has a program and a file for each family, so nothing in it names one.
enum BIRDVersion {
  case one(AddressFamily)
  case two

  var isTwo: Bool { if case .two = self { true } else { false } }
}

/// Spells the OSPF speaker of a stub host for BIRD 2 (BIRD User's Guide, version 2.0, section 6.9) or 1.6 (version 1.6,
/// section 6.8).
///
/// OSPF has tables of its own, into which only the default route comes. The routes of the host are static ones with a next hop
/// that only this default leads to ("recursive", the section on static), so they are there while the ToR is, and BIRD
/// puts just them into the kernel.
func emitBIRDOSPF(_ ospf: OSPFPlan, _ uplinks: [Uplink], _ version: BIRDVersion, into writer: inout TextWriter) {
  var families = ospf.families
  if case .one(let family) = version { families = [family] }
  writer.write("log syslog all;\nrouter id ")
  writer.write(ospf.routerID)
  writer.write(";\n\n")
  for family in families {
    if version.isTwo {
      writer.write(family.channel)
      writer.write(" ")
    }
    writer.write("table ospf")
    writer.write(family.digit)
    writer.write(";\n")
  }
  writer.write("\nprotocol device {\n}\n\n")
  if ospf.interfaces.contains(where: \.bfd) { emitBFD(uplinks, into: &writer) }
  for family in families {
    emitFollowedKernel(family, version, into: &writer)
    emitFollowed(ospf, family, version, into: &writer)
    emitInstance(ospf, family, version, into: &writer)
  }
}

private func emitFollowedKernel(_ family: AddressFamily, _ version: BIRDVersion, into writer: inout TextWriter) {
  writer.write("protocol kernel kernel")
  writer.write(family.digit)
  emitChannel(of: family, version, into: &writer) { writer, indent in
    writer.write(indent)
    writer.write("import none;\n")
    writer.write(indent)
    writer.write("export where proto = \"networks")
    writer.write(family.digit)
    writer.write(version.isTwo ? "\" && dest = RTD_UNICAST;\n" : "\" && dest = RTD_ROUTER;\n")
  }
  writer.write("}\n\n")
}

/// What is about one table: in BIRD 2 it stands in a channel.
private func emitChannel(
  of family: AddressFamily, _ version: BIRDVersion, into writer: inout TextWriter,
  _ body: (inout TextWriter, StaticString) -> Void
) {
  writer.write(" {\n")
  guard version.isTwo else { return body(&writer, "  ") }
  writer.write("  ")
  writer.write(family.channel)
  writer.write(" {\n")
  body(&writer, "    ")
  writer.write("  };\n")
}

private func emitFollowed(
  _ ospf: OSPFPlan, _ family: AddressFamily, _ version: BIRDVersion, into writer: inout TextWriter
) {
  let routes = ospf.followed.filter { $0.prefix.family == family }
  if routes.isEmpty { return }
  writer.write("protocol static networks")
  writer.write(family.digit)
  writer.write(" {\n")
  if version.isTwo {
    writer.write("  ")
    writer.write(family.channel)
    writer.write(";\n")
  }
  writer.write("  igp table ospf")
  writer.write(family.digit)
  writer.write(";\n")
  for route in routes {
    writer.write("  route ")
    writer.write(route.prefix)
    writer.write(" recursive ")
    writer.write(route.gateway)
    writer.write(";\n")
  }
  writer.write("}\n\n")
}

/// OSPFv2 for IPv4, OSPFv3 for IPv6; named after the neighbour as BGP's sessions are.
private func emitInstance(
  _ ospf: OSPFPlan, _ family: AddressFamily, _ version: BIRDVersion, into writer: inout TextWriter
) {
  guard let interface = ospf.interfaces.first, let area = ospf.areas.first else { return }
  writer.write("protocol ospf ")
  if version.isTwo { writer.write(family == .ipv4 ? "v2 " : "v3 ") }
  writer.write("'")
  writer.write(interface.neighbor, maximumBytes: 61)
  writer.write("-v")
  writer.write(family.digit)
  writer.write("'")
  emitChannel(of: family, version, into: &writer) { writer, indent in
    writer.write(indent)
    writer.write("table ospf")
    writer.write(family.digit)
    writer.write(";\n")
    writer.write(indent)
    writer.write("import filter {\n")
    writer.write(indent)
    writer.write("  if net ~ [ ")
    writer.write(Prefix.everything(family))
    writer.write(" ] then accept;\n")
    writer.write(indent)
    writer.write("  reject;\n")
    writer.write(indent)
    writer.write("};\n")
    writer.write(indent)
    writer.write("export none;\n")
  }
  writer.write("  area ")
  writer.write(area.text)
  writer.write(" {\n    stub yes;\n")
  for prefix in area.stubPrefixes where prefix.family == family {
    writer.write("    stubnet ")
    writer.write(prefix)
    writer.write(" {\n      cost 0;\n    };\n")
  }
  for interface in ospf.interfaces { emitInterface(interface, family, into: &writer) }
  writer.write("  };\n}\n\n")
}

private func emitInterface(_ interface: OSPFInterface, _ family: AddressFamily, into writer: inout TextWriter) {
  writer.write("    interface \"")
  writer.write(interface.name)
  writer.write("\" {\n      type ptp;\n      cost ")
  writer.write(interface.cost)
  writer.write(";\n      hello ")
  writer.write(interface.helloInterval)
  writer.write(";\n      dead ")
  writer.write(interface.deadInterval)
  writer.write(";\n")
  if interface.bfd { writer.write("      bfd yes;\n") }
  if interface.authenticated.contains(family), let secret = interface.secret {
    writer.write("      authentication cryptographic;\n      password ")
    writer.write(secret: secret, maximum: maximumOSPFKey, quoted: true)
    writer.write(" {\n        id 1;\n        algorithm ")
    writer.write(family == .ipv4 ? "keyed md5" : "hmac sha256")
    writer.write(";\n      };\n")
  }
  writer.write("    };\n")
}
