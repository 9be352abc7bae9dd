import Testing

@testable import TopologyModel

/// `renamed_from` keeps everything that the lock file has under the old name.
@Suite struct RenameTests {
  /// Renames one thing, once with `renamed_from` and once, later, without.
  private func check(
    _ rename: (inout Fabric, _ from: String) -> Void, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (before, lock) = try compileCleanly(Fabric.sample.text, sourceLocation: sourceLocation)
    var fabric = Fabric.sample
    rename(&fabric, "renamed_from: ")
    let (after, renamed) = try compileCleanly(fabric.text, lock: lock, sourceLocation: sourceLocation)
    #expect(numbers(after) == numbers(before), sourceLocation: sourceLocation)
    #expect(renamed.removedCount == 0, sourceLocation: sourceLocation)
    #expect(try compileCleanly(fabric.text, lock: renamed).lock == renamed, sourceLocation: sourceLocation)
    // The key may go once the lock file has the new name.
    let plain = fabric.text.replacing(/,? *renamed_from: \w+/, with: "")
    let (later, last) = try compileCleanly(plain, lock: renamed, sourceLocation: sourceLocation)
    #expect(numbers(later) == numbers(before), sourceLocation: sourceLocation)
    #expect(last == renamed, sourceLocation: sourceLocation)
  }

  /// Ids, prefixes, links and AS numbers without the names.
  private func numbers(_ topology: Topology) -> String {
    var lines: [String] = topology.tenants.map { "\($0.id) \($0.segments.map(\.id))" }
    for region in topology.regions {
      lines.append("\(region.id) \(region.allocations) \(region.spines.map { "\($0.id) \($0.asn ?? 0)" })")
    }
    for rack in topology.racks {
      lines.append(
        "\(rack.id) \(rack.tors[0].uplinks) \(rack.allocations) \(rack.tors[0].device.id) \(rack.tors[0].asn ?? 0)")
    }
    for host in topology.hosts { lines.append("\(host.id) \(host.asn ?? 0) \(host.links)") }
    return lines.joined(separator: "\n")
  }

  @Test func `a tenant`() throws {
    try check { fabric, from in
      fabric.tenants[1].name = "quality"
      fabric.tenants[1].extra = from + "qa"
    }
  }

  @Test func `a segment`() throws {
    try check { fabric, from in fabric.tenants[0].segments[1] = "{ name: database, \(from)db }" }
  }

  @Test func `a region`() throws {
    try check { fabric, from in
      fabric.regions[0].name = "paris1"
      fabric.regions[0].extra = from + "dc1"
    }
  }

  @Test func `a spine`() throws {
    try check { fabric, from in
      fabric.regions[0].spines[1].name = "core2"
      fabric.regions[0].spines[1].extra = from + "spine2"
    }
  }

  @Test func `a rack`() throws {
    try check { fabric, from in
      fabric.regions[0].racks[1].name = "cage2"
      fabric.regions[0].racks[1].extra = from + "rack2"
    }
  }

  @Test func `a ToR`() throws {
    try check { fabric, from in
      fabric.regions[0].racks[1].tor = "leaf2"
      fabric.regions[0].racks[1].torExtra = from + "tor2"
    }
  }

  @Test func `a host`() throws {
    try check { fabric, from in
      fabric.regions[0].racks[1].hosts[1] = .init(name: "web4", extra: from + "h4")
    }
  }

  @Test func `a network`() throws {
    try check { fabric, from in
      fabric.networks[1].name = "labs"
      fabric.networks[1].extra += ", \(from)lab"
    }
  }

  @Test func `everything at once`() throws {
    try check { fabric, from in
      fabric.tenants[1].name = "quality"
      fabric.tenants[1].extra = from + "qa"
      fabric.networks[1].name = "labs"
      fabric.networks[1].extra += ", \(from)lab"
      fabric.regions[0].name = "paris1"
      fabric.regions[0].extra = from + "dc1"
      fabric.regions[0].racks[1].name = "cage2"
      fabric.regions[0].racks[1].extra = from + "rack2"
      fabric.regions[0].racks[1].tor = "leaf2"
      fabric.regions[0].racks[1].torExtra = from + "tor2"
      fabric.regions[0].racks[1].hosts[1] = .init(name: "web4", extra: from + "h4")
      fabric.regions[0].spines[0].name = "core1"
      fabric.regions[0].spines[0].extra = from + "spine1"
    }
  }

  @Test func `removed things stay reserved when what they stood in is renamed`() throws {
    var fabric = Fabric.sample
    var (_, lock) = try compileCleanly(fabric.text)
    fabric.regions[0].racks[0].hosts.removeFirst()
    fabric.regions[0].racks.removeLast()
    (_, lock) = try compileCleanly(fabric.text, lock: lock)
    fabric.regions[0].name = "paris1"
    fabric.regions[0].extra = "renamed_from: dc1"
    (_, lock) = try compileCleanly(fabric.text, lock: lock)
    fabric.regions[0].extra = ""
    fabric.regions[0].racks[0].hosts.append(.init(name: "h9"))
    fabric.regions[0].racks.append(Fabric.rack(9, hosts: ["h10"]))
    let (topology, _) = try compileCleanly(fabric.text, lock: lock)
    #expect(topology.racks.map(\.id) == [0, 2])
    #expect(topology.hosts.map(\.id) == [1, 2, 0])
    #expect(topology.racks.map { $0.allocations[1]?.aggregate } == [prefix("10.128.0.0/15"), prefix("10.132.0.0/15")])
    #expect(topology.prefix(ofHost: 1, inNetwork: 1) == prefix("10.128.64.0/19"))
  }

  @Test func `a name that is still in use is no former name`() {
    var fabric = Fabric.sample
    fabric.regions[0].racks[0].hosts[1].extra = "renamed_from: h1"
    #expect(compile(fabric.text).codes == [.renamedFromExists])
  }
}
