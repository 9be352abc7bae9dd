/// A cable of the fabric, or a segment that several devices share, with the addresses of its ends; an unnumbered cable has
/// none.
package struct FabricLink: Sendable {
  package struct End: Sendable {
    package var place: DeviceReference.Place
    package var name: Name
    /// Where the topology names it: always on hosts.
    package var interface: InterfaceName?
    package var address: Address?
    package var address6: Address?

    package func address(_ family: AddressFamily) -> Address? { family == .ipv4 ? address : address6 }
    package var addresses: [Address] { [address, address6].compactMap(\.self) }
  }
  /// The upper end first: the spine of a ToR's link, the first ToR of a pair, the ToR of a host's link; on a segment the routers, then the hosts.
  package var ends: [End]
  /// How long the prefix of the link is: 31 and 127 on a link of two ends.
  package var length: Int
  package var length6: Int
  /// Whether it is a segment that all hosts of a rack share, and not a cable.
  package var isSegment = false
  package var isUnnumbered = false
  /// In bytes; nil between switches, where the topology does not say.
  package var mtu: Int?
  /// The VLAN that the segment is, an index into `Topology.vlans`.
  package var vlan: Int?

  package func length(_ family: AddressFamily) -> Int { family == .ipv4 ? length : length6 }
}

extension Topology {
  /// Every link of the fabric, rack by rack: those of its ToRs to the spines, that between them, then those of its hosts; at last
  /// those to upstreams.
  package func listLinks() -> [FabricLink] {
    racks.indices.flatMap { spineLinks(ofRack: $0) + pairLinks(ofRack: $0) + hostLinks(ofRack: $0) }
      + regions.indices.flatMap(upstreamLinks)
  }

  /// The upstream, then the device that it is connected to; not of one that is several hops away.
  private func upstreamLinks(ofRegion index: Int) -> [FabricLink] {
    regions[index].upstreams.enumerated().filter { $1.session.hops == 1 }.map { number, upstream in
      let link = upstream.link
      return FabricLink(
        ends: [
          FabricLink.End(
            place: .upstream(index, number), name: upstream.name, address: link.peer, address6: link.peer6),
          FabricLink.End(
            place: upstream.border.place, name: device(upstream.border).name, address: link.address,
            address6: link.address6),
        ], length: link.prefix?.length ?? 31, length6: link.prefix6?.length ?? 127)
    }
  }

  private func pairLinks(ofRack index: Int) -> [FabricLink] {
    guard case .link(let link) = racks[index].pair else { return [] }
    let ends = racks[index].tors.enumerated().map { position, tor in
      FabricLink.End(
        place: .tor(index, position), name: tor.name, interface: link.interfaces[position],
        address: link.address(.ipv4, ofToR: position), address6: link.address(.ipv6, ofToR: position))
    }
    return [FabricLink(ends: ends, length: 31, length6: 127, isUnnumbered: link.isUnnumbered)]
  }

  private func spineLinks(ofRack index: Int) -> [FabricLink] {
    let rack = racks[index]
    return rack.tors.enumerated().flatMap { position, tor in
      zip(regions[rack.region].spines, tor.uplinks).enumerated().map { number, pair in
        let (spine, link) = pair
        return FabricLink(
          ends: [
            FabricLink.End(
              place: .spine(rack.region, number), name: spine.name, interface: link.spineInterface,
              address: link.spineAddress(.ipv4),
              address6: link.spineAddress(.ipv6)),
            FabricLink.End(
              place: .tor(index, position), name: tor.name, interface: link.torInterface,
              address: link.torAddress(.ipv4),
              address6: link.torAddress(.ipv6)),
          ], length: 31, length6: 127, isUnnumbered: link.isUnnumbered)
      }
    }
  }

  private func hostLinks(ofRack index: Int) -> [FabricLink] {
    if !racks[index].vlans.isEmpty { return racks[index].vlans.compactMap { vlanSegment($0, ofRack: index) } }
    if racks[index].access == .l2 { return segment(ofRack: index).map { [$0] } ?? [] }
    return racks[index].hosts.flatMap { number in
      let host = hosts[number]
      return gateways(ofHost: number).map { gateway in
        FabricLink(
          ends: [
            FabricLink.End(
              place: gateway.place, name: gateway.device.name,
              interface: gateway.port, address: gateway.address, address6: gateway.address6),
            FabricLink.End(
              place: .host(number), name: host.name, interface: gateway.interface, address: gateway.hostAddress,
              address6: gateway.hostAddress6),
          ], length: 31, length6: 127, isUnnumbered: gateway.isUnnumbered, mtu: host.settings.mtu)
      }
    }
  }

  /// Nil if no host is on it.
  private func vlanSegment(_ carried: RackVLAN, ofRack index: Int) -> FabricLink? {
    let rack = racks[index]
    let ends = rack.hosts.flatMap { number in
      hosts[number].links.filter { $0.vlan == carried.vlan }.map { link in
        FabricLink.End(
          place: .host(number), name: hosts[number].name, interface: link.interface, address: link.address,
          address6: link.address6)
      }
    }
    guard !ends.isEmpty, let tor = rack.tors.first else { return nil }
    let router = FabricLink.End(
      place: .tor(index, 0), name: tor.name, address: carried.gateway, address6: carried.gateway6)
    return FabricLink(
      ends: [router] + ends, length: carried.subnet?.length ?? 32, length6: carried.subnet6?.length ?? 128,
      isSegment: true, mtu: vlans[carried.vlan].mtu ?? hosts[rack.hosts].compactMap(\.settings.mtu).max(),
      vlan: carried.vlan)
  }

  /// Nil if nobody is on it. Of several racks on one segment it is the first's that has hosts.
  private func segment(ofRack index: Int) -> FabricLink? {
    let rack = racks[index]
    let members = racksOnSegment(ofRack: index)
    guard let first = rack.hosts.first, members.first(where: { !racks[$0].hosts.isEmpty }) == index else { return nil }
    let numbers = members.flatMap { racks[$0].hosts }
    let routers = gateways(ofHost: first).map { gateway in
      FabricLink.End(
        place: gateway.place, name: gateway.device.name, address: gateway.address, address6: gateway.address6)
    }
    let vpc = rack.zone.map { zone in
      FabricLink.End(
        place: .vpc(rack.region), name: regions[rack.region].name, address: rack.subnet.flatMap { _ in zone.router },
        address6: rack.subnet6.flatMap { _ in zone.router6 })
    }
    let ends = numbers.map { number in
      let (host, link) = (hosts[number], hosts[number].links[0])
      return FabricLink.End(
        place: .host(number), name: host.name, interface: link.interface, address: link.address, address6: link.address6
      )
    }
    return FabricLink(
      ends: routers + [vpc].compactMap(\.self) + ends, length: rack.subnet?.length ?? 32,
      length6: rack.subnet6?.length ?? 128, isSegment: true,
      mtu: numbers.map { hosts[$0] }.compactMap(\.settings.mtu).max())
  }
}
