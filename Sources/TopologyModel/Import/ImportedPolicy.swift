/// A policy of another system in the words of this language; what its names refer to is not looked at.
package struct ImportedPolicy: Sendable, Equatable {
  package var name: Name
  /// Where it comes from, for the comment above it.
  package var origin: [ImportWord]
  package var description: CommentText?
  /// Nil: the language's default.
  package var priority: Int?
  package var direction = PolicyDirection.ingress
  /// Never empty.
  package var from: [ImportedPeer]
  package var to: [ImportedPeer]
  package var verdict = AccessVerdict.allow
  package var services: [ServiceMatch]
}

/// A piece of a comment: a text of the compiler, or a name or number of the input.
package enum ImportWord: Sendable, Equatable {
  case word(StaticWord)
  case name(Name)
  case number(Int)
}

package enum ImportedPeer: Sendable, Hashable {
  case any
  case localHost
  case cidr(Prefix)
  /// Nil stands for every tenant, all segments, any address.
  case endpoints(tenant: Name?, segment: Name? = nil, cidr: Prefix? = nil)

  /// Who both are about; nil if that is nobody. Two peers that stand alone in a CIDR have no endpoint to speak of.
  func intersection(_ other: ImportedPeer) -> ImportedPeer? {
    switch (self, other) {
    case (.any, let peer), (let peer, .any): return peer
    case (.localHost, _), (_, .localHost): return nil
    case (.cidr(let left), .cidr(let right)): return left.intersection(right).map { .cidr($0) }
    case (.cidr(let prefix), .endpoints(let tenant, let segment, let cidr)),
      (.endpoints(let tenant, let segment, let cidr), .cidr(let prefix)):
      guard let cidr else { return .endpoints(tenant: tenant, segment: segment, cidr: prefix) }
      return cidr.intersection(prefix).map { .endpoints(tenant: tenant, segment: segment, cidr: $0) }
    case (.endpoints(let tenant, let segment, let cidr), .endpoints(let otherTenant, let otherSegment, let otherCIDR)):
      if let tenant, let otherTenant, tenant != otherTenant { return nil }
      if let segment, let otherSegment, segment != otherSegment { return nil }
      var both = cidr ?? otherCIDR
      if let cidr, let otherCIDR {
        guard let common = cidr.intersection(otherCIDR) else { return nil }
        both = common
      }
      return .endpoints(tenant: tenant ?? otherTenant, segment: segment ?? otherSegment, cidr: both)
    }
  }
}

/// Each peer once, without those that another of them holds.
func withoutHeld(_ peers: [ImportedPeer]) -> [ImportedPeer] {
  var seen: Set<ImportedPeer> = []
  let unique = peers.filter { seen.insert($0).inserted }
  if seen.contains(.any) { return [.any] }
  let cidrs = unique.compactMap { peer in if case .cidr(let prefix) = peer { prefix } else { nil } }
  return unique.filter { peer in
    switch peer {
    case .any, .localHost: return true
    case .cidr(let prefix): return !cidrs.contains { $0 != prefix && $0.contains(prefix) }
    case .endpoints(let tenant, let segment, let cidr):
      if let cidr, cidrs.contains(where: { $0.contains(cidr) }) { return false }
      // Whoever is wider lacks something of it.
      for lacking in 1..<8 {
        let wider = ImportedPeer.endpoints(
          tenant: lacking & 1 == 0 ? tenant : nil, segment: lacking & 2 == 0 ? segment : nil,
          cidr: lacking & 4 == 0 ? cidr : nil)
        if wider != peer, seen.contains(wider) { return false }
      }
      return true
    }
  }
}

/// What both lists of peers are about.
func intersection(_ left: [ImportedPeer], _ right: [ImportedPeer]) -> [ImportedPeer] {
  withoutHeld(left.flatMap { peer in right.compactMap { peer.intersection($0) } })
}
