import Emitters
import Subprocess
import SystemPackage
import Testing
import TopologyModel

@testable import Verification
@testable import romana_compile

#if canImport(Glibc)
  import Glibc
#endif

/// `removals`: what a former tree left on switches that merge goes away, and nothing else, at any moment.
@Suite struct RemovalsTests {
  /// A topology with one ToR of each merging system, and changes to it.
  private struct Change {
    var hosts = ["h1", "h2"]
    var drained: String?
    var spines = 2
    var systems = ["eos", "nxos", "sonic", "nvue", "junos", "linux"]
    var takesDefault = true
    var fabric = "paris"

    var text: String {
      var text = """
        romana: 1
        fabric: \(fabric)
        allow: [RC0506]
        defaults: { protocol: static, speaker: none }
        networks:
          - { name: pods, cidr: 10.0.0.0/16, bits: { region: 0, rack: 3, host: 4, tenant: 3, segment: 2, endpoint: 4 } }
          - { name: pods6, cidr: "fd00:10::/48", bits: { region: 0, rack: 8, host: 8, tenant: 8, segment: 8, endpoint: 48 } }
        tenants: [{ name: acme, segments: [web] }]
        regions:
          - name: dc1
            link_pool: 172.31.0.0/24
            link_pool6: fd00:31::/64
            spines:

        """
      for spine in 1...spines { text += "      - { name: spine\(spine), loopback: 192.0.2.20\(spine), os: nxos }\n" }
      text += "    racks:\n"
      for (index, system) in systems.enumerated() {
        let number = index + 1
        text += """
                - name: rack\(number)
                  subnet: 172.16.\(number).0/24
                  subnet6: "fd00:16:\(number)::/64"
                  tors: [{ name: t-\(number), loopback: 192.0.2.\(number), os: \(system) }]
                  hosts:

          """
        for host in hosts {
          let own = takesDefault && host == "h1" ? ", default_route: own" : ""
          let id = host.dropFirst()
          text +=
            "          - { name: r\(number)\(host), id: \(id)\(host == drained ? ", state: drained" : "")\(own) }\n"
        }
      }
      return text
    }
  }

  /// A folder that goes when the test ends.
  private final class Trees {
    let path: String

    init() throws {
      var template = Array("/tmp/romana-removals-XXXXXX".utf8CString)
      try #require(template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil })
      path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
      for name in ["old", "new"] {
        if case .success(let above) = Folder.open(FilePath(path)) { try? removeTree(name, in: above, threadCount: 1) }
        unlink("\(path)/\(name).yaml")
        unlink("\(path)/\(name).lock.yaml")
      }
      rmdir(path)
    }

    func build(_ change: Change, as name: String) throws {
      try Repository.write(change.text, to: FilePath("\(path)/\(name).yaml"))
      let compilation = try compile(TopologyOptions.parse(["\(path)/\(name).yaml"]))
      _ = try publishTree(
        compilation.plan, shared: SharedFragments(compilation.plan), scope: .fabric, identity: compilation.identity,
        to: "\(path)/\(name)", options: PublishOptions())
    }

    func removals(_ device: String? = nil) throws -> TreeRemovals {
      try findRemovals(former: "\(path)/old", present: "\(path)/new", device: device)
    }

    func text(_ file: String) throws -> String {
      String(decoding: try Repository.read(FilePath("\(path)/\(file)")), as: UTF8.self)
    }
  }

  private static let changes: [(String, Change)] = [
    ("a host less", Change(hosts: ["h1"])), ("a drained host", Change(drained: "h2")),
    ("a spine less", Change(spines: 1)), ("no default", Change(takesDefault: false)),
    ("a rack less", Change(systems: ["eos", "nxos", "sonic", "nvue", "junos"])), ("nothing", Change()),
    ("a host more", Change(hosts: ["h1", "h2", "h3"])),
  ]

  /// Loads the new file over the former one as the system does, then removes line by line. Every route of the new table
  /// is there all the time, each removal hits something, and in the end the table is the new one.
  @Test(arguments: changes.indices) func aMergingSwitchEndsWithTheNewTable(_ index: Int) throws {
    let (what, change) = Self.changes[index]
    let trees = try Trees()
    try trees.build(Change(), as: "old")
    try trees.build(change, as: "new")
    let removals = try trees.removals()
    #expect(removals.files.count == 4 + change.spines)
    for file in removals.files {
      let folder = String(file.path.prefix(upTo: file.path.lastIndex(of: "/")!))
      let name = ["eos.conf", "nxos.conf", "sonic.json", "nvue.yaml"].first {
        access("\(trees.path)/new/\(folder)/\($0)", F_OK) == 0
      }!
      let (old, new) = (try trees.text("old/\(folder)/\(name)"), try trees.text("new/\(folder)/\(name)"))
      let wanted = try statements(new, name)
      var held = try statements(old, name).merging(wanted) { _, new in new }
      let lines = removalLines(String(decoding: file.bytes, as: UTF8.self))
      #expect(lines.isEmpty == (old == new || held == wanted), "\(what): \(file.path)")
      for line in lines {
        let hit = try keys(of: line, in: held, name)
        #expect(!hit.isEmpty, "\(what), \(folder): \(line) removes nothing")
        for key in hit { held[key] = nil }
        #expect(wanted.allSatisfy { held[$0.key] == $0.value }, "\(what), \(folder): \(line) takes too much")
      }
      #expect(held == wanted, "\(what): \(folder)")
    }
  }

  /// What a switch holds: for SONiC by prefix, for the others by prefix and next hop.
  private func statements(_ text: String, _ name: String) throws -> [String: String] {
    var found: [String: String] = [:]
    if name.hasSuffix(".conf") {
      for line in text.lines where line.contains(" route ") {
        let words = line.split(separator: " ")
        found[words.prefix(4).joined(separator: " ")] = line
      }
      return found
    }
    if name == "sonic.json" {
      for (route, _) in try parseSONiC(Array(text.utf8)) {
        found["\(route.prefix)", default: ""] += " \(route)"
      }
      return found
    }
    let header = try #require(text.lines.first)
    let (role, device) = header.contains(", tor ") ? (DeviceRole.tor, "t-4") : (.spine, "spine1")
    let plan = DevicePlan(
      fabric: try #require(Name("paris")), name: try #require(Name(device)), role: role, artifacts: [])
    for (route, _) in try parseNVUE(Array(text.utf8), of: plan) {
      found["\(route.prefix) \(route.hop.map { "\($0)" } ?? "blackhole")"] = route.name ?? ""
    }
    return found
  }

  private func removalLines(_ text: String) -> [String] {
    text.lines.filter { !$0.hasPrefix("#") && !$0.hasPrefix("!") && $0 != "[" && $0 != "]" }
  }

  /// The statements that a removal takes.
  private func keys(of line: String, in held: [String: String], _ name: String) throws -> [String] {
    var words = line.split(separator: " ").map(String.init)
    switch name {
    case "eos.conf": return [words.dropFirst().joined(separator: " ")].filter { held[$0] != nil }
    case "nxos.conf":
      return held.filter { "no \($0.value)" == line }.map(\.key)
    case "sonic.json":
      let start = try #require(line.firstRange(of: "default|"))
      let path = line[start.upperBound...].prefix { $0 != "\"" }.split(separator: "~1").joined(separator: "/")
      return held[path] == nil ? [] : [path]
    default:
      try #require(words.prefix(6) == ["nv", "unset", "vrf", "default", "router", "static"])
      words.removeFirst(6)
      words.removeAll { $0 == "via" }
      let start = words.joined(separator: " ")
      return held.keys.filter { $0 == start || words.count == 1 && $0.hasPrefix(start + " ") }
    }
  }

  @Test func notesTellOfOtherDevices() throws {
    let trees = try Trees()
    try trees.build(Change(), as: "old")
    try trees.build(Change(spines: 1, systems: ["nxos", "nxos", "sonic", "nvue", "junos", "linux", "eos"]), as: "new")
    #expect(
      try trees.removals().notes == [
        "spines/spine2 is gone: what it holds is not removed", "tors/t-1 ran another system: nothing to remove",
        "tors/t-5 replaces its table as a whole: nothing to remove",
        "tors/t-6 replaces its table as a whole: nothing to remove", "tors/t-7 is new: nothing to remove",
      ])
    #expect(try trees.removals("t-5").notes == ["tors/t-5 replaces its table as a whole: nothing to remove"])
    let error = #expect(throws: PublishError.self) { try trees.removals("t-9") }
    #expect(error?.exitStatus == 1 && error?.message == "'\(trees.path)/new' has no switch 't-9'")
  }

  @Test func treesOfTwoFabricsAreRefused() throws {
    let trees = try Trees()
    try trees.build(Change(), as: "old")
    try trees.build(Change(fabric: "lyon"), as: "new")
    let error = #expect(throws: PublishError.self) { try trees.removals() }
    #expect(error?.message.contains("is of the fabric 'paris'") ?? false)
  }

  @Test func aFolderOfSomeoneElseIsRefused() throws {
    let trees = try Trees()
    try trees.build(Change(), as: "new")
    let error = #expect(throws: PublishError.self) {
      try findRemovals(former: trees.path, present: "\(trees.path)/new", device: nil)
    }
    #expect(error?.message == "'\(trees.path)' was not written by romana-compile")
  }

  /// The command prints one device's text alone, or all with their paths, and keeps its notes apart.
  @Test func theCommandPrintsWhatIsFound() async throws {
    let trees = try Trees()
    try trees.build(Change(), as: "old")
    try trees.build(Change(hosts: ["h1"]), as: "new")
    func run(_ arguments: [String]) async throws -> (output: String, errors: String, isSuccess: Bool) {
      let result = try await Subprocess.run(
        .path(Repository.program), arguments: Arguments(["removals"] + arguments), output: .string(limit: 1 << 20),
        error: .string(limit: 1 << 20))
      return (result.standardOutput, result.standardError, result.terminationStatus.isSuccess)
    }
    let (old, new) = ("\(trees.path)/old", "\(trees.path)/new")
    let one = try await run([old, new, "--device", "t-1"])
    #expect(
      one.output == """
        ! romana-compile: fabric paris, tor t-1: former static routes
        no ipv6 route fd00:10:0:2::/64 fd00:16:1::5
        no ip route 10.0.4.0/23 172.16.1.5
        ! romana-compile: end of former static routes

        """)
    #expect(one.errors.isEmpty && one.isSuccess)
    let all = try await run([old, new])
    #expect(
      all.output.hasPrefix("==> tors/t-1/eos-remove.conf <==\n\(one.output)\n==> tors/t-2/nxos-remove.conf <==\n"))
    #expect(all.output.contains("\n==> tors/t-3/sonic-remove.json <==\n[\n  { \"op\""))
    #expect(all.output.contains("\n==> tors/t-4/nvue-remove.sh <==\n# romana"))
    #expect(!all.output.contains("spine") && all.errors.contains("note: tors/t-5 replaces its table as a whole"))
    let none = try await run([new, new])
    #expect(none.output.isEmpty && none.isSuccess)
    let wrong = try await run([old, new, "--device", "t-9"])
    #expect(!wrong.isSuccess && wrong.errors.hasPrefix("error: "))
  }

  /// A row that is gone cannot be seen in the table itself.
  @Test func tablesThatWereEditedAreRefused() throws {
    let trees = try Trees()
    try trees.build(Change(), as: "old")
    try trees.build(Change(drained: "h2"), as: "new")
    let path = "old/tors/t-1/static-routes.txt"
    let lines = try trees.text(path).lines
    try Repository.write(
      lines.filter { !$0.contains("host r1h2 pods6") }.map { $0 + "\n" }.joined(), to: FilePath("\(trees.path)/\(path)")
    )
    let error = #expect(throws: PublishError.self) { try trees.removals("t-1") }
    #expect(error?.message == "'\(trees.path)/\(path)' is not the file that MANIFEST.sha256 lists")
    #expect(try trees.removals("t-2").files.map(\.count) == [2])
  }

  /// The neutral table is believed only if it is as the compiler wrote it: every line counts.
  @Test func damagedTablesAreRefused() throws {
    let trees = try Trees()
    try trees.build(Change(), as: "old")
    let text = try trees.text("old/tors/t-1/static-routes.txt")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).dropLast()
    func read(_ lines: [String]) throws(NeutralTableError) -> NeutralTable {
      try NeutralTable(Array(lines.map { $0 + "\n" }.joined().utf8), role: .tor, device: "t-1")
    }
    #expect(try read(Array(lines)).routes.count == 20)
    for index in lines.indices {
      var twice = Array(lines)
      twice.insert(lines[index], at: index)
      #expect(throws: NeutralTableError.self, "\(lines[index])") { try read(twice) }
    }
    for (old, new) in [
      (" via ", " through "), ("10.0.0.0/16 ", "10.0.0.1/16 "), ("rack rack2 pods", "rock rack2 pods"),
      (" discard  -", " discard  172.31.0.1"), ("172.31.0.0 ", "172.31.0.00 "), ("tor t-1", "tor t-2"),
      ("host r1h1 pods\n", "host r1h1\n"), ("# PREFIX", "# PREFIXES"), ("fabric paris", "fabric pa/ris"),
      (" via      172.31.0.0 ", " via      fd00:31:: "), ("end of", "middle of"), ("host r1h1", "höst r1h1"),
    ] {
      let parts = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
      try #require(parts.count == 2, "\(old)")
      #expect(throws: NeutralTableError.self, "\(new)") {
        try NeutralTable(Array(parts.joined(separator: new).utf8), role: .tor, device: "t-1")
      }
    }
    for count in 0..<text.utf8.count {
      #expect(throws: NeutralTableError.self) {
        try NeutralTable(Array(text.utf8.prefix(count)), role: .tor, device: "t-1")
      }
    }
  }
}
