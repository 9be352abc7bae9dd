/// The groups of a forest in a row, with what becomes of each.
struct RomanaNodes {
  struct Node {
    var group: RomanaGroup
    var parent: Int?
    var children: [Int] = []
    /// Its place among all groups, so that the same group of another network's tree is found.
    var path: [Int]
    /// It has the addresses of its only group or of the whole network, and is no node of its own.
    var isMerged = false
  }
  private(set) var all: [Node] = []
  private(set) var top: [Int] = []

  init(_ groups: [RomanaGroup]) {
    top = groups.enumerated().map { add($1, parent: nil, [$0]) }
  }

  private mutating func add(_ group: RomanaGroup, parent: Int?, _ path: [Int]) -> Int {
    let index = all.count
    all.append(Node(group: group, parent: parent, path: path))
    all[index].children = group.groups.enumerated().map { add($1, parent: index, path + [$0]) }
    return index
  }

  /// Groups without groups in them, where hosts are or may come.
  var leaves: [Int] { all.indices.filter { all[$0].children.isEmpty && !all[$0].group.isDummy } }

  /// The groups that a leaf lies in and that are nodes of their own, the outermost first, and itself.
  func chain(of leaf: Int) -> [Int] {
    var chain: [Int] = []
    var node: Int? = leaf
    while let index = node {
      if !all[index].isMerged { chain.insert(index, at: 0) }
      node = all[index].parent
    }
    return chain
  }

  /// Makes regions and racks of the groups: merges groups that are another one by their addresses until no rack lies deeper than
  /// in a region.
  mutating func flatten(_ diagnostics: inout Diagnostics) {
    // An only outermost group is a region, unless racks would lie too deep in it.
    if top.count == 1, leaves.contains(where: { chain(of: $0).count > 2 && innerOnlyChild($0) == nil }) {
      merge(top[0], &diagnostics)
    }
    for leaf in leaves {
      while chain(of: leaf).count > 2 {
        guard let index = innerOnlyChild(leaf) else {
          let chain = chain(of: leaf)
          diagnostics.addOnce(.romanaTooDeep(all[chain[chain.count - 2]].group, all[chain[0]].group))
          break
        }
        merge(index, &diagnostics)
      }
    }
  }

  /// The innermost group around a leaf, but for the outermost, that has the addresses of the only group in it.
  private func innerOnlyChild(_ leaf: Int) -> Int? {
    chain(of: leaf).dropFirst().last { all[$0].children.count == 1 }
  }

  private mutating func merge(_ index: Int, _ diagnostics: inout Diagnostics) {
    if all[index].group.name != nil { diagnostics.addOnce(.romanaMergedGroup(all[index].group)) }
    all[index].isMerged = true
  }
}

/// The prefixes of all groups of a tree in a network, by their paths: as Romana wrote them, or as it carves them.
func carveRomanaGroups(
  _ groups: [RomanaGroup], _ network: RomanaNetwork, _ diagnostics: inout Diagnostics
) -> [[Int]: Prefix] {
  var result: [[Int]: Prefix] = [:]
  func carve(_ groups: [RomanaGroup], _ parent: Prefix, _ path: [Int]) {
    guard !groups.isEmpty else { return }
    guard let parts = parent.carved(among: groups.count), let length = parts.first?.length else {
      diagnostics.add(.romanaTooManyGroups(groups, parent, network))
      return
    }
    var owners: [Prefix: RomanaGroup] = [:]
    for (number, group) in groups.enumerated() {
      let own = group.cidr?.value ?? parts[number]
      if let written = group.cidr, !parent.contains(own) || own.length != length {
        diagnostics.add(.romanaForeignPrefix(group, written, parent, length: length, network))
      } else if own.length > network.block, !group.isDummy, group.groups.isEmpty {
        diagnostics.add(.romanaGroupTooSmall(group, own, network))
      }
      if let other = owners.updateValue(group, forKey: own) { diagnostics.add(.romanaSamePrefix(group, own, other)) }
      result[path + [number]] = own
      carve(group.groups, own, path + [number])
    }
  }
  carve(groups, network.cidr.value, [])
  return result
}
