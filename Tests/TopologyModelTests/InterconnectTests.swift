import Testing

@testable import TopologyModel

/// Links between regions: who reaches whom, and what the lock file keeps.
@Suite struct InterconnectTests {
  private func text(_ interconnects: String) -> String {
    let regions = ["a", "b", "c"].enumerated().map { index, name in
      """
        - name: \(name)
          racks:
            - name: rack\(name)
              subnet: 172.16.\(index).0/24
              tors: [{ name: tor\(name), loopback: 192.0.2.\(index) }]
              hosts: [{ name: \(name)1 }, { name: \(name)2 }]
      """
    }
    return """
      romana: 1
      fabric: shop
      allow: [RC0630]
      networks:
        - { name: pods, cidr: 10.0.0.0/12, bits: { region: 3, rack: 1, host: 2, tenant: 4, segment: 3, endpoint: 7 } }
      tenants: [{ name: acme, segments: [web] }]
      regions:
      \(regions.joined(separator: "\n"))
      interconnects:
      \(interconnects)
      """
  }

  private let gateways = "gateways: { a1: 198.51.100.1, b1: 198.51.100.2, c1: 198.51.100.3 }"

  private func reached(_ topology: Topology) -> [[String]] {
    topology.regions.map { region in region.far.map { topology.regions[$0.region].name.text } }
  }

  /// The help for a key that is not a name is in the words of that key, and does not repeat the value.
  @Test func `a private key in the topology is refused in its own words`() {
    let compiled = compile(
      text(
        "  - { name: x, kind: tunnel, encapsulation: wireguard, key_file: \"aGVsbG8= \", between: [a, b, c], \(gateways) }"
      ))
    #expect(compiled.topology == nil && compiled.printed.contains("write `key_file: NAME`, and put"))
    #expect(!compiled.printed.contains("aGVsbG8"))
  }

  @Test(
    arguments: [
      ("", [["b", "c"], ["a", "c"], ["a", "b"]], 3), ("hub: b,", [["b"], ["a", "c"], ["b"]], 2),
      ("hub: b, transit: true,", [["b", "c"], ["a", "c"], ["a", "b"]], 2),
    ]) func `no region is transit unless asked`(_ hub: String, _ expected: [[String]], _ tunnels: Int) throws
  {
    let topology = try compileCleanly(
      text("  - { name: x, kind: tunnel, encapsulation: gre, between: [a, b, c], \(hub) \(gateways) }")
    ).topology
    #expect(reached(topology) == expected)
    #expect(topology.interconnects[0].tunnels?.tunnels.count == tunnels)
  }

  @Test func `two interconnects do not add up to a way`() throws {
    let topology = try compileCleanly(
      text(
        """
          - { name: x, kind: tunnel, key_file: k, between: [a, b], gateways: { a1: 198.51.100.1, b1: 198.51.100.2 } }
          - { name: y, kind: tunnel, key_file: k, between: [b, c], gateways: { b1: 198.51.100.2, c1: 198.51.100.3 } }
        """)
    ).topology
    #expect(reached(topology) == [["b"], ["a", "c"], ["b"]])
    let ports = topology.interconnects.flatMap { $0.tunnels?.tunnels ?? [] }.map(\.port)
    #expect(ports == [51820, 51821])
  }

  /// Numbers of gateways and of the ToRs above them are in the paths of what they announce, others are not: they may repeat, and those
  /// of spokes without transit too.
  @Test(
    arguments: [
      ("tora", "b1", true), ("a1", "torb", true), ("a1", "b1", true), ("tora", "torb", true), ("a2", "b2", false),
      ("a1", "b2", false), ("a2", "torb", false), ("a1", "c1", false), ("tora", "torc", false), ("tora", "c1", false),
    ]) func `numbers that repeat on a path are refused`(_ first: String, _ second: String, _ isRefused: Bool)
  {
    for transit in [false, true] {
      let hub = "between: [a, b, c], hub: b, transit: \(transit)"
      var text = self.text("  - { name: x, kind: tunnel, key_file: k, \(hub), \(gateways) }")
      for name in [first, second] { text = text.replacing("{ name: \(name)", with: "{ asn: 64512, name: \(name)") }
      let compiled = compile(text)
      // Over the hub the outer two hear of each other.
      let expected = isRefused || transit && ["c1", "torc"].contains(second)
      #expect(compiled.printed.contains("RC0641") == expected, "transit \(transit): \(compiled.printed)")
      #expect((compiled.topology == nil) == expected, "\(compiled.printed)")
    }
  }

  /// Another gateway, another order: tunnels that were there keep number and link, those that went stay reserved.
  @Test func `tunnels do not move`() throws {
    func line(_ names: [String]) -> String {
      let gateways = names.map { "\($0): 198.51.100.\($0.utf8.reduce(0) { 3 * $0 + Int($1) } % 200)" }
      return
        "  - { name: x, kind: tunnel, key_file: k, between: [a, b], gateways: { \(gateways.joined(separator: ", ")) } }"
    }
    func links(_ topology: Topology) -> [String: String] {
      let tunnels = topology.interconnects.flatMap { $0.tunnels?.tunnels ?? [] }
      return Dictionary(
        uniqueKeysWithValues: tunnels.map { tunnel in
          let ends = tunnel.ends.map { topology.hosts[$0.host].name.text }
          return (ends.joined(separator: "--"), "\(tunnel.number) \(tunnel.prefix!)")
        })
    }
    let first = try compileCleanly(text(line(["a2", "b1"])))
    #expect(links(first.topology) == ["a2--b1": "0 169.254.240.0/31"])
    let grown = try compileCleanly(text(line(["b2", "a1", "b1", "a2"])), lock: first.lock)
    #expect(links(grown.topology)["a2--b1"] == "0 169.254.240.0/31" && links(grown.topology).count == 4)
    let other = try compileCleanly(text(line(["a1", "b2"])), lock: grown.lock)
    #expect(links(other.topology)["a1--b2"] == links(grown.topology)["a1--b2"])
    #expect(other.lock.entries[.tunnels]?.count == 4)
  }
  /// A gateway under another name is the same gateway: its tunnels stay, on both sides.
  @Test(arguments: [("a2", "b1"), ("a1", "b2")]) func `tunnels follow a gateway that is renamed`(
    _ gateway: String, _ other: String
  ) throws {
    func line(_ names: [String]) -> String {
      let gateways = names.enumerated().map { "\($1): 198.51.100.\($0 + 1)" }
      return
        "  - { name: x, kind: tunnel, key_file: k, between: [a, b], gateways: { \(gateways.joined(separator: ", ")) } }"
    }
    let first = try compileCleanly(text(line([gateway, "b1", "b2"])))
    let renamed = text(line([gateway == "a2" ? "west" : gateway, "b1", other == "b2" ? "east" : "b2"]))
      .replacing("{ name: a2 }", with: gateway == "a2" ? "{ name: west, renamed_from: a2 }" : "{ name: a2 }")
      .replacing("{ name: b2 }", with: other == "b2" ? "{ name: east, renamed_from: b2 }" : "{ name: b2 }")
    let second = try compileCleanly(renamed, lock: first.lock)
    let tunnels = [first, second].map { $0.topology.interconnects[0].tunnels?.tunnels ?? [] }
    #expect(tunnels[0].map(\.number) == tunnels[1].map(\.number) && tunnels[0].count == 2)
    #expect(tunnels[0].map(\.prefix) == tunnels[1].map(\.prefix))
    #expect(second.lock.entries[.tunnels]?.count == 2)
  }
  /// A hub carries what it has itself: what two spokes share without it does not cross, and that is said where nothing else does.
  @Test(arguments: [
    ("[a, b, c]", "transit: true", [[1, 2], [0, 2], [0, 1]]), ("[a, b, c]", "transit: false", [[1], [0, 2], [1]]),
    ("[a, c]", "transit: false", [[1], [0, 2], [1]]), ("[a, c]", "transit: true", nil),
  ]) func `a hub carries what it has itself`(_ regions: String, _ transit: String, _ expected: [[Int]]?) {
    let compiled = compile(
      text("  - { name: x, kind: tunnel, encapsulation: gre, between: [a, b, c], hub: b, \(transit), \(gateways) }")
        .replacing(
          "tenants:",
          with: """
              - { name: near, cidr: 10.32.0.0/12, bits: { region: 3, rack: 1, host: 2, tenant: 4, segment: 3, endpoint: 7 }, regions: [a, b] }
              - { name: next, cidr: 10.48.0.0/12, bits: { region: 3, rack: 1, host: 2, tenant: 4, segment: 3, endpoint: 7 }, regions: [b, c] }
            tenants:
            """
        ).replacing("endpoint: 7 } }\n", with: "endpoint: 7 }, regions: \(regions) }\n"))
    if let expected {
      #expect(compiled.topology?.regions.map { region in Set(region.far.map(\.region)).sorted() } == expected)
    } else {
      #expect(compiled.codes == [.nothingInCommon])
      #expect(compiled.printed.contains("'b' between them"), "\(compiled.printed)")
    }
  }

  /// Two gateways behind one address: WireGuard has ports to tell them apart, GRE has not.
  @Test(arguments: [("gre", [DiagnosticCode.gatewayAddress]), ("wireguard, key_file: k", [])])
  func `one GRE tunnel leads to an address`(_ encapsulation: String, _ expected: [DiagnosticCode]) {
    let compiled = compile(
      text(
        """
          - { name: x, kind: tunnel, encapsulation: \(encapsulation), between: [a, b], gateways: { a1: 198.51.100.1, b1: 198.51.100.2 } }
          - { name: y, kind: tunnel, encapsulation: \(encapsulation), between: [b, c], gateways: { b1: 198.51.100.2, c1: 198.51.100.1 } }
        """))
    #expect(compiled.codes == expected, "\(compiled.printed)")
  }

  private func cloud(_ zone: String, _ tunnels: String = "") -> String {
    """
    romana: 1
    fabric: shop
    networks: [{ name: pods6, cidr: fd00:10::/32, bits: { region: 4, rack: 4, host: 8, tenant: 8, segment: 8, endpoint: 64 } }]
    tenants: [{ name: acme, segments: [web] }]
    regions:
      - name: dc1
        racks:
          - name: rack1
            subnet: 172.16.1.0/24
            subnet6: fd00:16:1::/64
            tors: [{ name: tor1, loopback: 192.0.2.1 }]
            hosts: [{ name: h1 }]
      - name: us-east-1
        kind: ec2
        vpc: { cidr: 172.20.0.0/16, cidr6: 2001:db8:f00::/56 }
        zones: [{ name: us-east-1a, \(zone) subnet6: 2001:db8:f00:1::/64, hosts: [{ name: i1 }] }]
    interconnects:
      - { name: x, kind: tunnel, between: [dc1, us-east-1], key_file: k, gateways: { h1: 198.51.100.1, i1: 203.0.113.1 }\(tunnels) }
    """
  }

  /// An instance needs no IPv4 address, until it speaks BGP.
  @Test func `a gateway has a router id`() {
    let compiled = compile(cloud(""))
    #expect(compiled.codes == [.missingSubnet], "\(compiled.printed)")
    #expect(compile(cloud("subnet: 172.20.1.0/24,")).codes == [])
  }

  @Test(arguments: ["link_pool: 169.254.168.0/22", "link_pool: 169.254.0.0/16", "link_pool6: fd00:ec2:1::/64"])
  func `links stay clear of what EC2 keeps`(_ pool: String) {
    let compiled = compile(cloud("subnet: 172.20.1.0/24,", ", \(pool)"))
    #expect(compiled.codes == [.reservedDestination], "\(compiled.printed)")
  }
  /// On EC2 as anywhere: FRR, unless a gateway says otherwise; other instances need no daemon.
  @Test(arguments: [("", Speaker.frr), (", speaker: frr", .frr), (", speaker: quagga", .quagga)])
  func `a gateway of EC2 is a full router`(_ setting: String, _ expected: Speaker) throws {
    let text = cloud("subnet: 172.20.1.0/24,").replacing("{ name: i1 }", with: "{ name: i1\(setting) }, { name: i2 }")
    let hosts = try compileCleanly(text).topology.hosts
    #expect(hosts.first { $0.name.text == "i1" }?.settings.speaker == expected)
    #expect(hosts.first { $0.name.text == "i2" }?.settings.speaker == Speaker.none)
    #expect(compile(text.replacing("{ name: i2 }", with: "{ name: i2, speaker: frr }")).codes == [.settingOfEC2])
    let other = compile(text.replacing("{ name: i1\(setting) }", with: "{ name: i1, speaker: bird }"))
    #expect(other.codes == [.gatewaySpeaker], "\(other.printed)")
  }
}
