import Testing
import TopologyModel

@testable import Lab

/// How the lab reads what programs print, and what it expects; no root needed.
@Suite struct ReadingTests {
  @Test func tablesAreComparedBothWays() throws {
    let hop = try Address(parsing: "192.0.2.1")
    let (first, second) = (try Prefix(parsing: "10.0.0.0/8"), try Prefix(parsing: "10.1.0.0/16"))
    let kernel = [
      KernelRoute(prefix: first, meaning: .via([hop]), isConnected: false),
      KernelRoute(prefix: second, meaning: .discard, isConnected: false),
    ]
    let third = try Prefix(parsing: "10.2.0.0/16")
    #expect(compareTable(kernel, ExpectedTable(routes: [first: .via([hop]), second: .discard], connected: [])) == [])
    let other = ExpectedTable(routes: [first: .discard, third: .discard], connected: [])
    #expect(
      compareTable(kernel, other) == [
        "10.0.0.0/8 is via 192.0.2.1, but should be discard", "10.1.0.0/16 discard should not be there",
        "10.2.0.0/16 discard is missing",
      ])
  }

  @Test func sessionsOfFRRAreRead() throws {
    let json = """
      {"ipv4Unicast":{"routerId":"192.0.2.1","peers":{"172.16.1.1":{"state":"Established","pfxRcd":1},
      "172.16.1.3":{"state":"Active"}}},"ipv6Unicast":{"peers":{"fd00::1":{"state":"Idle (Admin)"}}}}
      """
    #expect(parseFRRSessions(json).map(\.isEstablished) == [true, false, false])
  }

  @Test func sessionsOfBIRDAreRead() {
    let text = """
      BIRD 2.0.12 ready.
      Name       Proto      Table      State  Since         Info
      kernel4    Kernel     master4    up     03:12:01.000
        Channel ipv4
      tor1-v4    BGP        ---        up     03:12:03.000  Established
        BGP state:          Established
          Neighbor address: 172.16.1.0
      tor1-v6    BGP        ---        start  03:12:03.000  Connect
          Neighbor address: fd00:16:1::%eth0
      """
    #expect(parseBIRDSessions(text).map(\.isEstablished) == [true, false])
  }

  @Test func daemonsAreRead() {
    let settings = parseDaemons("# x\nbgpd=yes\nzebra_options=\"-A 127.0.0.1 -s 90000000\"\n")
    #expect(settings == ["bgpd": "yes", "zebra_options": "-A 127.0.0.1 -s 90000000"])
  }

  @Test func timeExceededIsCounted() {
    let snmp = "Icmp: InMsgs OutTimeExcds OutEchos\nIcmp: 9 4 1\n"
    #expect(parseTimeExceeded(snmp, "Icmp6OutTimeExcds              \t3\n") == 7)
  }

  /// What BGP must bring, by hand for the example of two racks: no filter of the plan has a part in it.
  @Test func learnedRoutesOfTheStarter() throws {
    let plan = try examplePlan("starter")
    let identity = try #require(LabIdentity("abcdef"))
    let layout = try planLayout(plan, plan.devices, identity)
    func table(_ name: String, _ condition: Condition = .healthy) throws -> [String] {
      let node = try #require(layout.nodes.first { $0.name == name })
      return planLearnedRoutes(layout, node, condition).map { "\($0.key) \($0.value)" }.sorted()
    }
    #expect(try table("h1") == ["10.0.0.0/16 via 172.16.1.0"])
    #expect(
      try table("tor1") == ["10.0.0.0/22 via 172.16.1.1", "10.0.4.0/22 via 172.16.1.3", "10.0.64.0/18 via 172.31.0.0"])
    #expect(try table("spine1") == ["10.0.0.0/18 via 172.31.0.1", "10.0.64.0/18 via 172.31.0.3"])
    var condition = Condition()
    let host = try #require(layout.nodes.first { $0.name == "h1" })
    condition.deadSpeakers = [host.index]
    #expect(try table("tor1", condition) == ["10.0.4.0/22 via 172.16.1.3", "10.0.64.0/18 via 172.31.0.0"])
  }

  /// A sample has every role and keeps what the topology gives its devices.
  @Test(arguments: [1, 8, 20, 500])
  func samplesHaveEveryRole(_ count: Int) throws {
    let plan = try examplePlan("routed-access")
    let sample = sampleDevices(plan, count)
    #expect(Set(sample.map(\.role)) == Set(DeviceRole.allCases))
    #expect(sample.count == max(6, min(count, plan.devices.count)))
    #expect(sample.filter { $0.role == .tor }.count >= 2)
    #expect(sample == plan.devices.filter { Set(sample).contains($0) })
  }
}
