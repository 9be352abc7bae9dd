import Testing
import TopologyModel
import Verification

/// Networks of blocks: what grows, and what does not.
@Suite struct BlockTests {
  /// Hosts with blocks of so many tenants each.
  private func fabric(hosts: Int, endpoints: Int = 8, tenants: Int = 4) throws -> Fabric {
    let names = (1...tenants).map {
      "  - { name: t\($0), isolation: \($0 % 5 == 0 ? "tenant" : "segment"), segments: [a, b] }"
    }
    let entries = (0..<hosts).map { host in
      let demands = (1...tenants).filter { $0 % hosts == host % tenants || $0 % 3 == 0 }.flatMap { tenant in
        ["a", "b"].map { "{ tenant: t\(tenant), segment: \($0), endpoints: \(endpoints) }" }
      }
      return "          - { name: h\(host), blocks: [\(demands.joined(separator: ", "))] }"
    }
    return try Fabric(
      """
      romana: 1
      fabric: growth
      networks:
        - { name: pods, cidr: 10.0.0.0/8, block: 29 }
        - { name: pods6, cidr: "fd00:10::/48", block: 125 }
      tenants:
      \(names.joined(separator: "\n"))
      regions:
        - name: dc1
          racks:
            - name: rack1
              subnet: 172.16.1.0/24
              subnet6: fd00:16:1::/64
              tors: [{ name: tor1, loopback: 192.0.2.1 }]
              hosts:
      \(entries.joined(separator: "\n"))
      """)
  }

  /// The rules of a host are the same lines however many hosts and blocks there are; only sets grow.
  @Test(arguments: AddressFamily.allCases)
  func rulesDoNotGrowWithBlocks(_ family: AddressFamily) throws {
    func rules(_ fabric: Fabric) throws -> [String] {
      // The host's own block stands in its rules; it is the first.
      try fabric.text(0, family).filter { !$0.hasPrefix("#") }
    }
    let few = try fabric(hosts: 3)
    for many in [try fabric(hosts: 3, endpoints: 80), try fabric(hosts: 30, endpoints: 80)] {
      #expect(try rules(few) == rules(many))
      #expect(try few.sets(0).values.reduce(0) { $0 + $1.count } < many.sets(0).values.reduce(0) { $0 + $1.count })
    }
  }

  @Test func rulesOfTablesDoNotGrowWithBlocks() throws {
    func chains(_ fabric: Fabric) throws -> [String] {
      try fabric.with(.nft).table(0).chains.map { "\($0.name) \($0.rules.count)" }
    }
    let few = try chains(try fabric(hosts: 3))
    #expect(try few == chains(try fabric(hosts: 3, endpoints: 80)))
    #expect(try few == chains(try fabric(hosts: 30, endpoints: 80)))
  }

  /// At most 16 rules at the end of the tree and 8 more at each level, as with bits.
  @Test(arguments: [10, 60, 300])
  func pathsGrowWithTheLogarithmOfSegments(_ tenants: Int) throws {
    let file = try fabric(hosts: 3, tenants: tenants).rules(0, .ipv4)
    var levels = 0
    while 16 << (3 * levels) < tenants * 2 { levels += 1 }
    #expect(longestPath(from: "romana-b", in: file) <= 16 + 8 * levels)
    #expect(longestPath(from: "romana-eb", in: file) <= 16 + 8 * levels)
  }

  /// A host knows the blocks of segments that its endpoints can talk to, and no others.
  @Test func setsHoldWhatTheHostCanTalkTo() throws {
    let fabric = try fabric(hosts: 6, tenants: 12)
    let topology = fabric.topology
    var leftOut = 0
    for host in topology.hosts.indices {
      let local = Set(topology.hosts[host].blocks.compactMap(\.owner))
      let sets = try fabric.sets(host)
      for tenant in topology.tenants where tenant.isolation == .segment {
        for segment in tenant.segments {
          let set = try #require(sets["romana-4-t\(tenant.id)-s\(segment.id)"])
          let all = topology.hosts.flatMap(\.blocks).filter {
            $0.prefix.family == .ipv4 && $0.owner?.tenantID == tenant.id && $0.owner?.segmentID == segment.id
          }
          let isLocal = local.contains { $0.tenantID == tenant.id && $0.segmentID == segment.id }
          #expect(set.prefixes == (isLocal ? all.map(\.prefix).sorted() : []))
          if !isLocal { leftOut += all.count }
        }
      }
    }
    #expect(leftOut > 0)
  }

  /// A file of sets that lost a line, or got one more, is found out.
  @Test func damagedSetsAreFound() throws {
    let fabric = try Samples.fabric("blocks")
    let device = fabric.plan.plan(try #require(fabric.plan.device(named: "h1")))
    let text = String(decoding: fabric.file(.addressSets, of: device), as: UTF8.self)
    func findings(_ text: String) -> [Finding] {
      checkFile(.addressSets, Array(text.utf8), against: device, fabric.plan)
    }
    #expect(findings(text).isEmpty)
    var lines = text.split(separator: "\n").map(String.init)
    #expect(lines.count > 60)
    for index in lines.indices where index != 1 {
      let line = lines.remove(at: index)
      #expect(!findings(lines.joined(separator: "\n") + "\n").isEmpty, "without \(line)")
      lines.insert(line, at: index)
    }
    for wrong in ["add romana-4-own 10.0.0.8/28", "create romana-9 hash:ip family inet maxelem 65536", "flush"] {
      lines.insert(wrong, at: 4)
      #expect(!findings(lines.joined(separator: "\n") + "\n").isEmpty, "with \(wrong)")
      lines.remove(at: 4)
    }
  }
}
