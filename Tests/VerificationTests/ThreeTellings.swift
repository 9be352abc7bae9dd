import Testing
import TopologyModel
import Verification

/// One topology, three tellings of it: the files for iptables, the tables of nftables, and the language's own meaning.
struct ThreeTellings {
  let journey: Journey
  private let tables: [NFTFile]
  private let meaning: PolicyMeaning

  /// What came of a comparison.
  struct Tally {
    var (allowed, denied) = (0, 0)
    var disagreements: [String] = []
    var packets: Int { allowed + denied }

    static func + (left: Tally, right: Tally) -> Tally {
      Tally(
        allowed: left.allowed + right.allowed, denied: left.denied + right.denied,
        disagreements: left.disagreements + right.disagreements)
    }
  }

  init(_ fabric: Fabric) throws {
    let (iptables, nft) = (fabric.with(.iptables), fabric.with(.nft))
    journey = try Journey(iptables)
    meaning = PolicyMeaning(meaning: journey.meaning)
    tables = try fabric.topology.hosts.indices.map { try nft.table($0) }
  }

  /// A topology of one of four kinds, by a number.
  static func sample(_ number: Int) -> String {
    switch number % 8 {
    case 1: RandomPolicies.text(number)
    case 3: Samples.text("random \(number)")
    case 5: PolicySamples.text(seed: number, most: 120)
    default: PolicySamples.text(seed: number)
    }
  }

  /// Takes as many packets of each family as are asked for, of which the language says something, one in five of them to
  /// the hosts themselves.
  func compare(_ count: Int, seed: Int) -> Tally {
    var tally = Tally()
    for family in AddressFamily.allCases {
      var packets = PolicyPackets(journey, family, seed: seed)
      let wanted = tally.packets + count
      var attempts = 0
      while tally.packets < wanted, attempts < 50 * count {
        attempts += 1
        attempts % 5 == 0 ? compareToHost(&packets, &tally) : compareForwarded(&packets, &tally)
      }
    }
    return tally
  }

  private func compareForwarded(_ packets: inout PolicyPackets, _ tally: inout Tally) {
    let (source, destination, payload) = packets.next()
    let expected = meaning.judge(source, destination, payload)
    guard expected != .indifferent else { return }
    let steps = journey.steps(source, destination, payload)
    let passes = (
      iptables: !steps.isEmpty && steps.allSatisfy { verdicts($0.packet, .forward, $0.host).iptables == .accept },
      nft: !steps.isEmpty && steps.allSatisfy { verdicts($0.packet, .forward, $0.host).nft == .accept }
    )
    tally.count(expected, passes.iptables, passes.nft) { "\(source) to \(destination), \(payload)" }
  }

  private func compareToHost(_ packets: inout PolicyPackets, _ tally: inout Tally) {
    let (source, host, destination, payload) = packets.nextToHost()
    let expected = meaning.judge(source, toHost: host, at: destination, payload)
    guard expected != .indifferent, let home = journey.host(of: source) else { return }
    let input = home == host ? journey.interface(of: source, onHost: host) : journey.uplink(host)
    let verdicts = verdicts(Packet(from: source, to: destination, in: input, payload), .input, host)
    tally.count(expected, verdicts.iptables == .accept, verdicts.nft == .accept) {
      "\(source) to host \(destination), \(payload)"
    }
  }

  private func verdicts(
    _ packet: Packet, _ hook: FilterHook, _ host: Int
  ) -> (iptables: PacketVerdict, nft: PacketVerdict) {
    (
      evaluate(packet, at: hook, in: journey.rules(host, packet.source.family)).verdict,
      evaluate(packet, at: hook, in: tables[host]).verdict
    )
  }

  /// For each family and hook at which the files of a host differ, a packet that shows it: by all classes of packets.
  func differencesOfFiles(_ host: Int) -> [String] {
    AddressFamily.allCases.flatMap { family in
      let (file, table) = (journey.rules(host, family), tables[host])
      var rules = RuleClasses(PacketBits(family, interfaces: file.interfaces.union(table.interfaces)))
      let iptables = FilterHook.allCases.map { rules.fate(at: $0, in: file) }
      // One diagram for both: equal fates are the same node.
      var classes = NFTClasses(rules.bits)
      return FilterHook.allCases.enumerated().compactMap { index, hook in
        let nft = classes.fate(at: hook, in: table)
        let path = classes.bits.diagrams.difference(iptables[index], nft)
        return path.map { "the files differ on host \(host) at \(hook) for \(classes.bits.packet($0))" }
      }
    }
  }
}

extension ThreeTellings.Tally {
  fileprivate mutating func count(
    _ expected: Judgement, _ iptables: Bool, _ nft: Bool, _ packet: () -> String
  ) {
    if expected == .allowed { allowed += 1 } else { denied += 1 }
    guard iptables != (expected == .allowed) || nft != (expected == .allowed) else { return }
    disagreements.append("\(packet()): \(expected); iptables passes it: \(iptables), nft: \(nft)")
  }
}
