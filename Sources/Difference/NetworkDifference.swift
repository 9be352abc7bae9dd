import TopologyModel

/// What a change of a topology means: the difference of two plans, not of two texts.
///
/// Everything is in the order in which a reviewing engineer reads: what moves and what is cut before what is added, then
/// by region, rack and name.
package struct NetworkDifference: Sendable {
  /// The names of the fabric on both sides.
  package var fabrics: (before: Name, after: Name)
  /// Addresses and prefixes of things that are on both sides and have others now.
  package var moves: [AddressMove] = []
  /// Names that changed while ids and addresses stayed.
  package var renames: [Rename] = []
  /// Pairs of regions that reach each other, interconnects, tunnels, networks, tenants, segments, policies and services that are new, gone or otherwise than before.
  package var parts: [PartChange] = []
  /// Which packets between segments, and from and to outside, may pass now and did not before, or the other way round.
  package var reachability: [ReachabilityChange] = []
  /// Rules that every host with the same packet filter has.
  package var sharedRules: [RuleChange] = []
  /// The devices whose files are not the same on both sides, those with the same change together.
  package var groups: [DeviceGroup] = []
  package var sessions = SessionTally()
  package var radius = BlastRadius()
  /// Whether there are networks of both families, so that it matters which is meant.
  package var isDualStack = false
  /// What the reader must know about the comparison itself, e.g. that one side has no lock file.
  package var notes: [String] = []

  package init(before: Name, after: Name) { fabrics = (before, after) }

  package func count(_ mark: ChangeMark) -> Int {
    groups.reduce(0) { $0 + ($1.mark == mark ? $1.devices.count : 0) }
  }

  /// Whether nothing that reaches a device is different.
  package var isEmpty: Bool {
    groups.isEmpty && moves.isEmpty && renames.isEmpty && parts.isEmpty && reachability.isEmpty
      && fabrics.before == fabrics.after
  }

  /// How many devices are taken away, with all that they had: what `--max-removals` counts.
  package var removalCount: Int { count(.removed) }
}

/// What becomes of a thing; in the order of reports.
package enum ChangeMark: Int, Sendable, Hashable, Comparable, CaseIterable {
  case removed
  case changed
  case added

  package var sign: Character {
    switch self {
    case .removed: "-"
    case .changed: "~"
    case .added: "+"
    }
  }

  package var word: String {
    switch self {
    case .removed: "removed"
    case .changed: "changed"
    case .added: "added"
    }
  }

  package static func < (left: ChangeMark, right: ChangeMark) -> Bool { left.rawValue < right.rawValue }
}

/// A device that is on both sides, or something else with an address, and has another one now.
package struct AddressMove: Sendable, Hashable {
  /// From the loudest to the least: each address of a network, of a region, …
  package enum Kind: Int, Sendable, Hashable, Comparable, CaseIterable {
    case network, region, rack, host, tenant, segment, endpoint, block, loopback, subnet, link

    package static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
    package var word: String { "\(self)" }
  }
  package var kind: Kind
  package var name: String
  /// `region/rack`, or the region alone.
  package var place: String
  /// Nil for addresses of the devices themselves.
  package var network: String?
  package var before: String
  package var after: String
  /// The hosts whose endpoints or whose own addresses move with it.
  package var hosts: Int
}

package struct Rename: Sendable, Hashable {
  package var kind: String
  package var before: String
  package var after: String
  /// What stays: the id, or the prefix.
  package var kept: String
}

/// A part of the topology that is no device.
package struct PartChange: Sendable, Hashable {
  package var mark: ChangeMark
  package var kind: String
  package var name: String
  /// What is otherwise than before, e.g. `isolation: segment → tenant`.
  package var details: [String]
}

/// Where a device is, and what.
package struct DevicePlace: Sendable, Hashable, Comparable {
  package var region: String
  /// Nil for spines.
  package var rack: String?
  package var role: DeviceRole
  package var name: Name

  /// `region/rack`, or the region alone.
  package var path: String { rack.map { "\(region)/\($0)" } ?? region }

  private var order: Int {
    switch role {
    case .spine: 0
    case .tor: 1
    case .host: 2
    case .upstream: 3
    case .vpc: 4
    }
  }

  package static func < (left: DevicePlace, right: DevicePlace) -> Bool {
    (left.region, left.rack ?? "", left.order, left.name) < (right.region, right.rack ?? "", right.order, right.name)
  }
}

/// Devices of one place and role with the same change.
package struct DeviceGroup: Sendable {
  package var mark: ChangeMark
  /// Sorted.
  package var devices: [DevicePlace]
  /// Those of the first, if the devices are changed; those of all, if they are new or gone.
  package var changes: [DeviceChange]
  package var files: [FileChange]
}

package struct FileChange: Sendable, Hashable {
  package var mark: ChangeMark
  package var kind: ArtifactKind
}

/// What became of the sessions of the fabric, BGP and OSPF, each counted once.
package struct SessionTally: Sendable, Equatable {
  package var kept = 0
  /// They stay up; what may be announced or believed is otherwise.
  package var reloaded = 0
  /// One end or both have other parameters, or another daemon: they go down and come up again.
  package var reset = 0
  package var added = 0
  package var removed = 0
}

/// How far a change reaches: things with a device that is added, removed or changed.
package struct BlastRadius: Sendable, Equatable {
  package var hosts = 0
  package var racks = 0
  /// Tenants whose addresses move or go, or whose reachability is otherwise.
  package var tenants = 0
  /// How many there are, on the side that has more.
  package var hostsInAll = 0
  package var racksInAll = 0
  package var tenantsInAll = 0
  package var interconnects = InterconnectRadius()
}

/// How far a change reaches between regions.
package struct InterconnectRadius: Sendable, Equatable {
  /// Pairs of regions whose endpoints reached each other and do not now, and the other way round.
  package var pairsCut = 0
  package var pairsLinked = 0
  package var tunnelsRemoved = 0
  package var tunnelsChanged = 0
  package var tunnelsAdded = 0

  package var isEmpty: Bool { self == InterconnectRadius() }
}
