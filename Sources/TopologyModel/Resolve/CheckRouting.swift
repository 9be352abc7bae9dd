/// Checks that the devices of each region can route as they are told to.
func checkRouting(_ topology: Topology, _ draft: TopologyDraft, _ diagnostics: inout Diagnostics) {
  let documents = Dictionary(draft.regions.map { ($0.document.name.value, $0) }) { first, _ in first }
  for index in topology.regions.indices {
    let region = topology.regions[index]
    // What a VPC can't route is said by `checkCloudRoutes`.
    guard let source = documents[region.name], region.vpc == nil else { continue }
    if region.racks.count > 1, region.spines.isEmpty, topology.countBareSegments(region) ?? 2 > 1 {
      diagnostics.add(.missingSpines(source.document.name, racks: region.racks.count))
    }
    checkSystems(topology, region, source, &diagnostics)
    if let rack = blindRack(topology, region) { diagnostics.add(.staticBlindness(source, segment: rack)) }
    if region.routing == .static, region.racks.count > 1, !region.spines.isEmpty, !topology.hasSpineGateways(region) {
      diagnostics.add(.staticBlindness(source))
    }
    checkReflectors(topology, region, source, &diagnostics)
    checkASPaths(topology, region, source, &diagnostics)
    checkTableSizes(topology, index, &diagnostics)
  }
}

/// A segment of hosts with static routes and several routers, which the hosts can't see the loss of.
private func blindRack(_ topology: Topology, _ region: Region) -> Rack? {
  topology.racks[region.racks].first { rack in
    guard rack.access == .l2, (rack.tors.isEmpty ? region.spines.count : rack.tors.count) > 1 else { return false }
    return topology.hosts[rack.hosts].contains {
      !$0.settings.speaker.capabilities.installsRoutes(of: $0.settings.routing)
    }
  }
}

/// No switch gets more static routes than it says that it can hold.
private func checkTableSizes(_ topology: Topology, _ index: Int, _ diagnostics: inout Diagnostics) {
  let region = topology.regions[index]
  func check(_ device: Switch, _ plan: @autoclosure () -> DevicePlan, _ diagnostics: inout Diagnostics) {
    guard let maximum = device.maximumStaticRoutes else { return }
    let count = plan().routes.count
    if count > maximum { diagnostics.add(.tooManyStaticRoutes(device, count, maximum)) }
  }
  for spine in region.spines.indices {
    check(region.spines[spine], planSpine(topology, index, spine), &diagnostics)
  }
  for rack in region.racks {
    for (position, tor) in topology.racks[rack].tors.enumerated() {
      check(tor.device, planToR(topology, rack, position), &diagnostics)
    }
  }
}

/// A system without a BGP speaker can't take part in BGP.
private func checkSystems(
  _ topology: Topology, _ region: Region, _ source: RegionDraft, _ diagnostics: inout Diagnostics
) {
  if topology.spinesSpeakBGP(region) {
    for spine in region.spines where !spine.system.hasBGP {
      diagnostics.add(.systemWithoutBGP(spine, source.document.name))
    }
  }
  for rack in topology.racks[region.racks] {
    let speaksToSpines = region.routing == .bgp && !region.spines.isEmpty
    let host = topology.hosts[rack.hosts].first { $0.settings.routing == .bgp }
    for tor in rack.tors where !tor.system.hasBGP && (speaksToSpines || host != nil) {
      diagnostics.add(.systemWithoutBGP(tor.device, source.document.name))
    }
  }
}

/// Route reflectors are an arrangement of BGP between spines and ToRs.
private func checkReflectors(
  _ topology: Topology, _ region: Region, _ source: RegionDraft, _ diagnostics: inout Diagnostics
) {
  guard region.spineBGP == .routeReflector, let key = source.document.spineBGP else { return }
  let hasNoToR = topology.racks[region.racks].contains { $0.tors.isEmpty }
  if region.routing != .bgp || region.spines.isEmpty || hasNoToR {
    diagnostics.add(.reflectorsWithoutBGP(source, at: key.range))
  }
}

/// AS numbers may be shared on purpose, but not where a device would find its own in the path of a route that it
/// needs (RFC 4271 section 9.1.2), nor at both ends of a session, which would make it internal.
///
/// The paths are: host to ToR; ToR to spine to ToR; the default from a spine over the ToR to a host. A host's own number travels further only where its prefix is
/// its rack's whole aggregate.
private func checkASPaths(
  _ topology: Topology, _ region: Region, _ source: RegionDraft, _ diagnostics: inout Diagnostics
) {
  var torsByASN: [UInt32: Switch] = [:]
  var spines: [UInt32: Switch] = [:]
  if topology.spinesSpeakBGP(region) {
    for spine in region.spines { if let asn = spine.asn { spines[asn] = spines[asn] ?? spine } }
  }
  // Under route reflectors all switches are one AS on purpose.
  let hasFabric = region.routing == .bgp && !region.spines.isEmpty && region.spineBGP == .ebgp
  for tor in topology.racks[region.racks].flatMap(\.tors) {
    guard let asn = tor.asn else { continue }
    if hasFabric {
      if let spine = spines[asn] {
        diagnostics.add(.sameASN(asn, tor.name, at: tor.device.range, spine.name, other: spine.range))
      }
      if let other = torsByASN[asn] {
        if !areInternal(tor.device, other, source) { diagnostics.add(.loopingASN(asn, tor.device, other)) }
      } else {
        torsByASN[asn] = tor.device
      }
    }
  }
  let documents = Dictionary(source.racks.map { ($0.document.name.value, $0) }) { first, _ in first }
  for rack in topology.racks[region.racks] {
    if !hasFabric, region.spineBGP == .ebgp, rack.tors.count == 2, let asn = rack.tors[0].asn, rack.tors[1].asn == asn,
      !areInternal(rack.tors[0].device, rack.tors[1].device, source)
    {
      diagnostics.add(.loopingASN(asn, rack.tors[1].device, rack.tors[0].device))
    }
    let hosts = documents[rack.name]?.hosts ?? []
    let inherited = documents[rack.name]?.settings.defaultRoute
    func takesDefault(_ host: HostDraft) -> Bool {
      (host.document.settings.defaultRoute ?? inherited)?.value == .own
    }
    for host in hosts where host.routing == .bgp {
      guard let asn = host.asn else { continue }
      let name = host.document.name
      let range = host.document.asn?.range ?? name.range
      if let tor = rack.tors.first(where: { $0.asn == asn }) {
        diagnostics.addOnce(.sameASN(asn, name.value, at: range, tor.name, other: tor.device.range))
      } else if rack.tors.isEmpty, let spine = spines[asn] {
        diagnostics.addOnce(.sameASN(asn, name.value, at: range, spine.name, other: spine.range))
      } else if hasFabric, let spine = spines[asn], takesDefault(host) {
        diagnostics.addOnce(.loopingDefault(asn, name.value, at: range, spine))
      } else if hasFabric, rack.pair == .spines, let spine = spines[asn] {
        diagnostics.addOnce(.loopingPair(asn, name.value, at: range, spine))
      } else if hasFabric, carriesHostPath(rack) {
        if let tor = torsByASN[asn] {
          diagnostics.addOnce(.loopingHost(asn, name.value, at: range, tor))
        } else if let spine = spines[asn] {
          diagnostics.addOnce(.loopingHost(asn, name.value, at: range, spine))
        }
      }
    }
  }
}

/// Whether two ToRs of one AS are a pair that shares it on purpose (`asn_per: rack`) and need not hear of each other over
/// others: their own session is internal. That they have none is reported elsewhere.
private func areInternal(_ first: Switch, _ second: Switch, _ source: RegionDraft) -> Bool {
  source.racks.contains { rack in
    let names = rack.tors.map(\.document.name.value)
    return rack.pairKind != nil && rack.sharesASNs && names.contains(first.name) && names.contains(second.name)
  }
}

/// Whether a host's prefix is the whole aggregate of its rack in some network, so that its route goes to the spines.
private func carriesHostPath(_ rack: Rack) -> Bool {
  rack.allocations.contains { $0.map { $0.hostLength == $0.aggregate.length } ?? false }
}

extension Diagnostic {
  static func missingSpines(_ region: Located<Name>, racks: Int) -> Diagnostic {
    Diagnostic(
      .missingSpines, "the region '\(region.value)' has \(racks) racks but no spine to connect them", at: region.range,
      help: ["add `spines:`"])
  }

  static func reflectorsWithoutBGP(_ region: RegionDraft, at range: SourceRange) -> Diagnostic {
    let reason =
      region.spines.isEmpty
      ? "has no spine"
      : region.routing == .bgp ? "has a rack without ToRs" : "does not speak BGP between ToRs and spines"
    return Diagnostic(
      .conflictingKeys, "the region '\(region.document.name.value)' \(reason): it can't have route reflectors",
      at: range,
      labels: region.settings.routing.map { [($0.range, "the protocol")] } ?? [],
      help: ["remove `spine_bgp:`, or write `protocol: bgp` and give the region spines"])
  }

  static func systemWithoutBGP(
    _ device: Switch, _ region: Located<Name>, label: String = "the region"
  ) -> Diagnostic {
    let others = DeviceSystem.allCases.filter(\.hasBGP).map { "`os: \($0.rawValue)`" }.joined(separator: " or ")
    return Diagnostic(
      .systemWithoutBGP,
      "'\(device.name)' has `os: \(device.system.rawValue)`, which gets static routes and no BGP speaker here, "
        + "but its neighbours speak BGP",
      at: device.range, labels: [(region.range, label)],
      help: ["choose \(others), or `protocol: static` for the region and its hosts"])
  }

  static func tooManyStaticRoutes(_ device: Switch, _ count: Int, _ maximum: Int) -> Diagnostic {
    Diagnostic(
      .tooManyStaticRoutes, "'\(device.name)' needs \(count) static routes but can hold \(maximum)", at: device.range,
      help: [
        "use `protocol: bgp`, put fewer hosts or racks into the region, or raise `max_static_routes:` if it can hold more"
      ])
  }

  static func staticBlindness(_ region: RegionDraft) -> Diagnostic {
    Diagnostic(
      .staticBlindness,
      "the region '\(region.document.name.value)' is static: no device sees a failure that is not on a link of its own",
      at: region.settings.routing?.range ?? region.document.name.range,
      notes: [
        "when the link of a spine to a rack fails, other racks keep sending a part of their traffic to that spine"
      ],
      help: ["use `protocol: bgp` where that matters, or silence this with `allow: [RC0506]`"])
  }

  static func staticBlindness(_ region: RegionDraft, segment: Rack) -> Diagnostic {
    Diagnostic(
      .staticBlindness,
      "hosts of the rack '\(segment.name)' have static routes over several gateways: they do not see when one of them fails",
      at: region.settings.routing?.range ?? region.document.name.range,
      notes: ["they keep sending a part of their traffic to it"],
      help: ["use `protocol: bgp` where that matters, or silence this with `allow: [RC0506]`"])
  }

  static func sameASN(
    _ asn: UInt32, _ name: Name, at range: SourceRange, _ other: Name, other otherRange: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .asnLoop, "'\(name)' and its neighbour '\(other)' have the same AS number \(asn)", at: range,
      labels: [(otherRange, "the neighbour")], notes: ["the session between them would be internal BGP"],
      help: ["give one of them another number, or leave `asn:` out"])
  }

  static func loopingASN(_ asn: UInt32, _ tor: Switch, _ other: Switch) -> Diagnostic {
    Diagnostic(
      .asnLoop, "the ToRs '\(other.name)' and '\(tor.name)' have the same AS number \(asn)", at: tor.range,
      labels: [(other.range, "the other ToR")],
      notes: [
        "each would find its own number in the path of the other's routes and reject them (RFC 4271 section 9.1.2)"
      ],
      help: ["give every ToR of a region a number of its own, or leave `asn:` out"])
  }

  static func loopingDefault(_ asn: UInt32, _ host: Name, at range: SourceRange, _ spine: Switch) -> Diagnostic {
    Diagnostic(
      .asnLoop, "'\(host)' has the AS number \(asn) of the spine '\(spine.name)' and would reject the default route",
      at: range, labels: [(spine.range, "has the number too")],
      notes: ["with `default_route: own` the default reaches the host with the spine's number in its path"],
      help: ["give the host another number, or leave `asn:` out"])
  }

  static func loopingPair(_ asn: UInt32, _ host: Name, at range: SourceRange, _ spine: Switch) -> Diagnostic {
    Diagnostic(
      .asnLoop, "'\(host)' has the AS number \(asn) of the spine '\(spine.name)', which would reject its route",
      at: range, labels: [(spine.range, "has the number too")],
      notes: ["with `pair: spines` the ToRs of the rack learn its hosts from each other over the spines"],
      help: ["give the host another number, or leave `asn:` out"])
  }

  static func loopingHost(_ asn: UInt32, _ host: Name, at range: SourceRange, _ device: Switch) -> Diagnostic {
    Diagnostic(
      .asnLoop, "'\(host)' has the AS number \(asn) of '\(device.name)', which would reject its route", at: range,
      labels: [(device.range, "has the number too")],
      notes: ["the host's prefix is the whole aggregate of its rack, so its number stays in the path"],
      help: ["give the host another number, or leave `asn:` out"])
  }
}
