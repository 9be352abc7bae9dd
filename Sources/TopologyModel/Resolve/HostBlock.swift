/// A block of addresses that a host has taken from its rack's prefix in a network of blocks.
package struct HostBlock: Sendable, Equatable {
  /// Index into `Topology.networks`.
  package var network: Int
  /// Nil: the host's own, which holds its gateway address.
  package var owner: BlockOwner?
  /// Counts the blocks of an owner on a host in a network, from 0.
  package var number: Int
  package var prefix: Prefix
}

/// The segment whose endpoints a block belongs to.
package struct BlockOwner: Sendable, Hashable {
  package var tenant: Name
  package var segment: Name
  package var tenantID: Int
  package var segmentID: Int
}

extension Topology {
  /// All prefixes of a host in a network: its prefix, or its blocks.
  package func prefixes(ofHost host: Int, inNetwork network: Int) -> [Prefix] {
    networks[network].isDividedIntoBlocks
      ? hosts[host].blocks.filter { $0.network == network }.map(\.prefix)
      : prefix(ofHost: host, inNetwork: network).map { [$0] } ?? []
  }

  /// The gateway address of a host's endpoints in a network; nil if the host has no addresses in it.
  package func gateway(ofHost host: Int, inNetwork network: Int) -> Address? {
    networks[network].isDividedIntoBlocks
      ? hosts[host].blocks.first { $0.network == network && $0.owner == nil }?.prefix.address.advanced(by: 1)
      : prefix(ofHost: host, inNetwork: network).map { networks[network].gateway(in: $0) }
  }

  /// The address of an endpoint; nil if its host has no prefix in the network, or its id lies beyond the blocks of its
  /// segment there.
  ///
  /// Ids count through the addresses of the blocks, in the order of the blocks' numbers.
  package func address(ofHost host: Int, inNetwork index: Int, tenant: Int, segment: Int, endpoint: Int) -> Address? {
    let network = networks[index]
    if let network = network.tagged {
      return prefix(ofHost: host, inNetwork: index).map {
        network.address(in: $0, tenant: tenant, segment: segment, endpoint: endpoint)
      }
    }
    let number = UInt128(endpoint) >> network.layout.endpoint
    let block = hosts[host].blocks.first {
      $0.network == index && $0.owner?.tenantID == tenant && $0.owner?.segmentID == segment
        && UInt128($0.number) == number
    }
    return block?.prefix.address.advanced(by: UInt128(endpoint) & lowBits(network.layout.endpoint))
  }
}
