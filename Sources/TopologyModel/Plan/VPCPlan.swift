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
  /// The region's part of each network, sorted: every route to something inside is the fabric's.
  package var space: [Prefix]
  package var securityGroup: Name?
  /// What instances must let in: the endpoint networks, sorted.
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

/// A route of a VPC to an instance.
package struct VPCRoute: Sendable, Equatable {
  package var prefix: Prefix
  /// Index into `VPCPlan.instances`.
  package var instance: Int
  /// Who takes the route over when the first is lost; nil where nobody can, since the first itself holds all that is inside.
  package var standby: Int?
  package var purpose: RoutePurpose
}
