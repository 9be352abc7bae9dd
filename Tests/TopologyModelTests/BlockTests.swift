import Testing

@testable import TopologyModel

/// Blocks of hosts: disjoint, inside their rack, never moved by what comes and goes around them.
@Suite struct BlockAllocationTests {
  /// A fabric whose hosts ask for so many endpoints of segments of two tenants.
  private struct Growing {
    /// By rack, then host: endpoints of `acme/web` and of `shop/db`; 0 is no entry.
    var racks: [[(name: String, web: Int, db: Int)]]
    var network = "cidr: 10.0.0.0/16, block: 29, capacity: { racks: 8 }"
    var tenants = ["{ name: acme, segments: [web] }", "{ name: shop, segments: [db] }"]

    var text: String {
      let entries = racks.enumerated().map { index, hosts in
        let items = hosts.map { host in
          let demands =
            (host.web > 0 ? ["{ tenant: acme, segment: web, endpoints: \(host.web) }"] : [])
            + (host.db > 0 ? ["{ tenant: shop, segment: db, endpoints: \(host.db) }"] : [])
          return "{ name: \(host.name), blocks: [\(demands.joined(separator: ", "))] }"
        }
        return """
              - { name: r\(index), subnet: 172.16.\(index).0/24, tors: [{ name: t\(index), loopback: 192.0.2.\(index + 1) }], hosts: [\(items.joined(separator: ", "))] }
          """
      }
      return """
        romana: 1
        fabric: growing
        networks: [{ name: pods, \(network) }]
        tenants: [\(tenants.joined(separator: ", "))]
        regions:
          - name: dc1
            link_pool: 172.31.0.0/24
            spines: [{ name: s1, loopback: 192.0.2.200 }]
            racks:
        \(entries.joined(separator: "\n"))
        """
    }
  }

  private func blocks(_ topology: Topology) -> [String: Prefix] {
    var result: [String: Prefix] = [:]
    for host in topology.hosts {
      for block in host.blocks {
        result["\(host.name) \(block.owner?.tenant.text ?? "-") \(block.number)"] = block.prefix
      }
    }
    return result
  }

  private func check(_ topology: Topology) {
    var all: [Prefix] = []
    for (index, host) in topology.hosts.enumerated() {
      for network in Set(host.blocks.map(\.network)) {
        let own = host.blocks.filter { $0.network == network }
        let aggregate = topology.rack(ofHost: index).allocations[network]?.aggregate
        #expect(own.allSatisfy { aggregate?.contains($0.prefix) == true })
        #expect(own.allSatisfy { $0.prefix.length == topology.networks[network].layout.block })
        #expect(own.allSatisfy { block in !topology.networks[network].excluded.contains { $0.overlaps(block.prefix) } })
        #expect(own.count { $0.owner == nil } == 1)
        #expect(topology.gateway(ofHost: index, inNetwork: network) == own[0].prefix.address.advanced(by: 1))
      }
      all += host.blocks.map(\.prefix)
    }
    all.sort()
    for (left, right) in zip(all, all.dropFirst()) { #expect(!left.overlaps(right), "\(left) \(right)") }
  }

  /// Hosts come, go, grow and shrink; what has a block keeps it as long as it wants it.
  @Test(arguments: 0..<8) func `a block never moves`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: 900 + seed)
    var fabric = Growing(racks: [[("h0", 9, 0)], [("k0", 0, 3)]])
    fabric.network += ["", ", exclude: [10.0.0.0/27, 10.0.32.12/32]"].randomElement(using: &generator)!
    var (lock, before): (LockFile?, [String: Prefix]) = (nil, [:])
    var reserved: Set<Prefix> = []
    for step in 1...25 {
      let rack = Int.random(in: fabric.racks.indices, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: fabric.racks[rack].insert(("n\(step)", Int.random(in: 0...20, using: &generator), 5), at: 0)
      case 1 where fabric.racks[rack].count > 1: fabric.racks[rack].removeFirst()
      case 2 where fabric.racks.count < 6: fabric.racks.append([("m\(step)", 8, 8)])
      default:
        let host = Int.random(in: fabric.racks[rack].indices, using: &generator)
        fabric.racks[rack][host].web = Int.random(in: 0...60, using: &generator)
        fabric.racks[rack][host].db = Int.random(in: 0...30, using: &generator)
      }
      let result = compile(fabric.text, lock: lock)
      let topology = try #require(result.topology, "\(result.printed)")
      check(topology)
      let now = blocks(topology)
      for (name, prefix) in now {
        if let old = before[name] { #expect(old == prefix, "\(name) moved") }
      }
      // What was given up is not given to anybody else until the lock file is pruned.
      reserved.formUnion(before.filter { now[$0.key] == nil }.values)
      for (name, prefix) in now where before[name] == nil && reserved.contains(prefix) {
        #expect(
          lock?.entries[.blocks]?.values.contains { $0.prefix == prefix && $0.isRemoved } == true, "\(name) is back")
      }
      let fresh = now.filter { before[$0.key] == nil }.values
      #expect(Set(fresh).count == fresh.count)
      (lock, before) = (result.lock, now)
      // With its lock file a topology compiles to the same, in any order.
      var shuffled = fabric
      for rack in shuffled.racks.indices { shuffled.racks[rack].shuffle(using: &generator) }
      shuffled.tenants.shuffle(using: &generator)
      let again = compile(shuffled.text, lock: lock)
      #expect(again.lock == lock)
      #expect(again.topology.map(blocks) == now)
    }
  }

  @Test func `a removed segment's block is free only after pruning`() throws {
    var fabric = Growing(racks: [[("h0", 8, 8)]])
    let first = compile(fabric.text)
    fabric.racks[0][0].web = 0
    let second = compile(fabric.text, lock: first.lock)
    fabric.racks[0].append(("h1", 8, 0))
    let third = compile(fabric.text, lock: second.lock)
    #expect(blocks(try #require(third.topology))["h1 acme 0"] == prefix("10.0.0.32/29"))
    var pruned = try #require(second.lock)
    pruned.prune()
    let fourth = compile(fabric.text, lock: pruned)
    #expect(blocks(try #require(fourth.topology))["h1 - 0"] == prefix("10.0.0.8/29"))
  }

  @Test func `renames keep blocks, those that are reserved among them`() throws {
    var fabric = Growing(racks: [[("h0", 20, 8)]])
    let first = compile(fabric.text)
    fabric.racks[0][0].web = 8
    let second = compile(fabric.text, lock: first.lock)
    let renamed = fabric.text.replacing("name: h0", with: "name: new, renamed_from: h0")
      .replacing(
        "{ name: acme, segments: [web] }",
        with: "{ name: corp, renamed_from: acme, segments: [{ name: www, renamed_from: web }] }"
      )
      .replacing("tenant: acme, segment: web", with: "tenant: corp, segment: www")
      .replacing("{ name: pods,", with: "{ name: space, renamed_from: pods,")
      .replacing("{ name: r0,", with: "{ name: row, renamed_from: r0,")
    let third = compile(renamed, lock: second.lock)
    let now = blocks(try #require(third.topology, "\(third.printed)"))
    #expect(now["new corp 0"] == blocks(try #require(first.topology))["h0 acme 0"])
    #expect(now["new shop 0"] == blocks(try #require(first.topology))["h0 shop 0"])
    #expect(third.lock?.entries[.blocks]?.values.count { $0.isRemoved } == 2)
    let keys = third.lock?.entries[.blocks]?.keys.sorted() ?? []
    #expect(keys.allSatisfy { $0 == "space:dc1/row/new" || $0.hasPrefix("space:dc1/row/new/") } && keys.count == 5)
    #expect(!keys.contains { $0.contains("acme") || $0.contains("web") })
  }

  @Test func `growth past the rack's prefix is refused, and renumbers if it is wanted`() throws {
    var fabric = Growing(racks: [[("h0", 8, 0)], [("k0", 8, 0)]])
    fabric.network = "cidr: 10.0.0.0/24, block: 29"
    let first = compile(fabric.text)
    fabric.racks[0][0].web = 200
    #expect(compile(fabric.text, lock: first.lock).codes == [.prefixGroupFull])
    fabric.network = "cidr: 10.0.0.0/20, block: 29, capacity: { racks: 2 }"
    fabric.racks[1][0].web = 1900
    let refused = compile(fabric.text, lock: first.lock)
    #expect(refused.codes == [.wouldRenumber])
    let moved = compile(fabric.text, lock: first.lock, mayRenumber: true)
    let topology = try #require(moved.topology, "\(moved.printed)")
    check(topology)
    #expect(topology.hosts[1].blocks.count == 239)
  }

  @Test func `an address belongs to the block that its id counts to`() throws {
    let fabric = Growing(racks: [[("h0", 20, 8)]])
    let topology = try #require(compile(fabric.text).topology)
    func address(_ id: Int) -> Address? {
      topology.address(ofHost: 0, inNetwork: 0, tenant: 1, segment: 1, endpoint: id)
    }
    #expect(address(0) == Address(.ipv4, 0x0a00_0008) && address(7) == Address(.ipv4, 0x0a00_000f))
    #expect(address(8) == Address(.ipv4, 0x0a00_0010) && address(23) == Address(.ipv4, 0x0a00_001f))
    #expect(address(24) == nil)
  }
}
