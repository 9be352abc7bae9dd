/// A policy in which every name is resolved.
package struct Policy: Sendable {
  package var name: Name
  package var comment: CommentText?
  /// Lower decides first; at one priority what is denied stands before what is allowed.
  package var priority: Int
  package var direction: PolicyDirection
  /// Any of them; never empty.
  package var from: [PolicyPeer]
  package var to: [PolicyPeer]
  package var allow: [ServiceMatch]
  package var deny: [ServiceMatch]
  /// The name in the source.
  package var range: SourceRange
}

/// Who a policy is about on one of its sides.
package enum PolicyPeer: Sendable, Hashable {
  /// Every endpoint, and every address outside the fabric.
  case any
  /// The host that judges the packet.
  case localHost
  /// Exactly these addresses.
  case cidr(Prefix)
  /// A host itself, by its own addresses: index into `Topology.hosts`.
  case host(Int)
  case endpoints(EndpointGroup)
}

/// The endpoints of a tenant or segment, or all, everywhere or in one place.
package struct EndpointGroup: Sendable, Hashable {
  /// Index into `Topology.tenants`.
  package var tenant: Int?
  /// The id of a segment of the tenant.
  package var segment: Int?
  package var place: Place

  package init(tenant: Int? = nil, segment: Int? = nil, place: Place) {
    (self.tenant, self.segment, self.place) = (tenant, segment, place)
  }

  /// Indices into the arrays of the topology, or addresses.
  package enum Place: Sendable, Hashable {
    case everywhere
    case cidr(Prefix)
    case region(Int)
    case rack(Int)
    case host(Int)
  }
}
