import TopologyModel
import Verification

/// Packets for a host: from and to addresses of every kind, on the interfaces that they might come in on, at the edges of
/// what policies name; and answers to many of them.
struct KernelPackets {
  struct Sent {
    var packet: Packet
    /// The packet that this one answers, or is an error about.
    var origin: Int?
  }

  private let topology: Topology
  private let host: Int
  private var generator: SplitMix
  private var flows: Set<String> = []
  private(set) var sent: [Sent] = []

  static let uplink = "eth0"
  static let endpoints = "epx1"
  static let management = "mgmt0"

  init(_ topology: Topology, host: Int, seed: UInt64) {
    (self.topology, self.host, generator) = (topology, host, SplitMix(state: seed))
  }

  /// Adds packets of a family; every other one is answered, if that is possible.
  mutating func add(_ count: Int, _ family: AddressFamily) {
    let pools = Pools(topology, host, family)
    let services = payloads(family)
    var added = 0
    while added < count {
      let (input, source, destination) = ends(pools)
      guard source != destination else { continue }
      let payload = numbered(pick(services), sent.count)
      guard flows.insert(flow(source, destination, payload)).inserted else { continue }
      added += 1
      sent.append(Sent(packet: Packet(from: source, to: destination, in: input, payload)))
      if added % 2 == 0 { answer(sent.count - 1, pools) }
    }
  }

  /// Between any two addresses, within a segment, or to the host itself.
  private mutating func ends(_ pools: Pools) -> (input: String, source: Address, destination: Address) {
    let input = pick([Self.endpoints, Self.endpoints, Self.endpoints, Self.uplink, Self.uplink, Self.management])
    let isLocal = input == Self.endpoints
    switch generator.next(0...3) {
    case 0:
      let pair = generator.next(0...(pools.own.count - 1))
      return isLocal ? (input, pools.own[pair], pools.peers[pair]) : (input, pools.peers[pair], pools.own[pair])
    case 1: return (input, pick(isLocal ? pools.own : pools.foreign), pick(pools.gateways))
    default:
      let source = pick(generator.next(0...7) == 0 ? pools.all : isLocal ? pools.own : pools.foreign)
      return (input, source, pick(isLocal ? pools.all + pools.own : pools.own))
    }
  }

  /// A reply or an error, from where the packet would have gone.
  private mutating func answer(_ origin: Int, _ pools: Pools) {
    let packet = sent[origin].packet
    let family = packet.source.family
    guard !pools.gateways.contains(packet.destination) else { return }
    let reply: Packet.Payload
    switch packet.payload {
    case .tcp(let source, let destination): reply = .tcp(source: destination, destination: source)
    case .udp(let source, let destination): reply = .udp(source: destination, destination: source)
    case .icmp(let type) where type == (family == .ipv4 ? 8 : 128): reply = .icmp(type: family == .ipv4 ? 0 : 129)
    default: return
    }
    let isError = generator.next(0...2) == 0
    let input = pools.prefixes.contains { $0.contains(packet.destination) } ? Self.endpoints : Self.uplink
    let answer = Packet(
      from: packet.destination, to: packet.source, in: input,
      isError ? .icmp(type: family == .ipv4 ? 3 : 1) : reply, state: isError ? .related : .established)
    sent.append(Sent(packet: answer, origin: origin))
  }

  private mutating func pick<Value>(_ values: [Value]) -> Value { values[generator.next(0...(values.count - 1))] }

  /// Every packet is a flow of its own: a source port, which no rule looks at, is its number.
  private func numbered(_ payload: Packet.Payload, _ number: Int) -> Packet.Payload {
    switch payload {
    case .tcp(_, let port): .tcp(source: 10000 + number, destination: port)
    case .udp(let source, let port): .udp(source: source == 0 ? 10000 + number : source, destination: port)
    case .sctp(_, let port): .sctp(source: 10000 + number, destination: port)
    case .icmp, .other: payload
    }
  }

  /// What connection tracking tells flows by, in whichever direction.
  private func flow(_ source: Address, _ destination: Address, _ payload: Packet.Payload) -> String {
    let ends = [source, destination].sorted().map { "\($0)" }.joined(separator: " ")
    switch payload {
    case .icmp: return ends + " \(sent.count)"
    case .other(let proto): return ends + " \(proto)"
    case .tcp(let from, let to), .udp(let from, let to), .sctp(let from, let to): return ends + " \(from) \(to)"
    }
  }

  /// Ports and types at the edges of what policies name, and some that mean something to the rules themselves.
  private func payloads(_ family: AddressFamily) -> [Packet.Payload] {
    let types = family == .ipv4 ? [0, 3, 8, 8, 8, 11, 12, 13] : [1, 3, 4, 128, 128, 128, 129]
    var result: [Packet.Payload] = types.map { .icmp(type: $0) }
    result += [.other(47), .other(89), .udp(source: 68, destination: 67), .udp(source: 546, destination: 547)]
    for case .ports(let proto, let ports) in topology.policies.flatMap({ $0.allow + $0.deny }) {
      let (low, high) = (Int(ports?.lowerBound ?? 1), Int(ports?.upperBound ?? 65535))
      for port in [low - 1, low, high, high + 1] where (1...65535).contains(port) {
        switch proto {
        case .tcp: result.append(.tcp(source: 0, destination: port))
        case .udp: result.append(.udp(source: 0, destination: port))
        case .sctp: result.append(.sctp(source: 0, destination: port))
        }
      }
    }
    return result
  }
}

/// Addresses of every kind, as a host sees them.
private struct Pools {
  /// Endpoints of the host, and addresses beside them that nobody has.
  var own: [Address] = []
  /// The same on another host, in the same order.
  var peers: [Address] = []
  /// The host's own addresses.
  var gateways: [Address] = []
  /// Elsewhere: endpoints and hosts of others, outside, the underlay, and at the edges of CIDRs.
  var foreign: [Address] = []
  var all: [Address] { own + gateways + foreign }
  var prefixes: [Prefix] = []

  init(_ topology: Topology, _ host: Int, _ family: AddressFamily) {
    for (network, layout) in topology.networks.enumerated().map({ ($0.offset, $0.element.layout) }) {
      for other in topology.hosts.indices {
        guard let prefix = topology.prefix(ofHost: other, inNetwork: network), prefix.family == family else { continue }
        var found: [Address] = []
        for tenant in [0] + topology.tenants.map(\.id) + [(topology.tenants.map(\.id).max() ?? 0) + 1] {
          for segment in 0...(topology.tenants.flatMap(\.segments).map(\.id).max() ?? 0) {
            let field = UInt128(tenant) << UInt128(layout.segment) | UInt128(segment)
            found.append(Address(family, prefix.address.bits | field << UInt128(layout.endpoint) | 5))
          }
        }
        let gateway = prefix.address.advanced(by: 1)
        if other == host {
          (own, prefixes) = (own + found, prefixes + [prefix])
          gateways.append(gateway)
        } else {
          foreign += found + [gateway]
          if other == (host == 0 ? 1 : 0) { peers += found }
        }
      }
    }
    for other in topology.hosts.indices {
      let address = topology.hosts[other].links[0].address(family)
      if other == host { gateways += [address].compactMap(\.self) } else { foreign += [address].compactMap(\.self) }
    }
    let texts =
      family == .ipv4
      ? ["8.8.8.8", "203.0.113.9", "169.254.169.254", "192.0.2.1", "192.0.2.201", "172.31.0.1"]
      : ["2606:4700::1111", "2001:db8:99::9", "fd00:31::1", "fd00:16:2::"]
    foreign += texts.compactMap { try? Address(parsing: $0) }
    for case .cidr(let prefix) in topology.policies.flatMap({ $0.from + $0.to }) where prefix.family == family {
      foreign += [
        prefix.address, prefix.lastAddress, prefix.address.advanced(by: 7), prefix.lastAddress.advanced(by: 1),
      ]
    }
  }
}

/// SplitMix64: the same numbers everywhere.
private struct SplitMix {
  var state: UInt64

  mutating func next(_ range: ClosedRange<Int>) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return range.lowerBound + Int((bits ^ (bits >> 31)) % UInt64(range.count))
  }
}
