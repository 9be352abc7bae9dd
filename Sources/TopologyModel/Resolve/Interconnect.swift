/// A link between regions that carries their endpoints' aggregates.
package struct Interconnect: Sendable {
  package var name: Name
  /// Indices into `Topology.regions`, ascending.
  package var regions: [Int]
  /// The region that all others are linked to; nil: each with each other.
  package var hub: Int?
  /// Whether the hub carries traffic between the others.
  package var isTransit: Bool
  package var means: InterconnectMeans
  package var range: SourceRange
}

package enum InterconnectMeans: Sendable {
  case tunnels(Tunnels)
  case transitGateways(TransitGateways)
  /// Two regions; it carries the tunnels of others, and no prefix of endpoints.
  case peering(id: Name?)
}

/// Tunnels between gateway hosts.
package struct Tunnels: Sendable {
  package var encapsulation: Encapsulation
  /// WireGuard: the secret that is the private key; GRE: that of the sessions.
  package var keyFile: Name?
  /// Of the way below, in bytes.
  package var underlayMTU: Int
  /// The interconnect of kind `vpc-peering` below, an index into `Topology.interconnects`; nil: any way.
  package var over: Int?
  /// By the region, the gateway hosts: indices into `Topology.hosts`, ascending.
  package var gateways: [Int: [Int]]
  /// Sorted by number.
  package var tunnels: [Tunnel]
}

/// A tunnel between two gateways.
package struct Tunnel: Sendable {
  /// Unique in the fabric: the interface is `romana-t` and this number.
  package var number: Int
  /// The link: the first end has the even address.
  package var prefix: Prefix?
  package var prefix6: Prefix?
  /// That of the region with the lower id first.
  package var ends: [TunnelEnd]
  /// Of WireGuard, at both ends.
  package var port: Int

  package func address(_ family: AddressFamily, ofEnd end: Int) -> Address? {
    (family == .ipv4 ? prefix : prefix6)?.address.advanced(by: UInt128(end))
  }

  /// `romana-t0`: the name at both ends.
  package var interface: InterfaceName { InterfaceName("romana-t\(number)")! }
}

package struct TunnelEnd: Sendable {
  /// Index into `Topology.hosts`.
  package var host: Int
  /// By which the other end reaches it.
  package var publicAddress: Address
  /// Of WireGuard; nil: read on the other gateway from a file.
  package var publicKey: TunnelKey?
}

/// The transit gateways of regions, and what they are attached to; ids that are nil are parameters.
package struct TransitGateways: Sendable {
  /// By region.
  package var gateways: [Int: Name]
  package var attachments: [Int: Name]
  package var routeTables: [Int: Name]
  /// The attachments of peerings, by their two regions, ascending.
  package var peerings: [[Int]: Name]
  /// How many routes a transit gateway may hold, of both families and in all its tables (Amazon VPC Transit Gateways, "Quotas": total
  /// combined routes, 10,000 unless AWS grants more), and how many of them are others'.
  package var routesQuota = 10_000
  package var otherRoutes = 2
}

extension InterfacePattern {
  /// The interfaces of tunnels between regions: `romana-t0` and so on.
  static let regionTunnels = InterfacePattern("romana-t+")!
}

extension Interconnect {
  package var tunnels: Tunnels? { if case .tunnels(let tunnels) = means { tunnels } else { nil } }
  package var transitGateways: TransitGateways? {
    if case .transitGateways(let gateways) = means { gateways } else { nil }
  }

  package var kind: InterconnectKind {
    switch means {
    case .tunnels: .tunnel
    case .transitGateways: .transitGateway
    case .peering: .vpcPeering
    }
  }

  /// Pairs of regions that have a link of their own, the lower index first.
  package var pairs: [(Int, Int)] {
    if let hub { return regions.filter { $0 != hub }.map { (min($0, hub), max($0, hub)) } }
    return regions.indices.flatMap { first in regions[(first + 1)...].map { (regions[first], $0) } }
  }

  /// The regions whose endpoints are reached from a region over it: those that it has a link to, and over a hub that is
  /// transit the others. Ascending. A peering reaches nothing: it carries what tunnels make of it.
  package func reached(from region: Int) -> [Int] {
    guard regions.contains(region), kind != .vpcPeering else { return [] }
    if let hub, region != hub { return isTransit ? regions.filter { $0 != region } : [hub] }
    return regions.filter { $0 != region }
  }
}

/// The aggregate of another region that a region reaches.
package struct FarAggregate: Sendable, Equatable {
  package var prefix: Prefix
  /// Index into `Topology.networks`.
  package var network: Int
  /// Whose it is, an index into `Topology.regions`.
  package var region: Int
  /// Index into `Topology.interconnects`.
  package var interconnect: Int
  package var way: FarWay
}

/// How a region reaches another's aggregate.
package enum FarWay: Sendable, Equatable {
  /// Over its own gateway hosts, indices into `Topology.hosts`: the one that is used first, and then its second. Which is first
  /// differs among regions, so that both have something to carry. Drained ones are left out, and it may be empty.
  case gateways([Int])
  case transitGateway
}

extension Topology {
  /// What a region reaches of other regions, in networks that both have: sorted by prefix, each once.
  package func farAggregates(ofRegion region: Int) -> [FarAggregate] { regions[region].far }

  /// The same, worked out from the interconnects.
  func listFarAggregates(ofRegion region: Int) -> [FarAggregate] {
    var result: [FarAggregate] = []
    for (index, interconnect) in interconnects.enumerated() {
      for (position, far) in interconnect.reached(from: region).enumerated() {
        let way: FarWay
        switch interconnect.means {
        case .peering: continue
        case .transitGateways: way = .transitGateway
        case .tunnels(let tunnels):
          let gateways = (tunnels.gateways[region] ?? []).filter { !hosts[$0].isDrained }
          way = .gateways(position % 2 == 0 ? gateways : gateways.reversed())
        }
        result += networks(crossing: interconnect, region, far).compactMap { network in
          regions[far].allocations[network].map {
            FarAggregate(prefix: $0.prefix, network: network, region: far, interconnect: index, way: way)
          }
        }
      }
    }
    return result.sorted { $0.prefix < $1.prefix }
  }

  /// The networks that two regions have, ascending.
  package func sharedNetworks(_ region: Int, _ other: Int) -> [Int] {
    regions[region].networks.filter { regions[other].networks.contains($0) }
  }

  /// The networks whose aggregates cross an interconnect between two regions: those that both have, and its hub, if it has one.
  /// Ascending.
  func networks(crossing interconnect: Interconnect, _ region: Int, _ other: Int) -> [Int] {
    let hub = interconnect.hub.map { regions[$0].networks }
    return sharedNetworks(region, other).filter { hub?.contains($0) ?? true }
  }

  /// The index of a host's region.
  package func regionIndex(ofHost host: Int) -> Int { racks[hosts[host].rack].region }

  /// The tunnels that end on a host, by number.
  package func tunnels(ofHost host: Int) -> [HostTunnel] { hostTunnels[host] ?? [] }

  /// Whether a host is a gateway to other regions: every one has a tunnel to each region that it is linked to.
  package func isGateway(host: Int) -> Bool { hostTunnels[host] != nil }

  /// The tunnels of each gateway, worked out from the interconnects.
  func listHostTunnels() -> [Int: [HostTunnel]] {
    var result: [Int: [HostTunnel]] = [:]
    for (index, interconnect) in interconnects.enumerated() {
      for tunnel in interconnect.tunnels?.tunnels ?? [] {
        for (end, host) in tunnel.ends.map(\.host).enumerated() {
          result[host, default: []].append(HostTunnel(interconnect: index, tunnel: tunnel, end: end))
        }
      }
    }
    return result.mapValues { tunnels in tunnels.sorted { $0.tunnel.number < $1.tunnel.number } }
  }
}

/// A tunnel as one of its ends sees it.
package struct HostTunnel: Sendable {
  /// Index into `Topology.interconnects`.
  package var interconnect: Int
  package var tunnel: Tunnel
  /// Which of its ends the host is.
  package var end: Int

  package var local: TunnelEnd { tunnel.ends[end] }
  package var remote: TunnelEnd { tunnel.ends[1 - end] }
  package func address(_ family: AddressFamily) -> Address? { tunnel.address(family, ofEnd: end) }
  package func remoteAddress(_ family: AddressFamily) -> Address? { tunnel.address(family, ofEnd: 1 - end) }
}

extension Topology {
  /// What comes through a tunnel and may: the aggregates of the region at its other end, and those that this region reaches through
  /// it when that is a transit hub. Sorted.
  package func aggregatesBehind(_ tunnel: HostTunnel) -> [FarAggregate] {
    let here = regionIndex(ofHost: tunnel.local.host)
    let there = regionIndex(ofHost: tunnel.remote.host)
    let interconnect = interconnects[tunnel.interconnect]
    return farAggregates(ofRegion: here).filter {
      $0.interconnect == tunnel.interconnect
        && ($0.region == there || interconnect.isTransit && interconnect.hub == there)
    }
  }
}
