/// Plans the part of the table `inet romana` that depends on the host: the chains at the hooks, anti-spoofing, and what
/// endpoints may want of the host itself. It says what `planFirewall` says for iptables, chain by chain.
func planNFT(
  _ topology: Topology, _ host: Host, _ own: [OwnPrefix], _ access: [AccessPlan], _ input: [HostInput?],
  _ steering: HostSteering, _ transit: HostTransit
) -> NFTFragment {
  var fragment = NFTFragment()
  for (access, input) in zip(access, input) {
    let place = HostPlace(topology, host, own, access, isStrict: input != nil, transit)
    if let input { fragment.chains.append(input.nftChain) }
    if let listed = place.listed { fragment.sets += listed.sets }
    fragment.chains += [place.inputChain, place.hostChain, place.forwardChain, place.fabricChain, place.spoofChain]
  }
  fragment.chains += baseChains(host.settings)
  if transit.translates { fragment.chains.append(translationChain(own)) }
  steering.extend(&fragment, access)
  return fragment
}

/// What leaves the fabric has the instance's own address, which an internet gateway knows.
private func translationChain(_ own: [OwnPrefix]) -> NFTChain {
  let families = AddressFamily.allCases.filter { family in own.contains { $0.prefix.family == family } }
  return NFTChain(
    name: .translate, hook: NFTHook(place: .postrouting, dropsByDefault: false),
    rules: families.flatMap { family in
      let networks = NFTName("networks", family)
      return [
        NFTRule([.contained([.destination(family)], networks)], .verdict(.return)),
        NFTRule(
          [.contained([.source(family)], networks)], .masquerade, comment: .word("egress of endpoints")),
      ]
    })
}

private let loopback = InterfaceName("lo")!

/// Mode own: what concerns no endpoint is not forwarded at all. Mode share: that is left to the tables of others. An
/// accept ends this table only; a drop is final (nft(8), verdict statement).
private func baseChains(_ settings: HostSettings) -> [NFTChain] {
  func byFamily(_ word: StaticString) -> [NFTRule] {
    AddressFamily.allCases.map { NFTRule([.family($0)], .verdict(.goto(NFTName(word, $0)))) }
  }
  return [
    NFTChain(
      name: .input, hook: NFTHook(place: .input, dropsByDefault: false),
      rules: [NFTRule([.inputs([loopback])], .verdict(.return))] + byFamily("input")),
    NFTChain(
      name: .forward, hook: NFTHook(place: .forward, dropsByDefault: settings.firewallMode == .own),
      rules: byFamily("forward")),
  ]
}

/// What the chains of one family on a host are made of.
private struct HostPlace {
  let family: AddressFamily
  let access: AccessPlan
  let pattern: InterfacePattern
  let uplinks: [UplinkFilter]
  /// The prefixes of all endpoint networks of the fabric.
  let hasNetworks: Bool
  /// The host's own prefixes, and what an endpoint of it may have of them.
  let own: [Prefix]
  let endpoints: [Prefix]
  /// Tenant 0 in the host's networks.
  let infrastructure: [AddressMatch]
  let listed: ListedEndpoints?
  /// Whether all else that comes to the host has a chain of its own.
  let isStrict: Bool
  /// What it carries for others, and whether its endpoints may speak to the outside.
  let transit: HostTransit

  init(
    _ topology: Topology, _ host: Host, _ own: [OwnPrefix], _ access: AccessPlan, isStrict: Bool, _ transit: HostTransit
  ) {
    self.isStrict = isStrict
    self.transit = transit
    let family = access.family
    let own = own.filter { $0.prefix.family == family }
    self.family = family
    self.access = access
    pattern = host.settings.endpointInterface
    uplinks = host.uplinkFilters(topology, own)
    hasNetworks = topology.networks.contains { $0.family == family }
    self.own = own.map(\.prefix)
    let tagged = own.compactMap { item in topology.networks[item.network].tagged.map { ($0, item.prefix) } }
    endpoints =
      tagged.compactMap { network, prefix in network.endpoints(in: prefix).prefix }
      + own.filter { $0.owner != nil }.map(\.prefix)
    infrastructure = tagged.map { network, _ in network.match(tenant: 0) }
    listed = ListedEndpoints(host, family)
  }

  private func name(_ word: StaticString) -> NFTName { NFTName(word, family) }
  private func goto(_ word: StaticString) -> NFTAction { .verdict(.goto(name(word))) }
  private var fromNetworks: NFTCondition { .contained([.source(family)], name("networks")) }
  private var toNetworks: NFTCondition { .contained([.destination(family)], name("networks")) }
  private let replies = NFTRule([.established], .verdict(.accept), comment: .word("replies"))

  /// Forwarded packets that concern endpoints: from their interfaces, from or to their networks.
  var forwardChain: NFTChain {
    var rules: [NFTRule] = []
    let far = transit.tunnels.far(family)
    if !far.isEmpty {
      rules.append(NFTRule([.input(.regionTunnels), .synOnly], .clampMSS))
      rules += far.map { NFTRule([.destination(AddressMatch($0)), .synOnly], .clampMSS) }
    }
    rules.append(NFTRule([.input(pattern)], goto("fabric")))
    if hasNetworks { rules += [NFTRule([fromNetworks], goto("fabric")), NFTRule([toNetworks], goto("fabric"))] }
    return NFTChain(name: name("forward"), rules: rules)
  }

  /// The order of the language's section on isolation; every packet that comes here is decided here.
  var fabricChain: NFTChain {
    var rules = [replies, NFTRule([], .verdict(.jump(name("spoof"))))] + passRules
    if hasNetworks { rules.append(NFTRule([toNetworks], goto("inside"))) }
    rules.append(
      transit.hasEgress
        ? NFTRule([.input(pattern)], .verdict(.jump(name("egress"))))
        : NFTRule([.input(pattern)], .verdict(.drop), comment: .word("no egress")))
    rules.append(NFTRule([], .verdict(.drop), comment: .word("outside the fabric")))
    return NFTChain(name: name("fabric"), rules: rules)
  }

  /// What an instance carries for others of its zone, after what is for its own endpoints.
  private var passRules: [NFTRule] {
    let passing = transit.prefixes.filter { $0.family == family }
    let between = tunnelRules
    guard !passing.isEmpty || !between.isEmpty else { return [] }
    return own.map { NFTRule([.destination(AddressMatch($0))], goto("inside")) }
      + passing.map {
        NFTRule(
          [.inputs(uplinks.map(\.interface)), .destination(AddressMatch($0))], .verdict(.accept),
          comment: .word("for others of the zone"))
      } + between
  }

  /// What a gateway carries between its region and others: out of each tunnel, and into them.
  private var tunnelRules: [NFTRule] {
    let (tunnels, comment) = (transit.tunnels, RuleComment.word("between regions"))
    let incoming = tunnels.ways.flatMap { way in
      tunnels.targets(way, family).map {
        NFTRule([.inputs([way.interface]), .destination(AddressMatch($0))], .verdict(.accept), comment: comment)
      }
    }
    let inside = tunnels.inside.filter { $0.family == family }
    if inside.isEmpty { return incoming }
    return incoming
      + tunnels.far(family).map {
        NFTRule(
          [.inputs(uplinks.map(\.interface)), .sources(inside), .destination(AddressMatch($0))], .verdict(.accept),
          comment: comment)
      }
  }

  /// Packets to the host itself that come from endpoints; all other traffic of the host is not touched.
  var inputChain: NFTChain {
    var rules = [NFTRule([.input(pattern)], goto("host"))]
    if hasNetworks { rules.append(NFTRule([fromNetworks], goto("host"))) }
    if isStrict { rules.append(NFTRule([], goto("strict"))) }
    return NFTChain(name: name("input"), rules: rules)
  }

  var hostChain: NFTChain {
    // What has no address of the network yet comes before anti-spoofing: DHCP, neighbour discovery.
    let early = family == .ipv4 ? dhcpRules : neighborRules
    let isICMP = NFTCondition.proto(family == .ipv4 ? 1 : 58)
    return NFTChain(
      name: name("host"),
      rules: [replies] + early + [
        NFTRule([], .verdict(.jump(name("spoof"))))
      ] + policyRules + [
        NFTRule([.input(pattern), isICMP], .verdict(.accept), comment: .word("ICMP from endpoints")),
        NFTRule([], .verdict(.drop), comment: .word("endpoint to host")),
      ])
  }

  /// What policies say about packets to the host itself, after what no endpoint and no host can do without: ICMP errors,
  /// and of neighbour discovery what endpoints send (RFC 4861).
  private var policyRules: [NFTRule] {
    let rules = [AccessZone.localHost, .remoteHost].filter { !access[$0].isEmpty }.map { zone in
      NFTRule(zone == .localHost ? [.input(pattern)] : [], .verdict(.jump(NFTAccess.name(zone, family))))
    }
    guard !rules.isEmpty else { return [] }
    let types = family == .ipv4 ? icmpErrorTypes : icmpv6ErrorTypes + [133, 135, 136]
    let essential = NFTRule(
      [.input(pattern), .icmpTypes(family, types)], .verdict(.accept), comment: .word("essential ICMP"))
    return [essential] + rules
  }

  /// DHCP (RFC 2131 section 4.1).
  private var dhcpRules: [NFTRule] {
    [
      NFTRule(
        [.input(pattern), .udp(sourcePort: 68, destinationPort: 67)], .verdict(.accept), comment: .word("DHCP"))
    ]
  }

  /// DHCPv6 (RFC 8415 section 7.2); echo request, router solicitation and neighbour discovery (RFC 4861) from link-local
  /// addresses; duplicate address detection from the unspecified one (RFC 4862 section 5.4.2).
  private var neighborRules: [NFTRule] {
    let local = NFTCondition.sources([Prefix(containing: Address(.ipv6, UInt128(0xfe80) << 112), length: 10)])
    let unspecified = NFTCondition.sources([Prefix(host: Address(.ipv6, 0))])
    return [
      NFTRule(
        [.input(pattern), local, .udp(sourcePort: 546, destinationPort: 547)], .verdict(.accept),
        comment: .word("DHCPv6")),
      NFTRule(
        [.input(pattern), local, .icmpTypes(.ipv6, [128, 133, 135, 136])], .verdict(.accept),
        comment: .word("neighbour discovery")),
      NFTRule(
        [.input(pattern), unspecified, .icmpTypes(.ipv6, [135])], .verdict(.accept),
        comment: .word("duplicate address detection")),
    ]
  }

  /// Every packet has a source that may be where it comes from: own prefixes only behind endpoint interfaces, a listed
  /// endpoint's address only behind its own, and endpoint networks only there or on an uplink.
  var spoofChain: NFTChain {
    let spoofed = RuleComment.word("spoofed source")
    var rules: [NFTRule] = transit.tunnels.ways.compactMap { way in
      let sources = transit.tunnels.sources(way, family)
      return sources.isEmpty ? nil : NFTRule([.inputs([way.interface]), .sources(sources)], .verdict(.return))
    }
    if !transit.tunnels.ways.isEmpty {
      rules.append(NFTRule([.input(.regionTunnels)], .verdict(.drop), comment: spoofed))
    }
    if uplinks.contains(where: { !$0.forbiddenTargets.isEmpty }) {
      for uplink in uplinks {
        let input = NFTCondition.inputs([uplink.interface])
        if !uplink.forbiddenSources.isEmpty {
          rules.append(NFTRule([input, .sources(uplink.forbiddenSources)], .verdict(.drop), comment: spoofed))
        }
        rules += uplink.forbiddenTargets.map {
          NFTRule([input, .destination(AddressMatch($0))], .verdict(.drop), comment: .word("wrong VLAN"))
        }
      }
    } else if !own.isEmpty {
      rules.append(
        NFTRule([.inputs(uplinks.map(\.interface)), .sources(own)], .verdict(.drop), comment: spoofed))
    }
    rules.append(NFTRule([.inputs(uplinks.map(\.interface))], .verdict(.return)))
    if let listed { rules += listed.rules }
    rules += infrastructure.map { NFTRule([.input(pattern), .source($0)], .verdict(.drop), comment: spoofed) }
    if !endpoints.isEmpty { rules.append(NFTRule([.input(pattern), .sources(endpoints)], .verdict(.return))) }
    rules.append(NFTRule([.input(pattern)], .verdict(.drop), comment: spoofed))
    if hasNetworks { rules.append(NFTRule([fromNetworks], .verdict(.drop), comment: spoofed)) }
    return NFTChain(name: name("spoof"), rules: rules)
  }
}

/// The endpoints of a host that are known in advance: each has its addresses, and its interface has no others.
private struct ListedEndpoints {
  private let family: AddressFamily
  private let bound: [(interface: InterfaceName, endpoint: Endpoint, addresses: [Address])]

  init?(_ host: Host, _ family: AddressFamily) {
    self.family = family
    bound = host.endpoints.compactMap { endpoint in
      endpoint.interface.map { ($0, endpoint, endpoint.addresses.filter { $0.family == family }) }
    }.sorted { $0.interface < $1.interface }
    if bound.isEmpty { return nil }
  }

  private var hasAddresses: Bool { bound.contains { !$0.addresses.isEmpty } }

  var sets: [NFTSet] {
    let interfaces = NFTSet(
      name: NFTName("listed-interfaces", family), key: [.interface],
      elements: bound.map { NFTElement([.interface($0.interface)], comment: .endpoint($0.endpoint.name)) })
    guard hasAddresses else { return [interfaces] }
    let pairs = bound.flatMap { interface, endpoint, addresses in
      addresses.map { NFTElement([.interface(interface), .address($0)], comment: .endpoint(endpoint.name)) }
    }
    let addresses = bound.flatMap { _, endpoint, addresses in addresses.map { ($0, endpoint.name) } }
      .sorted { $0.0 < $1.0 }
    return [
      NFTSet(name: NFTName("listed", family), key: [.interface, .address(family)], elements: pairs),
      interfaces,
      NFTSet(
        name: NFTName("listed-addresses", family), key: [.address(family)],
        elements: addresses.map { NFTElement([.address($0.0)], comment: .endpoint($0.1)) }),
    ]
  }

  var rules: [NFTRule] {
    let spoofed = RuleComment.word("spoofed source")
    let drop = NFTRule(
      [.contained([.input], NFTName("listed-interfaces", family))], .verdict(.drop), comment: spoofed)
    guard hasAddresses else { return [drop] }
    return [
      NFTRule([.contained([.input, .source(family)], NFTName("listed", family))], .verdict(.return)), drop,
      NFTRule(
        [.contained([.source(family)], NFTName("listed-addresses", family))], .verdict(.drop), comment: spoofed),
    ]
  }
}
