import Testing

@testable import TopologyModel

/// The tables of the Romana 1.x plan that were published.
@Suite struct FixedLayoutTests {
  private func published(hosts: Int) throws -> Topology {
    try compileCleanly(
      """
      romana: 1
      fabric: published
      networks:
        - name: pods
          cidr: 10.0.0.0/8
          bits: { region: 0, rack: 0, host: 8, tenant: 8, segment: 4, endpoint: 4 }
      tenants: [{ name: t1, id: 1, segments: [{ name: s1, id: 1 }] }]
      regions:
        - name: dc1
          racks:
            - name: rack1
              subnet: 172.16.0.0/16
              tors: [{ name: tor1, loopback: 192.0.2.1 }]
              hosts: [{ range: "h[0-\(hosts - 1)]" }]
      """
    ).topology
  }

  @Test func `host 1, tenant 1, segment 1 and endpoint 11 are where the published table has them`() throws {
    let topology = try published(hosts: 2)
    let network = topology.networks[0]
    let host = try #require(topology.prefix(ofHost: 1, inNetwork: 0))
    #expect(host == prefix("10.1.0.0/16"))
    #expect(network.tagged!.address(in: host, tenant: 1, segment: 0, endpoint: 0) == address("10.1.1.0"))
    #expect(network.tagged!.address(in: host, tenant: 1, segment: 1, endpoint: 0) == address("10.1.1.16"))
    #expect(network.tagged!.address(in: host, tenant: 1, segment: 1, endpoint: 11) == address("10.1.1.27"))
    #expect(network.gateway(in: host) == address("10.1.0.1"))
  }

  @Test func `one masked match names a segment on any host`() throws {
    let topology = try published(hosts: 256)
    let match = topology.networks[0].tagged!.match(tenant: 1, segment: 1)
    #expect(match.value == address("10.0.1.16"))
    #expect(match.maskAddress == address("255.0.255.240"))
    for index in topology.hosts.indices {
      let host = try #require(topology.prefix(ofHost: index, inNetwork: 0))
      #expect(match.matches(topology.networks[0].tagged!.address(in: host, tenant: 1, segment: 1, endpoint: 15)))
      #expect(!match.matches(topology.networks[0].tagged!.address(in: host, tenant: 1, segment: 2, endpoint: 0)))
    }
  }

  @Test func `the routed access example has four tens and 64 sixteens each`() throws {
    var fabric = Fabric.sample
    fabric.networks = [
      .init(
        name: "pods", cidr: "10.0.0.0/8", bits: "region: 0, rack: 2, host: 6, tenant: 8, segment: 4, endpoint: 4")
    ]
    fabric.regions[0].racks = (1...4).map { rack in
      Fabric.rack(rack, hosts: (0..<64).map { "r\(rack)h\($0)" })
    }
    let topology = try compileCleanly(fabric.text).topology
    #expect(
      topology.racks.map { $0.allocations[0]?.aggregate }
        == ["10.0.0.0/10", "10.64.0.0/10", "10.128.0.0/10", "10.192.0.0/10"].map(prefix))
    let prefixes = topology.hosts.indices.compactMap { topology.prefix(ofHost: $0, inNetwork: 0) }
    #expect(prefixes == (0..<256).map { prefix("10.\($0).0.0/16") })
  }

  @Test func `a layout of a single host passes the whole CIDR on`() throws {
    var fabric = Fabric.sample
    fabric.networks = [
      .init(
        name: "pods", cidr: "10.0.0.0/16", bits: "region: 0, rack: 0, host: 0, tenant: 8, segment: 4, endpoint: 4")
    ]
    fabric.regions[0].racks = [Fabric.rack(1, hosts: ["h1"])]
    let topology = try compileCleanly(fabric.text).topology
    #expect(topology.prefix(ofHost: 0, inNetwork: 0) == prefix("10.0.0.0/16"))
  }

  @Test func `ids skip what is excluded as a whole, or without its gateway`() throws {
    var fabric = Fabric.sample
    fabric.networks = [
      .init(
        name: "pods", cidr: "10.0.0.0/8", bits: "region: 0, rack: 2, host: 6, tenant: 8, segment: 4, endpoint: 4",
        extra: "exclude: [10.64.0.0/10, 10.1.0.0/17, 10.1.128.0/17, 10.2.0.0/30]")
    ]
    let topology = try compileCleanly(fabric.text).topology
    #expect(topology.racks.map(\.id) == [0, 2])
    #expect(topology.hosts.map(\.id) == [0, 3, 0, 1])
  }

  @Test func `a recorded id that is excluded later is refused, and moved with --renumber`() throws {
    var fabric = Fabric.sample
    let (_, lock) = try compileCleanly(fabric.text)
    fabric.networks[0].extra = "exclude: [10.8.0.0/13, 10.0.32.0/19]"
    #expect(compile(fabric.text, lock: lock).codes == [.excludedAllocation, .excludedAllocation])
    let (topology, moved) = try compileCleanly(fabric.text, lock: lock, mayRenumber: true)
    #expect(topology.racks.map(\.id) == [0, 2])
    #expect(topology.hosts.map(\.id) == [0, 2, 0, 1])
    #expect(try compileCleanly(fabric.text, lock: moved).lock == moved)
  }

  @Test(arguments: [2, 30, 48, 62, 63, 64])
  func `endpoint ids of any width are compared without overflow`(bits: Int) throws {
    var fabric = Fabric.sample
    fabric.networks = [
      .init(name: "pods6", cidr: "fd00::/16", bits: "tenant: 8, segment: 8, endpoint: \(bits)")
    ]
    fabric.regions[0].linkPool = "link_pool6: \"fd00:31::/64\"\n    link_pool: 172.31.0.0/24"
    fabric.regions[0].linkPool = "link_pool6: \"2001:db8:31::/64\""
    fabric.regions[0].racks = [Fabric.rack(1, hosts: ["h1"])]
    fabric.regions[0].racks[0].subnet = "subnet: 172.16.1.0/24\n        subnet6: \"2001:db8:16::/64\""
    fabric.regions[0].racks[0].hosts[0].extra =
      "endpoints: [{ name: vm1, tenant: acme, segment: web, id: 9223372036854775807 }, { name: vm2, tenant: acme, segment: web, id: 3 }]"
    let compiled = compile(fabric.text)
    #expect(compiled.codes == (bits < 63 ? [.idTooLarge] : []))
  }
}
