import TopologyModel

/// Which regions are linked or cut from each other, and what of interconnects and tunnels is new, gone or otherwise.
func compareInterconnects(_ old: Topology, _ new: Topology, _ names: NameMap) -> [PartChange] {
  guard !old.interconnects.isEmpty || !new.interconnects.isEmpty else { return [] }
  let hosts = Dictionary(
    names.renames.filter { $0.kind == "host" }.map { ($0.before, $0.after) }
  ) { first, _ in first }
  // No host of the newer side has a name that was given up.
  func name(_ host: Int, _ topology: Topology) -> String {
    let name = topology.hosts[host].name.text
    return hosts[name] ?? name
  }
  var changes = compareNamed("regions", pairFacts(old), pairFacts(new)).map { change in
    var change = change
    switch change.mark {
    case .removed: change.details.insert("cut from each other", at: 0)
    case .added: change.details.insert("linked", at: 0)
    case .changed: break
    }
    return change
  }
  changes += compareNamed(
    "interconnect", interconnectFacts(old) { name($0, old) }, interconnectFacts(new) { name($0, new) }
  )
  .map { withReplacements($0, old, new) { name($0, $1) } }
  changes += together(compareNamed("tunnel", tunnelFacts(old) { name($0, old) }, tunnelFacts(new) { name($0, new) }))
  return changes
}

/// Two regions that reach each other, by the names of the networks that both have, and over what.
struct RegionPair: Hashable {
  var names: [String]
  var network: String
  var interconnect: String
}

extension Topology {
  /// The pairs of regions that reach each other, sorted.
  func listRegionPairs() -> [RegionPair] {
    regions.indices.flatMap { region in
      farAggregates(ofRegion: region).filter { region < $0.region && isOpen($0, from: region) }.map { far in
        RegionPair(
          names: [regions[region].name.text, regions[far.region].name.text].sorted(),
          network: networks[far.network].name.text, interconnect: interconnects[far.interconnect].name.text)
      }
    }.sorted { ($0.names[0], $0.names[1], $0.network) < ($1.names[0], $1.names[1], $1.network) }
  }
}

extension Topology {
  /// Whether all regions on the way have a gateway that is not drained.
  private func isOpen(_ far: FarAggregate, from region: Int) -> Bool {
    let interconnect = interconnects[far.interconnect]
    guard let gateways = interconnect.tunnels?.gateways else { return true }
    return [region, far.region, interconnect.hub].compactMap(\.self).allSatisfy { region in
      gateways[region]?.contains { !hosts[$0].isDrained } ?? false
    }
  }
}

private func pairFacts(_ topology: Topology) -> [PartFacts] {
  var facts: [PartFacts] = []
  for pair in topology.listRegionPairs() {
    let name = pair.names.joined(separator: " and ")
    if facts.last?.name != name { facts.append(PartFacts(name: name, facts: [])) }
    facts[facts.count - 1].facts.append((pair.network, "over \(pair.interconnect)"))
  }
  return facts
}

private func interconnectFacts(_ topology: Topology, _ name: (Int) -> String) -> [PartFacts] {
  func regions(_ regions: [Int]) -> String {
    regions.map { topology.regions[$0].name.text }.sorted().joined(separator: ", ")
  }
  return topology.interconnects.map { interconnect in
    var facts = [("kind", interconnect.kind.rawValue), ("regions", regions(interconnect.regions))]
    if let hub = interconnect.hub {
      facts += [("hub", regions([hub])), ("transit", interconnect.isTransit ? "true" : "false")]
    }
    switch interconnect.means {
    case .tunnels(let tunnels):
      facts.append(("over", underlay(tunnels, topology)))
      func title(_ host: Int) -> String { name(host) + (topology.hosts[host].isDrained ? " (drained)" : "") }
      for region in tunnels.gateways.keys.sorted(by: { topology.regions[$0].name < topology.regions[$1].name }) {
        let titles = (tunnels.gateways[region] ?? []).map(title).sorted().joined(separator: ", ")
        facts.append(("gateways of \(topology.regions[region].name)", titles))
      }
    case .transitGateways(let gateways): facts += transitFacts(gateways, interconnect, topology)
    case .peering(let id): facts.append(("id", text(id)))
    }
    return PartFacts(name: interconnect.name.text, facts: facts)
  }
}

private func underlay(_ tunnels: Tunnels, _ topology: Topology) -> String {
  tunnels.over.map { "peering \(topology.interconnects[$0].name)" } ?? "outside of the fabric"
}

private func text(_ id: Name?) -> String { id?.text ?? "a parameter" }

private func transitFacts(
  _ gateways: TransitGateways, _ interconnect: Interconnect, _ topology: Topology
) -> [(String, String)] {
  var facts: [(String, String)] = []
  for region in interconnect.regions {
    let name = topology.regions[region].name
    facts.append(("transit gateway of \(name)", text(gateways.gateways[region])))
    facts.append(("attachment of \(name)", text(gateways.attachments[region])))
    facts.append(("route table of \(name)", text(gateways.routeTables[region])))
  }
  for (first, second) in interconnect.pairs {
    let names = [first, second].map { topology.regions[$0].name.text }.sorted().joined(separator: " with ")
    facts.append(("peering of \(names)", text(gateways.peerings[[min(first, second), max(first, second)]])))
  }
  return facts
}

/// Each tunnel by its interconnect and its two gateways.
private func tunnelFacts(_ topology: Topology, _ name: (Int) -> String) -> [PartFacts] {
  topology.interconnects.flatMap { interconnect -> [PartFacts] in
    guard let tunnels = interconnect.tunnels else { return [] }
    return tunnels.tunnels.map { tunnel in
      let ends = tunnel.ends.map { (name: name($0.host), end: $0) }.sorted { $0.name < $1.name }
      var facts = [("interface", tunnel.interface.text), ("encapsulation", tunnels.encapsulation.rawValue)]
      facts += ends.map { ("address of \($0.name)", "\($0.end.publicAddress)") }
      facts += [tunnel.prefix, tunnel.prefix6].compactMap(\.self).map { ("link \($0.family.name)", "\($0)") }
      facts += [("over", underlay(tunnels, topology)), ("MTU", "\(tunnels.mtu)")]
      if let keyFile = tunnels.keyFile { facts.append(("key file", keyFile.text)) }
      if tunnels.encapsulation == .wireguard {
        facts.append(("UDP port", "\(tunnel.port)"))
        facts += ends.map { ("public key of \($0.name)", $0.end.publicKey?.text ?? "from a file") }
      }
      return PartFacts(
        name: "\(interconnect.name) \(ends.map(\.name).joined(separator: "–"))", facts: facts)
    }
  }
}

/// Says of a region whose gateways changed one for one who takes whose place.
private func withReplacements(
  _ change: PartChange, _ old: Topology, _ new: Topology, _ name: (Int, Topology) -> String
) -> PartChange {
  guard change.mark == .changed else { return change }
  func gateways(_ topology: Topology) -> [Name: Set<String>] {
    let tunnels = topology.interconnects.first { $0.name.text == change.name }?.tunnels
    return Dictionary(
      uniqueKeysWithValues: (tunnels?.gateways ?? [:]).map { region, hosts in
        (topology.regions[region].name, Set(hosts.map { name($0, topology) }))
      })
  }
  let (before, after) = (gateways(old), gateways(new))
  var change = change
  for (region, hosts) in before.sorted(by: { $0.key < $1.key }) {
    guard let present = after[region] else { continue }
    let (gone, came) = (hosts.subtracting(present).sorted(), present.subtracting(hosts).sorted())
    guard gone.count == came.count else { continue }
    change.details += zip(gone, came).map { "\($1) replaces \($0) as gateway of \(region)" }
  }
  return change
}

/// Tunnels of one interconnect that change in the same way are told once.
private func together(_ changes: [PartChange]) -> [PartChange] {
  var result: [PartChange] = []
  for change in changes {
    let words = change.name.split(separator: " ", maxSplits: 1)
    let position = result.firstIndex {
      $0.mark == .changed && $0.mark == change.mark && $0.details == change.details
        && $0.name.split(separator: " ", maxSplits: 1)[0] == words[0]
    }
    guard let position else {
      result.append(change)
      continue
    }
    result[position].name += ", \(words[1])"
  }
  return result
}

/// How many pairs of regions and tunnels a change touches.
func interconnectRadius(_ old: Topology, _ new: Topology, _ parts: [PartChange]) -> InterconnectRadius {
  func pairs(_ topology: Topology) -> Set<[String]> { Set(topology.listRegionPairs().map(\.names)) }
  func tunnels(_ mark: ChangeMark) -> Int {
    parts.filter { $0.kind == "tunnel" && $0.mark == mark }.reduce(0) { $0 + $1.name.split(separator: ",").count }
  }
  let (before, after) = (pairs(old), pairs(new))
  return InterconnectRadius(
    pairsCut: before.subtracting(after).count, pairsLinked: after.subtracting(before).count,
    tunnelsRemoved: tunnels(.removed), tunnelsChanged: tunnels(.changed), tunnelsAdded: tunnels(.added))
}

/// The networks that regions are linked in on one side only.
func networksLinkedOtherwise(_ old: Topology, _ new: Topology) -> Set<String> {
  func links(_ topology: Topology) -> Set<RegionPair> {
    Set(topology.listRegionPairs().map { RegionPair(names: $0.names, network: $0.network, interconnect: "") })
  }
  return Set(links(old).symmetricDifference(links(new)).map(\.network))
}
