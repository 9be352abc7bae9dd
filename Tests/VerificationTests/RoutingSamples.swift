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
    "dual-homed, one host a rack", "layer 2 pair, no spines", "layer 2 pairs", "unnumbered",
  ]

  /// Regions of racks without ToRs.
  static let segments = [
    "flat-layer2", "split-layer2", "static segments", "racks on one segment", "racks on segments with routers",
  ]

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
    case "racks on one segment", "racks on segments with routers":
      let isFlat = name == "racks on one segment"
      return try Fabric(
        """
        romana: 1
        fabric: edge
        defaults: { access: l2, \(isFlat ? "protocol: static, speaker: none" : "default_route: own") }
        networks:
          - { name: pods, cidr: 10.0.0.0/16, bits: { region: 0, rack: 2, host: 2, tenant: 4, segment: 4, endpoint: 4 } }
          - { name: pods6, cidr: "fd00:10::/48", bits: { region: 0, rack: 8, host: 8, tenant: 8, segment: 8, endpoint: 48 } }
        tenants: [{ name: acme, segments: [web] }]
        regions:
          - name: dc1
            spines: [\(isFlat ? "" : "{ name: router1, loopback: 192.0.2.201 }, { name: router2, loopback: 192.0.2.202 }")]
            racks:
              - name: group1
                subnet: 172.16.1.0/24
                subnet6: fd00:16:1::/64
                hosts: [{ name: h1 }, { name: h2, state: drained }]
              - name: group2
                subnet: 172.16.1.0/24
                subnet6: fd00:16:1::/64
                hosts: [{ name: h3, address: 172.16.1.30, address6: "fd00:16:1::30" }]
              - { name: group3, subnet: \(isFlat ? "172.16.1.0/24, subnet6: \"fd00:16:1::/64\"" : "172.16.2.0/24, subnet6: \"fd00:16:2::/64\""), hosts: [{ name: h4, address: 172.16.\(isFlat ? 1 : 2).40, address6: "fd00:16:\(isFlat ? 1 : 2)::40" }] }
              - { name: group4, hosts: [] }
        """)
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
    case "layer 2 pair, upstreams":
      return try Fabric(
        """
        romana: 1
        fabric: edge
        defaults: { default_route: own }
        networks: [{ name: pods, cidr: 10.0.0.0/16, \(noBits), capacity: { racks: 1, hosts: 4 } }]
        tenants: [{ name: acme, segments: [web] }]
        regions:
          - name: dc1
            upstreams:
              - { name: isp1, device: tor1, asn: 64496, prefix: 203.0.113.0/31, peer: 203.0.113.0 }
              - { name: isp2, device: tor2, asn: 64496, prefix: 203.0.113.2/31, peer: 203.0.113.2, hops: 1, bgp_role: off }
            racks:
              - name: rack1
                access: l2
                subnet: 172.16.1.0/24
                tors: [{ name: tor1, loopback: 192.0.2.1 }, { name: tor2, loopback: 192.0.2.2 }]
                hosts: [{ name: h1 }, { name: h2, speaker: quagga }]
        """)
    case "upstream at one spine":
      return try Fabric(
        """
        romana: 1
        fabric: edge
        defaults: { default_route: own }
        networks: [{ name: pods, cidr: 10.0.0.0/16, bits: { region: 1, rack: 2, host: 2, tenant: 4, segment: 3, endpoint: 4 } }]
        tenants: [{ name: acme, segments: [web] }]
        regions:
          - name: dc1
            link_pool: 172.31.0.0/24
            spines: [{ name: spine1, loopback: 192.0.2.201 }, { name: spine2, loopback: 192.0.2.202 }]
            upstreams: [{ name: isp1, device: spine1, asn: 64496, prefix: 203.0.113.0/31, peer: 203.0.113.0 }]
            racks:
              - { name: rack1, subnet: 172.16.1.0/24, tors: [{ name: tor1, loopback: 192.0.2.1 }], hosts: [{ name: h1 }] }
              - { name: rack2, subnet: 172.16.2.0/24, tors: [{ name: tor2, loopback: 192.0.2.2 }], hosts: [{ name: h2 }] }
        """)
    case "upstream over static", "upstream over ospf":
      let isStatic = name.hasSuffix("static")
      return try Fabric(
        """
        romana: 1
        fabric: edge
        allow: [RC0506, RC0522, RC0523]
        defaults: { default_route: own, \(isStatic ? "speaker: none, protocol: static" : "speaker: bird") }
        networks: [{ name: pods, cidr: 10.0.0.0/16, \(rackBits.replacing("host: 0, tenant: 4", with: "host: 2, tenant: 2")) }]
        tenants: [{ name: acme, segments: [web] }]
        regions:
          - name: dc1
            protocol: \(isStatic ? "static" : "ospf")
            link_pool: 172.31.0.0/24
            spines: [{ name: spine1, loopback: 192.0.2.201 }]
            links:
              - { between: [tor1, spine1], interfaces: [swp1, swp1] }
              - { between: [tor2, spine1], interfaces: [swp1, swp2] }
            upstreams: [{ name: isp1, device: spine1, asn: 64496, prefix: 203.0.113.0/31, address: 203.0.113.1, peer: 203.0.113.0, hops: 3, ttl_security: off }]
            racks:
              - { name: rack1, protocol: \(isStatic ? "static" : "bgp"), subnet: 172.16.1.0/24, tors: [{ name: tor1, loopback: 192.0.2.1 }], hosts: [{ name: h1 }] }
              - { name: rack2, protocol: \(isStatic ? "static" : "bgp"), subnet: 172.16.2.0/24, tors: [{ name: tor2, loopback: 192.0.2.2 }], hosts: [{ name: h2 }] }
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
  /// What every device's files say of routing; the ends of unnumbered links have labels for addresses. Upstreams are included, which do
  /// what is expected of them. After the loss of an instance, with what `failover.sh` does about it.
  func readBack(afterLossOf lost: Name? = nil) throws -> [DeviceRouting] {
    let links = topology.listLinks()
    var plugs: [String: [String: Int]] = [:]
    for (number, link) in links.enumerated() where link.isUnnumbered {
      for end in link.ends { plugs[end.name.text, default: [:]][end.interface?.text ?? ""] = number }
    }
    func read(_ kind: ArtifactKind, _ device: DevicePlan) -> [UInt8] {
      let bytes = file(kind, of: device)
      return lost.map { kind == .vpcScript ? moved(bytes, from: $0) : bytes } ?? bytes
    }
    let transitGateways = try devices.flatMap { device in
      try readTransitGateways(of: device) { read($0, device) }
    }
    return try transitGateways
      + (devices + plan.upstreams.map { plan.plan($0) }).map { device in
        var routing = try readRouting(of: device) { read($0, device) }
        routing.place { interface, family in
          guard let number = plugs[device.name.text]?[interface] else { return nil }
          let isFirst = links[number].ends[0].name == device.name
          let labels = standIns(number, family)
          return isFirst ? (labels[0], labels[1]) : (labels[1], labels[0])
        }
        return routing
      }
  }

  /// For the two ends of an unnumbered link.
  private func standIns(_ link: Int, _ family: AddressFamily) -> [Address] {
    let base: UInt128 = family == .ipv4 ? 0xa9fe_0000 : 0xfe80 << 112
    return [0, 1].map { Address(family, base + UInt128(2 * link + $0)) }
  }

  func routing(upstream: [String: [Prefix]] = [:]) throws -> RoutingModel {
    RoutingModel(
      try readBack(), owners: owners, upstream: upstream, segments: segments, cabling: Cabling(topology.listLinks()))
  }

  /// The same without a gateway to other regions, once `failover.sh` was called where it is an instance.
  func routing(without lost: Name) throws -> RoutingModel {
    let owners = owners
    let addresses = Set(owners.filter { $0.value == lost.text }.keys)
    return RoutingModel(
      try readBack(afterLossOf: lost).filter { $0.name != lost.text }, owners: owners.filter { $0.value != lost.text },
      down: addresses.union(links(of: lost)), segments: segments)
  }

  /// The same file once `failover.sh` has moved a VPC's routes over an instance to those that take its place.
  private func moved(_ bytes: [UInt8], from lost: Name) -> [UInt8] {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    return Array(
      lines.map { line -> String in
        var words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count > 4, words[0] == "route", words[3] == lost.text, words[4] != "-" else {
          return String(line)
        }
        words[3] = words[4]
        return words.joined(separator: " ")
      }.joined(separator: "\n").utf8)
  }

  /// By what the ends of a link are known, the first end's first.
  private func labels(_ number: Int, _ link: FabricLink) -> [[Address]] {
    guard link.isUnnumbered else { return link.ends.map(\.addresses) }
    return [0, 1].map { end in AddressFamily.allCases.map { standIns(number, $0)[end] } }
  }

  /// The addresses of both ends of a link.
  func labels(ofLink number: Int) -> Set<Address> {
    Set(labels(number, topology.listLinks()[number]).flatMap(\.self))
  }

  /// The addresses of the links of a device, or of those between two; on a segment only its own.
  func links(of name: Name, and other: Name? = nil) -> Set<Address> {
    let links = topology.listLinks()
    return Set(
      links.indices.filter { number in
        let names = links[number].ends.map(\.name)
        return names.contains(name) && (other.map { names.contains($0) } ?? true)
      }
      .flatMap { number in
        zip(links[number].ends, labels(number, links[number])).filter { !links[number].isSegment || $0.0.name == name }
          .flatMap(\.1)
      })
  }

  /// What `tunnels.sh` of a gateway says, read back.
  func tunnels(of device: DevicePlan) -> WantedTunnels? {
    try? readTunnels(of: device) { file($0, of: device) }
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
    for (number, link) in topology.listLinks().enumerated() {
      for (end, addresses) in zip(link.ends, labels(number, link)) {
        for address in addresses { owners[address] = end.name.text }
      }
    }
    var regionTunnels = RegionTunnels()
    for device in devices { if let wanted = tunnels(of: device) { regionTunnels.add(wanted, of: device.name) } }
    return owners.merging(regionTunnels.owners) { first, _ in first }
  }
}
