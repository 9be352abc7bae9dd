/// Gives every host its addresses on the links to its ToRs: the n-th /31 and /127 of the rack's subnets for id n,
/// unless the topology names an address; those of a segment are `assignSegmentAddresses`'s.
///
/// Of two ToRs each has its own subnet, or a half of the rack's: the first half to the one with the lower id, so that the
/// addresses of a rack stay what they are when it gets a second ToR. A host has the same place in both.
func assignHostAddresses(
  _ draft: inout TopologyDraft, _ networks: ResolvedNetworks, _ diagnostics: inout Diagnostics
) {
  for region in draft.regions.indices {
    for rack in draft.regions[region].racks.indices {
      let item = draft.regions[region].racks[rack]
      let present = draft.regions[region].networks.map { networks.networks[$0] }.filter { item.has($0) }
      if !item.document.vlans.isEmpty {
        assignVLANAddresses(to: &draft.regions[region].racks[rack], present, &diagnostics)
        continue
      }
      if !item.hosts.isEmpty { checkSubnets(item, present, &diagnostics) }
      if item.access == .l2 {
        let isFlat = draft.regions[region].isFlat(item)
        assignSegmentAddresses(to: &draft.regions[region].racks[rack], isFlat: isFlat, &diagnostics)
        continue
      }
      for family in AddressFamily.allCases {
        assign(item.subnets(family), family, to: &draft.regions[region].racks[rack].hosts, &diagnostics)
      }
    }
    checkSharedSegments(draft.regions[region], &diagnostics)
  }
}

extension RackDraft {
  /// Where the addresses of each link of the hosts come from; none without a subnet.
  fileprivate func subnets(_ family: AddressFamily) -> [Located<Prefix>] {
    let tors = orderedToRs
    let whole = document.subnet(family)
    guard isDualHomed else {
      return [access == .l3 ? whole ?? tors.first?.document.subnet(family) : whole].compactMap(\.self)
    }
    let own = tors.compactMap { $0.document.subnet(family) }
    // That they disagree is reported elsewhere.
    if !own.isEmpty { return own.count == 2 && own[0].value.length == own[1].value.length ? own : [] }
    guard let whole else { return [] }
    if whole.value.hostBitCount == 0 { return [whole] }
    return [0, 1].map { Located(whole.value.child($0, length: whole.value.length + 1), at: whole.range) }
  }

  /// Whether some subnet of the family is written, on the rack or on a ToR.
  fileprivate func hasSubnet(_ family: AddressFamily) -> Bool {
    document.subnet(family) != nil || access == .l3 && tors.contains { $0.document.subnet(family) != nil }
  }
}

/// A family that has a network needs a subnet in the rack, and BGP needs an IPv4 address as router id.
private func checkSubnets(
  _ rack: RackDraft, _ networks: [Network], _ diagnostics: inout Diagnostics
) {
  func network(_ family: AddressFamily) -> Network? { networks.first { $0.family == family } }
  if !rack.hasSubnet(.ipv4), network(.ipv4) != nil || rack.hasBGPHost {
    diagnostics.add(.missingSubnet(rack, key: "subnet", network: network(.ipv4)))
  }
  // On unnumbered links a host needs no IPv6 address.
  if !rack.hasSubnet(.ipv6), network(.ipv6) != nil, rack.hosts.contains(where: { !rack.isUnnumbered($0) }) {
    diagnostics.add(.missingSubnet(rack, key: "subnet6", network: network(.ipv6)))
  }
}

private func assign(
  _ subnets: [Located<Prefix>], _ family: AddressFamily, to hosts: inout [HostDraft],
  _ diagnostics: inout Diagnostics
) {
  func explicit(_ index: Int) -> Located<Address>? {
    family == .ipv4 ? hosts[index].document.address : hosts[index].document.address6
  }
  guard let subnet = subnets.first else {
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
      guard checkLinkAddress(explicit, document.name.value, subnet, isHalf: subnets.count > 1, &diagnostics) else {
        continue
      }
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
    for (link, other) in zip(hosts[index].links.indices, subnets) {
      let place = other.value.address.advanced(by: address.bits - subnet.value.address.bits)
      if family == .ipv4 { hosts[index].links[link].address = place } else { hosts[index].links[link].address6 = place }
    }
  }
  if let first = homeless.first {
    diagnostics.add(
      .subnetFull(
        hosts[first], subnet, count: hosts.count, outside: homeless.count, isHalf: subnets.count > 1))
  }
}

private func checkLinkAddress(
  _ address: Located<Address>, _ host: Name, _ subnet: Located<Prefix>, isHalf: Bool,
  _ diagnostics: inout Diagnostics
) -> Bool {
  guard subnet.value.contains(address.value) else {
    diagnostics.add(.hostOutsideSubnet(address, host, subnet, isHalf: isHalf))
    return false
  }
  guard address.value.bits & 1 == 1 else {
    diagnostics.add(.wrongLinkAddress(address, host))
    return false
  }
  return true
}

/// Of two ToRs the second has what the first has, at the same place of its own.
private let firstToR = "it is the part of the first of the two ToRs; the second has the same places in its own"

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
    _ host: HostDraft, _ subnet: Located<Prefix>, count: Int, outside: Int, isHalf: Bool
  ) -> Diagnostic {
    let bits = subnet.value.hostBitCount
    let room = bits > 0 ? counted(1 << min(bits - 1, 30), "host") : "no host"
    return Diagnostic(
      .hostOutsideSubnet,
      "the host '\(host.document.name.value)' has the id \(host.id), but \(subnet.value) has room for \(room)",
      at: host.document.id?.range ?? host.document.name.range, labels: [(subnet.range, "two addresses a host")],
      notes: ["the rack has \(counted(count, "host"))" + (outside > 1 ? "; \(outside) of them have no room" : "")]
        + (isHalf ? [firstToR] : []),
      help: ["widen the subnet" + (bits > 0 ? ", or give the host an `address:` inside it" : "")])
  }

  static func hostOutsideSubnet(_ address: Located<Address>, _ host: Name, _ subnet: Located<Prefix>, isHalf: Bool)
    -> Diagnostic
  {
    Diagnostic(
      .hostOutsideSubnet, "the address \(address.value) of '\(host)' is outside its rack's subnet \(subnet.value)",
      at: address.range, labels: [(subnet.range, "the subnet")], notes: isHalf ? [firstToR] : [],
      help: ["choose an odd address inside the subnet"])
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
