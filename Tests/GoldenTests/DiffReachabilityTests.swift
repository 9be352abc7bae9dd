import Difference
import Testing
import TopologyModel
import Verification

@testable import romana_compile

/// What `diff` says of reachability, held against packets that are taken through the emitted files on both sides.
@Suite struct DiffReachabilityTests {
  private static let samples: [(service: String, payload: Packet.Payload)] = [
    ("tcp/22", .tcp(source: 40000, destination: 22)), ("tcp/80", .tcp(source: 40000, destination: 80)),
    ("tcp/443", .tcp(source: 40000, destination: 443)), ("tcp/5432", .tcp(source: 40000, destination: 5432)),
    ("tcp/5433", .tcp(source: 40000, destination: 5433)), ("tcp/8080", .tcp(source: 40000, destination: 8080)),
    ("udp/53", .udp(source: 40000, destination: 53)), ("icmp/8", .icmp(type: 8)),
  ]
  private static let outside = ["192.0.2.9", "203.0.113.77"].map { try! Address(parsing: $0) }

  @Test(arguments: DiffCase.compiled)
  func `the packet that is told passes on the one side and not on the other`(_ pair: DiffCase) throws {
    let (old, new) = try pair.sides()
    for change in compareNetworks(old.network, new.network).reachability {
      let witness = try #require(change.witness, "\(change)")
      let payload = payload(witness.service)
      let (source, destination) = (witness.source.address, witness.destination.address)
      let (with, without) = change.isOpened ? (new, old) : (old, new)
      #expect(try with.passes(source, destination, payload), "\(change)")
      // Where one of the two is new, the other side has nothing to say of its addresses.
      if change.reason == nil, pair.name != "grow-past-capacity" {
        #expect(try !without.passes(source, destination, payload), "\(change)")
      }
    }
  }

  /// Both ways: each pair of segments and each pair of a segment and an address outside, with each of some services.
  @Test(arguments: DiffCase.compiled)
  func `what is told is what the files let pass on one side only`(_ pair: DiffCase) throws {
    let (old, new) = try pair.sides()
    let difference = compareNetworks(old.network, new.network)
    let renames = Dictionary(
      difference.renames.filter { $0.kind == "tenant" }.map { ($0.before, $0.after) }
    ) { first, _ in first }
    let (before, after) = (try reached(old, renames), try reached(new, [:]))
    var told: [Bool: Set<Flow>] = [:]
    let peers = Set((before.all.union(after.all)).flatMap { [$0.from, $0.to] })
    for change in difference.reachability {
      for flow in flows(change, among: peers) { told[change.isOpened, default: []].insert(flow) }
    }
    #expect(told[true] ?? [] == after.passing.subtracting(before.passing))
    #expect(told[false] ?? [] == before.passing.subtracting(after.passing))
    #expect(pair.name != "open-port" || !(told[true] ?? []).isEmpty)
  }

  private struct Flow: Hashable {
    var from: String
    var to: String
    var service: String
  }

  /// What passes between the peers of one side; the segments by the names of the newer side.
  private func reached(_ side: DiffSide, _ renames: [String: String]) throws -> (passing: Set<Flow>, all: Set<Flow>) {
    var ends: [(name: String, first: Address, second: Address)] = []
    for tenant in side.topology.tenants {
      for segment in tenant.segments {
        let network = tenant.networks[0]
        let addresses = side.topology.hosts.indices.compactMap {
          side.topology.address(ofHost: $0, inNetwork: network, tenant: tenant.id, segment: segment.id, endpoint: 5)
        }
        let name = renames[tenant.name.text] ?? tenant.name.text
        ends.append(("\(name)/\(segment.name)", addresses[0], addresses[1]))
      }
    }
    var (passing, all): (Set<Flow>, Set<Flow>) = ([], [])
    func take(_ from: String, _ to: String, _ source: Address, _ destination: Address) throws {
      for sample in Self.samples {
        let flow = Flow(from: from, to: to, service: sample.service)
        all.insert(flow)
        if try side.passes(source, destination, sample.payload) { passing.insert(flow) }
      }
    }
    for from in ends {
      for to in ends { try take(from.name, to.name, from.first, to.second) }
      for address in Self.outside {
        try take("\(address)", from.name, address, from.first)
        try take(from.name, "\(address)", from.first, address)
      }
    }
    return (passing, all)
  }

  /// The flows of the samples that a change is about.
  private func flows(_ change: ReachabilityChange, among peers: Set<String>) -> [Flow] {
    /// No policy of these cases names an address outside as a destination; as a source some name 192.0.2.0/24.
    func meant(_ labels: [String], asSource: Bool) -> [String] {
      peers.filter { peer in
        labels.contains { label in
          if label == peer { return true }
          guard let address = try? Address(parsing: peer) else { return false }
          if label == "anywhere outside" { return !asSource || peer == "203.0.113.77" }
          return (try? Prefix(parsing: label))?.contains(address) ?? false
        }
      }
    }
    let services = Self.samples.map(\.service).filter { sample in
      change.services.contains {
        $0 == "any" || $0 == sample || $0 == sample.prefix(while: { $0 != "/" }) || holds($0, sample)
      }
    }
    return meant(change.from, asSource: true).flatMap { from -> [Flow] in
      meant(change.to, asSource: false).flatMap { to -> [Flow] in
        let isItself = from == to
        if isItself != (change.pairing == .itself) { return [] }
        let isSame = from.prefix { $0 != "/" } == to.prefix { $0 != "/" }
        if change.pairing == .sameTenant, !isSame { return [] }
        if change.pairing == .otherTenants, isSame { return [] }
        return services.map { Flow(from: from, to: to, service: $0) }
      }
    }
  }

  /// Whether a range of ports holds a sample's.
  private func holds(_ range: String, _ sample: String) -> Bool {
    let (parts, wanted) = (range.split(separator: "/"), sample.split(separator: "/"))
    guard parts.count == 2, parts[0] == wanted[0], let port = Int(wanted[1]) else { return false }
    let bounds = parts[1].split(separator: "-").compactMap { Int($0) }
    return bounds.count == 2 && bounds[0] <= port && port <= bounds[1]
  }

  /// The packet of a number on `ServiceLine`.
  private func payload(_ service: UInt32) -> Packet.Payload {
    let port = Int(service & 0xffff)
    return switch service >> 16 {
    case 0: .tcp(source: 40000, destination: port)
    case 1: .udp(source: 40000, destination: port)
    case 2: .sctp(source: 40000, destination: port)
    default: service == ServiceLine.others ? .other(47) : .icmp(type: port)
    }
  }
}
