/// What Romana 2 knows of a cluster, in its own terms: networks whose addresses are carved among groups of hosts.
struct RomanaCluster {
  var networks: [RomanaNetwork] = []
  var trees: [RomanaTree] = []
}

struct RomanaNetwork {
  var name: Located<Name>
  var cidr: Located<Prefix>
  /// The length of a block.
  var block: Int
  var blockRange: SourceRange
  /// Empty: every tenant may use it.
  var tenants: [Located<Name>] = []
  /// Never allocated.
  var blackedOut: [Located<Prefix>] = []
}

/// The groups that some networks are divided among.
struct RomanaTree {
  var networks: [Located<Name>]
  var groups: [RomanaGroup]
  var range: SourceRange
}

/// A prefix group: either groups or hosts. A host stands in a group of its own only where Romana was told so.
struct RomanaGroup {
  var range: SourceRange
  var name: Located<String>?
  /// Labels that a host must have to be put here.
  var assignment: [(key: String, value: String)] = []
  var assignmentRange: SourceRange?
  var routing: Located<String>?
  /// As Romana itself wrote it, where it did.
  var cidr: Located<Prefix>?
  /// It holds the place of a group, and never a host.
  var isDummy = false
  var groups: [RomanaGroup] = []
  var hosts: [RomanaHost] = []
  var blocks: [RomanaBlock] = []

  /// Every host of the group and of those in it.
  var allHosts: [RomanaHost] { hosts + groups.flatMap(\.allHosts) }
  var allGroups: [RomanaGroup] { [self] + groups.flatMap(\.allGroups) }

  /// How messages call it.
  var title: String { name.map { "the group \(shown($0.value))" } ?? "the group" }
}

struct RomanaHost {
  var name: Located<Name>
  var address: Located<Address>
  /// Labels of the host.
  var tags: SourceRange?
}

/// Addresses that a host has taken for a segment of a tenant.
struct RomanaBlock {
  var prefix: Located<Prefix>
  var host: Name
  var tenant: Name
  var segment: Name
}

extension Prefix {
  /// The parts that Romana carves a prefix into: the next power of two, an only one takes it whole. Nil if it has not so many.
  func carved(among count: Int) -> [Prefix]? {
    let bits = Int.bitWidth - (max(1, count) - 1).leadingZeroBitCount
    guard length + bits <= family.bitWidth else { return nil }
    return (0..<count).map { child(UInt128($0), length: length + bits) }
  }
}
