/// What may come to a host itself where it is filtered (`host_firewall: strict`), in one family. Everything else is dropped.
struct HostInput {
  /// One thing that may come: nil stands for any interface, no sources for any.
  struct Entry {
    var input: InterfaceName?
    var sources: [Prefix] = []
    var proto: ProtocolMatch?
    var comment: StaticWord
  }
  var family: AddressFamily
  var entries: [Entry]
}

/// From the sessions that the plan of a host has, and from `management`; nil where the host is not filtered.
func planHostInput(_ plan: DevicePlan, _ host: Host, _ gateways: [HostGateway], _ family: AddressFamily) -> HostInput? {
  guard let management = host.settings.management else { return nil }
  var entries = [
    HostInput.Entry(proto: family == .ipv4 ? .icmp(type: nil) : .icmpv6(type: nil), comment: "ICMP"),
    dhcpClient(family),
  ]
  var interfaces: Set<InterfaceName> = []
  for session in plan.bgp?.sessions ?? [] {
    let (input, source): (InterfaceName?, Prefix)
    switch session.ends {
    case .addresses(let local, let neighbor):
      // The session is on the addresses of a link.
      guard session.family == family else { continue }
      let tunnel = plan.tunnels.first { tunnel in tunnel.addresses.contains { $0.address == local } }
      (input, source) = (
        tunnel?.interface ?? gateways.first { $0.hostAddress(family) == local }?.interface, Prefix(host: neighbor)
      )
    case .interface(let name):
      // One session over link-local addresses carries both families.
      guard family == .ipv6, interfaces.insert(name).inserted else { continue }
      (input, source) = (name, linkLocalIPv6)
    }
    entries.append(
      HostInput.Entry(input: input, sources: [source], proto: .ports(.tcp, [179...179]), comment: "BGP"))
    if session.bfd { entries.append(bfd(input, [source])) }
  }
  entries += plan.tunnels.filter { $0.endpoint.family == family }.map(tunnelCover)
  for interface in plan.ospf?.interfaces ?? [] where plan.ospf?.families.contains(family) == true {
    // OSPFv3 speaks from link-local addresses (RFC 5340 section 2.5), OSPFv2 from those of the link.
    let neighbors = gateways.filter { $0.interface == interface.name }.compactMap { $0.address(.ipv4) }
    let sources = family == .ipv4 ? neighbors.map { Prefix(host: $0) } : [linkLocalIPv6]
    entries.append(HostInput.Entry(input: interface.name, sources: sources, proto: .number(89), comment: "OSPF"))
    if interface.bfd { entries.append(bfd(interface.name, sources)) }
  }
  for entry in management {
    let sources = entry.sources.filter { $0.family == family }
    guard !sources.isEmpty else { continue }
    for proto in protocolMatches(ServiceSet(entry.services, family), family) {
      entries.append(HostInput.Entry(sources: sources, proto: proto, comment: "management"))
    }
  }
  return HostInput(family: family, entries: entries)
}

/// What a tunnel is in, from the gateway at its other end. Keepalives of WireGuard are of the same kind.
private func tunnelCover(_ tunnel: PlannedTunnel) -> HostInput.Entry {
  let proto: ProtocolMatch =
    switch tunnel.cover {
    case .gre: .number(47)
    case .wireguard(let port, _, _): .ports(.udp, [UInt16(port)...UInt16(port)])
    }
  return HostInput.Entry(sources: [Prefix(host: tunnel.endpoint)], proto: proto, comment: "tunnel between regions")
}

/// Control packets of BFD on a link (RFC 5881 section 4).
private func bfd(_ input: InterfaceName?, _ sources: [Prefix]) -> HostInput.Entry {
  HostInput.Entry(input: input, sources: sources, proto: .ports(.udp, [3784...3784]), comment: "BFD")
}

/// What a server answers a client that has no address yet (RFC 2131 section 4.1, RFC 8415 section 7.2).
private func dhcpClient(_ family: AddressFamily) -> HostInput.Entry {
  switch family {
  case .ipv4: HostInput.Entry(proto: .udp(sourcePort: 67, destinationPort: 68), comment: "DHCP")
  case .ipv6:
    HostInput.Entry(
      sources: [linkLocalIPv6], proto: .udp(sourcePort: 547, destinationPort: 546), comment: "DHCPv6")
  }
}

/// Link-local addresses (RFC 4291 section 2.5.6).
let linkLocalIPv6 = Prefix(containing: Address(.ipv6, UInt128(0xfe80) << 112), length: 10)

extension HostInput {
  private static let denied: StaticWord = "not for the host"

  /// The chain that `romana-input` ends with.
  var chain: FilterChain {
    var rules = [FilterRule(establishedOnly: true, comment: .word("replies"), verdict: .accept)]
    for entry in entries {
      // iptables drops a match of every address silently.
      let sources: [AddressMatch?] = entry.isFromAnywhere ? [nil] : entry.sources.map { AddressMatch($0) }
      rules += sources.map { source in
        FilterRule(
          source: source, input: entry.input.map { InterfacePattern($0) }, proto: entry.proto,
          comment: .word(entry.comment), verdict: .accept)
      }
    }
    rules.append(FilterRule(comment: .word(Self.denied), verdict: .drop))
    return FilterChain(name: .strict, rules: rules)
  }

  var nftChain: NFTChain {
    var rules = [NFTRule([.established], .verdict(.accept), comment: .word("replies"))]
    for entry in entries {
      var conditions: [NFTCondition] = entry.input.map { [.inputs([$0])] } ?? []
      if !entry.isFromAnywhere { conditions.append(.sources(entry.sources)) }
      conditions += condition(entry.proto)
      rules.append(NFTRule(conditions, .verdict(.accept), comment: .word(entry.comment)))
    }
    rules.append(NFTRule([], .verdict(.drop), comment: .word(Self.denied)))
    return NFTChain(name: NFTName("strict", family), rules: rules)
  }

  private func condition(_ proto: ProtocolMatch?) -> [NFTCondition] {
    switch proto {
    case nil: []
    case .icmp(nil): [.proto(1)]
    case .icmp(let type?): [.icmpTypes(.ipv4, [type])]
    case .icmpv6(nil): [.proto(58)]
    case .icmpv6(let type?): [.icmpTypes(.ipv6, [type])]
    case .udp(let source, let destination): [.udp(sourcePort: source, destinationPort: destination)]
    case .number(let number): [.proto(number)]
    case .ports(let proto, let ports): ports.isEmpty ? [.proto(proto.number)] : [.ports(proto, ports)]
    }
  }
}

extension HostInput.Entry {
  fileprivate var isFromAnywhere: Bool { sources.isEmpty || sources.contains { $0.length == 0 } }
}
