/// An upstream must not take over what is the fabric's own: neither one prefix inside it nor, with a range, any part of it.
///
/// One that only holds all of a network, such as 10.0.0.0/8 around 10.1.0.0/16, is longer by nothing and takes no packet away.
func checkAccepted(_ document: UpstreamDocument, _ own: [Prefix], _ diagnostics: inout Diagnostics) {
  for item in document.accept {
    let isRange = (item.longest?.value ?? 0) > item.prefix.value.length
    if let owner = own.first(where: { isRange ? $0.overlaps(item.prefix.value) : $0.contains(item.prefix.value) }) {
      diagnostics.add(.acceptsOwn(item, owner, isRange: isRange))
    }
    if let block = specialBlocks.first(where: { item.prefix.value.length > 0 && $0.prefix.contains(item.prefix.value) })
    {
      diagnostics.add(.unusableAddress(item.prefix, block.prefix, block.meaning))
    }
  }
  let exact = AddressFamily.allCases.map { family in
    document.accept.count { $0.prefix.value.family == family && $0.longest == nil }
  }.max()
  if let range = document.accept.first(where: { $0.longest != nil })?.longest, document.maximumPrefixes == nil {
    diagnostics.add(.upstreamLimit("a range without `max_prefixes:`", at: range.range, document))
  } else if let limit = document.maximumPrefixes, let exact, exact > limit.value {
    diagnostics.add(
      .upstreamLimit("\(exact) prefixes are accepted, but `max_prefixes` is \(limit.value)", at: limit.range, document))
  }
}

/// What a session takes: BGP at both ends, two AS numbers, and for anything but the default a protocol that spreads it.
func checkSession(
  _ document: UpstreamDocument, _ border: Border, _ topology: Topology, _ index: Int,
  _ diagnostics: inout Diagnostics
) {
  let region = topology.regions[index]
  let device = topology.device(border)
  guard let asn = document.asn else {
    if let key = document.sessionKey { diagnostics.add(.sessionKeyWithoutASN(key.name, at: key.range, document)) }
    return
  }
  if !device.system.hasBGP {
    diagnostics.add(.systemWithoutBGP(device, document.name, label: "a neighbour"))
  }
  let switches = region.spines + topology.racks[region.racks].flatMap { $0.tors.map(\.device) }
  if let twin = ([device] + switches).first(where: { $0.asn == asn.value }) {
    diagnostics.add(.upstreamASN(asn, document.name.value, twin))
  } else if let host = topology.racks[region.racks].flatMap({ topology.hosts[$0.hosts] }).first(where: {
    $0.settings.defaultRoute == .own && $0.asn == asn.value
  }) {
    diagnostics.add(.upstreamASN(asn, document.name.value, host: host.name))
  }
  if region.routing != .bgp, !region.spines.isEmpty, !topology.hasSpineGateways(region),
    let item = document.accept.first(where: { $0.prefix.value.length > 0 })
  {
    diagnostics.add(.upstreamNotSpread(item, region))
  }
}

/// Where several spines have upstreams, one aggregate hides which of them reaches a rack.
func checkAnnouncement(_ source: RegionDraft, _ diagnostics: inout Diagnostics) {
  guard source.upstreamSpines.count > 1 else { return }
  for upstream in source.document.upstreams {
    if let announce = upstream.announce, announce.value == .region {
      diagnostics.add(.aggregateHidesLoss(upstream, at: announce.range))
    }
  }
}

/// Hosts whose default route is their operating system's do not go by way of the fabric's upstreams.
func checkUse(_ source: RegionDraft, _ topology: Topology, _ index: Int, _ diagnostics: inout Diagnostics) {
  guard let first = source.document.upstreams.first, !topology.regions[index].carriesDefault,
    topology.regions[index].racks.contains(where: { !topology.racks[$0].hosts.isEmpty })
  else { return }
  diagnostics.add(.upstreamUnused(first, source.document.name))
}

extension Diagnostic {
  static func upstreamAtToR(_ document: UpstreamDocument, spines: [Name]) -> Diagnostic {
    Diagnostic(
      .upstreamDevice, "the upstream '\(document.name.value)' is connected to a ToR, but the region has spines",
      at: document.device.range,
      notes: ["routes lead from a spine down and never up again, so other racks would not hear of it"],
      help: ["connect it to a spine: \(spines.sorted().map(\.text).joined(separator: ", "))"])
  }

  static func upstreamLink(_ message: String, at range: SourceRange, _ prefix: Located<Prefix>?) -> Diagnostic {
    Diagnostic(
      .upstreamLink, message, at: range, labels: prefix.map { [($0.range, "the link")] } ?? [],
      help: [
        "write the link, both ends: `prefix: 203.0.113.0/30, address: 203.0.113.2, peer: 203.0.113.1`, or with a 6 for IPv6"
      ])
  }

  static func upstreamFamily(_ document: UpstreamDocument, _ peer: Located<Address>, _ family: AddressFamily)
    -> Diagnostic
  {
    Diagnostic(
      .upstreamLink, "the region of the upstream '\(document.name.value)' has no \(family.name) network",
      at: peer.range, help: ["remove the addresses of that family, or add a network"])
  }

  static func acceptedFamily(_ item: AcceptedDocument, _ document: UpstreamDocument) -> Diagnostic {
    Diagnostic(
      .upstreamLink,
      "\(item.prefix.value) is accepted from '\(document.name.value)', which has no \(item.prefix.value.family.name) address",
      at: item.prefix.range, labels: [(document.name.range, "the upstream")],
      help: ["remove it, or give the upstream a `peer\(item.prefix.value.family == .ipv4 ? "" : "6"):`"])
  }

  static func acceptedLength(_ item: AcceptedDocument) -> Diagnostic {
    Diagnostic(
      .upstreamLimit,
      "`longest` is \(item.longest?.value ?? 0), which no prefix inside \(item.prefix.value) can have",
      at: item.longest?.range ?? item.prefix.range,
      help: ["choose a length from \(item.prefix.value.length) to \(item.prefix.value.family.bitWidth)"])
  }

  static func acceptsOwn(_ item: AcceptedDocument, _ owner: Prefix, isRange: Bool) -> Diagnostic {
    Diagnostic(
      .upstreamAcceptsOwn,
      owner == item.prefix.value
        ? "\(owner) is the fabric's own, an upstream can't be believed about it"
        : "\(item.prefix.value) \(isRange ? "overlaps" : "is part of") \(owner), which is the fabric's own",
      at: item.prefix.range,
      notes: ["traffic of endpoints and of the switches themselves would leave the fabric"],
      help: [
        isRange
          ? "accept ranges that hold nothing of the fabric's networks, subnets, link pools and loopbacks" : "remove it"
      ])
  }

  static func upstreamLimit(_ message: String, at range: SourceRange, _ document: UpstreamDocument) -> Diagnostic {
    Diagnostic(
      .upstreamLimit, message, at: range, labels: [(document.name.range, "the upstream")],
      help: ["write `max_prefixes:` with a little more than the upstream announces today"])
  }

  static func sessionKeyWithoutASN(_ key: String, at range: SourceRange, _ document: UpstreamDocument) -> Diagnostic {
    Diagnostic(
      .conflictingKeys, "`\(key)` belongs to a BGP session, but the upstream '\(document.name.value)' has no `asn`",
      at: range, labels: [(document.name.range, "the upstream")], help: ["add `asn:`, or remove `\(key):`"])
  }

  static func upstreamASN(_ asn: Located<UInt32>, _ name: Name, _ device: Switch) -> Diagnostic {
    Diagnostic(
      .asnLoop, "the upstream '\(name)' has the AS number \(asn.value) of '\(device.name)'", at: asn.range,
      labels: [(device.range, "has the number too")],
      notes: ["a device rejects routes with its own number in their path (RFC 4271 section 9.1.2)"],
      help: ["give the device another number, or check that of the upstream"])
  }

  static func upstreamASN(_ asn: Located<UInt32>, _ name: Name, host: Name) -> Diagnostic {
    Diagnostic(
      .asnLoop, "the upstream '\(name)' has the AS number \(asn.value) of the host '\(host)'", at: asn.range,
      notes: ["the host would reject the default route, which has the number in its path"],
      help: ["give the host another number, or check that of the upstream"])
  }

  static func upstreamNotSpread(_ item: AcceptedDocument, _ region: Region) -> Diagnostic {
    Diagnostic(
      .upstreamNotSpread,
      "the region '\(region.name)' has `protocol: \(region.routing.rawValue)`, which does not spread \(item.prefix.value)",
      at: item.prefix.range, notes: ["between ToRs and spines it carries the default route only"],
      help: ["accept the default routes only, or use `protocol: bgp` for the region"])
  }

  static func aggregateHidesLoss(_ document: UpstreamDocument, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .aggregateHidesLoss,
      "'\(document.name.value)' is told one aggregate of the region, but another spine has an upstream too",
      at: range, labels: [(document.device.range, "connected here")],
      notes: ["a spine that lost its link to a rack goes on to attract the rack's traffic from outside, and drops it"],
      help: ["write `announce: racks`, or silence this with `allow: [RC0560]` if the upstream takes no more prefixes"])
  }

  static func upstreamUnused(_ document: UpstreamDocument, _ region: Located<Name>) -> Diagnostic {
    Diagnostic(
      .upstreamUnused,
      "no host of the region '\(region.value)' sends anything to the upstream '\(document.name.value)'",
      at: document.name.range, labels: [(region.range, "the region")],
      notes: [
        "a host's default route is its operating system's unless `default_route: own` is set, so answers go there too"
      ],
      help: ["set `default_route: own`, or silence this with `allow: [RC0544]`"])
  }
}
