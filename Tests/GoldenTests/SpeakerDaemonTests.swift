import Emitters
import Subprocess
import Testing
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// Golden files of hosts in the programs that they are for: BIRD 1.6, ExaBGP, and FRR's daemons for Quagga.
@Suite(.serialized, .disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct SpeakerDaemonTests {
  /// Where `scripts/ensure-bird1` unpacks BIRD 1.6.
  static var bird1: String {
    let cache = Repository.variable("XDG_CACHE_HOME") ?? (Repository.variable("HOME") ?? "/root") + "/.cache"
    return (Repository.variable("ROMANA_BIRD1") ?? "\(cache)/romana-compile/bird-1.6") + "/usr/sbin"
  }

  private func uplink(_ device: DevicePlan, _ example: Example) -> [String] {
    DeviceLinks(device, in: example.plan.topology).words[0].split(separator: " ").map(String.init)
  }

  @Test(arguments: Example.names)
  func bird1Runs(_ name: String) async throws {
    let example = try Example.named(name)
    for device in example.sample(.host) where device.artifacts.contains(.bird1) {
      guard Sandbox.hasFile("\(Self.bird1)/bird6", for: "BIRD 1.6", hint: "scripts/ensure-bird1") else { return }
      let output = try await Sandbox.run(
        "bird1-device.sh", [example.folder(device), Self.bird1] + uplink(device, example), needs: ["ip"])
      guard let output else { return }
      if let ospf = device.ospf {
        for family in ospf.families { checkOSPF(device, ospf, family, output) }
        continue
      }
      let bgp = try #require(device.bgp)
      for (family, program) in [(AddressFamily.ipv4, "bird"), (.ipv6, "bird6")] {
        guard let session = bgp.sessions.first(where: { $0.family == family }) else {
          #expect(output["\(program) start"] == nil)
          continue
        }
        #expect(output["\(program) check"] == [] && output["\(program) start"] == [], "\(device.name): \(output)")
        #expect(output["\(program) configure"]?.last == "Reconfigured", "\(device.name)")
        let name = "\(session.title)-v\(family == .ipv4 ? 4 : 6)"
        let details = Set((output["\(program) details"] ?? []).map { $0.split(separator: " ").joined(separator: " ") })
        #expect(details.contains("Neighbor address: \(session.peerText)"), "\(device.name): \(details)")
        #expect(details.contains("Neighbor AS: \(session.neighborASN)"), "\(device.name)")
        #expect(details.contains { $0.hasPrefix("\(name) BGP master start") }, "\(device.name): \(details)")
        if let limit = session.exportLimit, limit > 0 {
          #expect(details.contains("Export limit: \(limit)") && details.contains("Action: disable"))
        }
        let protocols = (output["\(program) protocols"] ?? []).map { $0.split(separator: " ").map(String.init) }
        let others = protocols.filter { $0.count > 3 && $0[1] != "BGP" && $0[0] != "name" }
        #expect(others.count >= 3 && others.allSatisfy { $0[3] == "up" }, "\(others)")
        let routes = (output["\(program) routes"] ?? []).filter { $0.contains("/") }
        let origins = bgp.originated.map(\.prefix).filter { $0.family == family }
        #expect(Set(routes.map { String($0.split(separator: " ")[0]) }) == Set(origins.map { "\($0)" }))
        #expect(routes.allSatisfy { $0.contains("blackhole [own") })
      }
    }
  }

  /// BIRD 1.6 has the routes that wait for the ToR's default, and its OSPF runs with the plan's timers.
  private func checkOSPF(
    _ device: DevicePlan, _ ospf: OSPFPlan, _ family: AddressFamily, _ output: [String: [String]]
  ) {
    let program = family == .ipv4 ? "bird" : "bird6"
    #expect(output["\(program) check"] == [] && output["\(program) start"] == [], "\(device.name): \(output)")
    #expect(output["\(program) configure"]?.last == "Reconfigured", "\(device.name)")
    let protocols = (output["\(program) protocols"] ?? []).map { $0.split(separator: " ").map(String.init) }
      .filter { $0.count > 3 && $0[0] != "name" }
    #expect(protocols.allSatisfy { $0[3] == "up" } && protocols.contains { $0[1] == "OSPF" }, "\(protocols)")
    let routes = (output["\(program) routes"] ?? []).filter { $0.contains("/") }
    #expect(
      Set(routes.map { String($0.split(separator: " ")[0]) })
        == Set(ospf.followed.map(\.prefix).filter { $0.family == family }.map { "\($0)" }), "\(routes)")
    #expect(routes.allSatisfy { $0.contains("unreachable [networks") }, "\(routes)")
  }

  /// FRR's zebra and ospfd take the files of Quagga without a complaint and run OSPF as they say.
  @Test func `quagga's files of OSPF are taken`() async throws {
    let example = try Example.named("ospf-speakers")
    let devices = example.sample(.host).filter { $0.artifacts.contains(.quaggaOSPF) }
    #expect(!devices.isEmpty)
    for device in devices {
      let output = try await Sandbox.run(
        "quagga-device.sh",
        [example.folder(device), device.name.text] + DeviceLinks(device, in: example.plan.topology).words,
        needs: ["zebra", "ospfd", "vtysh", "ip", "sysctl"])
      guard let output else { return }
      #expect(output["complaints"] == [], "\(device.name): \(output["complaints"] ?? [])")
      let running = Set((output["running"] ?? []).map { String($0.drop { $0 == " " }) })
      let file = filledIn(String(decoding: try example.read(.quaggaOSPF, of: device), as: UTF8.self))
      for line in file.split(separator: "\n") where line.hasPrefix(" ") {
        // FRR prints it as a setting of the interface.
        let words = line.drop { $0 == " " }
        let expected = words.hasPrefix("passive-interface") ? "ip ospf passive" : String(words)
        #expect(running.contains(expected), "\(device.name): \(line)")
      }
      let interfaces = (output["ospf"] ?? []).joined(separator: "\n").filter { $0 != " " }
      let ospf = try #require(device.ospf)
      #expect(interfaces.contains("Area0.0.0.\(ospf.areas[0].number)[Stub]"), "\(interfaces)")
      #expect(
        interfaces.contains("NetworkTypePOINTOPOINT") && interfaces.contains("Dead\(ospf.interfaces[0].deadInterval)s"))
    }
  }

  /// What ExaBGP is ready to announce is the plan's, route by route, with all of the session's addresses and numbers.
  @Test(arguments: Example.names)
  func exabgpRuns(_ name: String) async throws {
    let example = try Example.named(name)
    for device in example.sample(.host) where device.artifacts.contains(.exabgp) {
      let output = try await Sandbox.run(
        "exabgp-device.sh", [example.folder(device)] + uplink(device, example), needs: ["exabgp", "exabgpcli", "ip"])
      guard let output else { return }
      #expect(output["check"] == [], "\(device.name): \(output["check"] ?? [])")
      let log = (output["log"] ?? []).filter { !$0.contains("performing reload") && !$0.contains("loaded new") }
      #expect(log.allSatisfy { $0.isEmpty }, "\(device.name): \(log)")
      let bgp = try #require(device.bgp)
      var routes: [String] = []
      for session in bgp.sessions {
        let family = session.family == .ipv4 ? "ipv4" : "ipv6"
        // On VLANs each session has prefixes of its own.
        let told = bgp.filters[session.exportFilter].entries.filter(\.permits)
        routes += bgp.originated.map(\.prefix).filter { prefix in
          prefix.family == session.family && told.contains { $0.prefix == prefix }
        }.map { prefix in
          "neighbor \(session.peerText) local-ip \(session.localAddress!) local-as \(bgp.asn) "
            + "peer-as \(session.neighborASN) router-id \(bgp.routerID) family-allowed in-open "
            + "\(family) unicast \(prefix) next-hop self"
        }
      }
      #expect((output["announced"] ?? []).filter { !$0.isEmpty }.sorted() == routes.sorted(), "\(device.name)")
      let settings = (output["neighbors"] ?? []).map { $0.drop { $0 == " " } }
      for session in bgp.sessions {
        #expect(settings.count { $0 == "neighbor \(session.peerText) {" } == 1, "\(device.name)")
        #expect(settings.contains("local-address \(session.localAddress!);"), "\(device.name)")
      }
      for line in [
        "hold-time 9;", "route-refresh enable;", "outgoing-ttl 255;", "incoming-ttl 255;", "local-as \(bgp.asn);",
      ] {
        #expect(settings.count { $0 == line } == bgp.sessions.count, "\(device.name): \(line)")
      }
    }
  }

  /// FRR's zebra and bgpd take the files of Quagga without a complaint, and what they then run is what the files say.
  @Test(arguments: Example.names)
  func quaggaFilesAreTaken(_ name: String) async throws {
    let example = try Example.named(name)
    for device in example.sample(.host) where device.artifacts.contains(.quaggaBGP) {
      let output = try await Sandbox.run(
        "quagga-device.sh",
        [example.folder(device), device.name.text] + DeviceLinks(device, in: example.plan.topology).words,
        needs: ["zebra", "bgpd", "vtysh", "ip", "sysctl"])
      guard let output else { return }
      #expect(output["complaints"] == [], "\(device.name): \(output["complaints"] ?? [])")
      let file = String(decoding: try example.read(.quaggaBGP, of: device), as: UTF8.self)
      let written = commands(filledIn(file).split(separator: "\n").map(String.init))
      #expect(commands(output["running"] ?? []) == written, "\(device.name)")
      let neighbors = (output["neighbors"] ?? []).map { $0.filter { $0 != " " && $0 != "," && $0 != "\"" } }
      let bgp = try #require(device.bgp)
      for session in bgp.sessions {
        #expect(neighbors.contains("\(session.peerText):{"), "\(device.name)")
        let sameAS = bgp.sessions.count { $0.neighborASN == session.neighborASN }
        #expect(neighbors.count { $0 == "remoteAs:\(session.neighborASN)" } == sameAS, "\(device.name)")
      }
      #expect(neighbors.count { $0 == "bgpTimerHoldTimeMsecs:9000" } == bgp.sessions.count, "\(neighbors)")
      #expect(!neighbors.contains { $0.hasPrefix("localRole:") && !$0.hasSuffix("undefined") }, "\(neighbors)")
    }
  }

  /// The commands of a configuration. FRR's preamble, and the ends of its sections, which Quagga does not write, do not
  /// count; nor does the terminal, which FRR does not print.
  private func commands(_ lines: [String]) -> [String] {
    let start = lines.firstIndex { $0.hasPrefix("router bgp") } ?? 0
    return lines[start...].filter { line in
      let text = line.drop { $0 == " " }
      return !text.isEmpty && !text.hasPrefix("!") && !["exit", "end", "line vty"].contains(text)
    }
  }
}
