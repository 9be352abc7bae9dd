/// Gives every host its addresses on the link to its ToR: the n-th /31 and /127 of the rack's subnets for id n,
/// unless the topology names an address; those of a segment are `assignSegmentAddresses`'s.
func assignHostAddresses(
  _ draft: inout TopologyDraft, _ networks: ResolvedNetworks, _ diagnostics: inout Diagnostics
) {
  for region in draft.regions.indices {
    let families = Set(draft.regions[region].networks.map { networks.networks[$0].family })
    for rack in draft.regions[region].racks.indices {
      let item = draft.regions[region].racks[rack]
      if !item.hosts.isEmpty { checkSubnets(item, families, networks, draft.regions[region], &diagnostics) }
      if item.access == .l2 {
        assignSegmentAddresses(to: &draft.regions[region].racks[rack], &diagnostics)
        continue
      }
      assign(item.document.subnet, .ipv4, to: &draft.regions[region].racks[rack].hosts, &diagnostics)
      assign(item.document.subnet6, .ipv6, to: &draft.regions[region].racks[rack].hosts, &diagnostics)
    }
  }
}

/// A family that has a network needs a subnet in the rack, and BGP needs an IPv4 address as router id.
private func checkSubnets(
  _ rack: RackDraft, _ families: Set<AddressFamily>, _ networks: ResolvedNetworks, _ region: RegionDraft,
  _ diagnostics: inout Diagnostics
) {
  func network(_ family: AddressFamily) -> Network? {
    region.networks.map { networks.networks[$0] }.first { $0.family == family }
  }
  if rack.document.subnet == nil, families.contains(.ipv4) || rack.hasBGPHost {
    diagnostics.add(.missingSubnet(rack, key: "subnet", network: network(.ipv4)))
  }
  if rack.document.subnet6 == nil, families.contains(.ipv6) {
    diagnostics.add(.missingSubnet(rack, key: "subnet6", network: network(.ipv6)))
  }
}

private func assign(
  _ subnet: Located<Prefix>?, _ family: AddressFamily, to hosts: inout [HostDraft],
  _ diagnostics: inout Diagnostics
) {
  func explicit(_ index: Int) -> Located<Address>? {
    family == .ipv4 ? hosts[index].document.address : hosts[index].document.address6
  }
  guard let subnet else {
    for index in hosts.indices {
      if let address = explicit(index) {
        diagnostics.add(.addressWithoutSubnet(address, hosts[index].document.name.value))
      }
    }
    return
  }
  var owners: [UInt128: Int] = [:]
  var homeless: [Int] = []
  for index in hosts.indices {
    let document = hosts[index].document
    var address = subnet.value.address.advanced(by: UInt128(hosts[index].id) * 2 + 1)
    if subnet.value.hostBitCount == 0 {
      homeless.append(index)
      continue
    } else if let explicit = explicit(index) {
      guard checkLinkAddress(explicit, document.name.value, subnet, &diagnostics) else { continue }
      address = explicit.value
    } else if !subnet.value.contains(address) {
      homeless.append(index)
      continue
    }
    if let owner = owners[address.bits] {
      // Equal ids were reported already.
      guard hosts[owner].id != hosts[index].id || explicit(owner) != nil || explicit(index) != nil else { continue }
      diagnostics.add(
        .duplicateAddress(address, document.name, explicit(index)?.range, hosts[owner].document.name))
      continue
    }
    owners[address.bits] = index
    if family == .ipv4 { hosts[index].links[0].address = address } else { hosts[index].links[0].address6 = address }
  }
  if let first = homeless.first {
    diagnostics.add(.subnetFull(hosts[first], subnet, count: hosts.count, outside: homeless.count))
  }
}

private func checkLinkAddress(
  _ address: Located<Address>, _ host: Name, _ subnet: Located<Prefix>, _ diagnostics: inout Diagnostics
) -> Bool {
  guard subnet.value.contains(address.value) else {
    diagnostics.add(.hostOutsideSubnet(address, host, subnet))
    return false
  }
  guard address.value.bits & 1 == 1 else {
    diagnostics.add(.wrongLinkAddress(address, host))
    return false
  }
  return true
}

extension Diagnostic {
  static func missingSubnet(_ rack: RackDraft, key: String, network: Network?) -> Diagnostic {
    let reason =
      network.map { "the network '\($0.name)' is \($0.family.name)" } ?? "BGP needs an IPv4 address as router id"
    return Diagnostic(
      .missingSubnet, "the rack '\(rack.document.name.value)' has no '\(key)', but \(reason)",
      at: rack.document.name.range, labels: network.map { [($0.range, "this network")] } ?? [],
      help: ["add `\(key):` to the rack, or keep the network out of the region with `regions:`"])
  }

  static func addressWithoutSubnet(_ address: Located<Address>, _ host: Name) -> Diagnostic {
    let key = address.value.family == .ipv4 ? "subnet" : "subnet6"
    return Diagnostic(
      .missingSubnet, "the host '\(host)' has the address \(address.value), but its rack has no '\(key)'",
      at: address.range, help: ["add `\(key):` to the rack"])
  }

  static func subnetFull(
    _ host: HostDraft, _ subnet: Located<Prefix>, count: Int, outside: Int
  ) -> Diagnostic {
    let bits = subnet.value.hostBitCount
    let room = bits > 0 ? counted(1 << min(bits - 1, 30), "host") : "no host"
    return Diagnostic(
      .hostOutsideSubnet,
      "the host '\(host.document.name.value)' has the id \(host.id), but \(subnet.value) has room for \(room)",
      at: host.document.id?.range ?? host.document.name.range, labels: [(subnet.range, "two addresses a host")],
      notes: ["the rack has \(counted(count, "host"))" + (outside > 1 ? "; \(outside) of them have no room" : "")],
      help: ["widen the subnet" + (bits > 0 ? ", or give the host an `address:` inside it" : "")])
  }

  static func hostOutsideSubnet(_ address: Located<Address>, _ host: Name, _ subnet: Located<Prefix>) -> Diagnostic {
    Diagnostic(
      .hostOutsideSubnet, "the address \(address.value) of '\(host)' is outside its rack's subnet \(subnet.value)",
      at: address.range, labels: [(subnet.range, "the subnet")], help: ["choose an odd address inside the subnet"])
  }

  static func wrongLinkAddress(_ address: Located<Address>, _ host: Name) -> Diagnostic {
    Diagnostic(
      .wrongLinkAddress, "the address \(address.value) of '\(host)' is even", at: address.range,
      notes: ["on a routed link the ToR has the even address and the host the odd one above it"],
      help: ["did you mean \(address.value.advanced(by: 1))?"])
  }

  static func duplicateAddress(
    _ address: Address, _ host: Located<Name>, _ range: SourceRange?, _ other: Located<Name>
  ) -> Diagnostic {
    Diagnostic(
      .duplicateAddress, "the hosts '\(other.value)' and '\(host.value)' both have the address \(address)",
      at: range ?? host.range, labels: [(other.range, "the other host")],
      help: ["choose another address; without `address:` host id n takes the n-th pair of the subnet"])
  }
}
