/// What the route tables of a VPC hold of the fabric, and who takes the place of whom.
package struct VPCPlan: Sendable, Equatable {
  package var region: Name
  /// Nil: a parameter of what is emitted, as all ids that the topology leaves out.
  package var id: Name?
  /// The families that have a network in the region, and how each is routed.
  package var families: [VPCFamily]
  /// By the ids of zone and host.
  package var instances: [VPCInstance]
  /// Sorted by id; that of a parameter first.
  package var tables: [VPCTable]
  /// The region's part of each network, and what it reaches of others', sorted: every route to something inside is the fabric's.
  package var space: [Prefix]
  /// The prefixes of VPCs behind peerings, sorted: a route to exactly one of them is the fabric's.
  package var peers: [Prefix]
  /// What routes lead to beside instances, sorted by interconnect.
  package var links: [VPCLink]
  /// The transit gateways of the region, sorted by interconnect.
  package var transitGateways: [TransitGatewayPlan]
  package var securityGroup: Name?
  /// What instances must let in: the endpoint networks and the other ends of tunnels, sorted; no two overlap.
  package var sources: [Prefix]
}

/// How a family is routed in a VPC.
package struct VPCFamily: Sendable, Equatable {
  package var family: AddressFamily
  package var choice: VPCChoice
  /// What the fullest table takes with a route for each host prefix, and with what was chosen.
  package var wanted: Int
  package var taken: Int
  package var quota: Int
  package var otherRoutes: Int
  /// Routes to other regions, in every table; part of `taken` and `wanted`.
  package var farRoutes = 0
}

package enum VPCChoice: Sendable, Equatable {
  /// The VPC need not know of endpoints: all instances are in one zone.
  case direct
  /// A route for every host prefix, or block, to the instance that has it.
  case instances
  /// Zone aggregates, each divided into 2^bits, to forwarding instances.
  case aggregates(bits: Int)
}

package struct VPCInstance: Sendable, Equatable {
  package var name: Name
  package var zone: Name
  package var eni: Name?
  package var address: Address?
  package var address6: Address?
  /// Whether it carries traffic for others of its zone.
  package var forwards: Bool

  package var addresses: [Address] { [address, address6].compactMap(\.self) }
}

package struct VPCTable: Sendable, Equatable {
  package var id: Name?
  /// The zones whose subnets it is for, sorted by id.
  package var zones: [Name]
  /// Sorted by prefix.
  package var routes: [VPCRoute]
}

/// A route of a VPC.
package struct VPCRoute: Sendable, Equatable {
  package var prefix: Prefix
  package var target: VPCTarget
  package var purpose: RoutePurpose

  /// Index into `VPCPlan.instances`.
  package var instance: Int? { if case .instance(let index, _) = target { index } else { nil } }
  /// Who takes the route over when the instance is lost; nil where nobody can, since that one itself holds all that is inside.
  package var standby: Int? { if case .instance(_, let standby) = target { standby } else { nil } }
}

package enum VPCTarget: Sendable, Hashable {
  /// Indices into `VPCPlan.instances`.
  case instance(Int, standby: Int?)
  /// Index into `VPCPlan.links`.
  case link(Int)
}

/// A transit gateway or a peering that is attached to a VPC.
package struct VPCLink: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case transitGateway, peering
  }
  package var kind: Kind
  package var interconnect: Name
  /// `tgw-…` or `pcx-…`; nil: a parameter.
  package var id: Name?
}

/// What the route table of a region's transit gateway holds of the fabric: static routes, since none come over a peering by
/// themselves (Amazon VPC Transit Gateways, "Transit gateway peering attachments").
package struct TransitGatewayPlan: Sendable, Equatable {
  package var interconnect: Name
  /// `tgw-rtb-…`; nil: a parameter.
  package var routeTable: Name?
  /// That of the own VPC first, then the peerings by the regions' ids.
  package var attachments: [TransitAttachment]
  /// Sorted by prefix.
  package var routes: [TransitRoute]
}

package struct TransitAttachment: Sendable, Equatable {
  /// The region behind it.
  package var region: Name
  /// `tgw-attach-…`; nil: a parameter.
  package var id: Name?
}

package struct TransitRoute: Sendable, Equatable {
  package var prefix: Prefix
  /// Index into `TransitGatewayPlan.attachments`.
  package var attachment: Int
  package var purpose: RoutePurpose
}
