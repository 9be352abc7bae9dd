/// A tunnel of a gateway to one of another region (ip-link(8), wg(8)).
package struct PlannedTunnel: Sendable, Equatable {
  package var interface: InterfaceName
  package var interconnect: Name
  /// The gateway at the other end, and the address by which it is reached.
  package var gateway: Name
  package var endpoint: Address
  /// The host's own in the tunnel, one a family.
  package var addresses: [InterfaceAddress]
  /// In bytes.
  package var mtu: Int
  package var cover: TunnelCover
  /// What may come out of it: the link, and the aggregates behind it; sorted.
  package var allowed: [Prefix]
}

/// What packets are put into.
package enum TunnelCover: Sendable, Equatable {
  /// RFC 2784, over the family of the endpoint.
  case gre
  /// - Parameters:
  ///   - port: UDP, at both ends.
  ///   - keyFile: the secret that is the private key.
  ///   - publicKey: of the other end; nil: from a file beside the private key.
  case wireguard(port: Int, keyFile: Name, publicKey: TunnelKey?)
}

/// The tunnels of a gateway, by number; empty for other hosts.
func planTunnels(_ topology: Topology, _ host: Int) -> [PlannedTunnel] {
  topology.tunnels(ofHost: host).map { item in
    let interconnect = topology.interconnects[item.interconnect]
    let tunnels = interconnect.tunnels!
    let links = [item.tunnel.prefix, item.tunnel.prefix6].compactMap(\.self)
    let cover: TunnelCover =
      switch tunnels.encapsulation {
      case .gre: .gre
      case .wireguard:
        // That the key is missing was reported.
        .wireguard(
          port: item.tunnel.port, keyFile: tunnels.keyFile ?? interconnect.name, publicKey: item.remote.publicKey)
      }
    return PlannedTunnel(
      interface: item.tunnel.interface, interconnect: interconnect.name,
      gateway: topology.hosts[item.remote.host].name, endpoint: item.remote.publicAddress,
      addresses: AddressFamily.allCases.compactMap { family in
        item.address(family).map { InterfaceAddress(address: $0, length: family.bitWidth - 1) }
      }, mtu: tunnels.mtu, cover: cover,
      allowed: (links + topology.aggregatesBehind(item).map(\.prefix)).sorted())
  }
}

/// What a gateway says and believes over its tunnels: exactly aggregates of regions.
func tunnelSessions(_ topology: Topology, _ host: Int, _ filters: inout FilterTable) -> [BGPSession] {
  topology.tunnels(ofHost: host).flatMap { item -> [BGPSession] in
    let tunnels = topology.interconnects[item.interconnect].tunnels!
    let remote = topology.hosts[item.remote.host]
    return AddressFamily.allCases.compactMap { family in
      guard let local = item.address(family), let neighbor = item.remoteAddress(family), let asn = remote.asn else {
        return nil
      }
      func prefixes(_ aggregates: [FarAggregate]) -> [Prefix] {
        aggregates.map(\.prefix).filter { $0.family == family }
      }
      let told = topology.hosts[host].isDrained ? [] : prefixes(topology.aggregatesBehind(item.reversed))
      // Without roles (RFC 9234): a route that came down from a ToR could not go up to another region's.
      return BGPSession(
        neighbor: remote.name, neighborRole: .host, ends: .addresses(local: local, neighbor: neighbor), family: family,
        neighborASN: asn, localRole: nil, bfd: false,
        importFilter: filters.add(
          exactFilter(.upstream(remote.name), family, prefixes(topology.aggregatesBehind(item)))),
        exportFilter: filters.add(exactFilter(.announced(remote.name), family, told)), exportLimit: nil,
        secret: tunnels.encapsulation == .gre ? tunnels.keyFile : nil)
    }
  }
}

extension HostTunnel {
  /// As the other end sees it.
  package var reversed: HostTunnel { HostTunnel(interconnect: interconnect, tunnel: tunnel, end: 1 - end) }
}

extension Topology {
  /// Why there is a route to the part of a network that a region has.
  func purpose(ofRegion region: Int, inNetwork network: Int) -> RoutePurpose {
    .regionAggregate(region: regions[region].name, network: networks[network].name)
  }

  /// The aggregates of a region that others are told over tunnels; sorted, each once.
  package func toldAggregates(_ region: Int, of gateway: Int? = nil) -> [RegionalPrefix] {
    let networks = Set(
      regions[region].far.filter { far in
        guard let tunnels = interconnects[far.interconnect].tunnels else { return false }
        return gateway.map { tunnels.gateways[region]?.contains($0) ?? false } ?? true
      }.map(\.network))
    return networks.compactMap { network in
      regions[region].allocations[network].map { RegionalPrefix(prefix: $0.prefix, network: network) }
    }.sorted { $0.prefix < $1.prefix }
  }

  /// What a region reaches over tunnels of its gateways, or of one of them; sorted.
  package func tunnelled(_ region: Int, by gateway: Int? = nil) -> [FarAggregate] {
    regions[region].far.filter { far in
      guard let gateways = interconnects[far.interconnect].tunnels?.gateways[region] else { return false }
      return gateway.map { gateways.contains($0) } ?? true
    }
  }

  /// What a region reaches over tunnels; sorted.
  func tunnelled(_ region: Region) -> [Prefix] {
    region.far.filter { interconnects[$0.interconnect].tunnels != nil }.map(\.prefix)
  }

  /// The prefixes of one family that a gateway reaches for its region, sorted; nothing if it is drained.
  package func farPrefixes(ofGateway host: Int, _ family: AddressFamily) -> [Prefix] {
    guard !hosts[host].isDrained else { return [] }
    return tunnelled(regionIndex(ofHost: host), by: host).map(\.prefix).filter { $0.family == family }
  }
}

/// The part of a network that a region has.
package struct RegionalPrefix {
  package var prefix: Prefix
  var network: Int

  func purpose(_ topology: Topology, of region: Int) -> RoutePurpose {
    topology.purpose(ofRegion: region, inNetwork: network)
  }
}

/// The BGP speaker of an EC2 instance that is a gateway: its only neighbours are other gateways, which it tells of its region whatever
/// becomes of the rest of it, since a VPC tells it nothing.
func planCloudGateway(_ topology: Topology, _ index: Int) -> BGPPlan? {
  let host = topology.hosts[index]
  guard let asn = host.asn, let routerID = host.address(.ipv4) else { return nil }
  let region = topology.regionIndex(ofHost: index)
  var filters = FilterTable()
  var sessions = tunnelSessions(topology, index, &filters)
  sessions.sortByNeighbor()
  let originated = host.isDrained ? [] : topology.toldAggregates(region, of: index)
  return BGPPlan(
    asn: asn, routerID: routerID,
    originated: originated.map {
      OriginatedPrefix(prefix: $0.prefix, purpose: $0.purpose(topology, of: region), onlyWhilePresent: false)
    }, sessions: sessions, filters: filters.filters, maximumPaths: maximumPaths)
}

/// What a ToR with gateways tells them: the region's aggregates, while it knows something inside of them.
func gatewayOrigins(
  _ topology: Topology, _ rack: Rack, besides known: [OriginatedPrefix]
) -> [OriginatedPrefix] {
  guard rack.hosts.contains(where: { topology.isGateway(host: $0) }) else { return [] }
  let aggregates = Set(
    topology.racks[topology.regions[rack.region].racks].flatMap { $0.allocations.compactMap { $0?.aggregate } })
  let originated = Set(known.map(\.prefix))
  return topology.toldAggregates(rack.region).filter {
    !aggregates.contains($0.prefix) && !originated.contains($0.prefix)
  }
  .map {
    OriginatedPrefix(
      prefix: $0.prefix, purpose: $0.purpose(topology, of: rack.region), onlyWhilePresent: false, isSummary: true)
  }
}

/// Its discard routes for them.
func addGatewayDiscards(_ topology: Topology, _ rack: Rack, to routes: inout RouteTable) {
  guard rack.hosts.contains(where: { topology.isGateway(host: $0) }) else { return }
  for item in topology.toldAggregates(rack.region) {
    routes.add(
      StaticRoute(prefix: item.prefix, target: .discard, purpose: item.purpose(topology, of: rack.region)))
  }
}

/// What a gateway passes on between its region and others, unseen by its own packet filter: replies may take another gateway, so it
/// knows no connections; the host that holds an endpoint decides.
struct TunnelTransit {
  struct Way {
    var interface: InterfaceName
    /// Index into `Topology.interconnects`.
    var interconnect: Int
    /// Whether packets go on from it into other tunnels of the interconnect: its hub is here, and carries transit.
    var isTransit: Bool
    /// The tunnel's own links: ICMP errors come from there.
    var links: [Prefix]
    /// What is behind the tunnel: sources of what comes out of it.
    var behind: [Prefix]
  }
  /// By number.
  var ways: [Way] = []
  /// The region's aggregates.
  var inside: [Prefix] = []

  static let none = TunnelTransit()

  init() {}

  init(_ topology: Topology, _ host: Int) {
    let tunnels = topology.tunnels(ofHost: host)
    guard !tunnels.isEmpty else { return }
    let region = topology.regionIndex(ofHost: host)
    inside = topology.toldAggregates(region, of: host).map(\.prefix)
    ways = tunnels.map {
      let interconnect = topology.interconnects[$0.interconnect]
      return Way(
        interface: $0.tunnel.interface, interconnect: $0.interconnect,
        isTransit: interconnect.isTransit && interconnect.hub == region,
        links: [$0.tunnel.prefix, $0.tunnel.prefix6].compactMap(\.self),
        behind: topology.aggregatesBehind($0).map(\.prefix).sorted())
    }
  }

  /// What may come out of a tunnel for others than the host's own endpoints, of a family.
  func targets(_ way: Way, _ family: AddressFamily) -> [Prefix] {
    let across = way.isTransit ? ways.filter { $0.interconnect == way.interconnect }.flatMap(\.behind) : []
    return Set((inside + across).filter { $0.family == family && !way.behind.contains($0) }).sorted()
  }

  /// The sources that may come out of a tunnel, of a family; sorted.
  func sources(_ way: Way, _ family: AddressFamily) -> [Prefix] {
    (way.links + way.behind).filter { $0.family == family }.sorted()
  }

  /// All that is behind tunnels, of a family.
  func far(_ family: AddressFamily) -> [Prefix] { Set(ways.flatMap(\.behind).filter { $0.family == family }).sorted() }
}
