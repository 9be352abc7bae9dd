/// Random topologies with random policies of every kind; the seed decides them.
struct PolicySamples {
  private var generator: Numbers
  private var tenants: [(name: String, segments: [String])] = []
  private var policies: [String] = []
  private var hasLongLists = false

  /// The text of a topology: few hosts, up to `most` policies, some of them with long lists if that is asked for.
  static func text(seed: Int, most: Int = 24, hasLongLists: Bool = false) -> String {
    var sample = PolicySamples(generator: Numbers(state: UInt64(seed) &* 0x9e37_79b9 &+ 11))
    sample.hasLongLists = hasLongLists
    return sample.make(most)
  }

  private init(generator: Numbers) { self.generator = generator }

  private mutating func make(_ most: Int) -> String {
    tenants = (0..<generator.next(2...6)).map { index in
      ("t\(index)", (0..<generator.next(1...4)).map { "s\($0)" })
    }
    let owners = tenants.map { tenant in
      let isolation = ["segment", "segment", "tenant", "none"][generator.next(0...3)]
      let egress = ["allow", "deny"][generator.next(0...1)]
      return
        "  - { name: \(tenant.name), isolation: \(isolation), egress: \(egress), segments: [\(tenant.segments.joined(separator: ", "))] }"
    }
    let second =
      generator.next(0...1) == 0
      ? ""
      : "  - { name: n1, cidr: 10.64.0.0/12, bits: { tenant: 4, segment: 3, endpoint: 6 }, capacity: { racks: 2, hosts: 4 } }\n"
    let policies = (0..<generator.next(1...most)).map { policy($0) }
    return """
      romana: 1
      fabric: random
      networks:
        - { name: n0, cidr: 10.0.0.0/12, bits: { region: 1, rack: 1, host: 2, tenant: 4, segment: 3, endpoint: 9 } }
      \(second)  - { name: n6, cidr: "fd00:1::/48", bits: { region: 1, rack: 1, host: 2, tenant: 8, segment: 4, endpoint: 64 } }
      tenants:
      \(owners.joined(separator: "\n"))
      policies:
      \(policies.joined(separator: "\n"))
      regions:
        - name: dc1
          link_pool: 172.31.0.0/24
          link_pool6: "fd00:31::/64"
          spines: [{ name: spine1, loopback: 192.0.2.201 }]
          racks:
            - { name: rack1, subnet: 172.16.1.0/24, subnet6: "fd00:16:1::/64", tors: [{ name: tor1, loopback: 192.0.2.1 }], hosts: [{ name: h1 }, { name: h2 }] }
            - { name: rack2, subnet: 172.16.2.0/24, subnet6: "fd00:16:2::/64", tors: [{ name: tor2, loopback: 192.0.2.2 }], hosts: [{ name: h3 }] }
      """
  }

  private mutating func policy(_ index: Int) -> String {
    let direction = ["ingress", "egress", "both"][generator.next(0...2)]
    let from = side(isFrom: true, direction)
    let to = side(isFrom: false, direction)
    var text = "  - { name: p\(index), overrides_isolation: true, direction: \(direction)"
    text += ", priority: \([10, 50, 100, 100][generator.next(0...3)]), from: \(from), to: \(to)"
    switch generator.next(0...3) {
    case 0: text += ", deny: [\(services())]"
    case 1: text += ", allow: [\(services())], deny: [\(services())]"
    default: text += ", allow: [\(services())]"
    }
    return text + " }"
  }

  private mutating func side(isFrom: Bool, _ direction: String) -> String {
    // So that both sides together are too many pairs.
    if hasLongLists, generator.next(0...2) == 0 {
      return "[\(longList(isFrom: isFrom, direction).joined(separator: ", "))]"
    }
    let peers = (0..<generator.next(1...2)).map { _ in peer(isFrom: isFrom, direction) }
    return peers.count == 1 ? peers[0] : "[\(peers.joined(separator: ", "))]"
  }

  private mutating func longList(isFrom: Bool, _ direction: String) -> [String] {
    let isInside = isFrom && direction == "egress" || !isFrom && direction == "ingress"
    return (0..<generator.next(5...24)).map { _ in
      let (a, b) = (generator.next(0...15), generator.next(0...255))
      switch generator.next(0...9) {
      case 0: return "{ cidr: \"fd00:1:0:\(String(a, radix: 16))000::/\(generator.next(52...54))\" }"
      case 1: return "{ tenant: \(tenants[a % tenants.count].name), rack: rack\(1 + b % 2) }"
      case 2...4 where !isInside: return "{ cidr: 198.51.\(100 + a % 2).\(b)/32 }"
      case 5 where !isInside: return "{ cidr: \"2001:db8:\(b)::/48\" }"
      default: return "{ cidr: 10.\(a).\(b & 0xfc).0/\(generator.next(22...24)) }"
      }
    }
  }

  private mutating func peer(isFrom: Bool, _ direction: String) -> String {
    let tenant = tenants[generator.next(0...(tenants.count - 1))]
    let segment = tenant.segments[generator.next(0...(tenant.segments.count - 1))]
    switch generator.next(0...13) {
    case 0: return "any"
    case 1: return "{ tenant: \(tenant.name) }"
    case 2: return "{ tenant: \(tenant.name), segment: [\(tenant.segments.joined(separator: ", "))] }"
    case 3: return "{ tenant: \(tenant.name), rack: rack\(generator.next(1...2)) }"
    case 4: return "{ tenant: \(tenant.name), segment: \(segment), hosts: [h1, h3] }"
    case 5: return "{ rack: rack\(generator.next(1...2)) }"
    case 6: return "{ region: dc1 }"
    case 7:
      let inside = ["10.0.0.0/9", "10.0.0.0/17", "\"fd00:1::/50\"", "0.0.0.0/0"]
      let outside = [
        "198.51.100.0/24", "198.51.0.0/16", "169.254.169.254/32", "172.16.1.0/25", "\"2001:db8:99::/48\"", "\"::/0\"",
      ]
      let needsNetwork = isFrom && direction == "egress" || !isFrom && direction == "ingress"
      let known = needsNetwork ? inside : inside + outside
      return "{ cidr: \(known[generator.next(0...(known.count - 1))]) }"
    case 8 where !(isFrom && direction == "egress"): return "{ hosts: h\(generator.next(1...3)) }"
    case 9 where !isFrom: return "{ local_host: true }"
    case 10:
      return ["{ tenant: \"*\" }", "{ tenant: \"*\", segment: s\(generator.next(0...0)) }"][generator.next(0...1)]
    case 11:
      let known = ["10.0.0.0/14", "10.4.0.0/16", "10.0.2.0/23", "\"fd00:1:0:4000::/50\"", "0.0.0.0/0"]
      return "{ tenant: \(tenant.name), cidr: \(known[generator.next(0...(known.count - 1))]) }"
    default: return "{ tenant: \(tenant.name), segment: \(segment) }"
    }
  }

  private mutating func services() -> String {
    let known = [
      "any", "tcp", "udp", "sctp", "icmp", "icmpv6", "icmp/8", "icmpv6/128", "icmp/echo-request", "tcp/80", "tcp/443",
      "tcp/81-90", "tcp/1-1023", "udp/53", "udp/50-60", "sctp/36412", "tcp/22", "tcp/65535", "tcp/1000-65535",
    ]
    return (0..<generator.next(1...4)).map { _ in known[generator.next(0...(known.count - 1))] }.joined(separator: ", ")
  }
}

/// SplitMix64: the same numbers everywhere.
struct Numbers {
  var state: UInt64

  mutating func next(_ range: ClosedRange<Int>) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return range.lowerBound + Int((bits ^ (bits >> 31)) % UInt64(range.count))
  }
}
