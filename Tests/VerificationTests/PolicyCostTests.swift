import Testing
import TopologyModel
import Verification

/// How many rules of policies a packet can meet.
@Suite struct PolicyCostTests {
  /// At most 16 rules at the end of a tree and 8 at each level above it, and a few jumps to trees.
  @Test(arguments: [100, 1000, 3000], AddressFamily.allCases)
  func pathsGrowWithTheLogarithmOfPolicies(_ count: Int, _ family: AddressFamily) throws {
    let file = try fabric(count).rules(0, family)
    let rules = file.chains.filter { $0.name.hasPrefix("romana-pi") }.reduce(0) { $0 + $1.rules.count }
    #expect(rules > count)
    var levels = 0
    while 16 << (3 * levels) < count { levels += 1 }
    #expect(longestPath(from: "romana-pi", in: file) <= 4 * (16 + 8 * levels))
  }

  /// Ports between the same two segments: trees of ranges.
  @Test func manyPortsOfOnePairAreATree() throws {
    let policies = (1...600).map { "  - { name: p\($0), to: { tenant: t1, segment: a }, allow: [tcp/\($0 * 7)] }" }
    let file = try Fabric(text(tenants: 2, policies)).rules(0, .ipv4)
    #expect(longestPath(from: "romana-pi", in: file) <= 60)
  }

  private func fabric(_ count: Int) throws -> Fabric {
    var numbers = Numbers(state: 5)
    let tenants = count / 4
    let policies = (1...count).map { index in
      let (from, to) = (numbers.next(1...tenants), numbers.next(1...tenants))
      let verdict = index % 10 == 0 ? "deny" : "allow"
      let source = index % 12 == 0 ? "any" : "{ tenant: t\(from), segment: b }"
      return
        "  - { name: p\(index), from: \(source), to: { tenant: t\(to), segment: a }, \(verdict): [tcp/\(numbers.next(1...60000))] }"
    }
    return try Fabric(text(tenants: tenants, policies))
  }

  private func text(tenants: Int, _ policies: [String]) -> String {
    """
    romana: 1
    fabric: cost
    networks:
      - { name: pods, cidr: 10.0.0.0/8, bits: { region: 0, rack: 1, host: 2, tenant: 12, segment: 2, endpoint: 7 } }
      - { name: pods6, cidr: "fd00:10::/32", bits: { region: 4, rack: 12, host: 16, tenant: 16, segment: 8, endpoint: 40 } }
    tenants:
    \((1...tenants).map { "  - { name: t\($0), segments: [a, b] }" }.joined(separator: "\n"))
    policies:
    \(policies.joined(separator: "\n"))
    regions:
      - name: dc1
        racks:
          - { name: rack1, subnet: 172.16.1.0/24, subnet6: "fd00:16:1::/64", tors: [{ name: tor1, loopback: 192.0.2.1 }], hosts: [{ name: h1 }] }
    """
  }
}
