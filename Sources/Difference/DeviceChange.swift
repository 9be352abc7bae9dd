import TopologyModel

/// One thing about a device that is not as before.
package struct DeviceChange: Sendable, Hashable {
  package enum Kind: Int, Sendable, Hashable, Comparable {
    case route, announcement, session, rule, setting

    package var word: String { "\(self)" }
    package static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
  }
  package var kind: Kind
  package var mark: ChangeMark
  /// What it is about: a prefix, a neighbour, a chain, a setting.
  package var subject: String
  /// Why it is there, e.g. `h3 in pods`; empty if there is nothing to say.
  package var purpose: String
  package var before: String?
  package var after: String?
  /// The same for devices whose change is the same: their own names and addresses left out.
  package var shape: String
  /// What happens to a session.
  package var fate: SessionFate?

  init(
    _ kind: Kind, _ subject: String, purpose: String = "", before: String?, after: String?, shape: String? = nil,
    fate: SessionFate? = nil
  ) {
    self.kind = kind
    self.subject = subject
    self.purpose = purpose
    self.before = before
    self.after = after
    self.fate = fate
    mark = before == nil ? .added : after == nil ? .removed : .changed
    let rest = shape ?? "\(subject)|\(purpose)|\(before ?? "")|\(after ?? "")"
    self.shape = "\(kind.rawValue)\(mark.rawValue)\(fate.map(\.rawValue) ?? 0)|\(rest)"
  }

  /// `10.1.0.0/24: via A → B`, without the word for its kind.
  package var text: String {
    let what =
      switch (before, after) {
      case ("", let new?): new
      case (let old?, let new?): "\(old) → \(new)"
      case (let old?, nil): old
      case (nil, let new?): new
      case (nil, nil): ""
      }
    let about = purpose.isEmpty ? subject : "\(subject) (\(purpose))"
    return what.isEmpty ? about : "\(about): \(what)"
  }
}

package enum SessionFate: Int, Sendable, Hashable, Comparable {
  case kept, reloaded, added, removed, reset

  package var word: String { "\(self)" }
  package static func < (left: SessionFate, right: SessionFate) -> Bool { left.rawValue < right.rawValue }
}

/// Rules of a chain, or elements of a set, that came or went.
package struct RuleChange: Sendable, Hashable {
  /// `iptables`, `ip6tables`, `ipset` or `nft`.
  package var program: String
  /// The chain or set.
  package var place: String
  package var removed: [String]
  package var added: [String]
}

/// Packets that may pass on one side only.
package struct ReachabilityChange: Sendable, Hashable {
  /// Whether they pass now and did not before.
  package var isOpened: Bool
  /// Segments as `tenant/segment`, prefixes, or words for what is outside.
  package var from: [String]
  package var to: [String]
  /// What of every pair of the two lists is meant.
  package var pairing: Pairing
  /// Whether it is so for some of the addresses only.
  package var isPartial: Bool
  package var families: [AddressFamily]
  /// `tcp/5432`, `icmp`, `any` …
  package var services: [String]
  package var witness: PacketWitness?
  /// Nil, or why there is nothing to compare with: `acme/cache is new`.
  package var reason: String?

  package enum Pairing: Int, Sendable, Hashable, Comparable {
    /// Each with itself.
    case itself
    /// Pairs of one tenant.
    case sameTenant
    /// Pairs of two tenants.
    case otherTenants
    /// Pairs of two segments, whosever they are.
    case segments
    /// One of the two is outside of the endpoint networks.
    case outside

    package static func < (left: Pairing, right: Pairing) -> Bool { left.rawValue < right.rawValue }
  }
}

/// A packet that one side lets pass and the other does not.
package struct PacketWitness: Sendable, Hashable {
  package struct End: Sendable, Hashable {
    package var address: Address
    /// The host that has the address; nil outside.
    package var host: String?
    /// The name of a listed endpoint.
    package var endpoint: String?
  }
  package var source: End
  package var destination: End
  /// The number on `ServiceLine`.
  package var service: UInt32
  /// `tcp/5432`
  package var serviceText: String
}
