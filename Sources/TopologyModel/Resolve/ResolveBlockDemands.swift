/// What a host wants in one network of blocks for one segment.
struct BlockDemand {
  var network: Int
  var owner: BlockOwner
  /// How many blocks hold the endpoints.
  var count: Int
  var document: BlockDemandDocument
}

/// What all hosts want, by their positions in the draft: region, rack, host.
struct BlockDemands {
  /// By the ids of tenant and segment.
  private(set) var ofHosts: [[[[BlockDemand]]]] = []
  /// How many blocks there are altogether, those of the hosts themselves among them; more than `maximumBlocks` is an error.
  private(set) var count = 0

  init(
    _ draft: TopologyDraft, _ networks: ResolvedNetworks, _ tenants: [Tenant], _ diagnostics: inout Diagnostics
  ) {
    var resolver = BlockDemandResolver(networks, tenants)
    for region in draft.regions {
      var racks: [[[BlockDemand]]] = []
      for rack in region.racks {
        var hosts: [[BlockDemand]] = []
        for host in rack.hosts {
          var demands = resolver.resolve(host.document, in: region, &diagnostics)
          let isCounted = count <= maximumBlocks
          count += demands.reduce(0) { $0 + $1.count } + Set(demands.map(\.network)).count
          if count > maximumBlocks {
            if isCounted { diagnostics.add(.tooManyBlocks(at: demands.last?.document.endpoints.range)) }
            demands = []
          }
          hosts.append(demands)
        }
        racks.append(hosts)
      }
      ofHosts.append(racks)
    }
  }

  /// The most blocks that a rack of a region needs in a network.
  func mostInRack(region: Int, network: Int) -> Int {
    ofHosts[region].map { hosts in
      hosts.reduce(0) { sum, demands in
        let own = demands.filter { $0.network == network }
        return sum + (own.isEmpty ? 0 : own.reduce(1) { $0 + $1.count })
      }
    }
    .max() ?? 0
  }
}

/// Turns entries of `blocks:` into networks, segments and numbers of blocks. Each entry is resolved once a region, however
/// many hosts a range stands for.
private struct BlockDemandResolver {
  private let networks: ResolvedNetworks
  private let tenants: [Tenant]
  private let tenantIndex: [Name: Int]
  private var known: [Key: [BlockDemand]] = [:]

  private struct Key: Hashable {
    var region: Int
    var range: SourceRange
  }

  init(_ networks: ResolvedNetworks, _ tenants: [Tenant]) {
    self.networks = networks
    self.tenants = tenants
    tenantIndex = Dictionary(tenants.enumerated().map { ($1.name, $0) }) { first, _ in first }
  }

  /// The demands of a host, by the ids of tenant and segment; what has errors is left out.
  mutating func resolve(
    _ host: HostDocument, in region: RegionDraft, _ diagnostics: inout Diagnostics
  ) -> [BlockDemand] {
    var demands: [BlockDemand] = []
    var first: [BlockSlot: BlockDemandDocument] = [:]
    for document in host.blocks {
      let key = Key(region: region.id, range: document.range)
      if known[key] == nil { known[key] = resolve(document, region, &diagnostics) }
      for demand in known[key, default: []] {
        if let other = first.updateValue(document, forKey: BlockSlot(network: demand.network, owner: demand.owner)) {
          diagnostics.addOnce(.duplicateBlocks(document, other, networks.networks[demand.network].name))
        } else {
          demands.append(demand)
        }
      }
    }
    return demands.sorted {
      ($0.owner.tenantID, $0.owner.segmentID) < ($1.owner.tenantID, $1.owner.segmentID)
    }
  }

  private struct BlockSlot: Hashable {
    var network: Int
    var owner: BlockOwner
  }

  private func resolve(
    _ document: BlockDemandDocument, _ region: RegionDraft, _ diagnostics: inout Diagnostics
  ) -> [BlockDemand] {
    guard let index = lookUp(document.tenant, "tenant", in: tenantIndex, &diagnostics) else { return [] }
    let tenant = tenants[index]
    let segments = Dictionary(tenant.segments.map { ($0.name, $0.id) }) { first, _ in first }
    guard
      let segment = lookUp(document.segment, "segment", of: "tenant '\(tenant.name)'", in: segments, &diagnostics),
      let chosen = chosenNetworks(document, tenant, region, &diagnostics)
    else { return [] }
    let owner = BlockOwner(
      tenant: tenant.name, segment: document.segment.value, tenantID: tenant.id, segmentID: segment)
    return chosen.map { network in
      let bits = networks.networks[network].layout.endpoint
      // The last id is one less than the number of endpoints.
      let count = Int((UInt128(document.endpoints.value) - 1) >> bits) + 1
      return BlockDemand(network: network, owner: owner, count: count, document: document)
    }
  }

  /// The network that the entry names, or of each family the one with the lowest prefix.
  private func chosenNetworks(
    _ document: BlockDemandDocument, _ tenant: Tenant, _ region: RegionDraft, _ diagnostics: inout Diagnostics
  ) -> [Int]? {
    let usable = tenant.networks.filter { networks.networks[$0].isDividedIntoBlocks && region.networks.contains($0) }
    if let name = document.network {
      guard let index = lookUp(name, "network", in: networks.index, &diagnostics) else { return nil }
      guard usable.contains(index) else {
        diagnostics.add(
          .notABlockNetwork(name, tenant, isBlocks: networks.networks[index].isDividedIntoBlocks, region))
        return nil
      }
      return [index]
    }
    // A network that was left out because of an error may have been the one.
    if usable.isEmpty, diagnostics.lostNames.isEmpty {
      diagnostics.add(.noBlockNetwork(document, region))
    }
    return AddressFamily.allCases.compactMap { family in usable.first { networks.networks[$0].family == family } }
  }
}

extension Diagnostic {
  static func duplicateBlocks(
    _ second: BlockDemandDocument, _ first: BlockDemandDocument, _ network: Name
  ) -> Diagnostic {
    Diagnostic(
      .duplicateBlocks,
      "the host has two entries for '\(second.tenant.value)/\(second.segment.value)' in the network '\(network)'",
      at: second.range, labels: [(first.range, "the other entry")],
      help: ["write the sum of the endpoints into one entry"])
  }

  fileprivate static func notABlockNetwork(
    _ name: Located<Name>, _ tenant: Tenant, isBlocks: Bool, _ region: RegionDraft
  ) -> Diagnostic {
    Diagnostic(
      .noBlockNetwork,
      isBlocks
        ? "the tenant '\(tenant.name)' can't take blocks of '\(name.value)' in the region '\(region.document.name.value)'"
        : "the network '\(name.value)' gives every host a prefix, and no blocks",
      at: name.range, notes: isBlocks ? ["it is reserved to other tenants or regions"] : [],
      help: ["name a network with `block:` that the tenant may use here, or remove the entry"])
  }

  fileprivate static func noBlockNetwork(_ document: BlockDemandDocument, _ region: RegionDraft) -> Diagnostic {
    Diagnostic(
      .noBlockNetwork,
      "there is no network of blocks for the tenant '\(document.tenant.value)' in the region '\(region.document.name.value)'",
      at: document.range,
      help: ["add a network with `block:` that the tenant may use, or remove the entry: other networks need none"])
  }
}
