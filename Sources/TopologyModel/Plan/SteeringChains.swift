extension ChainName {
  static let steer = ChainName("romana-steer")
  static let steerEndpoints = ChainName("romana-steer-e")
  static let through = ChainName("romana-through")
}

extension HostSteering {
  /// Puts what services need into the iptables rules of a host.
  func extend(_ filter: inout HostFilter, _ family: AddressFamily) {
    guard !isEmpty else { return }
    filter.steering = steeringChains(family)
    func edit(_ name: ChainName, _ change: (inout [FilterRule]) -> Void) {
      guard let index = filter.chains.firstIndex(where: { $0.name == name }) else { return }
      change(&filter.chains[index].rules)
    }
    edit(.spoof) { $0.insert(contentsOf: spoofRules(family), at: 0) }
    if hasTunnels {
      let fromTunnels = FilterRule(input: .serviceTunnels, verdict: .jump(.fabric))
      edit(.forward) { $0.insert(fromTunnels, at: 0) }
      edit(.input) { rules in
        // After the rule about the loopback interface.
        rules.insert(FilterRule(input: .serviceTunnels, verdict: .jump(.host)), at: 1)
        if isTunnelFamily(family) {
          rules.insert(FilterRule(proto: tunnelProtocol, verdict: .jump(.host)), at: 2)
        }
      }
      edit(.host) { rules in
        let spoof = rules.firstIndex { $0.verdict == .jump(.spoof) } ?? 0
        rules.insert(contentsOf: tunnelRules(family), at: spoof + 1)
      }
    }
    guard !ports.isEmpty else { return }
    edit(.fabric) { rules in
      let spoof = rules.firstIndex { $0.verdict == .jump(.spoof) } ?? 0
      rules.insert(contentsOf: ports.map { input($0.interface, .jump(.through)) }, at: spoof + 1)
    }
    filter.chains.append(throughChain(family))
  }

  private func input(_ interface: InterfaceName, _ verdict: Verdict) -> FilterRule {
    FilterRule(input: InterfacePattern(interface), verdict: verdict)
  }

  private func rule(_ match: Match, _ verdict: Verdict) -> FilterRule {
    FilterRule(
      source: match.source, destination: match.destination, input: match.input.map { InterfacePattern($0) },
      comment: match.comment, verdict: verdict)
  }

  private func steeringChains(_ family: AddressFamily) -> [FilterChain] {
    func chain(_ name: ChainName, _ entrance: Entrance) -> FilterChain {
      FilterChain(
        name: name,
        rules: matches(entrance, family).map { rule($0, $0.mark.map { .goto(ChainName(mark: $0)) } ?? .return) })
    }
    var root = FilterChain(name: .steer, rules: [])
    var chains: [FilterChain] = []
    for port in ports {
      let name: ChainName
      switch port.entrance {
      case .function, .endpoints: name = ChainName(steering: "f", port.id)
      case .tunnel: name = ChainName(steering: "t", port.id)
      }
      root.rules.append(input(port.interface, .goto(name)))
      chains.append(chain(name, port.entrance))
    }
    if selections[.endpoints] != nil {
      let pattern = topology.hosts[host].settings.endpointInterface
      root.rules.append(FilterRule(input: pattern, verdict: .goto(.steerEndpoints)))
      chains.append(chain(.steerEndpoints, .endpoints))
    }
    chains += plan.steps.filter { $0.families.contains(family) }.map { step in
      FilterChain(
        name: ChainName(mark: step.mark),
        rules: [
          FilterRule(comment: .service(step.service), verdict: .mark(step.mark)),
          FilterRule(comment: .service(step.service), verdict: .markConnection),
        ])
    }
    return [root] + chains
  }

  private func spoofRules(_ family: AddressFamily) -> [FilterRule] {
    let spoofed = RuleComment.word("spoofed source")
    var rules: [FilterRule] = topology.hosts[host].uplinkInterfaces.flatMap { uplink in
      returningSources(family).map { match in
        var match = match
        match.input = uplink
        var rule = rule(match, .return)
        rule.steeredOnly = true
        return rule
      }
    }
    rules += local.map { topology.functions[$0].interface }.flatMap { interface in
      infrastructure(family).map {
        FilterRule(source: $0, input: InterfacePattern(interface), comment: spoofed, verdict: .drop)
      }
    }
    rules += foreignSources(family).map { rule($0, .return) }
    if hasTunnels { rules.append(FilterRule(input: .serviceTunnels, comment: spoofed, verdict: .drop)) }
    return rules
  }

  private var tunnelProtocol: ProtocolMatch { .ports(.udp, [tunnelPort...tunnelPort]) }

  func isTunnelFamily(_ family: AddressFamily) -> Bool { plan.tunnels.contains { $0.local.family == family } }

  /// Tunnels come from the gateway addresses of other hosts, and to hosts that have functions.
  private func tunnelRules(_ family: AddressFamily) -> [FilterRule] {
    guard isTunnelFamily(family) else { return [] }
    let comment = RuleComment.word("service tunnel")
    let accepted = tunnelEnds(family).map {
      FilterRule(
        source: $0.sources, destination: $0.local, proto: tunnelProtocol, comment: comment, verdict: .accept)
    }
    return [accepted, FilterRule(proto: tunnelProtocol, comment: comment, verdict: .drop)].compactMap(\.self)
  }

  private func throughChain(_ family: AddressFamily) -> FilterChain {
    let own = ownMatches(family)
    return FilterChain(
      name: .through,
      rules: local.map { InterfacePattern(topology.functions[$0].interface) }.flatMap { interface in
        own.map { FilterRule(source: $0, input: interface, verdict: .return) }
      } + own.map { FilterRule(destination: $0, verdict: .return) }
        + [
          FilterRule(verdict: .jump(.underlay)),
          FilterRule(comment: .word("in transit"), verdict: .accept),
        ])
  }
}
