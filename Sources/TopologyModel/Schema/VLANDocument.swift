/// A VLAN as written: what the racks that carry it have in common.
package struct VLANDocument: Sendable {
  package var name: Located<Name>
  package var id: Located<Int>
  package var mtu: Located<Int>?
}

/// A VLAN in a rack: the addresses of its hosts and of its gateway, the ToR.
package struct RackVLANDocument: Sendable {
  package var vlan: Located<Name>
  package var subnet: Located<Prefix>?
  package var subnet6: Located<Prefix>?
  package var gateway: Located<Address>?
  package var gateway6: Located<Address>?
  package var range: SourceRange

  package func subnet(_ family: AddressFamily) -> Located<Prefix>? { family == .ipv4 ? subnet : subnet6 }
  package func gateway(_ family: AddressFamily) -> Located<Address>? { family == .ipv4 ? gateway : gateway6 }
}

/// Whose endpoints a host in VLANs carries.
package enum NodeOperation: String, Choice {
  /// Those of one VLAN: the port of the ToR is an access port, frames have no tag.
  case dedicated
  /// Those of several VLANs: the port is a trunk, frames are tagged.
  case shared
}

extension ObjectSpec {
  static let vlan = ObjectSpec(
    "VLAN", phrase: "a VLAN",
    "A VLAN (IEEE 802.1Q) that hosts of racks with `access: l2` are on. Networks are bound to it by `vlan:`.",
    [
      KeySpec("name", .name, required: true, "The name of the VLAN."),
      KeySpec("id", .integer(1...4094), required: true, "Its id, which is the tag of its frames on a trunk."),
      KeySpec(
        "mtu", .integer(1280...65535),
        "The MTU in bytes of its interfaces on hosts, not above the host's `mtu`; absent: the host's."),
    ])

  static let rackVLAN = ObjectSpec(
    "rack VLAN", phrase: "a VLAN of a rack",
    "A VLAN that the ToR of the rack carries; its segment ends there.",
    [
      KeySpec("vlan", .name, required: true, "The name of the VLAN."),
      KeySpec(
        "subnet", .prefix(.ipv4),
        "The addresses of the VLAN in this rack, as `subnet` of a rack with `access: l2` has them."),
      KeySpec("subnet6", .prefix(.ipv6), "The same for IPv6. Needed where a network of the VLAN is IPv6."),
      KeySpec(
        "gateway", .address(.ipv4),
        "The address of the ToR in the VLAN, one of the first nine of the subnet; absent: the first."),
      KeySpec("gateway6", .address(.ipv6), "The same for IPv6."),
    ])
}

func decodeVLAN(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> VLANDocument? {
  guard let reader = MappingReader(node, .vlan, &diagnostics) else { return nil }
  let name = reader.requiredName("name", &diagnostics)
  _ = reader.required("id", &diagnostics)
  let id = reader.integer("id", &diagnostics)
  let mtu = reader.integer("mtu", &diagnostics)
  guard let name else { return nil }
  guard let id else {
    diagnostics.lostNames.insert(name.value)
    return nil
  }
  return VLANDocument(name: name, id: id, mtu: mtu)
}

func decodeRackVLAN(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> RackVLANDocument? {
  guard let reader = MappingReader(node, .rackVLAN, &diagnostics) else { return nil }
  let vlan = reader.requiredName("vlan", &diagnostics)
  let subnet = reader.prefix("subnet", &diagnostics)
  let subnet6 = reader.prefix("subnet6", &diagnostics)
  let gateway = reader.address("gateway", &diagnostics)
  let gateway6 = reader.address("gateway6", &diagnostics)
  guard let vlan else { return nil }
  return RackVLANDocument(
    vlan: vlan, subnet: subnet, subnet6: subnet6, gateway: gateway, gateway6: gateway6, range: node.range)
}
