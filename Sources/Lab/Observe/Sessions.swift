import TopologyModel

/// A BGP session by the address at the far end.
struct SessionState: Sendable, Hashable {
  var neighbor: Address
  var isEstablished: Bool
}

/// The sessions that a device's daemon knows.
func readSessions(_ lab: Lab, _ node: LabNode) async throws(LabError) -> [SessionState] {
  guard node.plan.bgp != nil else { return [] }
  switch node.daemon {
  case .none, .exabgp: return []
  case .frr, .quagga: return parseFRRSessions(try await lab.vtysh(node, "show bgp summary json"))
  case .bird1: return parseBIRDSessions(try await lab.askBIRD1(node))
  case .bird:
    return parseBIRDSessions(
      try await lab.runOrThrow(on: node, ["birdc", "-r", "-s", lab.birdSocket(node), "show protocols all"]))
  }
}

/// The neighbours in the answer to `show bgp summary json`: address families, in each `peers` by address.
func parseFRRSessions(_ json: String) -> [SessionState] {
  var sources = SourceMap()
  var diagnostics = Diagnostics()
  let file = sources.add(SourceFile(path: "vtysh", bytes: Array(json.utf8)))
  // JSON is YAML (YAML 1.2 section 1.3), and the reader of the compiler takes it.
  guard let root = parseYAML(file, in: sources, &diagnostics) else { return [] }
  return root.entries.flatMap { family in
    (family.value["peers"]?.entries ?? []).compactMap { peer in
      (try? Address(parsing: peer.key)).map {
        SessionState(neighbor: $0, isEstablished: peer.value["state"]?.text == "Established")
      }
    }
  }
}

/// The BGP protocols in the answer to `show protocols all` of BIRD: a head line each, indented details below it.
func parseBIRDSessions(_ text: String) -> [SessionState] {
  var sessions: [SessionState] = []
  var state: Bool?
  for line in text.split(separator: "\n") {
    let words = line.split(separator: " ")
    if !line.hasPrefix(" ") {
      state = words.count >= 2 && words[1] == "BGP" ? words.last == "Established" : nil
    } else if let isEstablished = state, words.starts(with: ["Neighbor", "address:"]), words.count > 2 {
      if let address = try? Address(parsing: words[2].split(separator: "%")[0]) {
        sessions.append(SessionState(neighbor: address, isEstablished: isEstablished))
      }
    }
  }
  return sessions
}

extension YAMLNode {
  fileprivate var entries: [YAMLEntry] {
    if case .mapping(let entries) = content { entries } else { [] }
  }
  fileprivate subscript(key: String) -> YAMLNode? { entries.first { $0.key == key }?.value }
  fileprivate var text: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }
}

/// What is different between a device's sessions and those of the plan. Neighbours that are not in the lab must be
/// known to the daemon but cannot answer.
func compareSessions(
  _ states: [SessionState], _ layout: LabLayout, _ node: LabNode, _ condition: Condition
) -> [String] {
  guard let bgp = node.plan.bgp, !condition.deadSpeakers.contains(node.index) else { return [] }
  var differences: [String] = []
  let known = Dictionary(states.map { ($0.neighbor, $0.isEstablished) }) { first, _ in first }
  for session in bgp.sessions {
    let peer = layout.nodes.first { $0.device.name == session.neighbor }?.index
    // On VLANs two devices have a link in each.
    let link = layout.links.first { link in
      link.others(than: node.index).contains { $0.addresses.contains(session.neighborAddress) }
    }
    let wanted = layout.hasSession(node.index, peer, condition, over: link)
    guard let isEstablished = known[session.neighborAddress] else {
      differences.append("the session with \(session.neighbor) (\(session.neighborAddress)) is not configured")
      continue
    }
    if wanted != isEstablished {
      differences.append(
        "the session with \(session.neighbor) (\(session.neighborAddress)) is \(isEstablished ? "up" : "down")")
    }
  }
  let planned = Set(bgp.sessions.map(\.neighborAddress))
  for state in states where !planned.contains(state.neighbor) {
    differences.append("there is a session with \(state.neighbor), which is not planned")
  }
  return differences.sorted()
}
