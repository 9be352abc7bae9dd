import Testing

@testable import TopologyModel

/// Links without addresses, and AS numbers of racks.
@Suite struct UnnumberedTests {
  private func text(_ keys: String, rack: String = "", hosts: String = "host_links: unnumbered", more: String = "")
    -> String
  {
    """
    romana: 1
    fabric: paris
    networks:
      - { name: pods, cidr: 10.0.0.0/16, bits: { region: 0, rack: 2, host: 4, tenant: 3, segment: 2, endpoint: 5 } }
      - { name: pods6, cidr: "fd00:10::/48", bits: { region: 0, rack: 8, host: 8, tenant: 8, segment: 8, endpoint: 48 } }
    tenants: [{ name: acme, segments: [web] }]
    regions:
      - name: dc1
        \(keys)
        link_pool: 172.31.0.0/24
        link_pool6: fd00:31::/64
        spines: [{ name: spine1, loopback: 192.0.2.201 }, { name: spine2, loopback: 192.0.2.202 }]
        links:
          - { between: [tor1, spine1], interfaces: [swp49, swp1] }
          - { between: [spine2, tor1], interfaces: [swp2, swp50] }
          - { between: [tor2, spine1], interfaces: [swp49, swp2] }
          - { between: [tor2, spine2], interfaces: [swp50, swp3] }
          - { between: [tor2, tor1], interfaces: [swp52, swp51] }
        racks:
          - name: rack1
            \(rack.isEmpty ? "pair: link" : rack)
            \(hosts)
            interface: [eth0, eth1]
            subnet: 172.16.1.0/24
            subnet6: fd00:16:1::/64
            tors: [{ name: tor1, loopback: 192.0.2.1 }, { name: tor2, loopback: 192.0.2.2 }]
            hosts: [{ name: h1, tor_port: swp1 }, { name: h2, speaker: frr, tor_port: [swp2, swp12] }, { range: "h[3-4]", tor_port: ["swp[3-4]", "swp[13-14]"] }]
    \(more)
    """
  }

  private func plan(_ name: String, _ topology: Topology) throws -> BGPPlan {
    let plans = NetworkPlan(topology)
    let device = try #require(plans.device(named: name))
    return try #require(plans.plan(device).bgp)
  }

  private func ends(_ name: String, _ neighbor: String, _ topology: Topology) throws -> [SessionEnds] {
    try plan(name, topology).sessions.filter { $0.neighbor.text == neighbor }.map(\.ends)
  }

  private func over(_ name: String) -> [SessionEnds] { Array(repeating: .interface(InterfaceName(name)!), count: 2) }

  @Test func `each end of an unnumbered link speaks over its own interface, for both families`() throws {
    let topology = try compileCleanly(text("fabric_links: unnumbered")).topology
    for (device, neighbor, interface) in [
      ("tor1", "spine1", "swp49"), ("spine1", "tor1", "swp1"), ("tor1", "spine2", "swp50"), ("spine2", "tor1", "swp2"),
      ("tor1", "tor2", "swp51"), ("tor2", "tor1", "swp52"), ("h1", "tor1", "eth0"), ("h1", "tor2", "eth1"),
      ("tor1", "h1", "swp1"), ("tor2", "h1", "swp1"), ("tor1", "h2", "swp2"), ("tor2", "h2", "swp12"),
      ("tor1", "h4", "swp4"), ("tor2", "h4", "swp14"),
    ] {
      #expect(try ends(device, neighbor, topology) == over(interface), "\(device) to \(neighbor)")
    }
    #expect(topology.listLinks().flatMap(\.ends).allSatisfy { $0.addresses.isEmpty && $0.interface != nil })
    // A host still is called by its own address.
    #expect("\(try plan("h2", topology).routerID)" == "172.16.1.3")
  }

  @Test func `links of hosts and of the fabric are numbered each by a key of their own`() throws {
    let fabric = try compileCleanly(text("fabric_links: unnumbered", hosts: "mtu: 9000")).topology
    #expect(try ends("tor1", "spine1", fabric) == over("swp49"))
    let accesses = try plan("tor1", fabric).sessions.filter { $0.neighborRole == .host }
    #expect(!accesses.isEmpty && accesses.allSatisfy { $0.interface == nil })
    let hosts = try compileCleanly(text("mtu: 9000")).topology
    #expect(try ends("h1", "tor2", hosts) == over("eth1"))
    let uplinks = try plan("tor1", hosts).sessions.filter { $0.neighborRole != .host }
    #expect(!uplinks.isEmpty && uplinks.allSatisfy { $0.interface == nil })
    // The nearest key wins.
    let rack = try compileCleanly(text("fabric_links: unnumbered", rack: "fabric_links: numbered")).topology
    #expect(try plan("spine1", rack).unnumberedInterfaces.isEmpty)
  }

  @Test func `a session over an interface has what one between addresses has`() throws {
    let unnumbered = try compileCleanly(text("fabric_links: unnumbered")).topology
    let numbered = try compileCleanly(text("mtu: 9000", hosts: "host_links: numbered")).topology
    for device in ["h1", "h2", "tor1", "tor2", "spine1"] {
      var (one, other) = (try plan(device, unnumbered), try plan(device, numbered))
      #expect(one.sessions.count == other.sessions.count)
      for index in one.sessions.indices {
        #expect(one.sessions[index].interface != nil && other.sessions[index].interface == nil)
        one.sessions[index].ends = other.sessions[index].ends
      }
      #expect(one == other, "\(device)")
    }
  }

  @Test func `a link gets its addresses back, and nobody else gets them in between`() throws {
    let (before, first) = try compileCleanly(text("mtu: 9000"))
    let more = """
            - name: rack2
              fabric_links: numbered
              subnet: 172.16.2.0/24
              subnet6: fd00:16:2::/64
              tors: [{ name: tor3, loopback: 192.0.2.3 }]
              hosts: [{ name: h9 }]
      """
    let (between, second) = try compileCleanly(text("fabric_links: unnumbered", more: more), lock: first)
    #expect(between.racks[0].tors[0].uplinks.allSatisfy { $0.prefix == nil && $0.prefix6 == nil })
    let (after, _) = try compileCleanly(text("mtu: 9000", more: more), lock: second)
    #expect(after.racks[0].tors.map(\.uplinks) == before.racks[0].tors.map(\.uplinks))
    #expect(after.racks[0].pair == before.racks[0].pair)
    #expect(after.racks[1].tors[0].uplinks == between.racks[1].tors[0].uplinks)
  }

  @Test func `an unnumbered fabric needs no pools, and its hosts no IPv6 addresses`() throws {
    let bare = text("fabric_links: unnumbered").split(separator: "\n")
      .filter { !$0.contains("link_pool") && !$0.contains("subnet6") }.joined(separator: "\n")
    let (topology, lock) = try compileCleanly(bare)
    #expect(try ends("h1", "tor1", topology) == over("eth0"))
    #expect(parseLockText(lock.renderedText()).lock == lock)
    #expect(compile(bare.replacing("host_links: unnumbered", with: "mtu: 9000")).codes == [.missingSubnet])
  }

  @Test func `the ToRs of a rack share an AS, and its hosts another`() throws {
    let (topology, lock) = try compileCleanly(text("asn_per: rack"))
    #expect(topology.racks[0].tors.map(\.asn) == [4_200_000_001, 4_200_000_001])
    #expect(topology.hosts.map(\.asn) == Array(repeating: 4_200_000_002, count: 4))
    let tor = try plan("tor1", topology)
    let pair = try #require(tor.sessions.first { $0.neighbor.text == "tor2" })
    #expect(tor.isInternal(pair))
    // Numbers do not move, back and forth.
    #expect(try compileCleanly(text("asn_per: rack"), lock: lock).lock == lock)
    let (devices, second) = try compileCleanly(text("asn_per: device"), lock: lock)
    #expect(Set(devices.hosts.compactMap(\.asn)).count == 4 && devices.racks[0].tors[0].asn == 4_200_000_001)
    let (again, third) = try compileCleanly(text("asn_per: rack"), lock: second)
    #expect(
      again.hosts.map(\.asn) == topology.hosts.map(\.asn)
        && again.racks[0].tors.map(\.asn) == topology.racks[0].tors.map(\.asn))
    #expect(
      try compileCleanly(text("asn_per: device"), lock: third).topology.hosts.map(\.asn) == devices.hosts.map(\.asn))
  }

  @Test func `a number that is written wins over that of the rack`() throws {
    let explicit = text("asn_per: rack").replacing("name: h1,", with: "name: h1, asn: 64600,")
      .replacing("name: tor2, loopback", with: "name: tor2, asn: 64601, loopback")
    let topology = try compileCleanly(explicit).topology
    #expect(topology.hosts.map(\.asn) == [64600, 4_200_000_001, 4_200_000_001, 4_200_000_001])
    #expect(topology.racks[0].tors.map(\.asn) == [64601, 64601])
  }

  @Test func `flows spread where a host has several next hops, over however many links`() throws {
    func spreads(_ gateways: Int, _ links: Int) -> Bool {
      let link = HostLink(interface: InterfaceName("eth0")!)
      let settings = HostSettings(
        speaker: .bird, bfd: .auto, bgpRole: .auto, routing: .bgp, endpointInterface: InterfacePattern("ep+")!,
        defaultRoute: .none, firewallBackend: .nft, firewallMode: .own)
      let host = Host(
        name: Name("h1")!, id: 0, rack: 0, index: 0, isDrained: false,
        links: Array(repeating: link, count: links), settings: settings, endpoints: [])
      return hostSysctls(host, families: [.ipv4], gateways: gateways).contains {
        $0.path.contains(.word("fib_multipath_hash_policy"))
      }
    }
    #expect(spreads(2, 1) && spreads(2, 2) && !spreads(1, 1) && !spreads(0, 1))
  }
}
