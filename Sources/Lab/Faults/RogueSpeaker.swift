import TopologyModel

/// A host's BIRD that does not keep to the plan: the configuration of an attacker or of a mistake. It is written
/// here and not taken from the emitted file, so that it does not depend on how that is spelled. The names of the protocols
/// are the same, so that BIRD need not restart the session where only filters differ.
struct RogueSpeaker {
  /// Announced beside the host's own prefixes.
  var extra: [Prefix] = []
  var ttlSecurity = true
  /// Added to the AS number.
  var asnOffset: UInt32 = 0
  /// Signs with another key than the one that the session names.
  var hasWrongKey = false

  func configuration(_ plan: BGPPlan, uplinks: [String]) -> String {
    var text = """
      router id \(plan.routerID);
      protocol device { }
      protocol bfd { \(uplinks.map { "interface \"\($0)\" { interval 300 ms; multiplier 3; };" }.joined(separator: " ")) }

      """
    for family in AddressFamily.allCases {
      let sessions = plan.sessions.filter { $0.family == family }
      guard !sessions.isEmpty else { continue }
      let channel = family == .ipv4 ? "ipv4" : "ipv6"
      let number = family == .ipv4 ? 4 : 6
      let prefixes = Set(plan.originated.map(\.prefix) + extra).filter { $0.family == family }.sorted()
      text += "protocol kernel kernel\(number) { \(channel) { import none; export where source = RTS_BGP; }; }\n"
      text += "protocol static own\(number) { \(channel);\n"
      text += prefixes.map { "  route \($0) blackhole;\n" }.joined() + "}\n"
      for session in sessions {
        guard let local = session.localAddress, let neighbor = session.neighborAddress else { continue }
        text += spell(
          "\(session.title)-v\(number)", "local \(local) as \(plan.asn &+ asnOffset); neighbor \(neighbor)",
          [session])
      }
    }
    for interface in plan.unnumberedInterfaces {
      let parts = plan.sessions.filter { $0.interface == interface }
      let name = "\(parts[0].neighbor)-link"
      text +=
        "protocol radv { interface \"\(interface)\" { min ra interval 3; max ra interval 4; default lifetime 0; }; }\n"
      text += spell(
        name,
        "local as \(plan.asn &+ asnOffset); interface \"\(interface)\"; dynamic name \"\(name)-\"; neighbor range fe80::/64",
        parts)
    }
    return text
  }

  private func spell(_ name: String, _ ends: String, _ parts: [BGPSession]) -> String {
    let channels = parts.map { part in
      let extended = part.interface != nil && part.family == .ipv4 ? "extended next hop on; " : ""
      let channel = part.family == .ipv4 ? "ipv4" : "ipv6"
      return "  \(channel) { \(extended)import all; export where source = RTS_STATIC; };\n"
    }
    let password =
      parts[0].secret.map { "  password \"\(labSecret($0))\(hasWrongKey ? "-wrong" : "")\";\n" } ?? ""
    let role = parts[0].localRole == nil ? "" : "local role customer; require roles on;"
    return """
      protocol bgp '\(name)' {
        \(ends) as \(parts[0].neighborASN);
        \(role)
        ttl security \(ttlSecurity ? "on" : "off"); \(parts[0].bfd ? "bfd on;" : "") graceful restart off;
        hold time 9; keepalive time 3; connect delay time 1; connect retry time 5;
        error wait time 1, 5; error forget time 30;
      \(password)\(channels.joined())}

      """
  }
}

/// Hosts whose daemon says what it must not.
extension LabTest {
  func testRogueHosts() async throws {
    let candidate = lab.nodes.first { isAnnouncingHost($0) && $0.daemon == .bird }
    guard let host = candidate, let bgp = host.plan.bgp, case .host(let index) = host.device.place else {
      return leaveOut("host announces too much", "no host runs BIRD 2, which plays the rogue")
    }
    let families = Set(bgp.sessions.map(\.family)).sorted()
    let announcements: [(String, [Prefix])] = [
      ("host announces another's prefix", foreignPrefixes(index)),
      (
        "host announces more specific prefixes", bgp.originated.map { $0.prefix.child(1, length: $0.prefix.length + 1) }
      ),
      ("host announces a default route", families.map { .everything($0) }),
    ]
    for (name, extra) in announcements {
      guard !extra.isEmpty else {
        leaveOut(name, "there is no other host")
        continue
      }
      try await testAnnouncement(name, host, bgp, extra)
    }
    try await testRefusal("host with a wrong TTL", host, bgp, RogueSpeaker(ttlSecurity: false))
    try await testRefusal("host with a wrong AS number", host, bgp, RogueSpeaker(asnOffset: 77))
    guard bgp.sessions.contains(where: { $0.secret != nil }) else { return }
    try await testRefusal("host with a wrong key", host, bgp, RogueSpeaker(hasWrongKey: true))
  }

  /// The prefixes of a neighbour in the rack and of a host in another rack.
  private func foreignPrefixes(_ index: Int) -> [Prefix] {
    let others = topology.hosts.indices.filter { $0 != index && layout.node(.host($0)) != nil }
    let neighbor = others.first { topology.hosts[$0].rack == topology.hosts[index].rack }
    let stranger = others.first { topology.hosts[$0].rack != topology.hosts[index].rack }
    return [neighbor, stranger].compactMap(\.self).flatMap { host in
      topology.networks.indices.flatMap { topology.prefixes(ofHost: host, inNetwork: $0) }
    }
  }

  /// The session stays, the announcement is not believed: every table but the liar's own is as planned, for seconds.
  private func testAnnouncement(
    _ name: String, _ host: LabNode, _ bgp: BGPPlan, _ extra: [Prefix]
  ) async throws {
    try await scenario(name) { result in
      do {
        try await configureRogue(host, bgp, RogueSpeaker(extra: extra))
        try await waitUntilSent(host, extra)
        let state = try await lab.waitFor(.healthy, seconds: 15, except: host.index)
        result.seconds = state.seconds
        result.findings += state.findings.lines
        for _ in 0..<4 where result.findings.isEmpty {
          await pause(0.3)
          result.findings +=
            try await lab.checkTables(lab.nodes.filter { $0.index != host.index }).lines
            + lab.checkSessions(lab.nodes).lines
        }
      } catch {
        try? await restoreSpeaker(host)
        throw error
      }
      try await restoreSpeaker(host)
      let healed = try await lab.waitFor(.healthy, seconds: patience)
      result.findings += healed.findings.lines.map { "after healing: \($0)" }
      result.note = "\(extra.count) prefixes sent, none believed"
    }
  }

  /// The session must not come up; everything else goes on.
  private func testRefusal(
    _ name: String, _ host: LabNode, _ bgp: BGPPlan, _ rogue: RogueSpeaker
  ) async throws {
    try await scenario(name) { result in
      var condition = Condition()
      condition.refusedSpeakers = [host.index]
      let refused = condition
      var seconds = 0.0
      try await breakAndHeal(
        &result, refused, within: 20,
        breaking: {
          try await configureRogue(host, bgp, rogue)
          seconds = try await lab.waitFor(refused, seconds: 15).seconds
          await pause(2)
        }, healing: { try await restoreSpeaker(host) })
      result.seconds = seconds
    }
  }

  private func configureRogue(_ host: LabNode, _ bgp: BGPPlan, _ rogue: RogueSpeaker) async throws {
    let path = "\(lab.folder(host))/rogue.conf"
    try write(rogue.configuration(bgp, uplinks: host.plan.uplinks.map(\.interface.text)), to: path)
    try await lab.configureBIRD(host, path)
  }

  private func restoreSpeaker(_ host: LabNode) async throws {
    try await lab.configureBIRD(host, try await lab.installed(.bird, on: host))
  }

  /// Makes sure that the announcement went out; else the scenario would prove nothing.
  private func waitUntilSent(_ host: LabNode, _ prefixes: [Prefix]) async throws {
    for _ in 0..<100 {
      var sent = ""
      for family in Set(prefixes.map(\.family)) {
        guard let session = host.plan.bgp?.sessions.first(where: { $0.family == family }) else { continue }
        for name in try await protocolNames(host, session) {
          let command = "show route export '\(name)'"
          sent += try await lab.run(on: host, ["birdc", "-r", "-s", lab.birdSocket(host), command]).output
        }
      }
      let words = Set(sent.split(whereSeparator: { $0 == " " || $0 == "\n" || $0 == "\t" }).map(String.init))
      if prefixes.allSatisfy({ words.contains($0.description) }) { return }
      await pause(0.1)
    }
    throw LabError("\(host.name) did not send what it should not announce: the scenario proves nothing")
  }

  /// What BIRD calls the protocols of a session: on an unnumbered link it numbers those that called.
  private func protocolNames(_ host: LabNode, _ session: BGPSession) async throws -> [String] {
    guard session.interface != nil else { return ["\(session.title)-v\(session.family == .ipv4 ? 4 : 6)"] }
    let list = try await lab.run(on: host, ["birdc", "-r", "-s", lab.birdSocket(host), "show protocols"]).output
    return list.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
      .filter { $0.hasPrefix("\(session.neighbor)-link-") }
  }
}
