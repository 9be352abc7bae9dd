import Testing

@testable import Emitters
@testable import TopologyModel

/// What `show running-config` and bgpd of FRR 8.4.4 are particular about.
@Suite struct FRRTests {
  @Test func `static routes stand in staticd's order, shorter prefixes first, IPv4 before IPv6`() {
    var sample = BGPSample()
    sample.addRoute("fd00::/32", .discard)
    sample.addRoute("10.0.0.0/19", .gateways([sampleHop("172.16.1.1")]))
    sample.addRoute("10.8.0.0/13", .gateways([sampleHop("172.31.0.4"), sampleHop("172.31.0.12")]))
    sample.addRoute("10.0.0.0/13", .discard)
    #expect(
      sample.frr().lines(with: " route ") == [
        "ip route 10.0.0.0/13 blackhole 254",
        "ip route 10.8.0.0/13 172.31.0.4",
        "ip route 10.8.0.0/13 172.31.0.12",
        "ip route 10.0.0.0/19 172.16.1.1",
        "ipv6 route fd00::/32 blackhole 254",
      ])
  }

  @Test func `neighbours stand by peer group, then by number`() {
    var sample = BGPSample()
    sample.addFilter(.networks, .ipv4, [])
    sample.addSession("s1", .spine, "10.0.0.1")
    sample.addSession("h10", .host, "172.16.1.21")
    sample.addSession("h2", .host, "172.16.1.5")
    sample.addSession("h2", .host, "fd00::5")
    #expect(
      sample.frr().lines(with: " description ") == [
        "neighbor 172.16.1.5 description h2",
        "neighbor 172.16.1.21 description h10",
        "neighbor fd00::5 description h2",
        "neighbor 10.0.0.1 description s1",
      ])
  }

  /// On a neighbour, or on a group after its members, bgpd would start multihop BFD, which stays down.
  @Test func `TTL security is set on groups only, before they have members`() throws {
    var sample = BGPSample()
    sample.addFilter(.networks, .ipv4, [])
    sample.addSession("h1", .host, "172.16.1.1")
    sample.addSession("s1", .spine, "172.31.0.1")
    let lines = sample.frr().lines(with: "neighbor ")
    let security = lines.indices.filter { lines[$0].hasSuffix("ttl-security hops 1") }
    #expect(security.map { lines[$0] } == ["hosts", "spines"].map { "neighbor \($0)-v4 ttl-security hops 1" })
    let member = try #require(lines.firstIndex { $0.hasSuffix("peer-group hosts-v4") })
    #expect(security.allSatisfy { $0 < member })
  }

  /// FRR denies with a missing list too, but a reference to nothing reads like a mistake.
  @Test func `an empty filter is a list that denies`() {
    var sample = BGPSample()
    sample.addFilter(.nothing, .ipv6, [])
    sample.addSession("h1", .host, "fd00::1")
    #expect(sample.frr().lines(with: "prefix-list nothing seq") == ["ipv6 prefix-list nothing seq 5 deny any"])
  }

  @Test(arguments: [
    (13...13, "permit 10.0.0.0/13"),
    (19...19, "permit 10.0.0.0/13 ge 19 le 19"),
    (13...19, "permit 10.0.0.0/13 le 19"),
    (16...32, "permit 10.0.0.0/13 ge 16 le 32"),
  ])
  func `lengths are spelled as FRR takes them`(lengths: ClosedRange<Int>, text: String) {
    var sample = BGPSample()
    sample.addFilter(.regionAggregates, .ipv4, [FilterEntry(samplePrefix("10.0.0.0/13"), lengths: lengths)])
    sample.addSession("s1", .spine, "172.31.0.1")
    #expect(sample.frr().lines(with: " seq ") == ["ip prefix-list region seq 5 \(text)"])
  }

  @Test func `denials keep their place before what they are taken out of`() {
    var sample = BGPSample()
    sample.addFilter(
      .regionAggregates, .ipv4,
      [
        FilterEntry(permits: false, samplePrefix("10.8.0.0/13")),
        FilterEntry(samplePrefix("10.0.0.0/9"), lengths: 13...13),
      ])
    sample.addSession("s1", .spine, "172.31.0.1")
    #expect(
      sample.frr().lines(with: " seq ") == [
        "ip prefix-list region seq 5 deny 10.8.0.0/13",
        "ip prefix-list region seq 10 permit 10.0.0.0/9 ge 13 le 13",
      ])
  }

  @Test func `a device without IPv6 sessions has no IPv6 section and no next-hop map`() {
    var sample = BGPSample()
    sample.addFilter(.networks, .ipv4, [])
    sample.addSession("h1", .host, "172.16.1.1")
    #expect(sample.frr().lines(with: "v6") == [])
    #expect(sample.frr().lines(with: "route-map") == [])
  }

  @Test func `without BGP neither bgpd nor bfdd runs`() {
    var writer = TextWriter()
    emitFRRDaemons(BGPSample().device(.spine), into: &writer)
    let text = String(decoding: writer.bytes, as: UTF8.self)
    #expect(text.lines(with: "=yes") == ["vtysh_enable=yes"])
  }
}
