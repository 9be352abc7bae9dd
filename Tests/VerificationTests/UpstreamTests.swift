import Testing
import TopologyModel
@testable import Verification

/// Upstreams, by the files of the fabric and those of the other ends: who knows which routes.
@Suite struct UpstreamTests {
  private let everything = AddressFamily.allCases.map { Prefix.everything($0) }

  /// A default of the outside reaches the hosts by way of the devices whose upstream has it, and nobody has one without.
  @Test func aDefaultIsThereWhileAnUpstreamHasOne() throws {
    let fabric = try Fabric(example: "upstreams")
    for (having, spines) in [
      (["isp1", "isp2"], ["spine1", "spine2"]), (["isp1"], ["spine1"]), (["isp2"], ["spine2"]), ([], []),
    ] {
      let model = try fabric.routing(upstream: Dictionary(uniqueKeysWithValues: having.map { ($0, everything) }))
      #expect(model.findings == [])
      for prefix in everything {
        for tor in ["tor1", "tor2", "tor3"] {
          // A ToR of a pair whose spines have none asks the other.
          #expect(model.routes(of: tor)[prefix] == (spines.isEmpty ? nil : .via(spines)), "\(tor) with \(having)")
        }
        #expect(model.routes(of: "h1")[prefix] == (spines.isEmpty ? nil : .via(["tor1"])))
        for spine in ["spine1", "spine2"] {
          let own = spine == "spine1" ? "isp1" : "isp2"
          #expect(model.routes(of: spine)[prefix] == (having.contains(own) ? .via([own]) : nil), "\(spine)")
        }
        // In another region nothing changes.
        #expect(model.routes(of: "h3")[prefix] == nil)
      }
    }
  }

  /// An upstream is told the aggregates of racks and nothing else.
  @Test func anUpstreamIsToldExactlyTheAggregates() throws {
    let fabric = try Fabric(example: "upstreams")
    let (topology, model) = (fabric.topology, try fabric.routing(upstream: ["isp1": everything]))
    for (upstream, border) in [("isp1", "spine1"), ("isp2", "spine2"), ("core1", "router1"), ("core2", "router2")] {
      let region = topology.regions[upstream.hasPrefix("isp") ? 0 : 1]
      // Several ways lead into each, so that the racks come one by one.
      let expected = topology.racks[region.racks].flatMap { $0.allocations.compactMap { $0?.aggregate } }
      let told = model.routes(of: upstream).filter { $0.value == .via([border]) }.map(\.key)
      #expect(Set(told) == Set(expected), "\(upstream)")
      for prefix in told { #expect(model.routes(of: border)[prefix] != nil) }
    }
  }

  /// A spine that reaches no rack any more, and a router that lost a segment, attract nothing from outside.
  @Test func whatIsNotReachedIsNotAnnounced() throws {
    let fabric = try Fabric(example: "upstreams")
    let (topology, devices) = (fabric.topology, try fabric.readBack())
    let spine = try #require(Name("spine1"))
    var down: Set<Address> = []
    for tor in ["tor1", "tor2", "tor3"] { down.formUnion(fabric.links(of: spine, and: Name(tor)!)) }
    let isolated = RoutingModel(devices, owners: fabric.owners, down: down)
    for rack in topology.racks[topology.regions[0].racks] {
      let aggregate = try #require(rack.allocations[0]?.aggregate)
      #expect(isolated.routes(of: "isp1")[aggregate] == nil)
      #expect(isolated.routes(of: "isp2")[aggregate] == .via(["spine2"]))
    }
    let segment = try #require(
      topology.listLinks().first { link in link.isSegment && link.ends.contains { $0.name.text == "h4" } })
    let plug = try #require(segment.ends.first { $0.name.text == "router1" })
    let model = RoutingModel(devices, owners: fabric.owners, down: Set(plug.addresses))
    let racks = topology.racks[topology.regions[1].racks].compactMap { $0.allocations[0]?.aggregate }
    #expect(model.routes(of: "core1")[racks[0]] == .via(["router1"]))
    #expect(model.routes(of: "core1")[racks[1]] == nil)
    #expect(model.routes(of: "core2")[racks[1]] == .via(["router2"]))
  }

  /// With one way in the region's aggregate is enough, while the spine reaches a rack.
  @Test func oneSpineAnnouncesTheRegion() throws {
    let fabric = try RoutingSamples.fabric("upstream at one spine")
    let region = try #require(fabric.topology.regions[0].allocations[0]?.prefix)
    let devices = try fabric.readBack()
    let whole = RoutingModel(devices, owners: fabric.owners)
    #expect(whole.findings == [])
    #expect(whole.routes(of: "isp1").filter { $0.value == .via(["spine1"]) }.map(\.key) == [region])
    var down = fabric.links(of: Name("spine1")!, and: Name("tor1")!)
    #expect(RoutingModel(devices, owners: fabric.owners, down: down).routes(of: "isp1")[region] == .via(["spine1"]))
    down.formUnion(fabric.links(of: Name("spine1")!, and: Name("tor2")!))
    #expect(RoutingModel(devices, owners: fabric.owners, down: down).routes(of: "isp1")[region] == nil)
  }

  /// One that announces what is the fabric's own changes no table: neither networks nor parts, nor links, nor what nobody listed.
  @Test func aRogueIsNotBelieved() throws {
    let fabric = try Fabric(example: "upstreams")
    let topology = fabric.topology
    let honest = RoutingModel(try fabric.readBack(), owners: fabric.owners)
    var devices = try fabric.readBack()
    let lies =
      topology.networks.flatMap { [$0.prefix, $0.prefix.child(1, length: $0.prefix.length + 1)] }
      + topology.hosts.indices.flatMap { host in
        topology.networks.indices.compactMap { topology.prefix(ofHost: host, inNetwork: $0) }
          .flatMap { [$0, $0.child(0, length: $0.length + 1)] }
      }
      + topology.underlay
      + [
        Prefix(containing: Address(.ipv4, 0x0909_0900), length: 24),
        // Private, inside the range of isp2.
        Prefix(containing: Address(.ipv4, 0xc0a8_0100), length: 24),
        // Longer than its range allows.
        Prefix(containing: Address(.ipv4, 0xc0a0_0100), length: 25),
      ]
    for index in devices.indices where ["isp1", "isp2", "core1", "core2"].contains(devices[index].name) {
      devices[index].speaker?.origins += lies
      devices[index].speaker?.checksOrigins = false
      for session in devices[index].speaker?.sessions.indices ?? 0..<0 {
        devices[index].speaker?.sessions[session].exportFilter = everything.map {
          ReadFilterEntry(permits: true, $0, 0...$0.family.bitWidth)
        }
      }
    }
    let model = RoutingModel(devices, owners: fabric.owners)
    for device in fabric.devices {
      // The liars no longer check whether they have a default; that they may tell.
      let routes = model.routes(of: device.name.text).filter { $0.key.length > 0 }
      #expect(routes == honest.routes(of: device.name.text).filter { $0.key.length > 0 }, "\(device.name)")
    }
    // The lies were told.
    let accepted = Prefix(containing: Address(.ipv4, 0xc0a0_0000), length: 12)
    #expect(model.routes(of: "spine2")[accepted] == .via(["isp2"]))
  }

  /// An upstream without BGP is the default while it is usable, and hosts hear of it.
  @Test func anUpstreamWithoutBGPIsTheDefault() throws {
    let fabric = try Fabric(example: "upstreams")
    let model = try fabric.routing()
    for prefix in everything {
      #expect(model.routes(of: "tor4")[prefix] == .via(["gateway"]))
      #expect(model.routes(of: "h5")[prefix] == .via(["tor4"]))
    }
    let region = try #require(fabric.topology.regions[2].allocations[0]?.prefix)
    #expect(model.routes(of: "gateway")[region] == .via(["tor4"]))
  }

  /// Two ToRs on a segment without spines, each with an upstream: either is a reserve for the other.
  @Test func twoToRsShareTheirUpstreams() throws {
    let fabric = try RoutingSamples.fabric("layer 2 pair, upstreams")
    let default4 = Prefix.everything(.ipv4)
    let both = try fabric.routing(upstream: ["isp1": everything, "isp2": everything])
    #expect(both.findings == [])
    #expect(both.routes(of: "tor1")[default4] == .via(["isp1"]) && both.routes(of: "tor2")[default4] == .via(["isp2"]))
    #expect(both.routes(of: "h1")[default4] == .via(["tor1", "tor2"]))
    let one = try fabric.routing(upstream: ["isp2": everything])
    #expect(one.routes(of: "tor1")[default4] == .via(["tor2"]) && one.routes(of: "tor2")[default4] == .via(["isp2"]))
    // The shorter way.
    #expect(one.routes(of: "h1")[default4] == .via(["tor2"]))
    #expect(try fabric.routing().routes(of: "h1")[default4] == nil)
  }

  /// Where racks are not known by BGP the aggregates come from routes that the spine has anyway.
  @Test(arguments: ["static", "ospf"]) func otherProtocolsBelowAreAnnouncedToo(_ protocolName: String) throws {
    let fabric = try RoutingSamples.fabric("upstream over \(protocolName)")
    let plan = fabric.plan.plan(try #require(fabric.plan.device(named: "spine1")))
    let bgp = try #require(plan.bgp)
    #expect(bgp.sessions.map(\.neighbor.text) == ["isp1"])
    let aggregates = fabric.topology.racks.compactMap { $0.allocations[0]?.aggregate }
    for aggregate in aggregates {
      #expect(bgp.originated.contains { $0.prefix == aggregate && $0.onlyWhilePresent })
    }
    #expect(bgp.originated.contains { $0.isSummary && $0.prefix == fabric.topology.regions[0].allocations[0]?.prefix })
    // The default is not hidden by one of its own.
    #expect(!bgp.originated.contains { $0.prefix.length == 0 })
  }
}
