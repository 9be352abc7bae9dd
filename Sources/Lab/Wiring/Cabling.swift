import TopologyModel

/// Making the namespaces and the cables: what an operating system's installer and a technician do.
extension Lab {
  var allNamespaces: [String] {
    nodes.map(\.namespace) + layout.endpoints.map(\.namespace) + [identity.cables, identity.outside]
  }

  /// Namespaces, links with the addresses of the topology, the outside; no file of the compiler yet.
  func plugIn() async throws {
    try await ip(nil, allNamespaces.map { "netns add \($0)" })
    let forwards = Set([identity.outside])
    _ = try await concurrently(allNamespaces) { name in
      try await inNamespace(name) { prepareNamespace(forwards: forwards.contains(name)) }
      try await ip(name, ["link set lo up"])
    }
    try await ip(identity.cables, layout.links.filter { !$0.isTunnel }.flatMap(cableCommands))
    try await ip(identity.outside, layout.outside.plugs.enumerated().map(outsideCable))
    _ = try await concurrently(nodes) { node in try await ip(node.namespace, deviceCommands(node)) }
    try await ip(identity.outside, outsideCommands())
  }

  /// A link is a pair of virtual Ethernet for each end, which meet on a bridge, so that a cable can be pulled (both devices lose the
  /// carrier) or go deaf (both keep it).
  private func cableCommands(_ link: LabLink) -> [String] {
    var commands = ["link add \(link.bridge) type bridge mcast_snooping 0"]
    for (position, end) in link.ends.enumerated() {
      let port = link.port(position)
      commands += [
        "link add \(port) mtu \(link.mtu) type veth peer name \(end.interface) mtu \(link.mtu) netns \(nodes[end.node].namespace)",
        "link set \(port) master \(link.bridge)", "link set \(port) up",
      ]
    }
    return commands + ["link set \(link.bridge) mtu \(link.mtu)", "link set \(link.bridge) up"]
  }

  private func outsideCable(_ position: Int, _ plug: OutsideWorld.Plug) -> String {
    "link add o\(position) mtu \(plug.mtu) type veth peer name \(plug.interface) mtu \(plug.mtu) netns \(nodes[plug.node].namespace)"
  }

  private func deviceCommands(_ node: LabNode) -> [String] {
    var commands: [String] = []
    for link in layout.links where !link.isTunnel {
      guard let end = link.end(at: node.index) else { continue }
      // The addresses of a shared host in its VLANs are those of vlans.sh.
      let isOurs = link.vlan != nil && node.plan.vlans != nil
      commands += addressCommands(end.interface, isOurs ? [] : end.addresses, length: link.length)
    }
    commands += dhcpCommands(node)
    for plug in layout.outside.plugs where plug.node == node.index {
      commands += addressCommands(plug.interface, plug.device)
      commands += addressCommands(plug.interface, plug.publicAddresses, length: \.bitWidth)
      commands += plug.ways.map { prefix, hop in
        // What a gateway sends comes from where the others look for it.
        let source = plug.publicAddresses.first { $0.family == prefix.family }.map { " src \($0)" } ?? ""
        return "route add \(prefix) via \(hop) proto boot\(source)"
      }
    }
    if let loopback = loopback(node) { commands.append("address add \(loopback)/32 dev lo") }
    return commands
  }

  func dhcpCommands(_ node: LabNode) -> [String] { layout.dhcpRoutes.filter { $0.node == node.index }.map(\.command) }

  private func loopback(_ node: LabNode) -> Address? {
    switch node.device.place {
    case .host(let host):
      // Without addresses on its links a host has its own elsewhere.
      layout.topology.hosts[host].links[0].isUnnumbered ? layout.topology.hosts[host].address(.ipv4) : nil
    case .upstream, .vpc: nil
    case .tor(let rack, let position): layout.topology.racks[rack].tors[position].device.loopback
    case .spine(let region, let spine): layout.topology.regions[region].spines[spine].loopback
    }
  }

  private func addressCommands(
    _ interface: String, _ addresses: [Address], length: (AddressFamily) -> Int = { $0.bitWidth - 1 }
  ) -> [String] {
    addresses.map {
      "address add \($0)/\(length($0.family)) dev \(interface)\($0.family == .ipv6 ? " nodad" : "")"
    }
      + ["link set \(interface) up"]
  }

  /// The outside has its services, and a way back to what each plug leads to.
  private func outsideCommands() -> [String] {
    let outside = layout.outside
    var commands = (outside.services + outside.metadata).map {
      "address add \(Prefix(host: $0)) dev lo\($0.family == .ipv6 ? " nodad" : "")"
    }
    for (position, plug) in outside.plugs.enumerated() {
      commands += addressCommands("o\(position)", plug.outside) + waysToGateway(position)
    }
    return commands + waysBack(.healthy)
  }

  /// How the outside comes to the public addresses of a gateway.
  private func waysToGateway(_ position: Int) -> [String] {
    let plug = layout.outside.plugs[position]
    return plug.publicAddresses.flatMap { address in
      plug.device.filter { $0.family == address.family }.map { "route replace \(Prefix(host: address)) via \($0)" }
    }
  }

  /// What the outside needs again when a plug of it was down: the kernel forgets IPv6 addresses, and routes.
  func renewPlug(_ position: Int) -> [String] {
    layout.outside.plugs[position].outside.map {
      "address replace \($0)/\($0.family.bitWidth - 1) dev o\(position)\($0.family == .ipv6 ? " nodad" : "")"
    } + waysToGateway(position) + waysBack(.healthy)
  }

  /// How the outside comes to the fabric: over every device that leads to it, but over upstreams only where these have heard of
  /// the prefix, as the rest of the world's own routing would have it.
  func waysBack(_ condition: Condition) -> [String] {
    var ways: [Prefix: [Address]] = [:]
    for plug in layout.outside.plugs where plug.leadsDefault {
      let node = nodes[plug.node]
      let hasSession = node.device.role == .upstream && node.plan.bgp != nil
      let heard = hasSession ? Array(planLearnedRoutes(layout, node, condition).keys) : []
      for prefix in prefixes(behind: node) where !hasSession || heard.contains(where: { $0.contains(prefix) }) {
        ways[prefix, default: []] += plug.device.filter { $0.family == prefix.family }
      }
    }
    return ways.sorted { $0.key < $1.key }.map { prefix, hops in
      "route replace \(prefix) " + hops.map { "nexthop via \($0)" }.joined(separator: " ")
    }
  }

  private func prefixes(behind node: LabNode) -> [Prefix] {
    let topology = layout.topology
    switch node.device.place {
    // What leaves with the instance's own address comes back to that.
    case .host(let index) where topology.region(ofHost: index).vpc?.egress == .snat: return []
    case .host(let index):
      return topology.networks.indices.flatMap { topology.prefixes(ofHost: index, inNetwork: $0) }
    case .tor, .vpc: return []
    case .spine(let region, _), .upstream(let region, _):
      return topology.racks[topology.regions[region].racks].flatMap { rack in
        rack.allocations.compactMap { $0?.aggregate }
      }
    }
  }
}

/// Settings of a fresh namespace that keep the lab quick and still: addresses are usable at once (no duplicate address
/// detection), and answers to bursts of probes are not held back.
private func prepareNamespace(forwards: Bool) {
  for interface in ["all", "default"] {
    try? write("0", to: "/proc/sys/net/ipv6/conf/\(interface)/accept_dad")
    try? write("0", to: "/proc/sys/net/ipv6/conf/\(interface)/dad_transmits")
    try? write("0", to: "/proc/sys/net/ipv6/conf/\(interface)/router_solicitations")
  }
  try? write("0", to: "/proc/sys/net/ipv6/neigh/default/proxy_delay")
  try? write("0", to: "/proc/sys/net/ipv4/icmp_ratelimit")
  try? write("0", to: "/proc/sys/net/ipv6/icmp/ratelimit")
  if forwards {
    try? write("1", to: "/proc/sys/net/ipv4/ip_forward")
    try? write("1", to: "/proc/sys/net/ipv6/conf/all/forwarding")
  }
}
