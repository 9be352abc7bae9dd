import Testing

@testable import TopologyModel

/// Damaged input never traps, and is either compiled soundly or explained. The same seeds in every run; a longer
/// search needs only other numbers.
@Suite struct FuzzTests {
  private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/")

  /// Every example, and a topology that uses every key that compiles.
  private static let texts: [String] = {
    let paths = expandGlob("\(root)/examples/*/*.yaml") + expandGlob("\(root)/examples/*/*/*.yaml")
    return [everyKey] + paths.compactMap { try? readFile($0) }.map { String(decoding: $0, as: UTF8.self) }
  }()

  @Test func `the fixture compiles`() throws { _ = try compileCleanly(everyKey) }

  @Test(arguments: 0..<10) func `a damaged topology is compiled soundly or explained`(seed: UInt64) throws {
    for (index, text) in Self.texts.enumerated() {
      var mutator = Mutator(seed: seed * 100 + UInt64(index))
      for _ in 0..<12 {
        let damaged = mutator.mutate(text)
        let result = compile(damaged)
        guard let lock = result.lock else { continue }
        #expect(compile(damaged, lock: lock).lock == lock)
        #expect(parseLockText(lock.renderedText()).lock == lock)
        makePlans(try #require(result.topology))
      }
    }
  }

  @Test(arguments: 0..<10) func `a damaged lock is used soundly or explained`(seed: UInt64) throws {
    let lock = try compileCleanly(everyKey).lock
    let text = String(decoding: lock.renderedText(), as: UTF8.self)
    var mutator = Mutator(seed: 1000 + seed)
    for _ in 0..<40 {
      let (damaged, printed) = parseLockText(Array(mutator.mutate(text).utf8))
      guard let damaged else {
        #expect(printed.contains("RC0603"))
        continue
      }
      let topology = mutator.mutate(everyKey)
      for mayRenumber in [false, true] {
        for input in [everyKey, topology] {
          let result = compile(input, lock: damaged, mayRenumber: mayRenumber)
          if let now = result.lock { #expect(compile(input, lock: now).lock == now) }
        }
      }
    }
  }

  @Test(arguments: 0..<4) func `noise is explained`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let pieces = [
      "{", "}", "[", "]", ":", ",", "-", " ", "\n", "\t", "&a", "*a", "!", "|", ">", "'", "\"", "#", "?", "%", "<<",
      "romana: 1", "é",
    ]
    for _ in 0..<500 {
      let count = Int.random(in: 0...40, using: &generator)
      let text = (0..<count).map { _ in pieces.randomElement(using: &generator)! }.joined()
      _ = compile(text)
      _ = parseLockText(Array(text.utf8))
    }
  }

  @Test(arguments: 0..<4) func `bytes are explained`(seed: UInt64) {
    var generator = SeededGenerator(seed: 50 + seed)
    for _ in 0..<500 {
      let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      if encodingError(bytes, path: "noise") == nil {
        _ = compile(String(decoding: bytes, as: UTF8.self))
      }
    }
  }

  /// Plans are made of whatever compiles; they must not trap either.
  private func makePlans(_ topology: Topology) {
    let plan = NetworkPlan(topology)
    for device in plan.devices.prefix(20) { _ = plan.plan(device) }
    for family in AddressFamily.allCases { _ = plan.sharedChains(family) }
  }

  @Test(arguments: [
    "id: 65535", "id: 65536", "id: 0", "id: -1", "id: 9223372036854775807", "address: 0.0.0.0",
    "address: 255.255.255.255", "address6: \"::1\"", "address6: \"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\"",
    "asn: 4294967294", "mtu: 1280", "mtu: 65535", "endpoints: []", "interface: []", "state: active",
    "interface: [a, b]",
  ])
  func `extreme values of a host`(value: String) {
    var fabric = Fabric.sample
    fabric.regions[0].racks[0].hosts[0].extra = value
    _ = compile(fabric.text)
  }

  @Test(arguments: [
    "0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/31", "10.0.0.0/32", "128.0.0.0/1", "255.255.255.255/32", "::/0", "::/1",
    "fd00::/127", "fd00::/128", "8000::/1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
  ])
  func `extreme prefixes everywhere`(prefix: String) {
    let edits: [(inout Fabric) -> Void] = [
      { $0.networks[0].cidr = prefix }, { $0.networks[1].cidr = prefix },
      { $0.networks[1].extra = "exclude: [\"\(prefix)\"]" },
      { $0.regions[0].linkPool = "link_pool: \"\(prefix)\"" },
      { $0.regions[0].linkPool += "\n    link_pool6: \"\(prefix)\"" },
      { $0.regions[0].racks[0].subnet = "subnet: \"\(prefix)\"" },
      { $0.regions[0].racks[0].subnet += "\n        subnet6: \"\(prefix)\"" },
      { $0.regions[0].extra = "links: [{ between: [tor1, spine1], prefix: \"\(prefix)\" }]" },
    ]
    for edit in edits {
      var fabric = Fabric.sample
      edit(&fabric)
      _ = compile(fabric.text)
    }
  }

  @Test func `every combination of extreme widths`() {
    var fabric = Fabric.sample
    fabric.regions[0].linkPool += "\n    link_pool6: \"2001:db8:31::/64\""
    for rack in 0...1 { fabric.regions[0].racks[rack].subnet += "\n        subnet6: \"2001:db8:\(rack)::/64\"" }
    let cidrs = ["10.0.0.0/9", "10.0.0.0/28", "::/0", "fd00::/8", "fd00::/64", "fd00::/127"]
    for cidr in cidrs {
      for topology in [
        "", "region: 0, rack: 0, host: 0, ", "region: 32, rack: 32, host: 32, ", "region: 0, rack: 32, host: 0, ",
      ] {
        for (tenant, segment, endpoint) in [(1, 1, 2), (16, 16, 64), (16, 16, 24), (1, 16, 6), (16, 1, 2)] {
          fabric.networks = [
            .init(
              name: "n", cidr: cidr, bits: "\(topology)tenant: \(tenant), segment: \(segment), endpoint: \(endpoint)")
          ]
          if let topology = compile(fabric.text).topology { makePlans(topology) }
        }
      }
    }
  }

  @Test(arguments: [
    "networks: []", "tenants: []", "regions: []", "networks: []\ntenants: []\nregions: []\ninclude: []\nallow: []",
    "tenants: [{ name: t, segments: [] }]", "tenants: [{ name: t, networks: [], segments: [s] }]",
    "regions: [{ name: r }]", "regions: [{ name: r, racks: [] }]",
    "regions: [{ name: r, spines: [], racks: [], links: [] }]",
    "regions: [{ name: r, racks: [{ name: k, tors: [] }] }]",
    "regions: [{ name: r, racks: [{ name: k, tors: [{ name: t, loopback: 192.0.2.1 }], hosts: [] }] }]",
    "regions: [{ name: r, links: [{ between: [], prefix: 10.0.0.0/31 }] }]", "networks: [{}]", "regions: [{}]",
    "tenants: [[]]", "defaults: {}",
    "defaults: { firewall: {} }", "policies: [{}]", "policies: []",
    "services: [{ name: s, from: {}, to: { hosts: [] } }]",
    "interconnects: [{ name: i, gateways: {} }]",
    "regions: [{ name: r, kind: ec2, zones: [{ name: z, hosts: [{}] }] }]",
  ])
  func `empty parts`(part: String) {
    let result = compile("romana: 1\nfabric: paris\n\(part)\n")
    #expect(result.topology != nil || result.diagnostics.hasErrors)
    if let topology = result.topology { makePlans(topology) }
  }
}
