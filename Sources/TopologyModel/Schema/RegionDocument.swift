/// A region as written, or a continuation of it in an included file.
package struct RegionDocument: Sendable {
  package var name: Located<Name>
  package var renamedFrom: Located<Name>?
  package var id: Located<Int>?
  package var kind: Located<RegionKind>?
  package var settings: SettingsDocument
  package var spineBGP: Located<SpineBGP>?
  package var linkPool: Located<Prefix>?
  package var linkPool6: Located<Prefix>?
  package var fabricSecret: Located<Name>?
  package var fabricLinks: Located<LinkAddressing>?
  package var asnScope: Located<ASNScope>?
  package var links: [LinkDocument]
  package var spines: [SpineDocument]
  package var racks: [RackDocument]
  package var upstreams: [UpstreamDocument] = []
  /// Of an EC2 region.
  package var vpc: VPCDocument?
  /// The zones of an EC2 region; they become `racks` when the files of the region are joined.
  package var zones: [RackDocument] = []
  package var egress: Located<CloudEgress>?
  /// The keys that only one kind of region has, where they are.
  package var cloudKeys: [(key: String, range: SourceRange)] = []
  package var datacenterKeys: [(key: String, range: SourceRange)] = []
  /// Keys that only one of the files that write the region may have.
  package var soleKeys: [SourceRange]
}

/// The addresses of a link that the pool is not to choose.
package struct LinkDocument: Sendable {
  package var between: [Located<Name>]
  package var prefix: Located<Prefix>?
  package var prefix6: Located<Prefix>?
  /// In the order of `between`.
  package var interfaces: [Located<InterfaceName>]
  package var range: SourceRange
}

package struct SpineDocument: Sendable {
  package var name: Located<Name>
  package var renamedFrom: Located<Name>?
  package var id: Located<Int>?
  package var loopback: Located<Address>?
  package var asn: Located<UInt32>?
  package var system: Located<DeviceSystem>?
  package var maximumStaticRoutes: Located<Int>?
  /// Of a ToR: the addresses and the MTU of its links to hosts.
  package var subnet: Located<Prefix>?
  package var subnet6: Located<Prefix>?
  package var mtu: Located<Int>?

  package func subnet(_ family: AddressFamily) -> Located<Prefix>? { family == .ipv4 ? subnet : subnet6 }
}

package struct RackDocument: Sendable {
  package var name: Located<Name>
  package var renamedFrom: Located<Name>?
  package var id: Located<Int>?
  package var settings: SettingsDocument
  package var subnet: Located<Prefix>?
  package var subnet6: Located<Prefix>?
  package var tors: [SpineDocument]
  package var hosts: [HostDocument]
  package var pair: Located<PairKind>?
  package var fabricLinks: Located<LinkAddressing>?
  package var asnScope: Located<ASNScope>?
  package var vlans: [RackVLANDocument] = []
  /// Of an EC2 zone.
  package var zone: ZoneDocument?
  package var range: SourceRange

  package func subnet(_ family: AddressFamily) -> Located<Prefix>? { family == .ipv4 ? subnet : subnet6 }
}

/// How the two ToRs of a rack tell each other of its hosts.
package enum PairKind: String, Choice {
  case link, spines
}

extension ObjectSpec {
  static let link = ObjectSpec(
    "link", phrase: "a link",
    "Addresses of a link between switches that the pool is not to choose, or its interfaces. The spine has the even address; between the ToRs of a pair the one with the lower id.",
    [
      KeySpec("between", .list(.name), required: true, "The ToR and the spine, or the two ToRs of a rack."),
      KeySpec("prefix", .prefix(.ipv4), "A /31 (RFC 3021)."),
      KeySpec("prefix6", .prefix(.ipv6), "A /127 (RFC 6164)."),
      KeySpec(
        "interfaces", .list(.interface),
        "The interfaces of the link, in the order of `between`; needed for OSPF between ToRs and spines, and for unnumbered links."
      ),
    ])

  /// The keys that regions and racks have in common beside the settings of hosts.
  private static let rackKeys: [KeySpec] = [
    KeySpec(
      "fabric_links", choice(LinkAddressing.self), default: "numbered",
      "The links of ToRs to spines and to each other. `unnumbered`: without addresses, by interface (RFC 8950); needs BGP, and the names of the interfaces under `links`. On a rack: those of its ToRs."
    ),
    KeySpec(
      "asn_per", choice(ASNScope.self), default: "device",
      "What has an AS number of its own: each host and ToR, or the hosts of a `rack` together, and the two ToRs of dual-homed hosts together."
    ),
  ]

  private static let switchKeys: [KeySpec] = [
    KeySpec("name", .name, required: true, "The name of the device."),
    KeySpec("renamed_from", .name, "Its former name: the id, AS number and links are kept."),
    KeySpec("id", .integer(0...65535), "The id; absent: from the lock file, else the lowest free."),
    KeySpec("loopback", .address(.ipv4), required: true, "Its router id; no session runs on it."),
    KeySpec("asn", .asn, "The AS number; absent: from the lock file, else the pool."),
    KeySpec(
      "os", choice(DeviceSystem.self), default: "frr",
      "What it runs: `frr` for BGP or static routes; the others for static routes only. `eos` is Arista EOS, `nxos` Cisco NX-OS, `nvue` Cumulus Linux."
    ),
    KeySpec(
      "max_static_routes", .integer(1...1_000_000), "How many static routes it can hold; more is an error."),
  ]
  static let spine = ObjectSpec(
    "spine", phrase: "a spine",
    "A switch that connects the racks of a region. Spines of a region share an AS number unless told otherwise.",
    switchKeys)
  static let tor = ObjectSpec(
    "ToR", phrase: "a ToR", "A top-of-rack switch.",
    switchKeys + [
      KeySpec(
        "subnet", .prefix(.ipv4),
        "The addresses of its links to hosts; absent: the rack's `subnet`, or its half of that."),
      KeySpec("subnet6", .prefix(.ipv6), "The same for IPv6."),
      KeySpec(
        "mtu", .integer(1280...65535),
        "The MTU in bytes of its ports to hosts: that of hosts that state none. Another `mtu` of a host is an error."),
    ])

  static let rack = ObjectSpec(
    "rack", phrase: "a rack", "A rack: its switch and its hosts.",
    [
      KeySpec("name", .name, required: true, "The name of the rack, unique in its region."),
      KeySpec("renamed_from", .name, "Its former name: ids and prefixes are kept."),
      KeySpec("id", .integer(0...65535), "The id; absent: from the lock file, else the lowest free."),
      KeySpec(
        "subnet", .prefix(.ipv4),
        "The addresses of the hosts. With `access: l3` host id n and its ToR share the n-th /31: the ToR has the even, the host the odd address. Of two ToRs the one with the lower id has the first half, the other the second. With `access: l2` it is one segment: the first nine addresses are for gateways, then host id n has the n-th."
      ),
      KeySpec(
        "subnet6", .prefix(.ipv6), "The same for IPv6, with `access: l3` in /127s. Needed where an IPv6 network is."),
      KeySpec(
        "tors", .list(.object(tor)),
        "The top-of-rack switch; two, where every host has a link to each (dual-homed), or with `access: l2` where both are on the segment. Without any, which takes `access: l2`, the spines are the gateways of the segment, or there is none."
      ),
      KeySpec(
        "pair", choice(PairKind.self), default: "link",
        "How two ToRs tell each other of the hosts that they reach: over a `link` between them, or over the `spines`. Not with `access: l2`, where both are on the segment."
      ),
      KeySpec(
        "vlans", .list(.object(rackVLAN)),
        "The VLANs that its hosts are on, in place of `subnet` and `subnet6`; needs `access: l2` and one ToR, the gateway of each."
      ),
      KeySpec("hosts", .list(.object(host)), "The hosts."),
    ] + rackKeys + settingKeys)

  static let region = ObjectSpec(
    "region", phrase: "a region", "A data center or an EC2 region.",
    [
      KeySpec("name", .name, required: true, "The name of the region."),
      KeySpec("renamed_from", .name, "Its former name: ids and prefixes are kept."),
      KeySpec("id", .integer(0...65535), "The id; absent: from the lock file, else the lowest free."),
      KeySpec(
        "kind", choice(RegionKind.self), default: "datacenter", "Racks and switches, or EC2 instances."),
      KeySpec(
        "spine_bgp", choice(SpineBGP.self), default: "ebgp",
        "What the spines are to the ToRs. `ebgp`: a hop with an AS of its own. `route-reflector`: spines and ToRs share one AS, and the spines reflect the ToRs' routes (RFC 4456)."
      ),
      KeySpec("link_pool", .prefix(.ipv4), "Where the /31s of the links between switches come from."),
      KeySpec("link_pool6", .prefix(.ipv6), "Where their /127s come from."),
      KeySpec("links", .list(.object(link)), "Links whose addresses or interfaces are stated by hand."),
      KeySpec(
        "fabric_secret", .name,
        "The name of a file with the key that ToRs and spines authenticate BGP (TCP MD5) or OSPF with; no host may use the same."
      ),
      KeySpec(
        "spines", .list(.object(spine)),
        "The spines, or the routers between the segments of racks without ToRs; without any, the region has one rack."),
      KeySpec("racks", .list(.object(rack)), "The racks."),
      KeySpec(
        "upstreams", .list(.object(upstream)),
        "Routers outside of the fabric that lead to the rest of the world, and what each is told and believed about."),
      KeySpec("vpc", .object(vpc), "The VPC of an EC2 region."),
      KeySpec("zones", .list(.object(zone)), "The availability zones of an EC2 region, in place of racks."),
      KeySpec(
        "egress", choice(CloudEgress.self), default: "none",
        "How endpoints of an EC2 region reach what is outside the fabric. `none`: not at all. `routed`: with their own addresses; the VPC's tables lead the answers back. `snat`: with the address of their instance."
      ),
    ] + rackKeys + settingKeys)
}

func decodeRegion(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> RegionDocument? {
  guard var reader = MappingReader(node, .region, &diagnostics) else { return nil }
  let name = reader.requiredName("name", &diagnostics)
  let document = RegionDocument(
    name: name ?? Located(Name("unnamed")!, at: node.range),
    renamedFrom: reader.name("renamed_from", &diagnostics), id: reader.integer("id", &diagnostics),
    kind: reader.choice("kind", &diagnostics), settings: decodeSettings(&reader, &diagnostics),
    spineBGP: reader.choice("spine_bgp", &diagnostics), linkPool: reader.prefix("link_pool", &diagnostics),
    linkPool6: reader.prefix("link_pool6", &diagnostics),
    fabricSecret: reader.secretName("fabric_secret", &diagnostics),
    fabricLinks: reader.choice("fabric_links", &diagnostics), asnScope: reader.choice("asn_per", &diagnostics),
    links: reader.list("links", &diagnostics, decodeLink),
    spines: reader.list("spines", &diagnostics) { decodeSwitch($0, .spine, &$1) },
    racks: reader.list("racks", &diagnostics, decodeRack),
    upstreams: reader.list("upstreams", &diagnostics, decodeUpstream), vpc: decodeVPC(reader, &diagnostics),
    zones: reader.list("zones", &diagnostics, decodeZone), egress: reader.choice("egress", &diagnostics),
    cloudKeys: presentKeys(["vpc", "zones", "egress"], reader),
    datacenterKeys: presentKeys(datacenterKeys, reader), soleKeys: soleRegionKeys.compactMap { reader.keyRange($0) })
  return name == nil ? nil : document
}

/// What an EC2 region has no use for.
private let datacenterKeys = [
  "racks", "spines", "links", "link_pool", "link_pool6", "upstreams", "spine_bgp", "fabric_secret", "fabric_links",
  "asn_per",
]

private func presentKeys(_ keys: [String], _ reader: MappingReader) -> [(key: String, range: SourceRange)] {
  keys.compactMap { key in reader.keyRange(key).map { (key, $0) } }
}

/// What describes the region itself, and so belongs into one file.
private let soleRegionKeys =
  [
    "renamed_from", "id", "kind", "spine_bgp", "link_pool", "link_pool6", "fabric_secret", "fabric_links", "asn_per",
    "vpc", "egress",
  ]
  + ObjectSpec.settingKeys.map(\.name)

private func decodeLink(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> LinkDocument? {
  guard let reader = MappingReader(node, .link, &diagnostics) else { return nil }
  guard let ends = reader.required("between", &diagnostics) else { return nil }
  let between = decodeList(ends, &diagnostics, decodeName)
  let prefix = reader.prefix("prefix", &diagnostics)
  let prefix6 = reader.prefix("prefix6", &diagnostics)
  let interfaces = reader.list("interfaces", &diagnostics) { decodeInterface($0, &$1) }
  if let node = reader.node("interfaces"), case .sequence(let items) = node.content, items.count != 2 {
    diagnostics.add(.linkInterfaces(at: node.range))
  }
  if ["prefix", "prefix6", "interfaces"].allSatisfy({ reader.node($0) == nil }) {
    diagnostics.add(.linkWithoutPrefix(at: node.range))
  }
  for prefix in [prefix, prefix6].compactMap(\.self) where prefix.value.hostBitCount != 1 {
    diagnostics.add(.linkLength(prefix.value, at: prefix.range))
    return nil
  }
  guard between.count == 2 else {
    diagnostics.add(.linkEnds(at: ends.range))
    return nil
  }
  return LinkDocument(between: between, prefix: prefix, prefix6: prefix6, interfaces: interfaces, range: node.range)
}

private func decodeSwitch(
  _ node: YAMLNode, _ spec: ObjectSpec, _ diagnostics: inout Diagnostics
) -> SpineDocument? {
  guard let reader = MappingReader(node, spec, &diagnostics) else { return nil }
  let name = reader.requiredName("name", &diagnostics)
  _ = reader.required("loopback", &diagnostics)
  let loopback = reader.address("loopback", &diagnostics)
  let renamedFrom = reader.name("renamed_from", &diagnostics)
  let id = reader.integer("id", &diagnostics)
  let asn = reader.asn("asn", &diagnostics)
  let system: Located<DeviceSystem>? = reader.choice("os", &diagnostics)
  let maximum = reader.integer("max_static_routes", &diagnostics)
  let isToR = spec.name == ObjectSpec.tor.name
  let subnet = isToR ? reader.prefix("subnet", &diagnostics) : nil
  let subnet6 = isToR ? reader.prefix("subnet6", &diagnostics) : nil
  let mtu = isToR ? reader.integer("mtu", &diagnostics) : nil
  guard let name else { return nil }
  return SpineDocument(
    name: name, renamedFrom: renamedFrom, id: id, loopback: loopback, asn: asn, system: system,
    maximumStaticRoutes: maximum, subnet: subnet, subnet6: subnet6, mtu: mtu)
}

private func decodeRack(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> RackDocument? {
  guard var reader = MappingReader(node, .rack, &diagnostics) else { return nil }
  let name = reader.requiredName("name", &diagnostics)
  if let tors = reader.node("tors"), case .sequence(let items) = tors.content, items.count > 2 {
    diagnostics.add(.tooManyToRs(items.count, at: items[2].range))
  }
  let rack = RackDocument(
    name: name ?? Located(Name("unnamed")!, at: node.range),
    renamedFrom: reader.name("renamed_from", &diagnostics), id: reader.integer("id", &diagnostics),
    settings: decodeSettings(&reader, &diagnostics), subnet: reader.prefix("subnet", &diagnostics),
    subnet6: reader.prefix("subnet6", &diagnostics),
    // Of more than two, which was reported, the first two stay.
    tors: Array(reader.list("tors", &diagnostics) { decodeSwitch($0, .tor, &$1) }.prefix(2)),
    hosts: reader.node("hosts").map { decodeHosts($0, &diagnostics) } ?? [],
    pair: reader.choice("pair", &diagnostics), fabricLinks: reader.choice("fabric_links", &diagnostics),
    asnScope: reader.choice("asn_per", &diagnostics),
    vlans: reader.list("vlans", &diagnostics, decodeRackVLAN), range: node.range)
  return name == nil ? nil : rack
}

extension Diagnostic {
  static func linkLength(_ prefix: Prefix, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidPrefix, "a link takes a /\(prefix.family.bitWidth - 1), not a /\(prefix.length)", at: range,
      help: ["did you mean \(Prefix(containing: prefix.address, length: prefix.family.bitWidth - 1))?"])
  }

  static func linkWithoutPrefix(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .missingKey, "the link has none of 'prefix', 'prefix6' and 'interfaces'", at: range,
      help: ["add `prefix:` with a /31 or `prefix6:` with a /127, or remove the link: the pool gives it addresses"])
  }

  static func linkInterfaces(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .wrongKind, "a link has an interface at each end", at: range,
      help: ["write `interfaces: [INTERFACE, INTERFACE]` in the order of `between:`"])
  }

  static func linkEnds(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .wrongKind, "a link has two ends", at: range, help: ["write `between: [TOR, SPINE]`, or the two ToRs of a rack"])
  }
}
