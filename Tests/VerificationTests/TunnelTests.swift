import Testing
import TopologyModel
import Verification

/// Regions that are linked by tunnels between gateways, as the files of all devices have it.
@Suite struct TunnelTests {
  static let names = ["hybrid", "region-tunnels", "ec2-peerings"]

  /// Both ends of a tunnel agree: each names the other's address, port and gateway, and they have the two addresses of one link.
  @Test(arguments: names) func bothEndsOfATunnelAgree(_ name: String) throws {
    let fabric = try Fabric(example: name)
    let gateways = fabric.devices.compactMap { device in fabric.tunnels(of: device).map { (device.name.text, $0) } }
    var addresses: [String: [Address]] = [:]
    for (_, wanted) in gateways {
      for item in wanted.addresses { addresses[item.value.tunnel, default: []].append(item.value.address) }
    }
    let tunnels = fabric.topology.interconnects.flatMap { $0.tunnels?.tunnels ?? [] }
    #expect(!tunnels.isEmpty && addresses.count == tunnels.count)
    for (interface, found) in addresses {
      for family in AddressFamily.allCases {
        let pair = found.filter { $0.family == family }.sorted()
        #expect(pair.isEmpty || pair.count == 2 && pair[0].advanced(by: 1) == pair[1], "\(interface): \(pair)")
      }
      let ends = gateways.flatMap { _, wanted in wanted.tunnels.map(\.value).filter { $0.name == interface } }
      #expect(ends.count == 2 && ends[0].mtu == ends[1].mtu && ends[0].wireguard?.port == ends[1].wireguard?.port)
      #expect(ends[0].endpoint != ends[1].endpoint)
      #expect(ends.allSatisfy { ($0.wireguard == nil) == (ends[0].wireguard == nil) })
    }
  }

  /// WireGuard lets through, at both ends of each tunnel, what is of the two regions at its ends, and the link; nothing else.
  @Test func tunnelsLetThroughTheirRegions() throws {
    let fabric = try Fabric(example: "hybrid")
    var tunnels = RegionTunnels()
    for device in fabric.devices { if let wanted = fabric.tunnels(of: device) { tunnels.add(wanted, of: device.name) } }
    let topology = fabric.topology
    func ends(_ region: Int) -> [Address] { topology.regions[region].allocations.compactMap { $0?.prefix.lastAddress } }
    for (near, far) in [("h1", "a1"), ("h1", "b1"), ("k1", "a1"), ("k1", "b1")] {
      for (first, second, region) in [(near, far, 1), (far, near, 0)] {
        let tunnel = try #require(tunnels.between(first, second))
        #expect(
          tunnel.near.device == first && tunnel.far.device == second
            && tunnel.near.tunnel.name == tunnel.far.tunnel.name)
        #expect(ends(region).allSatisfy { tunnel.near.line(allowing: $0) != nil })
        #expect(ends(1 - region).allSatisfy { tunnel.near.line(allowing: $0) == nil })
        #expect(tunnel.near.addresses.allSatisfy { tunnels.owners[$0.address] == first })
      }
    }
    #expect(tunnels.between("h1", "k1") == nil && tunnels.between("h1", "a2") == nil)
  }

  /// Packets to any host's prefix end at that host, wherever they start in linked regions; what nobody has is dropped, and none goes in
  /// circles.
  @Test(arguments: names + ["ec2-transit-gateways"]) func packetsCrossRegions(_ name: String) throws {
    let fabric = try Fabric(example: name)
    let model = try fabric.routing()
    #expect(model.findings == [])
    expectArrivals(fabric, model, lost: nil)
  }

  /// When one gateway of two is lost the other carries everything. VPCs do that once failover.sh was called.
  @Test(arguments: names) func anyGatewayMayBeLost(_ name: String) throws {
    let fabric = try Fabric(example: name)
    let topology = fabric.topology
    var cases = 0
    for interconnect in topology.interconnects {
      for (_, gateways) in interconnect.tunnels?.gateways ?? [:] where gateways.count == 2 {
        for gateway in gateways {
          cases += 1
          let lost = topology.hosts[gateway].name
          expectArrivals(fabric, try fabric.routing(without: lost), lost: gateway)
        }
      }
    }
    #expect(cases >= 4)
  }

  private func expectArrivals(_ fabric: Fabric, _ model: RoutingModel, lost: Int?) {
    let topology = fabric.topology
    for start in topology.hosts.indices where start != lost {
      for target in topology.hosts.indices where target != lost && !topology.hosts[target].isDrained {
        let regions = [start, target].map { topology.regionIndex(ofHost: $0) }
        for network in topology.sharedNetworks(regions[0], regions[1]) {
          let far = topology.regions[regions[0]].far
          guard
            regions[0] == regions[1] || far.contains(where: { $0.region == regions[1] && $0.network == network })
          else { continue }
          let name = topology.hosts[target].name.text
          for prefix in topology.prefixes(ofHost: target, inNetwork: network) {
            let arrivals = model.arrivals(from: topology.hosts[start].name.text, to: prefix.lastAddress)
            #expect(arrivals == [.discarded(at: name)], "\(topology.hosts[start].name) to \(prefix) of \(name)")
          }
        }
      }
      for aggregate in topology.regions.flatMap(\.allocations).compactMap({ $0?.prefix }) {
        let arrivals = model.arrivals(from: topology.hosts[start].name.text, to: aggregate.lastAddress)
        #expect(!arrivals.contains { if case .loop = $0 { true } else { false } }, "\(aggregate): \(arrivals)")
      }
    }
  }

  /// A gateway passes on what is between its region and another, whatever it knows of the connection; what is for its own endpoints meets
  /// the isolation; out of a tunnel comes nothing that is not behind it.
  @Test(arguments: ["h1", "k1", "a1", "b1"]) func gatewaysPassOnBetweenRegions(_ name: String) throws {
    let fabric = try Fabric(example: "hybrid")
    let (topology, addresses) = (fabric.topology, Addresses(topology: fabric.topology))
    func host(_ name: String) throws -> Int { try #require(topology.hosts.firstIndex { $0.name.text == name }) }
    let gateway = try host(name)
    let inDatacenter = ["h1", "k1"].contains(name)
    let (near, far) = inDatacenter ? ("h2", "a2") : ("b2", "h2")
    let tunnel = try #require(topology.tunnels(ofHost: gateway).first).tunnel.interface.text
    for family in AddressFamily.allCases {
      let network = try #require(topology.networks.firstIndex { $0.family == family })
      func address(_ name: String, segment: Int) throws -> Address {
        try #require(addresses.address(host(name), network, tenant: 1, segment: segment))
      }
      func verdict(_ source: Address, _ destination: Address, _ input: String, _ state: FlowState = .new) throws
        -> PacketVerdict
      {
        let packet = Packet(from: source, to: destination, in: input, state: state)
        return topology.hosts[gateway].settings.firewallBackend == .nft
          ? evaluate(packet, at: .forward, in: try fabric.table(gateway)).verdict
          : evaluate(packet, at: .forward, in: try fabric.rules(gateway, family)).verdict
      }
      for state in [FlowState.new, .established] {
        #expect(try verdict(address(near, segment: 1), address(far, segment: 2), "eth0", state) == .accept)
        #expect(try verdict(address(far, segment: 2), address(near, segment: 1), tunnel, state) == .accept)
      }
      // To its own endpoints as from anywhere.
      #expect(try verdict(address(far, segment: 1), address(name, segment: 1), tunnel) == .accept)
      #expect(try verdict(address(far, segment: 2), address(name, segment: 1), tunnel) == .drop)
      // The own region does not come out of a tunnel, nor does the outside, and nothing of the far region comes from the uplink for it.
      #expect(try verdict(address(near, segment: 1), address(near, segment: 1), tunnel) == .drop)
      #expect(try verdict(address(near, segment: 1), address(far, segment: 1), tunnel) == .drop)
      for outside in addresses.outside(family) {
        #expect(try verdict(outside, address(near, segment: 1), tunnel) == .drop)
        #expect(try verdict(address(far, segment: 1), outside, tunnel) == .drop)
      }
      #expect(try verdict(address(far, segment: 1), address(far, segment: 2), "eth0") == .drop)
    }
  }

  /// A hub that is transit passes on between its spokes, and a spoke between none.
  @Test func onlyAHubIsTransit() throws {
    let fabric = try Fabric(example: "region-tunnels")
    func verdict(_ source: String, _ destination: String, at gateway: String, from remote: String) throws
      -> PacketVerdict
    {
      try passing(fabric, source, destination, at: gateway, from: remote)
    }
    #expect(try verdict("e2", "w1", at: "h1", from: "e1") == .accept)
    #expect(try verdict("w2", "e2", at: "h2", from: "w1") == .accept)
    #expect(try verdict("w1", "e2", at: "h1", from: "e1") == .drop)
    #expect(try verdict("h3", "w2", at: "e1", from: "h1") == .drop)
    // The other region of a spoke is behind the hub.
    #expect(try verdict("w1", "e2", at: "e1", from: "h2") == .accept)
  }

  /// What a hub carries between the spokes of one interconnect does not go on to where another of its interconnects leads.
  @Test(arguments: [FirewallBackend.iptables, .nft]) func transitEndsWithTheInterconnect(_ backend: FirewallBackend)
    throws
  {
    let region = """
      - name: depot
          racks:
            - name: rack4
              subnet: 172.16.4.0/24
              tors: [{ name: tor4, loopback: 192.0.2.4 }]
              hosts: [{ name: d1 }, { name: d2 }]

      interconnects:
        - name: branch
          kind: tunnel
          between: [hq, depot]
          encapsulation: gre
          gateways: { h1: 192.168.1.1, d1: 192.168.4.1 }

      """
    let fabric = try Fabric(
      try Fabric.text(ofExample: "region-tunnels").replacing("interconnects:\n", with: "  " + region)
    ).with(backend)
    #expect(try passing(fabric, "e2", "w1", at: "h1", from: "e1") == .accept)
    #expect(try passing(fabric, "d2", "h3", at: "h1", from: "d1") == .accept)
    #expect(try passing(fabric, "d2", "w1", at: "h1", from: "d1") == .drop)
    #expect(try passing(fabric, "e2", "d2", at: "h1", from: "e1") == .drop)
  }

  /// What a gateway does with a packet that comes out of a tunnel. Of two segments, so that isolation lets nothing pass that is not in
  /// transit.
  private func passing(
    _ fabric: Fabric, _ source: String, _ destination: String, at gateway: String, from remote: String
  ) throws -> PacketVerdict {
    let (topology, addresses) = (fabric.topology, Addresses(topology: fabric.topology))
    func host(_ name: String) throws -> Int { try #require(topology.hosts.firstIndex { $0.name.text == name }) }
    let network = try #require(topology.networks.firstIndex { $0.name.text == "pods" })
    func address(_ name: String, _ segment: Int) throws -> Address {
      try #require(addresses.address(host(name), network, tenant: 1, segment: segment))
    }
    let index = try host(gateway)
    let tunnel = try #require(
      topology.tunnels(ofHost: index).first { topology.hosts[$0.remote.host].name.text == remote }
    ).tunnel.interface.text
    let packet = Packet(from: try address(source, 1), to: try address(destination, 2), in: tunnel)
    return topology.hosts[index].settings.firewallBackend == .nft
      ? evaluate(packet, at: .forward, in: try fabric.table(index)).verdict
      : evaluate(packet, at: .forward, in: try fabric.rules(index, .ipv4)).verdict
  }
}
