import TopologyModel

/// Topologies with random policies: the tenants of a random sample, and peers, protocols and priorities of every kind.
enum RandomPolicies {
  static func text(_ number: Int) -> String {
    let base = Samples.text("random \(number)")
    var generator = SplitMix(state: UInt64(number) &* 0x1_0001)
    let tenants = base.split(separator: "\n").filter { $0.contains("{ name: t") && $0.contains("segments: [") }
      .map { line in
        (
          name: String(line.drop { $0 != "t" }.prefix { $0 != "," }),
          segments: line.split(separator: "segments: [")[1].prefix { $0 != "]" }.split(separator: ", ").map(String.init)
        )
      }
    var source = PolicySource(generator: generator, tenants: tenants)
    var policies: [String] = []
    for number in 0..<generator.next(3...30) { policies.append(source.policy(number)) }
    let start = base.firstRange(of: "regions:")?.lowerBound ?? base.endIndex
    return base[..<start] + "policies:\n" + policies.joined(separator: "\n") + "\n" + base[start...]
  }
}

private struct PolicySource {
  var generator: SplitMix
  let tenants: [(name: String, segments: [String])]

  private mutating func pick<Value>(_ values: [Value]) -> Value { values[generator.next(0...(values.count - 1))] }

  mutating func policy(_ number: Int) -> String {
    let verdict = pick(["allow", "allow", "deny"])
    var chosen: Set<String> = []
    for _ in 0...generator.next(0...2) { chosen.insert(pick(services)) }
    // What endpoints open comes from endpoints, and what comes in goes to them or to hosts (RC0707).
    let direction = pick(["ingress", "egress", "both"])
    let fields = [
      "name: p\(number)", "priority: \(pick([10, 50, 100, 100]))",
      "direction: \(direction)", "overrides_isolation: true",
      "from: \(peers(isSource: true, mayBeOutside: direction == "ingress"))",
      "to: \(peers(isSource: false, mayBeOutside: direction == "egress"))",
      "\(verdict): [\(chosen.sorted().joined(separator: ", "))]",
    ]
    return "  - { " + fields.joined(separator: ", ") + " }"
  }

  private let services = [
    "tcp/80", "tcp/1-1024", "tcp/22", "udp/53", "udp", "sctp/2905", "icmp", "icmp/echo-request", "icmp/8", "any", "tcp",
    "tcp/8000-8080", "icmpv6/128",
  ]

  private mutating func peers(isSource: Bool, mayBeOutside: Bool) -> String {
    if generator.next(0...5) == 0 { return "any" }
    var peers: [String] = []
    for _ in 0...generator.next(0...2) { peers.append(peer(isSource, mayBeOutside)) }
    return "[" + peers.joined(separator: ", ") + "]"
  }

  private mutating func peer(_ isSource: Bool, _ mayBeOutside: Bool) -> String {
    let tenant = pick(tenants)
    switch generator.next(0...9) {
    case 0: return "{ tenant: \(tenant.name) }"
    case 1: return "{ tenant: \(tenant.name), rack: \(pick(["rack1", "rack2"])) }"
    case 2: return "{ \(pick(["rack: rack1", "rack: rack2", "region: dc1"])) }"
    case 3 where mayBeOutside:
      let outside = ["198.51.100.0/24", "8.0.0.0/7", "192.168.0.0/16", "2001:db8:99::/48", "2600::/12"]
      return "{ cidr: \"\(pick(outside))\" }"
    case 4 where mayBeOutside && !isSource: return "{ cidr: 169.254.169.254/32 }"
    case 4: return "{ cidr: \"\(pick(["10.0.0.0/12", "10.0.64.0/19", "fd00:1::/50"]))\" }"
    case 5 where !isSource || mayBeOutside: return "{ hosts: [\(pick(["h1", "h2", "h3"]))] }"
    case 6 where !isSource: return "{ local_host: true }"
    default: return "{ tenant: \(tenant.name), segment: \(pick(tenant.segments)) }"
    }
  }
}
