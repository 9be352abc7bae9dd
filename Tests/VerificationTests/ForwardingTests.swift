import Testing
import TopologyModel
import Verification

/// The routing of whole fabrics, read back from the files: who knows which routes, and where packets go.
@Suite struct ForwardingTests {
  @Test(arguments: RoutingSamples.names + RoutingSamples.segments)
  func bothEndsOfEverySessionAgree(_ name: String) throws {
    #expect(try RoutingSamples.fabric(name).routing().findings == [])
  }

  /// A spine has one route a rack and network; a ToR one for each host and, over every spine, one for each other rack; a
  /// host one for each network.
  @Test(arguments: RoutingSamples.names)
  func devicesHaveTheRoutesOfTheirPlace(_ name: String) throws {
    let fabric = try RoutingSamples.fabric(name)
    let topology = fabric.topology
    let model = try fabric.routing()
    for (index, rack) in topology.racks.enumerated() {
      let region = topology.regions[rack.region]
      let own = rack.tors.map(\.name.text)
      for network in region.networks {
        guard let aggregate = rack.allocations[network]?.aggregate else { continue }
        for other in region.racks where other != index {
          for tor in topology.racks[other].tors {
            let theirs = model.routes(of: tor.name.text)[aggregate]
            #expect(theirs == .via(region.spines.map(\.name.text).sorted()), "\(aggregate) in another rack")
          }
        }
        for spine in region.spines {
          #expect(model.routes(of: spine.name.text)[aggregate] == .via(own.sorted()))
        }
        for host in rack.hosts {
          for prefix in topology.prefixes(ofHost: host, inNetwork: network) {
            let known = topology.hosts[host].isDrained ? nil : RoutingModel.Use.via([topology.hosts[host].name.text])
            if prefix != aggregate {
              for tor in own {
                #expect(model.routes(of: tor)[prefix] == known, "\(prefix) of \(topology.hosts[host].name)")
              }
            }
            let routes = model.routes(of: topology.hosts[host].name.text)
            #expect(routes[prefix] == .discard)
            let whole = topology.networks[network].prefix
            if prefix != whole { #expect(routes[whole] == .via(own.sorted())) }
          }
        }
      }
      for tor in own {
        let routes = model.routes(of: tor)
        #expect(routes.count == routeCount(topology, index), "\(tor): \(routes.keys.sorted())")
      }
    }
    for region in topology.regions {
      var prefixes = Set(region.racks.flatMap { topology.racks[$0].allocations.compactMap { $0?.aggregate } })
      if region.carriesDefault { prefixes.formUnion(region.allocations.compactMap { $0?.prefix }) }
      // Where ToRs tell each other over the spines, those hold the hosts of the rack and the networks.
      for rack in region.racks where topology.racks[rack].pair == .spines {
        for network in region.networks {
          prefixes.insert(topology.networks[network].prefix)
          prefixes.formUnion(
            topology.racks[rack].hosts.filter { !topology.hosts[$0].isDrained }
              .flatMap { topology.prefixes(ofHost: $0, inNetwork: network) })
        }
      }
      for spine in region.spines { #expect(Set(model.routes(of: spine.name.text).keys) == prefixes) }
    }
  }

  /// Hosts of a segment have each other as next hops. Where routers lead out of it, they have every host for its prefix,
  /// and the hosts have them for the networks and the other segments.
  @Test(arguments: ["layer2-access", "layer2-pair"] + RoutingSamples.segments)
  func hostsOfASegmentReachEachOtherDirectly(_ name: String) throws {
    let fabric = try RoutingSamples.fabric(name)
    let topology = fabric.topology
    let model = try fabric.routing()
    for host in topology.hosts.indices where topology.rack(ofHost: host).access == .l2 {
      let (device, rack) = (topology.hosts[host], topology.rack(ofHost: host))
      let region = topology.regions[rack.region]
      let gateways = topology.gateways(ofHost: host).map(\.device.name.text).sorted()
      let routes = model.routes(of: device.name.text)
      for network in region.networks {
        let prefix = try #require(topology.prefix(ofHost: host, inNetwork: network))
        let known = device.isDrained ? nil : RoutingModel.Use.via([device.name.text])
        let neighbors = region.racks.map { topology.racks[$0] }.filter {
          $0.hosts == rack.hosts || rack.tors.isEmpty && ($0.subnet, $0.subnet6) == (rack.subnet, rack.subnet6)
        }
        for neighbor in neighbors.flatMap(\.hosts) where neighbor != host {
          #expect(model.routes(of: topology.hosts[neighbor].name.text)[prefix] == known, "\(prefix) on the segment")
        }
        for gateway in gateways { #expect(model.routes(of: gateway)[prefix] == known, "\(prefix) on \(gateway)") }
        let whole = topology.networks[network].prefix
        #expect(routes[whole] == (gateways.isEmpty ? .discard : .via(gateways)))
        for other in region.racks where rack.tors.isEmpty && other != device.rack && device.settings.routing == .bgp {
          #expect(try routes[#require(topology.racks[other].allocations[network]).aggregate] == .via(gateways))
        }
      }
    }
  }

  /// How many prefixes a ToR knows: its hosts', the racks', the networks', and a default only if it is static.
  private func routeCount(_ topology: Topology, _ index: Int) -> Int {
    let rack = topology.racks[index]
    let region = topology.regions[rack.region]
    var prefixes: Set<Prefix> = []
    for network in region.networks {
      prefixes.insert(topology.networks[network].prefix)
      for other in region.racks {
        if let own = topology.racks[other].allocations[network] { prefixes.insert(own.aggregate) }
      }
      for host in rack.hosts where !topology.hosts[host].isDrained {
        prefixes.formUnion(topology.prefixes(ofHost: host, inNetwork: network))
      }
    }
    let families = Set(region.networks.map { topology.networks[$0].family })
    return prefixes.count + (region.carriesDefault && region.routing == .static ? families.count : 0)
  }

  /// Packets to a host's prefix end at that host, from wherever they start; all others in a network are dropped within the
  /// fabric, and none goes round in circles.
  @Test(arguments: RoutingSamples.names + RoutingSamples.segments + ["ospf", "ospf-speakers"])
  func packetsEndWhereTheyShould(_ name: String) throws {
    let fabric = try RoutingSamples.fabric(name)
    let topology = fabric.topology
    let model = try fabric.routing()
    let hosts = topology.hosts.indices.filter { $0 % max(1, topology.hosts.count / 8) == 0 }
    let starts =
      hosts.map { topology.hosts[$0].name.text } + fabric.plan.devices.filter { $0.role != .host }.map(\.name.text)
    for start in starts {
      let startRegion = try #require(region(of: start, topology))
      for host in hosts where topology.racks[topology.hosts[host].rack].region == startRegion {
        for network in topology.regions[startRegion].networks {
          let target = topology.hosts[host].name.text
          for prefix in topology.prefixes(ofHost: host, inNetwork: network) {
            let arrivals = model.arrivals(from: start, to: prefix.lastAddress)
            if topology.hosts[host].isDrained, start != target {
              #expect(arrivals.allSatisfy { if case .discarded = $0 { true } else { false } }, "\(start) \(prefix)")
            } else {
              #expect(arrivals == [.discarded(at: target)], "\(start) to \(prefix) of \(target)")
            }
          }
        }
      }
      for network in topology.regions[startRegion].networks {
        // The last address of a network belongs to no host, unless every prefix is given away.
        let last = topology.networks[network].prefix.lastAddress
        let isFree = !topology.hosts.indices.contains {
          topology.prefixes(ofHost: $0, inNetwork: network).contains { $0.contains(last) }
        }
        let arrivals = model.arrivals(from: start, to: last)
        if isFree { #expect(arrivals.allSatisfy { isEnd($0) }, "\(start) to \(last): \(arrivals)") }
      }
      for family in AddressFamily.allCases {
        let outside = Address(family, family == .ipv4 ? 0xc633_6409 : UInt128(0x2001_0db8) << 96 | 9)
        #expect(!model.arrivals(from: start, to: outside).contains { if case .loop = $0 { true } else { false } })
      }
    }
  }

  /// What OSPF brings: a ToR has its hosts over their links and other racks over every spine, a spine each rack over its ToR.
  @Test(arguments: ["ospf", "ospf-speakers"])
  func ospfBringsTheRoutesOfRacks(_ name: String) throws {
    let fabric = try RoutingSamples.fabric(name)
    let topology = fabric.topology
    let model = try fabric.routing()
    var count = 0
    for (index, rack) in topology.racks.enumerated() {
      let region = topology.regions[rack.region]
      for network in region.networks {
        guard let aggregate = rack.allocations[network]?.aggregate, let tor = rack.tors.first?.name.text else {
          continue
        }
        for spine in region.spines {
          #expect(model.routes(of: spine.name.text)[aggregate] == .via([tor]), "\(aggregate) on \(spine.name)")
        }
        for other in region.racks where other != index {
          let theirs = try #require(topology.racks[other].tors.first?.name.text)
          #expect(model.routes(of: theirs)[aggregate] == .via(region.spines.map(\.name.text).sorted()))
          count += 1
        }
        for host in rack.hosts {
          for prefix in topology.prefixes(ofHost: host, inNetwork: network) {
            let name = topology.hosts[host].name.text
            #expect(
              model.routes(of: tor)[prefix] == (topology.hosts[host].isDrained ? nil : .via([name])),
              "\(prefix) of \(name)")
          }
        }
      }
    }
    #expect(count > 0)
    // A default route of one spine reaches the ToRs.
    let with = try fabric.routing(upstream: ["spine1": AddressFamily.allCases.map { .everything($0) }])
    #expect(with.routes(of: "tor1")[.everything(.ipv4)] == .via(["spine1"]))
    #expect(model.routes(of: "tor1")[.everything(.ipv4)] == nil)
  }

  private func isEnd(_ arrival: Arrival) -> Bool {
    switch arrival {
    case .discarded, .unreachable: true
    case .delivered, .loop: false
    }
  }

  private func region(of name: String, _ topology: Topology) -> Int? {
    if let host = topology.hosts.first(where: { $0.name.text == name }) { return topology.racks[host.rack].region }
    if let rack = topology.racks.first(where: { $0.tors.contains { $0.name.text == name } }) { return rack.region }
    return topology.regions.firstIndex { $0.spines.contains { $0.name.text == name } }
  }

  /// A default route reaches the hosts that want it, by way of the spines that have one, and only while they have it.
  @Test func defaultRouteComesFromUpstreamOnly() throws {
    let fabric = try Fabric(example: "dual-stack")
    let everything = AddressFamily.allCases.map { Prefix.everything($0) }
    for (upstream, spines) in [([:], []), (["spine1": everything], ["spine1"])] as [([String: [Prefix]], [String])] {
      let model = try fabric.routing(upstream: upstream)
      for device in fabric.devices where device.role != .spine {
        for prefix in everything {
          let expected =
            device.role == .host ? ["tor\(device.name.text == "h1" || device.name.text == "h2" ? 1 : 2)"] : spines
          #expect(
            model.routes(of: device.name.text)[prefix] == (spines.isEmpty ? nil : .via(expected)), "\(device.name)")
        }
      }
    }
  }
}
