import Testing

@testable import TopologyModel

@Suite struct RemovalPlanTests {
  private func route(_ prefix: String, _ hops: [String], _ purpose: RoutePurpose = .defaultRoute) throws -> StaticRoute
  {
    let gateways = try hops.map {
      NextHop(address: try Address(parsing: $0), device: Name("d")!, interface: nil)
    }
    return StaticRoute(
      prefix: try Prefix(parsing: prefix), target: hops.isEmpty ? .discard : .gateways(gateways), purpose: purpose)
  }

  @Test func nextHopsGoBeforeDiscardsAndLongerPrefixesFirst() throws {
    let former = [
      try route("10.0.0.0/16", []), try route("10.0.0.0/18", []), try route("10.0.0.0/20", ["172.16.0.1"]),
      try route("10.0.16.0/22", ["172.16.0.3", "172.16.0.5"]), try route("10.0.64.0/18", ["172.31.0.0", "172.31.0.2"]),
    ]
    let present = [try route("10.0.64.0/18", ["172.31.0.2"])]
    let stale = planRemovals(former: former, present: present)
    let told = stale.map { stale in
      switch stale.target {
      case .discard: "\(stale.prefix) discard \(stale.isWholePrefix)"
      case .gateway(let hop): "\(stale.prefix) \(hop) \(stale.isWholePrefix)"
      }
    }
    #expect(
      told == [
        "10.0.16.0/22 172.16.0.3 true", "10.0.16.0/22 172.16.0.5 true", "10.0.0.0/20 172.16.0.1 true",
        "10.0.64.0/18 172.31.0.0 false", "10.0.0.0/18 discard true", "10.0.0.0/16 discard true",
      ])
  }

  /// A removal by prefix and next hop would take the renamed route away.
  @Test func aRouteWithAnotherPurposeIsNotStale() throws {
    let former = [try route("10.0.0.0/16", ["172.16.0.1"], .network(Name("a")!))]
    let present = [try route("10.0.0.0/16", ["172.16.0.1"], .network(Name("b")!))]
    #expect(planRemovals(former: former, present: present).isEmpty)
  }

  @Test func aDiscardThatBecomesARouteIsStale() throws {
    let stale = planRemovals(
      former: [try route("10.0.0.0/16", [])], present: [try route("10.0.0.0/16", ["172.16.0.1"])])
    #expect(stale.map(\.target) == [.discard])
    #expect(stale.map(\.isWholePrefix) == [false])
  }

  /// Whatever the system, a table above `max_static_routes` is an error, and so is BGP where there is none.
  @Test(arguments: DeviceSystem.allCases) func everySystemHasLimits(_ system: DeviceSystem) {
    func text(_ routing: String, _ maximum: Int) -> String {
      """
      romana: 1
      fabric: paris
      defaults: { protocol: \(routing), speaker: \(routing == "bgp" ? "bird" : "none") }
      networks: [{ name: pods, cidr: 10.0.0.0/16, bits: { region: 0, rack: 2, host: 6, tenant: 4, segment: 2, endpoint: 2 } }]
      tenants: [{ name: acme, segments: [web] }]
      regions:
        - name: dc1
          racks:
            - name: rack1
              subnet: 172.16.1.0/24
              tors: [{ name: tor1, loopback: 192.0.2.1, os: \(system.rawValue), max_static_routes: \(maximum) }]
              hosts: [{ name: h1 }, { name: h2 }]
      """
    }
    // Two hosts, and discard routes of the rack and the network.
    #expect(compile(text("static", 4)).codes == [])
    #expect(compile(text("static", 3)).codes == [.tooManyStaticRoutes])
    #expect(compile(text("bgp", 100)).codes == (system == .frr ? [] : [.systemWithoutBGP]))
    if system != .frr { #expect(compile(text("bgp", 100)).printed.contains("`os: \(system.rawValue)`")) }
  }
}
