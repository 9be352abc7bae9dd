/// Topologies that differ in what matters to isolation.
enum Samples {
  static let names = [
    "layouts", "groups", "two-networks", "many-networks", "dual-stack", "static-fabric", "blocks", "blocks-alone",
  ]

  static func fabric(_ name: String) throws -> Fabric {
    try name == "dual-stack" || name == "static-fabric" ? Fabric(example: name) : Fabric(text(name))
  }

  static func text(_ name: String) -> String {
    switch name {
    case "layouts": layouts
    case "groups": groups
    case "blocks": blocks(["pods", "vms"])
    case "blocks-alone": blocks(["pods"])
    case "two-networks": networks(["pods", "lab"])
    case "many-networks": networks(["pods", "lab", "qa", "more"])
    default: random(name)
    }
  }

  /// Both families, all kinds of isolation and egress, listed endpoints, a shared filter, tenants with holes in their ids.
  private static let layouts = """
    romana: 1
    fabric: layouts
    defaults: { endpoint_interface: "ep+" }
    networks:
      - { name: pods, cidr: 10.0.0.0/9, bits: { region: 1, rack: 3, host: 6, tenant: 5, segment: 3, endpoint: 5 } }
      - { name: pods6, cidr: "fd00:10::/32", bits: { region: 4, rack: 12, host: 16, tenant: 8, segment: 8, endpoint: 48 } }
    \(tenants())
    \(regions(hosts: [
      "{ name: h1, endpoints: [{ name: e1, tenant: acme, segment: web, id: 11, interface: ep-e1 }] }",
      "{ name: h2, firewall: { mode: share }, interface: bond0 }",
    ]))
    """

  /// Prefix groups: a host prefix is wider than the fields need, so that there are spare bits.
  private static let groups = """
    romana: 1
    fabric: groups
    networks:
      - { name: pods, cidr: 10.0.0.0/8, bits: { tenant: 4, segment: 2, endpoint: 4 }, capacity: { racks: 4, hosts: 8 } }
      - { name: pods6, cidr: "fd00:10::/48", bits: { tenant: 8, segment: 8, endpoint: 16 }, capacity: { racks: 4, hosts: 8 } }
    \(tenants())
    \(regions(hosts: ["{ name: h1 }", "{ name: h2, endpoint_interface: vm+ }"]))
    """

  /// Blocks, next to a network where bits tell tenants, and alone: there are tenants enough for a tree of sets.
  private static func blocks(_ names: [String]) -> String {
    let bits = names.count > 1
    let crowd = (1...8).map { "  - { name: t\($0), egress: \($0 % 3 == 0 ? "deny" : "allow"), segments: [a, b] }" }
    func demands(_ host: Int) -> String {
      let all = (1...8).filter { $0 % 3 == host % 3 }.map {
        "{ tenant: t\($0), segment: \($0 % 2 == 0 ? "a" : "b"), endpoints: 9 }"
      }
      let own = [
        "{ tenant: acme, segment: web, endpoints: 20 }",
        "{ tenant: shop, segment: \(host % 2 == 0 ? "a" : "b"), endpoints: 6 }",
        host == 3 ? "{ tenant: tools, segment: x, endpoints: 6 }" : "{ tenant: acme, segment: db, endpoints: 6 }",
      ]
      return "blocks: [\((own + all).joined(separator: ", "))]"
    }
    return """
      romana: 1
      fabric: blocks
      networks:
        - { name: pods, cidr: 10.0.0.0/12, block: 29, exclude: [10.0.0.16/30] }
        - { name: pods6, cidr: "fd00:10::/48", block: 125 }
      \(bits ? """
        - { name: vms, cidr: 10.16.0.0/12, bits: { region: 0, rack: 2, host: 2, tenant: 6, segment: 3, endpoint: 7 }, tenants: [acme, shop, tools, t1, t3] }
        - { name: vms6, cidr: "fd00:20::/32", bits: { region: 8, rack: 8, host: 16, tenant: 8, segment: 8, endpoint: 48 }, tenants: [acme, shop, tools, t1, t3] }
      """ : "")
      tenants:
        - { name: acme, segments: [web, db] }
        - { name: shop, isolation: tenant, segments: [a, b] }
        - { name: tools, isolation: none, egress: deny, segments: [x] }
      \(crowd.joined(separator: "\n"))
      \(regions(hosts: [
        "{ name: h1, \(demands(1)), endpoints: [{ name: e1, tenant: acme, segment: web, id: 11, interface: ep-e1, network: pods }] }",
        "{ name: h2, firewall: { mode: share }, \(demands(2)) }",
      ]).replacing("{ name: h3 }", with: "{ name: h3, \(demands(3)) }"))
      """
  }

  /// Segments that span networks; the last network is for one tenant only.
  private static func networks(_ names: [String]) -> String {
    let entries = names.enumerated().map { index, name in
      let reserved = index == names.count - 1 ? ", tenants: [shop, tools]" : ""
      return """
          - { name: \(name), cidr: 10.\(index * 16).0.0/12, bits: { region: 0, rack: 2, host: 2, tenant: 5, segment: 3, endpoint: 8 }\(reserved) }
          - { name: \(name)6, cidr: "fd00:\(index + 1)::/32", bits: { region: 8, rack: 8, host: 16, tenant: 8, segment: 8, endpoint: 48 }\(reserved) }
        """
    }
    return """
      romana: 1
      fabric: networks
      networks:
      \(entries.joined(separator: "\n"))
      \(tenants())
      \(regions(hosts: ["{ name: h1 }", "{ name: h2 }"]))
      """
  }

  /// A topology that the name decides: so many tenants that rules form trees, of mixed isolation, in up to three networks.
  private static func random(_ name: String) -> String {
    var generator = Generator(state: name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    let networks = (0..<generator.next(1...3)).map { index in
      let (tenant, segment) = (generator.next(6...8), generator.next(2...4))
      return """
          - { name: n\(index), cidr: 10.\(index * 64).0.0/10, bits: { region: 0, rack: 1, host: 1, tenant: \(tenant), segment: \(segment), endpoint: \(20 - tenant - segment) } }
          - { name: n\(index)v6, cidr: "fd00:\(index + 1)::/48", bits: { tenant: \(tenant + 1), segment: \(segment + 2), endpoint: 40 }, capacity: { racks: 2, hosts: 2 } }
        """
    }
    let tenants = (0..<generator.next(5...45)).map { index in
      let isolation = ["segment", "segment", "tenant", "none"][generator.next(0...3)]
      let names = (0..<generator.next(1...3)).map { "s\($0)" }.joined(separator: ", ")
      let egress = generator.next(0...3) == 0 ? "deny" : "allow"
      return "  - { name: t\(index), isolation: \(isolation), egress: \(egress), segments: [\(names)] }"
    }
    return """
      romana: 1
      fabric: random
      networks:
      \(networks.joined(separator: "\n"))
      tenants:
      \(tenants.joined(separator: "\n"))
      \(regions(hosts: ["{ name: h1 }", "{ name: h2 }"]))
      """
  }

  /// SplitMix64: the same numbers everywhere.
  private struct Generator {
    var state: UInt64

    mutating func next(_ range: ClosedRange<Int>) -> Int {
      state &+= 0x9e37_79b9_7f4a_7c15
      var bits = state
      bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
      bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
      return range.lowerBound + Int((bits ^ (bits >> 31)) % UInt64(range.count))
    }
  }

  private static func tenants() -> String {
    """
    tenants:
      - { name: acme, segments: [{ name: web, id: 1 }, { name: db, id: 3 }] }
      - { name: shop, isolation: tenant, segments: [front, back] }
      - { name: tools, isolation: none, egress: deny, segments: [dns] }
      - { name: quiet, id: 7, egress: deny, segments: [a, b] }
    """
  }

  private static func regions(hosts: [String]) -> String {
    """
    regions:
      - name: dc1
        link_pool: 172.31.0.0/24
        link_pool6: fd00:31::/64
        spines: [{ name: spine1, loopback: 192.0.2.201 }, { name: spine2, loopback: 192.0.2.202 }]
        racks:
          - name: rack1
            subnet: 172.16.1.0/24
            subnet6: fd00:16:1::/64
            tors: [{ name: tor1, loopback: 192.0.2.1 }]
            hosts: [\(hosts.joined(separator: ", "))]
          - name: rack2
            subnet: 172.16.2.0/24
            subnet6: fd00:16:2::/64
            tors: [{ name: tor2, loopback: 192.0.2.2 }]
            hosts: [{ name: h3 }, { name: h4, state: drained }]
    """
  }
}
