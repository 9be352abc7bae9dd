import Testing

@testable import TopologyModel

/// Prefix groups, the Romana 2.x plan.
@Suite struct CarvingTests {
  /// Regions with racks of hosts, in one network of prefix groups.
  private func fabric(_ cidr: String, _ regions: [(name: String, racks: Int)], hosts: Int = 1, extra: String = "")
    -> Fabric
  {
    var fabric = Fabric.sample
    fabric.networks = [.init(name: "lab", cidr: cidr, bits: "tenant: 2, segment: 2, endpoint: 4", extra: extra)]
    var number = 0
    fabric.regions = regions.enumerated().map { index, region in
      Fabric.Region(
        name: region.name, linkPool: "link_pool: 172.31.\(index).0/24",
        spines: [.init(name: "\(region.name)-spine", loopback: "192.0.2.\(200 + index)")],
        racks: (0..<region.racks).map { rack in
          number += 1
          return Fabric.rack(number, hosts: (0..<hosts).map { "\(region.name)-r\(rack)-h\($0)" })
        })
    }
    return fabric
  }

  private func aggregates(_ topology: Topology) -> [String] {
    topology.racks.compactMap { $0.allocations[0]?.aggregate.description }
  }

  private func hostPrefixes(_ topology: Topology) -> [String] {
    topology.hosts.indices.compactMap { topology.prefix(ofHost: $0, inNetwork: 0)?.description }
  }

  @Test func `four racks share 10.1.0.0/16 as published`() throws {
    let topology = try compileCleanly(fabric("10.1.0.0/16", [("a", 4)]).text).topology
    #expect(aggregates(topology) == ["10.1.0.0/18", "10.1.64.0/18", "10.1.128.0/18", "10.1.192.0/18"])
  }

  @Test func `zones of four and two racks share 10.111.0.0/16 as published`() throws {
    let topology = try compileCleanly(fabric("10.111.0.0/16", [("a", 4), ("b", 2)]).text).topology
    #expect(topology.regions.map { $0.allocations[0]?.prefix.description } == ["10.111.0.0/17", "10.111.128.0/17"])
    #expect(
      aggregates(topology) == [
        "10.111.0.0/19", "10.111.32.0/19", "10.111.64.0/19", "10.111.96.0/19", "10.111.128.0/18", "10.111.192.0/18",
      ])
  }

  @Test func `a node with one child passes its prefix on whole`() throws {
    let topology = try compileCleanly(fabric("10.1.0.0/16", [("a", 1)]).text).topology
    #expect(aggregates(topology) == ["10.1.0.0/16"])
    #expect(hostPrefixes(topology) == ["10.1.0.0/16"])
  }

  @Test(arguments: [(1, 16), (2, 17), (3, 18), (4, 18), (5, 19), (64, 22), (65, 23)])
  func `capacity is rounded up to a power of two`(capacity: Int, length: Int) throws {
    let extra = "capacity: { racks: \(capacity), hosts: 1 }"
    let topology = try compileCleanly(fabric("10.1.0.0/16", [("a", 1)], extra: extra).text).topology
    #expect(aggregates(topology) == ["10.1.0.0/\(length)"])
  }

  @Test func `excluded prefixes are never given out`() throws {
    let extra = "exclude: [10.1.0.0/18, 10.1.128.0/20]"
    let topology = try compileCleanly(fabric("10.1.0.0/16", [("a", 3)], hosts: 3, extra: extra).text).topology
    #expect(aggregates(topology) == ["10.1.64.0/18", "10.1.128.0/18", "10.1.192.0/18"])
    #expect(hostPrefixes(topology)[3...5] == ["10.1.144.0/20", "10.1.160.0/20", "10.1.176.0/20"])
  }

  @Test func `excluded halves that make a whole slot are seen as one`() throws {
    let extra = "exclude: [10.1.0.0/19, 10.1.32.0/19]"
    let topology = try compileCleanly(fabric("10.1.0.0/16", [("a", 3)], extra: extra).text).topology
    #expect(aggregates(topology) == ["10.1.64.0/18", "10.1.128.0/18", "10.1.192.0/18"])
  }

  @Test func `a host skips a slot whose gateway address is excluded`() throws {
    let extra = "exclude: [10.1.64.0/24, 10.1.129.0/24]"
    let topology = try compileCleanly(fabric("10.1.0.0/16", [("a", 1)], hosts: 3, extra: extra).text).topology
    #expect(hostPrefixes(topology) == ["10.1.0.0/18", "10.1.128.0/18", "10.1.192.0/18"])
  }

  @Test func `a prefix that is excluded all but the end is searched at once`() throws {
    // All of fd00::/32 but one /120 of the last /62; walking slots one by one would take ages.
    var fabric = fabric("fd00::/32", [("a", 2)])
    fabric.networks[0].extra = "exclude: [\((33...90).map { excludedHalf($0) }.joined(separator: ", "))]"
    fabric.regions[0].linkPool = "link_pool6: \"2001:db8:31::/64\""
    for rack in fabric.regions[0].racks.indices {
      fabric.regions[0].racks[rack].subnet += "\n        subnet6: \"2001:db8:\(rack)::/64\""
    }
    #expect(compile(fabric.text).codes == [.prefixGroupFull])
    fabric.networks[0].extra = "exclude: [\((33...60).map { excludedHalf($0) }.joined(separator: ", "))]"
    #expect(compile(fabric.text).codes == [])
  }

  /// The lower half of what is left of fd00::/32 when the halves before are taken away.
  private func excludedHalf(_ length: Int) -> String {
    let base = address("fd00::").bits
    let offset = (33..<length).reduce(UInt128(0)) { $0 | UInt128(1) << UInt128(128 - $1) }
    return "\"\(Prefix(containing: Address(.ipv6, base | offset), length: length))\""
  }

  @Test func `growth past the power of two is refused, and done with --renumber`() throws {
    let (_, lock) = try compileCleanly(fabric("10.1.0.0/16", [("a", 4)]).text)
    let grown = fabric("10.1.0.0/16", [("a", 5)]).text
    let refused = compile(grown, lock: lock)
    #expect(refused.codes == [.wouldRenumber])
    #expect(refused.printed.contains("rack1: 10.1.0.0/18 to 10.1.0.0/19; rack2: 10.1.64.0/18 to 10.1.32.0/19"))
    let (topology, renumbered) = try compileCleanly(grown, lock: lock, mayRenumber: true)
    #expect(aggregates(topology) == ["10.1.0.0/19", "10.1.32.0/19", "10.1.64.0/19", "10.1.96.0/19", "10.1.128.0/19"])
    let again = try compileCleanly(grown, lock: renumbered)
    #expect(again.lock == renumbered)
  }

  @Test func `growth within the capacity keeps every prefix`() throws {
    let extra = "capacity: { racks: 8, hosts: 4 }"
    let (before, lock) = try compileCleanly(fabric("10.1.0.0/16", [("a", 2)], hosts: 2, extra: extra).text)
    let (after, _) = try compileCleanly(fabric("10.1.0.0/16", [("a", 5)], hosts: 4, extra: extra).text, lock: lock)
    let kept = Dictionary(uniqueKeysWithValues: after.hosts.indices.map { (after.hosts[$0].name, $0) })
    for host in before.hosts.indices {
      let index = try #require(kept[before.hosts[host].name])
      #expect(after.prefix(ofHost: index, inNetwork: 0) == before.prefix(ofHost: host, inNetwork: 0))
    }
  }

  @Test func `a larger capacity than was carved for is refused`() throws {
    let (_, lock) = try compileCleanly(fabric("10.1.0.0/16", [("a", 2)], extra: "capacity: { racks: 4 }").text)
    #expect(
      compile(fabric("10.1.0.0/16", [("a", 2)], extra: "capacity: { racks: 5 }").text, lock: lock).codes == [
        .wouldRenumber
      ])
    #expect(compile(fabric("10.1.0.0/16", [("a", 2)], extra: "capacity: { racks: 3 }").text, lock: lock).codes == [])
  }

  @Test func `the slots of removed racks are not given to others until they are pruned`() throws {
    var fabric = fabric("10.1.0.0/16", [("a", 4)])
    var (_, lock) = try compileCleanly(fabric.text)
    fabric.regions[0].racks.remove(at: 1)
    (_, lock) = try compileCleanly(fabric.text, lock: lock)
    fabric.regions[0].racks.append(Fabric.rack(9, hosts: ["h9"]))
    #expect(compile(fabric.text, lock: lock).codes == [.wouldRenumber])
    lock.prune()
    let (topology, _) = try compileCleanly(fabric.text, lock: lock)
    let rack = try #require(topology.racks.first { $0.name.text == "rack9" })
    #expect(rack.allocations[0]?.aggregate == prefix("10.1.64.0/18"))
  }

  @Test func `what --renumber took from a removed rack is forgotten`() throws {
    var fabric = fabric("10.1.0.0/16", [("a", 4)], hosts: 2)
    var (_, lock) = try compileCleanly(fabric.text)
    let removed = fabric.regions[0].racks.remove(at: 1)
    (_, lock) = try compileCleanly(fabric.text, lock: lock)
    fabric.regions[0].racks += [Fabric.rack(8, hosts: ["h8"]), Fabric.rack(9, hosts: ["h9"])]
    (_, lock) = try compileCleanly(fabric.text, lock: lock, mayRenumber: true)
    #expect(try compileCleanly(fabric.text, lock: lock).lock == lock)
    fabric.regions[0].racks.append(removed)
    let again = try compileCleanly(fabric.text, lock: lock)
    #expect(try compileCleanly(fabric.text, lock: again.lock).lock == again.lock)
  }

  @Test func `narrower bits are refused where recorded prefixes are too long for them`() throws {
    var fabric = fabric("10.1.0.0/16", [("a", 1)], extra: "capacity: { hosts: 256 }")
    let (_, lock) = try compileCleanly(fabric.text)
    fabric.networks[0].extra = ""
    fabric.networks[0].bits = "tenant: 2, segment: 2, endpoint: 6"
    #expect(compile(fabric.text, lock: lock).codes == [.wouldRenumber])
  }

  @Test func `a recorded prefix that is excluded later is refused, and moved with --renumber`() throws {
    var fabric = fabric("10.1.0.0/16", [("a", 3)])
    let (_, lock) = try compileCleanly(fabric.text)
    fabric.networks[0].extra = "exclude: [10.1.64.0/18]"
    #expect(compile(fabric.text, lock: lock).codes == [.excludedAllocation])
    let (topology, moved) = try compileCleanly(fabric.text, lock: lock, mayRenumber: true)
    #expect(aggregates(topology) == ["10.1.0.0/18", "10.1.192.0/18", "10.1.128.0/18"])
    #expect(try compileCleanly(fabric.text, lock: moved).lock == moved)
  }

  @Test func `a lock whose prefixes are absurd is refused and no trap`() throws {
    let fabric = fabric("10.1.0.0/16", [("a", 2)])
    let (_, lock) = try compileCleanly(fabric.text)
    for text in ["0.0.0.0/0", "10.1.0.0/16", "10.1.0.0/32", "10.1.255.255/32", "::/0", "fd00::/128"] {
      for key in ["lab:a", "lab:a/rack1", "lab:a/rack1/a-r0-h0"] {
        var damaged = lock
        damaged[.prefixes, key]?.prefix = prefix(text)
        _ = compile(fabric.text, lock: damaged)
        _ = compile(fabric.text, lock: damaged, mayRenumber: true)
      }
    }
  }
}
