import Testing
import TopologyModel
import Verification

/// What comes to hosts whose own traffic is filtered, in the files of both backends: exactly what their plan needs.
@Suite struct HostInputTests {
  private struct Filters {
    var device: DevicePlan
    var host: Host
    var rules: [RuleFile]
    var table: NFTFile

    /// Both backends; nil if they disagree.
    func accepts(_ packet: Packet) -> Bool? {
      let first = evaluate(packet, at: .input, in: rules[Int(packet.source.family.rawValue)]).verdict == .accept
      let second = evaluate(packet, at: .input, in: table).verdict == .accept
      return first == second ? first : nil
    }
  }

  private func filters() throws -> [Filters] {
    let fabric = try Fabric(example: "strict-hosts")
    let (iptables, nft) = (fabric.with(.iptables), fabric.with(.nft))
    return try fabric.topology.hosts.enumerated().filter { $0.element.settings.management != nil }.map { index, host in
      Filters(
        device: fabric.plan.plan(try #require(fabric.plan.device(named: host.name.text))), host: host,
        rules: try AddressFamily.allCases.map { try iptables.rules(index, $0) }, table: try nft.table(index))
    }
  }

  @Test func `sessions of a host come from exactly its neighbours`() throws {
    let hosts = try filters()
    #expect(hosts.count == 5)
    for filter in hosts {
      for session in filter.device.bgp?.sessions ?? [] {
        let peer = try #require(session.neighborAddress)
        let own = try #require(session.localAddress)
        func accepts(_ source: Address, _ payload: Packet.Payload, on input: String = "eth0") -> Bool? {
          filter.accepts(Packet(from: source, to: own, in: input, payload))
        }
        #expect(accepts(peer, .tcp(source: 40000, destination: 179)) == true)
        #expect(accepts(peer, .udp(source: 49152, destination: 3784)) == session.bfd)
        #expect(accepts(peer.advanced(by: 8), .tcp(source: 40000, destination: 179)) == false)
        #expect(accepts(peer, .tcp(source: 40000, destination: 179), on: "eth9") == false)
        for port in [22, 80, 178, 180] { #expect(accepts(peer, .tcp(source: 179, destination: port)) == false) }
        #expect(accepts(peer, .udp(source: 49152, destination: 4784)) == false)
        #expect(accepts(peer, .other(89)) == false)
        #expect(accepts(peer, .other(47)) == false)
      }
    }
    #expect(hosts.reduce(0) { $0 + ($1.device.bgp?.sessions.count ?? 0) } == 6)
  }

  @Test func `OSPF comes from the other end of the link`() throws {
    let hosts = try filters().filter { $0.device.ospf != nil }
    #expect(hosts.count == 2)
    for filter in hosts {
      let own = try #require(filter.host.address(.ipv4))
      let neighbor = Address(.ipv4, own.bits & ~1)
      let group = try Address(parsing: "224.0.0.5")
      let linkLocal = try Address(parsing: "fe80::7")
      func accepts(_ source: Address, _ to: Address, _ input: String, _ payload: Packet.Payload) -> Bool? {
        filter.accepts(Packet(from: source, to: to, in: input, payload))
      }
      #expect(accepts(neighbor, group, "eth0", .other(89)) == true)
      #expect(accepts(neighbor, own, "eth0", .udp(source: 49152, destination: 3784)) == true)
      #expect(accepts(neighbor.advanced(by: 2), group, "eth0", .other(89)) == false)
      #expect(accepts(neighbor, group, "eth9", .other(89)) == false)
      #expect(accepts(linkLocal, try Address(parsing: "ff02::5"), "eth0", .other(89)) == true)
      #expect(
        accepts(try Address(parsing: "2001:db8::7"), try Address(parsing: "ff02::5"), "eth0", .other(89)) == false)
      #expect(accepts(neighbor, own, "eth0", .tcp(source: 40000, destination: 179)) == false)
    }
  }

  @Test func `operators reach the host by what management names`() throws {
    for filter in try filters() {
      let own = try #require(filter.host.address(.ipv4))
      func accepts(_ source: String, _ payload: Packet.Payload, state: FlowState = .new) throws -> Bool? {
        let source = try Address(parsing: source)
        let to = source.family == .ipv4 ? own : try #require(filter.host.address(.ipv6))
        return filter.accepts(Packet(from: source, to: to, in: "mgmt0", payload, state: state))
      }
      #expect(try accepts("192.0.2.129", .tcp(source: 1, destination: 22)) == true)
      #expect(try accepts("192.0.2.127", .tcp(source: 1, destination: 22)) == false)
      #expect(try accepts("192.0.2.129", .tcp(source: 1, destination: 23)) == false)
      #expect(try accepts("192.0.2.140", .tcp(source: 1, destination: 9101)) == true)
      #expect(try accepts("192.0.2.140", .udp(source: 1, destination: 161)) == true)
      #expect(try accepts("192.0.2.141", .udp(source: 1, destination: 161)) == false)
      #expect(try accepts("2001:db8:7:1::9", .tcp(source: 1, destination: 22)) == true)
      #expect(try accepts("2001:db8:8::9", .tcp(source: 1, destination: 22)) == false)
      // What everybody needs, and what belongs to flows of the host's own.
      #expect(try accepts("198.51.100.1", .icmp(type: 8)) == true)
      #expect(try accepts("fe80::9", .icmp(type: 135)) == true)
      #expect(try accepts("198.51.100.1", .udp(source: 67, destination: 68)) == true)
      #expect(try accepts("198.51.100.1", .udp(source: 68, destination: 67)) == false)
      #expect(try accepts("fe80::9", .udp(source: 547, destination: 546)) == true)
      #expect(try accepts("198.51.100.1", .tcp(source: 443, destination: 40000), state: .established) == true)
      #expect(try accepts("198.51.100.1", .tcp(source: 443, destination: 40000)) == false)
    }
  }
}
