import Testing
import TopologyModel
import Verification

/// EC2 regions, as their files have them: the routes of hosts and the VPC's tables together, and what forwarding instances let pass.
@Suite struct CloudTests {
  static let names = ["ec2-one-zone", "ec2-three-zones", "ec2-zone-aggregates"]

  /// Packets to a host's prefix end at that host, from whatever instance and from the VPC router; none goes in circles.
  @Test(arguments: names)
  func packetsEndWhereTheyShould(_ name: String) throws {
    let fabric = try Fabric(example: name)
    try expectArrivals(fabric, try fabric.routing(), among: Array(fabric.topology.hosts.indices))
  }

  /// When a forwarding instance is lost and its routes are moved as failover.sh has it, all others still reach each other.
  @Test func anyForwardingInstanceMayBeLost() throws {
    let fabric = try Fabric(example: "ec2-zone-aggregates")
    let vpc = try #require(fabric.plan.vpcs[0])
    let movable = Set(
      vpc.tables.flatMap(\.routes).filter { $0.standby != nil }.map { vpc.instances[$0.instance!].name })
    #expect(movable.count >= 4)
    for lost in movable.sorted() {
      let model = RoutingModel(
        try fabric.readBack(afterLossOf: lost), owners: fabric.owners, upstream: [:], segments: fabric.segments)
      let others = fabric.topology.hosts.indices.filter { fabric.topology.hosts[$0].name != lost }
      for start in others {
        for target in others {
          for prefix in prefixes(fabric.topology, target) {
            let path = model.arrivals(from: fabric.topology.hosts[start].name.text, to: prefix.lastAddress)
            #expect(!path.contains(.discarded(at: lost.text)) && !path.contains(.unreachable(at: lost.text)), "\(lost)")
          }
        }
      }
      try expectArrivals(fabric, model, among: others)
    }
  }

  private func prefixes(_ topology: Topology, _ host: Int) -> [Prefix] {
    topology.region(ofHost: host).networks.flatMap { topology.prefixes(ofHost: host, inNetwork: $0) }
  }

  private func expectArrivals(_ fabric: Fabric, _ model: RoutingModel, among hosts: [Int]) throws {
    let topology = fabric.topology
    #expect(model.findings == [])
    let router = topology.regions[0].racks.count > 1 ? [topology.regions[0].name.text] : []
    for start in hosts.map({ topology.hosts[$0].name.text }) + router {
      for target in hosts {
        let name = topology.hosts[target].name.text
        for prefix in prefixes(topology, target) {
          let arrivals = model.arrivals(from: start, to: prefix.lastAddress)
          if topology.hosts[target].isDrained, start != name {
            #expect(
              arrivals.allSatisfy(isEnd) && arrivals != [.discarded(at: name)], "\(start) to \(prefix) of \(name)")
          } else {
            #expect(arrivals == [.discarded(at: name)], "\(start) to \(prefix) of \(name)")
          }
        }
      }
      for aggregate in topology.racks.flatMap(\.allocations).compactMap({ $0?.aggregate })
        + topology.networks.map(\.prefix)
      {
        let arrivals = model.arrivals(from: start, to: aggregate.lastAddress)
        #expect(arrivals.allSatisfy(isEnd), "\(start) to \(aggregate.lastAddress): \(arrivals)")
      }
    }
  }

  private func isEnd(_ arrival: Arrival) -> Bool {
    switch arrival {
    case .discarded, .unreachable: true
    case .delivered, .loop: false
    }
  }

  /// A forwarding instance passes on what is for others of its zone, whatever it knows of the connection; what is for its own
  /// endpoints meets the isolation, and a spoofed source nobody's.
  @Test(arguments: ["a1", "a3", "c2"], [FlowState.new, .established])
  func forwardingInstancesPassOnForOthers(_ name: String, _ state: FlowState) throws {
    let fabric = try Fabric(example: "ec2-zone-aggregates")
    let (topology, addresses) = (fabric.topology, Addresses(topology: fabric.topology))
    func host(_ name: String) throws -> Int { try #require(topology.hosts.firstIndex { $0.name.text == name }) }
    func endpoint(_ name: String, segment: Int) throws -> Address {
      try #require(addresses.address(host(name), 0, tenant: 1, segment: segment))
    }
    let forwards = name != "c2"
    let neighbor = ["a1": "a2", "a3": "a4", "c2": "c4"][name]!
    func verdict(_ source: Address, _ destination: Address) throws -> PacketVerdict {
      let packet = Packet(from: source, to: destination, in: "eth0", state: state)
      return topology.hosts[try host(name)].settings.firewallBackend == .nft
        ? evaluate(packet, at: .forward, in: try fabric.table(host(name))).verdict
        : evaluate(packet, at: .forward, in: try fabric.rules(host(name), .ipv4)).verdict
    }
    let (web, db) = (try endpoint("b1", segment: 1), try endpoint("b1", segment: 2))
    let isKnown = state == .established
    #expect(try verdict(web, endpoint(neighbor, segment: 1)) == .accept)
    #expect(try verdict(web, endpoint(neighbor, segment: 2)) == (forwards || isKnown ? .accept : .drop))
    #expect(try verdict(db, endpoint(name, segment: 1)) == (isKnown ? .accept : .drop))
    #expect(try verdict(web, endpoint(name, segment: 1)) == .accept)
    if !isKnown {
      #expect(try verdict(endpoint(name, segment: 1), endpoint(neighbor, segment: 1)) == .drop)
    }
  }

  /// `egress: none` keeps endpoints in the fabric whatever their tenant may; `routed` leaves it to the tenant.
  @Test(arguments: AddressFamily.allCases) func regionsDecideAboutEgress(_ family: AddressFamily) throws {
    for (name, backend, expected) in [
      ("ec2-one-zone", FirewallBackend.iptables, PacketVerdict.drop), ("ec2-one-zone", .nft, .drop),
      ("ec2-zone-aggregates", .iptables, .accept), ("ec2-zone-aggregates", .nft, .accept),
      ("ec2-three-zones", .iptables, .accept), ("ec2-three-zones", .nft, .accept),
    ] {
      let fabric = try Fabric(example: name).with(backend)
      let network = try #require(fabric.topology.networks.firstIndex { $0.family == family })
      let source = try #require(Addresses(topology: fabric.topology).address(1, network, tenant: 1, segment: 1))
      for outside in Addresses(topology: fabric.topology).outside(family) {
        let packet = Packet(from: source, to: outside, in: "epx1")
        let verdict =
          backend == .nft
          ? evaluate(packet, at: .forward, in: try fabric.table(1)).verdict
          : evaluate(packet, at: .forward, in: try fabric.rules(1, family)).verdict
        #expect(verdict == expected, "\(name), \(backend): \(source) to \(outside)")
        #expect(try isTranslated(packet, fabric, backend) == (name == "ec2-three-zones"), "\(name), \(backend)")
      }
    }
  }

  private func isTranslated(_ packet: Packet, _ fabric: Fabric, _ backend: FirewallBackend) throws -> Bool {
    try backend == .nft
      ? Verification.isTranslated(packet, in: fabric.table(1))
      : Verification.isTranslated(packet, in: fabric.rules(1, packet.source.family))
  }

  /// What stays inside the fabric keeps its addresses, and so does what never was an endpoint's.
  @Test(arguments: AddressFamily.allCases, [FirewallBackend.iptables, .nft])
  func addressesInsideAreNotTranslated(_ family: AddressFamily, _ backend: FirewallBackend) throws {
    let fabric = try Fabric(example: "ec2-three-zones").with(backend)
    let addresses = Addresses(topology: fabric.topology)
    let network = try #require(fabric.topology.networks.firstIndex { $0.family == family })
    let outside = try #require(addresses.outside(family).first)
    let sources = try [1, 6].map { try #require(addresses.address($0, network, tenant: 1, segment: 1)) }
    let instance = try #require(fabric.topology.hosts[1].address(family))
    for (source, target) in [
      (sources[0], sources[1]), (sources[1], sources[0]), (instance, outside), (outside, sources[0]),
    ] {
      #expect(
        try !isTranslated(Packet(from: source, to: target, in: "epx1"), fabric, backend), "\(source) to \(target)")
    }
  }
}
