import Testing

@testable import Emitters
@testable import TopologyModel

@Suite struct RulesTests {
  /// What `iptables-save` prints for the rule, as measured with iptables 1.8.9 on both backends.
  @Test(arguments: [
    (RuleComment.word("replies"), "replies"),
    (.word("endpoint to host"), "\"endpoint to host\""),
    (.tenant(Name("blue-team")!), "blue-team"),
    (.network(Name("pods.v4")!), "\"pods.v4\""),
    (.segment(tenant: Name("acme")!, segment: Name("web")!), "\"acme/web\""),
    (.egress(tenant: Name("acme")!), "\"egress acme\""),
  ])
  func `comments are quoted as iptables-save quotes them`(comment: RuleComment, expected: String) {
    var writer = TextWriter()
    write(FilterRule(comment: comment, verdict: .return), into: &writer)
    #expect(writer.text == " -m comment --comment \(expected) -j RETURN")
  }

  @Test func `matches stand in the order of iptables-save, masks with gaps as addresses`() throws {
    let gaps = AddressMatch(value: try Address(parsing: "10.0.1.16"), mask: 0xff00_fff0)
    let whole = AddressMatch(try Prefix(parsing: "10.0.0.0/9"))
    var writer = TextWriter()
    write(
      FilterRule(
        source: gaps, destination: whole, input: InterfacePattern("ep+"),
        proto: .udp(sourcePort: 68, destinationPort: 67), establishedOnly: true, verdict: .goto(ChainName("romana-n0"))),
      into: &writer)
    #expect(
      writer.text == " -s 10.0.1.16/255.0.255.240 -d 10.0.0.0/9 -i ep+ -p udp -m udp --sport 68 --dport 67"
        + " -m conntrack --ctstate RELATED,ESTABLISHED -g romana-n0")
  }

  /// `iptables-save` sorts chains by name, so shared chains stand before, between and after those of the host.
  @Test func `shared chains are merged by name`() {
    func chain(_ name: StaticString) -> FilterChain {
      FilterChain(name: ChainName(name), rules: [FilterRule(verdict: .drop)])
    }
    var device = DevicePlan(fabric: Name("f")!, name: Name("h")!, role: .host, artifacts: [])
    let own = HostFilter(chains: [chain("romana-fabric"), chain("romana-host"), chain("romana-spoof")])
    device.firewall = HostFirewall(mode: .share, ipv4: own, ipv6: HostFilter(chains: []))
    let shared = renderSharedRules([chain("romana-u"), chain("romana-e0"), chain("romana-inside")])
    var writer = TextWriter()
    emitRules(device, .ipv4, shared: shared, into: &writer)
    let declared = writer.text.split(separator: "\n").filter { $0.hasPrefix(":") }
    let rules = writer.text.split(separator: "\n").filter { $0.hasPrefix("-A") }
    let order = ["e0", "fabric", "host", "inside", "spoof", "u"]
    #expect(declared == order.map { ":romana-\($0) - [0:0]" })
    #expect(rules == order.map { "-A romana-\($0) -j DROP" })
  }
}

extension TextWriter {
  var text: String { String(decoding: bytes, as: UTF8.self) }
}
