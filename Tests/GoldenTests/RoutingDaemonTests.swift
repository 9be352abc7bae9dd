import Emitters
import Subprocess
import Testing
import TopologyModel

/// Golden files in the programs that they are for: BIRD and FRR.
@Suite(.serialized, .disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct RoutingDaemonTests {
  /// `bird -p` reads every bird.conf. (What it lets through is for the reader of `Verification`.)
  @Test(arguments: Example.names)
  func birdReadsEveryFile(_ name: String) async throws {
    let example = try Example.named(name)
    let paths = example.devices(.host).filter { $0.artifacts.contains(.bird) }.map {
      example.path(.bird, of: $0).string
    }
    guard !paths.isEmpty, Sandbox.has(["bird"], for: "bird -p") else { return }
    // A place of a secret is no text to BIRD.
    let script = """
      for file; do
        sed 's/<quoted-secret [^>]*>/"golden"/' "$file" | bird -p -c /dev/stdin 2>&1 || echo "refused: $file"
      done
      echo done
      """
    let result = try await run(
      .path("/bin/sh"), arguments: Arguments(["-c", script, "sh"] + paths), output: .string(limit: 1 << 20))
    #expect(result.standardOutput == "done\n")
  }

  @Test(arguments: Example.names)
  func birdRuns(_ name: String) async throws {
    let example = try Example.named(name)
    for device in example.sample(.host) where device.artifacts.contains(.bird) {
      let links = DeviceLinks(device, in: example.plan.topology)
      let uplink = links.words[0].split(separator: " ").map(String.init)
      let output = try await Sandbox.run(
        "bird-device.sh", [example.folder(device)] + uplink, needs: ["bird", "birdc", "ip"])
      guard let output else { return }
      if let ospf = device.ospf {
        checkOSPF(device, ospf, output)
        continue
      }
      let bgp = try #require(device.bgp)
      #expect(output["check"] == [] && output["start"] == [], "\(device.name): \(output)")
      #expect(output["configure"]?.last == "Reconfigured", "\(device.name)")
      let protocols = (output["protocols"] ?? []).map { $0.split(separator: " ").map(String.init) }
      for session in bgp.sessions {
        let isUnnumbered = session.interface != nil
        let name = isUnnumbered ? "\(session.neighbor)-link" : "\(session.title)-v\(session.family == .ipv4 ? 4 : 6)"
        let line = try #require(protocols.first { $0.first == name }, "\(device.name): \(name)")
        // Nobody is at the other end: the session is tried, or waited for, and no error keeps it down.
        let states = isUnnumbered ? ["Passive"] : ["Active", "Connect", "Idle"]
        #expect(line[1] == "BGP" && line[3] == "start" && states.contains(line.last ?? ""), "\(line)")
        let details = section(of: name, in: output["details"] ?? [])
        #expect(details.contains("Neighbor AS: \(session.neighborASN)") && details.contains("Local AS: \(bgp.asn)"))
        if let limit = session.exportLimit, limit > 0 {
          #expect(details.contains("Export limit: \(limit)") && details.contains("Action: disable"), "\(details)")
        }
      }
      let others = protocols.filter { $0.count > 3 && $0[1] != "BGP" && $0[0] != "Name" }
      #expect(others.allSatisfy { $0[3] == "up" }, "\(others)")
      let routes = (output["routes"] ?? []).filter { $0.contains("/") }.map { String($0.split(separator: " ")[0]) }
      #expect(Set(routes) == Set(bgp.originated.map { "\($0.prefix)" }), "\(device.name)")
      #expect((output["routes"] ?? []).filter { $0.contains("/") }.allSatisfy { $0.contains("blackhole [own") })
    }
  }

  /// OSPF runs in its area on the uplink, and what follows it waits.
  private func checkOSPF(_ device: DevicePlan, _ ospf: OSPFPlan, _ output: [String: [String]]) {
    #expect(output["check"] == [] && output["start"] == [], "\(device.name): \(output)")
    #expect(output["configure"]?.last == "Reconfigured", "\(device.name)")
    let lines = (output["protocols"] ?? []).map { $0.split(separator: " ").map(String.init) }
    let protocols = lines.filter { $0.count > 3 && $0[0] != "Name" }
    #expect(protocols.allSatisfy { $0[3] == "up" }, "\(protocols)")
    #expect(protocols.filter { $0[1] == "OSPF" && $0.last == "Alone" }.count == ospf.families.count, "\(protocols)")
    let routes = (output["routes"] ?? []).filter { $0.contains("/") }
    #expect(
      Set(routes.map { $0.split(separator: " ")[0] })
        == Set(ospf.followed.map { "\($0.prefix)" }[...].map { Substring($0) }))
    #expect(routes.allSatisfy { $0.contains(" unreachable [networks") }, "\(routes)")
    let details = (output["ospf"] ?? []).map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    let interface = ospf.interfaces[0]
    for text in [
      "Area: 0.0.0.\(interface.area) (\(interface.area))", "Type: ptp", "Cost: \(interface.cost)",
      "Hello timer: \(interface.helloInterval)", "Dead timer: \(interface.deadInterval)",
    ] {
      #expect(details.count { $0 == text } == ospf.families.count, "\(device.name): \(text) in \(details)")
    }
  }

  /// The lines about one protocol in `show protocols all`, with single spaces.
  private func section(of name: String, in lines: [String]) -> Set<String> {
    let start = lines.firstIndex { $0.hasPrefix(name + " ") } ?? lines.endIndex
    let end = lines[start...].firstIndex { $0.isEmpty } ?? lines.endIndex
    return Set(lines[start..<end].map { $0.split(separator: " ").joined(separator: " ") })
  }

  @Test(arguments: Example.names)
  func frrTakesEveryFileAsItStands(_ name: String) async throws {
    let example = try Example.named(name)
    for device in DeviceRole.allCases.flatMap({ example.sample($0) }) where device.artifacts.contains(.frr) {
      let links = DeviceLinks(device, in: example.plan.topology).words
      let output = try await Sandbox.run(
        "frr-device.sh", [example.folder(device), device.name.text] + links,
        needs: ["vtysh", "zebra", "bgpd", "ospfd", "ospf6d", "staticd", "bfdd", "frr-reload.py", "ip", "sysctl"])
      guard let output else { return }
      #expect(output["check"] == [], "vtysh -C of \(device.name) says \(output["check"] ?? [])")
      // A route map may be named before it is defined; the order is that of `show running-config`.
      let defined = ["global-next-hop"] + (device.bgp?.sessions ?? []).map { "next-hop-\($0.neighbor)" }
      let expected = Set(defined.map { "The route-map '\($0)' does not exist." })
      let complaints = output["load"]?.filter { !expected.contains($0) }
      #expect(complaints == [], "\(device.name)")
      let file = String(decoding: try example.read(.frr, of: device), as: UTF8.self)
      #expect(running(output["running"] ?? [], device) == written(file), "\(device.name)")
      #expect(reloadChanges(output["reload"] ?? [], device) == [], "\(device.name)")
      checkSessions(device, output)
      checkAdjacencies(device, output)
      let routes = KernelRoute.read(output["routes"] ?? []).sorted()
      // The static routes of a host are those of routes.sh.
      let held = device.kernelHoldsRoutes ? [] : device.routes
      #expect(routes == held.map { KernelRoute($0) }.sorted(), "\(device.name)")
    }
  }

  /// The file without header and end marker, and without the roles, which bgpd obeys but never prints.
  private func written(_ file: String) -> [String] {
    filledIn(file).split(separator: "\n").map(String.init)
      .filter { !$0.hasPrefix("! romana-compile") && !$0.contains(" local-role ") }
  }

  /// What bgpd and the others run, without their preamble. In a fabric without IPv6 the kernel's default shows.
  private func running(_ lines: [String], _ device: DevicePlan) -> [String] {
    let start = lines.firstIndex { $0.hasPrefix("frr version") }.map { $0 + 1 } ?? 0
    return lines[start...].filter { !$0.isEmpty && !(isIPv4Only(device) && $0 == "no ipv6 forwarding") }
  }

  private func isIPv4Only(_ device: DevicePlan) -> Bool {
    !device.sysctls.contains { $0.path.contains(.word("ipv6")) }
  }

  /// What frr-reload.py would change, except for the roles.
  private func reloadChanges(_ lines: [String], _ device: DevicePlan) -> [String] {
    lines.filter { line in
      !line.isEmpty && !line.hasPrefix("====") && !line.hasPrefix("Lines To ") && !line.contains(" local-role ")
        && !line.hasPrefix("router bgp ") && !(isIPv4Only(device) && line == "ipv6 forwarding")
    }
  }

  /// OSPF runs on each interface of the plan and no other, in its area and with its timers.
  private func checkAdjacencies(_ device: DevicePlan, _ output: [String: [String]]) {
    for family in device.ospf?.families ?? [] {
      var found: [String: [String]] = [:]
      var name = ""
      for line in output[family == .ipv4 ? "ospf4" : "ospf6"] ?? [] {
        if let first = line.first, first != " ", line.contains(" is up") { name = String(line.prefix { $0 != " " }) }
        found[name, default: []].append(line)
      }
      let interfaces = device.ospf?.interfaces ?? []
      let running = found.filter { $0.value.contains { $0.contains(family == .ipv4 ? " Area 0.0." : " Area ID 0.0.") } }
        .keys
      // The loopback has no address here; what is said of the gateway interface, which is not there, counts for it too.
      #expect(Set(running).subtracting(["lo"]) == Set(interfaces.map(\.name.text)), "\(device.name) \(family)")
      for interface in interfaces {
        let lines = (found[interface.name.text] ?? []).map { $0.filter { $0 != " " } }.joined(separator: " ")
        #expect(lines.contains(family == .ipv4 ? "NetworkTypePOINTOPOINT" : "OperatingastypePOINTOPOINT"), "\(lines)")
        #expect(
          lines.contains("0.0.0.\(interface.area)")
            && lines.contains("Cost\(family == .ipv4 ? ":" : "")\(interface.cost)"), "\(lines)")
        #expect(lines.contains("Hello\(interface.helloInterval)"), "\(lines)")
      }
    }
  }

  /// bgpd has each session with its role and AS, and bfdd a peer for each that is one hop away.
  private func checkSessions(_ device: DevicePlan, _ output: [String: [String]]) {
    let peers = (output["bfd"] ?? []).map { $0.filter { $0 != " " } }
    // OSPF asks for BFD once a neighbour is there.
    guard let bgp = device.bgp else { return }
    var found: [String: [String]] = [:]
    var address = ""
    for line in output["neighbors"] ?? [] {
      if line.hasPrefix("  \""), line.hasSuffix("\":{") { address = String(line.dropFirst(3).dropLast(3)) }
      let text = line.filter { $0 != " " && $0 != "," && $0 != "\"" }
      if line.hasPrefix("    \"") { found[address, default: []].append(text) }
    }
    #expect(Set(found.keys) == Set(bgp.sessions.map(\.peerText)), "\(device.name)")
    for session in bgp.sessions {
      let values = Set(found[session.peerText] ?? [])
      for value in ["remoteAs:\(session.neighborASN)", "localAs:\(bgp.asn)"] {
        #expect(values.contains(value), "\(device.name): \(session.peerText) lacks \(value)")
      }
      let role = session.localRole.map { $0 == .customer ? "localRole:customer" : "localRole:provider" }
      let found = values.filter { $0.hasPrefix("localRole:") && !$0.hasSuffix(":undefined") }
      #expect(found == Set([role].compactMap(\.self)), "\(device.name): \(session.peerText) \(found)")
    }
    // bgpd takes an internal session for one of several hops and begins to watch it (RFC 5883) when it is up: in the lab.
    // And it watches an unnumbered link once it knows who is there.
    let count = bgp.sessions.count { $0.bfd && !bgp.isInternal($0) && $0.interface == nil }
    for line in ["\"multihop\":false,", "\"transmit-interval\":300,", "\"detect-multiplier\":3,"] {
      #expect(peers.filter { $0 == line }.count == count, "\(device.name): BFD")
    }
  }
}

extension BGPSession {
  /// What FRR calls the neighbour.
  var peerText: String { neighborAddress?.description ?? interface?.text ?? "" }
}
