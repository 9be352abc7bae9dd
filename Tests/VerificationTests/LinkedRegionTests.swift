import Testing
import TopologyModel
import Verification

/// Regions that are linked in many ways at once, and what becomes of packets between them: by the routes of all devices, and by the
/// packet filters of all hosts on the way.
@Suite struct LinkedRegionTests {
  /// A hub of data centers whose hosts have two ToRs, no addresses on their links or a segment; gateways that serve two interconnects;
  /// tunnels over the internet and over peerings, transit gateways; a network that only some regions have.
  private static let topology = """
    romana: 1
    fabric: linked
    allow: [RC0630]
    networks:
      - { name: pods, cidr: 10.0.0.0/10, bits: { region: 4, rack: 2, host: 3, tenant: 4, segment: 3, endpoint: 6 } }
      - { name: pods6, cidr: "fd00:10::/32", bits: { region: 4, rack: 4, host: 8, tenant: 8, segment: 8, endpoint: 64 } }
      - { name: lab, cidr: 10.128.0.0/12, bits: { tenant: 4, segment: 3, endpoint: 5 }, capacity: { racks: 4, hosts: 8 }, regions: [dc1, dc2, eu-west-1] }
    tenants: [{ name: acme, segments: [web, db] }]
    regions:
      - name: dc1
        link_pool: 172.31.0.0/24
        link_pool6: "fd00:31::/64"
        spines: [{ name: s1, loopback: 192.0.2.201 }, { name: s2, loopback: 192.0.2.202 }]
        racks:
          - name: r1
            subnet: 172.16.1.0/24
            subnet6: "fd00:16:1::/64"
            tors: [{ name: t1, loopback: 192.0.2.1 }, { name: t2, loopback: 192.0.2.2 }]
            hosts: [{ name: h1, interface: [eth0, eth1] }, { name: h2, interface: [eth0, eth1] }]
          - name: r2
            asn_per: rack
            subnet: 172.16.2.0/24
            subnet6: "fd00:16:2::/64"
            tors: [{ name: t3, loopback: 192.0.2.3 }]
            hosts: [{ name: k1, firewall: { backend: nft }, host_firewall: strict, management: none }, { name: k2, protocol: static, speaker: none }]
      - name: dc2
        asn_per: rack
        host_links: unnumbered
        link_pool: 172.31.1.0/24
        link_pool6: "fd00:31:1::/64"
        racks:
          - name: r3
            subnet: 172.16.3.0/24
            subnet6: "fd00:16:3::/64"
            tors: [{ name: t4, loopback: 192.0.2.4 }, { name: t5, loopback: 192.0.2.5 }]
            hosts:
              - { name: m1, interface: [eth0, eth1], tor_port: [swp1, swp1] }
              - { name: m2, interface: [eth0, eth1], tor_port: [swp2, swp2], firewall: { backend: nft } }
      - name: dc3
        access: l2
        link_pool: 172.31.2.0/24
        link_pool6: "fd00:31:2::/64"
        spines: [{ name: s3, loopback: 192.0.2.203 }]
        racks:
          - { name: r4, subnet: 172.16.4.0/24, subnet6: "fd00:16:4::/64", tors: [{ name: t6, loopback: 192.0.2.6 }], hosts: [{ name: n1 }, { name: n2 }] }
          - { name: r5, subnet: 172.16.5.0/24, subnet6: "fd00:16:5::/64", tors: [{ name: t7, loopback: 192.0.2.7 }], hosts: [{ name: n3 }] }
      - name: eu-west-1
        kind: ec2
        egress: snat
        vpc: { cidr: 172.20.0.0/16, cidr6: "2001:db8:f00::/56" }
        zones:
          - { name: eu-west-1a, subnet: 172.20.1.0/24, subnet6: "2001:db8:f00:1::/64", hosts: [{ name: a1, address6: "2001:db8:f00:1::10" }, { name: a2, address6: "2001:db8:f00:1::11" }] }
          - { name: eu-west-1b, subnet: 172.20.2.0/24, subnet6: "2001:db8:f00:2::/64", hosts: [{ name: b1, address6: "2001:db8:f00:2::10", firewall: { backend: nft } }, { name: b2 }] }
      - name: us-east-1
        kind: ec2
        egress: routed
        vpc: { cidr: 172.22.0.0/16, cidr6: "2001:db8:f20::/56" }
        zones:
          - { name: us-east-1a, subnet: 172.22.1.0/24, subnet6: "2001:db8:f20:1::/64", hosts: [{ name: d1, address: 172.22.1.10 }] }
          - { name: us-east-1b, subnet: 172.22.2.0/24, subnet6: "2001:db8:f20:2::/64", hosts: [{ name: d2, address: 172.22.2.10 }] }
      - name: us-west-2
        kind: ec2
        vpc: { cidr: 172.23.0.0/16, cidr6: "2001:db8:f30::/56" }
        zones:
          - { name: us-west-2a, subnet: 172.23.1.0/24, subnet6: "2001:db8:f30:1::/64", hosts: [{ name: e1, address: 172.23.1.10, address6: "2001:db8:f30:1::10" }, { name: e2, address: 172.23.1.11, address6: "2001:db8:f30:1::11" }] }
    interconnects:
      - name: star
        kind: tunnel
        between: [dc1, dc2, dc3]
        hub: dc1
        transit: true
        encapsulation: gre
        gateways: { h1: 198.51.100.1, k1: 198.51.100.2, m1: 198.51.100.3, m2: 198.51.100.4, n1: 198.51.100.5 }
      - name: hybrid
        kind: tunnel
        between: [dc1, eu-west-1]
        key_file: hybrid
        gateways: { h1: 198.51.100.1, k1: 198.51.100.2, a1: 203.0.113.1, b1: 203.0.113.2 }
      - { name: clouds, kind: transit-gateway, between: [eu-west-1, us-east-1] }
      - { name: east-west, kind: vpc-peering, between: [us-east-1, us-west-2] }
      - name: over-east-west
        kind: tunnel
        between: [us-east-1, us-west-2]
        over: east-west
        key_file: over
        gateways: { d1: 172.22.1.10, d2: 172.22.2.10, e1: 172.23.1.10, e2: 172.23.1.11 }
      - { name: far-west, kind: vpc-peering, between: [eu-west-1, us-west-2] }
      - name: over-far-west
        kind: tunnel
        between: [eu-west-1, us-west-2]
        over: far-west
        key_file: over
        gateways: { b1: "2001:db8:f00:2::10", a2: "2001:db8:f00:1::11", e1: "2001:db8:f30:1::10", e2: "2001:db8:f30:1::11" }
    """

  /// Between any two hosts of linked regions, in every network that crosses; also when a gateway of two is lost.
  @Test(arguments: [nil, "h1", "m2", "b1", "d1"]) func everyFilterOnTheWayLetsPacketsPass(_ lost: String?) throws {
    let fabric = try Fabric(Self.topology)
    let (topology, addresses) = (fabric.topology, Addresses(topology: fabric.topology))
    let model = try lost.map { try fabric.routing(without: #require(Name($0))) } ?? fabric.routing()
    if lost == nil { #expect(model.findings == []) }
    let walk = Walk(fabric, model)
    let hosts = topology.hosts.indices.filter { topology.hosts[$0].name.text != lost }
    var pairs = 0
    for start in hosts {
      for target in hosts {
        let regions = [start, target].map { topology.regionIndex(ofHost: $0) }
        for far in topology.regions[regions[0]].far where far.region == regions[1] {
          let from = try #require(addresses.address(start, far.network, tenant: 1, segment: 1))
          let to = try #require(addresses.address(target, far.network, tenant: 1, segment: 1))
          pairs += 1
          #expect(try walk.complaint(from, at: start, to, at: target) == nil, "\(from) to \(to)")
        }
      }
    }
    #expect(pairs > 200)
  }
}

/// Follows packets through routes and packet filters.
private final class Walk {
  private let fabric: Fabric
  private let model: RoutingModel
  private let hosts: [String: Int]
  private var tables: [Int: NFTFile] = [:]
  private var rules: [Int: [RuleFile]] = [:]

  init(_ fabric: Fabric, _ model: RoutingModel) {
    (self.fabric, self.model) = (fabric, model)
    hosts = Dictionary(uniqueKeysWithValues: fabric.topology.hosts.enumerated().map { ($1.name.text, $0) })
  }

  /// What keeps a packet from its destination, on whatever way it may take; nil if it gets there always.
  func complaint(_ from: Address, at start: Int, _ to: Address, at target: Int) throws -> String? {
    var ways = [[fabric.topology.hosts[start].name.text]]
    var seen: Set<[String]> = []
    while let way = ways.popLast() {
      guard let device = way.last, seen.insert(way.suffix(2)).inserted else { continue }
      if way.count > 16 { return "in circles: \(way)" }
      if let host = hosts[device] {
        let input = way.dropLast().last.map { self.input(host, from: $0) } ?? "epx1"
        let verdict = try verdict(Packet(from: from, to: to, in: input), at: host)
        guard verdict == .accept else { return "\(verdict) at \(device), in by \(input), on the way \(way)" }
        if host == target { continue }
      }
      let routes = model.routes(of: device).filter { $0.key.contains(to) }
      guard case .via(let names)? = routes.max(by: { $0.key.length < $1.key.length })?.value else {
        return "ends at \(device), on the way \(way)"
      }
      ways += names.map { way + [$0] }
    }
    return nil
  }

  private func verdict(_ packet: Packet, at host: Int) throws -> PacketVerdict {
    if fabric.topology.hosts[host].settings.firewallBackend == .nft {
      let table = try tables[host] ?? fabric.table(host)
      tables[host] = table
      return evaluate(packet, at: .forward, in: table).verdict
    }
    let files = try rules[host] ?? AddressFamily.allCases.map { try fabric.rules(host, $0) }
    rules[host] = files
    return evaluate(packet, at: .forward, in: files[Int(packet.source.family.rawValue)]).verdict
  }

  /// The tunnel to another gateway, or the uplink.
  private func input(_ host: Int, from previous: String) -> String {
    let topology = fabric.topology
    let tunnel = topology.tunnels(ofHost: host).first { topology.hosts[$0.remote.host].name.text == previous }
    return tunnel?.tunnel.interface.text ?? topology.hosts[host].links[0].interface.text
  }
}
