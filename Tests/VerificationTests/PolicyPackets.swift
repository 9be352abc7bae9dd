import TopologyModel
import Verification

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

  /// Mostly as it is; else with one bit turned, or with random bits at its end.
  private mutating func near(_ address: Address) -> Address {
    switch numbers.next(0...7) {
    case 0: return Address(family, address.bits ^ UInt128(1) << UInt128(numbers.next(0...(family.bitWidth - 1))))
    case 1:
      let mask = (UInt128(1) << UInt128(numbers.next(1...(family == .ipv4 ? 9 : 64)))) &- 1
      let random = UInt128(numbers.next(0...(Int.max - 1))) << 64 | UInt128(numbers.next(0...(Int.max - 1)))
      return Address(family, address.bits & ~mask | random & mask)
    default: return address
    }
  }

  private mutating func pickPayload() -> Packet.Payload {
    let payload = pick(payloads)
    guard numbers.next(0...3) == 0 else { return payload }
    let (source, port) = (numbers.next(0...65535), numbers.next(0...65535))
    return switch payload {
    case .tcp: .tcp(source: source, destination: port)
    case .udp: .udp(source: source, destination: port)
    case .sctp: .sctp(source: source, destination: port)
    case .icmp: .icmp(type: numbers.next(0...255))
    // Numbers between those that have names.
    case .other: .other(numbers.next(59...131))
    }
  }

  private mutating func pick<Item>(_ items: [Item]) -> Item { items[numbers.next(0...(items.count - 1))] }

  mutating func next() -> (Address, Address, Packet.Payload) {
    let isInside = numbers.next(0...5) > 1
    let fromInside = isInside || numbers.next(0...1) == 0
    let source = pick(fromInside ? endpoints : others)
    return (near(source), near(pick(isInside || !fromInside ? endpoints : others)), pickPayload())
  }

  /// To a host's own addresses, on its link or as a gateway.
  mutating func nextToHost() -> (Address, Int, Address, Packet.Payload) {
    let host = numbers.next(0...(topology.hosts.count - 1))
    var targets = topology.hosts[host].links.compactMap { $0.address(family) }
    for network in topology.networks.indices where topology.networks[network].family == family {
      guard let prefix = topology.prefix(ofHost: host, inNetwork: network) else { continue }
      targets.append(prefix.address.advanced(by: 1))
    }
    return (near(pick(endpoints)), host, pick(targets), pickPayload())
  }
}
