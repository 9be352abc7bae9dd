/// Checks what OSPF needs: speakers that have it, names of the interfaces that it runs on, and keys that fit together.
func checkOSPF(_ topology: Topology, _ draft: TopologyDraft, _ diagnostics: inout Diagnostics) {
  for region in draft.regions where !region.document.isCloud {
    var parts = OSPFParts()
    if region.routing == .ospf, region.hasFabric { checkFabric(region, &parts, &diagnostics) }
    let networks =
      topology.regions.first { $0.name == region.document.name.value }?.networks.map { topology.networks[$0] } ?? []
    for rack in region.racks { checkRack(rack, networks, &parts, &diagnostics) }
    checkPorts(region, &diagnostics)
    parts.warn(region, topology, &diagnostics)
  }
}

/// What a region uses of OSPF, for warnings that are said once a region.
private struct OSPFParts {
  var hosts = 0
  var firstHost: SourceRange?
  var openHosts = 0
  var firstOpenHost: SourceRange?
  var isFabricOpen = false

  func warn(_ region: RegionDraft, _ topology: Topology, _ diagnostics: inout Diagnostics) {
    let name = region.document.name
    if let firstHost { diagnostics.add(.ospfRogueHost(name, hosts, at: firstHost)) }
    let hasIPv6 = topology.regions.first { $0.name == name.value }?.families(topology).contains(.ipv6) ?? false
    if let range = firstOpenHost ?? (isFabricOpen ? name.range : nil) {
      diagnostics.add(.ospfWithoutKey(name, hosts: openHosts, fabric: isFabricOpen, at: range))
    } else if hasIPv6, let firstHost {
      diagnostics.add(.ospfWithoutKeyIPv6(name, at: firstHost))
    }
  }
}

private func checkFabric(_ region: RegionDraft, _ parts: inout OSPFParts, _ diagnostics: inout Diagnostics) {
  parts.isFabricOpen = region.document.fabricSecret == nil
  for device in region.spines + region.racks.flatMap(\.tors) where !device.speaksOSPF {
    diagnostics.addOnce(.switchWithoutOSPF(device, region.document.name))
  }
  for rack in region.racks where rack.tors.count > 1 {
    diagnostics.addOnce(
      .notSupportedYet(
        "`protocol: ospf` between spines and racks with two ToRs", instead: "`protocol: bgp` for the region",
        at: rack.tors[1].document.name.range))
  }
  let spines = region.spines.sorted { $0.id < $1.id }
  for rack in region.racks {
    for tor in rack.tors {
      for (spine, link) in zip(spines, tor.uplinks) where link.torInterface == nil || link.spineInterface == nil {
        diagnostics.add(.linkWithoutInterfaces(tor.document.name, spine.document.name, region.document.name))
      }
    }
  }
}

private func checkRack(
  _ rack: RackDraft, _ networks: [Network], _ parts: inout OSPFParts, _ diagnostics: inout Diagnostics
) {
  for host in rack.hosts {
    let settings = host.document.settings.inheriting(rack.settings)
    let speaker = settings.speaker?.value ?? .bird
    // A speaker without OSPF was reported; the rest says nothing more.
    guard host.routing == .ospf, speaker == .none || speaker.capabilities.protocols.contains(.ospf) else { continue }
    let name = host.document.name
    let place = settings.routing?.range ?? name.range
    parts.hosts += 1
    parts.firstHost = parts.firstHost ?? place
    if settings.secret == nil {
      parts.openHosts += 1
      parts.firstOpenHost = parts.firstOpenHost ?? place
    }
    if speaker == .none {
      diagnostics.addOnce(.hostWithoutDaemon(name, at: settings.speaker?.range))
    } else if !speaker.capabilities.hasOSPFTables {
      checkGatewayLinks(name, speaker, at: settings.speaker?.range ?? name.range, networks, &diagnostics)
    }
    if rack.tors.count != 1 || settings.access?.value == .l2 {
      diagnostics.addOnce(
        .notSupportedYet(
          "`protocol: ospf` for a host without a link of its own to just one ToR", instead: "`protocol: bgp`", at: place
        ))
    }
    if let tor = rack.tors.first, !tor.speaksOSPF { diagnostics.addOnce(.switchWithoutOSPF(tor, rack.document.name)) }
    if host.document.torPorts.isEmpty, !host.document.lostTorPort {
      diagnostics.add(.hostWithoutPort(name, rack.tors.first?.document.name))
    }
  }
}

/// A daemon that announces interfaces only announces the gateway's: a host has one in each network, none in its blocks.
/// Quagga's ospf6d has no stub areas (manual of 1.2, "OSPFv3").
private func checkGatewayLinks(
  _ host: Located<Name>, _ speaker: Speaker, at range: SourceRange, _ networks: [Network],
  _ diagnostics: inout Diagnostics
) {
  if let network = networks.first(where: \.isDividedIntoBlocks) {
    diagnostics.addOnce(
      .speakerOfInterfaces(
        host, speaker, at: range, "the network '\(network.name)' is divided into blocks, which no interface has",
        able: Speaker.allCases.filter { $0.capabilities.hasOSPFTables }))
  } else if speaker == .quagga, let network = networks.first(where: { $0.family == .ipv6 }) {
    diagnostics.addOnce(
      .speakerOfInterfaces(
        host, speaker, at: range,
        "the network '\(network.name)' is IPv6, and Quagga's OSPFv3 knows no stub areas",
        able: Speaker.speakers(of: .ospf).filter { $0 != .quagga }))
  }
}

extension RegionDraft {
  /// Whether there are ToRs that speak to spines.
  fileprivate var hasFabric: Bool { !spines.isEmpty && racks.allSatisfy { !$0.tors.isEmpty } }
}

extension SwitchDraft {
  fileprivate var speaksOSPF: Bool { (document.system?.value ?? .frr) == .frr }
}

/// No interface of a switch leads to two devices.
private func checkPorts(_ region: RegionDraft, _ diagnostics: inout Diagnostics) {
  var used: [Name: [InterfaceName: SourceRange]] = [:]
  func add(_ port: Located<InterfaceName>, of device: Name, _ diagnostics: inout Diagnostics) {
    if port.value == InterfaceName("lo") {
      diagnostics.add(.loopbackPort(port, device))
    } else if let first = used[device, default: [:]].updateValue(port.range, forKey: port.value) {
      diagnostics.add(.portTwice(port, device, first: first))
    }
  }
  for link in region.document.links {
    for (end, interface) in zip(link.between, link.interfaces) { add(interface, of: end.value, &diagnostics) }
  }
  for rack in region.racks {
    for (position, tor) in rack.orderedToRs.enumerated() {
      for host in rack.hosts {
        if let port = host.torPort(ofLink: position) { add(port, of: tor.document.name.value, &diagnostics) }
      }
    }
  }
}

extension Diagnostic {
  static func hostWithoutDaemon(_ host: Located<Name>, at range: SourceRange?) -> Diagnostic {
    Diagnostic(
      .ospfNotPossible, "a host with `protocol: ospf` can't have `speaker: none`", at: range ?? host.range,
      labels: range == nil ? [] : [(host.range, "it holds for this host")],
      help: ["choose `speaker: bird`, or `protocol: static`"])
  }

  static func speakerOfInterfaces(
    _ host: Located<Name>, _ speaker: Speaker, at range: SourceRange, _ reason: String, able: [Speaker]
  ) -> Diagnostic {
    Diagnostic(
      .ospfNotPossible,
      "`speaker: \(speaker.rawValue)` can't announce the prefixes of '\(host.value)' by OSPF: \(reason)", at: range,
      labels: range == host.range ? [] : [(host.range, "it holds for this host")],
      help: [
        "choose \(able.map { "`speaker: \($0.rawValue)`" }.joined(separator: " or ")), or `protocol: bgp`"
      ])
  }

  static func switchWithoutOSPF(_ device: SwitchDraft, _ place: Located<Name>) -> Diagnostic {
    let system = device.document.system?.value ?? .frr
    return Diagnostic(
      .ospfNotPossible,
      "'\(device.document.name.value)' has `os: \(system.rawValue)`, for which the compiler has no OSPF, but its neighbours speak it",
      at: device.document.name.range, labels: [(place.range, "here it has `protocol: ospf`")],
      help: ["choose `os: frr`, or `protocol: static` for those neighbours"])
  }

  static func hostWithoutPort(_ host: Located<Name>, _ tor: Located<Name>?) -> Diagnostic {
    Diagnostic(
      .switchPort, "the name of the interface that leads from the ToR to the host '\(host.value)' is missing",
      at: host.range, labels: tor.map { [($0.range, "the ToR")] } ?? [],
      notes: ["FRR runs OSPF on interfaces that are named, and believes a host on its own interface only"],
      help: ["add `tor_port:` to the host, e.g. `tor_port: swp1`, or for a range `tor_port: \"swp[1-40]\"`"])
  }

  static func linkWithoutInterfaces(
    _ tor: Located<Name>, _ spine: Located<Name>, _ region: Located<Name>
  ) -> Diagnostic {
    Diagnostic(
      .switchPort, "the names of the interfaces between '\(tor.value)' and '\(spine.value)' are missing", at: tor.range,
      labels: [(region.range, "this region has `protocol: ospf`")],
      help: [
        "add `- { between: [\(tor.value), \(spine.value)], interfaces: [swp49, swp1] }` to the region's `links:`, with the right names"
      ])
  }

  static func portTwice(_ port: Located<InterfaceName>, _ device: Name, first: SourceRange) -> Diagnostic {
    Diagnostic(
      .switchPort, "the interface '\(port.value)' of '\(device)' leads to two devices", at: port.range,
      labels: [(first, "the other one")], help: ["name the interface that is plugged into this device"])
  }

  static func loopbackPort(_ port: Located<InterfaceName>, _ device: Name) -> Diagnostic {
    Diagnostic(
      .switchPort, "'lo' is the loopback interface of '\(device)' and leads to no device", at: port.range,
      help: ["name the interface that is plugged into this device"])
  }

  static func ospfRogueHost(_ region: Located<Name>, _ hosts: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .ospfRogueHost,
      "\(counted(hosts, "host")) of the region '\(region.value)' speak\(hosts == 1 ? "s" : "") OSPF: each can cut its own rack off from the others",
      at: range, labels: [(region.range, "the region")],
      notes: [
        "the routers of an area share one database, and a host that lies in it is believed by the area's route computation",
        "the filters on the ToR keep such a lie from moving a packet to the liar, and from leaving the rack",
      ],
      help: ["use `protocol: bgp` where hosts are not trusted, or silence this with `allow: [RC0522]`"])
  }

  static func ospfWithoutKey(
    _ region: Located<Name>, hosts: Int, fabric: Bool, at range: SourceRange
  ) -> Diagnostic {
    let who = [hosts > 0 ? counted(hosts, "host") : nil, fabric ? "ToRs and spines" : nil].compactMap(\.self)
    return Diagnostic(
      .ospfWithoutKey, "the region '\(region.value)' has OSPF without a key: \(who.joined(separator: ", "))",
      at: range,
      notes: ["whoever gets at a link can then take part in the routing of the area"],
      help: [
        "name a key for hosts with `secret:` and one for ToRs and spines with `fabric_secret:`, or silence this with `allow: [RC0523]`"
      ])
  }

  static func ospfWithoutKeyIPv6(_ region: Located<Name>, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .ospfWithoutKey, "the hosts of the region '\(region.value)' speak OSPFv3 (IPv6) without a key", at: range,
      notes: ["BIRD and FRR 8.4 compute different digests for OSPFv3, so `secret:` holds for OSPFv2 (IPv4) only"],
      help: ["use `protocol: bgp` where links are not trusted, or silence this with `allow: [RC0523]`"])
  }

  static func fabricSecretOnHost(_ secret: Located<Name>, _ fabric: Located<Name>) -> Diagnostic {
    Diagnostic(
      .fabricSecretOnHost, "the key '\(secret.value)' of ToRs and spines is given to hosts too", at: secret.range,
      labels: [(fabric.range, "the key of ToRs and spines")],
      notes: ["a host that knows it could take part in the routing between racks"],
      help: ["give the hosts another `secret:`"])
  }
}
