/// The record beside a topology of everything that the compiler chose, by name, so that nothing moves by itself.
package struct LockFile: Sendable, Equatable {
  package var fabric: Name
  package var entries: [LockSection: [String: LockEntry]] = [:]

  package init(fabric: Name) { self.fabric = fabric }

  package subscript(section: LockSection, key: String) -> LockEntry? {
    get { entries[section]?[key] }
    set { entries[section, default: [:]][key] = newValue }
  }

  /// The number of entries that stand for things that are no longer in the topology.
  package var removedCount: Int {
    entries.values.reduce(0) { $0 + $1.values.count { $0.isRemoved } }
  }

  /// Forgets what is no longer in the topology: its ids and prefixes may be given to others.
  package mutating func prune() {
    for (section, list) in entries {
      let kept = list.filter { !$0.value.isRemoved }
      entries[section] = kept.isEmpty ? nil : kept
    }
  }
}

/// What kind of thing an entry is about. The key is the path of names that leads to it.
package enum LockSection: String, Sendable, CaseIterable {
  /// `tenant`
  case tenants
  /// `tenant/segment`
  case segments
  /// `region`; the AS number is the one that its spines share.
  case regions
  /// `region/spine`
  case spines
  /// `region/rack`
  case racks
  /// `region/rack/tor`
  case tors
  /// `region/rack/host`
  case hosts
  /// `tor--spine`
  case links
  /// `network:region`, `network:region/rack`, `network:region/rack/host`
  case prefixes
  /// `network:region/rack/host` for the host's own block, `network:region/rack/host/tenant/segment/number` for those of its
  /// endpoints
  case blocks
  /// `function`
  case functions
  /// `service`
  case services
  /// `interconnect/gateway--gateway`
  case tunnels
}

package struct LockEntry: Sendable, Equatable {
  package var id: Int?
  package var asn: UInt32?
  package var prefix: Prefix?
  package var prefix6: Prefix?
  /// No longer in the topology, but what it had stays reserved until `lock --prune`.
  package var isRemoved = false

  package init(id: Int? = nil, asn: UInt32? = nil, prefix: Prefix? = nil, prefix6: Prefix? = nil) {
    self.id = id
    self.asn = asn
    self.prefix = prefix
    self.prefix6 = prefix6
  }
}
