import Testing
import TopologyModel
import Verification

/// How many rules there are, how many of them a packet meets, and what their comments say.
@Suite struct RuleCostTests {
  private func fabric(hosts: Int = 2, racks: Int = 1, tenants: Int = 4, isolation: String = "segment") throws -> Fabric
  {
    let names = (1...tenants).map { "  - { name: t\($0), isolation: \(isolation), segments: [a, b, c, d] }" }
    let entries = (1...racks).map { rack in
      """
            - { name: rack\(rack), subnet: 172.16.\(rack).0/24, subnet6: "fd00:16:\(rack)::/64", tors: [{ name: tor\(rack), loopback: 192.0.2.\(rack) }], hosts: [{ range: "r\(rack)h[1-\(hosts)]" }] }
      """
    }
    return try Fabric(
      """
      romana: 1
      fabric: cost
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
      \(entries.joined(separator: "\n"))
      """)
  }

  @Test(arguments: AddressFamily.allCases)
  func rulesDoNotGrowWithHosts(_ family: AddressFamily) throws {
    let (few, many) = (try fabric(hosts: 1), try fabric(hosts: 64))
    #expect(try few.rules(0, family).ruleCount == many.rules(63, family).ruleCount)
    // More racks are more subnets: they may show in what is never reached, and nowhere else.
    let spread = try fabric(hosts: 64, racks: 8).rules(200, family)
    let counts = { (file: RuleFile) in
      file.chains.filter { !$0.name.hasPrefix("romana-u") }.map { "\($0.name) \($0.rules.count)" }
    }
    #expect(counts(spread) == counts(try few.rules(0, family)))
  }

  /// At most 16 rules at the end of a tree and 8 more at each level, of which each divides by about 8. The rest of the
  /// way is the same for every packet.
  @Test(arguments: [4, 40, 400, 4000], AddressFamily.allCases)
  func pathsGrowWithTheLogarithmOfSegments(_ segments: Int, _ family: AddressFamily) throws {
    let fabric = try fabric(tenants: segments / 4)
    let file = try fabric.rules(0, family)
    var levels = 0
    while 16 << (3 * levels) < segments { levels += 1 }
    let bound = 16 + 8 * levels
    #expect(longestPath(from: "romana-n0", in: file) <= bound)
    #expect(longestPath(from: "romana-egress", in: file) <= bound + 2 + longestPath(from: "romana-u", in: file))
    // Packets to every segment, allowed and not.
    let addresses = Addresses(topology: fabric.topology)
    let network = family == .ipv4 ? 0 : 1
    var worst = 0
    for tenant in stride(from: 1, through: segments / 4, by: max(1, segments / 400)) {
      for segment in 1...5 {
        guard let from = addresses.address(0, network, tenant: tenant, segment: 1, endpoint: 3),
          let to = addresses.address(1, network, tenant: tenant, segment: segment, endpoint: 3)
        else { continue }
        let fate = evaluate(Packet(from: from, to: to, in: "epx"), at: .forward, in: file)
        #expect((fate.verdict == .accept) == (segment == 1), "\(from) to \(to)")
        worst = max(worst, fate.rulesLookedAt)
      }
    }
    #expect(worst <= bound + 20, "a packet met \(worst) rules")
  }

  /// The counter of a rule that lets tenants' packets through says whose they are.
  @Test(arguments: Samples.names, AddressFamily.allCases)
  func acceptedTrafficIsNamed(_ name: String, _ family: AddressFamily) throws {
    let fabric = try Samples.fabric(name)
    let journey = try Journey(fabric)
    let addresses = Addresses(topology: fabric.topology)
    var named: Set<String> = []
    for source in addresses.all(onHost: 0, family) {
      for destination in addresses.all(onHost: 2, family) + addresses.outside(family) {
        let packet = Packet(
          from: source, to: destination, in: journey.interface(of: source, onHost: 0))
        let fate = evaluate(packet, at: .forward, in: journey.rules(0, family))
        guard fate.verdict == .accept else { continue }
        let comment = try #require(fate.rule?.rule.comment, "\(source) to \(destination)")
        let isEgress = journey.meaning.place(of: destination) == .outside
        #expect(comment == expectedComment(isEgress ? source : destination, isEgress, journey.meaning))
        named.insert(comment)
      }
    }
    #expect(named.count > 4, "\(named)")
  }

  private func expectedComment(_ address: Address, _ isEgress: Bool, _ meaning: Meaning) -> String? {
    let layout = meaning.topology.networks.first { $0.prefix.contains(address) }?.layout
    guard let layout else { return nil }
    if layout.block != nil {
      guard case .endpoint(_, _, let index, let id) = meaning.place(of: address) else { return nil }
      let tenant = meaning.topology.tenants[index]
      if isEgress { return "egress \(tenant.name.text)" }
      let segment = tenant.segments.first { $0.id == id }
      return tenant.isolation == .segment ? segment.map { "\(tenant.name.text)/\($0.name.text)" } : tenant.name.text
    }
    let identity = address.bits >> UInt128(layout.endpoint)
    let id = Int(truncatingIfNeeded: identity >> UInt128(layout.segment)) & ((1 << layout.tenant) - 1)
    guard let tenant = meaning.topology.tenants.first(where: { $0.id == id }) else { return nil }
    if isEgress { return "egress \(tenant.name.text)" }
    if tenant.isolation != .segment { return tenant.name.text }
    let segment = tenant.segments.first { $0.id == Int(truncatingIfNeeded: identity) & ((1 << layout.segment) - 1) }
    return segment.map { "\(tenant.name.text)/\($0.name.text)" }
  }
}
