/// Trees of Romana's that are one tree of regions and racks here: of several networks, with the same groups of the same hosts.
struct RomanaForest {
  /// The first of them, whose groups and hosts stand for those of all.
  var groups: [RomanaGroup]
  var range: SourceRange
  /// The networks, each with the groups of its own tree.
  var networks: [(name: Located<Name>, groups: [RomanaGroup])]

  var hosts: [RomanaHost] { groups.flatMap(\.allHosts) }
}

/// Brings trees together that are about the same groups, and reports what Romana itself would refuse.
func mergeRomanaTrees(_ cluster: RomanaCluster, _ diagnostics: inout Diagnostics) -> [RomanaForest] {
  checkNetworks(cluster, &diagnostics)
  let known = Set(cluster.networks.map(\.name.value))
  var forests: [(shapes: [GroupShape], forest: RomanaForest)] = []
  var divided: [Name: Located<Name>] = [:]
  for tree in cluster.trees {
    checkHosts(tree, &diagnostics)
    for name in tree.networks {
      guard known.contains(name.value) else {
        diagnostics.add(.romanaUnknownNetwork(name))
        continue
      }
      if let first = divided.updateValue(name, forKey: name.value) {
        diagnostics.add(.romanaRepeatedNetwork(name, first: first))
        continue
      }
      let shapes = tree.groups.map(GroupShape.init)
      if let index = forests.firstIndex(where: { $0.shapes == shapes }) {
        checkAddresses(tree, against: forests[index].forest, &diagnostics)
        forests[index].forest.networks.append((name, tree.groups))
      } else {
        checkDisjoint(tree, forests.map(\.forest), &diagnostics)
        forests.append((shapes, RomanaForest(groups: tree.groups, range: tree.range, networks: [(name, tree.groups)])))
      }
    }
  }
  for network in cluster.networks where divided[network.name.value] == nil {
    diagnostics.add(.romanaNetworkUnused(network.name))
  }
  if cluster.networks.isEmpty { diagnostics.add(.noRomanaTopology(at: nil)) }
  return forests.map(\.forest)
}

private func checkNetworks(_ cluster: RomanaCluster, _ diagnostics: inout Diagnostics) {
  var seen: [Name: Located<Name>] = [:]
  for network in cluster.networks {
    if let first = seen.updateValue(network.name, forKey: network.name.value) {
      diagnostics.add(.duplicateName("network", network.name, first: first.range))
    }
    if network.block > 30 || network.block < network.cidr.value.length {
      diagnostics.add(.romanaBlockLength(network))
    }
  }
}

/// Two trees with the same shape are about the same groups: the same names, labels, places that are left free, and hosts.
private struct GroupShape: Equatable {
  private let name: String?
  private let labels: [[String]]
  private let isDummy: Bool
  private let hosts: [Name]
  private let groups: [GroupShape]

  init(_ group: RomanaGroup) {
    name = group.name?.value
    labels = group.assignment.map { [$0.key, $0.value] }.sorted { $0.lexicographicallyPrecedes($1) }
    isDummy = group.isDummy
    hosts = group.hosts.map(\.name.value).sorted()
    groups = group.groups.map(GroupShape.init)
  }
}

private func checkHosts(_ tree: RomanaTree, _ diagnostics: inout Diagnostics) {
  var names: [Name: RomanaHost] = [:]
  var addresses: [Address: RomanaHost] = [:]
  for host in tree.groups.flatMap(\.allHosts) {
    if let first = names.updateValue(host, forKey: host.name.value) {
      diagnostics.addOnce(.duplicateName("host", host.name, first: first.name.range))
    } else if let first = addresses.updateValue(host, forKey: host.address.value) {
      diagnostics.addOnce(.romanaSameAddress(host, first))
    }
  }
}

private func checkAddresses(_ tree: RomanaTree, against forest: RomanaForest, _ diagnostics: inout Diagnostics) {
  let known = Dictionary(forest.hosts.map { ($0.name.value, $0) }) { first, _ in first }
  for host in tree.groups.flatMap(\.allHosts) {
    guard let other = known[host.name.value], other.address.value != host.address.value else { continue }
    diagnostics.addOnce(.romanaTwoAddresses(host, other))
  }
}

/// Groups that are divided in another way must be groups of other hosts.
private func checkDisjoint(_ tree: RomanaTree, _ others: [RomanaForest], _ diagnostics: inout Diagnostics) {
  let hosts = tree.groups.flatMap(\.allHosts)
  for other in others {
    let known = Dictionary(other.hosts.map { ($0.name.value, $0) }) { first, _ in first }
    if let host = hosts.first(where: { known[$0.name.value] != nil }) {
      diagnostics.add(.romanaTwoTrees(host, known[host.name.value]!, tree, other))
    } else if hosts.isEmpty || known.isEmpty {
      diagnostics.add(.romanaTreesWithoutHosts(tree, other))
    }
  }
}
