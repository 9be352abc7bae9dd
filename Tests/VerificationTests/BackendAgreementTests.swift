import Testing
import TopologyModel
import Verification

/// The tables of nftables on all kinds of samples; that the files for iptables decide the same is `ThreeTellingsTests`'s.
@Suite struct BackendAgreementTests {
  /// Honest endpoints, host to host: what the tables let pass is what the language says.
  @Test(arguments: Samples.names + ["random 1", "random 5"], AddressFamily.allCases)
  func tablesAreTheLanguages(_ name: String, _ family: AddressFamily) throws {
    let fabric = try Samples.fabric(name).with(.nft)
    let journey = try Journey(fabric.with(.iptables))
    let tables = try fabric.topology.hosts.indices.map { try fabric.table($0) }
    let addresses = Addresses(topology: fabric.topology)
    let sources = addresses.all(onHost: 0, family) + addresses.all(onHost: 1, family)
    let destinations = addresses.all(onHost: 0, family) + addresses.all(onHost: 2, family)
    var counts: [Bool: Int] = [:]
    for (index, from) in sources.enumerated() {
      for to in destinations.dropFirst(index % 3).enumerated().filter({ $0.offset % 3 == 0 }).map(\.element)
        + addresses.outside(family) + addresses.underlay(family) where from != to
      {
        let expected = journey.meaning.judge(from, to)
        guard expected != .indifferent else { continue }
        let steps = journey.steps(from, to)
        let passes =
          !steps.isEmpty
          && steps.allSatisfy { evaluate($0.packet, at: .forward, in: tables[$0.host]).verdict == .accept }
        #expect(passes == (expected == .allowed), "\(from) to \(to)")
        counts[passes, default: 0] += 1
      }
    }
    #expect(counts[true, default: 0] > 10 && counts[false, default: 0] > 100, "\(counts)")
  }
}

/// Random packets around the edges of what the rules look at: addresses of every kind, with single bits turned, on every
/// kind of interface, of every protocol that some rule names.
struct PacketSource {
  private var generator: SplitMix
  private let pool: [Address]
  private let inputs: [String]
  private let family: AddressFamily
  /// Where services begin and end, and their neighbours, on the line of `ServiceSet`.
  private let services: [UInt32]

  init(_ fabric: Fabric, _ host: Int, _ family: AddressFamily, seed: String) {
    let addresses = Addresses(topology: fabric.topology)
    let host = fabric.topology.hosts[host]
    self.family = family
    generator = SplitMix(state: seed.utf8.reduce(UInt64(host.id) &+ 11) { $0 &* 31 &+ UInt64($1) })
    let access = fabric.plan.accessPlan(family)
    services = Set(
      AccessZone.allCases.flatMap { access[$0] }.flatMap(\.services.ranges).flatMap {
        [$0.lowerBound &- 1, $0.lowerBound, $0.upperBound, $0.upperBound &+ 1]
      }
    ).filter { $0 <= ServiceLine.others }.sorted()
    var pool = [0, 1, 2].flatMap { addresses.all(onHost: $0, family) }
    pool += host.endpoints.flatMap(\.addresses).filter { $0.family == family }
    pool += addresses.outside(family) + addresses.underlay(family)
    for network in fabric.topology.networks where network.family == family {
      pool += [network.prefix.address, network.prefix.lastAddress]
      pool += [network.prefix.lastAddress.advanced(by: 1), network.prefix.address.advanced(by: UInt128.max)]
    }
    let special = family == .ipv4 ? ["0.0.0.0", "255.255.255.255", "169.254.1.1"] : ["::", "fe80::1", "ff02::1"]
    self.pool = pool + special.compactMap { try? Address(parsing: $0) }
    let endpoint = host.settings.endpointInterface.text.replacingPlus(with: "x1")
    inputs =
      [endpoint, endpoint, host.links[0].interface.text, host.links[0].interface.text, "mgmt0", "lo", "e", "ep"]
      + host.endpoints.compactMap { $0.interface?.text }
  }

  private mutating func address() -> Address {
    let address = pool[generator.next(0...(pool.count - 1))]
    guard generator.next(0...2) == 0 else { return address }
    return Address(family, address.bits ^ (UInt128(1) << UInt128(generator.next(0...(family.bitWidth - 1)))))
  }

  private mutating func service() -> Packet.Payload {
    guard !services.isEmpty else { return .other(89) }
    let place = Int(services[generator.next(0...(services.count - 1))])
    let (proto, number, source) = (place >> 16, place & 0xffff, generator.next(1024...65535))
    switch proto {
    case 0: return .tcp(source: source, destination: number)
    case 1: return .udp(source: source, destination: number)
    case 2: return .sctp(source: source, destination: number)
    default: return number < 256 ? .icmp(type: number) : .other(89)
    }
  }

  mutating func next() -> Packet {
    let payload: Packet.Payload
    switch generator.next(0...9) {
    case 0: payload = .icmp(type: generator.next(0...15))
    case 1: payload = .icmp(type: generator.next(126...138))
    case 2: payload = .udp(source: generator.next(66...69), destination: generator.next(66...69))
    case 3: payload = .udp(source: generator.next(545...548), destination: generator.next(545...548))
    case 4: payload = .other(generator.next(2...5))
    case 5, 6: payload = service()
    default: payload = .tcp(source: generator.next(1024...65535), destination: generator.next(1...65535))
    }
    let states: [FlowState] = [.new, .new, .new, .new, .new, .new, .established, .related]
    let source = address()
    // Every other packet stays within a few addresses of its source, so that many are allowed.
    let near = pool.firstIndex(of: source).map { pool[min(pool.count - 1, $0 + generator.next(0...3))] }
    let destination = generator.next(0...1) == 0 ? address() : near ?? address()
    return Packet(
      from: source, to: destination, in: inputs[generator.next(0...(inputs.count - 1))], payload,
      state: states[generator.next(0...7)])
  }
}

/// SplitMix64: the same numbers everywhere.
struct SplitMix {
  var state: UInt64

  mutating func next(_ range: ClosedRange<Int>) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return range.lowerBound + Int((bits ^ (bits >> 31)) % UInt64(range.count))
  }
}
