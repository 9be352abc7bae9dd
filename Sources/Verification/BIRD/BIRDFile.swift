import TopologyModel

/// What `bird.conf` of a stub host says.
struct BIRDFile {
  var routerID: Address?
  /// The interface of the BFD protocol, and its timers in words.
  var bfd: [String] = []
  var hasDevice = false
  /// The interfaces with router advertisements, and their timers in words.
  var advertised: [String] = []
  /// The families of the kernel protocols, each of which exports what BGP told and imports nothing.
  var kernels: [AddressFamily] = []
  /// How many paths of equal cost the kernel protocol of a family merges; nil: none.
  var mergedPaths: [AddressFamily: Int] = [:]
  /// What the static protocols hold.
  var statics: [(value: Prefix, line: Int)] = []
  var staticFamilies: [AddressFamily] = []
  var sessions: [BIRDSession] = []
  /// Routing tables beside the main ones.
  var tables: [String] = []
  var ospf: [BIRDOSPF] = []
  var followed: [BIRDFollowed] = []
  var followedKernels: [BIRDKernelOf] = []
}

/// A protocol of the type `bgp`.
struct BIRDSession {
  var line: Int
  var name: String
  var description: String?
  /// Without an address: whichever of its own the neighbour calls.
  var local: (address: Address?, asn: Int)?
  /// Without an address: any link-local one.
  var neighbor: (address: Address?, asn: Int)?
  /// Of a session over an interface.
  var interface: String?
  /// What the names of the protocols begin with that BIRD makes for those who call.
  var dynamicName: String?
  /// All other settings outside of the channel, each in words with single spaces.
  var settings: [(value: String, line: Int)] = []
  var channels: [BIRDChannel] = []
}

struct BIRDChannel {
  var family: AddressFamily
  var importFilter: [ReadFilterEntry]?
  var exportFilter: [ReadFilterEntry]?
  var exportLimit: Int?
  /// `extended next hop on`: IPv4 with IPv6 next hops (RFC 8950).
  var extendsNextHop = false
}

/// An entry of an ordered filter, in whatever format; what no entry matches is denied.
struct ReadFilterEntry: Hashable, CustomStringConvertible {
  var permits: Bool
  var prefix: Prefix
  var lengths: ClosedRange<Int>
  /// Where it stands in its file; entries are equal wherever they stand.
  var line: Int?

  static func == (left: Self, right: Self) -> Bool {
    (left.permits, left.prefix, left.lengths) == (right.permits, right.prefix, right.lengths)
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(permits)
    hasher.combine(prefix)
    hasher.combine(lengths)
  }

  var description: String {
    let range =
      lengths == prefix.length...prefix.length ? "" : " of \(lengths.lowerBound) to \(lengths.upperBound) bits"
    return "\(permits ? "permit" : "deny") \(prefix)\(range)"
  }

  init(permits: Bool, _ prefix: Prefix, _ lengths: ClosedRange<Int>, line: Int? = nil) {
    self.permits = permits
    self.prefix = prefix
    self.lengths = lengths
    self.line = line
  }

  /// What an entry of the plan must read like.
  init(_ entry: FilterEntry) {
    self.init(permits: entry.permits, entry.prefix, entry.lengths)
  }
}
