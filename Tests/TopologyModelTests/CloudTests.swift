import Testing

@testable import TopologyModel

/// What is planned for VPCs: a route a host as long as the quota lasts, parts of zone aggregates beyond.
@Suite struct CloudTests {
  private func text(
    zones: [Int], quota: Int, others: Int = 0, extra: [String] = [], tables: Bool = false, vpc: String = "",
    networks: Int = 1
  ) -> String {
    let cidrs = (0..<networks).map { index in
      "  - { name: n\(index), cidr: 10.\(index * 16).0.0/12, bits: { region: 1, rack: 3, host: 6, tenant: 4, segment: 2, endpoint: 4 } }"
    }
    let hosts = zones.enumerated().map { zone, count in
      let letter = ["a", "b", "c", "d", "e", "f"][zone]
      let table = tables ? ", route_table: rtb-0000000\(zone)" : ""
      let items = (0..<count).map { index in
        let key = "\(letter)\(index):"
        let more = extra.first { $0.hasPrefix(key) }.map { ", " + $0.dropFirst(key.count) } ?? ""
        return "{ name: \(letter)\(index)\(more) }"
      }
      return
        "      - { name: us-east-1\(letter), subnet: 172.20.\(zone).0/24\(table), hosts: [\(items.joined(separator: ", "))] }"
    }
    return """
      romana: 1
      fabric: cloud
      networks:
      \(cidrs.joined(separator: "\n"))
      tenants: [{ name: acme, segments: [web] }]
      regions:
        - name: us-east-1
          kind: ec2
          vpc: { cidr: 172.20.0.0/16, routes_quota: \(quota), other_routes: \(others)\(vpc) }
          zones:
      \(hosts.joined(separator: "\n"))
      """
  }

  private func plan(_ text: String) throws -> (Topology, VPCPlan) {
    let topology = try compileCleanly(text).topology
    return (topology, try #require(VPCPlanner(topology, 0)?.plan()))
  }

  @Test func `one zone needs nothing in the VPC`() throws {
    let (_, vpc) = try plan(text(zones: [5], quota: 1))
    #expect(vpc.families.map(\.choice) == [.direct])
    #expect(vpc.tables.count == 1 && vpc.tables[0].routes.isEmpty)
  }

  @Test(arguments: [1, 2, 3]) func `the quota decides, to the route`(others: Int) throws {
    for (quota, choice) in [(9 + others, true), (8 + others, false)] {
      let (_, vpc) = try plan(text(zones: [3, 3, 3], quota: quota, others: others))
      #expect((vpc.families[0].choice == .instances) == choice, "\(quota)")
      #expect(vpc.families[0].wanted == 9 && vpc.families[0].taken <= quota - others)
      #expect(vpc.tables[0].routes.count == vpc.families[0].taken)
    }
  }

  @Test func `with a table of its own a zone needs no routes to itself`() throws {
    let (_, vpc) = try plan(text(zones: [3, 4, 5], quota: 9, tables: true))
    #expect(vpc.families[0].choice == .instances && vpc.families[0].wanted == 9)
    #expect(vpc.tables.map { $0.routes.count } == [9, 8, 7])
    for table in vpc.tables {
      #expect(!table.routes.contains { table.zones.contains(vpc.instances[$0.instance!].zone) })
    }
  }

  @Test func `routed egress needs every route in every table`() throws {
    let routed = text(zones: [3, 4], quota: 50, tables: true).replacing(
      "kind: ec2", with: "kind: ec2\n    egress: routed")
    #expect(try plan(routed).1.tables.map { $0.routes.count } == [7, 7])
    let single = text(zones: [3], quota: 50).replacing("kind: ec2", with: "kind: ec2\n    egress: routed")
    #expect(try plan(single).1.tables.map { $0.routes.count } == [3])
  }

  /// Whatever the sizes: what is planned fits, reaches every active host over one route, inside its zone and evenly spread.
  @Test(arguments: [[7, 7], [20, 3, 11], [1, 40], [33, 33, 33], [64, 64, 64, 64]])
  func `aggregates reach everybody`(zones: [Int]) throws {
    let total = zones.reduce(0, +)
    for quota in Set([2 * zones.count, zones.count * 3, total / 2, total - 1]).sorted() where quota >= zones.count * 2 {
      let (topology, vpc) = try plan(text(zones: zones, quota: quota, extra: ["a0:state: drained"], networks: 2))
      let routes = vpc.tables[0].routes
      #expect(routes.count <= quota)
      #expect(Set(routes.map(\.prefix)).count == routes.count)
      for host in topology.hosts.indices {
        for network in topology.networks.indices {
          let prefix = try #require(topology.prefix(ofHost: host, inNetwork: network))
          let over = routes.filter { $0.prefix.contains(prefix) }
          #expect(over.count == 1 || topology.hosts[host].isDrained && over.isEmpty)
          guard let route = over.first else { continue }
          #expect(vpc.instances[route.instance!].zone == topology.rack(ofHost: host).name)
          if route.standby == nil, !topology.hosts[host].isDrained {
            #expect(vpc.instances[route.instance!].name == topology.hosts[host].name)
          }
        }
      }
      for zone in topology.racks {
        let named = topology.hosts[zone.hosts].filter { !$0.isDrained }.map(\.name)
        let shared = routes.filter { $0.standby != nil && vpc.instances[$0.instance!].zone == zone.name }
        let loads = named.map { host in shared.count { vpc.instances[$0.instance!].name == host } }
        let standby = named.map { host in shared.count { vpc.instances[$0.standby!].name == host } }
        #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= 1, "\(loads)")
        #expect((standby.max() ?? 0) - (standby.min() ?? 0) <= 1, "\(standby)")
        #expect(shared.allSatisfy { $0.standby != $0.instance && vpc.instances[$0.standby!].zone == zone.name })
        #expect(
          shared.allSatisfy {
            vpc.instances[$0.instance!].name.text != "a0" && vpc.instances[$0.standby!].name.text != "a0"
          })
      }
    }
  }

  @Test func `only instances named for it forward`() throws {
    let (_, vpc) = try plan(text(zones: [8, 8], quota: 6, extra: ["b2:gateway: true", "b5:gateway: true"]))
    let names = vpc.tables[0].routes.filter {
      $0.standby != nil && vpc.instances[$0.instance!].zone.text == "us-east-1b"
    }
    .flatMap { [vpc.instances[$0.instance!].name.text, vpc.instances[$0.standby!].name.text] }
    #expect(Set(names) == ["b2", "b5"])
    #expect(vpc.instances.filter { $0.zone.text == "us-east-1b" && $0.forwards }.map(\.name.text) == ["b2", "b5"])
  }

  @Test func `draining an instance moves only its own routes`() throws {
    let whole = try plan(text(zones: [6, 6], quota: 12)).1
    let drained = try plan(text(zones: [6, 6], quota: 12, extra: ["a3:state: drained"])).1
    #expect(whole.families.map(\.choice) == drained.families.map(\.choice))
    let lost = whole.tables[0].routes.filter { route in !drained.tables[0].routes.contains(route) }
    #expect(lost.map { whole.instances[$0.instance!].name.text } == ["a3"])
  }

  @Test func `what does not fit is refused, and says what would`() {
    let compiled = compile(text(zones: [3, 3], quota: 3, networks: 2))
    #expect(compiled.topology == nil && compiled.printed.contains("RC0617"))
    #expect(compiled.printed.contains("`routes_quota: 4`"), "\(compiled.printed)")
    #expect(compile(text(zones: [3, 3], quota: 4, networks: 2)).topology != nil)
  }

  private func regions(_ interconnect: String, quota: Int = 50) -> String {
    let names = ["eu-west-1", "us-east-1", "us-west-2"]
    let regions = names.enumerated().map { index, name in
      """
        - name: \(name)
          kind: ec2
          vpc: { cidr: 172.2\(index).0.0/16, routes_quota: \(quota), other_routes: 0 }
          zones:
            - { name: \(name)a, subnet: 172.2\(index).1.0/24, route_table: rtb-\(index)0000000, hosts: [{ name: a\(index) }, { name: b\(index) }] }
            - { name: \(name)b, subnet: 172.2\(index).2.0/24, hosts: [{ name: c\(index) }] }
      """
    }
    return """
      romana: 1
      fabric: clouds
      networks:
        - { name: n0, cidr: 10.0.0.0/12, bits: { region: 2, rack: 2, host: 6, tenant: 4, segment: 2, endpoint: 4 } }
        - { name: n1, cidr: 10.16.0.0/12, bits: { region: 2, rack: 2, host: 6, tenant: 4, segment: 2, endpoint: 4 }, regions: [eu-west-1, us-east-1] }
      tenants: [{ name: acme, segments: [web] }]
      regions:
      \(regions.joined(separator: "\n"))
      interconnects:
        - { name: t, kind: transit-gateway, between: [\(names.joined(separator: ", "))]\(interconnect) }
      """
  }

  @Test(arguments: ["", ", hub: us-east-1", ", hub: us-east-1, transit: true"])
  func `transit gateways lead aggregates, and hubs only when asked`(_ form: String) throws {
    let topology = try compileCleanly(regions(form)).topology
    let plans = try topology.regions.indices.map { try #require(VPCPlanner(topology, $0)?.plan()) }
    for (index, plan) in plans.enumerated() {
      let own = topology.regions[index]
      // n1 is in the first two; without transit the outer two do not see each other.
      let others = topology.regions.indices.filter { other in
        other != index && (form.isEmpty || form.contains("transit") || index == 1 || other == 1)
      }
      let far = others.flatMap { other in
        topology.sharedNetworks(index, other).map { topology.regions[other].allocations[$0]!.prefix }
      }.sorted()
      for table in plan.tables {
        #expect(table.routes.filter { $0.instance == nil }.map(\.prefix) == far)
        // Of its own region every table has everything: three hosts in each network.
        #expect(table.routes.count { $0.instance != nil } == 3 * own.networks.count)
      }
      let gateway = try #require(plan.transitGateways.first)
      let peers = form.isEmpty || index == 1 ? topology.regions.indices.filter { $0 != index } : [1]
      #expect(gateway.attachments.map(\.region) == ([index] + peers).map { topology.regions[$0].name })
      #expect(gateway.routes.map(\.prefix).filter { far.contains($0) } == far)
      for route in gateway.routes {
        let owner = try #require(
          topology.regions.firstIndex { $0.allocations.contains { $0?.prefix == route.prefix } })
        let next = gateway.attachments[route.attachment].region
        let expected = owner == index || peers.contains(owner) ? owner : 1
        #expect(next == topology.regions[expected].name, "\(route.prefix) from \(own.name)")
      }
    }
  }

  @Test func `routes to other regions count against the quota`() throws {
    // Three hosts in two networks, and in other regions two aggregates and one.
    #expect(compile(regions("", quota: 9)).topology.map { VPCPlanner($0, 0)?.choose(.ipv4)?.choice } == .instances)
    let short = compile(regions("", quota: 8))
    #expect(try #require(short.topology.flatMap { VPCPlanner($0, 0)?.choose(.ipv4) }).choice != .instances)
    let refused = compile(regions("", quota: 6))
    #expect(refused.topology == nil && refused.printed.contains("and 3 to other regions"), "\(refused.printed)")
  }

  /// The first two regions have five aggregates between them and the third: 3 of one network, 2 of the other.
  @Test(arguments: ["", ", hub: us-east-1", ", hub: us-east-1, transit: true"])
  func `the quota of a transit gateway decides, to the route`(_ form: String) {
    #expect(compile(regions("\(form), routes_quota: 7")).topology != nil)
    let refused = compile(regions("\(form), routes_quota: 6"))
    #expect(refused.topology == nil && refused.printed.contains("`routes_quota: 7`"), "\(refused.printed)")
    #expect(compile(regions("\(form), routes_quota: 5, other_routes: 0")).topology != nil)
    #expect(compile(regions("\(form), routes_quota: 4, other_routes: 0")).printed.contains("RC0640"))
  }

  @Test func `defaults about routing do not reach instances`() throws {
    let defaults = "defaults: { access: l3, protocol: bgp, speaker: frr, default_route: own, bfd: required }\nnetworks:"
    let topology = try compileCleanly(text(zones: [2, 2], quota: 50).replacing("networks:", with: defaults)).topology
    for host in topology.hosts {
      #expect(host.settings.routing == .static && host.settings.speaker == .none && host.asn == nil)
      #expect(host.settings.defaultRoute == .none)
    }
  }
}
