import Testing
import TopologyModel
import Verification

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct ThreeTellingsTests {
  /// ROMANA_TOPOLOGIES and ROMANA_PACKETS (by topology and family) set other numbers.
  private static let topologies = number("ROMANA_TOPOLOGIES") ?? 500
  private static let packets = number("ROMANA_PACKETS") ?? 1000

  private static func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

  /// The emitted files of random topologies with random policies, for both backends, do what the language says:
  /// 500 topologies with 2,000 packets each are a million. And on one host of each, both backends decide the same about
  /// every packet there is.
  @Test func filesOfBothBackendsDoWhatTheLanguageSays() async throws {
    let total = try await withThrowingTaskGroup(of: ThreeTellings.Tally.self) { group in
      for seed in 1...Self.topologies {
        group.addTask {
          let tellings = try ThreeTellings(Fabric(ThreeTellings.sample(seed)))
          var tally = tellings.compare(Self.packets, seed: seed)
          if tally.packets != 2 * Self.packets { tally.disagreements.append("only \(tally.packets) packets") }
          tally.disagreements += tellings.differencesOfFiles(seed % 3)
          for text in tally.disagreements.prefix(3) { Issue.record("topology \(seed): \(text)") }
          return tally
        }
      }
      return try await group.reduce(ThreeTellings.Tally(), +)
    }
    print("\(Self.topologies) topologies, \(total.packets) packets: \(total.allowed) allowed, \(total.denied) denied")
    #expect(total.disagreements.isEmpty)
    #expect(total.packets == 2 * Self.topologies * Self.packets)
    #expect(total.allowed > total.packets / 20 && total.denied > total.packets / 20)
  }

  /// Not by samples: by all classes of packets, as decision diagrams.
  @Test(arguments: Samples.names + ["policies"])
  func backendsDecideTheSameAboutEveryPacket(_ name: String) throws {
    let tellings = try ThreeTellings(try name == "policies" ? Fabric(example: name) : Samples.fabric(name))
    for host in [0, 1] { #expect(tellings.differencesOfFiles(host).isEmpty) }
  }

  /// What the diagrams say of a packet is what becomes of it when it is taken through the rules one by one.
  @Test(arguments: Samples.names + ["random 2", "policies"], AddressFamily.allCases)
  func classesAreThoseOfTheEvaluator(_ name: String, _ family: AddressFamily) throws {
    let fabric = try name == "policies" ? Fabric(example: name) : Samples.fabric(name)
    let (file, table) = (try fabric.with(.iptables).rules(0, family), try fabric.with(.nft).table(0))
    var rules = RuleClasses(PacketBits(family, interfaces: file.interfaces.union(table.interfaces)))
    let iptables = FilterHook.allCases.map { rules.fate(at: $0, in: file) }
    var classes = NFTClasses(rules.bits)
    let nft = FilterHook.allCases.map { classes.fate(at: $0, in: table) }
    var source = PacketSource(fabric, 0, family, seed: name)
    var counts: [PacketVerdict: Int] = [:]
    for _ in 0..<1000 {
      let packet = source.next()
      for (index, hook) in FilterHook.allCases.enumerated() {
        for (bits, fate) in [(rules.bits, iptables[index]), (classes.bits, nft[index])] {
          let verdict: PacketVerdict =
            switch bits.diagrams.value(fate, { bits.isSet($0, in: packet) }) {
            case Diagrams.accept: .accept
            case Diagrams.drop: .drop
            default: .undecided
            }
          #expect(verdict == evaluate(packet, at: hook, in: table).verdict, "\(packet) at \(hook)")
          counts[verdict, default: 0] += 1
        }
      }
    }
    #expect(counts[.accept, default: 0] > 50 && counts[.drop, default: 0] > 200, "\(counts)")
  }
}
