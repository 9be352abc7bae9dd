import Testing

@testable import Emitters
@testable import TopologyModel

@Suite struct BIRDTests {
  /// BIRD 2.0.12 refuses symbols of more than 64 bytes; names may have 63.
  @Test func `the protocol of a neighbour with the longest name still has a legal name`() throws {
    var sample = BGPSample()
    sample.addFilter(.networks, .ipv4, [])
    sample.addSession(String(repeating: "t", count: 63), .tor, "172.16.1.1")
    let line = try #require(sample.bird().lines(with: "protocol bgp").first)
    #expect(line == "protocol bgp '\(String(repeating: "t", count: 61))-v4' {")
  }

  @Test func `prefixes are matched exactly or by their lengths, in order`() {
    var sample = BGPSample()
    sample.addFilter(
      .regionAggregates, .ipv4,
      [
        FilterEntry(samplePrefix("0.0.0.0/0")),
        FilterEntry(permits: false, samplePrefix("10.8.0.0/13")),
        FilterEntry(samplePrefix("10.0.0.0/9"), lengths: 13...16),
      ])
    sample.addFilter(.hostPrefixes(Name("d")!), .ipv4, [FilterEntry(samplePrefix("10.0.0.0/19"))])
    sample.addSession("t1", .tor, "172.16.1.1", believes: 0, announces: 1, limit: 1)
    #expect(
      sample.bird().lines(with: "if net") == [
        "if net ~ [ 0.0.0.0/0 ] then accept;",
        "if net ~ [ 10.8.0.0/13 ] then reject;",
        "if net ~ [ 10.0.0.0/9{13,16} ] then accept;",
        "if net ~ [ 10.0.0.0/19 ] then accept;",
      ])
    #expect(sample.bird().lines(with: "limit") == ["export limit 1 action disable;"])
  }

  @Test func `a drained host has nothing to announce and no static routes`() {
    var sample = BGPSample()
    sample.addFilter(.networks, .ipv6, [FilterEntry(samplePrefix("fd00::/32"))])
    sample.addFilter(.nothing, .ipv6, [])
    sample.addSession("t1", .tor, "fd00::1", believes: 0, announces: 1, limit: 0)
    #expect(sample.bird().lines(with: "export none") == ["export none;"])
    #expect(sample.bird().lines(with: "protocol static") == [])
    #expect(sample.bird().lines(with: "ipv4") == [])
  }

  /// Only what BGP told may reach the kernel: the discard routes there belong to routes.sh.
  @Test func `own prefixes stay out of the kernel`() {
    var sample = BGPSample()
    sample.addFilter(.networks, .ipv4, [])
    sample.addSession("t1", .tor, "172.16.1.1")
    sample.originated = ["10.0.0.0/19"]
    #expect(sample.bird().lines(with: "blackhole") == ["route 10.0.0.0/19 blackhole;"])
    #expect(sample.bird().lines(with: "RTS_") == ["export where source = RTS_BGP;"])
  }
}
