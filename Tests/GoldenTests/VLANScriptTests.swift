import Testing
import TopologyModel

/// `vlans.sh` on a kernel, with the sub-interfaces played by cables (see vlans-device.sh).
@Suite(.serialized, .disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct VLANScriptTests {
  private func lines(_ output: [String: [String]], _ section: String) -> [String] {
    (output[section] ?? []).map { $0.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ") }
      .filter { !$0.isEmpty }
  }

  @Test(arguments: ["h1", "h6"])
  func vlansAreThePlans(_ name: String) async throws {
    let example = try Example.named("vlans")
    let device = try example.device(name)
    let plan = try #require(device.vlans)
    let tags = plan.interfaces.map { "\($0.id)" }
    let output = try await Sandbox.run(
      "vlans-device.sh", [example.folder(device), plan.trunk.text] + tags, needs: ["ip", "awk", "flock"])
    guard let output else { return }

    // Without the trunk nothing leads anywhere, and nothing leads the short way either.
    #expect(lines(output, "no trunk").last == "status 3", "\(output)")
    let closed = lines(output, "no trunk rules")
    #expect(closed.contains { $0.contains(" from ") } && closed.contains { $0.contains(" blackhole ") })
    #expect(!closed.contains { $0.contains(" via ") }, "\(closed)")
    // A dry run says what it would do, and does not.
    let dry = lines(output, "dry-run")
    for interface in plan.interfaces {
      #expect(
        dry.contains("ip link add link \(plan.trunk) name \(interface.interface) type vlan id \(interface.id)"),
        "\(dry)")
    }
    #expect(lines(output, "untouched") == ["0"])

    #expect(lines(output, "first").count == 1 && lines(output, "second").last?.hasSuffix("put 0, removed 0") == true)
    let addresses = plan.interfaces.flatMap { interface in
      interface.addresses.map { "\(interface.interface) \($0.address)/\($0.length)" }
    }
    #expect(Set(lines(output, "addresses")) == Set(addresses))
    for (interface, line) in zip(plan.interfaces, lines(output, "links")) {
      let mtu = interface.mtu ?? 1500
      #expect(line.contains("\(interface.interface)@\(plan.trunk): ") && line.contains(" mtu \(mtu) "), "\(line)")
      #expect(line.contains(",UP") && line.contains("alias romana-vlan"), "\(line)")
    }
    checkTables(plan, lines(output, "rules"))

    #expect(lines(output, "leftovers").last?.hasSuffix("put 0, removed 4") == true, "\(lines(output, "leftovers"))")
    let after = lines(output, "after leftovers")
    #expect(after.last == "0" && !after.contains { $0.contains("198.51.100.") }, "\(after)")
    #expect(Set(lines(output, "rules")).isSubset(of: after))

    let down = lines(output, "down")
    #expect(down.contains { $0.contains(" blackhole ") } && !down.contains { $0.contains(" via ") }, "\(down)")
    #expect(lines(output, "up").count == 1 && Set(lines(output, "rules again")) == Set(lines(output, "rules")))
    #expect(lines(output, "foreign").count == 2 && !lines(output, "foreign")[0].contains("proto 77"))
    #expect(lines(output, "conflict").last == "status 1", "\(output)")
    #expect(lines(output, "conflict").contains { $0.contains("is VLAN 4001 (802.1Q) of \(plan.trunk), not") })
  }

  private func checkTables(_ plan: VLANPlan, _ lines: [String]) {
    var expected: Set<String> = []
    for interface in plan.interfaces {
      for family in Set(plan.interfaces.flatMap(\.sources).map(\.family)) {
        for input in ["lo", interface.interface.text] {
          expected.insert("rule -\(family == .ipv4 ? 4 : 6) 7710: from all iif \(input) lookup main proto 77")
        }
      }
      for source in interface.sources {
        let option = source.family == .ipv4 ? "-4" : "-6"
        expected.insert("rule \(option) 7711: from \(source) lookup \(7_740_000 + interface.id) proto 77")
      }
    }
    #expect(Set(lines.filter { $0.hasPrefix("rule ") }) == expected)
    for interface in plan.interfaces {
      for route in interface.routes {
        let prefix = route.prefix.length == 0 ? "default" : route.prefix.description
        let start = "\(interface.id) -\(route.prefix.family == .ipv4 ? 4 : 6)"
        switch route.target {
        case .main: #expect(lines.contains { $0.hasPrefix("\(start) throw \(prefix) ") }, "\(start) \(prefix)")
        case .gateway(let gateway):
          #expect(
            lines.contains { $0.hasPrefix("\(start) \(prefix) via \(gateway) dev \(interface.interface) proto 77") })
          #expect(
            lines.contains { $0.hasPrefix("\(start) blackhole \(prefix) ") && $0.contains("metric 4294967295") })
        }
      }
    }
    let routes = plan.interfaces.flatMap(\.routes).reduce(0) { $0 + ($1.target == .main ? 1 : 2) }
    #expect(lines.count { !$0.hasPrefix("rule ") } == routes)
  }
}
