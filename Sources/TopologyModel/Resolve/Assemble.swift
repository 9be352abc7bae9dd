/// Puts the settled devices into the flat, ordered arrays of a topology.
func assemble(
  _ draft: TopologyDraft, fabric: Name, networks: ResolvedNetworks, vlans: ResolvedVLANs, tenants: [Tenant],
  underlay: [Prefix],
  _ diagnostics: inout Diagnostics
) -> Topology {
  var topology = Topology(
    fabric: fabric, networks: networks.networks, vlans: vlans.vlans, tenants: tenants, regions: [], racks: [],
    hosts: [],
    underlay: underlay)
  var resolver = EndpointResolver(networks, tenants)
  for region in draft.regions.sorted(by: { $0.id < $1.id }) {
    let (first, firstHost) = (topology.racks.count, topology.hosts.count)
    for rack in region.racks.sorted(by: { $0.id < $1.id }) {
      // With a link for each host there is a ToR; that it is missing was reported by `checkAccess`.
      if rack.tors.isEmpty, rack.access == .l3 { continue }
      checkToRs(rack, region, &diagnostics)
      checkSegmentMTU([rack], &diagnostics)
      checkUnnumbered(rack, region, &diagnostics)
      append(rack, region, to: &topology, vlans, &resolver, &diagnostics)
    }
    topology.regions.append(
      Region(
        name: region.document.name.value, id: region.id, routing: region.routing,
        spineBGP: region.spineBGP,
        carriesDefault: topology.hosts[firstHost...].contains { $0.settings.defaultRoute == .own },
        fabricSecret: region.document.fabricSecret?.value,
        spines: region.spines.sorted { $0.id < $1.id }.map(assembleSwitch),
        racks: first..<topology.racks.count, networks: region.networks, allocations: region.allocations,
        vpc: assembleVPC(region.document)))
  }
  return topology
}

private func append(
  _ rack: RackDraft, _ region: RegionDraft, to topology: inout Topology, _ vlans: ResolvedVLANs,
  _ resolver: inout EndpointResolver, _ diagnostics: inout Diagnostics
) {
  let (index, first) = (topology.racks.count, topology.hosts.count)
  let order = rack.hosts.indices.sorted { rack.hosts[$0].id < rack.hosts[$1].id }
  topology.racks.append(
    Rack(
      name: rack.document.name.value, id: rack.id, region: topology.regions.count,
      tors: rack.orderedToRs.map { ToR(device: assembleSwitch($0), uplinks: $0.uplinks) },
      access: rack.access, subnet: rack.document.subnet?.value, subnet6: rack.document.subnet6?.value,
      vlans: rack.vlans.map(\.assembled), hosts: first..<first + order.count, allocations: rack.allocations,
      pair: rack.isSegmentPair ? .segment : rack.pairKind.map { $0 == .spines ? .spines : .link(rack.pairLink) },
      zone: assembleZone(rack.document)))
  for (position, source) in order.enumerated() {
    let host = rack.hosts[source]
    var merged = host.document.settings.inheriting(rack.settings)
    checkUplinks(host, merged, in: rack, &diagnostics)
    merged.mtu = merged.mtu ?? rack.tors.lazy.compactMap(\.document.mtu).first
    let settings = assembleSettings(host, merged, &diagnostics)
    checkVLANMTU(host, merged, vlans, &diagnostics)
    topology.hosts.append(
      Host(
        name: host.document.name.value, id: host.id, rack: index, index: position, asn: host.asn,
        isDrained: host.document.state?.value == .drained, links: assembleLinks(host, merged, vlans, &diagnostics),
        settings: settings, endpoints: [],
        blocks: host.blocks,
        instance: rack.document.zone.map { _ in
          Instance(eni: host.document.instance.eni?.value, isGateway: host.document.instance.isGateway?.value == .true)
        }))
    guard !host.document.endpoints.isEmpty else { continue }
    topology.hosts[first + position].endpoints = resolver.resolve(
      host.document.endpoints, onHost: first + position, of: topology, &diagnostics)
  }
}

private func assembleSwitch(_ draft: SwitchDraft) -> Switch {
  Switch(
    name: draft.document.name.value, id: draft.id,
    loopback: draft.document.loopback?.value ?? Address(.ipv4, 0), asn: draft.asn,
    system: draft.document.system?.value ?? .frr,
    maximumStaticRoutes: draft.document.maximumStaticRoutes?.value, range: draft.document.name.range)
}

private let defaultUplink = InterfaceName("eth0")!
private let defaultEndpointInterface = InterfacePattern("ep+")!
/// The loopback interface, the one that holds the gateway addresses, and the tunnels to service functions.
private let reservedInterfaces = [
  InterfacePattern("lo")!, InterfacePattern("romana-gw")!, .serviceTunnels, .regionTunnels,
]

/// The links of a host with their interfaces.
private func assembleLinks(
  _ host: HostDraft, _ settings: SettingsDocument, _ vlans: ResolvedVLANs, _ diagnostics: inout Diagnostics
) -> [HostLink] {
  let names = settings.interfaces?.value ?? [defaultUplink]
  let pattern = settings.endpointInterface?.value ?? defaultEndpointInterface
  for interface in names {
    if pattern.matches(interface) {
      diagnostics.addOnce(
        .uplinkIsEndpoint(
          interface, pattern, of: host.document.name,
          at: settings.interfaces?.range ?? settings.endpointInterface?.range))
    }
    if reservedInterfaces.contains(where: { $0.matches(interface) }) {
      diagnostics.addOnce(.reservedUplink(interface, of: host.document.name, at: settings.interfaces?.range))
    }
  }
  if !host.vlans.isEmpty {
    return zip(host.vlans, host.links).map { vlan, link in
      let parent = names[0]
      let isTagged = host.isTagged
      let interface =
        isTagged ? subinterface(of: parent, vlans.vlans[vlan], pattern, host, settings, &diagnostics) : parent
      return HostLink(
        interface: interface, address: link.address, address6: link.address6, vlan: vlan, trunk: isTagged ? parent : nil
      )
    }
  }
  // Too few or too many names were reported.
  return host.links.enumerated().map { index, link in
    HostLink(
      interface: names[min(index, names.count - 1)], torPort: host.torPort(ofLink: index)?.value,
      isUnnumbered: settings.hostLinks?.value == .unnumbered, address: link.address, address6: link.address6)
  }
}

/// The interface of a VLAN on a trunk: eth0.10. Where it can't be called so, that of the trunk, after a message.
private func subinterface(
  of parent: InterfaceName, _ vlan: VLAN, _ pattern: InterfacePattern, _ host: HostDraft, _ settings: SettingsDocument,
  _ diagnostics: inout Diagnostics
) -> InterfaceName {
  func refuse(_ problem: String, at range: SourceRange?, help: String) {
    diagnostics.addOnce(.subinterfaceName(parent, vlan, host.document.name, at: range, problem, help: help))
  }
  guard let name = InterfaceName("\(parent).\(vlan.id)") else {
    refuse(
      "has a name of more than 15 characters", at: settings.interfaces?.range,
      help: "rename the uplink, for example with a systemd.link file")
    return parent
  }
  if pattern.matches(name) {
    refuse(
      "matches the endpoint interfaces '\(pattern)'", at: settings.endpointInterface?.range,
      help: "narrow `endpoint_interface:`, or rename the uplink")
  }
  return name
}

/// No VLAN has larger packets than the interface that carries it.
private func checkVLANMTU(
  _ host: HostDraft, _ settings: SettingsDocument, _ vlans: ResolvedVLANs, _ diagnostics: inout Diagnostics
) {
  guard let limit = settings.mtu else { return }
  for vlan in host.vlans {
    guard let mtu = vlans.documents[vlan].mtu, mtu.value > limit.value else { continue }
    diagnostics.addOnce(.vlanMTU(vlans.documents[vlan], host.document.name, limit))
  }
}

private func assembleSettings(
  _ host: HostDraft, _ settings: SettingsDocument, _ diagnostics: inout Diagnostics
) -> HostSettings {
  let pattern = settings.endpointInterface?.value ?? defaultEndpointInterface
  let name = host.document.name
  for reserved in reservedInterfaces where pattern.overlaps(reserved) {
    diagnostics.addOnce(.reservedPattern(pattern, reserved, of: name, at: settings.endpointInterface?.range))
  }
  if let sets = settings.firewallSets, sets.value == .ipset, settings.firewallBackend?.value == .nft {
    diagnostics.addOnce(.setsOfOtherBackend(of: name, at: sets.range))
  }
  checkSpeaker(settings, host.routing, of: name, &diagnostics)
  return HostSettings(
    speaker: settings.speaker?.value ?? .bird, bfd: settings.bfd?.value ?? .auto,
    bgpRole: settings.bgpRole?.value ?? .auto, routing: host.routing, endpointInterface: pattern,
    defaultRoute: settings.defaultRoute?.value ?? .none,
    firewallBackend: settings.firewallBackend?.value ?? .iptables,
    firewallMode: settings.firewallMode?.value == .share ? .share : .own,
    usesAddressSets: settings.firewallSets?.value == .ipset && settings.firewallBackend?.value != .nft,
    management: resolveManagement(settings, of: name, &diagnostics), mtu: settings.mtu?.value,
    secret: settings.secret?.value)
}

extension Diagnostic {
  static func setsOfOtherBackend(of host: Located<Name>, at range: SourceRange) -> Diagnostic {
    setting(
      .setsOfOtherBackend, "`sets: ipset` goes with iptables, and the host '\(host.value)' has nft", of: host,
      at: range,
      note: "tables of nft have sets of their own", help: "remove `sets:`, or write `backend: iptables`")
  }
}

/// The meaning of the interfaces that the compiler reserves.
private let reservedMeaning =
  "'lo' is the loopback interface, 'romana-gw' holds the gateway addresses, 'romana-s1' and so on lead to service functions, 'romana-t0' and so on to other regions"

extension Diagnostic {
  /// A message about a setting that a host has, most likely by inheritance.
  static func setting(
    _ code: DiagnosticCode, _ message: String, of host: Located<Name>, at range: SourceRange?, note: String?,
    help: String
  ) -> Diagnostic {
    Diagnostic(
      code, message, at: range ?? host.range, labels: range == nil ? [] : [(host.range, "it holds for this host")],
      notes: note.map { [$0] } ?? [], help: [help])
  }

  static func uplinkIsEndpoint(
    _ interface: InterfaceName, _ pattern: InterfacePattern, of host: Located<Name>, at range: SourceRange?
  ) -> Diagnostic {
    setting(
      .interfaceConflict, "the uplink '\(interface)' matches the endpoint interfaces '\(pattern)'", of: host,
      at: range, note: "traffic of the uplink would be taken for that of an endpoint and dropped",
      help: "rename one, or narrow `endpoint_interface:`")
  }

  static func reservedUplink(
    _ interface: InterfaceName, of host: Located<Name>, at range: SourceRange?
  ) -> Diagnostic {
    setting(
      .interfaceConflict, "the uplink can't be '\(interface)'", of: host, at: range, note: reservedMeaning,
      help: "name the interface that leads to the ToR")
  }

  static func reservedPattern(
    _ pattern: InterfacePattern, _ reserved: InterfacePattern, of host: Located<Name>, at range: SourceRange?
  ) -> Diagnostic {
    setting(
      .interfaceConflict, "the endpoint interfaces '\(pattern)' and '\(reserved)' have names in common", of: host,
      at: range,
      note: reservedMeaning, help: "narrow `endpoint_interface:`")
  }

  static func speakerConflict(of host: Located<Name>, at range: SourceRange?) -> Diagnostic {
    setting(
      .speakerConflict, "a host with `protocol: bgp` can't have `speaker: none`", of: host, at: range, note: nil,
      help: "choose `speaker: bird`, or `protocol: static`")
  }
}
