/// Puts the settled devices into the flat, ordered arrays of a topology.
func assemble(
  _ draft: TopologyDraft, fabric: Name, networks: ResolvedNetworks, tenants: [Tenant], underlay: [Prefix],
  _ diagnostics: inout Diagnostics
) -> Topology {
  var topology = Topology(
    fabric: fabric, networks: networks.networks, tenants: tenants, regions: [], racks: [], hosts: [],
    underlay: underlay)
  var resolver = EndpointResolver(networks, tenants)
  for region in draft.regions.sorted(by: { $0.id < $1.id }) {
    guard region.document.kind?.value != .ec2 else { continue }
    let (first, firstHost) = (topology.racks.count, topology.hosts.count)
    for rack in region.racks.sorted(by: { $0.id < $1.id }) {
      // A rack without one was reported when it was decoded.
      guard let tor = rack.tors.first else { continue }
      if rack.tors.count > 1 {
        diagnostics.add(.notSupportedYet("two ToRs in a rack (dual-homed hosts)", at: rack.tors[1].document.name.range))
      }
      append(rack, tor, region, to: &topology, &resolver, &diagnostics)
    }
    topology.regions.append(
      Region(
        name: region.document.name.value, id: region.id, routing: region.routing,
        carriesDefault: topology.hosts[firstHost...].contains { $0.settings.defaultRoute == .own },
        spines: region.spines.sorted { $0.id < $1.id }.map(assembleSwitch),
        racks: first..<topology.racks.count, networks: region.networks, allocations: region.allocations))
  }
  return topology
}

private func append(
  _ rack: RackDraft, _ tor: SwitchDraft, _ region: RegionDraft, to topology: inout Topology,
  _ resolver: inout EndpointResolver, _ diagnostics: inout Diagnostics
) {
  let (index, first) = (topology.racks.count, topology.hosts.count)
  let order = rack.hosts.indices.sorted { rack.hosts[$0].id < rack.hosts[$1].id }
  topology.racks.append(
    Rack(
      name: rack.document.name.value, id: rack.id, region: topology.regions.count, tor: assembleSwitch(tor),
      uplinks: rack.uplinks, hosts: first..<first + order.count, allocations: rack.allocations))
  for (position, source) in order.enumerated() {
    let host = rack.hosts[source]
    let settings = assembleSettings(host, rack.settings, &diagnostics)
    topology.hosts.append(
      Host(
        name: host.document.name.value, id: host.id, rack: index, index: position, asn: host.asn,
        isDrained: host.document.state?.value == .drained, address: host.address, address6: host.address6,
        settings: settings, endpoints: []))
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
/// The loopback interface, and the one that holds the gateway addresses.
private let reservedInterfaces = [InterfaceName("lo")!, InterfaceName("romana-gw")!]

private func assembleSettings(
  _ host: HostDraft, _ outer: SettingsDocument, _ diagnostics: inout Diagnostics
) -> HostSettings {
  let settings = host.document.settings.inheriting(outer)
  let interface = settings.interfaces?.value.first ?? defaultUplink
  let pattern = settings.endpointInterface?.value ?? defaultEndpointInterface
  if pattern.matches(interface) {
    diagnostics.add(
      .uplinkIsEndpoint(
        host.document.name, interface, pattern, at: settings.interfaces?.range ?? settings.endpointInterface?.range))
  }
  for reserved in reservedInterfaces where pattern.matches(reserved) || interface == reserved {
    diagnostics.add(
      .reservedInterface(
        host.document.name, reserved,
        at: interface == reserved ? settings.interfaces?.range : settings.endpointInterface?.range))
  }
  if host.routing == .bgp, settings.speaker?.value == Speaker.none {
    diagnostics.add(.speakerConflict(host.document.name, at: settings.speaker?.range))
  }
  return HostSettings(
    speaker: settings.speaker?.value ?? .bird, routing: host.routing, interface: interface,
    endpointInterface: pattern, defaultRoute: settings.defaultRoute?.value ?? .none,
    firewallMode: settings.firewallMode?.value == .share ? .share : .own, mtu: settings.mtu?.value)
}

extension Diagnostic {
  static func uplinkIsEndpoint(
    _ host: Located<Name>, _ interface: InterfaceName, _ pattern: InterfacePattern, at range: SourceRange?
  ) -> Diagnostic {
    Diagnostic(
      .interfaceConflict,
      "the uplink '\(interface)' of '\(host.value)' matches its endpoint interfaces '\(pattern)'",
      at: range ?? host.range, notes: ["traffic of the uplink would be taken for that of an endpoint and dropped"],
      help: ["rename one, or narrow `endpoint_interface:`"])
  }

  static func reservedInterface(_ host: Located<Name>, _ interface: InterfaceName, at range: SourceRange?) -> Diagnostic
  {
    Diagnostic(
      .interfaceConflict, "the interface '\(interface)' of '\(host.value)' is neither an uplink nor an endpoint's",
      at: range ?? host.range, notes: ["'lo' is the loopback interface, 'romana-gw' holds the gateway addresses"],
      help: ["choose another interface, or narrow `endpoint_interface:`"])
  }

  static func speakerConflict(_ host: Located<Name>, at range: SourceRange?) -> Diagnostic {
    Diagnostic(
      .speakerConflict, "the host '\(host.value)' has `protocol: bgp` but `speaker: none`", at: range ?? host.range,
      labels: range == nil ? [] : [(host.range, "this host")],
      help: ["choose `speaker: bird`, or `protocol: static`"])
  }
}
