import Testing

@testable import Emitters
@testable import TopologyModel

@Suite struct LinuxTests {
  private func device(_ role: DeviceRole) -> DevicePlan {
    DevicePlan(fabric: Name("f")!, name: Name("d1")!, role: role, artifacts: [])
  }

  /// sysctl.d(5): dots in a key whose first separator is a slash are part of a name.
  @Test func `an interface with a dot turns the separators of its key into slashes`() {
    var plan = device(.host)
    for name in ["eth0", "eth0.100"] {
      plan.sysctls.append(
        Sysctl(path: [.word("net"), .interface(InterfaceName(name)!), .word("rp_filter")], value: 2, reason: "why"))
    }
    var writer = TextWriter()
    emitSysctl(plan, into: &writer)
    #expect(writer.text.contains("# why\nnet.eth0.rp_filter = 2\nnet/eth0.100/rp_filter = 2\n"))
  }

  @Test func `the program of routes.sh is the same on every device`() throws {
    var host = device(.host)
    host.gateway = GatewayInterface(addresses: [try Address(parsing: "10.0.0.1")], mtu: 9000)
    host.uplinks = [Uplink(interface: InterfaceName("eth0")!, mtu: 9000)]
    var programs: [Substring] = []
    for plan in [host, device(.spine)] {
      var writer = TextWriter()
      emitRoutesScript(plan, into: &writer)
      let text = writer.text
      let start = try #require(text.firstRange(of: "\n}\n\n# ---- The program"))
      programs.append(text[start.lowerBound...])
    }
    #expect(programs[0] == programs[1])
    #expect(programs[0].hasSuffix("\n}\n# romana-compile: end of static routes\n"))
  }

  /// The shell quotes the awk program with single quotes.
  @Test func `the awk program has no single quote`() {
    #expect(!"\(routesReading)\(routesDeciding)".contains("'"))
  }

  @Test func `a static route names its next hops and whose prefix it is`() throws {
    var plan = device(.tor)
    let hops = try ["fd31::", "fd31::2"].map {
      NextHop(address: try Address(parsing: $0), device: Name("spine")!, interface: nil)
    }
    plan.routes = [
      StaticRoute(
        prefix: try Prefix(parsing: "10.0.0.0/8"), target: .discard, purpose: .network(Name("pods")!)),
      StaticRoute(
        prefix: try Prefix(parsing: "fd00:10:0:100::/56"), target: .gateways(hops),
        purpose: .rackAggregate(rack: Name("r2")!, network: Name("pods6")!)),
    ]
    var script = TextWriter()
    emitRoutesScript(plan, into: &script)
    #expect(script.text.contains("\nroute 10.0.0.0/8 blackhole  # network pods\n"))
    #expect(script.text.contains("\nroute fd00:10:0:100::/56 via fd31:: via fd31::2  # rack r2 pods6\n"))
    var table = TextWriter()
    emitStaticTable(plan, into: &table)
    #expect(
      table.text.hasSuffix(
        """
        # PREFIX            TYPE     NEXT-HOP  DEVICE  PURPOSE
        10.0.0.0/8          discard  -         -       network pods
        fd00:10:0:100::/56  via      fd31::    spine   rack r2 pods6
        fd00:10:0:100::/56  via      fd31::2   spine   rack r2 pods6
        # romana-compile: end of static routes, neutral table

        """))
  }
}
