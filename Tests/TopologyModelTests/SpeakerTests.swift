import Testing

@testable import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// What a session has, and what is asked of a speaker that lacks it.
@Suite struct SpeakerTests {
  private func sessions(_ settings: String) throws -> (host: BGPSession, tor: BGPSession) {
    var fabric = Fabric.sample
    fabric.extra = "defaults: { \(settings) }\n"
    let plans = NetworkPlan(try compileCleanly(fabric.text).topology)
    let reference = try #require(plans.devices.first { $0.role == .host })
    let host = plans.plan(reference)
    let session = try #require(host.bgp?.sessions.first)
    let tor = plans.plan(try #require(plans.device(named: session.neighbor.text)))
    return (session, try #require(tor.bgp?.sessions.first { $0.neighborAddress == session.localAddress }))
  }

  @Test(
    arguments: [
      ("speaker: bird", true, true), ("speaker: bird1", true, false), ("speaker: exabgp", false, false),
      ("speaker: frr", true, true), ("speaker: quagga", false, false), ("speaker: frr, bfd: off", false, true),
      ("speaker: bird, bgp_role: off", true, false), ("speaker: bird, bfd: required, bgp_role: required", true, true),
    ])
  func `a session has what both ends have`(settings: String, bfd: Bool, role: Bool) throws {
    let (host, tor) = try sessions(settings)
    #expect(host.bfd == bfd && tor.bfd == bfd)
    #expect(host.localRole == (role ? .customer : nil) && tor.localRole == (role ? .provider : nil))
  }

  @Test func `each speaker has its files, and those that install nothing have static routes`() throws {
    for speaker in Speaker.allCases where speaker != .none {
      var fabric = Fabric.sample
      fabric.extra = "defaults: { speaker: \(speaker.rawValue) }\n"
      let plans = NetworkPlan(try compileCleanly(fabric.text).topology)
      let reference = try #require(plans.devices.first { $0.role == .host })
      let host = plans.plan(reference)
      let hasWay = host.routes.contains { if case .gateways = $0.target { true } else { false } }
      #expect(hasWay == !speaker.capabilities.installsRoutes, "\(speaker)")
      let believes = host.bgp!.sessions.allSatisfy { host.bgp!.filters[$0.importFilter].entries.isEmpty }
      #expect(believes == !speaker.capabilities.installsRoutes, "\(speaker)")
      let common: Set<ArtifactKind> = [
        .sysctl, .routesScript, .routesUnit, .rulesIPv4, .rulesIPv6, .rulesNFT, .firewallScript,
      ]
      #expect(!Set(host.artifacts).subtracting(common).isEmpty, "\(speaker)")
    }
  }

  @Test(
    arguments: [
      ("speaker: exabgp, bfd: required", true), ("speaker: quagga, bfd: required", true),
      ("speaker: bird1, bfd: required", false), ("speaker: bird1, bgp_role: required", true),
      ("speaker: frr, bgp_role: required", false), ("speaker: exabgp, bfd: auto", false),
      ("speaker: none, protocol: static, bfd: required", false),
    ])
  func `what a speaker lacks is an error when it is asked for`(settings: String, isError: Bool) {
    var fabric = Fabric.sample
    fabric.extra = "allow: [RC0506]\ndefaults: { \(settings) }\n"
    #expect(compile(fabric.text).codes.contains(.speakerLacksFeature) == isError)
  }

  @Test func `the page of the speakers has the table of the code`() throws {
    let path = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/docs/speakers.md"
    let text = String(decoding: try readFile(path), as: UTF8.self)
    let speakers: [Speaker] = [.bird, .bird1, .exabgp, .frr, .quagga]
    func row(_ title: String, _ value: (SpeakerCapabilities) -> String) -> String {
      "| \(title) | " + speakers.map { value($0.capabilities) }.joined(separator: " | ") + " |"
    }
    var rows = [row("program") { "\($0.program.text)" }]
    rows.append(row("BGP") { $0.protocols.contains(.bgp) ? "yes" : "no" })
    rows.append(row("OSPF") { $0.protocols.contains(.ospf) ? "yes" : "no" })
    rows.append(row("puts routes into the kernel") { $0.installsRoutes ? "yes" : "no" })
    rows += SessionFeature.allCases.map { feature in row(feature.title) { $0.features.contains(feature) ? "yes" : "no" }
    }
    let lines = Set(text.split(separator: "\n").map(String.init))
    for row in rows { #expect(lines.contains(row), "\(row)") }
  }
}
