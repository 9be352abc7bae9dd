import TopologyModel

/// What an address means in a topology, by the language's page alone: fields in the order region, rack, host, tenant,
/// segment, endpoint, the last three right-aligned, spare bits zero, endpoint ids from 3.
///
/// This is what the packet filter is held against; nothing of the plan of the filter is used here.
enum Place: Equatable {
  /// Indices of host, network and tenant, and the segment's id.
  case endpoint(host: Int, network: Int, tenant: Int, segment: Int)
  /// In the prefix of a host, but not of anything that has an endpoint: no such tenant, or not in this network, no such
  /// segment, a reserved endpoint id, spare bits.
  case unallocated(host: Int, isKnownTenant: Bool)
  /// Tenant 0.
  case infrastructure(host: Int)
  /// In a network, but in no host's prefix.
  case nowhere
  /// A device of the fabric, or link-local.
  case underlay
  case outside
}

/// What the language says about a packet; `indifferent` where it says nothing, since no endpoint has the address.
enum Judgement: Equatable {
  case allowed
  case denied
  case indifferent
}

struct Meaning {
  let topology: Topology
  /// Every address that a device of the fabric has on a link or as a loopback.
  private let underlay: Set<Address>
  /// By network, the prefixes of the hosts.
  private let prefixes: [[(host: Int, prefix: Prefix)]]

  init(topology: Topology) {
    self.topology = topology
    underlay = listUnderlay(topology)
    prefixes = topology.networks.indices.map { network in
      topology.hosts.indices.compactMap { host in
        topology.prefix(ofHost: host, inNetwork: network).map { (host, $0) }
      }
    }
  }

  func place(of address: Address) -> Place {
    guard let network = topology.networks.firstIndex(where: { contains($0.prefix, address) }) else {
      let linkLocal: [(UInt128, Int, AddressFamily)] = [
        (0xa9fe, 16, .ipv4), (0x3fa, 118, .ipv6), (UInt128(0xfd00_0ec2) << 96 | 0x254, 0, .ipv6),
      ]
      let isLinkLocal = linkLocal.contains { $0.2 == address.family && address.bits >> UInt128($0.1) == $0.0 }
      return isLinkLocal || underlay.contains(address) ? .underlay : .outside
    }
    if topology.networks[network].isDividedIntoBlocks { return placeInBlocks(address, network) }
    guard let (host, prefix) = prefixes[network].first(where: { contains($0.prefix, address) }) else { return .nowhere }
    return place(of: address, onHost: host, prefix, network)
  }

  private func place(of address: Address, onHost host: Int, _ prefix: Prefix, _ network: Int) -> Place {
    let layout = topology.networks[network].layout
    func field(_ shift: Int, _ width: Int) -> Int {
      width == 0 ? 0 : Int(truncatingIfNeeded: address.bits >> UInt128(shift) & ((UInt128(1) << UInt128(width)) - 1))
    }
    let endpoint = field(0, min(layout.endpoint, 62))
    let segment = field(layout.endpoint, layout.segment)
    let tenantID = field(layout.endpoint + layout.segment, layout.tenant)
    let known = layout.endpoint + layout.segment + layout.tenant
    let spare = (address.bits ^ prefix.address.bits) >> UInt128(known)
    if spare != 0 { return .unallocated(host: host, isKnownTenant: false) }
    if tenantID == 0 { return .infrastructure(host: host) }
    guard let tenant = topology.tenants.firstIndex(where: { $0.id == tenantID && $0.networks.contains(network) }) else {
      return .unallocated(host: host, isKnownTenant: false)
    }
    guard topology.tenants[tenant].segments.contains(where: { $0.id == segment }), endpoint >= 3 else {
      return .unallocated(host: host, isKnownTenant: true)
    }
    return .endpoint(host: host, network: network, tenant: tenant, segment: segment)
  }

  /// A block belongs to a segment on a host, or is the host's own.
  private func placeInBlocks(_ address: Address, _ network: Int) -> Place {
    for (host, item) in topology.hosts.enumerated() {
      guard let block = item.blocks.first(where: { $0.network == network && contains($0.prefix, address) }) else {
        continue
      }
      guard let owner = block.owner else { return .infrastructure(host: host) }
      guard let tenant = topology.tenants.firstIndex(where: { $0.name == owner.tenant }),
        let segment = topology.tenants[tenant].segments.first(where: { $0.name == owner.segment })
      else { return .nowhere }
      return .endpoint(host: host, network: network, tenant: tenant, segment: segment.id)
    }
    return .nowhere
  }

  private func contains(_ prefix: Prefix, _ address: Address) -> Bool {
    prefix.family == address.family
      && (prefix.length == 0
        || prefix.address.bits >> UInt128(prefix.family.bitWidth - prefix.length)
          == address.bits >> UInt128(prefix.family.bitWidth - prefix.length))
  }

  /// Whether a new flow may pass from one address to another (language, section 3, isolation and egress).
  func judge(_ source: Address, _ destination: Address) -> Judgement {
    let (from, to) = (place(of: source), place(of: destination))
    switch (from, to) {
    case (.endpoint(_, _, let tenant, let segment), .endpoint(_, _, let peer, let peerSegment)):
      switch topology.tenants[peer].isolation {
      case .segment: return tenant == peer && segment == peerSegment ? .allowed : .denied
      case .tenant: return tenant == peer ? .allowed : .denied
      case .none: return .allowed
      }
    case (.endpoint(_, _, let tenant, _), .outside):
      return topology.tenants[tenant].egress == .allow ? .allowed : .denied
    case (.unallocated(_, let isKnownTenant), .outside): return isKnownTenant ? .indifferent : .denied
    case (.unallocated(_, let isKnownTenant), .endpoint(_, _, let peer, _)):
      // Whoever may send from there reaches what every tenant reaches, or what its own tenant does not divide.
      switch topology.tenants[peer].isolation {
      case .segment: return .denied
      case .tenant: return isKnownTenant ? .indifferent : .denied
      case .none: return .indifferent
      }
    case (.nowhere, _), (_, .nowhere): return .indifferent
    case (_, .unallocated(_, let isKnownTenant)): return isKnownTenant ? .indifferent : .denied
    default: return .denied
    }
  }
}

private func listUnderlay(_ topology: Topology) -> Set<Address> {
  var addresses: Set<Address> = []
  for end in topology.listLinks().flatMap(\.ends) { addresses.formUnion(end.addresses) }
  let switches = topology.racks.flatMap { $0.tors.map(\.device) } + topology.regions.flatMap(\.spines)
  return addresses.union(switches.map(\.loopback))
}
