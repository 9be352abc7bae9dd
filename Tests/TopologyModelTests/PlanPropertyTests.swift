import Testing

@testable import TopologyModel

/// What holds for the plans of every fabric: both ends of a session agree, and no route is missing or twice.
@Suite struct PlanPropertyTests {
  /// Fabrics of all protocols, from a seed.
  private func fabrics(_ seed: UInt64, count: Int) -> [Topology] {
    var generator = SeededGenerator(seed: seed)
    var found: [Topology] = []
    while found.count < count {
      var fabric = Fabric.random(&generator)
      let protocols = ["", "protocol: static", "protocol: bgp, default_route: own", "default_route: own"]
      fabric.extra = "allow: [RC0506]\ndefaults: { \(protocols[found.count / 2 % protocols.count]) }\n"
      for region in fabric.regions.indices {
        for rack in fabric.regions[region].racks.indices where Int.random(in: 0..<3, using: &generator) == 0 {
          fabric.regions[region].racks[rack].extra =
            [
              "protocol: static", "protocol: bgp", "default_route: own", "speaker: exabgp", "speaker: bird1",
              "speaker: frr, bfd: off", "speaker: quagga", "bgp_role: off", "bfd: required",
            ].randomElement(using: &generator)!
        }
      }
      // Every other one has racks with two ToRs; among the rest all protocols have their turn.
      if found.count % 2 == 1 {
        fabric.makeDualHomed(&generator)
      } else {
        for region in fabric.regions.indices { addSegments(&fabric.regions[region], &generator) }
      }
      if let topology = compile(fabric.text).topology, !topology.hosts.isEmpty { found.append(topology) }
    }
    let protocols = Set(found.flatMap(\.hosts).map(\.settings.routing))
    let pairs = Set(found.flatMap(\.racks).map { $0.pair.map { $0 == .spines } })
    #expect(pairs.contains(nil) && pairs.count > 1)
    #expect(protocols == [.bgp, .static] && found.map(\.hosts.count).reduce(0, +) > 4 * count)
    return found
  }

  /// Hosts that share a segment: under the ToR of some racks, on the spines, or with nothing else.
  private func addSegments(_ region: inout Fabric.Region, _ generator: inout SeededGenerator) {
    let kind = Int.random(in: 0..<8, using: &generator)
    guard kind < 4 else { return }
    for rack in region.racks.indices where kind < 2 || Bool.random(using: &generator) {
      region.racks[rack].extra += (region.racks[rack].extra.isEmpty ? "" : "\n        ") + "access: l2"
      if kind < 2 { region.racks[rack].tor = "" }
    }
    if kind == 0 {
      region.spines = []
      region.racks = Array(region.racks.prefix(1))
      for rack in region.racks.indices {
        region.racks[rack].extra = "access: l2\n        protocol: static\n        default_route: none"
      }
    }
  }

  @Test func `fabrics have racks of every access`() {
    let found = (0..<6).flatMap { fabrics(500 + $0, count: 15) }
    let racks = found.flatMap { fabric in fabric.racks.filter { $0.hosts.count > 1 }.map { (fabric, $0) } }
    #expect(racks.contains { $1.access == .l2 && !$1.tors.isEmpty })
    #expect(racks.contains { $1.access == .l2 && $1.tors.isEmpty && $0.regions[$1.region].spines.isEmpty })
    #expect(racks.contains { $1.access == .l2 && $1.tors.isEmpty && $0.regions[$1.region].spines.count > 1 })
  }

  @Test(arguments: 0..<6) func `both ends of every session agree`(seed: UInt64) throws {
    for topology in fabrics(300 + seed, count: 15) {
      let plans = allPlans(topology)
      for (name, plan) in plans {
        for session in plan.bgp?.sessions ?? [] {
          let other = try #require(plans[session.neighbor]?.bgp)
          let mirrored = try #require(
            other.sessions.first { $0.neighbor == name && $0.family == session.family },
            "\(name) to \(session.neighbor)")
          #expect(mirrored.localAddress == session.neighborAddress && mirrored.neighborAddress == session.localAddress)
          #expect(session.neighborASN == other.asn && session.neighborASN != plan.bgp?.asn)
          #expect(mirrored.localRole != session.localRole || (mirrored.localRole == nil && session.localRole == nil))
          #expect((mirrored.localRole == nil) == (session.localRole == nil) && mirrored.bfd == session.bfd)
          #expect(mirrored.neighborRole == plan.role)
          // What one end announces of exact prefixes, the other believes.
          let announced = plan.bgp!.filters[session.exportFilter]
          let believed = other.filters[mirrored.importFilter]
          for entry in announced.entries where entry.isExact && entry.permits {
            #expect(believes(believed, entry.prefix) || ownsExactly(plans[session.neighbor]!, entry.prefix))
          }
        }
      }
    }
  }

  @Test(arguments: 0..<6) func `a device has one route for a prefix, and its next hops are its neighbours`(seed: UInt64)
  {
    for topology in fabrics(400 + seed, count: 15) {
      let links = linkAddresses(topology)
      for (name, plan) in allPlans(topology) {
        #expect(Set(plan.routes.map(\.prefix)).count == plan.routes.count)
        #expect(plan.routes.map(\.prefix) == plan.routes.map(\.prefix).sorted())
        for route in plan.routes {
          guard case .gateways(let hops) = route.target else { continue }
          #expect(!hops.isEmpty && hops.allSatisfy { $0.address.family == route.prefix.family })
          for hop in hops { #expect(links[name]?.contains(Link(neighbor: hop.device, address: hop.address)) == true) }
        }
        #expect(Set(plan.bgp?.filters.map { "\($0.name) \($0.family)" } ?? []).count == plan.bgp?.filters.count ?? 0)
      }
    }
  }

  @Test(arguments: 0..<6) func `every prefix has a way to it, and a discard route where it ends`(seed: UInt64) throws {
    for topology in fabrics(500 + seed, count: 15) {
      let plans = allPlans(topology)
      for index in topology.hosts.indices {
        let host = topology.hosts[index]
        let plan = try #require(plans[host.name])
        let gateways = try topology.gateways(ofHost: index).map { try #require(plans[$0.device.name]) }
        let rack = topology.rack(ofHost: index)
        let neighbors = rack.access == .l2 ? topology.hosts[rack.hosts].filter { $0.name != host.name } : []
        for own in ownPrefixes(topology, index).map(\.prefix) {
          #expect(plan.routes.contains { $0.prefix == own && $0.target == .discard })
          #expect(plan.gateway?.addresses.contains { own.contains($0) } == true)
          for gateway in gateways {
            #expect(reaches(gateway, own, host.name) == !host.isDrained, "\(host.name) \(own)")
          }
          for neighbor in neighbors {
            let plan = try #require(plans[neighbor.name])
            #expect(reaches(plan, own, host.name) == !host.isDrained, "\(neighbor.name) to \(host.name)")
          }
        }
      }
      for rack in topology.racks {
        let region = topology.regions[rack.region]
        let ends = try (rack.tors.map(\.name) + (rack.tors.isEmpty ? region.spines.map(\.name) : [])).map {
          try #require(plans[$0])
        }
        for aggregate in rack.allocations.compactMap({ $0?.aggregate }) {
          for end in ends {
            #expect(end.routes.contains { $0.prefix == aggregate } || hostHas(topology, rack, aggregate))
          }
          for other in topology.racks[region.racks] where other.name != rack.name && !other.tors.isEmpty {
            for tor in other.tors {
              let remote = try #require(plans[tor.name])
              #expect(reachesRack(remote, aggregate, topology.regions[rack.region]), "\(tor.name) to \(rack.name)")
            }
          }
        }
      }
    }
  }

  @Test func `the filter's chains have lawful names, and jumps lead to them`() {
    for topology in fabrics(600, count: 20) {
      let plan = NetworkPlan(topology)
      for device in plan.devices {
        guard let firewall = plan.plan(device).firewall else { continue }
        for (filter, family) in [(firewall.ipv4, AddressFamily.ipv4), (firewall.ipv6, .ipv6)] {
          let chains = filter.chains + plan.sharedChains(family)
          let names = Set(chains.map(\.name))
          #expect(names.count == chains.count)
          #expect(names.allSatisfy { $0.text.utf8.count <= 28 && $0.text.hasPrefix("romana-") })
          for rule in chains.flatMap(\.rules) {
            #expect([rule.source, rule.destination].compactMap(\.self).allSatisfy { $0.family == family })
            switch rule.verdict {
            case .jump(let target), .goto(let target): #expect(names.contains(target))
            case .accept, .drop, .return, .mark, .markConnection, .masquerade, .clampMSS: break
            }
          }
        }
      }
    }
  }

  @Test func `the number of shared rules does not depend on the number of hosts`() throws {
    var fabric = Fabric.sample
    let few = NetworkPlan(try compileCleanly(fabric.text).topology)
    fabric.regions[0].racks[0].hosts += (0..<12).map { .init(name: "x\($0)") }
    let many = NetworkPlan(try compileCleanly(fabric.text).topology)
    for family in AddressFamily.allCases { #expect(few.sharedChains(family) == many.sharedChains(family)) }
    let host = try #require(few.device(named: "h3"))
    #expect(few.plan(host).firewall == many.plan(try #require(many.device(named: "h3"))).firewall)
  }
}

extension PlanPropertyTests {
  private struct Link: Hashable {
    var neighbor: Name
    var address: Address
  }

  private func allPlans(_ topology: Topology) -> [Name: DevicePlan] {
    let plan = NetworkPlan(topology)
    return Dictionary(uniqueKeysWithValues: plan.devices.map { ($0.name, plan.plan($0)) })
  }

  /// The other ends of each device's links.
  private func linkAddresses(_ topology: Topology) -> [Name: Set<Link>] {
    var links: [Name: Set<Link>] = [:]
    for link in topology.listLinks() {
      for end in link.ends {
        for other in link.ends where other.name != end.name {
          links[end.name, default: []].formUnion(other.addresses.map { Link(neighbor: other.name, address: $0) })
        }
      }
    }
    return links
  }

  private func believes(_ filter: PrefixFilter, _ prefix: Prefix) -> Bool {
    filter.entries.first { $0.prefix.contains(prefix) && $0.lengths.contains(prefix.length) }?.permits == true
  }

  /// A host that has a whole network to itself does not want it from its ToR.
  private func ownsExactly(_ plan: DevicePlan, _ prefix: Prefix) -> Bool {
    plan.routes.contains { $0.prefix == prefix && $0.target == .discard }
  }

  /// Whether a ToR sends a prefix to a host, by a static route or because it believes it.
  private func reaches(_ tor: DevicePlan, _ prefix: Prefix, _ host: Name) -> Bool {
    let isStatic = tor.routes.contains { route in
      guard route.prefix == prefix, case .gateways(let hops) = route.target else { return false }
      return hops.map(\.device) == [host]
    }
    let isBelieved = (tor.bgp?.sessions ?? []).contains {
      $0.neighbor == host && $0.family == prefix.family && believes(tor.bgp!.filters[$0.importFilter], prefix)
    }
    return isStatic || isBelieved
  }

  private func reachesRack(_ tor: DevicePlan, _ aggregate: Prefix, _ region: Region) -> Bool {
    let spines = Set(region.spines.map(\.name))
    let isStatic = tor.routes.contains { route in
      guard route.prefix == aggregate, case .gateways(let hops) = route.target else { return false }
      return Set(hops.map(\.device)) == spines
    }
    let believing = (tor.bgp?.sessions ?? []).filter {
      spines.contains($0.neighbor) && $0.family == aggregate.family
        && believes(tor.bgp!.filters[$0.importFilter], aggregate)
    }
    return isStatic || believing.count == spines.count
  }

  /// Whether a host of the rack has the whole aggregate, so that its own discard route is the end.
  private func hostHas(_ topology: Topology, _ rack: Rack, _ aggregate: Prefix) -> Bool {
    rack.hosts.contains { host in ownPrefixes(topology, host).contains { $0.prefix == aggregate } }
  }
}
