import Testing
import TopologyModel

/// The numbers that Romana published, in what the devices get.
@Suite struct PublishedNumbersTests {
  private func prefix(_ text: String) throws -> Prefix { try Prefix(parsing: text) }

  /// "Each spine has the same four /10 routes, one to a leaf."
  @Test func spinesBelieveTheSameFourRoutes() throws {
    let example = try Example.named("routed-access")
    let spines = example.devices(.spine)
    #expect(spines.count == 2)
    let expected = try ["10.0.0.0/10", "10.64.0.0/10", "10.128.0.0/10", "10.192.0.0/10"].map(prefix)
    for spine in spines {
      let bgp = try #require(spine.bgp)
      #expect(bgp.sessions.map(\.neighbor.text) == ["leaf1", "leaf2", "leaf3", "leaf4"])
      let believed = bgp.sessions.map { bgp.filters[$0.importFilter].entries }
      #expect(believed == expected.map { [FilterEntry($0)] })
      #expect(spine.routes.isEmpty, "no default: nothing to discard")
    }
  }

  /// "Each leaf has 64 /16 routes, one to a port, and the leaves differ only by an offset in the second octet."
  @Test func leavesDifferByAnOffset() throws {
    let example = try Example.named("routed-access")
    let leaves = example.devices(.tor)
    #expect(leaves.map(\.name.text) == ["leaf1", "leaf2", "leaf3", "leaf4"])
    for (index, leaf) in leaves.enumerated() {
      let bgp = try #require(leaf.bgp)
      let hosts = bgp.sessions.filter { $0.neighborRole == .host }
      #expect(hosts.count == 64)
      for (port, session) in hosts.enumerated() {
        let expected = try prefix("10.\(index * 64 + port).0.0/16")
        #expect(bgp.filters[session.importFilter].entries == [FilterEntry(expected)])
        #expect(session.peerText == "172.16.\(index + 1).\(2 * port + 1)")
      }
      let spines = bgp.sessions.filter { $0.neighborRole == .spine }
      let aggregate = try prefix("10.\(index * 64).0.0/10")
      #expect(spines.count == 2)
      #expect(spines.allSatisfy { bgp.filters[$0.exportFilter].entries == [FilterEntry(aggregate)] })
      let whole = try prefix("10.0.0.0/8")
      #expect(Set(leaf.routes.map(\.prefix)) == [aggregate, whole])
    }
  }

  /// 10.0.0.0/8 with 8 bits each for host and tenant, 4 for segment and endpoint.
  @Test func hostsHaveTheirEndpointPrefixes() throws {
    let example = try Example.named("routed-access")
    let hosts = example.devices(.host)
    #expect(hosts.count == 256)
    let own = hosts.map { host in host.bgp?.originated.map(\.prefix) ?? [] }
    let expected = try (0..<256).map { [try prefix("10.\($0).0.0/16")] }
    #expect(own == expected)
    let network = try #require(example.plan.topology.networks.first)
    #expect(network.layout.identityBits == 16)
    // The published address of endpoint 11 of segment 1 of tenant 1 on host 1.
    let host = try prefix("10.1.0.0/16")
    #expect("\(network.tagged!.address(in: host, tenant: 1, segment: 1, endpoint: 11))" == "10.1.1.27")
    #expect("\(network.tagged!.match(tenant: 1, segment: 1).value)" == "10.0.1.16")
    #expect("\(network.tagged!.match(tenant: 1, segment: 1).maskAddress)" == "255.0.255.240")
    #expect(hosts.flatMap { $0.gateway?.addresses ?? [] }.map(\.description) == (0..<256).map { "10.\($0).0.1" })
  }

  /// 10.1.0.0/16 among four racks: a /18 each. 10.111.0.0/16 among zone A with four racks and zone B with two: a /17
  /// each, racks a /19 in A and a /18 in B.
  @Test func prefixGroupsAreCarvedAsPublished() throws {
    let topology = try Example.named("prefix-groups").plan.topology
    let flat = try #require(topology.networks.firstIndex { $0.name.text == "flat" })
    let zoned = try #require(topology.networks.firstIndex { $0.name.text == "zoned" })
    func racks(_ region: Int, _ network: Int) -> [String] {
      topology.racks[topology.regions[region].racks].map { "\($0.allocations[network]?.aggregate.description ?? "-")" }
    }
    #expect(racks(0, flat) == ["10.1.0.0/18", "10.1.64.0/18", "10.1.128.0/18", "10.1.192.0/18"])
    #expect(racks(1, flat) == ["-", "-"])
    #expect(topology.regions.map { $0.allocations[zoned]?.prefix.description } == ["10.111.0.0/17", "10.111.128.0/17"])
    #expect(racks(0, zoned) == ["10.111.0.0/19", "10.111.32.0/19", "10.111.64.0/19", "10.111.96.0/19"])
    #expect(racks(1, zoned) == ["10.111.128.0/18", "10.111.192.0/18"])
  }

  /// The same zones with blocks: 10.111.0.0/16, zone A with four racks (a /19 each) and zone B with two (a /18 each), blocks of
  /// /29, one route a block inside the rack and the aggregate outside.
  @Test func blocksComeFromThePublishedRacks() throws {
    let example = try Example.named("address-blocks")
    let topology = example.plan.topology
    let pods = try #require(topology.networks.firstIndex { $0.name.text == "pods" })
    let racks = topology.racks.map { "\($0.name) \($0.allocations[pods]?.aggregate.description ?? "-")" }
    #expect(
      racks == [
        "a1 10.111.0.0/19", "a2 10.111.32.0/19", "a3 10.111.64.0/19", "a4 10.111.96.0/19", "b1 10.111.128.0/18",
        "b2 10.111.192.0/18",
      ])
    for (index, host) in topology.hosts.enumerated() {
      let blocks = host.blocks.filter { $0.network == pods }.map(\.prefix)
      #expect(
        blocks.allSatisfy { $0.length == 29 && topology.rack(ofHost: index).allocations[pods]!.aggregate.contains($0) })
    }
    // 20 endpoints in blocks of 8, after the host's own block and around the excluded 10.111.0.8/30.
    let web = topology.hosts[0].blocks.filter { $0.network == pods && $0.owner?.segment.text == "web" }
    #expect(web.map(\.prefix.description) == ["10.111.0.16/29", "10.111.0.24/29", "10.111.0.32/29"])
    let tor = try example.device("b1-tor")
    let inside = tor.routes.filter { $0.prefix.length == 29 }.map(\.prefix)
    #expect(
      inside
        == topology.hosts.filter { topology.racks[$0.rack].name.text == "b1" }.flatMap(\.blocks).filter {
          $0.network == pods
        }.map(\.prefix).sorted())
    let spine = try example.device("b-spine1")
    #expect(!spine.routes.contains { $0.prefix.length == 29 || $0.prefix.length == 125 })
    #expect(
      spine.routes.filter { topology.networks[pods].prefix.contains($0.prefix) && $0.target != .discard }.map(
        \.prefix.description) == ["10.111.128.0/18", "10.111.192.0/18"])
  }
}
