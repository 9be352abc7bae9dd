import TopologyModel

/// Cables that are pulled or go deaf.
extension LabTest {
  /// A link of a ToR and a spine for each pair of systems: FRR and plain Linux react differently.
  private var fabricLinks: [LabLink] {
    var seen: Set<[Bool]> = []
    return layout.links.filter { link in
      let (upper, lower) = (layout.nodes[link.upper.node], layout.nodes[link.lower.node])
      return !lower.isHost && seen.insert([upper.runsFRR, lower.runsFRR, lower.plan.bgp != nil]).inserted
    }
  }

  /// A link of a host for each routing daemon.
  private var hostLinks: [LabLink] {
    var seen: Set<RoutingDaemon> = []
    return layout.links.filter { link in
      let node = layout.nodes[link.lower.node]
      guard case .host(let host) = node.device.place, !topology.hosts[host].isDrained else { return false }
      return seen.insert(node.daemon).inserted
    }
  }

  func testCables() async throws {
    let links = fabricLinks
    if links.isEmpty { leaveOut("link of a ToR and a spine cut", "the topology has no spine") }
    for link in links {
      let pair = links.count > 1 ? " (\(lab.nodes[link.lower.node].name), \(lab.nodes[link.upper.node].name))" : ""
      try await testCable("link of a ToR and a spine cut\(pair)", link, .cut)
    }
    if let link = links.first { try await testCable("link of a ToR and a spine silent", link, .silent) }
    let hostLinks = hostLinks
    for (name, fault) in [("link of a host cut", Condition.Cable.cut), ("link of a host silent", .silent)] {
      for link in hostLinks {
        let suffix = hostLinks.count > 1 ? " (\(lab.nodes[link.lower.node].daemon.title))" : ""
        try await testCable(name + suffix, link, fault)
      }
    }
  }

  private func testCable(_ name: String, _ link: LabLink, _ fault: Condition.Cable) async throws {
    try await scenario(name) { result in
      var condition = Condition()
      condition.cables[link.index] = fault
      // With another spine left, BGP finds the way round.
      let spines = layout.links.count { $0.lower.node == link.lower.node }
      let detours = !layout.nodes[link.lower.node].isHost && spines > 1 && layout.nodes[link.lower.node].plan.bgp != nil
      try await breakAndHeal(
        &result, condition, within: 15, probes: detours ? someAllowedPairs() : [],
        breaking: {
          try await lab.setCable(link, fault)
          if fault == .cut { try await waitForCarrierLoss(link) }
        }, healing: { try await lab.setCable(link, nil) })
      if layout.nodes[link.upper.node].plan.bgp == nil {
        result.note += "; static: \(fault == .cut ? "only FRR at the cut link reacts" : "nobody notices")"
      } else if detours {
        result.note += "; traffic went round"
      }
    }
  }

  /// A pulled cable is seen at both ends; else the scenario would prove nothing.
  private func waitForCarrierLoss(_ link: LabLink) async throws {
    for end in [link.upper, link.lower] {
      let namespace = layout.nodes[end.node].namespace
      for attempt in 0... {
        let state = try await executeOrThrow(["ip", "-n", namespace, "-o", "link", "show", "dev", end.interface])
        if state.contains("NO-CARRIER") { break }
        guard attempt < 200 else { throw LabError("the carrier of \(end.interface) does not go away") }
        await pause(0.01)
      }
    }
  }

  /// The upstream of the spines goes away and comes back: nobody may announce a default without one.
  func testUpstream() async throws {
    let spines = layout.outside.plugs.filter {
      layout.nodes[$0.node].device.role == .spine && layout.nodes[$0.node].plan.bgp != nil
    }
    guard !spines.isEmpty else { return leaveOut("upstream default lost", "no spine announces a default route by BGP") }
    try await scenario("upstream default lost") { result in
      var condition = Condition()
      condition.noUpstream = Set(spines.map(\.node))
      try await breakAndHeal(
        &result, condition, within: 20,
        breaking: { try await setUpstream(spines, "del") }, healing: { try await setUpstream(spines, "add") })
    }
  }

  private func setUpstream(_ plugs: [OutsideWorld.Plug], _ verb: String) async throws {
    for plug in plugs {
      let routes = plug.outside.map { "route \(verb) \(Prefix.everything($0.family)) via \($0) proto boot" }
      try await lab.ip(layout.nodes[plug.node].namespace, routes)
    }
  }
}

extension Lab {
  /// Pulls a cable, makes it deaf, or repairs it (nil).
  func setCable(_ link: LabLink, _ fault: Condition.Cable?) async throws {
    let ports = [link.upperPort, link.lowerPort]
    try await ip(
      identity.cables,
      ports.map { "link set dev \($0) type bridge_slave isolated \(fault == .silent ? "on" : "off")" }
        + ports.map { "link set dev \($0) \(fault == .cut ? "down" : "up")" })
  }
}
