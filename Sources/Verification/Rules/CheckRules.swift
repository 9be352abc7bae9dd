import TopologyModel

/// Finds the packet filter of a plan in a file for iptables-restore: chains, rules and their order.
func checkRules(
  _ bytes: [UInt8], _ family: AddressFamily, _ device: DevicePlan, _ network: NetworkPlan
) throws(ParseFailure) -> [Finding] {
  _ = try TextFile(bytes, comment: "#", of: device)
  let file = try parseRuleFile(bytes, family)
  guard let firewall = device.firewall else { return [Finding("the device has no packet filter")] }
  let own = (family == .ipv4 ? firewall.ipv4 : firewall.ipv6).chains
  var expected = (own + network.sharedChains(family, withSets: firewall.usesAddressSets)).map { chain in
    (name: chain.name.text, rules: chain.rules.map(value))
  }
  switch firewall.mode {
  case .own:
    let hook = { (name: String, chain: String) in (name: name, rules: [RuleValue(target: .jump(chain))]) }
    expected += [hook("INPUT", "romana-input"), hook("FORWARD", "romana-forward"), (name: "OUTPUT", rules: [])]
  case .share: break
  }
  let policies: [String: RuleFile.Policy] =
    firewall.mode == .own ? ["INPUT": .accept, "FORWARD": .drop, "OUTPUT": .accept] : [:]
  var findings = compareValues(policies, file.policies, "the policies")
  findings += compareSets(
    expected: expected.map(\.name), found: file.chains.map { ($0.name, $0.line) }, "chain")
  for chain in expected {
    let found = (file[chain.name]?.rules ?? []).map { (value: $0.rule, line: $0.line) }
    findings += compareLists(expected: chain.rules, found: found, "rule in \(chain.name)")
  }
  let filter = family == .ipv4 ? firewall.ipv4 : firewall.ipv6
  return findings + checkSorted(file) + check(file.steering?.file, against: filter.steering)
    + check(file.translation?.file, against: filter.translation)
}

/// The chains of the table mangle or nat, which nothing but `firewall.sh` leads to.
private func check(_ file: RuleFile?, against chains: [FilterChain]) -> [Finding] {
  var findings = compareSets(
    expected: chains.map(\.name.text), found: (file?.chains ?? []).map { ($0.name, $0.line) },
    "chain of a further table")
  for chain in chains {
    let found = (file?[chain.name.text]?.rules ?? []).map { (value: $0.rule, line: $0.line) }
    findings += compareLists(expected: chain.rules.map(value), found: found, "rule in \(chain.name.text)")
  }
  return findings + (file.map(checkSorted) ?? [])
}

/// iptables-save prints builtin chains first and others by name, and so the rules: only then is a comparison empty.
private func checkSorted(_ file: RuleFile) -> [Finding] {
  let own = file.chains.filter { file.policies[$0.name] == nil }
  var findings: [Finding] = []
  for (left, right) in zip(own, own.dropFirst()) where !left.name.utf8.lexicographicallyPrecedes(right.name.utf8) {
    findings.append(Finding("the chain '\(right.name)' stands after '\(left.name)'", line: right.line))
  }
  let lines = file.chains.flatMap { $0.rules.map(\.line) }
  for (left, right) in zip(lines, lines.dropFirst()) where left > right {
    findings.append(Finding("a rule does not stand where the order of the chains has it", line: right))
  }
  return findings
}

/// What a rule of the plan must read like.
private func value(_ rule: FilterRule) -> RuleValue {
  var value = RuleValue(target: .return)
  value.source = rule.source.map(masked)
  value.destination = rule.destination.map(masked)
  value.sourceSet = rule.sourceSet?.text
  value.destinationSet = rule.destinationSet?.text
  value.input = rule.input?.text
  switch rule.proto {
  case .icmp(let type): value.proto = .icmp(type: type.map(Int.init))
  case .icmpv6(let type): value.proto = .icmpv6(type: type.map(Int.init))
  case .udp(let source, let destination):
    value.proto = .ports(.udp, source: [Int(source)...Int(source)], destination: [Int(destination)...Int(destination)])
  case .ports(let proto, let ports):
    let name: ProtocolValue.PortProtocol =
      switch proto {
      case .tcp: .tcp
      case .udp: .udp
      case .sctp: .sctp
      }
    value.proto = .ports(name, source: [], destination: ports.map { Int($0.lowerBound)...Int($0.upperBound) })
  case .number(let number): value.proto = .number(Int(number))
  case nil: break
  }
  value.synOnly = rule.synOnly
  if rule.establishedOnly { value.states = [.established, .related] }
  if rule.steeredOnly { value.connectionMark = 0x8000_0000 }
  value.comment = rule.comment.map(text)
  switch rule.verdict {
  case .accept: value.target = .accept
  case .drop: value.target = .drop
  case .return: value.target = .return
  case .jump(let chain): value.target = .jump(chain.text)
  case .goto(let chain): value.target = .goto(chain.text)
  case .mark(let mark): value.target = .mark(UInt32(mark), mask: 0xffff_0000)
  case .masquerade: value.target = .masquerade
  case .clampMSS: value.target = .clampMSS
  case .markConnection: value.target = .markConnection(0x8000_0000)
  }
  return value
}

private func masked(_ match: AddressMatch) -> MaskedAddress {
  MaskedAddress(family: match.value.family, value: match.value.bits, mask: match.mask)
}

private func text(_ comment: RuleComment) -> String {
  switch comment {
  case .word(let word): "\(word.text)"
  case .tenant(let name), .endpoint(let name), .network(let name), .service(let name): name.text
  case .segment(let tenant, let segment): "\(tenant.text)/\(segment.text)"
  case .egress(let tenant): "egress \(tenant.text)"
  case .policy(let name, let comment): name.text + (comment.map { ": \($0.text)" } ?? "")
  }
}
