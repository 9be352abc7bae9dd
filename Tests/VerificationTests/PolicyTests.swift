import Testing
import TopologyModel
import Verification

#if canImport(Glibc)
  import Glibc
#endif

/// The emitted rules of random topologies with random policies against what the page on policies says.
@Suite struct PolicyTests {
  /// ROMANA_TOPOLOGIES=500 ROMANA_PACKETS=1000 is the long run: 500 topologies, both families, 1,000 packets each.
  private static let packetCount = number("ROMANA_PACKETS") ?? 400
  private static let topologies = number("ROMANA_TOPOLOGIES") ?? 20

  private static func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

  @Test(arguments: 1...topologies)
  func rulesDoWhatPoliciesSay(_ seed: Int) throws {
    let journey = try Journey(try Fabric(PolicySamples.text(seed: seed, most: seed % 5 == 0 ? 120 : 24)))
    let meaning = PolicyMeaning(meaning: journey.meaning)
    var wrong = 0
    for family in AddressFamily.allCases {
      var packets = PolicyPackets(journey, family, seed: seed)
      for _ in 0..<Self.packetCount {
        let (source, destination, payload) = packets.next()
        let expected = meaning.judge(source, destination, payload)
        guard expected != .indifferent else { continue }
        let passes = journey.passes(source, destination, payload)
        guard passes != (expected == .allowed) else { continue }
        wrong += 1
        if wrong <= 3 { Issue.record("\(source) to \(destination), \(payload): \(expected), but passes: \(passes)") }
      }
      for _ in 0..<(Self.packetCount / 4) {
        let (source, host, destination, payload) = packets.nextToHost()
        let expected = meaning.judge(source, toHost: host, at: destination, payload)
        guard expected != .indifferent, let home = journey.host(of: source) else { continue }
        let input = home == host ? journey.interface(of: source, onHost: host) : journey.uplink(host)
        let packet = Packet(from: source, to: destination, in: input, payload)
        let verdict = evaluate(packet, at: .input, in: journey.rules(host, family)).verdict
        guard (verdict == .accept) != (expected == .allowed) else { continue }
        wrong += 1
        if wrong <= 3 { Issue.record("\(source) to host \(destination), \(payload): \(expected), \(verdict)") }
      }
    }
    #expect(wrong == 0)
  }
}

/// Packets at the edges of what policies name, and between any two addresses of interest.
struct PolicyPackets {
  private let topology: Topology
  private let family: AddressFamily
  private var numbers: Numbers
  private let endpoints: [Address]
  private let others: [Address]
  private let payloads: [Packet.Payload]

  init(_ journey: Journey, _ family: AddressFamily, seed: Int) {
    topology = journey.fabric.topology
    self.family = family
    numbers = Numbers(state: UInt64(seed) &* 77 &+ UInt64(family.rawValue))
    let addresses = Addresses(topology: topology)
    var known = topology.hosts.indices.flatMap { addresses.all(onHost: $0, family) }
    var edges: [Address] = []
    for case .cidr(let prefix) in topology.policies.flatMap({ $0.from + $0.to }) where prefix.family == family {
      let last = Address(family, prefix.address.bits | (family.allOnes & ~prefix.mask))
      edges += [prefix.address, last, prefix.address.advanced(by: 3), last.advanced(by: 1)]
    }
    let networks = topology.networks.map(\.prefix)
    known += edges.filter { edge in networks.contains { $0.contains(edge) } }
    endpoints = known
    others =
      addresses.outside(family) + addresses.underlay(family)
      + edges.filter { edge in !networks.contains { $0.contains(edge) } }
    payloads = Self.payloads(topology, family)
  }

  private static func payloads(_ topology: Topology, _ family: AddressFamily) -> [Packet.Payload] {
    var result: [Packet.Payload] = [
      .other(47), .tcp(source: 40000, destination: 80), .icmp(type: family == .ipv4 ? 8 : 128), .icmp(type: 3),
      .udp(source: 5353, destination: 53),
    ]
    for service in topology.policies.flatMap({ $0.allow + $0.deny }) {
      switch service {
      case .any: continue
      case .ports(let proto, let ports):
        let edges = ports.map {
          [Int($0.lowerBound) - 1, Int($0.lowerBound), Int($0.upperBound), Int($0.upperBound) + 1]
        }
        for port in edges ?? [1, 65535] where (0...65535).contains(port) {
          switch proto {
          case .tcp: result.append(.tcp(source: 40000, destination: port))
          case .udp: result.append(.udp(source: 40000, destination: port))
          case .sctp: result.append(.sctp(source: 40000, destination: port))
          }
        }
      case .icmp(let ipv4, let ipv6):
        guard let types = family == .ipv4 ? ipv4 : ipv6 else { continue }
        let edges = [
          Int(types.lowerBound) - 1, Int(types.lowerBound), Int(types.upperBound), Int(types.upperBound) + 1,
        ]
        result += edges.filter { (0...254).contains($0) }.map { .icmp(type: $0) }
      }
    }
    return result
  }

  private mutating func pick<Item>(_ items: [Item]) -> Item { items[numbers.next(0...(items.count - 1))] }

  mutating func next() -> (Address, Address, Packet.Payload) {
    let isInside = numbers.next(0...5) > 1
    let fromInside = isInside || numbers.next(0...1) == 0
    let source = pick(fromInside ? endpoints : others)
    return (source, pick(isInside || !fromInside ? endpoints : others), pick(payloads))
  }

  /// To a host's own addresses, on its link or as a gateway.
  mutating func nextToHost() -> (Address, Int, Address, Packet.Payload) {
    let host = numbers.next(0...(topology.hosts.count - 1))
    var targets = topology.hosts[host].links.compactMap { $0.address(family) }
    for network in topology.networks.indices where topology.networks[network].family == family {
      guard let prefix = topology.prefix(ofHost: host, inNetwork: network) else { continue }
      targets.append(prefix.address.advanced(by: 1))
    }
    return (pick(endpoints), host, pick(targets), pick(payloads))
  }
}
