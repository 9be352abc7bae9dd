/// The networks of a topology, and what the document says of each beside what `Network` holds.
struct ResolvedNetworks {
  /// Sorted by prefix.
  var networks: [Network]
  /// The document of each network.
  var documents: [NetworkDocument]
  var index: [Name: Int]

  var indices: Range<Int> { networks.indices }

  /// The networks that exist in a region.
  func indices(inRegion region: Name) -> [Int] {
    networks.indices.filter { networks[$0].regions?.contains(region) ?? true }
  }
}

func resolveNetworks(_ document: TopologyDocument, _ diagnostics: inout Diagnostics) -> ResolvedNetworks {
  let regions = Dictionary(document.regions.enumerated().map { ($1.name.value, $0) }) { first, _ in first }
  var pairs: [(network: Network, document: NetworkDocument)] = []
  for network in document.networks {
    guard let layout = resolveLayout(network, &diagnostics) else {
      diagnostics.lostNames.insert(network.name.value)
      continue
    }
    checkUsable(network.cidr, &diagnostics)
    for excluded in network.exclude where !network.cidr.value.contains(excluded.value) {
      diagnostics.add(.excludeOutsideNetwork(excluded, network))
    }
    let known = network.regions.map { names in
      Set(names.filter { lookUp($0, "region", in: regions, &diagnostics) != nil }.map(\.value))
    }
    pairs.append(
      (
        Network(
          name: network.name.value, prefix: network.cidr.value, layout: layout, regions: known,
          excluded: aggregatePrefixes(network.exclude.map(\.value)), range: network.cidr.range), network
      ))
  }
  pairs.sort { ($0.network.prefix, $0.network.name) < ($1.network.prefix, $1.network.name) }
  let index = Dictionary(pairs.enumerated().map { ($1.network.name, $0) }) { first, _ in first }
  return ResolvedNetworks(networks: pairs.map(\.network), documents: pairs.map(\.document), index: index)
}

private func resolveLayout(_ network: NetworkDocument, _ diagnostics: inout Diagnostics) -> AddressLayout? {
  guard let bits = network.bits?.value else { return resolveBlockLayout(network, &diagnostics) }
  let available = network.cidr.value.hostBitCount
  var layout = AddressLayout(
    tenant: bits.tenant.value, segment: bits.segment.value, endpoint: bits.endpoint.value)
  if let region = bits.region, let rack = bits.rack, let host = bits.host {
    layout.topology = .init(region: region.value, rack: rack.value, host: host.value)
    let sum = region.value + rack.value + host.value + layout.identityBits
    guard sum == available else {
      diagnostics.add(.layoutSum(network, sum: sum, available: available))
      return nil
    }
  } else if layout.identityBits > available {
    diagnostics.add(.layoutSum(network, sum: layout.identityBits, available: available))
    return nil
  }
  return layout
}

/// A block has at least the addresses of network, gateway and DHCP, since a host's own block holds these.
private func resolveBlockLayout(_ network: NetworkDocument, _ diagnostics: inout Diagnostics) -> AddressLayout? {
  guard let block = network.block else { return nil }
  let width = network.cidr.value.family.bitWidth
  guard block.value >= network.cidr.value.length, block.value <= width - 2 else {
    diagnostics.add(.blockLength(network, block))
    return nil
  }
  return AddressLayout(block: block.value, tenant: 0, segment: 0, endpoint: width - block.value)
}

/// Address blocks with a meaning of their own (RFC 6890), which no device and no endpoint can use.
let specialBlocks: [(prefix: Prefix, meaning: String)] = [
  (Prefix(containing: Address(.ipv4, 0), length: 8), "\"this network\""),
  (Prefix(containing: Address(.ipv4, 0x7f00_0000), length: 8), "loopback"),
  (Prefix(containing: Address(.ipv4, 0xa9fe_0000), length: 16), "link-local"),
  (Prefix(containing: Address(.ipv4, 0xe000_0000), length: 3), "multicast or reserved"),
  (Prefix(containing: Address(.ipv6, 0), length: 8), "reserved"),
  (Prefix(containing: Address(.ipv6, UInt128(0xfe80) << 112), length: 10), "link-local"),
  (Prefix(containing: Address(.ipv6, UInt128(0xff00) << 112), length: 8), "multicast"),
]

/// Reports a prefix that overlaps a block with a meaning of its own.
func checkUsable(_ prefix: Located<Prefix>, _ diagnostics: inout Diagnostics) {
  for block in specialBlocks where block.prefix.overlaps(prefix.value) {
    diagnostics.add(.unusableAddress(prefix, block.prefix, block.meaning))
    return
  }
}

extension Diagnostic {
  static func layoutSum(_ network: NetworkDocument, sum: Int, available: Int) -> Diagnostic {
    let isGroup = network.bits?.value.host == nil
    return Diagnostic(
      .layoutSum,
      isGroup
        ? "the tenant, segment and endpoint bits of '\(network.name.value)' sum to \(sum), but \(network.cidr.value) leaves \(available)"
        : "the bits of '\(network.name.value)' sum to \(sum), but \(network.cidr.value) leaves \(available)",
      at: network.bits?.range ?? network.cidr.range,
      labels: [(network.cidr.range, "leaves \(counted(available, "bit"))")],
      help: [
        sum > available
          ? "take \(counted(sum - available, "bit")) away, or widen the CIDR"
          : "give the spare \(available - sum == 1 ? "bit" : "\(available - sum) bits") to a field"
      ])
  }

  static func blockLength(_ network: NetworkDocument, _ block: Located<Int>) -> Diagnostic {
    let cidr = network.cidr.value
    let longest = cidr.family.bitWidth - 2
    return Diagnostic(
      .blockLength,
      block.value < cidr.length
        ? "a block of /\(block.value) is larger than the network '\(network.name.value)', \(cidr)"
        : "a block of /\(block.value) is too small: it holds network, gateway and DHCP of a host",
      at: block.range, labels: [(network.cidr.range, "the network")],
      help: [
        cidr.length > longest
          ? "widen the network: \(cidr.family.name) blocks are /\(longest) or shorter"
          : "choose a length from \(cidr.length) to \(longest), such as \(max(cidr.length, longest - 1))"
      ])
  }

  static func excludeOutsideNetwork(_ excluded: Located<Prefix>, _ network: NetworkDocument) -> Diagnostic {
    Diagnostic(
      .excludeOutsideNetwork, "\(excluded.value) is not inside \(network.cidr.value)", at: excluded.range,
      labels: [(network.cidr.range, "the network '\(network.name.value)'")],
      help: ["exclude prefixes of the network itself only"])
  }

  static func unusableAddress(_ prefix: Located<Prefix>, _ block: Prefix, _ meaning: String) -> Diagnostic {
    let text = prefix.value.shortText
    return Diagnostic(
      .unusableAddress,
      block.contains(prefix.value)
        ? "\(text) is \(meaning) (RFC 6890)"
        : "\(text) contains \(block), which is \(meaning) (RFC 6890)", at: prefix.range,
      notes: block.contains(prefix.value) && block != prefix.value ? ["so is all of \(block)"] : [],
      help: ["choose a private (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fd00::/8) or a global prefix"])
  }
}
