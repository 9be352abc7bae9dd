import Testing

@testable import Emitters
@testable import TopologyModel

/// What the other speakers' files say where the goldens do not come.
@Suite struct SpeakerTests {
  private func text(_ device: DevicePlan, _ emit: (DevicePlan, inout TextWriter) -> Void) -> String {
    var writer = TextWriter()
    emit(device, &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Both families; IPv6 has nothing to announce. No BFD and no roles, as with a speaker that lacks them.
  private var sample: BGPSample {
    var sample = BGPSample()
    sample.addFilter(.networks, .ipv4, [FilterEntry(samplePrefix("10.0.0.0/9"))])
    sample.addFilter(.hostPrefixes(Name("d")!), .ipv4, [FilterEntry(samplePrefix("10.0.0.0/19"))])
    sample.addFilter(.nothing, .ipv6, [])
    sample.addSession("t1", .tor, "172.16.1.1", believes: 0, announces: 1)
    sample.addSession("t1", .tor, "fd00::1", believes: 2, announces: 2)
    for index in sample.sessions.indices {
      sample.sessions[index].bfd = false
      sample.sessions[index].localRole = nil
    }
    sample.originated = ["10.0.0.0/19"]
    return sample
  }

  @Test func `ExaBGP announces to each neighbour what is of its family, or nothing`() {
    let file = text(sample.device(.host)) { emitExaBGP($0, into: &$1) }
    #expect(file.lines(with: "announce") == ["announce {"])
    #expect(file.lines(with: " next-hop ") == ["unicast 10.0.0.0/19 next-hop self;"])
    #expect(file.lines(with: "neighbor") == ["neighbor 172.16.1.1 {", "neighbor fd00::1 {"])
    #expect(file.lines(with: "route-refresh").count == 2)
  }

  @Test func `a file of BIRD 1.6 has one family, no channel and no role`() {
    var sample = sample
    sample.sessions[0].bfd = true
    let first = text(sample.device(.host)) { emitBIRD1($0, .ipv4, into: &$1) }
    let second = text(sample.device(.host)) { emitBIRD1($0, .ipv6, into: &$1) }
    #expect(first.lines(with: "neighbor ") == ["neighbor 172.16.1.1 as 4200000009;"])
    #expect(second.lines(with: "neighbor ") == ["neighbor fd00::1 as 4200000009;"])
    for file in [first, second] {
      #expect(file.lines(with: "role") == [] && file.lines(with: "ipv4") == [] && file.lines(with: "ipv6") == [])
    }
    #expect(first.lines(with: "bfd") == ["protocol bfd {", "bfd on;"])
    #expect(
      second.lines(with: "bfd on") == []
        && second.lines(with: "port none") == ["import none;", "import none;", "export none;"])
  }

  @Test func `Quagga denies everything where there is nothing to announce`() {
    let file = text(sample.device(.host)) { emitQuaggaBGP($0, into: &$1) }
    #expect(
      file.lines(with: "fd00::1 prefix-list") == [
        "neighbor fd00::1 prefix-list nothing in", "neighbor fd00::1 prefix-list nothing out",
      ])
    #expect(file.lines(with: "prefix-list nothing seq") == ["ipv6 prefix-list nothing seq 5 deny any"])
    #expect(file.lines(with: "network ") == ["network 10.0.0.0/19"])
    // Words of FRR that Quagga 1.2 does not have.
    for word in ["bfd", "role", "requires-policy", "prefer-global", "nexthop kernel", "maximum-prefix-out"] {
      #expect(file.lines(with: word) == [], "\(word)")
    }
  }

  @Test func `peer groups are apart by BFD, in the order of bgpd`() {
    var sample = sample
    sample.sessions[0].bfd = true
    sample.addSession("t2", .tor, "172.16.1.3", believes: 0, announces: 1)
    sample.sessions[2].bfd = false
    let file = sample.frr()
    #expect(file.lines(with: "-v4 peer-group") == ["neighbor tors-nobfd-v4 peer-group", "neighbor tors-v4 peer-group"])
    #expect(file.lines(with: " bfd") == ["neighbor tors-v4 bfd"])
    #expect(file.lines(with: "local-role") == ["neighbor 172.16.1.3 local-role customer strict-mode"])
  }

  @Test func `FRR on a host leaves the routes to routes.sh, and has no limit that withdraws`() {
    var sample = sample
    sample.sessions[0].exportLimit = 1
    sample.addRoute("10.0.0.0/19", .discard)
    var device = sample.device(.host)
    #expect(text(device) { emitFRR($0, into: &$1) }.lines(with: "blackhole").count == 1)
    device.artifacts = [.routesScript, .frr]
    let file = text(device) { emitFRR($0, into: &$1) }
    #expect(file.lines(with: "blackhole") == [])
    #expect(file.lines(with: "maximum-prefix-out") == [])
  }
}
