extension Diagnostic {
  static func duplicateVLANID(_ second: VLANDocument, first: VLANDocument) -> Diagnostic {
    Diagnostic(
      .duplicateVLANID,
      "the VLANs '\(first.name.value)' and '\(second.name.value)' both have the id \(second.id.value)",
      at: second.id.range, labels: [(first.id.range, "the other one")],
      notes: ["on a trunk the id is all that tells the frames of one VLAN from those of another"],
      help: ["give one of them another id"])
  }

  static func vlanTwice(_ second: Located<Name>, first: Located<Name>, _ rack: RackDraft) -> Diagnostic {
    Diagnostic(
      .duplicateVLANID, "the rack '\(rack.document.name.value)' carries the VLAN '\(second.value)' twice",
      at: second.range, labels: [(first.range, "the first time")], help: ["remove one, or name another VLAN"])
  }

  static func vlansNotPossible(_ first: RackVLANDocument, _ rack: RackDraft) -> Diagnostic {
    let name = rack.document.name
    let (message, help) =
      rack.access != .l2
      ? (
        "the rack '\(name.value)' has VLANs, but `access: l3`",
        "write `access: l2` for the rack: a routed link to each host has no room for VLANs"
      )
      : (
        "the rack '\(name.value)' has VLANs, but \(rack.tors.isEmpty ? "no ToR" : "\(rack.tors.count) ToRs")",
        "give the rack one ToR: it is the gateway between its VLANs"
      )
    return Diagnostic(
      .vlansNotPossible, message, at: first.range, labels: [(name.range, "the rack")], help: [help])
  }

  static func subnetBesideVLANs(_ subnet: Located<Prefix>, _ vlan: RackVLANDocument) -> Diagnostic {
    let key = subnet.value.family == .ipv4 ? "subnet" : "subnet6"
    return Diagnostic(
      .conflictingKeys, "`\(key):` of a rack and `vlans:` exclude each other", at: subnet.range,
      labels: [(vlan.range, "each VLAN has subnets of its own")], help: ["move it to a VLAN of the rack"])
  }

  static func rackWithoutVLANs(_ host: Located<Name>, _ rack: RackDraft, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .vlanNotInRack, "the host '\(host.value)' is to be on VLANs, but its rack carries none", at: range,
      labels: [(rack.document.name.range, "this rack")],
      help: ["add `vlans:` to the rack, or remove the key"])
  }

  static func vlanNotInRack(_ vlan: Located<Name>, _ host: Located<Name>, _ rack: RackDraft) -> Diagnostic {
    let carried = rack.document.vlans.map(\.vlan.value.text)
    return Diagnostic(
      .vlanNotInRack,
      "the host '\(host.value)' is to be on the VLAN '\(vlan.value)', which its rack '\(rack.document.name.value)' does not carry",
      at: vlan.range, labels: rack.document.vlans.first.map { [($0.range, "the VLANs of the rack")] } ?? [],
      help: ["add it to `vlans:` of the rack, or choose among: \(carried.joined(separator: ", "))"])
  }

  static func hostWithoutVLAN(_ host: Located<Name>, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .vlanNotInRack, "the host '\(host.value)' is on no VLAN of its rack", at: range,
      notes: ["in a rack with VLANs a host that is on none has neither an address nor a gateway"],
      help: ["name at least one VLAN, or leave `vlans:` out for all of the rack"])
  }

  static func dedicatedToSeveral(
    _ node: Located<NodeOperation>, _ host: HostDocument, _ vlans: [Name]
  ) -> Diagnostic {
    Diagnostic(
      .dedicatedToSeveral,
      "the host '\(host.name.value)' has `node: dedicated`, but is on \(vlans.count) VLANs: \(vlans.map(\.text).joined(separator: ", "))",
      at: node.range, labels: host.vlans.map { [($0.range, "named here")] } ?? [],
      notes: host.vlans == nil ? ["without `vlans:` a host is on all VLANs of its rack"] : [],
      help: ["name the one VLAN with `vlans:`, or write `node: shared`"])
  }

  static func gatewayOutsideVLAN(
    _ gateway: Located<Address>, _ vlan: Located<Name>, subnet: Located<Prefix>?
  ) -> Diagnostic {
    guard let subnet else {
      return Diagnostic(
        .vlanGateway, "the VLAN '\(vlan.value)' has the gateway \(gateway.value), but no subnet that it is in",
        at: gateway.range, help: ["add `\(gateway.value.family == .ipv4 ? "subnet" : "subnet6"):`"])
    }
    let first = subnet.value.address.advanced(by: 1)
    return Diagnostic(
      .vlanGateway,
      "the gateway \(gateway.value) of the VLAN '\(vlan.value)' is none of the addresses that \(subnet.value) has for gateways",
      at: gateway.range, labels: [(subnet.range, "its subnet")],
      help: ["choose one of \(first) to \(first.advanced(by: UInt128(mostGateways) - 1)); host addresses follow them"])
  }

  static func vlanWithoutNetwork(_ vlan: Located<Name>) -> Diagnostic {
    Diagnostic(
      .vlanWithoutNetwork, "no network of the region is bound to the VLAN '\(vlan.value)': it has no endpoints",
      at: vlan.range, help: ["write `vlan: \(vlan.value)` on a network, or remove the VLAN from the rack"])
  }

  static func networkOnNoHost(_ network: Network, _ vlan: VLAN?) -> Diagnostic {
    Diagnostic(
      .networkOnNoHost, "no host has addresses of the network '\(network.name)'", at: network.range,
      notes: [
        vlan.map { "it is bound to the VLAN '\($0.name)', which no host is on" }
          ?? "it is bound to no VLAN, and all hosts are on VLANs"
      ],
      help: [vlan == nil ? "bind it with `vlan:`, or remove it" : "put a host on the VLAN, or remove the network"])
  }

  static func missingVLANSubnet(_ vlan: RackVLANDocument, _ key: String, _ reason: String) -> Diagnostic {
    Diagnostic(
      .missingSubnet, "the VLAN '\(vlan.vlan.value)' has no '\(key)' in this rack", at: vlan.range,
      notes: [reason], help: ["add `\(key):`"])
  }

  static func vlanMTU(
    _ vlan: VLANDocument, _ host: Located<Name>, _ limit: Located<Int>
  ) -> Diagnostic {
    Diagnostic(
      .vlanMTU,
      "the VLAN '\(vlan.name.value)' has the MTU \(vlan.mtu?.value ?? 0), the uplink of the host '\(host.value)' \(limit.value)",
      at: vlan.mtu?.range ?? vlan.name.range, labels: [(limit.range, "the host's")],
      notes: ["a sub-interface carries no larger packets than the interface below it"],
      help: ["raise `mtu:` of the host, or lower that of the VLAN"])
  }

  static func subinterfaceName(
    _ parent: InterfaceName, _ vlan: VLAN, _ host: Located<Name>, at range: SourceRange?, _ problem: String,
    help: String
  ) -> Diagnostic {
    setting(
      .subinterface, "the interface '\(parent).\(vlan.id)' of the host '\(host.value)' \(problem)", of: host, at: range,
      note: "a shared host has a sub-interface for each VLAN: that of the uplink, a dot and the id",
      help: help)
  }

  static func endpointVLAN(
    _ endpoint: EndpointDocument, _ tenant: Tenant, host: Name, on vlans: [Name], wants: [Name]
  ) -> Diagnostic {
    let needed = wants.isEmpty ? "no VLAN" : "the VLAN \(wants.map { "'\($0)'" }.joined(separator: " or "))"
    return Diagnostic(
      .endpointVLAN,
      "the endpoint '\(endpoint.name.value)' needs \(needed), but the host '\(host)' is on \(vlans.map { "'\($0)'" }.joined(separator: ", "))",
      at: endpoint.network?.range ?? endpoint.tenant.range,
      notes: ["the networks that the tenant '\(tenant.name)' may use here are bound to VLANs that the host is not on"],
      help: ["put the endpoint on another host, or the host on that VLAN; a `node: dedicated` has one VLAN only"])
  }
}
