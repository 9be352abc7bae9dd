/// Makes regions and racks of Romana's groups, and entries of the lock file of their prefixes and of the blocks of hosts.
struct RomanaPlacement {
  private let cluster: RomanaCluster
  private let options: TopologyImportOptions
  private var topology: ImportedTopology
  private var lock: LockFile
  private var regionNames = ImportedNames()
  /// Where the racks of the regions come from.
  private var origins: [[RomanaGroup]] = []

  init(_ cluster: RomanaCluster, _ options: TopologyImportOptions) {
    (self.cluster, self.options) = (cluster, options)
    topology = ImportedTopology(fabric: options.fabric)
    lock = LockFile(fabric: options.fabric)
  }

  /// Adds the regions of a forest.
  mutating func add(_ forest: RomanaForest, _ diagnostics: inout Diagnostics) {
    let errors = diagnostics.errorCount
    var nodes = RomanaNodes(forest.groups)
    nodes.flatten(&diagnostics)
    var prefixes: [(network: RomanaNetwork, groups: [RomanaGroup], of: [[Int]: Prefix])] = []
    for (name, groups) in forest.networks {
      guard let network = cluster.networks.first(where: { $0.name.value == name.value }) else { continue }
      prefixes.append((network, groups, carveRomanaGroups(groups, network, &diagnostics)))
    }
    guard diagnostics.errorCount == errors else { return }
    // Without groups of groups all are racks of one region, which has each network as a whole.
    let chains = nodes.leaves.map { nodes.chain(of: $0) }
    let isFlat = chains.allSatisfy { $0.count == 1 }
    var order: [Int?] = []
    for chain in chains where !order.contains(isFlat ? nil : chain[0]) { order.append(isFlat ? nil : chain[0]) }
    for head in order {
      let racks = isFlat ? chains.map { $0[0] } : chains.filter { $0[0] == head }.map { $0.last! }
      let group = head.map { nodes.all[$0].group }
      let name = regionNames.make(regionName(group, forest, &diagnostics))
      var region = ImportedRegion(name: name, origins: group.map(describe) ?? [])
      for (network, _, of) in prefixes {
        let prefix = head.flatMap { of[nodes.all[$0].path] } ?? network.cidr.value
        lock[.prefixes, "\(network.name.value):\(name)"] = LockEntry(prefix: prefix)
      }
      var rackNames = ImportedNames()
      for (number, index) in racks.enumerated() {
        let node = nodes.all[index]
        let made = rackNames.make(
          self.name(node.group, &diagnostics) ?? label(node.group, except: group) ?? "group-\(number + 1)")
        var rack = ImportedRack(name: made, origins: head == index ? [] : describe(node.group))
        rack.hosts = node.group.hosts.map { ImportedHost(name: $0.name.value, address: $0.address.value) }
        for (network, groups, of) in prefixes {
          guard let prefix = of[node.path] else { continue }
          lock[.prefixes, "\(network.name.value):\(name)/\(made)"] = LockEntry(prefix: prefix)
          addBlocks(find(groups, node.path).blocks, network, prefix, "\(name)/\(made)", to: &rack, &diagnostics)
        }
        region.racks.append(rack)
      }
      topology.regions.append(region)
      origins.append(racks.map { nodes.all[$0].group })
    }
  }

  private func find(_ groups: [RomanaGroup], _ path: [Int]) -> RomanaGroup {
    path.dropFirst().reduce(groups[path[0]]) { $0.groups[$1] }
  }

  private func regionName(
    _ group: RomanaGroup?, _ forest: RomanaForest, _ diagnostics: inout Diagnostics
  ) -> String {
    group.flatMap { name($0, &diagnostics) ?? label($0, except: nil) } ?? "region-\(topology.regions.count + 1)"
  }

  /// The name of a group as names may be.
  private func name(_ group: RomanaGroup, _ diagnostics: inout Diagnostics) -> String? {
    guard let written = group.name else { return nil }
    let fitting = String(fittingName(written.value).prefix(63))
    if fitting != written.value, let name = Name(fitting) { diagnostics.addOnce(.nameChanged(written, to: name)) }
    return fitting
  }

  /// What the labels say of a group and not of the one around it.
  private func label(_ group: RomanaGroup, except outer: RomanaGroup?) -> String? {
    group.assignment.last { own in !(outer?.assignment.contains { $0 == own } ?? false) }?.value
  }

  /// Labels and routing, for comments. A character that no comment may have becomes `_`.
  private func describe(_ group: RomanaGroup) -> [CommentText] {
    let lines =
      group.assignment.map { "assignment: \($0.key)=\($0.value)" }
      + [group.routing.map { "routing: \($0.value)" }].compactMap(\.self)
    return lines.compactMap { line in
      let fitting = line.unicodeScalars.map { CommentText.firstRefused(in: String($0)) == nil ? String($0) : "_" }
      return CommentText(String(fitting.joined().prefix(CommentText.maximumBytes)).trimmed)
    }
  }

  /// The blocks of the hosts of a rack in a network.
  private mutating func addBlocks(
    _ blocks: [RomanaBlock], _ network: RomanaNetwork, _ prefix: Prefix, _ path: String, to rack: inout ImportedRack,
    _ diagnostics: inout Diagnostics
  ) {
    for (number, block) in blocks.enumerated() {
      guard let host = rack.hosts.firstIndex(where: { $0.name == block.host }) else {
        diagnostics.add(.romanaBlockOfNobody(block))
        continue
      }
      guard prefix.contains(block.prefix.value), block.prefix.value.length == network.block else {
        diagnostics.add(.romanaForeignBlock(block, prefix, network))
        continue
      }
      if let other = blocks[..<number].first(where: { $0.prefix.value == block.prefix.value }) {
        diagnostics.add(.romanaSameBlock(block, other))
      }
      if let excluded = network.blackedOut.first(where: { $0.value.overlaps(block.prefix.value) }) {
        diagnostics.add(.romanaExcludedBlock(block, excluded))
      }
      let known = rack.hosts[host].blocks.firstIndex {
        $0.network == network.name.value && $0.tenant == block.tenant && $0.segment == block.segment
      }
      let index = known ?? rack.hosts[host].blocks.count
      if known == nil {
        rack.hosts[host].blocks.append(
          ImportedBlocks(network: network.name.value, tenant: block.tenant, segment: block.segment, prefixes: []))
      }
      let owner = "\(network.name.value):\(path)/\(block.host)/\(block.tenant)/\(block.segment)"
      lock[.blocks, "\(owner)/\(rack.hosts[host].blocks[index].prefixes.count)"] = LockEntry(
        prefix: block.prefix.value)
      rack.hosts[host].blocks[index].prefixes.append(block.prefix.value)
    }
  }

  /// Adds what is not in the trees: networks, tenants, subnets, routers.
  mutating func finish(
    _ forests: [RomanaForest], _ diagnostics: inout Diagnostics
  ) -> (topology: ImportedTopology, lock: LockFile) {
    for network in cluster.networks {
      let prefix = "\(network.name.value):"
      let regions = topology.regions.map(\.name).filter { lock[.prefixes, "\(prefix)\($0)"] != nil }
      guard !regions.isEmpty else { continue }
      topology.networks.append(
        ImportedNetwork(
          name: network.name.value, cidr: network.cidr.value, block: network.block,
          regions: regions.count == topology.regions.count ? nil : regions,
          tenants: unique(network.tenants.map(\.value)), exclude: network.blackedOut.map(\.value)))
    }
    addTenants(&diagnostics)
    RomanaUnderlay(options, origins).settle(&topology, &diagnostics)
    if topology.regions.count > 1, let range = forests.first?.range {
      diagnostics.add(.romanaRegionsApart(topology.regions.map(\.name), at: range))
    }
    return (topology, lock)
  }

  private mutating func addTenants(_ diagnostics: inout Diagnostics) {
    let used = topology.regions.flatMap(\.racks).flatMap(\.hosts).flatMap(\.blocks)
    let named = cluster.networks.flatMap(\.tenants)
    for name in unique(named.map(\.value) + used.map(\.tenant)) {
      let segments = unique(used.filter { $0.tenant == name }.map(\.segment))
      topology.tenants.append(
        ImportedTenant(name: name, segments: segments.isEmpty ? [Name("default")!] : segments.sorted()))
      if segments.isEmpty, let first = named.first(where: { $0.value == name }) {
        diagnostics.add(.romanaSegmentsUnknown(first))
      }
    }
  }
}

/// Each once, the first one where it was.
private func unique(_ names: [Name]) -> [Name] {
  var seen: Set<Name> = []
  return names.filter { seen.insert($0).inserted }
}

extension String {
  /// Without spaces at its end.
  fileprivate var trimmed: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
