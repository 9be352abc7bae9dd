import TopologyModel

/// An OSPF neighbour on an interface.
struct Adjacency: Sendable, Hashable {
  var interface: String
  var family: AddressFamily
  /// Databases are in step (RFC 2328 section 10.1).
  var isFull: Bool
}

/// The neighbours that a device's OSPF knows.
func readAdjacencies(_ lab: Lab, _ node: LabNode) async throws(LabError) -> [Adjacency] {
  guard let ospf = node.plan.ospf else { return [] }
  var found: [Adjacency] = []
  for family in ospf.families {
    let text: String
    if node.daemon.cleansUp {
      text =
        family == .ipv4
        ? try await lab.ask(node, .ospfd, "show ip ospf neighbor")
        : try await lab.ask(node, .ospf6d, "show ipv6 ospf6 neighbor")
    } else if node.daemon == .bird1 {
      text = try await lab.askBIRD1(node, family, ["show", "ospf", "neighbors", birdName(ospf, family)])
    } else {
      text = try await lab.ask(
        node, ["birdc", "-r", "-s", lab.birdSocket(node), "show ospf neighbors \(birdName(ospf, family))"])
    }
    found += node.daemon.cleansUp ? parseFRRAdjacencies(text, family) : parseBIRDAdjacencies(text, family)
  }
  return found
}

private func birdName(_ ospf: OSPFPlan, _ family: AddressFamily) -> String {
  "'\(ospf.interfaces.first?.neighbor.text ?? "")-v\(family == .ipv4 ? 4 : 6)'"
}

/// `show ip ospf neighbor` has the interface as `NAME:ADDRESS` in column 7, `show ipv6 ospf6 neighbor` as `NAME[STATE]` in
/// column 6.
func parseFRRAdjacencies(_ text: String, _ family: AddressFamily) -> [Adjacency] {
  text.split(separator: "\n").compactMap { line in
    let words = line.split(separator: " ")
    let (state, place) = family == .ipv4 ? (2, 6) : (3, 5)
    guard words.count > place, (try? Address(parsing: words[0])) != nil else { return nil }
    let interface = words[place].prefix { $0 != (family == .ipv4 ? ":" : "[") }
    return Adjacency(interface: String(interface), family: family, isFull: words[state].hasPrefix("Full/"))
  }
}

/// Columns of BIRD: router id, priority, state, dead time, interface, address.
func parseBIRDAdjacencies(_ text: String, _ family: AddressFamily) -> [Adjacency] {
  text.split(separator: "\n").compactMap { line in
    let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard words.count >= 6, (try? Address(parsing: words[0])) != nil else { return nil }
    return Adjacency(interface: String(words[4]), family: family, isFull: words[2].hasPrefix("Full/"))
  }
}

/// What is different between a device's neighbours and those of the plan.
func compareAdjacencies(
  _ found: [Adjacency], _ layout: LabLayout, _ node: LabNode, _ condition: Condition
) -> [String] {
  guard let ospf = node.plan.ospf, !condition.deadSpeakers.contains(node.index) else { return [] }
  var rest = Set(found.filter(\.isFull))
  var differences: [String] = []
  for interface in ospf.interfaces {
    let peer = layout.nodes.first { $0.device.name == interface.neighbor }?.index
    let isWanted = layout.hasSession(node.index, peer, condition)
    for family in ospf.families {
      let full = Adjacency(interface: interface.name.text, family: family, isFull: true)
      if (rest.remove(full) != nil) != isWanted {
        differences.append(
          "OSPF for \(family.name) with \(interface.neighbor) on \(interface.name) is \(isWanted ? "down" : "up")")
      }
    }
  }
  differences += rest.map { "there is an OSPF neighbour on \($0.interface), which is not planned" }
  return differences.sorted()
}
