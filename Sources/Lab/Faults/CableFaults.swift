import TopologyModel

/// Cables that are pulled or go deaf.
extension LabTest {
  /// A link of a ToR and a spine for each pair of systems: FRR and plain Linux react differently.
  private var fabricLinks: [LabLink] {
    var seen: Set<[Bool]> = []
    return layout.links.filter { link in
      if link.isSegment { return false }
      let (upper, lower) = (layout.nodes[link.upper.node], layout.nodes[link.lower.node])
      return !lower.isHost && upper.device.role == .spine
        && seen.insert([upper.runsFRR, lower.runsFRR, lower.plan.bgp != nil, upper.plan.ospf != nil]).inserted
    }
  }

  /// What is broken: a cable, or the plug of one device in a segment.
  struct Plug {
    var link: LabLink
    var node: LabNode
  }

  private func isForwarder(_ name: Name) -> Bool {
    layout.nodes.contains { $0.plan.vpc?.instances.contains { $0.name == name && $0.forwards } == true }
  }

  /// A link of a host for each routing daemon.
  private var hostLinks: [Plug] {
    var seen: Set<RoutingDaemon> = []
    return layout.links.flatMap { link in
      link.ends.compactMap { end in
        let node = layout.nodes[end.node]
        // What others lose with an instance that carries their traffic is another scenario.
        guard case .host(let host) = node.device.place, !topology.hosts[host].isDrained, !isForwarder(node.device.name),
          !topology.isGateway(host: host),
          seen.insert(node.daemon).inserted
        else { return nil }
        return Plug(link: link, node: node)
      }
    }
  }

  func testCables() async throws {
    let links = fabricLinks
    if links.isEmpty { leaveOut("link of a ToR and a spine cut", "no ToR has a link to a spine") }
    for link in links {
      let lower = layout.nodes[link.lower.node]
      let pair = links.count > 1 ? " (\(lower.name), \(lab.nodes[link.upper.node].name))" : ""
      try await testCable("link of a ToR and a spine cut\(pair)", Plug(link: link, node: lower), .cut)
    }
    if let link = links.first {
      try await testCable(
        "link of a ToR and a spine silent", Plug(link: link, node: layout.nodes[link.lower.node]), .silent)
    }
    let hostLinks = hostLinks
    for (name, fault) in [("link of a host cut", Condition.Cable.cut), ("link of a host silent", .silent)] {
      for plug in hostLinks {
        let suffix = hostLinks.count > 1 ? " (\(plug.node.daemon.title))" : ""
        try await testCable(name + suffix, plug, fault)
      }
    }
  }

  private func testCable(_ name: String, _ plug: Plug, _ fault: Condition.Cable) async throws {
    let (link, node) = (plug.link, plug.node)
    try await scenario(name) { result in
      var condition = Condition()
      let cables = sharing(link, node)
      for link in cables { condition.breakCable(link, at: node.index, fault) }
      // With another spine left, or another ToR of a host, the routing protocol finds the way round.
      let ways = layout.links.count { !$0.isSegment && $0.lower.node == node.index }
      let detours = !link.isSegment && ways > 1 && layout.nodes[link.upper.node].speaks
      // The others on a segment do not notice.
      let others = link.isSegment ? someAllowedPairs(among: { $0 != node.index }) : []
      try await breakAndHeal(
        &result, condition, within: 15, probes: detours ? someAllowedPairs() : others,
        breaking: {
          for link in cables {
            try await lab.setCable(link, at: node.index, fault)
            if fault == .cut { try await waitForCarrierLoss(link, at: node.index) }
          }
        }, healing: { for link in cables { try await lab.setCable(link, at: node.index, nil) } })
      if link.isSegment {
        result.note += "; the others on the segment go on"
      } else if !layout.nodes[link.upper.node].speaks {
        result.note += "; static: \(fault == .cut ? "only FRR at the cut link reacts" : "nobody notices")"
      } else if detours {
        result.note += "; traffic went round"
      }
    }
  }

  /// The links of a host that are in one cable: its VLANs on a trunk.
  private func sharing(_ link: LabLink, _ node: LabNode) -> [LabLink] {
    guard link.vlan != nil, node.isHost else { return [link] }
    return layout.links.filter { $0.vlan != nil && $0.touches(node.index) }
  }

  /// A pulled cable is seen at both ends; else the scenario would prove nothing.
  func waitForCarrierLoss(_ link: LabLink, at node: Int) async throws {
    for end in link.ends where end.node == node || !link.isSegment {
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
      let node = layout.nodes[$0.node]
      return (node.device.role == .spine || node.device.role == .upstream) && node.speaks
    }
    guard !spines.isEmpty else { return leaveOut("upstream default lost", "nobody announces a default route") }
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
  /// Pulls a cable, or the plug of one node in a segment, makes it deaf, or repairs it (nil).
  ///
  /// A cable is deaf when both of its ports are isolated (bridge(8)), a plug in a segment when its port is in no bridge.
  func setCable(_ link: LabLink, at node: Int, _ fault: Condition.Cable?) async throws {
    let ports = link.ends.indices.filter { link.ends[$0].node == node || !link.isSegment }.map(link.port)
    let isSilent = fault == .silent
    try await ip(
      identity.cables,
      ports.map {
        link.isSegment
          ? "link set dev \($0) \(isSilent ? "nomaster" : "master \(link.bridge)")"
          : "link set dev \($0) type bridge_slave isolated \(isSilent ? "on" : "off")"
      } + ports.map { "link set dev \($0) \(fault == .cut ? "down" : "up")" })
  }
}
