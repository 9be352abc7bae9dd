import TopologyModel

/// The links of a fabric as models of routing need them: who has which address, and what is at the other end of an interface.
package struct Cabling: Sendable {
  struct Port: Hashable, Sendable {
    var device: String
    var interface: String
  }

  /// The device that has each address; the ends of unnumbered links have addresses that stand for them.
  package private(set) var owners: [Address: String] = [:]
  /// Which link each address is on.
  package private(set) var segments: [Address: Int] = [:]
  /// The other end of a cable.
  private var others: [Port: Port] = [:]
  /// The unnumbered links, by their ends.
  private var unnumbered: [Port: (link: Int, end: Int)] = [:]

  package init(_ links: [FabricLink], tunnels: RegionTunnels = RegionTunnels()) {
    (owners, segments) = (tunnels.owners, tunnels.segments)
    for (number, link) in links.enumerated() {
      let ports = link.ends.map { end in end.interface.map { Port(device: end.name.text, interface: $0.text) } }
      if !link.isSegment, ports.count == 2, let first = ports[0], let second = ports[1] {
        (others[first], others[second]) = (second, first)
      }
      for (position, end) in link.ends.enumerated() {
        let stands = link.isUnnumbered ? AddressFamily.allCases.map { standIn(number, position, $0) } : end.addresses
        for address in stands { (owners[address], segments[address]) = (end.name.text, number) }
        if link.isUnnumbered, let port = ports[position] { unnumbered[port] = (number, position) }
      }
    }
  }

  /// What is at the other end of a cable.
  func other(_ device: String, _ interface: String) -> Port? {
    others[Port(device: device, interface: interface)]
  }

  /// Gives the sessions of unnumbered links the addresses that stand for their ends.
  package func place(_ routing: inout DeviceRouting) {
    let name = routing.name
    routing.place { interface, family in
      guard let (link, end) = unnumbered[Port(device: name, interface: interface)] else { return nil }
      return (standIn(link, end, family), standIn(link, 1 - end, family))
    }
  }
}

/// An address that no device of a fabric has: reserved (RFC 1112, section 4), or link-local.
private func standIn(_ link: Int, _ end: Int, _ family: AddressFamily) -> Address {
  Address(family, (family == .ipv4 ? 0xf000_0000 : 0xfe80 << 112) + UInt128(2 * link + end))
}
