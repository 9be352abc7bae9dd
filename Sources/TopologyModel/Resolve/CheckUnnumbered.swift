/// Checks that unnumbered links are those of routers that can do without addresses: of FRR, and of hosts whose speaker has
/// IPv4 routes over IPv6 next hops (RFC 8950).
func checkUnnumbered(_ rack: RackDraft, _ region: RegionDraft, _ diagnostics: inout Diagnostics) {
  if let key = rack.fabricLinks, key.value == .unnumbered { checkFabric(key, rack, region, &diagnostics) }
  for host in rack.hosts {
    if rack.isUnnumbered(host) { checkHost(host, rack, &diagnostics) }
    if host.document.torPorts.count > 1, !rack.isDualHomed {
      diagnostics.add(.portOfNoToR(host.document.torPorts[1], host.document.name, rack.document.name))
    }
  }
}

/// FRR calls a neighbour on an unnumbered link by its interface, and groups of neighbours by names of the compiler's.
func isGroupName(_ interface: InterfaceName) -> Bool {
  ["hosts-", "tors-", "spines-"].contains { interface.text.hasPrefix($0) }
}

/// The links of a rack's ToRs to spines and to each other.
private func checkFabric(
  _ key: Located<LinkAddressing>, _ rack: RackDraft, _ region: RegionDraft, _ diagnostics: inout Diagnostics
) {
  let hasUplinks = !region.spines.isEmpty && !rack.tors.isEmpty
  if !hasUplinks, rack.pairKind != .link {
    diagnostics.addOnce(
      .unnumberedWithoutLink(
        "the rack '\(rack.document.name.value)' has no link between switches", at: key.range,
        labels: [(rack.document.name.range, "the rack")], help: "remove `fabric_links:`"))
  }
  let names = rack.tors.map(\.document.name.value)
  for link in region.document.links where link.between.contains(where: { names.contains($0.value) }) {
    for interface in link.interfaces where isGroupName(interface.value) {
      diagnostics.addOnce(.interfaceLikeGroup(interface.value, at: interface.range))
    }
  }
  guard hasUplinks else { return }
  if region.routing != .bgp {
    diagnostics.addOnce(
      .unnumberedNeedsBGP(
        "the region '\(region.document.name.value)' has `protocol: \(region.routing.rawValue)`, but its links are unnumbered",
        at: key.range, labels: [(region.settings.routing?.range ?? region.document.name.range, "the region")],
        help: "use `protocol: bgp` for the region, or `fabric_links: numbered`"))
  } else if region.spineBGP == .routeReflector {
    diagnostics.addOnce(
      .unnumberedReflectors(key, region.document.spineBGP?.range ?? region.document.name.range))
  }
}

private func checkHost(_ host: HostDraft, _ rack: RackDraft, _ diagnostics: inout Diagnostics) {
  let settings = host.document.settings.inheriting(rack.settings)
  let name = host.document.name
  guard let key = settings.hostLinks else { return }
  if rack.access == .l2 {
    diagnostics.addOnce(
      .unnumberedWithoutLink(
        "the hosts of the rack '\(rack.document.name.value)' share a segment, which has addresses", at: key.range,
        labels: [(rack.settings.access?.range ?? rack.document.name.range, "`access: l2`")],
        help: "use `access: l3`, or `host_links: numbered`"))
    return
  }
  let speaker = settings.speaker?.value ?? .bird
  if host.routing != .bgp {
    let range = settings.routing?.range
    diagnostics.addOnce(
      .unnumberedNeedsBGP(
        "the host '\(name.value)' has `protocol: \(host.routing.rawValue)`, but its links are unnumbered",
        at: range ?? name.range, labels: [(key.range, "unnumbered")] + (range == nil ? [] : [(name.range, "the host")]),
        help: "use `protocol: bgp`, or `host_links: numbered`"))
  } else if speaker != .none, !speaker.capabilities.features.contains(.unnumbered) {
    diagnostics.addOnce(.speakerLacksUnnumbered(speaker, of: name, at: settings.speaker?.range, key.range))
  }
  for port in host.document.torPorts where isGroupName(port.value) {
    diagnostics.addOnce(.interfaceLikeGroup(port.value, at: port.range))
  }
  for uplink in settings.interfaces?.value ?? [] where speaker == .frr && isGroupName(uplink) {
    diagnostics.addOnce(.interfaceLikeGroup(uplink, at: settings.interfaces?.range ?? name.range))
  }
  for (position, tor) in rack.orderedToRs.enumerated()
  where host.torPort(ofLink: position) == nil && !host.document.lostTorPort {
    diagnostics.add(.unnumberedHostWithoutPort(name, tor.document.name, key.range))
    break
  }
}

extension Diagnostic {
  static func unnumberedNeedsBGP(
    _ message: String, at range: SourceRange, labels: [(SourceRange, String)], help: String
  ) -> Diagnostic {
    Diagnostic(
      .unnumberedNeedsBGP, message, at: range, labels: labels,
      notes: ["the next hop of a static route is an address, and OSPFv2 needs one too"], help: [help])
  }

  static func unnumberedWithoutLink(
    _ message: String, at range: SourceRange, labels: [(SourceRange, String)], help: String
  ) -> Diagnostic {
    Diagnostic(.unnumberedWithoutLink, message, at: range, labels: labels, help: [help])
  }

  static func unnumberedReflectors(_ key: Located<LinkAddressing>, _ reflectors: SourceRange) -> Diagnostic {
    Diagnostic(
      .unnumberedReflectors, "route reflectors need numbered links", at: key.range,
      labels: [(reflectors, "the region")],
      notes: ["a reflected route's next hop must be set to an address that the client has a link to"],
      help: ["use `spine_bgp: ebgp`, or `fabric_links: numbered`"])
  }

  static func speakerLacksUnnumbered(
    _ speaker: Speaker, of host: Located<Name>, at range: SourceRange?, _ demand: SourceRange
  ) -> Diagnostic {
    let able = Speaker.speakers(with: .unnumbered).map(\.rawValue).joined(separator: ", ")
    return Diagnostic(
      .speakerLacksFeature, "`speaker: \(speaker.rawValue)` lacks unnumbered links, which the host '\(host.value)' has",
      at: range ?? demand, labels: [(host.range, "it holds for this host"), (demand, "asked for here")],
      notes: ["speakers with unnumbered links: \(able)"],
      help: ["choose another speaker, or write `host_links: numbered` for the host"])
  }

  static func portOfNoToR(_ port: Located<InterfaceName>, _ host: Located<Name>, _ rack: Located<Name>) -> Diagnostic {
    Diagnostic(
      .switchPort, "the host '\(host.value)' has a port of a second ToR, but no link to one", at: port.range,
      labels: [(rack.range, "the rack")], help: ["name the port of the only ToR"])
  }

  static func interfaceLikeGroup(_ interface: InterfaceName, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .switchPort, "the interface '\(interface)' of an unnumbered link is called like a group of neighbours in FRR",
      at: range, notes: ["the compiler's groups begin with 'hosts-', 'tors-' and 'spines-'"],
      help: ["rename the interface, or number the link"])
  }

  static func unnumberedHostWithoutPort(
    _ host: Located<Name>, _ tor: Located<Name>, _ key: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .switchPort,
      "the name of the interface that leads from '\(tor.value)' to the host '\(host.value)' is missing", at: host.range,
      labels: [(key, "its links are unnumbered")], notes: ["without addresses a link is known by its interfaces"],
      help: ["add `tor_port:` to the host, e.g. `tor_port: swp1`, or for a range `tor_port: \"swp[1-40]\"`"])
  }
}
