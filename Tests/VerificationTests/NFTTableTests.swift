import Testing
import TopologyModel
import Verification

/// What the table of nftables costs a packet, and that nothing in it is idle.
@Suite struct NFTTableTests {
  private func fabric(tenants: Int) throws -> Fabric {
    let kinds = ["segment", "segment", "tenant", "none"]
    let names = (1...tenants).map { "  - { name: t\($0), isolation: \(kinds[$0 % 4]), segments: [a, b, c, d] }" }
    return try Fabric(
      """
      romana: 1
      fabric: cost
      defaults: { firewall: { backend: nft } }
      networks:
        - { name: pods, cidr: 10.0.0.0/8, bits: { region: 0, rack: 3, host: 6, tenant: 10, segment: 3, endpoint: 2 } }
        - { name: pods6, cidr: "fd00:10::/32", bits: { region: 4, rack: 12, host: 16, tenant: 16, segment: 8, endpoint: 40 } }
      tenants:
      \(names.joined(separator: "\n"))
      regions:
        - name: dc1
          link_pool: 172.31.0.0/24
          link_pool6: fd00:31::/64
          spines: [{ name: spine1, loopback: 192.0.2.201 }]
          racks:
            - { name: rack1, subnet: 172.16.1.0/24, subnet6: "fd00:16:1::/64", tors: [{ name: tor1, loopback: 192.0.2.1 }], hosts: [{ name: h1 }, { name: h2 }] }
      """)
  }

  /// The rules and lookups that the dearest of many packets meets are the same for 4 segments and for 4,000.
  @Test(arguments: AddressFamily.allCases)
  func costDoesNotGrowWithSegments(_ family: AddressFamily) throws {
    var costs: Set<[Int]> = []
    for tenants in [4, 100, 1000] {
      let fabric = try fabric(tenants: tenants)
      let table = try fabric.table(0)
      let addresses = Addresses(topology: fabric.topology)
      let network = family == .ipv4 ? 0 : 1
      var (rules, lookups, accepted) = (0, 0, 0)
      for tenant in stride(from: 1, through: tenants, by: max(1, tenants / 50)) {
        for (segment, peer) in [(1, tenant), (2, tenant), (1, max(1, tenant - 1))] {
          let from = try #require(addresses.address(0, network, tenant: tenant, segment: 1))
          let to = try #require(addresses.address(1, network, tenant: peer, segment: segment))
          let fate = evaluate(Packet(from: from, to: to, in: "epx"), at: .forward, in: table)
          (rules, lookups) = (max(rules, fate.rulesLookedAt), max(lookups, fate.lookups))
          if fate.verdict == .accept { accepted += 1 }
        }
      }
      #expect(accepted > 0)
      costs.insert([rules, lookups, table.ruleCount])
    }
    #expect(costs.count == 1, "\(costs)")
    // Endpoint interface, replies, spoofing, network; the isolation itself is one lookup.
    #expect(costs.first.map { $0[0] <= 14 && $0[1] <= 3 } ?? false, "\(costs)")
  }

  /// A set whose elements are exact is a hash table; ranges are used only where a tenant is not divided.
  @Test func setsAreHashTablesWhereTheyCanBe() throws {
    let divided = try Fabric(Samples.text("two-networks")).with(.nft)
    let pairs = try divided.table(0).sets.filter { $0.name.hasPrefix("pairs") }
    #expect(!pairs.isEmpty && pairs.allSatisfy { $0.isInterval == $0.elements.contains { $0.comment == "shop" } })
  }

  /// Whose packets an element counts: its comment says it.
  @Test(arguments: Samples.names, AddressFamily.allCases)
  func acceptedTrafficIsNamed(_ name: String, _ family: AddressFamily) throws {
    let fabric = try Samples.fabric(name)
    let (journey, table) = (try Journey(fabric.with(.iptables)), try fabric.with(.nft).table(0))
    let addresses = Addresses(topology: fabric.topology)
    var named: Set<String> = []
    for source in addresses.all(onHost: 0, family) {
      for destination in addresses.all(onHost: 2, family) + addresses.outside(family) {
        let packet = Packet(
          from: source, to: destination, in: journey.interface(of: source, onHost: 0))
        let fate = evaluate(packet, at: .forward, in: table)
        let rule = evaluate(packet, at: .forward, in: journey.rules(0, family)).rule?.rule
        guard fate.verdict == .accept else { continue }
        #expect(fate.comment == rule?.comment, "\(source) to \(destination)")
        named.insert(fate.comment ?? "")
      }
    }
    #expect(named.count > 4, "\(named)")
  }

  /// Without any one rule, or any one element of a set, some packet fares differently.
  @Test(arguments: ["layouts", "groups", "two-networks"], AddressFamily.allCases)
  func everyLineDecidesSomething(_ name: String, _ family: AddressFamily) throws {
    let fabric = try Samples.fabric(name)
    // A policy that drops would hide what rules drop.
    let lines = String(decoding: try fabric.with(.nft).tableBytes(0), as: UTF8.self)
      .split(separator: "\n").map { $0.hasSuffix("policy drop;") ? $0.dropLast(5) + "accept;" : String($0) }
    let whole = try parseNFT(bytes(lines))
    let ours = whole.chains.filter { !$0.name.contains(family == .ipv4 ? "6" : "4") }
    let probes = RuleNecessityTests().probes(fabric, family).map { ($0, evaluate($0.0, at: $0.1, in: whole)) }
    let other = family == .ipv4 ? "meta nfproto ipv6" : "meta nfproto ipv4"
    for read in ours.flatMap(\.rules) where !lines[read.line - 1].contains(other) {
      var rest = lines
      rest.remove(at: read.line - 1)
      let without = try parseNFT(bytes(rest))
      let isNeeded = probes.contains { probe, fate in
        fate.matchedLines.contains(read.line)
          && evaluate(probe.0, at: probe.1, in: without).verdict != fate.verdict
      }
      #expect(isNeeded, "\(lines[read.line - 1])")
    }
    let sets = whole.sets.filter { !$0.name.contains(family == .ipv4 ? "6" : "4") && !$0.name.hasPrefix("underlay") }
    for set in sets {
      for index in set.elements.indices {
        guard let rest = removeElement(index, of: set, lines) else { continue }
        let without = try parseNFT(bytes(rest))
        let isNeeded = probes.contains { probe, fate in
          evaluate(probe.0, at: probe.1, in: without).verdict != fate.verdict
        }
        #expect(isNeeded, "\(set.name) \(set.elements[index])")
      }
    }
  }

  private func bytes(_ lines: [String]) -> [UInt8] { Array((lines.joined(separator: "\n") + "\n").utf8) }

  /// Nil if it is the only one.
  private func removeElement(_ index: Int, of set: ReadSet, _ lines: [String]) -> [String]? {
    guard set.elements.count > 1, let start = lines[(set.line - 1)...].firstIndex(of: "    elements = {") else {
      return nil
    }
    var rest = lines
    rest.remove(at: start + 1 + index)
    if index == set.elements.count - 1 { rest[start + index].removeLast() }
    return rest
  }
}
