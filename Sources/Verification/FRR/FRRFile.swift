import TopologyModel

/// What `frr.conf` says.
struct FRRFile {
  var hostname: String?
  var routes: [(value: FRRRoute, line: Int)] = []
  var bgp: FRRSpeaker?
  var lists: [FRRListKey: [FRRListEntry]] = [:]
  /// Names of the route maps that prefer the global next hop (`set ipv6 next-hop prefer-global`).
  var nextHopMaps: [String] = []
  /// Route maps that set a next hop (`set ipv6 next-hop global A`), by name.
  var nextHops: [String: Address] = [:]
  var ospf = FRROSPF()
}

struct FRRRoute: Hashable, CustomStringConvertible {
  var prefix: Prefix
  /// Nil: a blackhole.
  var hop: Address?
  /// The administrative distance; nil: 1, a static route's own.
  var distance: Int?

  var description: String {
    "\(prefix) \(hop.map { "\($0)" } ?? "blackhole")" + (distance.map { " \($0)" } ?? "")
  }
}

struct FRRListKey: Hashable {
  var family: AddressFamily
  var name: String
}

struct FRRListEntry {
  var sequence: Int
  /// Nil: `any`.
  var entry: ReadFilterEntry?
  var permits: Bool
  var line: Int
}

/// `router bgp`.
struct FRRSpeaker {
  var line: Int
  var asn: Int
  var routerID: Address?
  /// Settings of the speaker as a whole, in words.
  var settings: [(value: String, line: Int)] = []
  var groups: [String: FRRGroup] = [:]
  var neighbors: [FRRNeighbor] = []
  var families: [AddressFamily: FRRFamily] = [:]
}

/// A peer group: what its members have in common.
struct FRRGroup {
  var line: Int
  var settings: [(value: String, line: Int)] = []
  /// Settings inside an address family.
  var familySettings: [AddressFamily: [String]] = [:]
}

struct FRRNeighbor {
  var line: Int
  /// An address, or an interface.
  var name: String
  /// Nil: whoever is at the other end of the interface.
  var address: Address?
  var asn: Int?
  var group: String?
  var description: String?
  var role: String?
  var password: String?
  /// What holds until the secrets are filled in.
  var untilSecret: [String] = []
  /// `maximum-prefix` with `restart 5`.
  var importLimit: Int?
  /// What holds in an address family; of an address only in its own.
  var policies: [AddressFamily: FRRPolicy] = [:]

  func policy(_ family: AddressFamily) -> FRRPolicy { policies[family] ?? FRRPolicy() }
}

struct FRRPolicy {
  /// Names of prefix lists.
  var importList: String?
  var exportList: String?
  /// The name of the route map for what is announced.
  var exportMap: String?
}

struct FRRFamily {
  var networks: [(value: Prefix, line: Int)] = []
  /// `aggregate-address`: announced while there is a route inside.
  var summaries: [(value: Prefix, line: Int)] = []
  var maximumPaths: Int?
  /// `maximum-paths ibgp`.
  var maximumInternalPaths: Int?
}
