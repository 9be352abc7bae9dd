/// The most gateways that a segment has room for: the k-th has the k-th address of the subnet after the network's own.
let mostGateways = 9

/// Where the hosts of a segment begin in its subnet: host id n has this address plus n.
private let firstHostAddress: UInt128 = UInt128(mostGateways) + 1

/// The same in an EC2 subnet, which keeps the first four addresses and the last (Amazon VPC User Guide, "Subnet CIDR blocks").
private let firstInstanceAddress: UInt128 = 4

/// Gives the hosts of a rack with `access: l2` their addresses on the segment, unless the topology names them.
///
/// - Parameter isFlat: there are no gateways, so that hosts may be named any address of the subnet.
func assignSegmentAddresses(to rack: inout RackDraft, isFlat: Bool, _ diagnostics: inout Diagnostics) {
  for family in AddressFamily.allCases {
    let subnet = family == .ipv4 ? rack.document.subnet : rack.document.subnet6
    guard let subnet else {
      for host in rack.hosts {
        if let address = host.address(family) {
          diagnostics.add(.addressWithoutSubnet(address, host.document.name.value))
        }
      }
      continue
    }
    let segment = SegmentPlan(subnet: subnet, isZone: rack.document.zone != nil, isFlat: isFlat)
    assign(segment, family, to: &rack.hosts, &diagnostics) { (0, $0.address(family)) }
  }
}

/// Gives the hosts of a rack with VLANs their addresses in each. An `address:` is that in the first VLAN of the host; in the
/// others it has the same place.
///
/// - Parameter networks: those that exist in the rack.
func assignVLANAddresses(to rack: inout RackDraft, _ networks: [Network], _ diagnostics: inout Diagnostics) {
  let first = Set(rack.hosts.filter { $0.routing == .bgp }.compactMap(\.vlans.first))
  for item in rack.vlans {
    for family in AddressFamily.allCases {
      guard let subnet = item.document.subnet(family) else {
        let key = family == .ipv4 ? "subnet" : "subnet6"
        for host in rack.hosts where host.vlans.first == item.vlan {
          if let address = host.address(family) {
            diagnostics.add(.addressWithoutSubnet(address, host.document.name.value))
          }
        }
        if let network = networks.first(where: { $0.vlan == item.vlan && $0.family == family }) {
          diagnostics.add(
            .missingVLANSubnet(item.document, key, "the network '\(network.name)' of the VLAN is \(family.name)"))
        } else if family == .ipv4, first.contains(item.vlan) {
          diagnostics.add(
            .missingVLANSubnet(item.document, key, "a host speaks BGP here, and its IPv4 address is its router id"))
        }
        continue
      }
      let carried = rack.vlans
      assign(SegmentPlan(subnet: subnet), family, to: &rack.hosts, &diagnostics) { host in
        guard let link = host.vlans.firstIndex(of: item.vlan) else { return nil }
        guard link > 0, let named = host.address(family) else { return (link, host.address(family)) }
        let main = carried.first { $0.vlan == host.vlans[0] }?.document.subnet(family)
        guard let main, main.value.contains(named.value) else { return (link, nil) }
        let place = named.value.bits - main.value.address.bits
        return (link, Located(Address(family, subnet.value.address.bits &+ place), at: named.range))
      }
    }
  }
}

extension HostDraft {
  /// The address that the topology names.
  fileprivate func address(_ family: AddressFamily) -> Located<Address>? {
    family == .ipv4 ? document.address : document.address6
  }
}

/// The addresses of a segment that hosts may have.
private struct SegmentPlan {
  let subnet: Located<Prefix>
  /// Whether it is that of an EC2 zone.
  var isZone = false
  /// Whether there are no gateways, of which some may have to come.
  var isFlat = false

  /// Nil where the subnet holds reserved addresses only. The last one of IPv4 is that of broadcasts (RFC 919).
  var addresses: ClosedRange<UInt128>? {
    let prefix = subnet.value
    guard prefix.hostBitCount >= (isZone ? 3 : 4) else { return nil }
    let first = prefix.address.bits + (isZone ? firstInstanceAddress : firstHostAddress)
    let last = prefix.lastAddress.bits - (prefix.family == .ipv4 || isZone ? 1 : 0)
    return first...last
  }

  /// What the addresses that no host can have are for.
  var reserved: String {
    if isZone { return "EC2 keeps the first four addresses of a subnet and the last" }
    if isFlat {
      return subnet.value.family == .ipv4 ? "it is the network's or that of broadcasts" : "it is that of all routers"
    }
    return "the first is the network's, the next \(mostGateways) are for gateways"
      + (subnet.value.family == .ipv4 ? ", the last is for broadcasts" : "")
  }

  /// Whether a host may be given an address by name. Of IPv4 the first and the last are never a host's (RFC 1122 section 3.2.1.3),
  /// of IPv6 the first is that of all routers (RFC 4291 section 2.6.1).
  func mayBeNamed(_ address: Address) -> Bool {
    guard isFlat else { return addresses?.contains(address.bits) ?? false }
    let prefix = subnet.value
    return address != prefix.address && (prefix.family == .ipv6 || address != prefix.lastAddress)
  }

  var room: UInt128 { addresses.map { $0.upperBound - $0.lowerBound + 1 } ?? 0 }

  /// The address of a host id; nil if there is no room.
  func address(_ id: Int) -> Address? {
    guard let addresses, UInt128(id) < room else { return nil }
    return Address(subnet.value.family, addresses.lowerBound + UInt128(id))
  }
}

private func assign(
  _ segment: SegmentPlan, _ family: AddressFamily, to hosts: inout [HostDraft], _ diagnostics: inout Diagnostics,
  _ placed: (HostDraft) -> (link: Int, named: Located<Address>?)?
) {
  var owners: [UInt128: Int] = [:]
  var homeless: [Int] = []
  for index in hosts.indices {
    guard let (link, named) = placed(hosts[index]) else { continue }
    let name = hosts[index].document.name
    if let named, !check(named, name.value, segment, &diagnostics) { continue }
    guard let address = named?.value ?? segment.address(hosts[index].id) else {
      homeless.append(index)
      continue
    }
    if let owner = owners[address.bits] {
      // Equal ids were reported already.
      guard hosts[owner].id != hosts[index].id || hosts[owner].address(family) != nil || named != nil else { continue }
      diagnostics.add(.duplicateSegmentAddress(address, name, named?.range, hosts[owner].document.name))
      continue
    }
    owners[address.bits] = index
    if family == .ipv4 {
      hosts[index].links[link].address = address
    } else {
      hosts[index].links[link].address6 = address
    }
  }
  if let first = homeless.first {
    diagnostics.add(.segmentFull(hosts[first], segment, outside: homeless.count))
  }
}

private func check(
  _ address: Located<Address>, _ host: Name, _ segment: SegmentPlan, _ diagnostics: inout Diagnostics
) -> Bool {
  guard segment.subnet.value.contains(address.value) else {
    diagnostics.add(.hostOutsideSegment(address, host, segment.subnet))
    return false
  }
  guard segment.mayBeNamed(address.value) else {
    diagnostics.add(.reservedSegmentAddress(address, host, segment))
    return false
  }
  return true
}

extension Diagnostic {
  fileprivate static func hostOutsideSegment(
    _ address: Located<Address>, _ host: Name, _ subnet: Located<Prefix>
  ) -> Diagnostic {
    Diagnostic(
      .hostOutsideSubnet, "the address \(address.value) of '\(host)' is outside its rack's subnet \(subnet.value)",
      at: address.range, labels: [(subnet.range, "the subnet")], help: ["choose an address inside the subnet"])
  }

  fileprivate static func reservedSegmentAddress(
    _ address: Located<Address>, _ host: Name, _ segment: SegmentPlan
  ) -> Diagnostic {
    Diagnostic(
      .reservedSegmentAddress,
      "the address \(address.value) of '\(host)' is reserved on the segment \(segment.subnet.value)",
      at: address.range, labels: [(segment.subnet.range, "the segment")], notes: [segment.reserved],
      help: [segment.address(0).map { "choose \($0) or above" } ?? "widen the subnet"])
  }

  fileprivate static func duplicateSegmentAddress(
    _ address: Address, _ host: Located<Name>, _ range: SourceRange?, _ other: Located<Name>
  ) -> Diagnostic {
    Diagnostic(
      .duplicateAddress, "the hosts '\(other.value)' and '\(host.value)' both have the address \(address)",
      at: range ?? host.range, labels: [(other.range, "the other host")],
      help: ["choose another address; without `address:` host id n has the n-th one after the gateways'"])
  }

  fileprivate static func segmentFull(
    _ host: HostDraft, _ segment: SegmentPlan, outside: Int
  ) -> Diagnostic {
    let (subnet, room) = (segment.subnet, segment.room)
    let words = room == 0 ? "no host" : counted(Int(clamping: room), "host")
    return Diagnostic(
      .hostOutsideSubnet,
      "the host '\(host.document.name.value)' has the id \(host.id), but \(subnet.value) has room for \(words)",
      at: host.document.id?.range ?? host.document.name.range,
      labels: [
        (
          subnet.range,
          segment.isZone ? segment.reserved : "the first \(mostGateways + 1) addresses are reserved"
        )
      ],
      notes: outside > 1 ? ["\(outside) hosts of the rack have no room"] : [],
      help: ["widen the subnet" + (room > 0 ? ", or give the host an `address:` inside it" : "")])
  }
}
