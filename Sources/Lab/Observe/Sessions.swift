import TopologyModel

/// A BGP session by the address at the far end, or by the interface that leads to it.
struct SessionState: Sendable, Hashable {
  var neighbor: String
  var isEstablished: Bool
}

/// The sessions that a device's daemon knows.
func readSessions(_ lab: Lab, _ node: LabNode) async throws(LabError) -> [SessionState] {
  guard node.plan.bgp != nil else { return [] }
  switch node.daemon {
  case .none, .exabgp: return []
  case .frr, .quagga: return parseFRRSessions(try await lab.ask(node, .bgpd, "show bgp summary json"))
  case .bird1: return parseBIRDSessions(try await lab.askBIRD1(node))
  case .bird:
    let text = try await lab.ask(node, ["birdc", "-r", "-s", lab.birdSocket(node), "show protocols all"])
    // Who waits for calls on an unnumbered link does not say where.
    let listeners = (node.plan.bgp?.sessions ?? []).compactMap { session in
      session.interface.map { ("\(session.neighbor)-link", $0.text) }
    }
    let interfaces = Dictionary(listeners) { first, _ in first }
    return parseBIRDSessions(text).map {
      SessionState(neighbor: interfaces[$0.neighbor] ?? $0.neighbor, isEstablished: $0.isEstablished)
    }
  }
}

/// The neighbours in the answer to `show bgp summary json`: address families, in each `peers` by address or interface.
func parseFRRSessions(_ json: String) -> [SessionState] {
  var sources = SourceMap()
  var diagnostics = Diagnostics()
  let file = sources.add(SourceFile(path: "bgpd", bytes: Array(json.utf8)))
  // JSON is YAML (YAML 1.2 section 1.3), and the reader of the compiler takes it.
  guard let root = parseYAML(file, in: sources, &diagnostics) else { return [] }
  return root.entries.flatMap { family in
    (family.value["peers"]?.entries ?? []).map { peer in
      SessionState(
        neighbor: (try? Address(parsing: peer.key))?.description ?? peer.key,
        isEstablished: peer.value["state"]?.text == "Established")
    }
  }
}

/// The BGP protocols in the answer to `show protocols all` of BIRD: a head line each, indented details below it. On an
/// unnumbered link a protocol waits for calls (`Neighbor range: fe80::/64`) and stands here by its own name; each call that
/// came has a protocol of its own, by interface.
func parseBIRDSessions(_ text: String) -> [SessionState] {
  var sessions: [SessionState] = []
  var head: (name: String, isEstablished: Bool)?
  for line in text.split(separator: "\n") {
    let words = line.split(separator: " ")
    if !line.hasPrefix(" ") {
      head = words.count >= 2 && words[1] == "BGP" ? (String(words[0]), words.last == "Established") : nil
    } else if let head, words.count > 2, words[0] == "Neighbor" {
      if words[1] == "range:" { sessions.append(SessionState(neighbor: head.name, isEstablished: head.isEstablished)) }
      let parts = words[2].split(separator: "%")
      if words[1] == "address:", let address = try? Address(parsing: parts[0]) {
        let interface = linkLocal.contains(address) && parts.count > 1 ? String(parts[1]) : nil
        sessions.append(
          SessionState(neighbor: interface ?? address.description, isEstablished: head.isEstablished))
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
  let known = Dictionary(states.map { ($0.neighbor, $0.isEstablished) }) { $0 || $1 }
  for session in bgp.sessions {
    let peer = layout.nodes.first { $0.device.name == session.neighbor }?.index
    // On VLANs two devices have a link in each.
    let link = layout.links.first { link in
      link.others(than: node.index).contains { end in
        session.neighborAddress.map { end.addresses.contains($0) } ?? false
      }
    }
    let wanted = layout.hasSession(node.index, peer, condition, over: link)
    let name = session.neighborAddress?.description ?? session.interface?.text ?? ""
    guard let isEstablished = known[name] else {
      differences.append("the session with \(session.neighbor) (\(name)) is not configured")
      continue
    }
    if wanted != isEstablished {
      differences.append(
        "the session with \(session.neighbor) (\(name)) is \(isEstablished ? "up" : "down")")
    }
  }
  let planned = Set(bgp.sessions.compactMap { $0.neighborAddress?.description ?? $0.interface?.text })
  for state in states where !planned.contains(state.neighbor) {
    differences.append("there is a session with \(state.neighbor), which is not planned")
  }
  return differences.sorted()
}
