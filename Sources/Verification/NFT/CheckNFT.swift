import TopologyModel

/// Finds the packet filter of a plan in a file for `nft -f`: sets with their elements, chains, rules and their order.
func checkNFT(
  _ bytes: [UInt8], _ device: DevicePlan, _ network: NetworkPlan
) throws(ParseFailure) -> [Finding] {
  _ = try TextFile(bytes, comment: "#", of: device)
  let file = try parseNFT(bytes)
  guard let own = device.firewall?.nft else { return [Finding("the device has no table of nftables")] }
  let (sets, chains) = (own.sets + network.sharedNFT.sets, own.chains + network.sharedNFT.chains)
  var findings = compareSets(
    expected: sets.map(\.name.text), found: file.sets.map { ($0.name, $0.line) }, "set")
  findings += compareSets(
    expected: chains.map(\.name.text), found: file.chains.map { ($0.name, $0.line) }, "chain")
  for set in sets {
    guard let found = file.set(set.name.text) else { continue }
    findings += check(found, against: set)
  }
  for chain in chains {
    guard let found = file.chain(chain.name.text) else { continue }
    let hook: FilterHook? =
      switch chain.hook?.place {
      case .input: .input
      case .forward: .forward
      case .prerouting, .postrouting, nil: nil
      }
    findings += compareValues(
      chain.hook?.place == .prerouting, found.marks, "whether \(found.name) marks packets", line: found.line)
    findings += compareValues(
      chain.hook?.place == .postrouting, found.translates, "whether \(found.name) gives packets another source",
      line: found.line)
    findings += compareValues(hook, found.hook, "the hook of \(found.name)", line: found.line)
    findings += compareValues(
      chain.hook?.dropsByDefault ?? false, found.dropsByDefault, "whether \(found.name) drops by default",
      line: found.line)
    findings += compareLists(
      expected: chain.rules.map(value), found: found.rules.map { (value: $0.rule, line: $0.line) },
      "rule in \(found.name)")
  }
  return findings
}

private func check(_ found: ReadSet, against set: NFTSet) -> [Finding] {
  var findings = compareValues(set.isMap, found.isMap, "whether \(found.name) is a map", line: found.line)
  findings += compareValues(set.key.map(type), found.types, "the key of \(found.name)", line: found.line)
  findings += compareValues(
    set.isInterval, found.isInterval, "whether \(found.name) has ranges", line: found.line)
  findings += compareValues(
    set.hasCounters, found.hasCounters, "whether \(found.name) has counters", line: found.line)
  let expected = set.elements.map { element in
    ReadElement(
      fields: element.key.map(range), comment: element.comment.map(text), verdict: element.verdict.map(value))
  }
  return findings
    + compareSets(
      expected: expected, found: found.elements.map { ($0, found.line) }, "element of \(found.name)")
}

private func type(_ type: NFTType) -> NFTKeyType {
  switch type {
  case .address(.ipv4): .ipv4
  case .address(.ipv6): .ipv6
  case .interface: .interface
  case .proto: .proto
  case .port: .port
  case .icmp(.ipv4): .icmp
  case .icmp(.ipv6): .icmpv6
  }
}

private func range(_ value: NFTValue) -> FieldRange {
  switch value {
  case .address(let address): .numbers(address.bits, address.bits)
  case .addresses(let first, let last): .numbers(first.bits, last.bits)
  case .prefix(let prefix): range(prefix)
  case .interface(let name): .name(name.text)
  case .numbers(let range): .numbers(UInt128(range.lowerBound), UInt128(range.upperBound))
  }
}

private func range(_ prefix: Prefix) -> FieldRange {
  .numbers(prefix.address.bits, prefix.lastAddress.bits)
}

/// What a rule of the plan must read like.
private func value(_ rule: NFTRule) -> NFTRuleValue {
  let action: NFTReadAction =
    switch rule.action {
    case .verdict(let verdict): .verdict(value(verdict))
    case .lookup(let selectors, let map): .lookup(selectors.map(selector), map.text)
    case .mark(let mark): .mark(mark, mask: 0xffff_0000)
    case .masquerade: .masquerade
    case .clampMSS: .clampMSS
    }
  return NFTRuleValue(
    matches: rule.conditions.flatMap(matches), action: action, comment: rule.comment.map(text))
}

private func value(_ verdict: NFTVerdict) -> NFTReadVerdict {
  switch verdict {
  case .accept: .accept
  case .drop: .drop
  case .return: .return
  case .jump(let chain): .jump(chain.text)
  case .goto(let chain): .goto(chain.text)
  }
}

private func selector(_ selector: NFTSelector) -> ReadSelector {
  switch selector {
  case .source(let family, let mask): ReadSelector(field: family == .ipv4 ? .source4 : .source6, mask: mask)
  case .destination(let family, let mask):
    ReadSelector(field: family == .ipv4 ? .destination4 : .destination6, mask: mask)
  case .input: ReadSelector(field: .input)
  case .proto: ReadSelector(field: .proto)
  case .destinationPort: ReadSelector(field: .port)
  case .icmpType(let family): ReadSelector(field: family == .ipv4 ? .icmpType : .icmpv6Type)
  }
}

private func matches(_ condition: NFTCondition) -> [NFTMatch] {
  func match(_ field: ReadSelector.Field, _ values: [FieldRange], mask: UInt128? = nil) -> NFTMatch {
    NFTMatch(selectors: [ReadSelector(field: field, mask: mask)], operand: .values(values))
  }
  func number(_ number: some BinaryInteger) -> FieldRange { .numbers(UInt128(number), UInt128(number)) }
  func address(_ address: AddressMatch, _ fields: (ReadSelector.Field, ReadSelector.Field)) -> NFTMatch {
    let field = address.family == .ipv4 ? fields.0 : fields.1
    if let prefix = address.prefix { return match(field, [range(prefix)]) }
    return match(field, [number(address.value.bits)], mask: address.mask)
  }
  switch condition {
  case .input(let pattern):
    let text = pattern.text
    return [match(.input, [text.hasSuffix("+") ? .beginning(String(text.dropLast())) : .name(text)])]
  case .inputs(let names): return [match(.input, names.map { .name($0.text) })]
  case .source(let source): return [address(source, (.source4, .source6))]
  case .destination(let destination): return [address(destination, (.destination4, .destination6))]
  case .sources(let prefixes):
    return [match(prefixes.first?.family == .ipv6 ? .source6 : .source4, prefixes.map(range))]
  case .contained(let selectors, let set):
    return [NFTMatch(selectors: selectors.map(selector), operand: .set(set.text))]
  case .established: return [match(.state, [number(2), number(4)])]
  case .family(let family): return [match(.family, [number(family == .ipv4 ? 2 : 10)])]
  case .proto(let proto): return [match(.proto, [number(proto)])]
  case .protos(let protos): return [match(.proto, protos.map { number($0) })]
  case .icmpTypes(let family, let types):
    return [match(family == .ipv4 ? .icmpType : .icmpv6Type, types.map { number($0) })]
  case .ports(let proto, let ports):
    let field: ReadSelector.Field =
      switch proto {
      case .tcp: .tcpDestination
      case .udp: .udpDestination
      case .sctp: .sctpDestination
      }
    return [match(field, ports.map { .numbers(UInt128($0.lowerBound), UInt128($0.upperBound)) })]
  case .udp(let source, let destination):
    return [match(.udpSource, [number(source)]), match(.udpDestination, [number(destination)])]
  case .steered: return [match(.connectionMark, [number(0x8000_0000)], mask: 0x8000_0000)]
  // Part of the action, as it is read.
  case .synOnly: return []
  case .udpDestination(let port): return [match(.udpDestination, [number(port)])]
  }
}

private func text(_ comment: RuleComment) -> String {
  switch comment {
  case .word(let word): "\(word.text)"
  case .tenant(let name), .endpoint(let name), .network(let name), .service(let name): name.text
  case .segment(let tenant, let segment): "\(tenant.text)/\(segment.text)"
  case .egress(let tenant): "egress \(tenant.text)"
  case .policy(let name, let comment): policyComment(name, comment)
  }
}

/// A policy's name and description; the name alone where both are longer than nft's 128 bytes.
private func policyComment(_ name: Name, _ comment: CommentText?) -> String {
  guard let comment, name.text.utf8.count + 2 + comment.text.utf8.count <= 128 else { return name.text }
  return "\(name.text): \(comment.text)"
}
