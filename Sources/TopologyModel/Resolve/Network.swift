/// A part of the endpoints' address space.
package struct Network: Sendable {
  package var name: Name
  package var prefix: Prefix
  package var layout: AddressLayout
  /// Nil: every region.
  package var regions: Set<Name>?
  package var excluded: [Prefix]
  package var range: SourceRange
  /// The VLAN of its endpoints, an index into `Topology.vlans`: it exists on hosts of that VLAN only. Nil: on hosts of none.
  package var vlan: Int?
  package var family: AddressFamily { prefix.family }
}

/// The widths in bits of the fields below a network's prefix.
package struct AddressLayout: Sendable, Equatable {
  /// The widths of region, rack and host; nil for prefix groups.
  package var topology: TopologyBits?
  /// The length of the blocks that hosts take from their rack's prefix; nil where each host has a prefix. With blocks there
  /// are no tenant and segment bits.
  package var block: Int?
  package var tenant: Int
  package var segment: Int
  package var endpoint: Int

  package struct TopologyBits: Sendable, Equatable {
    package var region: Int
    package var rack: Int
    package var host: Int
  }

  /// The bits that every host prefix leaves at least: tenant, segment and endpoint; with blocks those of an address in
  /// its block.
  package var identityBits: Int { tenant + segment + endpoint }
}

extension Network {
  /// Whether hosts take blocks of their rack's prefix, so that an address does not tell whose it is.
  package var isDividedIntoBlocks: Bool { layout.block != nil }

  /// Whether nothing may be given out that has an address in common with a prefix.
  func isExcluded(_ prefix: Prefix) -> Bool { excluded.contains { $0.overlaps(prefix) } }

  /// Nil where blocks say whose an address is.
  package var tagged: TaggedNetwork? { TaggedNetwork(self) }

  /// The host's gateway address: tenant 0, segment 0, endpoint 1; in a block the first after that of the block.
  package func gateway(in hostPrefix: Prefix) -> Address { hostPrefix.address.advanced(by: 1) }
}

/// A network whose addresses carry tenant and segment.
@dynamicMemberLookup
package struct TaggedNetwork: Sendable {
  private let network: Network

  /// Nil for a network that is divided into blocks: there the block says whose an address is.
  fileprivate init?(_ network: Network) {
    guard !network.isDividedIntoBlocks else { return nil }
    self.network = network
  }

  package subscript<Value>(dynamicMember path: KeyPath<Network, Value>) -> Value { network[keyPath: path] }

  /// The match of a tenant's addresses on every host of the network.
  package func match(tenant: Int) -> AddressMatch {
    let shift = network.layout.segment + network.layout.endpoint
    return match(field: UInt128(tenant) << shift, mask: lowBits(network.layout.tenant) << shift)
  }

  /// The match of a segment's addresses on every host of the network.
  package func match(tenant: Int, segment: Int) -> AddressMatch {
    let layout = network.layout
    let value = UInt128(tenant) << (layout.segment + layout.endpoint) | UInt128(segment) << layout.endpoint
    return match(field: value, mask: lowBits(layout.tenant + layout.segment) << layout.endpoint)
  }

  /// The match of all addresses whose tenant and segment field begins with some bits.
  func match(fieldBits bits: UInt128, length: Int) -> AddressMatch {
    let shift = network.layout.identityBits - length
    return match(field: bits << shift, mask: lowBits(length) << shift)
  }

  private func match(field: UInt128, mask: UInt128) -> AddressMatch {
    AddressMatch(
      value: Address(network.family, network.prefix.address.bits | field), mask: network.prefix.mask | mask)
  }

  /// The address of an endpoint on the host that has `hostPrefix`.
  package func address(in hostPrefix: Prefix, tenant: Int, segment: Int, endpoint: Int) -> Address {
    let layout = network.layout
    let value =
      UInt128(tenant) << (layout.segment + layout.endpoint) | UInt128(segment) << layout.endpoint
      | UInt128(endpoint)
    return Address(network.family, hostPrefix.address.bits | value)
  }

  /// The match of all addresses that endpoints on a host may have: its prefix, spare bits zero.
  package func endpoints(in hostPrefix: Prefix) -> AddressMatch {
    AddressMatch(value: hostPrefix.address, mask: network.family.allOnes & ~lowBits(network.layout.identityBits))
  }
}
