/// What Romana's address management keeps in its store: networks by name, each with its tree of groups, and in the groups the
/// blocks that hosts have taken.
extension ObjectSpec {
  static let romanaState = ObjectSpec(
    "state", phrase: "the state of Romana's address management", "",
    [
      "networks", "address_name_to_ip", "tenant_to_network", "AllocationRevision", "TopologyRevision",
      "allocation_revision", "topology_revision",
    ].map { KeySpec($0, .text, "") })

  static let romanaBlock = ObjectSpec(
    "block", phrase: "a block of Romana", "",
    [
      KeySpec("cidr", .prefix(.ipv4), required: true, "Its addresses."), KeySpec("pool", .text, ""),
      KeySpec("revision", .text, ""),
    ])
}

extension RomanaTopologyReader {
  func readState(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> RomanaCluster? {
    guard let reader = MappingReader(node, .romanaState, &diagnostics),
      case .mapping(let entries)? = reader.present("networks")?.content
    else { return nil }
    var cluster = RomanaCluster()
    for entry in entries {
      let key = decodeName(YAMLNode(content: .scalar(entry.key, isPlain: false), range: entry.keyRange), &diagnostics)
      guard let key, let network = network(entry.value, key, &diagnostics) else { continue }
      cluster.networks.append(network)
      guard let fields = MappingReader(entry.value, .romanaNetwork, &diagnostics),
        let written = fields.present("host_groups"), let root = group(written, &diagnostics)
      else { continue }
      // A root without groups is the only group.
      let groups = root.groups.isEmpty ? [root] : root.groups
      cluster.trees.append(RomanaTree(networks: [key], groups: groups, range: entry.keyRange))
    }
    readTenants(reader, into: &cluster, &diagnostics)
    if let names = reader.present("address_name_to_ip"), case .mapping(let entries) = names.content, !entries.isEmpty {
      diagnostics.add(.romanaAddressesLeftOut(entries.count, at: reader.keyRange("address_name_to_ip") ?? names.range))
    }
    return cluster
  }

  /// The networks of each tenant; `*` has those that are not reserved.
  private func readTenants(
    _ reader: MappingReader, into cluster: inout RomanaCluster, _ diagnostics: inout Diagnostics
  ) {
    guard let node = reader.present("tenant_to_network") else { return }
    guard case .mapping(let entries) = node.content else {
      diagnostics.add(.wrongKind(expected: "tenants and their networks", .mapping, found: node))
      return
    }
    for entry in entries where entry.key != "*" {
      let key = YAMLNode(content: .scalar(entry.key, isPlain: false), range: entry.keyRange)
      guard let tenant = decodeName(key, &diagnostics) else { continue }
      for network in decodeList(entry.value, &diagnostics, decodeName) {
        guard let index = cluster.networks.firstIndex(where: { $0.name.value == network.value }) else {
          diagnostics.add(.romanaUnknownNetwork(network))
          continue
        }
        cluster.networks[index].tenants.append(tenant)
      }
    }
  }

  /// The blocks of a group that hosts have; those that were given back are not theirs any more.
  func readBlocks(_ reader: MappingReader, into group: inout RomanaGroup, _ diagnostics: inout Diagnostics) {
    let hosts = texts(reader, "block_to_host", &diagnostics)
    let owners = texts(reader, "block_to_owner", &diagnostics)
    for (number, item) in (reader.items("blocks", &diagnostics) ?? []).enumerated() {
      guard let block = MappingReader(item, .romanaBlock, &diagnostics) else { continue }
      _ = block.required("cidr", &diagnostics)
      guard let prefix = block.prefix("cidr", &diagnostics), let host = hosts["\(number)"],
        let owner = owners["\(number)"]
      else { continue }
      guard let name = decodeName(host, &diagnostics),
        let (tenant, segment) = self.owner(owner, &diagnostics)
      else { continue }
      group.blocks.append(RomanaBlock(prefix: prefix, host: name.value, tenant: tenant, segment: segment))
    }
  }

  /// `TENANT:SEGMENT`; without a segment it is `default`, as Romana's plug-ins call it.
  private func owner(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> (tenant: Name, segment: Name)? {
    guard let text = decodeText(node, &diagnostics) else { return nil }
    let parts = text.value.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let segment = parts.count > 1 ? parts[1] : ""
    if segment.isEmpty { diagnostics.addOnce(.romanaDefaultSegment(at: text.range)) }
    func name(_ part: String) -> Name? {
      decodeName(YAMLNode(content: .scalar(part, isPlain: false), range: text.range), &diagnostics)?.value
    }
    guard let tenant = name(parts[0]), let made = name(segment.isEmpty ? "default" : segment) else { return nil }
    return (tenant, made)
  }

  private func texts(
    _ reader: MappingReader, _ key: String, _ diagnostics: inout Diagnostics
  ) -> [String: YAMLNode] {
    guard let node = reader.present(key) else { return [:] }
    guard case .mapping(let entries) = node.content else {
      diagnostics.add(.wrongKind(expected: "numbers of blocks and what they belong to", .mapping, found: node))
      return [:]
    }
    return Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
  }
}
