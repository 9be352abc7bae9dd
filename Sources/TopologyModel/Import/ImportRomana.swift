/// Romana's policy documents: the first form has `peers` and `rules` in the policy, the second a list `ingress` of them.
/// Both allow; what they do not allow is left to the isolation of tenants, as here.
extension ObjectSpec {
  static let romanaPolicies = ObjectSpec(
    "securitypolicies", phrase: "a document of policies", "", [KeySpec("securitypolicies", .text, "")])

  static let romanaPolicy = ObjectSpec(
    "policy", phrase: "a policy of Romana", "",
    [
      KeySpec("direction", .text, required: true, "Romana's documents have `ingress` here."),
      KeySpec("applied_to", .text, required: true, "Who is reached."),
    ]
      + [
        "name", "id", "external_id", "description", "peers", "rules", "ingress", "datacenter", "tags",
      ].map { KeySpec($0, .text, "") })

  static let romanaIngress = ObjectSpec(
    "ingress", phrase: "an item of `ingress`", "", ["peers", "rules"].map { KeySpec($0, .text, "") })

  static let romanaEndpoint = ObjectSpec(
    "endpoint", phrase: "an entry of `applied_to` or `peers`", "",
    [
      "peer", "cidr", "dest", "tenant", "tenant_id", "tenant_external_id", "tenant_network_id", "segment",
      "segment_id", "segment_external_id", "segment_network_id",
    ].map { KeySpec($0, .text, "") })

  static let romanaRule = ObjectSpec(
    "rule", phrase: "a rule of Romana", "",
    [KeySpec("protocol", .text, required: true, "It is tcp, udp, icmp or any.")]
      + ["ports", "port_ranges", "icmp_type", "icmp_code", "is_stateful"].map { KeySpec($0, .text, "") })
}

/// One policy of Romana: a policy for each list of peers with their rules.
func importRomanaPolicy(
  _ node: YAMLNode, _ options: PolicyImportOptions, _ names: inout ImportedNames, _ diagnostics: inout Diagnostics
) -> [ImportedPolicy] {
  let before = diagnostics.errorCount
  guard let reader = MappingReader(node, .romanaPolicy, &diagnostics) else { return [] }
  let romana = RomanaReader(fabric: options.fabric)
  if let direction = reader.required("direction", &diagnostics).flatMap({ decodeText($0, &diagnostics) }),
    direction.value.lowercased() != "ingress"
  {
    diagnostics.add(.romanaDirection(direction))
  }
  let written = ["name", "external_id", "id"].lazy.compactMap { reader.present($0) }.first
  if written == nil { diagnostics.add(.missingKey("name", in: .romanaPolicy, at: node.range)) }
  let name = written.flatMap { decodeText($0, &diagnostics) }
  let description = reader.present("description").flatMap { decodeText($0, &diagnostics) }
  var parts: [(peers: [ImportedPeer], services: [ServiceMatch])] = []
  let targets = romana.targets(reader, &diagnostics)
  if let items = reader.items("ingress", &diagnostics) {
    for key in ["peers", "rules"] where reader.present(key) != nil {
      diagnostics.add(.bothRomanaForms(key, at: reader.keyRange(key) ?? node.range))
    }
    for item in items {
      if let part = MappingReader(item, .romanaIngress, &diagnostics) { parts.append(romana.part(part, &diagnostics)) }
    }
  } else {
    parts.append(romana.part(reader, &diagnostics))
  }
  guard diagnostics.errorCount == before, let name else { return [] }
  let comment = description.flatMap { fittingComment($0, &diagnostics) }
  var result: [ImportedPolicy] = []
  for (index, part) in parts.enumerated() where !part.peers.isEmpty && !targets.isEmpty {
    let made = names.make(name.value, parts.count == 1 ? "" : ".\(index + 1)")
    if !made.text.hasPrefix(name.value) { diagnostics.addOnce(.nameChanged(name, to: made)) }
    result.append(
      ImportedPolicy(
        name: made, origin: [.word("policy of Romana")], description: comment, priority: options.priority,
        from: part.peers, to: targets, services: part.services))
  }
  return result
}

/// The description as a comment may have it; with a warning if it had to be changed.
private func fittingComment(_ text: Located<String>, _ diagnostics: inout Diagnostics) -> CommentText? {
  if let comment = CommentText(text.value) { return comment }
  var fitting = ""
  for scalar in text.value.unicodeScalars {
    let isFine = CommentText.firstRefused(in: String(scalar)) == nil
    if isFine { fitting.unicodeScalars.append(scalar) } else { fitting += " " }
  }
  let words = fitting.split(separator: " ").joined(separator: " ").prefix(CommentText.maximumBytes)
  let comment = CommentText(String(words.last == " " ? words.dropLast() : words))
  diagnostics.add(.descriptionChanged(text, to: comment))
  return comment
}

private struct RomanaReader {
  let fabric: ImportFabric?

  /// Who is reached; what needs no policy is left out with a warning.
  func targets(_ reader: MappingReader, _ diagnostics: inout Diagnostics) -> [ImportedPeer] {
    guard let written = reader.required("applied_to", &diagnostics) else { return [] }
    let items = decodeList(written, &diagnostics) { node, _ in node }
    if items.isEmpty { diagnostics.add(.emptyList(at: written.range)) }
    return withoutHeld(
      items.compactMap { item -> ImportedPeer? in
        guard let reader = MappingReader(item, .romanaEndpoint, &diagnostics) else { return nil }
        guard let dest = reader.present("dest").flatMap({ decodeText($0, &diagnostics) }) else {
          return endpoints(reader, &diagnostics)
        }
        switch dest.value.lowercased() {
        case "host": return .localHost
        case "local":
          diagnostics.add(.needlessRomanaPeer("dest", dest))
          return nil
        default:
          diagnostics.add(.invalidChoice(dest.value, "dest", ["host", "local"], at: dest.range))
          return nil
        }
      })
  }

  func part(
    _ reader: MappingReader, _ diagnostics: inout Diagnostics
  ) -> (peers: [ImportedPeer], services: [ServiceMatch]) {
    let peers = (required(reader, "peers", &diagnostics)).compactMap { peer($0, &diagnostics) }
    let services = (required(reader, "rules", &diagnostics)).flatMap { rule($0, &diagnostics) }
    return (withoutHeld(peers), services)
  }

  /// The items of a list that must have some: Romana gives an empty one no meaning.
  private func required(_ reader: MappingReader, _ key: String, _ diagnostics: inout Diagnostics) -> [YAMLNode] {
    guard let items = reader.items(key, &diagnostics) else {
      diagnostics.add(
        Diagnostic(
          .missingKey, "the key '\(key)' is missing in \(reader.spec.phrase)",
          at: SourceRange(file: reader.range.file, start: Int(reader.range.start), end: Int(reader.range.start) + 1),
          help: [key == "peers" ? "add `peers:`; [{ \"peer\": \"any\" }] is everyone" : "add `rules:`"]))
      return []
    }
    if items.isEmpty, let node = reader.present(key) { diagnostics.add(.emptyList(at: node.range)) }
    return items
  }

  private func peer(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> ImportedPeer? {
    guard let reader = MappingReader(node, .romanaEndpoint, &diagnostics) else { return nil }
    guard let peer = reader.present("peer").flatMap({ decodeText($0, &diagnostics) }) else {
      return endpoints(reader, &diagnostics)
    }
    switch peer.value.lowercased() {
    // To the host itself only its own endpoints can be meant.
    case "any", "local": return .any
    case "host":
      diagnostics.add(.needlessRomanaPeer("peer", peer))
      return nil
    default:
      diagnostics.add(.invalidChoice(peer.value, "peer", ["any", "host", "local"], at: peer.range))
      return nil
    }
  }

  private func endpoints(_ reader: MappingReader, _ diagnostics: inout Diagnostics) -> ImportedPeer? {
    if let written = reader.present("cidr") {
      for key in ["tenant", "tenant_id", "segment", "segment_id"] where reader.present(key) != nil {
        diagnostics.add(.cidrBesideTenant(at: written.range))
      }
      return decodePrefix(written, nil, &diagnostics).map { .cidr($0.value) }
    }
    let tenant = name(reader, "tenant", &diagnostics)
    let segment = name(reader, "segment", &diagnostics)
    guard let tenant else {
      let keys = ["tenant_external_id", "tenant_network_id", "tenant_id"].compactMap { reader.keyRange($0) }
      if let first = keys.first {
        diagnostics.add(.romanaNumber("tenant", at: first))
      } else {
        diagnostics.add(.emptyRomanaPeer(at: reader.range))
      }
      return nil
    }
    let segmentKeys = ["segment_external_id", "segment_network_id", "segment_id"].compactMap { reader.keyRange($0) }
    if segment == nil, let first = segmentKeys.first {
      diagnostics.add(.romanaNumber("segment", at: first))
      return nil
    }
    fabric?.check(tenant, segment, &diagnostics)
    return .endpoints(tenant: tenant.value, segment: segment?.value)
  }

  /// `tenant` of the first form, or `tenant_id` of the second, where it is a name; in the first it is a number of
  /// Romana's own, as are the other ids.
  private func name(_ reader: MappingReader, _ key: String, _ diagnostics: inout Diagnostics) -> Located<Name>? {
    if let node = reader.present(key) { return decodeName(node, &diagnostics) }
    guard let node = reader.present(key + "_id") else { return nil }
    if case .scalar(let text, isPlain: true) = node.content, isDecimal(text) { return nil }
    return decodeName(node, &diagnostics)
  }

  private func rule(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> [ServiceMatch] {
    guard let reader = MappingReader(node, .romanaRule, &diagnostics),
      let proto = reader.required("protocol", &diagnostics).flatMap({ decodeText($0, &diagnostics) })
    else { return [] }
    if let stateful = reader.present("is_stateful"), case .scalar("false", _) = stateful.content {
      diagnostics.add(.statelessRule(at: stateful.range))
    }
    let word = proto.value.lowercased().split(separator: " ").joined()
    let isPort = word == "tcp" || word == "udp"
    for key in isPort ? ["icmp_type", "icmp_code"] : ["ports", "port_ranges"] {
      guard let value = reader.present(key), !isZeroOrEmpty(value) else { continue }
      diagnostics.add(.fieldOfOtherProtocol(key, word, at: reader.keyRange(key) ?? value.range))
    }
    switch word {
    case "any": return [.any]
    case "icmp": return icmp(reader, &diagnostics)
    case "tcp", "udp": return ports(reader, word == "tcp" ? .tcp : .udp, &diagnostics)
    default:
      diagnostics.add(.invalidChoice(proto.value, "protocol", ["tcp", "udp", "icmp", "any"], at: proto.range))
      return []
    }
  }

  private func isZeroOrEmpty(_ node: YAMLNode) -> Bool {
    switch node.content {
    case .scalar(let text, _): text == "0"
    case .sequence(let items): items.isEmpty
    case .mapping: false
    }
  }

  private func icmp(_ reader: MappingReader, _ diagnostics: inout Diagnostics) -> [ServiceMatch] {
    if let code = reader.present("icmp_code"), !isZeroOrEmpty(code) { diagnostics.add(.icmpCode(at: code.range)) }
    guard let written = reader.present("icmp_type") else { return [.icmp(ipv4: 0...255, ipv6: 0...255)] }
    guard let type = decodeInteger(written, 0...254, &diagnostics) else { return [] }
    return [.icmp(ipv4: UInt8(type.value)...UInt8(type.value), ipv6: nil)]
  }

  private func ports(
    _ reader: MappingReader, _ proto: PortProtocol, _ diagnostics: inout Diagnostics
  ) -> [ServiceMatch] {
    let single = reader.items("ports", &diagnostics) ?? []
    let ranges = reader.items("port_ranges", &diagnostics) ?? []
    if single.isEmpty && ranges.isEmpty { return [.ports(proto, nil)] }
    let ports = single.compactMap { decodeInteger($0, 1...65535, &diagnostics)?.value }
    return ports.map { .ports(proto, UInt16($0)...UInt16($0)) } + ranges.compactMap { range($0, proto, &diagnostics) }
  }

  private func range(
    _ node: YAMLNode, _ proto: PortProtocol, _ diagnostics: inout Diagnostics
  ) -> ServiceMatch? {
    let before = diagnostics.errorCount
    let ends = decodeList(node, &diagnostics) { decodeInteger($0, 1...65535, &$1)?.value }
    guard diagnostics.errorCount == before else { return nil }
    guard ends.count == 2, ends[0] <= ends[1] else {
      diagnostics.add(.portRange(at: node.range))
      return nil
    }
    return .ports(proto, UInt16(ends[0])...UInt16(ends[1]))
  }
}
