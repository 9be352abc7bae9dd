import Testing
import TopologyModel
import Verification

/// What racks with two ToRs survive, by the files of all devices: packets between all hosts arrive.
@Suite struct DualHomingTests {
  @Test(arguments: ["dual-homed", "dual-homed, no spines", "dual-homed, one host a rack"])
  func everySingleFaultIsSurvived(_ name: String) throws {
    let fabric = try RoutingSamples.fabric(name)
    let devices = try fabric.readBack()
    for link in fabric.topology.listLinks() {
      let names = link.ends.map(\.name.text).joined(separator: "-")
      expectDelivery(
        fabric, devices, down: Set(link.ends.flatMap(\.addresses)), without: nil, "\(name) without \(names)")
    }
    let switches = fabric.topology.racks.flatMap { $0.tors.map(\.name) } + fabric.topology.regions[0].spines.map(\.name)
    for device in switches {
      expectDelivery(fabric, devices, down: fabric.links(of: device), without: device, "\(name) without \(device)")
    }
  }

  /// A ToR that lost the link of a host and has a link to its pair sends there what comes for the host; without that link
  /// it has no way, and drops it: the check above sees what it claims to see.
  @Test func theLinkOfAPairCarriesWhatAHostLinkCannot() throws {
    let fabric = try RoutingSamples.fabric("dual-homed")
    let devices = try fabric.readBack()
    let (tor1, tor2, h1) = (try #require(Name("tor1")), try #require(Name("tor2")), try #require(Name("h1")))
    let prefix = try #require(fabric.topology.prefix(ofHost: 0, inNetwork: 0))
    #expect(fabric.topology.hosts[0].name == h1)
    var down = fabric.links(of: tor1, and: h1)
    #expect(!down.isEmpty)
    let model = RoutingModel(devices, owners: fabric.owners, down: down)
    #expect(model.routes(of: "tor1")[prefix] == .via(["tor2"]) && model.routes(of: "tor2")[prefix] == .via(["h1"]))
    down.formUnion(fabric.links(of: tor1, and: tor2))
    let cut = RoutingModel(devices, owners: fabric.owners, down: down)
    #expect(cut.routes(of: "tor1")[prefix] == nil)
    #expect(cut.arrivals(from: "tor1", to: prefix.lastAddress) == [.discarded(at: "tor1")])
  }

  /// Without its uplinks a ToR reaches other racks over its pair; where there is no link it stops to attract their traffic.
  @Test func aToRWithoutUplinksIsNoTrap() throws {
    let fabric = try RoutingSamples.fabric("dual-homed")
    let devices = try fabric.readBack()
    for (tor, pair, spread) in [("tor1", "tor2", ["tor1", "tor2"]), ("tor3", "tor4", ["tor4"])] {
      let down = fabric.topology.regions[0].spines.reduce(into: Set<Address>()) {
        $0.formUnion(fabric.links(of: Name(tor)!, and: $1.name))
      }
      let model = RoutingModel(devices, owners: fabric.owners, down: down)
      let network = fabric.topology.networks[0].prefix
      let rack = try #require(fabric.topology.racks.first { $0.tors.contains { $0.name.text == tor } })
      for host in rack.hosts {
        #expect(model.routes(of: fabric.topology.hosts[host].name.text)[network] == .via(spread), "\(tor)")
      }
      let other = try #require(fabric.topology.racks.first { $0.name != rack.name }?.allocations[0]?.aggregate)
      #expect(model.routes(of: tor)[other] == (spread.contains(tor) ? .via([pair]) : nil))
      expectDelivery(fabric, devices, down: down, without: nil, "\(tor) without uplinks")
    }
  }

  private func expectDelivery(
    _ fabric: Fabric, _ devices: [DeviceRouting], down: Set<Address>, without lost: Name?, _ what: String
  ) {
    let topology = fabric.topology
    let model = RoutingModel(devices, owners: fabric.owners, down: down)
    let starts = topology.hosts.map(\.name) + topology.regions[0].spines.map(\.name).filter { $0 != lost }
    for start in starts {
      for host in topology.hosts.indices where !topology.hosts[host].isDrained {
        for network in topology.networks.indices {
          guard let prefix = topology.prefix(ofHost: host, inNetwork: network) else { continue }
          let arrivals = model.arrivals(from: start.text, to: prefix.lastAddress)
          #expect(arrivals == [.discarded(at: topology.hosts[host].name.text)], "\(what): \(start) to \(prefix)")
        }
      }
    }
  }
}
