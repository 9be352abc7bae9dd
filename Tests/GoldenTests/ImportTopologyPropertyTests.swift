import Emitters
import SystemPackage
import Testing
import TopologyModel
import Verification

@testable import romana_compile

#if canImport(Glibc)
  import Glibc
#endif

/// Random clusters of Romana 2: whatever is imported has the prefixes that Romana carves, and the files do what they should.
@Suite struct ImportTopologyPropertyTests {
  /// A cluster as a test makes it up, with the prefixes that Romana's own arithmetic gives its groups.
  struct Cluster {
    var json = ""
    /// The CIDRs of the groups in which hosts are, by the first host's name.
    var groups: [String: String] = [:]
    var addresses: [String: String] = [:]
    /// The host of each block in use.
    var blocks: [String: String] = [:]
    var subnets: Set<String> = []
  }

  /// Romana's rule, in numbers: the i-th of n parts of 2 to the `bits` addresses from `start` on.
  private static func part(_ index: Int, of count: Int, _ start: Int, _ bits: Int) -> (start: Int, bits: Int) {
    var width = 0
    while 1 << width < count { width += 1 }
    return (start + index << (bits - width), bits - width)
  }

  private static func quad(_ number: Int) -> String {
    (0..<4).map { "\(number >> (24 - 8 * $0) & 255)" }.joined(separator: ".")
  }

  static func random(_ generator: inout SeededNumbers) -> Cluster {
    var cluster = Cluster()
    let (start, bits) = (10 << 24 | generator.below(200) << 16, 16)
    let isState = generator.below(3) == 0
    let isNested = generator.below(2) == 0
    var number = 0
    func hosts(_ cidr: (start: Int, bits: Int), subnet: Int) -> String {
      let count = generator.below(4)
      let names = (0..<count).map { "h\(number + $0)" }
      number += count
      for (index, name) in names.enumerated() {
        cluster.addresses[name] = "172.16.\(subnet).\(20 + number - count + index)"
        cluster.subnets.insert("172.16.\(subnet).0/24")
      }
      if let first = names.first { cluster.groups[first] = "\(quad(cidr.start))/\(32 - cidr.bits)" }
      let list = names.map { "{\"name\": \"\($0)\", \"ip\": \"\(cluster.addresses[$0]!)\"}" }.joined(separator: ", ")
      guard isState else { return "{\"groups\": [\(list)]}" }
      let used = names.isEmpty ? 0 : generator.below(4)
      let owners = (0..<used).map { _ in ["a:web", "a:db", "b:web"][generator.below(3)] }
      for index in 0..<used {
        cluster.blocks["\(quad(cidr.start + 8 * index))/29"] = names[index % names.count]
      }
      func map(_ values: [String]) -> String {
        values.enumerated().map { "\"\($0)\": \"\($1)\"" }.joined(separator: ", ")
      }
      let taken = (0..<used).map { names[$0 % names.count] }
      let blocks = (0..<used).map { "{\"cidr\": \"\(quad(cidr.start + 8 * $0))/29\"}" }.joined(separator: ", ")
      return
        "{\"hosts\": [\(list)], \"groups\": null, \"cidr\": \"\(quad(cidr.start))/\(32 - cidr.bits)\", \"blocks\": [\(blocks)], \"block_to_host\": {\(map(taken))}, \"block_to_owner\": {\(map(owners))}}"
    }
    let top = 1 + generator.below(5)
    let nested = (0..<top).map { _ in isNested && generator.below(3) > 0 }
    let map = (0..<top).map { index -> String in
      let own = part(index, of: top, start, bits)
      // Without any groups of groups all are racks of one region, on one subnet.
      guard nested[index] else { return hosts(own, subnet: nested.contains(true) ? index : 100) }
      let count = 1 + generator.below(5)
      let inner = (0..<count).map { hosts(part($0, of: count, own.start, own.bits), subnet: index) }
      return "{\"name\": \"zone \(index)\", \"groups\": [\(inner.joined(separator: ", "))]}"
    }
    let cidr = "\"cidr\": \"\(quad(start))/16\", \"block_mask\": 29"
    cluster.json =
      isState
      ? "{\"networks\": {\"net\": {\(cidr), \"host_groups\": {\"name\": \"/\", \"groups\": [\(map.joined(separator: ", "))]}}}}"
      : "{\"networks\": [{\"name\": \"net\", \(cidr)}], \"topologies\": [{\"networks\": [\"net\"], \"map\": [\(map.joined(separator: ", "))]}]}"
    return cluster
  }

  @Test(arguments: 0..<6) func `every prefix, block and address is kept, and packets arrive`(seed: UInt64) throws {
    var generator = SeededNumbers(seed: 700 + seed)
    var counts = (hosts: 0, blocks: 0)
    for round in 0..<12 {
      let cluster = Self.random(&generator)
      let topology = try compile(cluster)
      for (name, cidr) in cluster.groups {
        let host = try #require(topology.hosts.first { $0.name.text == name })
        #expect(topology.racks[host.rack].allocations[0]?.aggregate == (try Prefix(parsing: cidr)), "\(cluster.json)")
      }
      #expect(topology.hosts.count == cluster.addresses.count)
      for host in topology.hosts {
        #expect(host.links[0].address == (try Address(parsing: cluster.addresses[host.name.text]!)))
        let own = Set(cluster.blocks.filter { $0.value == host.name.text }.map(\.key))
        #expect(Set(host.blocks.filter { $0.owner != nil }.map { "\($0.prefix)" }) == own, "\(cluster.json)")
        counts = (counts.hosts + 1, counts.blocks + own.count)
      }
      if round % 4 == 0 { try expectArrivals(topology) }
    }
    #expect(counts.hosts > 20 && counts.blocks > 3)
  }

  private func compile(_ cluster: Cluster) throws -> Topology {
    let path = "/tmp/romana-import.\(UInt64.random(in: 0...UInt64.max)).json"
    try Repository.write(cluster.json, to: .init(path))
    defer { unlink(path) }
    var options = TopologyImportOptions(fabric: Name("imported")!)
    for subnet in cluster.subnets.sorted() {
      let isTaken = options.addSubnet(subnet)
      #expect(isTaken)
    }
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    let imported = importTopology(path, options, into: &sources, &diagnostics)
    var writer = TextWriter()
    let settled = imported.flatMap { topology, lock in
      emitImportedTopology(topology, into: &writer)
      return settleImportedTopology(writer.bytes, at: "t.yaml", lock: lock, into: &sources, &diagnostics)
    }
    var printer = DiagnosticPrinter(sources: sources)
    let messages = printer.text(diagnostics)
    let lock = try #require(settled, "\(messages)\n\(cluster.json)")
    let text = writer.bytes
    // The lock file is the one that the topology needs: nothing changes any more.
    let again = settleImportedTopology(text, at: "t.yaml", lock: lock, into: &sources, &diagnostics)
    #expect(again == lock)
    let files = FileSource(
      label: "", read: { _ in .success(text) }, glob: { _ in [] }, canonical: { $0 }, unfitness: { _, _ in nil })
    let document = try #require(loadTopology("t.yaml", from: files, into: &sources, &diagnostics))
    return try #require(resolveTopology(document, lock: lock, &diagnostics)).topology
  }

  /// Packets to a block end on its host, from every host of the region.
  private func expectArrivals(_ topology: Topology) throws {
    let model = try TraceFiles(NetworkPlan(topology)).routing().solve()
    for target in topology.hosts {
      for source in topology.hosts where topology.racks[source.rack].region == topology.racks[target.rack].region {
        for block in target.blocks {
          #expect(
            model.arrivals(from: source.name.text, to: block.prefix.lastAddress)
              == [.discarded(at: target.name.text)], "\(source.name) to \(block.prefix)")
        }
      }
    }
  }
}

/// Numbers that look random and are the same in every run (SplitMix64, Steele et al. 2014).
struct SeededNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func below(_ limit: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((value ^ (value >> 31)) % UInt64(limit))
  }
}
