/// What the policies of a fabric decide in one family: for each zone an ordered list, of which the first entry that
/// matches a new flow's packet decides. If none does, the zone's own rule holds: isolation, egress, or "no".
///
/// The lists know nothing of iptables or nft, and are the same on every host; their size does not depend on the number
/// of hosts, but for policies that name hosts.
package struct AccessPlan: Sendable, Equatable {
  package var family: AddressFamily
  private var lists: [[AccessDecision]]

  package init(_ family: AddressFamily) {
    self.family = family
    lists = AccessZone.allCases.map { _ in [] }
  }

  /// The decisions of a zone, in the order in which they are asked.
  package subscript(zone: AccessZone) -> [AccessDecision] {
    get { lists[Int(zone.rawValue)] }
    set { lists[Int(zone.rawValue)] = newValue }
  }

  package var isEmpty: Bool { lists.allSatisfy(\.isEmpty) }
}

/// Which packets a list of decisions is asked about. Every packet that policies are about is in exactly one zone; an
/// entry without addresses means all that are in the zone.
package enum AccessZone: UInt8, Sendable, Hashable, CaseIterable {
  /// Forwarded, to an address in an endpoint network, from anywhere; on the host of the source as on that of the
  /// destination. Without a decision: the tenant's isolation.
  case inside
  /// Forwarded, from a local endpoint to an address that is in no endpoint network and not in `underlay`. Without a
  /// decision: the tenant's `egress`.
  case outside
  /// Forwarded, from a local endpoint to the underlay or to 169.254.0.0/16. Without a decision: dropped.
  case underlay
  /// From an endpoint to the very host that it runs on. Without a decision: ICMP and DHCP only.
  case localHost
  /// From an endpoint of another host to the host itself. Without a decision: dropped.
  case remoteHost
}

/// What one policy says about the packets of a zone: those from any of the sources to any of the destinations with any
/// of the services.
package struct AccessDecision: Sendable, Equatable {
  /// Index into `Topology.policies`.
  package var policy: Int
  package var name: Name
  package var comment: CommentText?
  package var verdict: AccessVerdict
  /// Merged and sorted; nil: all of the zone.
  package var sources: [AddressMatch]?
  package var destinations: [AddressMatch]?
  package var services: ServiceSet

  package func matches(_ source: Address, _ destination: Address, service: UInt32) -> Bool {
    sources?.contains { $0.matches(source) } ?? true && destinations?.contains { $0.matches(destination) } ?? true
      && services.ranges.contains { $0.contains(service) }
  }
}

package enum AccessVerdict: UInt8, Sendable, Hashable, Comparable {
  case deny
  case allow

  package static func < (left: AccessVerdict, right: AccessVerdict) -> Bool { left.rawValue < right.rawValue }
}
