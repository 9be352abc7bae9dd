import TopologyModel

/// A prefix that devices tell each other of, by what it stands for.
struct Announcement: Sendable {
  enum Subject: Sendable {
    /// Index into `Topology.networks`.
    case network(Int)
    /// Of a rack, by index: what its ToRs hold together.
    case aggregate(Int)
    /// Of a host, by index. Where it is all that its rack has, it takes the place of the rack's aggregate.
    case host(Int, isWholeRack: Bool)
    case defaultRoute
    /// What a region tells its upstreams of a network, by index, where no device inside announces just that.
    case regionAggregate(Int)
    /// What a region tells others over tunnels, by index: its part of a network.
    case linkedRegion(Int)
    /// What an upstream tells, beside the default.
    case external

    var isExternal: Bool { if case .external = self { true } else { false } }
  }
  var prefix: Prefix
  var subject: Subject
}

/// All that is announced in a region.
func announcements(_ topology: Topology, _ index: Int) -> [Announcement] {
  let region = topology.regions[index]
  var result: [Announcement] = []
  for network in region.networks {
    var whole: Set<Prefix> = []
    for rack in region.racks {
      let aggregate = topology.racks[rack].allocations[network]?.aggregate
      for host in topology.racks[rack].hosts {
        guard topology.hosts[host].settings.routing == .bgp, !topology.hosts[host].isDrained else { continue }
        for prefix in topology.prefixes(ofHost: host, inNetwork: network) {
          if prefix == aggregate { whole.insert(prefix) }
          result.append(Announcement(prefix: prefix, subject: .host(host, isWholeRack: prefix == aggregate)))
        }
      }
      if let aggregate, !whole.contains(aggregate) {
        result.append(Announcement(prefix: aggregate, subject: .aggregate(rack)))
      }
    }
    let prefix = topology.networks[network].prefix
    if !whole.contains(prefix) { result.append(Announcement(prefix: prefix, subject: .network(network))) }
  }
  if region.carriesDefault {
    let families = AddressFamily.allCases.filter { family in
      region.networks.contains { topology.networks[$0].family == family }
    }
    result += families.map { Announcement(prefix: .everything($0), subject: .defaultRoute) }
  }
  result += linkedAnnouncements(topology, index, besides: Set(result.map(\.prefix)))
  return result + outsideAnnouncements(topology, region, besides: Set(result.map(\.prefix)))
}

private func linkedAnnouncements(
  _ topology: Topology, _ index: Int, besides known: Set<Prefix>
) -> [Announcement] {
  let own = topology.toldAggregates(index).map { Announcement(prefix: $0.prefix, subject: .linkedRegion(index)) }
  let far = topology.tunnelled(index).map { Announcement(prefix: $0.prefix, subject: .linkedRegion($0.region)) }
  return (own + far).filter { !known.contains($0.prefix) }
}

private func outsideAnnouncements(
  _ topology: Topology, _ region: Region, besides known: Set<Prefix>
) -> [Announcement] {
  let sessions = region.upstreams.filter { $0.asn != nil }
  var result: [Announcement] = []
  if sessions.contains(where: { $0.announces == .region }) {
    for network in region.networks {
      guard let prefix = region.allocations[network]?.prefix, !known.contains(prefix) else { continue }
      result.append(Announcement(prefix: prefix, subject: .regionAggregate(network)))
    }
  }
  let external = Set(sessions.flatMap { $0.accepted.filter { !$0.isDefault }.map(\.prefix) })
  return result + external.sorted().map { Announcement(prefix: $0, subject: .external) }
}

extension Topology {
  /// Whether a device is where an announcement begins while everything works; a default needs an upstream besides.
  func begins(_ item: Announcement, at place: DeviceReference.Place) -> Bool {
    switch (item.subject, place) {
    case (.host(let host, _), .host(let index)): return host == index
    case (.aggregate(let rack), .tor(let index, _)): return rack == index && regions[racks[rack].region].routing == .bgp
    case (.network(let network), .tor(let rack, _)):
      return !(racks[rack].pair == .spines && networksOfSpines(regions[racks[rack].region]).contains(network))
    case (.aggregate(let rack), .spine(let region, _)):
      // Under static routes a spine tells an upstream of the racks that it has a route to.
      return racks[rack].region == region
        && (hasSpineGateways(regions[region]) || regions[region].routing == .static)
    case (.network(let network), .spine(let region, _)):
      return hasSpineGateways(regions[region]) || networksOfSpines(regions[region]).contains(network)
    case (.defaultRoute, .spine(let region, _)): return spinesSpeakBGP(regions[region])
    case (.defaultRoute, .tor(let rack, let position)):
      // By way of an upstream without BGP.
      return regions[racks[rack].region].upstreams(at: .tor(rack, position)).contains { $0.asn == nil }
    case (.defaultRoute, .upstream(let region, let index)), (.external, .upstream(let region, let index)):
      return regions[region].upstreams[index].accepted.contains { $0.prefix == item.prefix }
    case (.linkedRegion(let region), .tor(let rack, _)): return racks[rack].region == region && hasGateway(rack)
    case (.linkedRegion(let region), .host(let host)):
      return regionIndex(ofHost: host) == region && regions[region].vpc != nil && isGateway(host: host)
        && !hosts[host].isDrained
    case (.regionAggregate, .spine), (.regionAggregate, .tor):
      return regions.contains { region in
        region.upstreams(at: place).contains { $0.asn != nil && $0.announces == .region }
      }
    default: return false
    }
  }

  /// Whether a device tells another, to which it has a link, of an announcement.
  ///
  /// - Parameter fromSpine: whether the one that tells has it from a spine.
  func passes(
    _ item: Announcement, from sender: DeviceReference.Place, to receiver: DeviceReference.Place, fromSpine: Bool
  ) -> Bool {
    switch (sender, receiver) {
    // A VPC speaks no routing protocol.
    case (.vpc, _), (_, .vpc): return false
    case (.host(let host), .host(let other)):
      return !hosts[host].isDrained
        && tunnels(ofHost: host).contains { tunnel in
          tunnel.remote.host == other && aggregatesBehind(tunnel.reversed).contains { $0.prefix == item.prefix }
        }
    case (.host(let host), _):
      if case .host(host, _) = item.subject { return true }
      return farPrefixes(ofGateway: host, item.prefix.family).contains(item.prefix)
    case (_, .host(let host)): return wants(item, host)
    case (_, .upstream(let region, let index)):
      return announced(to: regions[region].upstreams[index], in: regions[region], item.prefix.family)
        .contains(item.prefix)
    case (.upstream(let region, let index), _):
      return regions[region].upstreams[index].accepted.contains { $0.prefix == item.prefix }
    case (.tor(let rack, _), .spine(let region, _)):
      // No way leads down from a spine and up again.
      guard regions[region].routing == .bgp, !fromSpine else { return false }
      switch item.subject {
      case .aggregate(rack): return true
      case .host(let host, let isWholeRack):
        return hosts[host].rack == rack && (isWholeRack || racks[rack].pair == .spines)
      case .linkedRegion(let other): return other != region && hasGateway(rack)
      default: return false
      }
    case (.spine(let region, _), .tor(let rack, _)):
      guard regions[region].routing == .bgp else { return false }
      switch item.subject {
      case .aggregate(let other): return other != rack
      case .host(let host, let isWholeRack):
        return hosts[host].rack == rack ? racks[rack].pair == .spines : isWholeRack
      case .network: return racks[rack].pair == .spines
      case .defaultRoute: return true
      case .external: return regions[region].carriesDefault
      case .linkedRegion(let other): return other != region
      case .regionAggregate: return false
      }
    case (.tor(let rack, _), .tor):
      let hasFabric = regions[racks[rack].region].routing == .bgp
      switch item.subject {
      case .aggregate(let other): return other != rack && hasFabric
      case .host(let host, let isWholeRack):
        // On a segment each hears of the hosts itself.
        return hosts[host].rack == rack ? racks[rack].pair != .segment : isWholeRack && hasFabric
      case .network, .regionAggregate: return false
      case .linkedRegion(let other): return other != racks[rack].region && hasFabric
      case .defaultRoute, .external: return hasFabric || !regions[racks[rack].region].upstreams.isEmpty
      }
    case (.spine, .spine): return false
    }
  }

  /// What a host takes from the fabric: the networks that it has not to itself, and the default if it wants that.
  private func wants(_ item: Announcement, _ host: Int) -> Bool {
    guard hosts[host].settings.routing == .bgp else { return false }
    if isGateway(host: host), toldAggregates(regionIndex(ofHost: host)).contains(where: { $0.prefix == item.prefix }) {
      return true
    }
    switch item.subject {
    case .network(let network): return !prefixes(ofHost: host, inNetwork: network).contains(item.prefix)
    case .defaultRoute, .external: return hosts[host].settings.defaultRoute == .own
    case .regionAggregate, .linkedRegion: return false
    // Without ToRs other racks are told of one by one.
    case .aggregate(let rack): return hosts[host].rack != rack && racks[hosts[host].rack].tors.isEmpty
    case .host(let other, let isWholeRack):
      return isWholeRack && hosts[host].rack != hosts[other].rack && rack(ofHost: host).tors.isEmpty
    }
  }

  private func hasGateway(_ rack: Int) -> Bool { racks[rack].hosts.contains { isGateway(host: $0) } }
}
