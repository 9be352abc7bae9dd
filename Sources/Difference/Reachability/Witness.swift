import TopologyModel

/// Finds addresses that endpoints have or may have.
struct WitnessFinder {
  let topology: Topology
  let family: AddressFamily

  /// An endpoint of a segment in some addresses: a listed one if there is, else the first id that may be given out.
  ///
  /// - Parameters:
  ///   - pieces: nil takes every address.
  ///   - host: one to be left out if there is another.
  func end(_ side: SegmentSide, in pieces: [AddressMatch]?, notOn host: String? = nil) -> PacketWitness.End? {
    let tenant = topology.tenants[side.tenant]
    func isMeant(_ address: Address) -> Bool {
      address.family == family && (pieces ?? side.matches).contains { $0.matches(address) }
    }
    var second: PacketWitness.End?
    for candidate in topology.hosts {
      for endpoint in candidate.endpoints where endpoint.tenant == tenant.name {
        guard tenant.segments.first(where: { $0.name == endpoint.segment })?.id == side.id,
          let address = endpoint.addresses.first(where: isMeant)
        else { continue }
        let end = PacketWitness.End(address: address, host: candidate.name.text, endpoint: endpoint.name.text)
        if candidate.name.text != host { return end }
        second = second ?? end
      }
    }
    for network in tenant.networks where topology.networks[network].family == family {
      for index in topology.hosts.indices {
        guard let address = address(of: side, onHost: index, network, pieces), isMeant(address) else { continue }
        let end = PacketWitness.End(address: address, host: topology.hosts[index].name.text, endpoint: nil)
        if end.host != host { return end }
        second = second ?? end
      }
    }
    return second
  }

  private func address(
    of side: SegmentSide, onHost host: Int, _ network: Int, _ pieces: [AddressMatch]?
  ) -> Address? {
    let id = topology.tenants[side.tenant].id
    let plain = topology.address(ofHost: host, inNetwork: network, tenant: id, segment: side.id, endpoint: 3)
    guard let pieces else { return plain }
    if let plain, pieces.contains(where: { $0.matches(plain) }) { return plain }
    guard let tagged = topology.networks[network].tagged, let prefix = topology.prefix(ofHost: host, inNetwork: network)
    else { return nil }
    let width = topology.networks[network].layout.endpoint
    let field = lowBits(width)
    guard
      let own = AddressMatch(
        value: tagged.address(in: prefix, tenant: id, segment: side.id, endpoint: 0),
        mask: family.allOnes & ~field
      ) as AddressMatch?
    else { return nil }
    for piece in pieces {
      guard let both = own.intersection(piece) else { continue }
      // The lowest id from 3 on that the piece has.
      let free = field & ~both.mask
      for low in [UInt128(3), 4, 5, 6, 7, 8] + [field] {
        let value = both.value.bits | low & free
        if value & field >= 3 { return Address(family, value) }
      }
    }
    return nil
  }

  /// An address of a prefix that lies in none of the others.
  func outsideAddress(of prefix: Prefix, except others: [Prefix]) -> Address? {
    let inner = others.filter { $0 != prefix && prefix.contains($0) }
    var candidate = prefix.hostBitCount > 1 ? prefix.address.advanced(by: 1) : prefix.address
    for _ in 0..<256 {
      guard let hit = inner.first(where: { $0.contains(candidate) }) else { return candidate }
      let next = hit.lastAddress.advanced(by: 1)
      guard prefix.contains(next) else { return nil }
      candidate = next
    }
    return nil
  }

  /// An address that neither the fabric nor any of these prefixes has (RFC 5737, RFC 3849 first).
  func strangeAddress(except others: [Prefix]) -> Address? {
    let taken = others + topology.networks.map(\.prefix) + topology.underlay
    let pools: [Prefix] =
      family == .ipv4
      ? [(0xcb00_7100, 24), (0xc633_6400, 24), (0xc000_0200, 24), (0x0800_0000, 8), (0, 1)].map {
        Prefix(containing: Address(.ipv4, $0.0), length: $0.1)
      }
      : [Prefix(containing: Address(.ipv6, 0x2001_0db8 << 96), length: 32)]
    for pool in pools {
      if taken.contains(where: { $0.contains(pool) }) { continue }
      if let address = outsideAddress(of: pool, except: taken) { return address }
    }
    return nil
  }
}
