extension HostSteering {
  /// Puts what services need into the nftables rules of a host; it says what `extend` says for iptables.
  func extend(_ fragment: inout NFTFragment, _ access: [AccessPlan]) {
    guard !isEmpty else { return }
    for access in access { extend(&fragment, access) }
    fragment.chains.append(
      NFTChain(
        name: .steer, hook: NFTHook(place: .prerouting, dropsByDefault: false),
        rules: AddressFamily.allCases.map { NFTRule([.family($0)], .verdict(.goto(NFTName("steer", $0)))) }))
  }

  private func extend(_ fragment: inout NFTFragment, _ access: AccessPlan) {
    let family = access.family
    func name(_ word: StaticString) -> NFTName { NFTName(word, family) }
    func edit(_ word: StaticString, _ change: (inout [NFTRule]) -> Void) {
      guard let index = fragment.chains.firstIndex(where: { $0.name == name(word) }) else { return }
      change(&fragment.chains[index].rules)
    }
    let spoof = NFTAction.verdict(.jump(name("spoof")))
    func insertAfterSpoof(_ rules: inout [NFTRule], _ added: [NFTRule]) {
      rules.insert(contentsOf: added, at: (rules.firstIndex { $0.action == spoof } ?? 0) + 1)
    }
    edit("spoof") { $0.insert(contentsOf: spoofRules(family), at: 0) }
    if hasTunnels {
      edit("forward") { $0.insert(NFTRule([.input(.serviceTunnels)], .verdict(.goto(name("fabric")))), at: 0) }
      edit("input") { rules in
        rules.insert(NFTRule([.input(.serviceTunnels)], .verdict(.goto(name("host")))), at: 0)
        if isTunnelFamily(family) {
          rules.insert(NFTRule([.udpDestination(tunnelPort)], .verdict(.goto(name("host")))), at: 1)
        }
      }
      edit("host") { insertAfterSpoof(&$0, tunnelRules(family)) }
    }
    fragment.chains += steeringChains(family)
    guard !ports.isEmpty else { return }
    edit("fabric") { insertAfterSpoof(&$0, ports.map { input($0.interface, .jump(name("through"))) }) }
    fragment.chains.append(throughChain(access))
  }

  private func input(_ interface: InterfaceName, _ verdict: NFTVerdict) -> NFTRule {
    NFTRule([.inputs([interface])], .verdict(verdict))
  }

  private func rule(_ match: Match, _ action: NFTAction) -> NFTRule {
    var conditions: [NFTCondition] = match.input.map { [.inputs([$0])] } ?? []
    if let source = match.source { conditions.append(.source(source)) }
    if let destination = match.destination { conditions.append(.destination(destination)) }
    return NFTRule(conditions, action, comment: match.comment)
  }

  private func steeringChains(_ family: AddressFamily) -> [NFTChain] {
    func chain(_ name: NFTName, _ entrance: Entrance) -> NFTChain {
      NFTChain(
        name: name,
        rules: matches(entrance, family).map { rule($0, $0.mark.map { .mark($0) } ?? .verdict(.return)) })
    }
    var root = NFTChain(name: NFTName("steer", family), rules: [])
    var chains: [NFTChain] = []
    for port in ports {
      let name: NFTName
      switch port.entrance {
      case .function, .endpoints: name = NFTName("steer-function", family, number: port.id)
      case .tunnel: name = NFTName("steer-tunnel", family, number: port.id)
      }
      root.rules.append(input(port.interface, .goto(name)))
      chains.append(chain(name, port.entrance))
    }
    if selections[.endpoints] != nil {
      let name = NFTName("steer-endpoints", family)
      root.rules.append(
        NFTRule([.input(topology.hosts[host].settings.endpointInterface)], .verdict(.goto(name))))
      chains.append(chain(name, .endpoints))
    }
    return [root] + chains
  }

  private func spoofRules(_ family: AddressFamily) -> [NFTRule] {
    let spoofed = RuleComment.word("spoofed source")
    var rules = returningSources(family).map { match in
      var rule = rule(match, .verdict(.return))
      rule.conditions.insert(.inputs(topology.hosts[host].uplinkInterfaces), at: 0)
      rule.conditions.append(.steered)
      return rule
    }
    rules += local.map { topology.functions[$0].interface }.flatMap { interface in
      infrastructure(family).map { NFTRule([.inputs([interface]), .source($0)], .verdict(.drop), comment: spoofed) }
    }
    rules += foreignSources(family).map { rule($0, .verdict(.return)) }
    if hasTunnels { rules.append(NFTRule([.input(.serviceTunnels)], .verdict(.drop), comment: spoofed)) }
    return rules
  }

  /// Tunnels come from the gateway addresses of other hosts, and to hosts that have functions.
  private func tunnelRules(_ family: AddressFamily) -> [NFTRule] {
    guard isTunnelFamily(family) else { return [] }
    let comment = RuleComment.word("service tunnel")
    let accepted = tunnelEnds(family).map {
      NFTRule(
        [.source($0.sources), .destination($0.local), .udpDestination(tunnelPort)], .verdict(.accept), comment: comment)
    }
    return [accepted, NFTRule([.udpDestination(tunnelPort)], .verdict(.drop), comment: comment)].compactMap(\.self)
  }

  private func throughChain(_ access: AccessPlan) -> NFTChain {
    let family = access.family
    let own = ownMatches(family)
    let toUnderlay = NFTCondition.contained([.destination(family)], NFTName("underlay", family))
    return NFTChain(
      name: NFTName("through", family),
      rules: own.map { source in
        NFTRule([.inputs(local.map { topology.functions[$0].interface }), .source(source)], .verdict(.return))
      }
        + own.map { NFTRule([.destination($0)], .verdict(.return)) } + access.jump(.underlay, [toUnderlay]) + [
          NFTRule([toUnderlay], .verdict(.drop), comment: .word("underlay")),
          NFTRule([], .verdict(.accept), comment: .word("in transit")),
        ])
  }
}
