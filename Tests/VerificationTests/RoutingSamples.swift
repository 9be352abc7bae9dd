import TopologyModel
import Verification

/// The examples, and fabrics at the edge: where a host's prefix is the rack's, or the whole network.
enum RoutingSamples {
  static let names = [
    "starter", "routed-access", "prefix-groups", "dual-stack", "static-fabric", "tor-systems", "route-reflectors",
    "address-blocks",
    "one host",
    "one host a rack",
    "one rack", "static hosts", "static, one host", "layer2-access", "layer2-pair", "vlans", "dual-homed",
    "dual-homed, no spines",
    "dual-homed, one host a rack", "layer 2 pair, no spines", "layer 2 pairs",
  ]

  /// Regions of racks without ToRs.
  static let segments = ["flat-layer2", "split-layer2", "static segments"]

  static func fabric(_ name: String) throws -> Fabric {
    let noBits = "bits: { tenant: 3, segment: 3, endpoint: 4 }"
    let rackBits = "bits: { region: 0, rack: 2, host: 0, tenant: 4, segment: 4, endpoint: 6 }"
    switch name {
    case "one host": return try Fabric(text(noBits + ", capacity: { racks: 1, hosts: 1 }", racks: [["{ name: h1 }"]]))
    case "static, one host":
      return try Fabric(
        text(
          noBits + ", capacity: { racks: 1, hosts: 1 }", racks: [["{ name: h1 }"]],
          defaults: "protocol: static, speaker: none, default_route: own"))
    case "one host a rack":
      return try Fabric(text(rackBits, racks: [["{ name: h1 }"], ["{ name: h2 }"], ["{ name: h3, state: drained }"]]))
    case "one rack":
      return try Fabric(
        text(noBits + ", capacity: { racks: 1, hosts: 4 }", racks: [["{ name: h1 }", "{ name: h2 }"]]))
    case "static hosts":
      return try Fabric(
        text(
          "bits: { region: 0, rack: 2, host: 2, tenant: 4, segment: 4, endpoint: 4 }",
          racks: [["{ name: h1 }", "{ name: h2, protocol: static, speaker: none }"], ["{ name: h3 }"]],
          defaults: "default_route: own"))
    case "static segments":
      return try Fabric(
        text(
          "bits: { region: 0, rack: 2, host: 2, tenant: 4, segment: 4, endpoint: 4 }",
          racks: [
            ["{ name: h1 }", "{ name: h2, state: drained }"], ["{ name: h3 }", "{ name: h4, address: 172.16.1.99 }"],
          ],
          defaults: "access: l2, protocol: static, speaker: none, default_route: own"
        ).replacing(/, tors: \[[^\]]*\]/, with: ""))
    case "dual-homed, no spines":
      return try Fabric(
        """
        romana: 1
        fabric: edge
        defaults: { interface: [eth0, eth1] }
        networks: [{ name: pods, cidr: 10.0.0.0/16, \(noBits), capacity: { racks: 1, hosts: 4 } }]
        tenants: [{ name: acme, segments: [web] }]
        regions:
          - name: dc1
            link_pool: 172.31.0.0/24
            racks:
              - name: rack1
                subnet: 172.16.1.0/24
                tors: [{ name: tor1, loopback: 192.0.2.1 }, { name: tor2, loopback: 192.0.2.2 }]
                hosts: [{ name: h1 }, { name: h2, speaker: quagga }, { name: h3, state: drained }]
        """)
    case "layer 2 pair, no spines":
      return try Fabric(
        """
        romana: 1
        fabric: edge
        networks: [{ name: pods, cidr: 10.0.0.0/16, \(noBits), capacity: { racks: 1, hosts: 4 } }]
        tenants: [{ name: acme, segments: [web] }]
        regions:
          - name: dc1
            racks:
              - name: rack1
                access: l2
                subnet: 172.16.1.0/24
                tors: [{ name: tor1, loopback: 192.0.2.1 }, { name: tor2, loopback: 192.0.2.2 }]
                hosts: [{ name: h1 }, { name: h2, speaker: quagga }, { name: h3, state: drained }]
        """)
    case "layer 2 pairs":
      return try Fabric(
        """
        romana: 1
        fabric: edge
        defaults: { access: l2, default_route: own }
        networks: [{ name: pods, cidr: 10.0.0.0/16, \(noBits) }]
        tenants: [{ name: acme, segments: [web] }]
        regions:
          - name: dc1
            link_pool: 172.31.0.0/24
            spines: [{ name: spine1, loopback: 192.0.2.201 }, { name: spine2, loopback: 192.0.2.202 }]
            racks:
              - name: rack1
                subnet: 172.16.1.0/24
                tors: [{ name: tor1, loopback: 192.0.2.1 }, { name: tor2, loopback: 192.0.2.2 }]
                hosts: [{ name: h1 }, { name: h2, speaker: quagga }, { name: h3, state: drained }]
              - name: rack2
                subnet: 172.16.2.0/24
                tors: [{ name: tor3, loopback: 192.0.2.3 }, { name: tor4, loopback: 192.0.2.4 }]
                hosts: [{ name: h4, speaker: bird1 }]
        """)
    case "dual-homed, one host a rack":
      return try Fabric(
        """
        romana: 1
        fabric: edge
        defaults: { interface: [eth0, eth1], default_route: own }
        networks: [{ name: pods, cidr: 10.0.0.0/16, \(rackBits) }]
        tenants: [{ name: acme, segments: [web] }]
        regions:
          - name: dc1
            link_pool: 172.31.0.0/24
            spines: [{ name: spine1, loopback: 192.0.2.201, asn: 64512 }, { name: spine2, loopback: 192.0.2.202, asn: 64513 }]
            racks:
              - name: rack1
                subnet: 172.16.1.0/24
                tors: [{ name: tor1, loopback: 192.0.2.1 }, { name: tor2, loopback: 192.0.2.2 }]
                hosts: [{ name: h1 }]
              - name: rack2
                subnet: 172.16.2.0/24
                pair: spines
                tors: [{ name: tor3, loopback: 192.0.2.3 }, { name: tor4, loopback: 192.0.2.4 }]
                hosts: [{ name: h2, speaker: bird1 }]
        """)
    default: return try Fabric(example: name)
    }
  }

  private static func text(_ layout: String, racks: [[String]], defaults: String = "mtu: 9000") -> String {
    let entries = racks.enumerated().map { index, hosts in
      """
          - { name: rack\(index), subnet: 172.16.\(index).0/24, tors: [{ name: tor\(index), loopback: 192.0.2.\(index + 1) }], hosts: [\(hosts.joined(separator: ", "))] }
      """
    }
    return """
      romana: 1
      fabric: edge
      allow: [RC0506]
      defaults: { \(defaults) }
      networks: [{ name: pods, cidr: 10.0.0.0/16, \(layout) }]
      tenants: [{ name: acme, segments: [web] }]
      regions:
        - name: dc1
          link_pool: 172.31.0.0/24
          spines: [{ name: spine1, loopback: 192.0.2.201 }, { name: spine2, loopback: 192.0.2.202 }]
          racks:
      \(entries.joined(separator: "\n"))
      """
  }
}

extension Fabric {
  /// What every device's files say of routing.
  func readBack() throws -> [DeviceRouting] {
    try devices.map { device in try readRouting(of: device) { file($0, of: device) } }
  }

  func routing(upstream: [String: [Prefix]] = [:]) throws -> RoutingModel {
    RoutingModel(try readBack(), owners: owners, upstream: upstream, segments: segments)
  }

  /// The addresses of the links of a device, or of those between two; on a segment only its own.
  func links(of name: Name, and other: Name? = nil) -> Set<Address> {
    Set(
      topology.listLinks().filter { link in
        let names = link.ends.map(\.name)
        return names.contains(name) && (other.map { names.contains($0) } ?? true)
      }
      .flatMap { link in link.ends.filter { !link.isSegment || $0.name == name }.flatMap(\.addresses) })
  }

  /// Which link each address is on.
  var segments: [Address: Int] {
    var segments: [Address: Int] = [:]
    for (index, link) in topology.listLinks().enumerated() {
      for address in link.ends.flatMap(\.addresses) { segments[address] = index }
    }
    return segments
  }

  /// Who has which link address, by the topology.
  var owners: [Address: String] {
    var owners: [Address: String] = [:]
    for end in topology.listLinks().flatMap(\.ends) {
      for address in end.addresses { owners[address] = end.name.text }
    }
    return owners
  }
}
