/// Checks that the ToRs of a rack fit together, and to what its hosts run.
func checkToRs(_ rack: RackDraft, _ region: RegionDraft, _ diagnostics: inout Diagnostics) {
  let tors = rack.orderedToRs
  for tor in tors {
    for (own, whole) in [
      (tor.document.subnet, rack.document.subnet), (tor.document.subnet6, rack.document.subnet6),
    ] {
      if let own, rack.access == .l2 || whole != nil { diagnostics.add(.torSubnetBesideRack(own, whole)) }
    }
  }
  if let pair = rack.document.pair, !rack.isDualHomed { diagnostics.add(.pairOfOneToR(pair, rack)) }
  guard rack.isDualHomed || rack.isSegmentPair else { return }
  checkAgreement(tors[0].document, tors[1].document, rack, &diagnostics)
  checkPair(rack, region, &diagnostics)
}

/// Every host has the same place in the subnets of both ToRs, and its uplinks have one MTU.
private func checkAgreement(
  _ first: SpineDocument, _ second: SpineDocument, _ rack: RackDraft, _ diagnostics: inout Diagnostics
) {
  for family in AddressFamily.allCases {
    let key = family == .ipv4 ? "subnet" : "subnet6"
    switch (first.subnet(family), second.subnet(family)) {
    case (nil, nil): break
    case (let one?, let other?):
      if one.value.length != other.value.length {
        diagnostics.add(
          .torsDisagree(
            "the size of their `\(key):`", first, second, [one.range, other.range],
            help: "give both a prefix of one length: a host has the same place in both"))
      }
    case (let one, let other):
      diagnostics.add(
        .torsDisagree(
          "`\(key):`, which only one of them has", first, second, [one?.range, other?.range],
          help: "give both a `\(key):`, or none, so that they share that of the rack"))
    }
  }
  if first.mtu?.value != second.mtu?.value {
    diagnostics.add(
      .torsDisagree(
        "the MTU", first, second, [first.mtu?.range, second.mtu?.range],
        help: "give both the same `mtu:`: packets take either way"))
  }
}

private func checkPair(_ rack: RackDraft, _ region: RegionDraft, _ diagnostics: inout Diagnostics) {
  if region.routing != .bgp, !region.document.spines.isEmpty {
    diagnostics.add(
      .dualHomingNeedsBGP(
        "the region '\(region.document.name.value)' has `protocol: \(region.routing.rawValue)`, but "
          + "the rack '\(rack.document.name.value)' has two ToRs",
        at: region.settings.routing?.range ?? region.document.name.range,
        labels: [(rack.document.name.range, "the rack")],
        notes: ["a ToR that lost its uplinks or a host would not tell anybody"],
        help: "use `protocol: bgp` for the region, or one ToR a rack"))
  }
  if region.routing == .bgp, region.spineBGP == .routeReflector {
    diagnostics.add(
      .dualHomingNeedsBGP(
        "the region '\(region.document.name.value)' has `spine_bgp: route-reflector`, but the rack "
          + "'\(rack.document.name.value)' has two ToRs",
        at: region.document.spineBGP?.range ?? region.document.name.range,
        labels: [(rack.document.name.range, "the rack")],
        notes: ["inside one AS a ToR would not pass on what it heard from a spine, so the pair would be no reserve"],
        help: "use `spine_bgp: ebgp` for the region, or one ToR a rack"))
  }
  if let key = rack.asnScope, key.value == .rack, rack.pairKind == .spines {
    diagnostics.add(.pairOfOneAS(key, rack.document.pair?.range ?? rack.document.name.range))
  }
  if rack.isDualHomed, let pair = rack.document.pair, pair.value == .spines, region.routing == .bgp,
    region.document.spines.count < 2
  {
    diagnostics.add(.pairNeedsSpines(pair, region.document.spines.count))
  }
}

/// Checks that a host has as many uplinks as its rack has ToRs, and that what it runs can follow a link that is lost.
func checkUplinks(
  _ host: HostDraft, _ settings: SettingsDocument, in rack: RackDraft, _ diagnostics: inout Diagnostics
) {
  let name = host.document.name
  let count = settings.interfaces?.value.count ?? 1
  if count > rack.linkCount {
    diagnostics.addOnce(.dualHomedHost(name, rack, at: settings.interfaces?.range))
  } else if count < rack.linkCount {
    diagnostics.addOnce(.singleHomedHost(name, rack, at: settings.interfaces?.range))
  }
  if let mtu = settings.mtu,
    let tor = rack.tors.first(where: { $0.document.mtu.map { $0.value != mtu.value } ?? false })
  {
    diagnostics.addOnce(.otherMTU(mtu, of: name, tor.document))
  }
  guard rack.isDualHomed else { return }
  let speaker = settings.speaker?.value ?? .bird
  if host.routing != .bgp {
    let range = settings.routing?.range
    diagnostics.addOnce(
      .dualHomingNeedsBGP(
        "the dual-homed host '\(name.value)' has `protocol: \(host.routing.rawValue)`", at: range ?? name.range,
        labels: range == nil ? [] : [(name.range, "it holds for this host")],
        notes: [
          "nobody would notice that a ToR has lost the host or its uplinks: a part of the traffic would be lost for good"
        ], help: "use `protocol: bgp` for the hosts of the rack, or one ToR"))
  } else if !speaker.capabilities.installsRoutes, speaker != .none {
    let range = settings.speaker?.range
    let able = Speaker.allCases.filter { $0.capabilities.protocols.contains(.bgp) && $0.capabilities.installsRoutes }
    diagnostics.addOnce(
      .dualHomingNeedsBGP(
        "the dual-homed host '\(name.value)' has `speaker: \(speaker.rawValue)`, which puts no routes into the kernel",
        at: range ?? name.range, labels: range == nil ? [] : [(name.range, "it holds for this host")],
        notes: ["the host's own routes are static and would not follow when a ToR goes away"],
        help: "use one that does: \(able.map(\.rawValue).joined(separator: ", "))"))
  }
}

extension Diagnostic {
  static func torSubnetBesideRack(_ own: Located<Prefix>, _ whole: Located<Prefix>?) -> Diagnostic {
    let key = own.value.family == .ipv4 ? "subnet" : "subnet6"
    return Diagnostic(
      .conflictingKeys,
      whole == nil ? "with `access: l2` the hosts' segment is the rack's" : "the rack has a '\(key)' of its own",
      at: own.range, labels: whole.map { [($0.range, "the rack's")] } ?? [],
      help: ["write `\(key):` either on the rack or on each of its ToRs"])
  }

  static func torsDisagree(
    _ what: String, _ first: SpineDocument, _ second: SpineDocument, _ ranges: [SourceRange?], help: String
  ) -> Diagnostic {
    let range = ranges[1] ?? ranges[0] ?? second.name.range
    let other = ranges[1] == nil ? second.name.range : ranges[0] ?? first.name.range
    return Diagnostic(
      .torsDisagree, "the ToRs '\(first.name.value)' and '\(second.name.value)' disagree on \(what)", at: range,
      labels: [(other, "the other ToR")], help: [help])
  }

  static func dualHomingNeedsBGP(
    _ message: String, at range: SourceRange, labels: [(SourceRange, String)], notes: [String], help: String
  ) -> Diagnostic {
    Diagnostic(.dualHomingNeedsBGP, message, at: range, labels: labels, notes: notes, help: [help])
  }

  static func pairOfOneToR(_ pair: Located<PairKind>, _ rack: RackDraft) -> Diagnostic {
    Diagnostic(
      .pairUnusable,
      rack.access == .l2
        ? "the rack '\(rack.document.name.value)' has `access: l2`, so its ToRs tell each other of no hosts"
        : "the rack '\(rack.document.name.value)' has no pair of ToRs",
      at: pair.range, help: ["remove `pair:`" + (rack.access == .l2 ? "" : ", or add a second ToR")])
  }

  static func pairNeedsSpines(_ pair: Located<PairKind>, _ count: Int) -> Diagnostic {
    Diagnostic(
      .pairUnusable, "`pair: spines` needs two spines, the region has \(count)", at: pair.range,
      notes: ["with the only spine the two ToRs would lose each other and every other rack at once"],
      help: ["add a spine, or write `pair: link`"])
  }

  static func pairOfOneAS(_ key: Located<ASNScope>, _ pair: SourceRange) -> Diagnostic {
    Diagnostic(
      .pairOfOneAS, "the ToRs of a rack that share an AS would drop what spines tell them of each other", at: key.range,
      labels: [(pair, "they tell each other over the spines")],
      notes: ["each would find its own number in the path of the other's routes (RFC 4271 section 9.1.2)"],
      help: ["write `pair: link`, or `asn_per: device`"])
  }

  static func dualHomedHost(_ host: Located<Name>, _ rack: RackDraft, at range: SourceRange?) -> Diagnostic {
    let reason =
      rack.access == .l2 ? "whose hosts have one link, to their segment" : "which has one ToR"
    return setting(
      .dualHomedHost,
      "the host '\(host.value)' has two uplinks in the rack '\(rack.document.name.value)', \(reason)", of: host,
      at: range,
      note: nil,
      help: rack.access == .l2
        ? "name one interface; two cables into one segment are a bond, and its name is the interface's"
        : "name one interface, or add a second ToR to the rack"
    )
  }

  static func singleHomedHost(_ host: Located<Name>, _ rack: RackDraft, at range: SourceRange?) -> Diagnostic {
    setting(
      .singleHomedHost,
      "the host '\(host.value)' has one uplink in the rack '\(rack.document.name.value)', which has two ToRs", of: host,
      at: range, note: "every host of the rack has a link to each ToR, so that either may fail",
      help: "name both interfaces, e.g. `interface: [eth0, eth1]`, that to the ToR with the lower id first")
  }

  static func otherMTU(_ mtu: Located<Int>, of host: Located<Name>, _ tor: SpineDocument) -> Diagnostic {
    Diagnostic(
      .uplinkMTU,
      "the host '\(host.value)' has the MTU \(mtu.value), its ToR '\(tor.name.value)' \(tor.mtu?.value ?? 0)",
      at: mtu.range, labels: [(tor.mtu?.range ?? tor.name.range, "the ToR's")],
      help: ["give both the same value, or leave the host's out"])
  }

  static func tooManyToRs(_ count: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .surplusToR, "a rack has one or two ToRs, not \(count)", at: range,
      help: ["make racks of the hosts that share a ToR or a pair of ToRs"])
  }
}
