import Testing
import TopologyModel
import Verification

#if canImport(Glibc)
  import Glibc
#endif

/// What of 2,000 random changes to the files of packet filters is noticed. Whether a change matters to any packet at all
/// is decided for all classes of packets, by diagrams, not by samples.
@Suite struct RuleMutationTests {
  private static let samples = Samples.names + ["policies"] + (1...13).map { "\($0)" }
  private static let changesOfAFile = 34

  @Test func changesThatMatterAreNoticed() async throws {
    let total = try await withThrowingTaskGroup(of: MutationTally.self) { group in
      for (index, name) in Self.samples.enumerated() {
        group.addTask {
          let fabric =
            try name == "policies"
            ? Fabric(example: name) : Int(name).map { try Fabric(ThreeTellings.sample($0)) } ?? Samples.fabric(name)
          var tally = MutationTally()
          for backend in FirewallBackend.allCases {
            let fabric = fabric.with(backend)
            let kinds: [ArtifactKind] = backend == .nft ? [.rulesNFT] : [.rulesIPv4, .rulesIPv6]
            for kind in kinds {
              var context = try MutationContext(fabric, host: index % 3, kind)
              tally = tally + (try context.mutate(Self.changesOfAFile, seed: index))
            }
          }
          return tally
        }
      }
      return try await group.reduce(MutationTally(), +)
    }
    print(total)
    #expect(total.changes >= 2000)
    #expect(total.matter > 1000)
    #expect(total.noticed * 100 >= total.matter * 99)
    #expect(total.unread * 20 < total.changes)
    for text in total.remarks.prefix(10) { Issue.record("\(text)") }
  }
}

struct MutationTally: CustomStringConvertible {
  var changes = 0
  /// Changed the fate of some packet; of these, what the reader of files noticed.
  var (matter, noticed) = (0, 0)
  /// Changes after which a file can't be read at all; they are not among those that matter.
  var unread = 0
  var remarks: [String] = []

  static func + (left: MutationTally, right: MutationTally) -> MutationTally {
    MutationTally(
      changes: left.changes + right.changes, matter: left.matter + right.matter, noticed: left.noticed + right.noticed,
      unread: left.unread + right.unread, remarks: left.remarks + right.remarks)
  }

  var description: String {
    "\(changes) changes: \(matter) change the fate of some packet, of these \(noticed) are noticed; \(unread) unreadable"
  }
}

/// A file of a host, and the fates of all packets in it.
private struct MutationContext {
  private let kind: ArtifactKind
  private let plan: NetworkPlan
  private let device: DevicePlan
  private let lines: [String]
  private var classes: [FileClasses]

  init(_ fabric: Fabric, host: Int, _ kind: ArtifactKind) throws {
    (self.kind, plan) = (kind, fabric.plan)
    device = fabric.plan.plan(try #require(plan.device(named: fabric.topology.hosts[host].name.text)))
    let bytes = fabric.file(kind, of: device)
    lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    let sets = kind == .rulesNFT ? [:] : try fabric.sets(host)
    classes = try AddressFamily.allCases
      .filter { kind == .rulesNFT || ($0 == .ipv4) == (kind == .rulesIPv4) }
      .map { try FileClasses($0, bytes, sets, isTable: kind == .rulesNFT) }
    #expect(checkFile(kind, bytes, against: device, plan).isEmpty)
  }

  mutating func mutate(_ count: Int, seed: Int) throws -> MutationTally {
    var tally = MutationTally()
    var numbers = Numbers(state: UInt64(seed) &* 1009 &+ UInt64(lines.count))
    let mutator = RuleMutator(lines, isTable: kind == .rulesNFT)
    while tally.changes < count {
      let change = RuleMutator.Change.allCases[tally.changes % 3]
      guard let mutant = mutator.lines(after: change, &numbers) else { continue }
      tally.changes += 1
      let bytes = Array(mutant.lines.joined(separator: "\n").utf8)
      do {
        var isDifferent = false
        for index in classes.indices {
          guard let (packet, hook, file) = try classes[index].difference(bytes) else { continue }
          isDifferent = true
          // The diagrams and the evaluator agree that the packet fares differently.
          if classes[index].original.verdict(packet, hook) == file.verdict(packet, hook) {
            tally.remarks.append("no difference for \(packet) at \(hook): \(mutant.what)")
          }
        }
        guard isDifferent else { continue }
        tally.matter += 1
        if !checkFile(kind, bytes, against: device, plan).isEmpty { tally.noticed += 1 }
      } catch {
        tally.unread += 1
      }
    }
    return tally
  }
}

/// A file as it was read.
private enum ReadFile {
  case rules(RuleFile)
  case table(NFTFile)

  init(
    _ bytes: [UInt8], _ family: AddressFamily, _ sets: [String: KernelSet], isTable: Bool
  ) throws(ParseFailure) {
    if isTable {
      self = .table(try parseNFT(bytes))
    } else {
      var file = try parseRuleFile(bytes, family)
      file.sets = sets
      self = .rules(file)
    }
  }

  func verdict(_ packet: Packet, _ hook: FilterHook) -> PacketVerdict {
    switch self {
    case .table(let table): return evaluate(packet, at: hook, in: table).verdict
    case .rules(let file):
      let fate = evaluate(packet, at: hook, in: file)
      return fate.rule == nil && fate.verdict == .accept ? .undecided : fate.verdict
    }
  }
}

/// The fates of all packets of a family in a file and in others like it.
private struct FileClasses {
  let family: AddressFamily
  let original: ReadFile
  private let isTable: Bool
  private let sets: [String: KernelSet]
  private var rules: RuleClasses
  private var table: NFTClasses
  private var fates: [Diagrams.Node] = []

  init(_ family: AddressFamily, _ bytes: [UInt8], _ sets: [String: KernelSet], isTable: Bool) throws {
    (self.family, self.sets, self.isTable) = (family, sets, isTable)
    original = try ReadFile(bytes, family, sets, isTable: isTable)
    let interfaces =
      switch original {
      case .rules(let file): file.interfaces
      case .table(let file): file.interfaces
      }
    let bits = PacketBits(family, interfaces: interfaces)
    (rules, table) = (RuleClasses(bits), NFTClasses(bits))
    fates = FilterHook.allCases.map { fate($0, original) }
  }

  private mutating func fate(_ hook: FilterHook, _ file: ReadFile) -> Diagrams.Node {
    switch file {
    case .rules(let file): rules.fate(at: hook, in: file)
    case .table(let file): table.fate(at: hook, in: file)
    }
  }

  /// A packet that fares differently in another file, and that file as it was read.
  mutating func difference(_ bytes: [UInt8]) throws(ParseFailure) -> (Packet, FilterHook, ReadFile)? {
    let file = try ReadFile(bytes, family, sets, isTable: isTable)
    for (index, hook) in FilterHook.allCases.enumerated() {
      let fate = fate(hook, file)
      let bits = isTable ? table.bits : rules.bits
      if let path = bits.diagrams.difference(fates[index], fate) { return (bits.packet(path), hook, file) }
    }
    return nil
  }
}
