import Testing

@testable import TopologyModel

@Suite struct LockTests {
  @Test func `a lock file reads back as it was written`() throws {
    let (_, lock) = try compileCleanly(Fabric.sample.text)
    #expect(parseLockText(lock.renderedText()).lock == lock)
    var removed = Fabric.sample
    removed.regions[0].racks.removeLast()
    removed.tenants.removeLast()
    let (_, later) = try compileCleanly(removed.text, lock: lock)
    #expect(later.removedCount > 0)
    #expect(parseLockText(later.renderedText()).lock == later)
  }

  @Test func `with a lock the order of the input changes nothing`() throws {
    let (topology, lock) = try compileCleanly(Fabric.sample.text)
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<20 {
      let shuffled = try compileCleanly(Fabric.sample.shuffled(&generator).text, lock: lock)
      #expect(shuffled.lock == lock)
      #expect(describe(shuffled.topology) == describe(topology))
    }
  }

  @Test func `what was removed keeps its numbers, and gets them back`() throws {
    var fabric = Fabric.sample
    let (before, first) = try compileCleanly(fabric.text)
    let removed = fabric.regions[0].racks[0].hosts.remove(at: 0)
    fabric.regions[0].racks[0].hosts.append(.init(name: "h9"))
    let (changed, second) = try compileCleanly(fabric.text, lock: first)
    #expect(changed.hosts.first { $0.name.text == "h9" }?.id == 2)
    #expect(second[.hosts, "dc1/rack1/h1"]?.isRemoved == true)
    fabric.regions[0].racks[0].hosts.append(removed)
    let (back, third) = try compileCleanly(fabric.text, lock: second)
    #expect(back.hosts.first { $0.name.text == "h1" }?.id == before.hosts[0].id)
    #expect(back.hosts.first { $0.name.text == "h1" }?.asn == before.hosts[0].asn)
    #expect(third[.hosts, "dc1/rack1/h1"]?.isRemoved == false)
  }

  @Test func `pruning frees what was removed and nothing else`() throws {
    var fabric = Fabric.sample
    let (_, first) = try compileCleanly(fabric.text)
    fabric.regions[0].racks[0].hosts.removeFirst()
    var (_, lock) = try compileCleanly(fabric.text, lock: first)
    lock.prune()
    #expect(lock.removedCount == 0)
    #expect(try compileCleanly(fabric.text, lock: lock).lock == lock)
    fabric.regions[0].racks[0].hosts.append(.init(name: "h9"))
    let (topology, _) = try compileCleanly(fabric.text, lock: lock)
    #expect(topology.hosts.first { $0.name.text == "h9" }?.id == 0)
  }

  @Test func `an explicit id that differs from the lock is refused`() throws {
    let (_, lock) = try compileCleanly(Fabric.sample.text)
    let changes: [(String, (inout Fabric) -> Void)] = [
      ("region", { $0.regions[0].extra = "id: 1" }), ("rack", { $0.regions[0].racks[0].extra = "id: 5" }),
      ("host", { $0.regions[0].racks[0].hosts[0].extra = "id: 7" }),
      ("spine", { $0.regions[0].spines[0].extra = "id: 7" }),
      ("tor", { $0.regions[0].racks[0].torExtra = "id: 7" }), ("tenant", { $0.tenants[0].extra = "id: 5" }),
      ("segment", { $0.tenants[0].segments[0] = "{ name: web, id: 3 }" }),
    ]
    for (what, change) in changes {
      var fabric = Fabric.sample
      change(&fabric)
      #expect(compile(fabric.text, lock: lock).codes == [.wouldRenumber], "\(what)")
      let renumbered = try compileCleanly(fabric.text, lock: lock, mayRenumber: true).lock
      #expect(try compileCleanly(fabric.text, lock: renumbered).lock == renumbered, "\(what)")
    }
  }

  @Test func `an explicit id of something removed is refused, and taken with --renumber`() throws {
    var fabric = Fabric.sample
    var (_, lock) = try compileCleanly(fabric.text)
    fabric.regions[0].racks[0].hosts.removeFirst()
    (_, lock) = try compileCleanly(fabric.text, lock: lock)
    fabric.regions[0].racks[0].hosts.append(.init(name: "h9", extra: "id: 0"))
    #expect(compile(fabric.text, lock: lock).codes == [.idReserved])
    let (_, taken) = try compileCleanly(fabric.text, lock: lock, mayRenumber: true)
    #expect(try compileCleanly(fabric.text, lock: taken).lock == taken)
  }

  @Test func `links and AS numbers stay when devices come and go`() throws {
    var fabric = Fabric.sample
    let (before, lock) = try compileCleanly(fabric.text)
    fabric.regions[0].spines.insert(.init(name: "spine0", loopback: "192.0.2.200"), at: 0)
    fabric.regions[0].racks.insert(Fabric.rack(0, hosts: ["h0"]), at: 0)
    let (after, _) = try compileCleanly(fabric.text, lock: lock)
    for rack in before.racks {
      let now = try #require(after.racks.first { $0.name == rack.name })
      #expect(now.tors[0].asn == rack.tors[0].asn)
      #expect(now.tors[0].uplinks.prefix(rack.tors[0].uplinks.count) == rack.tors[0].uplinks[...])
    }
    #expect(after.regions[0].spines.allSatisfy { $0.asn == before.regions[0].spines[0].asn })
    for host in before.hosts { #expect(after.hosts.first { $0.name == host.name }?.asn == host.asn) }
  }

  @Test func `a device that stops to speak BGP keeps its AS number for later`() throws {
    var fabric = Fabric.sample
    let (before, first) = try compileCleanly(fabric.text)
    fabric.extra = "allow: [RC0506]\ndefaults: { protocol: static }\n"
    let (_, second) = try compileCleanly(fabric.text, lock: first)
    fabric.extra = ""
    let (after, third) = try compileCleanly(fabric.text, lock: second)
    #expect(third == first)
    #expect(describe(after) == describe(before))
  }

  @Test func `a family without a network keeps its links for later`() throws {
    var fabric = Fabric.sample
    fabric.regions[0].linkPool += "\n    link_pool6: \"fd00:31::/64\""
    for rack in 0...1 { fabric.regions[0].racks[rack].subnet += "\n        subnet6: \"fd00:16:\(rack)::/64\"" }
    let network = Fabric.Network(
      name: "pods6", cidr: "fd00:10::/32",
      bits: "region: 4, rack: 12, host: 16, tenant: 8, segment: 8, endpoint: 48")
    fabric.networks.append(network)
    let (_, first) = try compileCleanly(fabric.text)
    fabric.networks.removeLast()
    let (_, second) = try compileCleanly(fabric.text, lock: first)
    fabric.networks.append(network)
    #expect(try compileCleanly(fabric.text, lock: second).lock == first)
  }

  @Test func `the lock of another fabric is refused`() throws {
    var other = Fabric.sample
    other.name = "lyon"
    let (_, lock) = try compileCleanly(other.text)
    #expect(compile(Fabric.sample.text, lock: lock).codes == [.lockOfOtherFabric])
  }

  @Test func `every cut of a lock file is seen`() throws {
    let bytes = try compileCleanly(Fabric.sample.text).lock.renderedText()
    for count in 0..<bytes.count - 1 { #expect(parseLockText(Array(bytes.prefix(count))).lock == nil) }
  }

  @Test func `entries that two branches gave out twice are seen`() throws {
    let (_, lock) = try compileCleanly(Fabric.sample.text)
    let pairs: [(LockSection, String, String)] = [
      (.tenants, "acme", "qa"), (.segments, "acme/web", "acme/db"), (.racks, "dc1/rack1", "dc1/rack2"),
      (.hosts, "dc1/rack1/h1", "dc1/rack1/h2"), (.spines, "dc1/spine1", "dc1/spine2"),
      (.links, "tor1--spine1", "tor2--spine1"), (.prefixes, "lab:dc1/rack1", "lab:dc1/rack2"),
    ]
    for (section, first, second) in pairs {
      var merged = lock
      merged[section, second] = lock[section, first]
      let (parsed, printed) = parseLockText(merged.renderedText())
      #expect(parsed == nil, "\(section)")
      #expect(printed.contains("two entries have the same"), "\(section)")
    }
  }
}

/// Everything that a topology settles, in words, for comparisons; places in the source are left out.
func describe(_ topology: Topology) -> String {
  var lines = ["\(topology.fabric)", "underlay \(topology.underlay)"]
  for network in topology.networks { lines.append("\(network.name) \(network.prefix) \(network.layout)") }
  for tenant in topology.tenants {
    lines.append("\(tenant.name) \(tenant.id) \(tenant.networks) \(tenant.segments.map { "\($0.name) \($0.id)" })")
  }
  func switchText(_ device: Switch) -> String {
    "\(device.name) \(device.id) \(device.loopback) \(device.asn ?? 0) \(device.system)"
  }
  for region in topology.regions {
    lines.append(
      "\(region.name) \(region.id) \(region.routing) \(region.racks) \(region.networks) \(region.allocations)")
    lines += region.spines.map(switchText)
  }
  for rack in topology.racks {
    lines.append("\(rack.name) \(rack.id) \(rack.region) \(rack.tors[0].uplinks) \(rack.hosts) \(rack.allocations)")
    lines.append(switchText(rack.tors[0].device))
  }
  for host in topology.hosts {
    lines.append(
      "\(host.name) \(host.id) \(host.rack) \(host.index) \(host.asn ?? 0) \(host.isDrained) \(host.links) \(host.settings) \(host.endpoints)"
    )
  }
  return lines.joined(separator: "\n")
}
