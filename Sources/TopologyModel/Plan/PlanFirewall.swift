/// Plans the chains of a host that depend on the host: what enters the filter, anti-spoofing, and what endpoints
/// may want of the host itself.
///
/// - Parameters:
///   - access: what the policies decide, by family.
///   - input: what may come to the host itself, by family; nil where that is not filtered.
///   - steering: what the host has to do for services.
///   - transit: what it does for others, in an EC2 region.
func planFirewall(
  _ topology: Topology, _ host: Host, _ own: [OwnPrefix], _ access: [AccessPlan], _ input: [HostInput?],
  _ steering: HostSteering, _ transit: HostTransit
) -> HostFirewall {
  if host.settings.firewallBackend == .nft {
    return HostFirewall(
      mode: host.settings.firewallMode, nft: planNFT(topology, host, own, access, input, steering, transit))
  }
  let filters = zip(access, input).map { hostFilter(topology, host, own, $0, $1, steering, transit) }
  return HostFirewall(
    mode: host.settings.firewallMode, ipv4: filters[0], ipv6: filters[1],
    usesAddressSets: host.settings.usesAddressSets)
}

private func hostFilter(
  _ topology: Topology, _ host: Host, _ own: [OwnPrefix], _ access: AccessPlan, _ input: HostInput?,
  _ steering: HostSteering, _ transit: HostTransit
) -> HostFilter {
  let family = access.family
  let networks = topology.networks.filter { $0.family == family }
  let pattern = host.settings.endpointInterface
  var filter = HostFilter(
    chains: [
      fabricChain(
        networks, pattern, passRules(host, own.filter { $0.prefix.family == family }, transit, family), transit),
      forwardChain(networks, pattern, transit.tunnels, family), hostChain(pattern, access),
      inputChain(networks, pattern, input),
      spoofChain(topology, host, own.filter { $0.prefix.family == family }, networks, transit.tunnels, family),
    ] + [input?.chain].compactMap(\.self))
  steering.extend(&filter, family)
  if transit.translates, own.contains(where: { $0.prefix.family == family }) {
    filter.translation = [translationChain(networks)]
  }
  return filter
}

/// What leaves the fabric has the instance's own address, which an internet gateway knows; the packet filter has dropped before
/// what may not leave.
private func translationChain(_ networks: [Network]) -> FilterChain {
  FilterChain(
    name: .translate,
    rules: networks.map { FilterRule(destination: AddressMatch($0.prefix), verdict: .return) }
      + networks.map {
        FilterRule(source: AddressMatch($0.prefix), comment: .word("egress of endpoints"), verdict: .masquerade)
      })
}

private let replies = FilterRule(establishedOnly: true, comment: .word("replies"), verdict: .accept)

/// Forwarded packets that concern endpoints: from their interfaces, from or to their networks. All others are left to
/// the chains of others, or to the policy of the table.
private func forwardChain(
  _ networks: [Network], _ pattern: InterfacePattern, _ tunnels: TunnelTransit, _ family: AddressFamily
) -> FilterChain {
  var rules: [FilterRule] = []
  if !tunnels.far(family).isEmpty {
    rules.append(FilterRule(input: .regionTunnels, synOnly: true, verdict: .clampMSS))
    rules += tunnels.far(family).map { FilterRule(destination: AddressMatch($0), synOnly: true, verdict: .clampMSS) }
  }
  rules.append(FilterRule(input: pattern, verdict: .jump(.fabric)))
  rules += networks.map { FilterRule(source: AddressMatch($0.prefix), verdict: .jump(.fabric)) }
  rules += networks.map { FilterRule(destination: AddressMatch($0.prefix), verdict: .jump(.fabric)) }
  return FilterChain(name: .forward, rules: rules)
}

/// The order of the language's section on isolation; every packet that comes here is decided here.
private func fabricChain(
  _ networks: [Network], _ pattern: InterfacePattern, _ passing: [FilterRule], _ transit: HostTransit
) -> FilterChain {
  var rules = [replies, FilterRule(verdict: .jump(.spoof))] + passing
  rules += networks.map { FilterRule(destination: AddressMatch($0.prefix), verdict: .goto(.inside)) }
  rules.append(
    transit.hasEgress
      ? FilterRule(input: pattern, verdict: .jump(.egress))
      : FilterRule(input: pattern, comment: .word("no egress"), verdict: .drop))
  rules.append(FilterRule(comment: .word("outside the fabric"), verdict: .drop))
  return FilterChain(name: .fabric, rules: rules)
}

/// What an instance carries for others of its zone, and a gateway for its region, after what is for its own endpoints.
private func passRules(
  _ host: Host, _ own: [OwnPrefix], _ transit: HostTransit, _ family: AddressFamily
) -> [FilterRule] {
  let passing = transit.prefixes.filter { $0.family == family }
  let between = tunnelRules(host, transit.tunnels, family)
  guard !passing.isEmpty || !between.isEmpty else { return [] }
  return own.map { FilterRule(destination: AddressMatch($0.prefix), verdict: .goto(.inside)) }
    + host.uplinkInterfaces.flatMap { uplink in
      passing.map {
        FilterRule(
          destination: AddressMatch($0), input: InterfacePattern(uplink), comment: .word("for others of the zone"),
          verdict: .accept)
      }
    } + between
}

/// What a gateway carries between its region and others: out of each tunnel, and into them.
private func tunnelRules(_ host: Host, _ tunnels: TunnelTransit, _ family: AddressFamily) -> [FilterRule] {
  let comment = RuleComment.word("between regions")
  let incoming = tunnels.ways.flatMap { way in
    tunnels.targets(way, family).map {
      FilterRule(
        destination: AddressMatch($0), input: InterfacePattern(way.interface), comment: comment, verdict: .accept)
    }
  }
  let outgoing = host.uplinkInterfaces.flatMap { uplink in
    tunnels.inside.filter { $0.family == family }.flatMap { source in
      tunnels.far(family).map {
        FilterRule(
          source: AddressMatch(source), destination: AddressMatch($0), input: InterfacePattern(uplink),
          comment: comment, verdict: .accept)
      }
    }
  }
  return incoming + outgoing
}

/// Packets to the host itself that come from endpoints; all other traffic of the host is not touched, or has a chain of its own.
private func inputChain(
  _ networks: [Network], _ pattern: InterfacePattern, _ input: HostInput?
) -> FilterChain {
  var rules = [
    FilterRule(input: InterfacePattern("lo"), verdict: .return),
    FilterRule(input: pattern, verdict: .jump(.host)),
  ]
  rules += networks.map { FilterRule(source: AddressMatch($0.prefix), verdict: .jump(.host)) }
  if input != nil { rules.append(FilterRule(verdict: .goto(.strict))) }
  return FilterChain(name: .input, rules: rules)
}

private func hostChain(_ pattern: InterfacePattern, _ access: AccessPlan) -> FilterChain {
  let family = access.family
  // What has no address of the network yet comes before anti-spoofing: DHCP, neighbour discovery.
  let rules =
    [replies] + (family == .ipv4 ? dhcpRules(pattern) : neighborRules(pattern)) + [
      FilterRule(verdict: .jump(.spoof))
    ] + hostPolicies(pattern, access) + [
      FilterRule(
        input: pattern, proto: family == .ipv4 ? .icmp(type: nil) : .icmpv6(type: nil),
        comment: .word("ICMP from endpoints"), verdict: .accept),
      FilterRule(comment: .word("endpoint to host"), verdict: .drop),
    ]
  return FilterChain(name: .host, rules: rules)
}

/// What policies say about packets to the host itself, after what no endpoint and no host can do without: ICMP errors,
/// and of neighbour discovery what endpoints send (RFC 4861).
private func hostPolicies(_ pattern: InterfacePattern, _ access: AccessPlan) -> [FilterRule] {
  let rules = [AccessZone.localHost, .remoteHost].flatMap { zone in
    access.asking(zone).map { rule in
      var rule = rule
      if zone == .localHost { rule.input = pattern }
      return rule
    }
  }
  guard !rules.isEmpty else { return [] }
  let essential =
    icmpErrors(access.family) + (access.family == .ipv4 ? [] : [133, 135, 136].map { .icmpv6(type: $0) })
  return essential.map {
    FilterRule(input: pattern, proto: $0, comment: .word("essential ICMP"), verdict: .accept)
  } + rules
}

/// DHCP (RFC 2131 section 4.1).
private func dhcpRules(_ pattern: InterfacePattern) -> [FilterRule] {
  [
    FilterRule(
      input: pattern, proto: .udp(sourcePort: 68, destinationPort: 67), comment: .word("DHCP"), verdict: .accept)
  ]
}

/// DHCPv6 (RFC 8415 section 7.2), and from link-local addresses echo request, router solicitation and neighbour
/// discovery (RFC 4861); the unspecified address belongs to duplicate address detection (RFC 4862 section 5.4.2).
private func neighborRules(_ pattern: InterfacePattern) -> [FilterRule] {
  let linkLocal = AddressMatch(Prefix(containing: Address(.ipv6, UInt128(0xfe80) << 112), length: 10))
  let unspecified = AddressMatch(Prefix(host: Address(.ipv6, 0)))
  let types: [UInt8] = [128, 133, 135, 136]
  return [
    FilterRule(
      source: linkLocal, input: pattern, proto: .udp(sourcePort: 546, destinationPort: 547),
      comment: .word("DHCPv6"), verdict: .accept)
  ]
    + types.map {
      FilterRule(
        source: linkLocal, input: pattern, proto: .icmpv6(type: $0), comment: .word("neighbour discovery"),
        verdict: .accept)
    } + [
      FilterRule(
        source: unspecified, input: pattern, proto: .icmpv6(type: 135),
        comment: .word("duplicate address detection"), verdict: .accept)
    ]
}

/// What may not come in over an uplink.
struct UplinkFilter {
  var interface: InterfaceName
  /// The host's own prefixes. On a VLAN those in it: what is in another one has been to the gateway and back.
  var forbiddenSources: [Prefix]
  /// The host's prefixes in other VLANs: they are behind the gateways of those.
  var forbiddenTargets: [Prefix]
}

extension Host {
  /// What may not come in over each uplink.
  func uplinkFilters(_ topology: Topology, _ own: [OwnPrefix]) -> [UplinkFilter] {
    links.map { link in
      let isHere = { (item: OwnPrefix) in link.vlan == nil || topology.networks[item.network].vlan == link.vlan }
      return UplinkFilter(
        interface: link.interface, forbiddenSources: own.filter(isHere).map(\.prefix),
        forbiddenTargets: own.filter { !isHere($0) }.map(\.prefix))
    }
  }
}

/// Every packet has a source that may be where it comes from: own prefixes only behind endpoint interfaces, a listed
/// endpoint's address only behind its own, and endpoint networks only there or on the uplink.
///
/// Out of a tunnel comes only what is behind it.
private func spoofChain(
  _ topology: Topology, _ host: Host, _ own: [OwnPrefix], _ networks: [Network], _ tunnels: TunnelTransit,
  _ family: AddressFamily
) -> FilterChain {
  let pattern = host.settings.endpointInterface
  let word = RuleComment.word("spoofed source")
  // Blocks of endpoints stand in a set, so that another one is no other rule.
  let blocks = ownBlockSet(own)
  let single = own.filter { $0.owner == nil }
  let tagged = own.compactMap { item in topology.networks[item.network].tagged.map { ($0, item.prefix) } }
  var rules = tunnels.ways.flatMap { way in
    tunnels.sources(way, family).map {
      FilterRule(source: AddressMatch($0), input: InterfacePattern(way.interface), verdict: .return)
    }
  }
  if !tunnels.ways.isEmpty { rules.append(FilterRule(input: .regionTunnels, comment: word, verdict: .drop)) }
  rules += host.uplinkFilters(topology, single).flatMap { uplink in
    let input = InterfacePattern(uplink.interface)
    return uplink.forbiddenSources.map {
      FilterRule(source: AddressMatch($0), input: input, comment: word, verdict: .drop)
    }
      + blocks.map { FilterRule(sourceSet: $0, input: input, comment: word, verdict: .drop) }
      + uplink.forbiddenTargets.map {
        FilterRule(destination: AddressMatch($0), input: input, comment: .word("wrong VLAN"), verdict: .drop)
      } + [FilterRule(input: input, verdict: .return)]
  }
  for endpoint in host.endpoints {
    guard let interface = endpoint.interface else { continue }
    let addresses = endpoint.addresses.filter { $0.family == family }.map { AddressMatch(Prefix(host: $0)) }
    let comment = RuleComment.endpoint(endpoint.name)
    let input = InterfacePattern(interface)
    rules += addresses.map { FilterRule(source: $0, input: input, comment: comment, verdict: .return) }
    rules.append(FilterRule(input: input, comment: comment, verdict: .drop))
    rules += addresses.map { FilterRule(source: $0, comment: comment, verdict: .drop) }
  }
  rules += tagged.map { network, _ in
    FilterRule(source: network.match(tenant: 0), input: pattern, comment: word, verdict: .drop)
  }
  rules += tagged.map { network, prefix in
    FilterRule(source: network.endpoints(in: prefix), input: pattern, verdict: .return)
  }
  rules += blocks.map { FilterRule(sourceSet: $0, input: pattern, verdict: .return) }
  rules.append(FilterRule(input: pattern, comment: word, verdict: .drop))
  rules += networks.map { FilterRule(source: AddressMatch($0.prefix), comment: word, verdict: .drop) }
  return FilterChain(name: .spoof, rules: rules)
}
