import TopologyModel

/// The name of the key chain with the key of ToRs and spines.
private let fabricChain: StaticString = "fabric"

/// Spells the key chain for OSPFv3 (FRR manual, "OSPFv3 Authentication trailer"). Without its key ospf6d drops every packet,
/// where a key on the interface itself that is missing would leave the link open.
func emitKeyChain(_ ospf: OSPFPlan, into writer: inout TextWriter) {
  guard let secret = ospf.interfaces.first(where: { $0.authenticated.contains(.ipv6) })?.secret else { return }
  writer.write("key chain ")
  writer.write(fabricChain)
  writer.write("\n key 1\n  cryptographic-algorithm hmac-sha-256\n  key-string ")
  writer.write(secret: secret, maximum: maximumOSPFKey)
  writer.write("\n exit\nexit\n!\n")
}

/// Spells the interfaces that OSPF runs on or announces and those of unnumbered links, in FRR's order and their lines by
/// text, as vtysh prints them.
func emitInterfaces(_ device: DevicePlan, into writer: inout TextWriter) {
  let ospf = device.ospf
  var parts: [(name: InterfaceName, interface: OSPFInterface?, passive: OSPFPassiveInterface?)] =
    (ospf?.interfaces ?? []).map { ($0.name, $0, nil) } + (ospf?.passive ?? []).map { ($0.name, nil, $0) }
  let unnumbered = Set(device.bgp?.unnumberedInterfaces ?? [])
  parts += unnumbered.map { ($0, nil, nil) }
  for part in parts.sorted(by: { naturallyPrecedes($0.name.text, $1.name.text) }) {
    writer.write("interface ")
    writer.write(part.name)
    writer.newline()
    for family in ospf?.families ?? [] {
      if let interface = part.interface { emitInterface(interface, family, into: &writer) }
      if let passive = part.passive { emitPassive(passive, family, into: &writer) }
    }
    // zebra advertises itself there so that the neighbour finds it, and not as anybody's default router.
    if unnumbered.contains(part.name) { writer.write(" ipv6 nd ra-lifetime 0\n") }
    writer.write("exit\n!\n")
  }
}

private func emitPassive(
  _ interface: OSPFPassiveInterface, _ family: AddressFamily, into writer: inout TextWriter
) {
  begin(family, "area ", into: &writer)
  writer.write(Address(.ipv4, UInt128(interface.area)))
  writer.newline()
  if let cost = interface.cost {
    begin(family, "cost ", into: &writer)
    writer.write(cost)
    writer.newline()
  }
  emitLine(family, "passive", into: &writer)
}

private func emitInterface(_ interface: OSPFInterface, _ family: AddressFamily, into writer: inout TextWriter) {
  let isKeyed = interface.authenticated.contains(family)
  begin(family, "area ", into: &writer)
  writer.write(Address(.ipv4, UInt128(interface.area)))
  writer.newline()
  if isKeyed {
    emitLine(
      family, family == .ipv4 ? "authentication message-digest" : "authentication keychain fabric", into: &writer)
  }
  if interface.bfd { emitLine(family, "bfd", into: &writer) }
  begin(family, "cost ", into: &writer)
  writer.write(interface.cost)
  writer.newline()
  begin(family, "dead-interval ", into: &writer)
  writer.write(interface.deadInterval)
  writer.newline()
  begin(family, "hello-interval ", into: &writer)
  writer.write(interface.helloInterval)
  writer.newline()
  if isKeyed, family == .ipv4, let secret = interface.secret {
    begin(family, "message-digest-key 1 md5 ", into: &writer)
    writer.write(secret: secret, maximum: maximumOSPFKey)
    writer.newline()
  }
  emitLine(family, "network point-to-point", into: &writer)
  // ospfd takes an interface whose key is missing for one without authentication.
  if isKeyed, family == .ipv4 { writer.write(" ! <until-secret>\n ip ospf passive\n") }
}

/// Spells `router ospf` and `router ospf6` (FRR manual, "OSPFv2" and "OSPFv3").
func emitOSPF(_ ospf: OSPFPlan, into writer: inout TextWriter) {
  for family in ospf.families {
    writer.write(family == .ipv4 ? "router ospf\n ospf" : "router ospf6\n ospf6")
    writer.write(" router-id ")
    writer.write(ospf.routerID)
    writer.write("\n maximum-paths ")
    writer.write(ospf.maximumPaths)
    writer.newline()
    for export in ospf.exported where ospf.filters[export.filter].family == family {
      emitRedistribution("static", family, into: &writer)
      if export.includesBGP { emitRedistribution("bgp", family, into: &writer) }
    }
    for area in ospf.areas where !area.isBackbone { emitArea(area, ospf, family, into: &writer) }
    if ospf.originatesDefault { writer.write(" default-information originate metric-type 1\n") }
    writer.write("exit\n!\n")
  }
}

private func emitRedistribution(_ source: StaticString, _ family: AddressFamily, into writer: inout TextWriter) {
  writer.write(" redistribute ")
  writer.write(source)
  writer.write(" metric-type 1 route-map ospf-export-v")
  writer.write(family.digit)
  writer.newline()
}

/// ospfd prints `stub` before the ranges, ospf6d after them. Only a border router keeps summaries out.
private func emitArea(_ area: OSPFArea, _ ospf: OSPFPlan, _ family: AddressFamily, into writer: inout TextWriter) {
  func begin(_ words: StaticString) {
    writer.write(" area ")
    writer.write(area.text)
    writer.write(words)
  }
  let stub: StaticString = area.summaryFilters.isEmpty ? " stub\n" : " stub no-summary\n"
  if family == .ipv4 { begin(stub) }
  for range in area.ranges where range.family == family {
    begin(" range ")
    writer.write(range)
    writer.newline()
  }
  if family == .ipv6 { begin(stub) }
  for filter in area.summaryFilters where ospf.filters[filter].family == family {
    begin(" filter-list prefix ")
    writer.write(ospf.filters[filter].name)
    writer.write(" out\n")
  }
}

/// Spells the route maps of what zebra takes from OSPF, and of what OSPF takes from zebra.
///
/// zebra applies the map to every next hop of a route (FRR manual, "zebra Route Filtering"): where two devices announce a
/// prefix at one cost, the path over the right link stays.
func emitOSPFMaps(_ ospf: OSPFPlan, into writer: inout TextWriter) {
  for family in ospf.families {
    let accepted = ospf.accepted.filter { ospf.filters[$0.filter].family == family }
    for (index, acceptance) in accepted.enumerated() {
      emitMapHead("ospf-v", family, 10 * (index + 1), into: &writer)
      writer.write(" match interface ")
      writer.write(acceptance.interface)
      writer.newline()
      emitMatch(ospf.filters[acceptance.filter], into: &writer)
    }
    if accepted.isEmpty {
      writer.write("route-map ospf-v")
      writer.write(family.digit)
      writer.write(" deny 10\nexit\n!\n")
    }
  }
  for export in ospf.exported {
    let filter = ospf.filters[export.filter]
    emitMapHead("ospf-export-v", filter.family, 10, into: &writer)
    emitMatch(filter, into: &writer)
  }
  for family in ospf.families {
    writer.write(family == .ipv4 ? "ip protocol ospf" : "ipv6 protocol ospf6")
    writer.write(" route-map ospf-v")
    writer.write(family.digit)
    writer.write("\n!\n")
  }
}

private func emitMapHead(
  _ name: StaticString, _ family: AddressFamily, _ sequence: Int, into writer: inout TextWriter
) {
  writer.write("route-map ")
  writer.write(name)
  writer.write(family.digit)
  writer.write(" permit ")
  writer.write(sequence)
  writer.newline()
}

private func emitMatch(_ filter: PrefixFilter, into writer: inout TextWriter) {
  writer.write(filter.family == .ipv4 ? " match ip" : " match ipv6")
  writer.write(" address prefix-list ")
  writer.write(filter.name)
  writer.write("\nexit\n!\n")
}

private func begin(_ family: AddressFamily, _ words: StaticString, into writer: inout TextWriter) {
  writer.write(family == .ipv4 ? " ip ospf " : " ipv6 ospf6 ")
  writer.write(words)
}

private func emitLine(_ family: AddressFamily, _ words: StaticString, into writer: inout TextWriter) {
  begin(family, words, into: &writer)
  writer.newline()
}
