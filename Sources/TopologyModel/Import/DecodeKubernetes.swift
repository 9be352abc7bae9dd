/// A NetworkPolicy (networking.k8s.io/v1) with its selectors resolved to tenants and segments.
struct KubernetesPolicy {
  var namespace: Name
  var name: Name
  /// The pods that it is about; it isolates them in each direction that has rules, even if there are none in the list.
  var selected: [ImportedPeer]
  var ingress: [KubernetesRule]?
  var egress: [KubernetesRule]?
}

/// Traffic that a policy allows: any of the peers, any of the services.
struct KubernetesRule {
  /// Counted from 1, as messages and comments name it.
  var number: Int
  var peers: [ImportedPeer]
  var services: [ServiceMatch]
}

/// Reads NetworkPolicies.
struct KubernetesReader {
  let options: PolicyImportOptions
  let selectors: SelectorReader

  init(_ options: PolicyImportOptions, _ namespaces: [KubernetesNamespace]) {
    self.options = options
    selectors = SelectorReader(options: options, namespaces: namespaces)
  }

  func decode(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> KubernetesPolicy? {
    let before = diagnostics.errorCount
    guard let reader = MappingReader(node, .networkPolicy, &diagnostics),
      let metadata = reader.required("metadata", &diagnostics).flatMap({ KubernetesMetadata($0, &diagnostics) }),
      let written = reader.required("spec", &diagnostics),
      let spec = MappingReader(written, .networkPolicySpec, &diagnostics)
    else { return nil }
    guard let namespace = metadata.namespace ?? options.namespace.map({ Located($0, at: metadata.name.range) }) else {
      if diagnostics.errorCount == before { diagnostics.add(.withoutNamespace(metadata.name)) }
      return nil
    }
    let segments = selectors.segments(spec.present("podSelector"), &diagnostics)
    let types = policyTypes(spec, &diagnostics)
    var ingress: [KubernetesRule]?
    if types.contains("Ingress") {
      ingress = rules(spec, "ingress", "from", .ingressRule, namespace, &diagnostics)
    } else if let node = spec.present("ingress") {
      diagnostics.add(.rulesWithoutType("ingress", "Ingress", at: node.range))
    }
    var egress: [KubernetesRule]?
    if types.contains("Egress") {
      egress = rules(spec, "egress", "to", .egressRule, namespace, &diagnostics)
    } else if let node = spec.present("egress") {
      diagnostics.add(.rulesWithoutType("egress", "Egress", at: node.range))
    }
    let selected = segments.map { peers(.some([namespace]), $0, &diagnostics) }
    guard let selected, diagnostics.errorCount == before else { return nil }
    let fitting = fittingName(metadata.name.value)
    let name = Name(String(fitting.prefix(63))) ?? Name("policy")!
    if name.text != metadata.name.value { diagnostics.add(.nameChanged(metadata.name, to: name)) }
    return KubernetesPolicy(
      namespace: namespace.value, name: name,
      selected: withoutHeld(selected), ingress: ingress, egress: egress)
  }

  /// Without the key: ingress, and egress if there are rules for it.
  private func policyTypes(_ spec: MappingReader, _ diagnostics: inout Diagnostics) -> Set<String> {
    guard let items = spec.items("policyTypes", &diagnostics), !items.isEmpty else {
      let hasEgress = spec.items("egress", &diagnostics).map { !$0.isEmpty } ?? false
      return hasEgress ? ["Ingress", "Egress"] : ["Ingress"]
    }
    var types: Set<String> = []
    for item in items {
      guard let text = decodeText(item, &diagnostics) else { continue }
      if ["Ingress", "Egress"].contains(text.value) {
        types.insert(text.value)
      } else {
        diagnostics.add(.invalidChoice(text.value, "policyTypes", ["Ingress", "Egress"], at: text.range))
      }
    }
    return types
  }

  private func rules(
    _ spec: MappingReader, _ key: String, _ peerKey: String, _ form: ObjectSpec, _ namespace: Located<Name>,
    _ diagnostics: inout Diagnostics
  ) -> [KubernetesRule] {
    var rules: [KubernetesRule] = []
    for (index, item) in (spec.items(key, &diagnostics) ?? []).enumerated() {
      guard let reader = MappingReader(item, form, &diagnostics) else { continue }
      let written = reader.items(peerKey, &diagnostics) ?? []
      let peers = written.isEmpty ? [.any] : written.flatMap { peer($0, namespace, &diagnostics) }
      let ports = reader.items("ports", &diagnostics) ?? []
      let services = ports.isEmpty ? [.any] : ports.compactMap { port($0, &diagnostics) }
      rules.append(KubernetesRule(number: index + 1, peers: withoutHeld(peers), services: services))
    }
    return rules
  }

  private func peer(
    _ node: YAMLNode, _ namespace: Located<Name>, _ diagnostics: inout Diagnostics
  ) -> [ImportedPeer] {
    guard let reader = MappingReader(node, .networkPolicyPeer, &diagnostics) else { return [] }
    let (pods, namespaces) = (reader.present("podSelector"), reader.present("namespaceSelector"))
    if let block = reader.present("ipBlock") {
      if pods != nil || namespaces != nil { diagnostics.add(.blockWithSelector(at: block.range)) }
      return self.block(block, &diagnostics)
    }
    guard pods != nil || namespaces != nil else {
      diagnostics.add(.emptyPeer(at: node.range))
      return []
    }
    let segments = selectors.segments(pods, &diagnostics)
    let tenants: NameChoice? =
      if let namespaces { selectors.tenants(namespaces, &diagnostics) } else { NameChoice.some([namespace]) }
    guard let segments, let tenants else { return [] }
    return peers(tenants, segments, &diagnostics)
  }

  /// Every segment of every tenant that was chosen; with a topology at hand they must exist.
  private func peers(
    _ tenants: NameChoice, _ segments: NameChoice, _ diagnostics: inout Diagnostics
  ) -> [ImportedPeer] {
    tenants.each.flatMap { tenant in
      segments.each.map { segment in
        options.fabric?.check(tenant, segment, &diagnostics)
        return .endpoints(tenant: tenant?.value, segment: segment?.value)
      }
    }
  }

  private func block(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> [ImportedPeer] {
    guard let reader = MappingReader(node, .ipBlock, &diagnostics),
      let cidr = reader.required("cidr", &diagnostics).flatMap({ decodePrefix($0, nil, &diagnostics) })
    else { return [] }
    var rest = [cidr.value]
    for item in reader.items("except", &diagnostics) ?? [] {
      guard let except = decodePrefix(item, nil, &diagnostics) else { continue }
      guard cidr.value.contains(except.value), cidr.value != except.value else {
        diagnostics.add(.exceptOutside(except, cidr))
        continue
      }
      rest = rest.flatMap { $0.subtracting(except.value) }
    }
    if rest.isEmpty { diagnostics.add(.selectsNothing("address", at: node.range)) }
    return aggregatePrefixes(rest).map { .cidr($0) }
  }

  private func port(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> ServiceMatch? {
    guard let reader = MappingReader(node, .networkPolicyPort, &diagnostics) else { return nil }
    var proto = PortProtocol.tcp
    if let written = reader.present("protocol") {
      guard let text = decodeText(written, &diagnostics) else { return nil }
      guard let known = PortProtocol.allCases.first(where: { $0.rawValue.uppercased() == text.value }) else {
        diagnostics.add(.invalidChoice(text.value, "protocol", ["TCP", "UDP", "SCTP"], at: text.range))
        return nil
      }
      proto = known
    }
    guard let first = reader.present("port") else {
      if let last = reader.present("endPort") { diagnostics.add(.endPortAlone(at: last.range)) }
      return .ports(proto, nil)
    }
    guard case .scalar(let text, let isPlain) = first.content, isPlain, isDecimal(text) else {
      diagnostics.add(.namedPort(at: first.range))
      return nil
    }
    guard let low = decodeInteger(first, 1...65535, &diagnostics)?.value else { return nil }
    guard let last = reader.present("endPort") else { return .ports(proto, UInt16(low)...UInt16(low)) }
    guard let high = decodeInteger(last, 1...65535, &diagnostics)?.value else { return nil }
    guard low <= high else {
      diagnostics.add(
        .invalidService("\(proto.rawValue)/\(low)-\(high)", .reversed(low: "\(high)", high: "\(low)"), at: last.range))
      return nil
    }
    return .ports(proto, UInt16(low)...UInt16(high))
  }
}

extension ImportFabric {
  /// Reports a tenant or segment that the topology does not have.
  func check(_ tenant: Located<Name>?, _ segment: Located<Name>?, _ diagnostics: inout Diagnostics) {
    var known = segments.reduce(into: [Name: Int]()) { $0.merge($1) { first, _ in first } }
    if let tenant {
      guard let index = lookUp(tenant, "tenant", in: tenants, &diagnostics) else { return }
      known = segments[index]
    }
    guard let segment else { return }
    _ = lookUp(segment, "segment", of: tenant.map { "tenant '\($0.value)'" } ?? "any tenant", in: known, &diagnostics)
  }
}
