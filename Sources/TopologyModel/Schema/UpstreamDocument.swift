/// A router outside of the fabric that leads to the rest of the world, as written.
package struct UpstreamDocument: Sendable {
  package var name: Located<Name>
  package var device: Located<Name>
  package var asn: Located<UInt32>?
  package var prefix: Located<Prefix>?
  package var prefix6: Located<Prefix>?
  package var address: Located<Address>?
  package var address6: Located<Address>?
  package var peer: Located<Address>?
  package var peer6: Located<Address>?
  package var accept: [AcceptedDocument]
  package var maximumPrefixes: Located<Int>?
  package var announce: Located<UpstreamAnnouncement>?
  package var hops: Located<Int>?
  package var ttlSecurity: Located<UpstreamSwitch>?
  package var bfd: Located<UpstreamSwitch>?
  package var bgpRole: Located<FeatureUse>?
  package var secret: Located<Name>?
  /// The first key that is of no use without BGP, for messages.
  package var sessionKey: (name: String, range: SourceRange)?

  package func prefix(_ family: AddressFamily) -> Located<Prefix>? { family == .ipv4 ? prefix : prefix6 }
  package func address(_ family: AddressFamily) -> Located<Address>? { family == .ipv4 ? address : address6 }
  package func peer(_ family: AddressFamily) -> Located<Address>? { family == .ipv4 ? peer : peer6 }
}

/// What an upstream is believed about: a prefix, or with `longest` the prefixes inside it.
package struct AcceptedDocument: Sendable {
  package var prefix: Located<Prefix>
  package var longest: Located<Int>?
}

/// What is announced to an upstream.
package enum UpstreamAnnouncement: String, Choice {
  /// The region's aggregate in each network.
  case region
  /// The aggregate of each rack.
  case racks
}

package enum UpstreamSwitch: String, Choice {
  case on, off
}

extension ObjectSpec {
  static let accepted = ObjectSpec(
    "accepted prefixes", phrase: "an accepted range", "A prefix and what is inside it, up to a length.",
    [
      KeySpec("prefix", .prefix(nil), required: true, "The prefix that holds the others."),
      KeySpec(
        "longest", .integer(1...128), required: true,
        "The longest prefixes inside it that are believed. Needs `max_prefixes` on the upstream."),
    ])

  static let upstream = ObjectSpec(
    "upstream", phrase: "an upstream",
    "A router outside of the fabric that leads to the rest of the world: by BGP, or with static routes if it has no `asn`.",
    [
      KeySpec("name", .name, required: true, "Its name, unique among all devices of the fabric."),
      KeySpec(
        "device", .name, required: true,
        "What it is connected to: a spine; a ToR where the region has no spines."),
      KeySpec("asn", .asn, "Its AS number; absent: no BGP, but a default route by way of `peer`."),
      KeySpec("prefix", .prefix(.ipv4), "The link to it."),
      KeySpec("prefix6", .prefix(.ipv6), "The same for IPv6."),
      KeySpec(
        "address", .address(.ipv4),
        "The device's own address on the link; may be left out of a /31, where it is the other one."),
      KeySpec("address6", .address(.ipv6), "The same for IPv6; may be left out of a /127."),
      KeySpec("peer", .address(.ipv4), "The address of the upstream: on the link, unless `hops` is more than 1."),
      KeySpec("peer6", .address(.ipv6), "The same for IPv6."),
      KeySpec(
        "accept", .list(.either(.prefix(nil), .object(accepted))),
        "What it is believed about: exactly these prefixes; absent: the default routes, `0.0.0.0/0` and `::/0`. Never anything of the fabric's own."
      ),
      KeySpec(
        "max_prefixes", .integer(1...1_000_000),
        "How many prefixes a family it may announce before the session is closed for five minutes; absent: as many as `accept` names."
      ),
      KeySpec(
        "announce", choice(UpstreamAnnouncement.self),
        "What it is told: the aggregate of the `region` in each network, or those of its `racks`. Absent: the region's, but those of the racks where several spines have upstreams, or the racks have no ToRs."
      ),
      KeySpec(
        "hops", .integer(1...254), default: "1",
        "How far away it is. With more than one hop the way to it belongs to the operating system."),
      KeySpec(
        "ttl_security", choice(UpstreamSwitch.self), default: "on",
        "TTL security (RFC 5082), which the upstream must have too. `off`: packets from further away are taken for its own."
      ),
      KeySpec(
        "bfd", choice(UpstreamSwitch.self), default: "off", "BFD, which the upstream must have too."),
      KeySpec(
        "bgp_role", choice(FeatureUse.self), default: "auto",
        "The role of a customer (RFC 9234). `auto`: checked if the upstream states one; `required`: no session without; `off`: none is stated."
      ),
      KeySpec(
        "secret", .name,
        "The name of a file with the key of the session (TCP MD5); the key itself is never written here."),
    ])
}

/// The keys that a session gives a meaning.
private let sessionKeys = [
  "accept", "max_prefixes", "announce", "hops", "ttl_security", "bfd", "bgp_role", "secret",
]

func decodeUpstream(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> UpstreamDocument? {
  guard let reader = MappingReader(node, .upstream, &diagnostics) else { return nil }
  let name = reader.requiredName("name", &diagnostics)
  let device = reader.requiredName("device", &diagnostics)
  let sessionKey = sessionKeys.lazy.compactMap { key in reader.keyRange(key).map { (key, $0) } }.first
  let document = UpstreamDocument(
    name: name ?? Located(Name("unnamed")!, at: node.range),
    device: device ?? Located(Name("unnamed")!, at: node.range),
    asn: reader.asn("asn", &diagnostics), prefix: reader.prefix("prefix", &diagnostics),
    prefix6: reader.prefix("prefix6", &diagnostics), address: reader.address("address", &diagnostics),
    address6: reader.address("address6", &diagnostics), peer: reader.address("peer", &diagnostics),
    peer6: reader.address("peer6", &diagnostics), accept: reader.list("accept", &diagnostics, decodeAccepted),
    maximumPrefixes: reader.integer("max_prefixes", &diagnostics), announce: reader.choice("announce", &diagnostics),
    hops: reader.integer("hops", &diagnostics), ttlSecurity: reader.choice("ttl_security", &diagnostics),
    bfd: reader.choice("bfd", &diagnostics), bgpRole: reader.choice("bgp_role", &diagnostics),
    secret: reader.secretName("secret", &diagnostics), sessionKey: sessionKey.map { (name: $0.0, range: $0.1) })
  return name == nil || device == nil ? nil : document
}

private func decodeAccepted(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> AcceptedDocument? {
  guard case .mapping = node.content else {
    return decodePrefix(node, nil, &diagnostics).map { AcceptedDocument(prefix: $0) }
  }
  guard let reader = MappingReader(node, .accepted, &diagnostics) else { return nil }
  let longest = reader.integer("longest", &diagnostics)
  if reader.node("longest") == nil { _ = reader.required("longest", &diagnostics) }
  guard let node = reader.required("prefix", &diagnostics), let prefix = decodePrefix(node, nil, &diagnostics) else {
    return nil
  }
  return AcceptedDocument(prefix: prefix, longest: longest)
}
