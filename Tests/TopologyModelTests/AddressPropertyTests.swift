import Testing

@testable import TopologyModel

/// What holds for the addresses of every topology that compiles.
@Suite struct AddressPropertyTests {
  @Test(arguments: 0..<8) func `nothing shares an address with anything else`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var compiled = 0
    for _ in 0..<60 {
      let fabric = Fabric.random(&generator)
      let result = compile(fabric.text)
      guard let topology = result.topology else {
        // What does not fit is said, and nothing else goes wrong.
        let codes: Set<DiagnosticCode> = [.idTooLarge, .prefixGroupFull, .excludedAllocation]
        #expect(Set(result.codes).isSubset(of: codes), "\(result.printed)")
        continue
      }
      compiled += 1
      checkHostPrefixes(topology)
      checkUnderlay(topology)
    }
    #expect(compiled > 20)
  }

  private func checkHostPrefixes(_ topology: Topology) {
    var all: [Prefix] = []
    for (index, network) in topology.networks.enumerated() {
      for host in topology.hosts.indices {
        guard let own = topology.prefix(ofHost: host, inNetwork: index) else { continue }
        let rack = topology.racks[topology.hosts[host].rack]
        let region = topology.regions[rack.region]
        let aggregate = rack.allocations[index]?.aggregate
        #expect(aggregate?.contains(own) == true)
        #expect(region.allocations[index].map { $0.prefix.contains(own) && $0.rackLength == aggregate?.length } == true)
        #expect(network.prefix.contains(own))
        #expect(own.hostBitCount >= network.layout.identityBits)
        #expect(!network.excluded.contains { $0.contains(own) || $0.contains(network.gateway(in: own)) })
        #expect(own.contains(network.gateway(in: own)))
        all.append(own)
      }
      let aggregates = topology.racks.compactMap { $0.allocations[index]?.aggregate }
      expectDisjoint(aggregates)
      expectDisjoint(topology.regions.compactMap { $0.allocations[index]?.prefix })
    }
    expectDisjoint(all)
  }

  private func checkUnderlay(_ topology: Topology) {
    let links = topology.racks.flatMap(\.tors).flatMap(\.uplinks).flatMap {
      [$0.prefix, $0.prefix6].compactMap(\.self)
    }
    expectDisjoint(links)
    let addresses = topology.hosts.flatMap(\.links).flatMap { [$0.address, $0.address6].compactMap(\.self) }
    #expect(Set(addresses).count == addresses.count)
    for address in addresses { #expect(topology.underlay.contains { $0.contains(address) }) }
    for link in links { #expect(topology.underlay.contains { $0.contains(link) }) }
    expectDisjoint(topology.underlay + topology.networks.map(\.prefix))
    #expect(aggregatePrefixes(topology.underlay) == topology.underlay)
  }

  private func expectDisjoint(_ prefixes: [Prefix]) {
    let sorted = prefixes.sorted()
    for (left, right) in zip(sorted, sorted.dropFirst()) {
      #expect(!left.overlaps(right), "\(left) overlaps \(right)")
    }
  }

  @Test func `the masks of tenants and segments meet exactly their addresses`() throws {
    let topology = try compileCleanly(Fabric.sample.text).topology
    var generator = SeededGenerator(seed: 7)
    for network in topology.networks {
      let index = topology.networks.firstIndex { $0.name == network.name }!
      for _ in 0..<200 {
        let host = topology.prefix(ofHost: Int.random(in: 0..<4, using: &generator), inNetwork: index)!
        let tenant = Int.random(in: 0..<1 << network.layout.tenant, using: &generator)
        let segment = Int.random(in: 0..<1 << network.layout.segment, using: &generator)
        let endpoint = Int.random(in: 0..<1 << network.layout.endpoint, using: &generator)
        let address = network.tagged!.address(in: host, tenant: tenant, segment: segment, endpoint: endpoint)
        for other in 0..<1 << network.layout.tenant {
          #expect(network.tagged!.match(tenant: other).matches(address) == (other == tenant))
        }
        #expect(network.tagged!.match(tenant: tenant, segment: segment).matches(address))
        #expect(!network.tagged!.match(tenant: tenant, segment: segment ^ 1).matches(address))
        #expect(network.tagged!.endpoints(in: host).matches(address))
      }
    }
  }

  @Test func `prefixes and their children agree on indices`() {
    var generator = SeededGenerator(seed: 3)
    for family in AddressFamily.allCases {
      for _ in 0..<500 {
        let length = Int.random(in: 0...family.bitWidth, using: &generator)
        let longer = Int.random(in: length...family.bitWidth, using: &generator)
        let bits = UInt128(generator.next()) << 64 | UInt128(generator.next())
        let parent = Prefix(containing: Address(family, bits), length: length)
        let index = (UInt128(generator.next()) << 64 | UInt128(generator.next())) & lowBits(longer - length)
        let child = parent.child(index, length: longer)
        #expect(parent.contains(child))
        #expect(child.index(in: parent) == index)
        #expect(parent.contains(parent.lastAddress) && parent.contains(child.lastAddress))
        #expect((try? Prefix(parsing: child.description)) == child)
      }
    }
  }
}
