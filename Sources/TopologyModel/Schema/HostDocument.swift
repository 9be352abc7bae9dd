/// A host as written; a range of hosts is one document a host.
package struct HostDocument: Sendable {
  package var name: Located<Name>
  package var renamedFrom: Located<Name>?
  package var id: Located<Int>?
  package var address: Located<Address>?
  package var address6: Located<Address>?
  package var state: Located<HostState>?
  package var asn: Located<UInt32>?
  /// The VLANs that it is on; nil: all of its rack.
  package var vlans: Located<[Located<Name>]>?
  package var node: Located<NodeOperation>?
  /// The ToR's interface, or those of two ToRs; one name holds for both.
  package var torPorts: [Located<InterfaceName>] = []
  /// The key of the port was there but could not be read.
  package var lostTorPort = false
  package var settings: SettingsDocument
  package var endpoints: [EndpointDocument]
  package var blocks: [BlockDemandDocument] = []
  package var instance = InstanceDocument()
}

/// An endpoint that is known in advance.
package struct EndpointDocument: Sendable {
  package var name: Located<Name>
  package var tenant: Located<Name>
  package var segment: Located<Name>
  package var id: Located<Int>
  package var interface: Located<InterfaceName>?
  package var network: Located<Name>?
  package var range: SourceRange
}

extension ObjectSpec {
  static let endpoint = ObjectSpec(
    "endpoint", phrase: "an endpoint",
    "An endpoint that is known in advance: its address is bound to its interface.",
    [
      KeySpec("name", .name, required: true, "The name of the endpoint, unique on its host."),
      KeySpec("tenant", .name, required: true, "The tenant that it belongs to."),
      KeySpec("segment", .name, required: true, "The segment of that tenant."),
      KeySpec(
        "id", .integer(0...Int.max), required: true,
        "The id; 0 to 2 are network, gateway and DHCP. In a network of blocks it counts through the addresses of the segment's blocks on the host, from 0 on."
      ),
      KeySpec(
        "interface", .interface, "Its interface on the host; only its own addresses may come from there."),
      KeySpec(
        "network", .name,
        "The network of its address; absent: of each family the one with the lowest prefix that the tenant may use."
      ),
    ])

  static let host = ObjectSpec(
    "host", phrase: "a host", "A host, or with `range` several that are alike.", oneOf: ["name", "range"],
    [
      KeySpec("name", .name, "The name of the host, unique in the fabric; or `range`."),
      KeySpec(
        "range", .pattern(#"^[^\[\]]*\[[0-9]+-[0-9]+\][^\[\]]*$"#, example: "h[03-40]"),
        "Several hosts: h03, h04 … h40; instead of `name`."),
      KeySpec("renamed_from", .name, "Its former name: the id and AS number are kept."),
      KeySpec("id", .integer(0...65535), "The id; absent: from the lock file, else the lowest free."),
      KeySpec("address", .address(.ipv4), "Its address; absent: from the rack's subnet by id."),
      KeySpec("address6", .address(.ipv6), "Its IPv6 address; absent: from the rack's subnet6 by id."),
      KeySpec("asn", .asn, "The AS number; absent: from the lock file, else the pool."),
      KeySpec(
        "state", choice(HostState.self), default: "active",
        "`drained`: the host keeps its ids and files but announces nothing, and nothing is routed to it."),
      KeySpec(
        "tor_port", .oneOrList(.pattern("^[^ ]+$", example: "swp3")),
        "The ToR's interface that leads to this host; needed for OSPF and unnumbered links. For a range of hosts a range of as many: `swp[3-40]`. With two ToRs one that holds for both, or a list of two."
      ),
      KeySpec(
        "vlans", .list(.name),
        "The VLANs that the host is on, of those that its rack carries; absent: all of them."),
      KeySpec(
        "node", choice(NodeOperation.self), default: "shared",
        "In a rack with VLANs: `shared`: the host has endpoints of several VLANs, tagged, and traffic between two of them goes to the gateway. `dedicated`: of one only, untagged."
      ),
      KeySpec("endpoints", .list(.object(endpoint)), "Endpoints that are known in advance."),
      KeySpec(
        "blocks", .list(.object(blockDemand)), "Room for endpoints in networks of blocks; with `range` for each host."),
      KeySpec(
        "eni", CloudIDKind.eni.type,
        "The id of the network interface of an EC2 instance; absent: a parameter of what is emitted, and scripts look it up by the address."
      ),
      KeySpec(
        "gateway", choice(Truth.self), default: "false",
        "Whether an EC2 instance may carry traffic of others. Where a zone has such, no other instance does."),
      KeySpec(
        "source_dest_check", choice(SourceDestCheck.self), default: "off",
        "EC2's check that an instance is the source or destination of every packet. `on` is an error: it would drop all traffic of endpoints."
      ),
    ] + settingKeys)
}

/// The most hosts that one range may stand for.
package let maximumRange = 65_536

/// Decodes a list of hosts, ranges expanded.
func decodeHosts(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> [HostDocument] {
  decodeList(node, &diagnostics) { node, diagnostics in decodeHost(node, &diagnostics) }.flatMap(\.self)
}

private func decodeHost(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> [HostDocument]? {
  guard var reader = MappingReader(node, .host, &diagnostics) else { return nil }
  let names = decodeHostNames(reader, &diagnostics)
  let template = HostDocument(
    name: names.first ?? Located(Name("unnamed")!, at: node.range),
    renamedFrom: reader.name("renamed_from", &diagnostics), id: reader.integer("id", &diagnostics),
    address: reader.address("address", &diagnostics), address6: reader.address("address6", &diagnostics),
    state: reader.choice("state", &diagnostics), asn: reader.asn("asn", &diagnostics),
    vlans: reader.names("vlans", &diagnostics).map { Located($0, at: reader.node("vlans")!.range) },
    node: reader.choice("node", &diagnostics),
    settings: decodeSettings(&reader, &diagnostics),
    endpoints: reader.list("endpoints", &diagnostics, decodeEndpoint),
    blocks: reader.list("blocks", &diagnostics, decodeBlockDemand), instance: decodeInstance(reader, &diagnostics))
  let ports = decodePorts(reader, names.count, &diagnostics)
  return names.enumerated().map { position, name in
    var host = template
    host.name = name
    host.torPorts = ports.compactMap { position < $0.count ? $0[position] : nil }
    host.lostTorPort = host.torPorts.isEmpty && reader.node("tor_port") != nil
    // These were refused beside a range; each host would repeat the error.
    if reader.node("range") != nil {
      (host.renamedFrom, host.id, host.address, host.address6, host.endpoints) = (nil, nil, nil, nil, [])
      host.instance.eni = nil
    }
    return host
  }
}

private func decodeHostNames(_ reader: MappingReader, _ diagnostics: inout Diagnostics) -> [Located<Name>] {
  guard let range = reader.node("range") else {
    return reader.requiredName("name", &diagnostics).map { [$0] } ?? []
  }
  for key in ["name", "id", "address", "address6", "renamed_from", "endpoints", "eni"] {
    if let keyRange = reader.keyRange(key) { diagnostics.add(.keyBesideRange(key, at: keyRange)) }
  }
  guard let text = decodeScalar(range, expected: "a range such as h[03-40]", &diagnostics) else { return [] }
  do {
    return try expandRange(text).map { Located($0, at: range.range) }
  } catch {
    diagnostics.add(.invalidRange(text, error, at: range.range))
    return []
  }
}

package enum RangeSyntaxError: Error, Equatable {
  case noBrackets, notNumbers, backwards, widths, tooMany, notNames
}

/// Expands `h[03-40]` to h03, h04 … h40. Numbers keep their width: with a leading zero both ends are equally wide.
package func expandRange(_ text: String) throws(RangeSyntaxError) -> [Name] {
  guard let open = text.firstIndex(of: "["), let close = text.lastIndex(of: "]"), open < close,
    text.filter({ $0 == "[" || $0 == "]" }).count == 2
  else { throw .noBrackets }
  let ends = text[text.index(after: open)..<close].split(separator: "-", omittingEmptySubsequences: false)
  let areDigits = ends.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
  guard ends.count == 2, areDigits, let low = Int(ends[0]), let high = Int(ends[1]) else { throw .notNumbers }
  guard low <= high else { throw .backwards }
  let isPadded = ends.contains { $0.count > 1 && $0.first == "0" }
  guard !isPadded || ends[0].count == ends[1].count else { throw .widths }
  guard high - low < maximumRange else { throw .tooMany }
  var names: [Name] = []
  names.reserveCapacity(high - low + 1)
  for number in low...high {
    let digits = String(number)
    let padding = isPadded ? String(repeating: "0", count: ends[0].count - digits.count) : ""
    guard let name = Name("\(text[..<open])\(padding)\(digits)\(text[text.index(after: close)...])") else {
      throw .notNames
    }
    names.append(name)
  }
  return names
}

/// The interfaces that lead to the hosts, for each ToR that one is named of: one name, or for a range of hosts a range of as
/// many.
private func decodePorts(
  _ reader: MappingReader, _ count: Int, _ diagnostics: inout Diagnostics
) -> [[Located<InterfaceName>]] {
  guard let node = reader.node("tor_port") else { return [] }
  guard case .sequence(let items) = node.content else { return [decodePorts(node, reader, count, &diagnostics)] }
  guard items.count == 2 else {
    diagnostics.add(.wrongPortList(at: node.range))
    return []
  }
  let ports = items.map { decodePorts($0, reader, count, &diagnostics) }
  return ports.contains(where: \.isEmpty) ? [] : ports
}

private func decodePorts(
  _ node: YAMLNode, _ reader: MappingReader, _ count: Int, _ diagnostics: inout Diagnostics
) -> [Located<InterfaceName>] {
  guard reader.node("range") != nil else { return decodeInterface(node, &diagnostics).map { [$0] } ?? [] }
  guard let text = decodeScalar(node, expected: "a range of interfaces such as swp[3-40]", &diagnostics) else {
    return []
  }
  // The brackets are those of a range of hosts, and every interface name is a name.
  guard let names = try? expandRange(text), case let ports = names.compactMap({ InterfaceName($0.text) }),
    ports.count == names.count
  else {
    diagnostics.add(.invalidPortRange(text, at: node.range))
    return []
  }
  if count > 0, ports.count != count { diagnostics.add(.wrongPortCount(ports.count, count, at: node.range)) }
  return ports.map { Located($0, at: node.range) }
}

private func decodeEndpoint(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> EndpointDocument? {
  guard let reader = MappingReader(node, .endpoint, &diagnostics) else { return nil }
  let name = reader.requiredName("name", &diagnostics)
  let tenant = reader.requiredName("tenant", &diagnostics)
  let segment = reader.requiredName("segment", &diagnostics)
  let id = reader.required("id", &diagnostics).flatMap { decodeInteger($0, 0...Int.max, &diagnostics) }
  let interface = reader.node("interface").flatMap { decodeInterface($0, &diagnostics) }
  let network = reader.name("network", &diagnostics)
  guard let name, let tenant, let segment, let id else { return nil }
  return EndpointDocument(
    name: name, tenant: tenant, segment: segment, id: id, interface: interface, network: network,
    range: node.range)
}

extension Diagnostic {
  static func keyBesideRange(_ key: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .conflictingKeys, "'\(key)' can't stand beside 'range': it would be the same for every host", at: range,
      help: ["write the host that needs it as an entry of its own"])
  }

  static func invalidRange(_ text: String, _ error: RangeSyntaxError, at range: SourceRange) -> Diagnostic {
    let reason =
      switch error {
      case .noBrackets: "a range has one pair of brackets"
      case .notNumbers: "the brackets hold two numbers with a '-' between"
      case .backwards: "the first number is larger than the second"
      case .widths: "with leading zeros both numbers have the same width"
      case .tooMany: "a range stands for at most \(maximumRange) hosts"
      case .notNames: "it makes names that are not allowed"
      }
    return Diagnostic(
      .invalidRange, "\(shown(text)) is not a range of hosts: \(reason)", at: range,
      help: ["write it as `range: \"h[03-40]\"`"])
  }

  static func invalidPortRange(_ text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidRange, "\(shown(text)) is not a range of interfaces", at: range,
      help: ["a range of hosts needs as many ports; write them as `tor_port: \"swp[3-40]\"`"])
  }

  static func wrongPortList(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidInterface, "expected one interface, or one of each of two ToRs", at: range,
      help: ["write `tor_port: swp1`, or `tor_port: [swp1, swp7]` in the order of the ToRs' ids"])
  }

  static func wrongPortCount(_ ports: Int, _ hosts: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidRange, "\(counted(ports, "port")) for \(counted(hosts, "host"))", at: range,
      help: ["give the range of ports as many numbers as the range of hosts has"])
  }

  static func reservedEndpoint(_ id: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .reservedEndpoint, "the endpoint id \(id) is reserved", at: range,
      notes: ["0 is the network, 1 the gateway, 2 DHCP"], help: ["use 3 or more"])
  }
}
