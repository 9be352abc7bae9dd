/// A set of addresses that rules refer to by name, so that it can grow without another rule.
package struct AddressSet: Sendable, Equatable {
  package var name: AddressSetName
  /// Sorted.
  package var prefixes: [Prefix]
}

/// The name of a set: `romana-`, the family and what is in it; at most 31 characters (IPSET_MAXNAMELEN less one).
package struct AddressSetName: Sendable, Hashable, Comparable {
  package enum Content: Sendable, Hashable {
    /// The blocks of all segments whose tenant's and segment's ids, 16 bits each, begin with these bits.
    case segments(bits: UInt32, length: Int)
    /// The blocks of the endpoints of this very host.
    case own
    /// The blocks of the hosts themselves.
    case infrastructure
    /// A list of a policy, by its number.
    case policy(Int)
  }

  package let family: AddressFamily
  package let content: Content
  package let text: String

  package init(_ family: AddressFamily, _ content: Content) {
    self.family = family
    self.content = content
    let what =
      switch content {
      case .segments(let bits, 32): "t\(bits >> 16)-s\(bits & 0xffff)"
      case .segments(let bits, 16): "t\(bits)"
      case .segments(let bits, let length): "g\(length)-\(String(bits, radix: 16))"
      case .own: "own"
      case .infrastructure: "hosts"
      case .policy(let number): "p\(number)"
      }
    text = "romana-\(family == .ipv4 ? 4 : 6)-\(what)"
  }

  /// The blocks of a segment, or of all segments of a tenant.
  package init(_ family: AddressFamily, tenant: Int, segment: Int? = nil) {
    let bits = segment.map { UInt32(tenant) << 16 | UInt32($0) } ?? UInt32(tenant)
    self.init(family, .segments(bits: bits, length: segment == nil ? 16 : 32))
  }

  package var isOfPolicies: Bool { if case .policy = content { true } else { false } }

  package static func < (left: AddressSetName, right: AddressSetName) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}

/// The blocks of a segment in the whole fabric, sorted.
struct SegmentBlocks: Sendable {
  var tenant: Tenant
  /// As `BlockOwner.key`.
  var key: UInt32
  var prefixes: [Prefix]
  var segmentID: Int { Int(key & 0xffff) }
}

/// The blocks of a fabric in one family, by owner, and what each host needs of them.
struct BlockIndex: Sendable {
  let family: AddressFamily
  private let segments: [SegmentBlocks]
  /// The blocks of the hosts themselves, sorted.
  let infrastructure: [Prefix]
  /// The sets that rules refer to on all hosts, sorted.
  private let shared: [AddressSetName]

  init(_ topology: Topology, _ family: AddressFamily, _ chains: [FilterChain]) {
    self.family = family
    var blocks: [UInt32: [Prefix]] = [:]
    var infrastructure: [Prefix] = []
    for block in topology.hosts.lazy.flatMap(\.blocks) where block.prefix.family == family {
      if let owner = block.owner {
        blocks[owner.key, default: []].append(block.prefix)
      } else {
        infrastructure.append(block.prefix)
      }
    }
    let tenants = Dictionary(topology.tenants.map { (UInt32($0.id), $0) }) { first, _ in first }
    segments = blocks.keys.sorted().compactMap { key in
      tenants[key >> 16].map { SegmentBlocks(tenant: $0, key: key, prefixes: blocks[key, default: []].sorted()) }
    }
    self.infrastructure = infrastructure.sorted()
    shared = Set(chains.flatMap(\.rules).flatMap { [$0.sourceSet, $0.destinationSet] }.compactMap(\.self))
      .filter { !$0.isOfPolicies }.sorted()
  }

  /// The sets of a host. A set holds what a packet that the host may see can be in: the host carries no transit, so one
  /// end of each packet is its own. Blocks of a segment that can talk to no endpoint of this host are left out, and a
  /// packet to them is dropped like one to any other stranger.
  func sets(_ topology: Topology, _ index: Int, own chains: [FilterChain]) -> [AddressSet] {
    let host = topology.hosts[index]
    let local = host.blocks.filter { $0.prefix.family == family }
    let relevant = relevantSegments(topology, index)
    let ofHost = Set(chains.flatMap(\.rules).compactMap(\.sourceSet)).sorted()
    return (shared + ofHost.filter { !shared.contains($0) }).sorted().map { name in
      let prefixes: [Prefix] =
        switch name.content {
        case .own: local.filter { $0.owner != nil }.map(\.prefix)
        case .infrastructure: infrastructure
        case .policy: []
        case .segments(let bits, let length):
          relevant.filter { $0.key >> UInt32(32 - length) == bits }.flatMap(\.prefixes)
        }
      return AddressSet(name: name, prefixes: prefixes.sorted())
    }
  }

  /// The segments that an endpoint of the host can talk to, whether in blocks or in a network where every host has every
  /// segment.
  func relevantSegments(_ topology: Topology, _ index: Int) -> [SegmentBlocks] {
    let local = Set(topology.hosts[index].blocks.filter { $0.prefix.family == family }.compactMap { $0.owner?.key })
    let present = topology.region(ofHost: index).networks.filter {
      topology.networks[$0].family == family && !topology.networks[$0].isDividedIntoBlocks
    }
    let localTenants = Set(local.map { $0 >> 16 })
    return segments.filter { segment in
      switch segment.tenant.isolation {
      case .none: true
      case .segment: local.contains(segment.key) || present.contains { segment.tenant.networks.contains($0) }
      case .tenant:
        localTenants.contains(segment.key >> 16) || present.contains { segment.tenant.networks.contains($0) }
      }
    }
  }
}

extension BlockOwner {
  /// The ids of tenant and segment, 16 bits each.
  var key: UInt32 { UInt32(tenantID) << 16 | UInt32(segmentID) }
}
