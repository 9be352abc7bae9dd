/// Checks that the racks of each region hang on what their access takes, before anything is made of them.
///
/// - `access: l3`: a ToR.
/// - `access: l2` with ToRs: they are on the segment.
/// - `access: l2` without ToRs, spines in the region: these are the routers between the segments (a split layer 2).
/// - `access: l2` without either: a flat layer 2, one segment and nothing else.
func checkAccess(_ draft: TopologyDraft, _ diagnostics: inout Diagnostics) {
  for region in draft.regions where !region.document.isCloud {
    for rack in region.racks { check(rack, region, &diagnostics) }
    let bare = region.racks.first { $0.tors.isEmpty && $0.access == .l2 }
    let switched = region.racks.first { !$0.tors.isEmpty }
    if let bare, let switched, !region.spines.isEmpty {
      diagnostics.add(.mixedRacks(bare.document.name, switched.document.name))
    }
    if let bare, region.spines.count > mostGateways {
      diagnostics.add(.tooManyGateways(region, bare.document.name))
    }
  }
}

private func check(_ rack: RackDraft, _ region: RegionDraft, _ diagnostics: inout Diagnostics) {
  guard rack.access == .l2 else {
    if rack.tors.isEmpty { diagnostics.add(.rackWithoutSwitch(rack.document.name)) }
    return
  }
  let isFlat = rack.tors.isEmpty && region.spines.isEmpty
  for host in rack.hosts {
    let name = host.document.name
    if host.routing == .ospf {
      diagnostics.addOnce(.notSupportedYet("`protocol: ospf` with `access: l2`", at: name.range))
    }
    guard isFlat else { continue }
    if host.routing == .bgp { diagnostics.addOnce(.nobodyToSpeakTo(name, rack)) }
    let settings = host.document.settings.inheriting(rack.settings)
    if settings.defaultRoute?.value == .own {
      diagnostics.addOnce(.noDefaultGateway(name, rack, at: settings.defaultRoute?.range))
    }
  }
}

extension Diagnostic {
  fileprivate static func rackWithoutSwitch(_ rack: Located<Name>) -> Diagnostic {
    Diagnostic(
      .rackWithoutSwitch, "the rack '\(rack.value)' has no ToR, but its hosts have routed links to one", at: rack.range,
      notes: ["that is `access: l3`, the default"],
      help: [
        "write `tors: [{ name: NAME, loopback: ADDRESS }]`, or `access: l2` if the hosts share a segment without a ToR"
      ])
  }

  fileprivate static func mixedRacks(_ bare: Located<Name>, _ switched: Located<Name>) -> Diagnostic {
    Diagnostic(
      .mixedRacks, "the rack '\(bare.value)' has no ToR, but other racks of the region have", at: bare.range,
      labels: [(switched.range, "this one has")],
      notes: ["the spines of a region are either above ToRs or the gateways of its segments"],
      help: ["give the rack a ToR, or put it into a region of its own"])
  }

  fileprivate static func tooManyGateways(_ region: RegionDraft, _ rack: Located<Name>) -> Diagnostic {
    Diagnostic(
      .tooManyGateways,
      "the region '\(region.document.name.value)' has \(region.spines.count) spines, but a segment has room for \(mostGateways) gateways",
      at: region.document.name.range, labels: [(rack.range, "has no ToR: the spines are its gateways")],
      help: ["remove spines, or give the racks ToRs"])
  }

  fileprivate static func nobodyToSpeakTo(_ host: Located<Name>, _ rack: RackDraft) -> Diagnostic {
    let range = rack.settings.routing?.range
    return Diagnostic(
      .nobodyToSpeakTo, "the host '\(host.value)' speaks BGP, but there is no router on its segment", at: host.range,
      labels: range.map { [($0, "asked for here")] } ?? [],
      notes: ["a rack without ToRs in a region without spines is a flat layer 2: hosts route to each other directly"],
      help: ["write `protocol: static` and `speaker: none` for the rack, or add the router: `tors:`, or `spines:`"])
  }

  fileprivate static func noDefaultGateway(
    _ host: Located<Name>, _ rack: RackDraft, at range: SourceRange?
  ) -> Diagnostic {
    Diagnostic(
      .noDefaultGateway,
      "the host '\(host.value)' is to have a default route from the fabric, but there is no router on its segment",
      at: range ?? host.range, labels: range == nil ? [] : [(host.range, "it holds for this host")],
      help: ["write `default_route: none`: the default route stays that of the operating system"])
  }
}
