import TopologyModel

/// How announcements spread over the links that work of a region and of those that tunnels link to it: each device takes the shortest paths of AS numbers that
/// do not hold its own, and tells of one of them (RFC 4271 section 9.1).
struct Spreading {
  private struct Known: Equatable {
    var path: [UInt32]
    /// Nodes, sorted.
    var hops: [Int]
    var isFromSpine: Bool
    /// From inside the AS.
    var isInternal = false
    var isOrigin = false
  }
  private struct Neighbor {
    var node: Int
    /// By what its end of the link is known.
    var addresses: [Address]
    /// Of a link of a host on VLANs.
    var vlan: Int?
    var host: Int?
  }

  private let layout: LabLayout
  private let condition: Condition
  private var neighbors: [Int: [Neighbor]] = [:]

  init(_ layout: LabLayout, _ region: Int, _ condition: Condition) {
    self.layout = layout
    self.condition = condition
    let regions = layout.topology.linked(to: region)
    for link in layout.links {
      let ends = link.ends.filter { isAlive($0.node, regions) }
      for end in ends {
        for other in ends where other.node != end.node && layout.hasSession(end.node, other.node, condition, over: link)
        {
          // Hosts have no sessions with each other, but for gateways.
          if !link.isTunnel, layout.nodes[end.node].isHost, layout.nodes[other.node].isHost { continue }
          let host = [end, other].lazy.compactMap { layout.nodes[$0.node].hostIndex }.first
          neighbors[end.node, default: []].append(
            Neighbor(node: other.node, addresses: other.labels, vlan: link.vlan, host: host))
        }
      }
    }
  }

  private func isAlive(_ node: Int, _ regions: Set<Int>) -> Bool {
    layout.nodes[node].plan.bgp != nil && regions.contains(layout.topology.region(of: layout.nodes[node].device.place))
  }

  /// Whether a device could hear of an announcement at all.
  func concerns(_ item: Announcement, _ node: Int) -> Bool {
    (neighbors[node] ?? []).contains { passes(item, from: $0.node, to: node, fromSpine: false) }
  }

  private func crosses(_ item: Announcement, _ neighbor: Neighbor) -> Bool {
    layout.topology.crosses(item, vlan: neighbor.vlan, ofHost: neighbor.host)
  }

  private func passes(_ item: Announcement, from sender: Int, to receiver: Int, fromSpine: Bool) -> Bool {
    layout.topology.passes(
      item, from: layout.nodes[sender].device.place, to: layout.nodes[receiver].device.place, fromSpine: fromSpine)
  }

  private func begins(_ item: Announcement, at node: Int) -> Bool {
    guard layout.topology.begins(item, at: layout.nodes[node].device.place) else { return false }
    switch (item.subject, layout.nodes[node].device.place) {
    case (.defaultRoute, .upstream), (.external, _):
      return item.subject.isExternal || layout.hasUpstream(node, condition)
    case (.defaultRoute, _):
      return layout.hasUpstream(node, condition) || hasStaticUpstream(node, item.prefix.family)
    case (.regionAggregate, _): return knowsARack(node)
    case (.aggregate(let rack), .spine(let region, _))
    where !layout.topology.hasSpineGateways(layout.topology.regions[region]):
      return layout.topology.racks[rack].tors.indices.contains { position in
        layout.node(.tor(rack, position)).flatMap { layout.link(node, $0.index) }
          .map { condition.cables[Condition.Port(link: $0.index, node: node)] != .cut } ?? false
      }
    case (.aggregate(let rack), .spine):
      // A router between segments announces one while a host of it speaks to the router, if all of them would.
      let hosts = layout.topology.racks[rack].hosts.filter { !layout.topology.hosts[$0].isDrained }
      guard !hosts.isEmpty, hosts.allSatisfy({ layout.topology.hosts[$0].settings.routing == .bgp }) else {
        return true
      }
      return hosts.contains { host in
        let index = layout.node(.host(host))?.index
        return (neighbors[node] ?? []).contains { $0.node == index }
      }
    case (.aggregate(let rack), .tor) where layout.topology.racks[rack].pair == .segment:
      // One of two ToRs on a segment announces it while it reaches a host.
      let hosts = layout.topology.racks[rack].hosts.filter { !layout.topology.hosts[$0].isDrained }
      return hosts.isEmpty || hosts.contains { reaches(host: $0, from: node) }
    default: return true
    }
  }

  /// Whether a way out without BGP is plugged in.
  private func hasStaticUpstream(_ node: Int, _ family: AddressFamily) -> Bool {
    let place = layout.nodes[node].device.place
    return layout.topology.regions.contains { region in
      region.upstreams(at: place).contains { upstream in
        guard upstream.asn == nil, upstream.link.peer(family) != nil else { return false }
        let other = layout.nodes.first { $0.device.name == upstream.name }?.index
        return other.flatMap { layout.link(node, $0) }
          .map { condition.cables[Condition.Port(link: $0.index, node: node)] != .cut } ?? false
      }
    }
  }

  /// Whether a device that upstreams are connected to knows a prefix inside the region's aggregate: a ToR always, a spine while a
  /// neighbour below tells it one.
  private func knowsARack(_ node: Int) -> Bool {
    guard case .spine(let index, _) = layout.nodes[node].device.place else { return true }
    let topology = layout.topology
    return (neighbors[node] ?? []).contains { neighbor in
      switch layout.nodes[neighbor.node].device.place {
      case .tor(let rack, _):
        return topology.racks[rack].allocations.compactMap { $0?.aggregate }.contains {
          begins(Announcement(prefix: $0, subject: .aggregate(rack)), at: neighbor.node)
        }
      case .host(let host): return !topology.hosts[host].isDrained
      case .spine, .upstream, .vpc: return false
      }
    } || topology.hasSpineGateways(topology.regions[index]) || topology.regions[index].routing == .static
  }

  /// Whether a ToR knows a prefix of a host on its segment: by BGP, or by a static route while its own plug has a carrier.
  private func reaches(host: Int, from node: Int) -> Bool {
    let index = layout.node(.host(host))?.index
    if layout.topology.hosts[host].settings.routing == .bgp {
      return (neighbors[node] ?? []).contains { $0.node == index }
    }
    let segment = layout.links.first { link in link.isSegment && link.touches(node) }
    return segment.map { condition.cables[Condition.Port(link: $0.index, node: node)] != .cut } ?? false
  }

  /// The addresses of the neighbours from which a device has the shortest paths, sorted; none if it is where the
  /// announcement begins.
  func hops(_ item: Announcement, at node: Int) -> [Address] {
    var known: [Int: Known] = [:]
    for origin in neighbors.keys where begins(item, at: origin) {
      known[origin] = Known(path: [], hops: [], isFromSpine: false, isOrigin: true)
    }
    // No path is longer than the number of devices.
    for _ in 0...neighbors.count {
      var next = known.filter(\.value.isOrigin)
      for receiver in neighbors.keys where next[receiver] == nil {
        if let heard = hear(item, receiver, known) { next[receiver] = heard }
      }
      if next == known { break }
      known = next
    }
    guard let found = known[node] else { return [] }
    let addresses = (neighbors[node] ?? []).filter { found.hops.contains($0.node) && crosses(item, $0) }
      .compactMap { $0.addresses.first { $0.family == item.prefix.family } }
    return addresses.sorted()
  }

  private func hear(_ item: Announcement, _ receiver: Int, _ known: [Int: Known]) -> Known? {
    var best: Known?
    let own = asn(receiver)
    for neighbor in (neighbors[receiver] ?? []).sorted(by: { $0.node < $1.node }) {
      guard let theirs = known[neighbor.node], !theirs.hops.contains(receiver),
        crosses(item, neighbor), passes(item, from: neighbor.node, to: receiver, fromSpine: theirs.isFromSpine)
      else { continue }
      // Inside an AS (route reflectors) the path stays as it is.
      let path = (asn(neighbor.node) == own ? [] : [asn(neighbor.node)]) + theirs.path
      if path.contains(own) { continue }
      let isSpine = layout.nodes[neighbor.node].device.role == .spine
      // Of equally long paths external ones win (RFC 4271 section 9.1.2.2).
      let isInternal = asn(neighbor.node) == own
      let rank = (path.count, isInternal ? 1 : 0)
      if let known = best, (known.path.count, known.isInternal ? 1 : 0) < rank { continue }
      if let known = best, (known.path.count, known.isInternal ? 1 : 0) == rank {
        best?.hops.append(neighbor.node)
        best?.isFromSpine = known.isFromSpine || isSpine
      } else {
        best = Known(path: path, hops: [neighbor.node], isFromSpine: isSpine, isInternal: isInternal)
      }
    }
    return best
  }

  private func asn(_ node: Int) -> UInt32 { layout.nodes[node].plan.bgp?.asn ?? 0 }
}

extension Topology {
  /// A region and all that tunnels lead to from it, over others too.
  fileprivate func linked(to region: Int) -> Set<Int> {
    var found: Set<Int> = [region]
    var added = found
    while !added.isEmpty {
      added = Set(
        interconnects.filter { $0.tunnels != nil && !added.isDisjoint(with: $0.regions) }.flatMap(\.regions)
      ).subtracting(found)
      found.formUnion(added)
    }
    return found
  }
}
