import Testing
import TopologyModel
import Verification

/// Which program announces a host's prefixes changes nothing for anybody else: the same topology compiled for each
/// speaker gives the same tables on switches and hosts, and the same fate to every packet. Read from the files, not from plans.
@Suite struct SpeakerEquivalenceTests {
  private static let speakers = ["bird1", "exabgp", "frr", "quagga", "mixed"]

  /// Two families, a network with other hosts than the first, a drained host, a static host, a listed endpoint.
  private func fabric(_ speaker: String, settings: String) throws -> Fabric {
    let words = speaker == "mixed" ? ["bird", "bird1", "exabgp", "frr", "quagga"] : [speaker]
    func host(_ number: Int, _ more: String = "") -> String {
      "{ name: h\(number), speaker: \(words[number % words.count])\(more) }"
    }
    return try Fabric(
      """
      romana: 1
      fabric: same
      defaults: { \(settings) }
      networks:
        - { name: pods, cidr: 10.0.0.0/16, bits: { region: 0, rack: 2, host: 3, tenant: 3, segment: 3, endpoint: 5 } }
        - { name: pods6, cidr: "fd00:10::/48", bits: { tenant: 8, segment: 8, endpoint: 48 }, capacity: { racks: 4, hosts: 8 } }
        - { name: lab, cidr: 10.128.0.0/16, bits: { tenant: 3, segment: 3, endpoint: 5 }, capacity: { racks: 2, hosts: 4 } }
      tenants: [{ name: acme, segments: [web] }]
      regions:
        - name: dc1
          link_pool: 172.31.0.0/24
          link_pool6: "fd00:31::/64"
          spines: [{ name: spine1, loopback: 192.0.2.201 }, { name: spine2, loopback: 192.0.2.202 }]
          racks:
            - name: rack1
              subnet: 172.16.1.0/24
              subnet6: "fd00:16:1::/64"
              tors: [{ name: tor1, loopback: 192.0.2.1 }]
              hosts:
                - \(host(0, ", endpoints: [{ name: e1, tenant: acme, segment: web, id: 9, interface: ep1 }]"))
                - \(host(1))
                - \(host(2, ", state: drained"))
                - { name: h3, protocol: static, speaker: none }
                - \(host(4))
            - name: rack2
              subnet: 172.16.2.0/24
              subnet6: "fd00:16:2::/64"
              tors: [{ name: tor2, loopback: 192.0.2.2 }]
              hosts: [\(host(5)), \(host(6)), \(host(7))]
      """)
  }

  @Test(arguments: speakers, ["default_route: none", "default_route: own"])
  func tablesAndPacketsAreThoseOfBIRD(_ speaker: String, _ settings: String) throws {
    let upstream = ["spine1", "spine2"].reduce(into: [:]) {
      $0[$1] = AddressFamily.allCases.map { Prefix.everything($0) }
    }
    let (reference, other) = (try fabric("bird", settings: settings), try fabric(speaker, settings: settings))
    let (first, second) = (try reference.routing(upstream: upstream), try other.routing(upstream: upstream))
    #expect(first.findings == [] && second.findings == [])
    for device in other.devices {
      let name = device.name.text
      #expect(first.routes(of: name) == second.routes(of: name), "\(speaker), \(settings): \(name)")
      #expect(!second.routes(of: name).isEmpty)
    }
    for source in reference.devices {
      for target in targets(reference) {
        let (expected, found) = (
          first.arrivals(from: source.name.text, to: target), second.arrivals(from: source.name.text, to: target)
        )
        #expect(expected == found, "\(speaker), \(settings): \(source.name) to \(target)")
      }
    }
  }

  /// An endpoint, a free address of every host, an aggregate that nobody has, and the outside.
  private func targets(_ fabric: Fabric) -> [Address] {
    let free = fabric.topology.hosts.indices.flatMap { host in
      fabric.topology.networks.indices.compactMap { network in
        fabric.topology.prefix(ofHost: host, inNetwork: network)?.lastAddress
      }
    }
    let listed = fabric.topology.hosts.flatMap(\.endpoints).flatMap(\.addresses)
    let networks = fabric.topology.networks.map(\.prefix.lastAddress)
    return free + listed + networks + [Address(.ipv4, 0x0808_0808), Address(.ipv6, 0x2001 << 112)]
  }

  /// The comparison can fail: a host that forgets its way out is noticed.
  @Test func differenceIsSeen() throws {
    let fabric = try fabric("exabgp", settings: "default_route: own")
    var devices = try fabric.readBack()
    for index in devices.indices where devices[index].name == "h1" {
      devices[index].statics.removeAll { $0.prefix == .everything(.ipv4) }
    }
    let broken = RoutingModel(devices, owners: fabric.owners)
    let whole = try fabric.routing()
    #expect(broken.routes(of: "h1") != whole.routes(of: "h1"))
  }
}
