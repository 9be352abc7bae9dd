import Testing
import TopologyModel
import Verification

/// What racks with two ToRs survive, by the files of all devices: packets between all hosts arrive.
@Suite struct DualHomingTests {
  @Test(arguments: [
    "dual-homed", "dual-homed, no spines", "dual-homed, one host a rack", "layer 2 pairs", "layer 2 pair, no spines",
  ])
  func everySingleFaultIsSurvived(_ name: String) throws {
    let fabric = try RoutingSamples.fabric(name)
    let devices = try fabric.readBack()
    for link in fabric.topology.listLinks() {
      let names = link.ends.map(\.name.text).joined(separator: "-")
      // On a segment it is the plugs of its gateways, one after the other.
      let losses =
        link.isSegment
        ? link.ends.filter { if case .tor = $0.place { true } else { false } }.map { Set($0.addresses) }
        : [Set(link.ends.flatMap(\.addresses))]
      for down in losses { expectDelivery(fabric, devices, down: down, without: nil, "\(name) without \(names)") }
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
    for (name, tor, pair, spread) in [
      ("dual-homed", "tor1", "tor2", ["tor1", "tor2"]), ("dual-homed", "tor3", "tor4", ["tor4"]),
      ("layer2-pair", "tor1", "tor2", ["tor1", "tor2"]),
    ] {
      let fabric = try RoutingSamples.fabric(name)
      let devices = try fabric.readBack()
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

  /// Of two ToRs on a segment the one that lost it does not attract what it can't deliver, whatever its hosts run.
  @Test func aToRWithoutItsSegmentAnnouncesNoAggregate() throws {
    let fabric = try RoutingSamples.fabric("layer2-pair")
    for (rack, network) in [(0, 0), (0, 1)] {
      let aggregate = try #require(fabric.topology.racks[rack].allocations[network]?.aggregate)
      let lost = try #require(
        fabric.topology.listLinks().filter(\.isSegment).flatMap(\.ends).first { $0.name.text == "tor1" })
      let devices = try fabric.readBack()
      let whole = RoutingModel(devices, owners: fabric.owners)
      let model = RoutingModel(devices, owners: fabric.owners, down: Set(lost.addresses))
      for spine in ["spine1", "spine2"] {
        #expect(whole.routes(of: spine)[aggregate] == .via(["tor1", "tor2"]))
        #expect(model.routes(of: spine)[aggregate] == .via(["tor2"]))
      }
    }
  }

  private func expectDelivery(
    _ fabric: Fabric, _ devices: [DeviceRouting], down: Set<Address>, without lost: Name?, _ what: String
  ) {
    let topology = fabric.topology
    let model = RoutingModel(devices, owners: fabric.owners, down: down)
    // Hosts with static routes do not notice.
    let seeing = topology.hosts.filter { $0.settings.speaker.capabilities.installsRoutes }
    let starts = seeing.map(\.name) + topology.regions[0].spines.map(\.name).filter { $0 != lost }
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
