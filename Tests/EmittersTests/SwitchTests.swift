import Testing

@testable import Emitters
@testable import TopologyModel

@Suite struct SwitchTests {
  private func hop(_ text: String) throws -> NextHop {
    NextHop(address: try Address(parsing: text), device: Name("d")!, interface: nil)
  }

  private func device(_ routes: [StaticRoute]) -> DevicePlan {
    var plan = DevicePlan(fabric: Name("f")!, name: Name("t")!, role: .tor, artifacts: [])
    plan.routes = routes
    return plan
  }

  private func text(_ emit: (inout TextWriter) -> Void) -> String {
    var writer = TextWriter()
    emit(&writer)
    return writer.text
  }

  /// The limits of names on EOS and NX-OS are not documented for every release; 48 characters are within all known ones.
  @Test func `a name of a route has at most 48 characters`() throws {
    let long = Name(String(repeating: "x", count: 63))!
    let purposes: [RoutePurpose] = [
      .ownPrefix(network: long), .hostPrefix(host: long, network: long), .rackAggregate(rack: long, network: long),
      .block(host: long, network: long, tenant: long, segment: long),
      .block(host: nil, network: long, tenant: long, segment: long), .network(long), .defaultRoute,
      .endpoint(tenant: long, segment: long, name: long),
    ]
    for purpose in purposes { #expect(text { $0.write(routeName: purpose) }.utf8.count <= 48) }
    #expect(text { $0.write(routeName: .network(Name("pods")!)) } == "network-pods")
  }

  @Test func `nothing is written of a family that a switch has no routes of`() throws {
    let route = StaticRoute(
      prefix: try Prefix(parsing: "fd00::/48"), target: .gateways([try hop("fd01::"), try hop("fd01::2")]),
      purpose: .defaultRoute)
    let plan = device([route])
    let eos = text { emitEOS(plan, into: &$0) }
    #expect(eos.contains("\nipv6 unicast-routing\nipv6 route fd00::/48 fd01:: tag 77 name default\n"))
    #expect(!eos.contains("ip routing"))
    let junos = text { emitJunos(plan, into: &$0) }
    #expect(junos.contains("            rib inet6.0 {\n                static {\n"))
    #expect(!junos.contains("\n            static {"))
    #expect(junos.contains("next-hop [ fd01:: fd01::2 ];"))
  }

  @Test func `a switch without routes gets a file that says so`() {
    let plan = device([])
    #expect(text { emitSONiC(plan, into: &$0) } == "{\n  \"STATIC_ROUTE\": {\n  }\n}\n")
    #expect(text { emitNVUE(plan, into: &$0) }.contains("          static: {}\n# romana-compile: end"))
    #expect(text { emitNXOS(plan, into: &$0) }.split(separator: "\n").count == 2)
  }

  @Test func `removals are spelled in each system's words`() throws {
    let purpose = RoutePurpose.hostPrefix(host: Name("h1")!, network: Name("pods6")!)
    let stale = [
      StaleRoute(
        prefix: try Prefix(parsing: "fd00:10::/64"), target: .gateway(try Address(parsing: "fd00:16::1")),
        purpose: purpose, isWholePrefix: true),
      StaleRoute(
        prefix: try Prefix(parsing: "10.0.0.0/16"), target: .discard, purpose: .network(Name("pods")!),
        isWholePrefix: false),
    ]
    func lines(_ system: MergingSystem) -> String { text { emitRemovals(stale, system, of: device([]), into: &$0) } }
    let head = "romana-compile: fabric f, tor t: former static routes"
    let end = "romana-compile: end of former static routes"
    #expect(
      lines(.eos) == "! \(head)\nno ipv6 route fd00:10::/64 fd00:16::1\nno ip route 10.0.0.0/16 Null0\n! \(end)\n")
    #expect(
      lines(.nxos) == """
        ! \(head)
        no ipv6 route fd00:10::/64 fd00:16::1 name host-h1 tag 77
        no ip route 10.0.0.0/16 Null0 name network-pods tag 77
        ! \(end)

        """)
    #expect(
      lines(.nvue) == """
        # \(head)
        nv unset vrf default router static fd00:10::/64
        nv unset vrf default router static 10.0.0.0/16 via blackhole
        # \(end)

        """)
    #expect(
      text { emitRemovals([stale[0]], .sonic, of: device([]), into: &$0) }
        == "[\n  { \"op\": \"remove\", \"path\": \"/STATIC_ROUTE/default|fd00:10::~164\" }\n]\n")
  }
}
