/// A network as written: a CIDR, and how its bits are used or how long its blocks are.
package struct NetworkDocument: Sendable {
  package var name: Located<Name>
  package var renamedFrom: Located<Name>?
  package var cidr: Located<Prefix>
  /// Nil for a network of blocks.
  package var bits: Located<BitsDocument>?
  /// The length of a block.
  package var block: Located<Int>?
  package var capacity: CapacityDocument?
  package var regions: [Located<Name>]?
  package var tenants: [Located<Name>]?
  package var exclude: [Located<Prefix>]
  package var vlan: Located<Name>?
}

/// The widths of the fields in bits. With no topology field the network is carved into prefix groups.
package struct BitsDocument: Sendable {
  package var region: Located<Int>?
  package var rack: Located<Int>?
  package var host: Located<Int>?
  package var tenant: Located<Int>
  package var segment: Located<Int>
  package var endpoint: Located<Int>
}

package struct CapacityDocument: Sendable {
  package var racks: Located<Int>?
  package var hosts: Located<Int>?
}

extension ObjectSpec {
  static let bits = ObjectSpec(
    "bits", phrase: "`bits`",
    "The widths in bits of the fields below the network prefix. With region, rack and host the widths sum to the bits that the CIDR leaves; without those three the network is carved into prefix groups.",
    dependencies: [
      ("region", ["rack", "host"]), ("rack", ["region", "host"]), ("host", ["region", "rack"]),
    ],
    [
      KeySpec("region", .integer(0...32), "Room for regions; absent: prefix groups."),
      KeySpec("rack", .integer(0...32), "Room for the racks of a region; absent: prefix groups."),
      KeySpec("host", .integer(0...32), "Room for the hosts of a rack; absent: prefix groups."),
      KeySpec("tenant", .integer(1...16), required: true, "Room for tenants; ids count from 1."),
      KeySpec(
        "segment", .integer(1...16), required: true, "Room for the segments of a tenant; ids count from 1."),
      KeySpec(
        "endpoint", .integer(2...64), required: true,
        "Room for the endpoints of a segment on a host; ids 0 to 2 are reserved."),
    ])

  static let capacity = ObjectSpec(
    "capacity", phrase: "`capacity`",
    "The room that prefix groups are carved for; it is rounded up to a power of two.",
    [
      KeySpec("racks", .integer(1...65536), "How many racks a region is carved for."),
      KeySpec("hosts", .integer(1...65536), "How many hosts a rack is carved for."),
    ])

  static let network = ObjectSpec(
    "network", phrase: "a network", "A part of the address space of the endpoints.", oneOf: ["bits", "block"],
    [
      KeySpec("name", .name, required: true, "The name of the network."),
      KeySpec("renamed_from", .name, "Its former name: carved prefixes are kept."),
      KeySpec("cidr", .prefix(nil), required: true, "The prefix of the network, IPv4 or IPv6."),
      KeySpec("bits", .object(bits), "How the bits below the prefix are used; or `block`."),
      KeySpec(
        "block", .integer(1...126),
        "The length of the blocks, such as 29, that hosts take from their rack's prefix, each for one segment; instead of `bits`."
      ),
      KeySpec("capacity", .object(capacity), "For prefix groups: the room that they are carved for."),
      KeySpec("regions", .list(.name), "The network exists in these regions only; absent: in all."),
      KeySpec(
        "tenants", .list(.name), "Only these tenants may use the network; absent: every tenant may."),
      KeySpec(
        "vlan", .name,
        "The VLAN that its endpoints are on: the network exists on hosts of that VLAN only; absent: on hosts that are on no VLAN."
      ),
      KeySpec("exclude", .list(.prefix(nil)), "Prefixes inside the CIDR that are never allocated."),
    ])
}

func decodeNetwork(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> NetworkDocument? {
  guard let reader = MappingReader(node, .network, &diagnostics) else { return nil }
  let name = reader.requiredName("name", &diagnostics)
  _ = reader.required("cidr", &diagnostics)
  let cidr = reader.prefix("cidr", &diagnostics)
  let (bits, block) = decodeDivision(reader, &diagnostics)
  let capacity = reader.object("capacity", .capacity, &diagnostics).map {
    CapacityDocument(racks: $0.integer("racks", &diagnostics), hosts: $0.integer("hosts", &diagnostics))
  }
  let renamedFrom = reader.name("renamed_from", &diagnostics)
  let regions = reader.names("regions", &diagnostics)
  let tenants = reader.names("tenants", &diagnostics)
  let exclude = reader.list("exclude", &diagnostics) { decodePrefix($0, cidr?.value.family, &$1) }
  if block != nil, let hosts = capacity?.hosts { diagnostics.add(.capacityOfBlocks(at: hosts.range)) }
  let vlan = reader.name("vlan", &diagnostics)
  if let bits, let capacity, bits.value.host != nil {
    for value in [capacity.racks, capacity.hosts] {
      if let value { diagnostics.add(.capacityOfFixedLayout(at: value.range)) }
    }
  }
  guard let name, let cidr, bits != nil || block != nil else { return nil }
  return NetworkDocument(
    name: name, renamedFrom: renamedFrom, cidr: cidr, bits: bits, block: block, capacity: capacity, regions: regions,
    tenants: tenants, exclude: exclude, vlan: vlan)
}

/// How a network is divided: by `bits`, or into blocks.
private func decodeDivision(
  _ reader: MappingReader, _ diagnostics: inout Diagnostics
) -> (bits: Located<BitsDocument>?, block: Located<Int>?) {
  guard let range = reader.keyRange("block") else {
    return (reader.required("bits", &diagnostics).flatMap { decodeBits($0, &diagnostics) }, nil)
  }
  if let other = reader.keyRange("bits") {
    diagnostics.add(.blockBesideBits(at: range, bits: other))
    return (nil, nil)
  }
  return (nil, reader.integer("block", &diagnostics))
}

private func decodeBits(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Located<BitsDocument>? {
  guard let reader = MappingReader(node, .bits, &diagnostics) else { return nil }
  for key in ["tenant", "segment", "endpoint"] { _ = reader.required(key, &diagnostics) }
  let topology = ["region", "rack", "host"]
  let present = topology.filter { reader.node($0) != nil }
  if !present.isEmpty, present.count < topology.count {
    let missing = topology.filter { !present.contains($0) }
    diagnostics.add(.partialLayout(present: present, missing: missing, at: node.range))
    return nil
  }
  let region = reader.integer("region", &diagnostics)
  let rack = reader.integer("rack", &diagnostics)
  let host = reader.integer("host", &diagnostics)
  guard let tenant = reader.integer("tenant", &diagnostics),
    let segment = reader.integer("segment", &diagnostics),
    let endpoint = reader.integer("endpoint", &diagnostics)
  else { return nil }
  let bits = BitsDocument(
    region: region, rack: rack, host: host, tenant: tenant, segment: segment, endpoint: endpoint)
  return Located(bits, at: node.range)
}

extension Diagnostic {
  static func partialLayout(present: [String], missing: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .conflictingKeys,
      "bits has \(present.joined(separator: " and ")) but not \(missing.joined(separator: " and "))",
      at: range,
      help: [
        "give all of region, rack and host (a width may be 0), or none of them for prefix groups"
      ])
  }

  static func blockBesideBits(at range: SourceRange, bits: SourceRange) -> Diagnostic {
    Diagnostic(
      .blockBesideBits, "a network has `bits` or `block`, not both", at: range, labels: [(bits, "has `bits` too")],
      notes: ["a block belongs to one segment of one host, so its addresses have no tenant and segment bits"],
      help: ["remove one of the two"])
  }

  static func capacityOfBlocks(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .conflictingKeys, "capacity for hosts has no meaning in a network of blocks", at: range,
      help: ["hosts take as many blocks of their rack's prefix as they need; remove this key"])
  }

  static func capacityOfFixedLayout(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .conflictingKeys, "capacity has no meaning beside region, rack and host bits", at: range,
      help: ["the widths are the capacity; remove this key, or remove the three widths"])
  }
}
