import Foundation
import Testing
import TopologyModel
import Verification

@testable import romana_compile

/// `trace` between regions that tunnels, transit gateways and peerings link.
@Suite struct TraceRegionTests {
  static let names = ["hybrid", "region-tunnels", "ec2-transit-gateways", "ec2-peerings"]

  /// Packets worth a look: each family and encapsulation, both ways, over a hub, what isolation drops and what nobody has.
  static let packets: [String: [[String]]] = [
    "hybrid": [
      ["10.0.17.37", "10.5.17.37"], ["10.5.17.37", "web1", "udp/53"], ["10.1.17.37", "10.4.1.37"],
      ["fd00:10:1:101::5", "fd00:10:1001:101::5", "icmp"], ["10.0.17.37", "10.5.17.69"], ["10.0.17.37", "10.6.1.37"],
    ],
    "region-tunnels": [
      ["10.34.17.37", "10.36.17.37"], ["10.36.1.37", "10.32.33.37", "tcp/443"], ["10.64.33.165", "10.64.2.165"],
      ["10.64.33.165", "10.64.64.165"],
    ],
    "ec2-transit-gateways": [
      ["web1", "10.8.1.37"], ["10.64.0.10", "10.64.8.10"], ["fd00:10:2000:101::5", "fd00:10:100:101::5"],
      ["10.0.17.37", "10.4.17.37"],
    ],
    "ec2-peerings": [
      ["10.0.17.37", "10.4.17.37"], ["10.8.17.37", "10.4.17.37"], ["10.2.1.37", "10.8.1.37", "icmp"],
    ],
  ]

  @Test(arguments: names) func `packets between regions are followed as recorded`(_ name: String) throws {
    let plan = try Example.named(name).plan
    let tracer = try Tracer(plan, .tcp(source: 40000, destination: 80))
    var text = ""
    for packet in try #require(Self.packets[name]) {
      let told = try TraceCommand.parse(packet).trace(plan, with: tracer)
      text += "$ trace \(packet.joined(separator: " "))\n\(told.text)status \(told.arrives ? 0 : 2)\n\n"
    }
    try GoldenText.expect(text, isIn: "\(GoldenText.root)/golden/trace/\(name).txt")
  }

  /// Every line that is named is in the golden tree, at its number.
  @Test(arguments: names) func `the lines that decide are those of the tree`(_ name: String) throws {
    let plan = try Example.named(name).plan
    let tracer = try Tracer(plan, .tcp(source: 40000, destination: 80))
    let steps = try #require(Self.packets[name]).flatMap { packet in
      let ends = try packet.prefix(2).map { try #require(TraceEnd($0, family: .ipv4, plan.topology)) }
      return try tracer.trace(ends[0], ends[1]).steps
    }
    let files = Set(steps.compactMap(\.by?.file))
    let folders = name.hasPrefix("ec2") ? ["ec2", "hosts"] : ["hosts", "tors"]
    #expect(folders.allSatisfy { folder in files.contains { $0.hasPrefix("\(folder)/") } })
    for by in steps.compactMap(\.by) {
      guard let line = by.line else { continue }
      let bytes = try Repository.read(Repository.golden.appending(name).appending(by.file))
      let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
      // Of a map the element that decides is told behind the line.
      let golden = String(decoding: lines[line - 1], as: UTF8.self).drop { $0 == " " || $0 == "\t" }.prefix(160)
      #expect(by.text.hasPrefix(golden) && !golden.isEmpty, "\(by.description)")
    }
  }

  /// Between all pairs of hosts of different regions: a packet arrives exactly if it ends at its host over every way that the model
  /// of the routing has, and the packet filters of both ends let it pass.
  @Test(arguments: names + ["region-tunnels without transit"])
  func `a trace ends where the model of the routing says`(_ name: String) throws {
    let plan =
      Self.names.contains(name) ? try Example.named(name).plan : try Self.changed(("    transit: true\n", "")).plan
    let topology = plan.topology
    let side = DiffSide(plan)
    let payload = Packet.Payload.tcp(source: 40000, destination: 80)
    let tracer = try Tracer(plan, payload)
    var (arrived, filtered, unreached) = (0, 0, 0)
    for source in topology.hosts.indices {
      for destination in topology.hosts.indices
      where topology.regionIndex(ofHost: source) != topology.regionIndex(ofHost: destination) {
        for (first, second) in Self.pairs(topology, source, destination) {
          let name = topology.hosts[destination].name.text
          let ends = try [first, second].map { try #require(TraceEnd("\($0)", family: nil, topology)) }
          let trace = try tracer.trace(ends[0], ends[1])
          let arrivals = tracer.model.arrivals(from: topology.hosts[source].name.text, to: second)
          let isReached = arrivals == [.discarded(at: name)] || arrivals == [.delivered(at: name)]
          let passes = try side.passes(first, second, payload)
          #expect(trace.arrives == (isReached && passes), "\(trace.text)")
          if trace.arrives { arrived += 1 } else if isReached { filtered += 1 } else { unreached += 1 }
        }
      }
    }
    #expect(arrived > 0 && filtered > 0)
    #expect((unreached > 0) == (name.hasSuffix("without transit") || name == "ec2-transit-gateways"), "\(unreached)")
  }

  /// Addresses of two hosts in each network that both have: of one segment, and of two.
  private static func pairs(_ topology: Topology, _ source: Int, _ destination: Int) -> [(Address, Address)] {
    topology.networks.indices.flatMap { network -> [(Address, Address)] in
      guard let tenant = topology.tenants.first(where: { $0.networks.contains(network) }) else { return [] }
      func address(_ host: Int, _ segment: Int) -> Address? {
        if topology.networks[network].isDividedIntoBlocks {
          return topology.hosts[host].blocks.first { $0.network == network && $0.owner?.segmentID == segment }
            .map { $0.prefix.lastAddress }
        }
        return topology.address(
          ofHost: host, inNetwork: network, tenant: tenant.id, segment: segment, endpoint: 6)
      }
      let segments = tenant.segments.map(\.id)
      return Set([segments[0], segments[segments.count - 1]]).compactMap { other in
        guard let first = address(source, segments[0]), let second = address(destination, other) else { return nil }
        return (first, second)
      }
    }
  }

  /// `region-tunnels` with another text in place of one of its own.
  private static func changed(_ changes: (old: String, new: String)...) throws -> Compilation {
    let example = Repository.examples.appending("region-tunnels").appending("topology.yaml")
    var text = String(decoding: try Repository.read(example), as: UTF8.self)
    for change in changes {
      try #require(text.contains(change.old))
      text.replace(change.old, with: change.new)
    }
    let folder = NSTemporaryDirectory() + "romana-trace.\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try text.write(toFile: folder + "/topology.yaml", atomically: true, encoding: .utf8)
    return try compile(TopologyOptions.parse([folder + "/topology.yaml"]))
  }

  /// What does not arrive is told with its reason.
  @Test func `a trace says why nothing leads from a region to another`() throws {
    let separate = try Self.changed(("    transit: true\n", "")).plan
    let told = try TraceCommand.parse(["10.34.17.37", "10.36.17.37"]).trace(separate)
    #expect(!told.arrives)
    #expect(
      told.text.hasSuffix(
        "dropped on tor2 by a discard route; 'line' leads to its hub hq only, which is not transit\n"), "\(told.text)")
    let two = try Self.changed(
      ("    between: [hq, east, west]\n    hub: hq\n    transit: true\n", "    between: [hq, east]\n"),
      (", w1: 192.168.3.1, w2: 192.168.3.2", "")
    ).plan
    #expect(
      try TraceCommand.parse(["10.32.33.37", "10.36.17.37"]).trace(two).text.hasSuffix(
        "dropped on tor1 by a discard route; no interconnect leads from hq to west\n"))
  }

  /// Of a policy's ports one passes and another does not, and the host of the source decides.
  @Test func `a trace tells a port that no policy allows`() throws {
    let policy = """
      policies:
        - { name: web-to-db, from: { tenant: acme, segment: web }, to: { tenant: acme, segment: db }, allow: [tcp/5432] }

      regions:

      """
    let plan = try Self.changed(("regions:\n", policy)).plan
    let allowed = try TraceCommand.parse(["10.34.17.37", "10.36.17.69", "tcp/5432"]).trace(plan)
    #expect(allowed.arrives && allowed.text.contains("web-to-db"), "\(allowed.text)")
    let refused = try TraceCommand.parse(["10.34.17.37", "10.36.17.69", "tcp/5433"]).trace(plan)
    #expect(!refused.arrives && refused.text.hasSuffix("dropped on e2\n"), "\(refused.text)")
  }
}
