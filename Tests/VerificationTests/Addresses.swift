import TopologyModel

/// Addresses worth trying in a topology.
struct Addresses {
  let topology: Topology

  /// An address by its fields; ids may be ones that nothing has.
  func address(_ host: Int, _ network: Int, tenant: Int, segment: Int, endpoint: Int = 5) -> Address? {
    if topology.networks[network].isDividedIntoBlocks {
      let block = topology.hosts[host].blocks.first {
        $0.network == network && ($0.owner?.tenantID ?? 0) == tenant && ($0.owner?.segmentID ?? 0) == segment
      }
      return block.map { Address($0.prefix.family, $0.prefix.address.bits | UInt128(endpoint)) }
    }
    guard let prefix = topology.prefix(ofHost: host, inNetwork: network) else { return nil }
    let layout = topology.networks[network].layout
    guard tenant < 1 << min(layout.tenant, 30), segment < 1 << min(layout.segment, 30) else { return nil }
    let field = UInt128(tenant) << UInt128(layout.segment) | UInt128(segment)
    return Address(prefix.family, prefix.address.bits | field << UInt128(layout.endpoint) | UInt128(endpoint))
  }

  /// On a host: of every tenant and segment, of tenants and segments that do not exist, of tenant 0.
  func all(onHost host: Int, _ family: AddressFamily) -> [Address] {
    let unused = (topology.tenants.map(\.id).max() ?? 0) + 1
    var result: [Address] = []
    for network in topology.networks.indices where topology.networks[network].family == family {
      for tenant in topology.tenants {
        let free = (tenant.segments.map(\.id).max() ?? 0) + 1
        result += (tenant.segments.map(\.id) + [0, free]).compactMap {
          address(host, network, tenant: tenant.id, segment: $0)
        }
      }
      result += [0, unused].compactMap { address(host, network, tenant: $0, segment: 1) }
      result += [address(host, network, tenant: 0, segment: 0, endpoint: 1)].compactMap(\.self)
      // Of further blocks the first and the last address.
      result += topology.hosts[host].blocks.filter { $0.network == network && $0.number > 0 }.flatMap {
        [$0.prefix.address, $0.prefix.lastAddress]
      }
    }
    return result.filter { address in
      // An address that is listed belongs to its own interface; it has tests of its own.
      !topology.hosts.contains { $0.endpoints.contains { $0.addresses.contains(address) } }
    }
  }

  func outside(_ family: AddressFamily) -> [Address] {
    let texts = family == .ipv4 ? ["198.51.100.9", "8.8.8.8", "192.168.7.7"] : ["2001:db8:99::9", "2606:4700::1111"]
    return texts.compactMap { try? Address(parsing: $0) }
  }

  /// A few devices of each kind, and link-local addresses.
  func underlay(_ family: AddressFamily) -> [Address] {
    let links = topology.listLinks().prefix(12).flatMap { $0.ends.map { $0.address(family) } }
    let switches =
      topology.racks.prefix(2).flatMap { $0.tors.map(\.device) } + topology.regions.flatMap(\.spines).prefix(2)
    let loopbacks = switches.map(\.loopback).filter { $0.family == family }
    let metadata =
      family == .ipv4 ? [Address(.ipv4, 0xa9fe_a9fe)] : [Address(.ipv6, UInt128(0xfd00_0ec2) << 96 | 0x254)]
    return links.compactMap(\.self) + loopbacks + metadata
  }
}
