/// Romana's request for a topology and its answer to the question for one, which also has the CIDR of each group: a list of
/// networks, a list of topologies, each a list of networks and a tree of groups under `map`.
extension ObjectSpec {
  static let romanaTopology = ObjectSpec(
    "topology", phrase: "a topology of Romana", "",
    [
      KeySpec("networks", .text, required: true, "The networks that addresses come from."),
      KeySpec("topologies", .text, required: true, "The groups that they are divided among."),
    ])

  static let romanaNetwork = ObjectSpec(
    "network", phrase: "a network of Romana", "",
    [
      KeySpec("name", .name, required: true, "Topologies refer to it."),
      KeySpec("cidr", .prefix(.ipv4), required: true, "Romana 2 has IPv4 only."),
      KeySpec("block_mask", .integer(0...32), "The length of a block; 0 or absent: 29."),
      KeySpec("tenants", .list(.name), ""), KeySpec("blacked_out", .text, ""), KeySpec("revision", .text, ""),
      KeySpec("host_groups", .text, ""),
    ])

  static let romanaTree = ObjectSpec(
    "topology", phrase: "an item of `topologies`", "",
    [
      KeySpec("networks", .list(.name), required: true, "The networks that it divides."),
      KeySpec("map", .text, required: true, "The groups."),
    ])

  /// Groups and hosts look alike: what has an `ip` is a host.
  static let romanaGroup = ObjectSpec(
    "group", phrase: "a group or host of Romana", "",
    [
      "name", "groups", "hosts", "assignment", "routing", "cidr", "dummy", "ip", "agent_port", "tags", "blocks",
      "block_to_owner", "owner_to_block", "block_to_host", "reusable_blocks",
    ].map { KeySpec($0, .text, "") })
}

/// Reads what Romana writes about a cluster.
struct RomanaTopologyReader {
  /// Reads a document; nil, with a message, if it is no topology of Romana.
  func read(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> RomanaCluster? {
    guard case .mapping(let entries) = node.content,
      let networks = entries.first(where: { $0.key == "networks" })?.value
    else {
      diagnostics.add(.noRomanaTopology(at: node.range))
      return nil
    }
    if case .mapping = networks.content { return readState(node, &diagnostics) }
    guard let reader = MappingReader(node, .romanaTopology, &diagnostics) else { return nil }
    var cluster = RomanaCluster()
    cluster.networks = (reader.items("networks", &diagnostics) ?? []).compactMap { network($0, nil, &diagnostics) }
    _ = reader.required("topologies", &diagnostics)
    for item in reader.items("topologies", &diagnostics) ?? [] {
      guard let tree = MappingReader(item, .romanaTree, &diagnostics) else { continue }
      _ = tree.required("networks", &diagnostics)
      _ = tree.required("map", &diagnostics)
      let names = (tree.items("networks", &diagnostics) ?? []).compactMap { decodeName($0, &diagnostics) }
      let groups = (tree.items("map", &diagnostics) ?? []).compactMap { group($0, &diagnostics) }
      cluster.trees.append(RomanaTree(networks: names, groups: groups, range: item.range))
    }
    return cluster
  }

  /// A network; its name may be the key that it stands under.
  func network(_ node: YAMLNode, _ key: Located<Name>?, _ diagnostics: inout Diagnostics) -> RomanaNetwork? {
    guard let reader = MappingReader(node, .romanaNetwork, &diagnostics) else { return nil }
    let name = key ?? reader.requiredName("name", &diagnostics)
    _ = reader.required("cidr", &diagnostics)
    let cidr = reader.prefix("cidr", &diagnostics)
    // Romana takes 29 where nothing is said, but no block is larger than its network.
    let written = reader.integer("block_mask", &diagnostics)
    let tenants = (reader.items("tenants", &diagnostics) ?? []).compactMap { decodeName($0, &diagnostics) }
    let blackedOut = (reader.items("blacked_out", &diagnostics) ?? []).compactMap {
      decodePrefix($0, .ipv4, &diagnostics)
    }
    guard let name, let cidr else { return nil }
    let length = written.flatMap { $0.value == 0 ? nil : $0.value } ?? max(29, cidr.value.length)
    return RomanaNetwork(
      name: name, cidr: cidr, block: length, blockRange: written?.range ?? cidr.range, tenants: tenants,
      blackedOut: blackedOut)
  }

  func group(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> RomanaGroup? {
    guard let reader = MappingReader(node, .romanaGroup, &diagnostics) else { return nil }
    guard reader.present("ip") == nil else {
      diagnostics.add(.romanaMixedGroup(at: node.range))
      return nil
    }
    var group = RomanaGroup(range: node.range)
    group.name = text(reader, "name", &diagnostics)
    group.routing = text(reader, "routing", &diagnostics)
    group.cidr = text(reader, "cidr", &diagnostics) == nil ? nil : prefix(reader, "cidr", &diagnostics)
    if let dummy = reader.present("dummy"), case .scalar("true", _) = dummy.content { group.isDummy = true }
    if let assignment = reader.present("assignment") {
      group.assignment = labels(assignment, &diagnostics)
      group.assignmentRange = group.assignment.isEmpty ? nil : reader.keyRange("assignment")
    }
    var hosts = reader.items("hosts", &diagnostics) ?? []
    var groups = reader.items("groups", &diagnostics) ?? []
    // Where Romana takes a request, hosts stand in the list of groups.
    if let first = groups.first, isHost(first) {
      guard groups.allSatisfy(isHost) else {
        diagnostics.add(.romanaMixedGroup(at: groups.first { !isHost($0) }!.range))
        return nil
      }
      (hosts, groups) = (hosts + groups, [])
    }
    if let host = hosts.first, !groups.isEmpty {
      diagnostics.add(.romanaMixedGroup(at: host.range))
      return nil
    }
    group.hosts = hosts.compactMap { host($0, &diagnostics) }
    group.groups = groups.compactMap { self.group($0, &diagnostics) }
    readBlocks(reader, into: &group, &diagnostics)
    return group
  }

  private func host(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> RomanaHost? {
    guard let reader = MappingReader(node, .romanaGroup, &diagnostics) else { return nil }
    for key in ["groups", "hosts", "cidr", "blocks"] {
      guard let value = reader.present(key), !isEmpty(value) else { continue }
      diagnostics.add(.romanaMixedGroup(at: reader.keyRange(key) ?? node.range))
      return nil
    }
    let name = reader.requiredName("name", &diagnostics)
    let address = reader.required("ip", &diagnostics).flatMap { decodeAddress($0, .ipv4, &diagnostics) }
    let tags = ["tags", "assignment"].compactMap { key in
      reader.present(key).flatMap { isEmpty($0) ? nil : reader.keyRange(key) }
    }
    guard let name, let address else { return nil }
    return RomanaHost(name: name, address: address, tags: tags.first)
  }

  private func isHost(_ node: YAMLNode) -> Bool {
    guard case .mapping(let entries) = node.content else { return false }
    return entries.contains { $0.key == "ip" && !$0.value.isNull }
  }

  private func isEmpty(_ node: YAMLNode) -> Bool {
    switch node.content {
    case .scalar(let text, _): text.isEmpty
    case .sequence(let items): items.isEmpty
    case .mapping(let entries): entries.isEmpty
    }
  }

  /// A text; empty ones are as good as absent.
  func text(_ reader: MappingReader, _ key: String, _ diagnostics: inout Diagnostics) -> Located<String>? {
    guard let node = reader.present(key) else { return nil }
    if case .scalar("", _) = node.content { return nil }
    return decodeText(node, &diagnostics)
  }

  func prefix(_ reader: MappingReader, _ key: String, _ diagnostics: inout Diagnostics) -> Located<Prefix>? {
    reader.present(key).flatMap { decodePrefix($0, .ipv4, &diagnostics) }
  }

  private func labels(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> [(key: String, value: String)] {
    guard case .mapping(let entries) = node.content else {
      diagnostics.add(.wrongKind(expected: "labels and their values", .mapping, found: node))
      return []
    }
    return entries.compactMap { entry in
      decodeText(entry.value, &diagnostics).map { (entry.key, $0.value) }
    }
  }
}
