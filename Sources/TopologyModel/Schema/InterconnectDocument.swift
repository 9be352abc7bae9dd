/// A link between regions, as written.
package struct InterconnectDocument: Sendable {
  package var name: Located<Name>
  package var renamedFrom: Located<Name>?
  package var between: [Located<Name>]
  package var kind: Located<InterconnectKind>?
  package var hub: Located<Name>?
  package var transit: Located<Truth>?
  package var tunnel: TunnelDocument
  package var transitGateway: TransitGatewayDocument
  /// Of a peering.
  package var peering: Located<Name>?
  /// The keys that belong to one kind only, and are there.
  package var kindKeys: [(key: String, kind: InterconnectKind, range: SourceRange)]
  package var range: SourceRange
}

/// What an interconnect of kind `tunnel` has beside what all have.
package struct TunnelDocument: Sendable {
  package var encapsulation: Located<Encapsulation>?
  package var gateways: [(host: Located<Name>, address: Located<Address>)]
  package var publicKeys: [(host: Located<Name>, key: Located<TunnelKey>)]
  package var keyFile: Located<Name>?
  package var port: Located<Int>?
  package var mtu: Located<Int>?
  package var linkPool: Located<Prefix>?
  package var linkPool6: Located<Prefix>?
  package var over: Located<Name>?
}

/// The ids of an interconnect of kind `transit-gateway`, by region; absent ones are parameters of what is emitted.
package struct TransitGatewayDocument: Sendable {
  package var gateways: [(region: Located<Name>, id: Located<Name>)]
  package var attachments: [(region: Located<Name>, id: Located<Name>)]
  package var routeTables: [(region: Located<Name>, id: Located<Name>)]
  package var peerings: [(between: [Located<Name>], id: Located<Name>?)]
  package var routesQuota: Located<Int>?
  package var otherRoutes: Located<Int>?
}

extension TopologyDocument {
  /// The hosts that have tunnels to other regions.
  var gatewayHosts: Set<Name> { Set(interconnects.flatMap { $0.tunnel.gateways.map(\.host.value) }) }
}

package enum InterconnectKind: String, Choice {
  case tunnel
  case transitGateway = "transit-gateway"
  case vpcPeering = "vpc-peering"
}

package enum Encapsulation: String, Choice {
  case wireguard, gre
}

/// A public key of WireGuard: 32 bytes in base64 (wg(8), PUBLIC KEY).
package struct TunnelKey: Sendable, Hashable {
  package let text: String

  /// Nil unless it is 43 digits of base64 and `=`, the last digit without stray bits.
  package init?(_ text: String) {
    let digits = Array(text.utf8)
    guard digits.count == 44, digits[43] == UInt8(ascii: "=") else { return nil }
    let isDigit = digits[..<43].allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "+"), UInt8(ascii: "/"): true
      default: false
      }
    }
    // 256 bits leave two of the last digit's six unused, and these are zero: every fourth digit.
    guard isDigit, "AEIMQUYcgkosw048".utf8.contains(digits[42]) else { return nil }
    self.text = text
  }
}

extension ObjectSpec {
  private static let transitPeering = ObjectSpec(
    "transit gateway peering", phrase: "a peering of transit gateways",
    "The peering of the transit gateways of two regions.",
    [
      KeySpec("between", .list(.name), required: true, "The two regions."),
      KeySpec("id", CloudIDKind.transitAttachment.type, "The id of its attachment; absent: a parameter."),
    ])
  fileprivate static var peeringOfTransitGateways: ObjectSpec { transitPeering }

  static let interconnect = ObjectSpec(
    "interconnect", phrase: "an interconnect",
    "A link between regions. Of the endpoints only the regions' aggregates cross it.",
    [
      KeySpec("name", .name, required: true, "The name of the interconnect."),
      KeySpec("renamed_from", .name, "Its former name: its tunnels keep numbers and links."),
      KeySpec(
        "between", .list(.name), required: true,
        "The regions, two or more: each with each other, or with `hub` each with that one."),
      KeySpec("kind", choice(InterconnectKind.self), required: true, "How they are linked."),
      KeySpec("hub", .name, "The region in the middle; absent: a full mesh."),
      KeySpec(
        "transit", choice(Truth.self), default: "false",
        "`true`: the hub carries traffic between the others, its spokes. No region does so unless asked."),
      KeySpec(
        "encapsulation", choice(Encapsulation.self), default: "wireguard",
        "Of tunnels. GRE is not encrypted."),
      KeySpec(
        "gateways", .dictionary(.address(nil)),
        "Of tunnels: the gateway hosts, one or two a region, and the addresses by which the other gateways reach them. There is a tunnel for every two gateways of linked regions."
      ),
      KeySpec(
        "public_keys", .dictionary(.pattern("^[A-Za-z0-9+/]{43}=$", example: "base64 of wg pubkey")),
        "Of WireGuard: the gateways' public keys. A gateway that has none here is asked for by a file of the others: /etc/romana/secrets/KEY_FILE.HOST.pub."
      ),
      KeySpec(
        "key_file", .name,
        "The name of a secret on the gateways, which is never written here. WireGuard: the private key, needed. GRE: the key of the BGP sessions (TCP MD5)."
      ),
      KeySpec(
        "port", .integer(1...65535), default: "51820",
        "Of WireGuard: the UDP port of tunnel 0; tunnel n has the n-th after it, at both ends."),
      KeySpec(
        "mtu", .integer(576...9216),
        "Of the way below the tunnels; absent: 1500, with `over` 8500. The tunnels' is less by their headers."),
      KeySpec(
        "link_pool", .prefix(.ipv4), default: "169.254.240.0/20", "A /31 for every tunnel, kept in the lock file."),
      KeySpec("link_pool6", .prefix(.ipv6), default: "fd72:6f6d:616e:6100::/64", "The same for IPv6, /127s."),
      KeySpec("over", .name, "Of tunnels: the interconnect of kind `vpc-peering` that they run over."),
      KeySpec("id", CloudIDKind.pcx.type, "Of a VPC peering: its id; absent: a parameter of what is emitted."),
      KeySpec(
        "transit_gateways", .dictionary(CloudIDKind.tgw.type),
        "The ids of the regions' transit gateways; absent ones are parameters."),
      KeySpec(
        "attachments", .dictionary(CloudIDKind.transitAttachment.type),
        "The ids of the attachments of the regions' VPCs to their transit gateways."),
      KeySpec(
        "route_tables", .dictionary(CloudIDKind.transitTable.type), "The ids of the transit gateways' route tables."),
      KeySpec(
        "peerings", .list(.object(transitPeering)), "The peerings of transit gateways of linked regions."),
      KeySpec(
        "routes_quota", .integer(1...1_000_000), default: "10000",
        "Of transit gateways: how many routes each may hold, of both families and in all its tables together (the quota \"Total combined routes\")."
      ),
      KeySpec(
        "other_routes", .integer(0...1_000_000), default: "2",
        "Of transit gateways: how many of these others keep there, such as those that VPCs propagate; they count against the quota."
      ),
    ])
}

/// The keys that belong to one kind.
private let keysOfKinds: [(InterconnectKind, [String])] = [
  (
    .tunnel,
    [
      "encapsulation", "gateways", "public_keys", "key_file", "port", "mtu", "link_pool", "link_pool6", "over",
    ]
  ),
  (.transitGateway, ["transit_gateways", "attachments", "route_tables", "peerings", "routes_quota", "other_routes"]),
  (.vpcPeering, ["id"]),
]

func decodeInterconnect(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> InterconnectDocument? {
  guard let reader = MappingReader(node, .interconnect, &diagnostics) else { return nil }
  let name = reader.requiredName("name", &diagnostics)
  _ = reader.required("kind", &diagnostics)
  _ = reader.required("between", &diagnostics)
  let interconnect = InterconnectDocument(
    name: name ?? Located(Name("unnamed")!, at: node.range), renamedFrom: reader.name("renamed_from", &diagnostics),
    between: reader.names("between", &diagnostics) ?? [], kind: reader.choice("kind", &diagnostics),
    hub: reader.name("hub", &diagnostics), transit: reader.choice("transit", &diagnostics),
    tunnel: decodeTunnel(reader, &diagnostics), transitGateway: decodeTransitGateway(reader, &diagnostics),
    peering: reader.cloudID("id", .pcx, &diagnostics),
    kindKeys: keysOfKinds.flatMap { kind, keys in
      keys.compactMap { key in reader.keyRange(key).map { (key, kind, $0) } }
    }, range: node.range)
  return name == nil ? nil : interconnect
}

private func decodeTunnel(_ reader: MappingReader, _ diagnostics: inout Diagnostics) -> TunnelDocument {
  TunnelDocument(
    encapsulation: reader.choice("encapsulation", &diagnostics),
    gateways: decodeDictionary(reader, "gateways", "hosts to addresses", &diagnostics) {
      decodeAddress($0, nil, &$1)
    }.map { (host: $0, address: $1) },
    publicKeys: decodeDictionary(reader, "public_keys", "hosts to public keys", &diagnostics, decodeTunnelKey)
      .map { (host: $0, key: $1) },
    keyFile: reader.secretName("key_file", &diagnostics), port: reader.integer("port", &diagnostics),
    mtu: reader.integer("mtu", &diagnostics), linkPool: reader.prefix("link_pool", &diagnostics),
    linkPool6: reader.prefix("link_pool6", &diagnostics), over: reader.name("over", &diagnostics))
}

private func decodeTransitGateway(
  _ reader: MappingReader, _ diagnostics: inout Diagnostics
) -> TransitGatewayDocument {
  func ids(
    _ key: String, _ kind: CloudIDKind, _ diagnostics: inout Diagnostics
  ) -> [(region: Located<Name>, id: Located<Name>)] {
    decodeDictionary(reader, key, "regions to ids", &diagnostics) { decodeCloudID($0, kind, &$1) }
      .map { (region: $0, id: $1) }
  }
  return TransitGatewayDocument(
    gateways: ids("transit_gateways", .tgw, &diagnostics),
    attachments: ids("attachments", .transitAttachment, &diagnostics),
    routeTables: ids("route_tables", .transitTable, &diagnostics),
    peerings: reader.list("peerings", &diagnostics) { node, diagnostics in
      guard let item = MappingReader(node, .peeringOfTransitGateways, &diagnostics) else { return nil }
      _ = item.required("between", &diagnostics)
      return (item.names("between", &diagnostics) ?? [], item.cloudID("id", .transitAttachment, &diagnostics))
    }, routesQuota: reader.integer("routes_quota", &diagnostics),
    otherRoutes: reader.integer("other_routes", &diagnostics))
}

private func decodeTunnelKey(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Located<TunnelKey>? {
  guard let text = decodeScalar(node, expected: "a public key of WireGuard", &diagnostics) else { return nil }
  guard let key = TunnelKey(text) else {
    diagnostics.add(.invalidTunnelKey(at: node.range))
    return nil
  }
  return Located(key, at: node.range)
}

/// A mapping whose keys are names of the topology.
private func decodeDictionary<Value>(
  _ reader: MappingReader, _ key: String, _ what: String, _ diagnostics: inout Diagnostics,
  _ decode: (YAMLNode, inout Diagnostics) -> Located<Value>?
) -> [(Located<Name>, Located<Value>)] {
  guard let node = reader.node(key) else { return [] }
  guard case .mapping(let entries) = node.content else {
    diagnostics.add(.wrongKind(expected: "a mapping of \(what)", .mapping, found: node))
    return []
  }
  return entries.compactMap { entry in
    let name = decodeName(YAMLNode(content: .scalar(entry.key, isPlain: false), range: entry.keyRange), &diagnostics)
    let value = decode(entry.value, &diagnostics)
    return name.flatMap { name in value.map { (name, $0) } }
  }
}

extension Diagnostic {
  /// The text is not repeated: what is no public key may be a private one that was cut.
  fileprivate static func invalidTunnelKey(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidTunnelKey, "this is not a public key of WireGuard", at: range,
      notes: ["a public key is 32 bytes in base64: 43 digits and `=`"],
      help: ["write what `wg pubkey < /etc/romana/secrets/KEY_FILE` prints on that gateway"])
  }
}
