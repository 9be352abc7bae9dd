import Emitters
import Foundation
import Testing
import TopologyModel
import Verification

@testable import romana_compile

/// Local additions: what they may be, where they go, and that nothing else reaches a file.
@Suite struct InsertionTests {
  /// A host for every speaker, all of the same layout.
  private static func topology(
    _ insertions: String, speakers: [String] = ["bird"], hasOSPF: Bool = false
  ) -> String {
    let settings = hasOSPF ? ", protocol: ospf, tor_port: swp" : ""
    let hosts = speakers.enumerated().map { number, speaker in
      "{ name: h\(number + 1), speaker: \(speaker)\(settings)\(hasOSPF ? "\(number)" : "") }"
    }
    .joined(separator: ", ")
    // Quagga speaks OSPF for IPv4 only.
    let pods6 =
      hasOSPF
      ? ""
      : "- { name: pods6, cidr: \"fd00:10::/48\", bits: { region: 0, rack: 8, host: 8, tenant: 8, segment: 8, endpoint: 48 } }"
    return """
      romana: 1
      fabric: paris
      networks:
        - { name: pods, cidr: 10.0.0.0/8, bits: { region: 0, rack: 2, host: 6, tenant: 8, segment: 4, endpoint: 4 } }
        \(pods6)
      tenants: [{ name: acme, segments: [web] }]
      insertions: [\(insertions)]
      regions:
        - name: dc1
          racks:
            - name: rack1
              subnet: 172.16.1.0/24
              \(hasOSPF ? "" : "subnet6: \"fd00:16:1::/64\"")
              tors: [{ name: tor1, loopback: 192.0.2.1 }]
              hosts: [\(hosts)]
      """
  }

  private struct Result {
    var plan: NetworkPlan?
    var codes: [DiagnosticCode]
    var digest: String
  }

  /// Compiles a topology that lies in a folder of its own with other files beside it.
  private func compile(_ topology: String, _ files: [String: String], prepare: (String) throws -> Void = { _ in })
    throws -> Result
  {
    let folder = FileManager.default.temporaryDirectory.path + "/romana-insertion-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder + "/main/local", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, text) in files.merging(["topology.yaml": topology], uniquingKeysWith: { $1 }) {
      try text.write(toFile: "\(folder)/main/\(name)", atomically: true, encoding: .utf8)
    }
    try prepare(folder)
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    let document = loadTopology("\(folder)/main/topology.yaml", into: &sources, &diagnostics)
    let resolved = document.flatMap { resolveTopology($0, lock: nil, &diagnostics) }
    return Result(
      plan: resolved.map { NetworkPlan($0.topology) }, codes: diagnostics.sorted().map(\.code),
      digest: SHA256Digest(of: sources.files.map(\.bytes)).hex)
  }

  private func text(_ kind: ArtifactKind, _ device: DevicePlan, _ plan: NetworkPlan) -> String {
    String(decoding: SharedFragments(plan).bytes(kind, of: device), as: UTF8.self)
  }

  @Test func `a point is named after its file`() {
    for file in InsertionFile.allCases { #expect(file.rawValue == "\(file.kind.fileName)") }
    for point in InsertionPoint.all { #expect(InsertionPoint(name: point.name) == point) }
    #expect(Set(InsertionPoint.all.map(\.name)).count == InsertionPoint.all.count)
  }

  /// Without the additions every file is what it is without `insertions:`, whatever they say.
  @Test(arguments: InsertionPoint.all)
  func `an addition stands at its point and changes nothing else`(point: InsertionPoint) throws {
    let hasOSPF = point.file == .quaggaOSPF
    let speakers = hasOSPF ? ["bird", "bird1", "frr", "quagga"] : ["bird", "bird1", "exabgp", "frr", "quagga"]
    let entry = "{ point: \(point.name), file: local/a.conf, racks: [rack1] }"
    let words = "an addition } ; exit with { \"quotes and a ümlaut\n\tand a tab\n"
    let with = try #require(
      try compile(Self.topology(entry, speakers: speakers, hasOSPF: hasOSPF), ["local/a.conf": words]).plan)
    let without = try #require(try compile(Self.topology("", speakers: speakers, hasOSPF: hasOSPF), [:]).plan)
    var count = 0
    for device in with.devices {
      let (plan, plain) = (with.plan(device), without.plan(device))
      for kind in plan.artifacts {
        let bytes = text(kind, plan, with)
        let pieces = bytes.components(separatedBy: words)
        #expect(pieces.count > 1 || kind != point.file.kind, "\(device.name) \(kind)")
        count += pieces.count - 1
        let rest = bytes.replacing(words, with: "").split(separator: "\n", omittingEmptySubsequences: false)
          .filter { !$0.contains(" romana-compile insertion ") }.joined(separator: "\n")
        #expect(rest == text(kind, plain, without))
        #expect(checkFile(kind, Array(bytes.utf8), against: plan, with) == [], "\(device.name) \(kind)")
        if kind == point.file.kind {
          #expect(checkFile(kind, Array(rest.utf8), against: plan, with) != [], "a lost addition is found")
          let changed = bytes.replacing("a tab", with: "two")
          #expect(checkFile(kind, Array(changed.utf8), against: plan, with) != [], "a changed addition is found")
          #expect(checkFile(kind, Array(bytes.utf8), against: plain, without) != [], "a strange addition is found")
          let open = bytes.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.contains(" insertion end: ") }.joined(separator: "\n")
          #expect(checkFile(kind, Array(open.utf8), against: plan, with) != [], "a mark that is missing is found")
        }
      }
    }
    #expect(count > 0)
  }

  @Test func `additions of a point stand in the order of the topology`() throws {
    let entries = ["b", "a", "c"].map { "{ point: bird.conf/v1/after, file: local/\($0).conf, role: host }" }
    let files = ["a", "b", "c"].map { ("local/\($0).conf", "# \($0)\n") }
    let plan = try #require(
      try compile(Self.topology(entries.joined(separator: ", ")), Dictionary(uniqueKeysWithValues: files)).plan)
    let host = plan.plan(try #require(plan.device(named: "h1")))
    #expect(host.insertions.map(\.path.text) == ["local/b.conf", "local/a.conf", "local/c.conf"])
    let bytes = text(.bird, host, plan)
    let order = ["# b\n", "# a\n", "# c\n"].compactMap { bytes.range(of: $0)?.lowerBound }
    #expect(order.count == 3 && order == order.sorted())
  }

  @Test func `every selector that is there must name the device`() throws {
    func devices(_ selectors: String) throws -> Set<String> {
      let entry = "{ point: sysctl.conf/v1/after, file: local/a.conf, \(selectors) }"
      let plan = try #require(
        try compile(Self.topology(entry, speakers: ["bird", "frr"]), ["local/a.conf": "a\n"]).plan)
      return Set(plan.topology.insertions[0].devices.map(\.text))
    }
    #expect(try devices("role: host") == ["h1", "h2"])
    #expect(try devices("role: tor") == ["tor1"])
    #expect(try devices("racks: [rack1]") == ["h1", "h2", "tor1"])
    #expect(try devices("networks: [pods]") == ["h1", "h2", "tor1"])
    #expect(try devices("racks: [rack1], role: host, devices: [h2, tor1]") == ["h2"])
  }

  @Test func `the text of an addition belongs to the topology's digest`() throws {
    let topology = Self.topology("{ point: bird.conf/v1/after, file: local/a.conf, role: host }")
    let one = try compile(topology, ["local/a.conf": "# one\n"])
    let two = try compile(topology, ["local/a.conf": "# two\n"])
    #expect(one.codes == [] && one.digest != two.digest)
  }

  @Test func `a link that leads out of the topology's folder is refused, one inside is not`() throws {
    let topology = Self.topology("{ point: bird.conf/v1/after, file: local/a.conf, role: host }")
    let outside = try compile(topology, [:]) { folder in
      try "# elsewhere\n".write(toFile: "\(folder)/a.conf", atomically: true, encoding: .utf8)
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/main/local/a.conf", withDestinationPath: "../../a.conf")
    }
    #expect(outside.codes == [.insertionPath])
    let inside = try compile(topology, ["b.conf": "# here\n"]) { folder in
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/main/local/a.conf", withDestinationPath: "../b.conf")
    }
    #expect(inside.codes == [])
  }

  @Test func `a file of more than 64 KiB, a pipe and a folder are refused`() throws {
    let topology = Self.topology("{ point: bird.conf/v1/after, file: local/a.conf, role: host }")
    let line = "# 16 characters\n"
    let fitting = String(repeating: line, count: InsertedText.maximumSize / line.utf8.count)
    #expect(try compile(topology, ["local/a.conf": fitting]).codes == [])
    #expect(try compile(topology, ["local/a.conf": fitting + "\n"]).codes == [.insertionUnreadable])
    let pipe = try compile(topology, [:]) { folder in mkfifo("\(folder)/main/local/a.conf", 0o600) }
    #expect(pipe.codes == [.insertionUnreadable])
  }

  @Test(arguments: ["", "a", "a\r\n", "a\u{0}\n", "\u{feff}a\n", "a\u{7f}\n", "a\u{202e}b\n", "# romana-compile: x\n"])
  func `a text that could hide something is no addition`(text: String) {
    #expect(throws: InsertedTextError.self) { try InsertedText(checking: Array(text.utf8)) }
  }

  @Test(arguments: ["../a", "/a", "a/../b", "a//b", "a/", ".a", "a b", "", "a/.", "ä", "a\nb", "a:b"])
  func `a path that leads elsewhere is none`(text: String) { #expect(InsertionPath(text) == nil) }

  @Test func `check counts additions and devices`() throws {
    let topology = Self.topology(
      "{ point: bird.conf/v1/after, file: local/a.conf, devices: [h1] }, { point: sysctl.conf/v1/after, file: local/a.conf, racks: [rack1] }",
      speakers: ["bird", "frr"])
    let plan = try #require(try compile(topology, ["local/a.conf": "# a\n"]).plan)
    #expect(additionsLine(plan.topology.insertions) == "2 local additions on 3 devices: not verified\n")
    #expect(additionsLine([]) == "")
  }
}
