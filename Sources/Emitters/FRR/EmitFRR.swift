import TopologyModel

/// Spells `frr.conf` for FRR 8 exactly as `show running-config` prints it after a start, so that `frr-reload.py` finds
/// nothing to do; what it can't print back is the comments and the roles of the sessions (see `emitBGP`).
///
/// On a host the static routes belong to `routes.sh`: zebra sees them in the kernel, so that `network` statements hold
/// while the discard routes are there.
///
/// Under `frr defaults datacenter` that output states `bgp ebgp-requires-policy`, and a session has keepalive 3 s,
/// hold 9 s and connect 10 s by default.
func emitFRR(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "routing (FRR)", comment: "!", into: &writer)
  writer.write("frr defaults datacenter\nhostname ")
  writer.write(device.name)
  // Without kernel nexthop objects: FRR 8.4 does not put a next hop back into a group that lost it when its link went
  // down, so equal-cost routes would stay on the other links for good (FRRouting pull request 13413).
  writer.write(
    "\nlog syslog informational\nno zebra nexthop kernel enable\nservice integrated-vtysh-config\n!\n")
  emitInsertions(device.insertions(.frr, .before), comment: "!", into: &writer)
  if let ospf = device.ospf { emitKeyChain(ospf, into: &writer) }
  if !device.kernelHoldsRoutes { emitStaticRoutes(device.routes, into: &writer) }
  emitInterfaces(device, into: &writer)
  if let bgp = device.bgp { emitBGP(bgp, device.insertions(.frr, .bgp), into: &writer) }
  if let ospf = device.ospf { emitOSPF(ospf, into: &writer) }
  emitPrefixLists(filters(of: device), into: &writer)
  if let bgp = device.bgp, bgp.sessions.contains(where: { $0.family == .ipv6 && $0.interface == nil }) {
    emitNextHopMap(into: &writer)
  }
  for session in device.bgp?.sessions ?? [] where session.setsNextHop { emitNextHopMap(of: session, into: &writer) }
  if let ospf = device.ospf { emitOSPFMaps(ospf, into: &writer) }
  emitInsertions(device.insertions(.frr, .after), comment: "!", into: &writer)
  writer.write("end\n")
  emitEndMarker(what: "routing (FRR)", comment: "!", into: &writer)
}

/// The filters of both protocols; one that both have is one list.
private func filters(of device: DevicePlan) -> [PrefixFilter] {
  let filters = device.bgp?.filters ?? []
  return filters + (device.ospf?.filters ?? []).filter { !filters.contains($0) }
}

/// Static routes in staticd's order: by family, length and address; a line for each next hop.
///
/// A discard route has distance 254, so that a BGP route of the same prefix wins while there is one.
private func emitStaticRoutes(_ routes: [StaticRoute], into writer: inout TextWriter) {
  let sorted = routes.sorted { left, right in
    (left.prefix.family, left.prefix.length, left.prefix.address)
      < (right.prefix.family, right.prefix.length, right.prefix.address)
  }
  for route in sorted {
    switch route.target {
    case .discard:
      emitRoute(route.prefix, into: &writer) { $0.write("blackhole 254") }
    case .gateways(let hops):
      for hop in hops { emitRoute(route.prefix, into: &writer) { $0.write(hop.address) } }
    case .endpoint(let interface, source: _):
      emitRoute(route.prefix, into: &writer) { $0.write(interface) }
    }
  }
  if !sorted.isEmpty { writer.write("!\n") }
}

private func emitRoute(
  _ prefix: Prefix, into writer: inout TextWriter, target: (inout TextWriter) -> Void
) {
  writer.write(prefix.family.command)
  writer.write(" route ")
  writer.write(prefix)
  writer.write(" ")
  target(&writer)
  writer.newline()
}

/// Prefix lists in the order of the plan, in steps of 5 as FRR itself numbers them. A list that does not exist
/// (yet) denies everything, and so does the one line of an empty filter.
func emitPrefixLists(_ filters: [PrefixFilter], into writer: inout TextWriter) {
  for family in AddressFamily.allCases {
    let lists = filters.filter { $0.family == family }
    for list in lists {
      for (index, entry) in list.entries.enumerated() {
        emitSequence(list, 5 * (index + 1), into: &writer)
        writer.write(entry.permits ? "permit " : "deny ")
        writer.write(entry.prefix)
        emitLengths(entry, into: &writer)
        writer.newline()
      }
      if list.entries.isEmpty {
        emitSequence(list, 5, into: &writer)
        writer.write("deny any\n")
      }
    }
    if !lists.isEmpty { writer.write("!\n") }
  }
}

private func emitSequence(_ list: PrefixFilter, _ sequence: Int, into writer: inout TextWriter) {
  writer.write(list.family.command)
  writer.write(" prefix-list ")
  writer.write(list.name)
  writer.write(" seq ")
  writer.write(sequence)
  writer.write(" ")
}

/// `ge` must be more than the length of the prefix (FRR manual, "IP Prefix List"), so the bound that the prefix sets is left out.
private func emitLengths(_ entry: FilterEntry, into writer: inout TextWriter) {
  if entry.isExact { return }
  if entry.lengths.lowerBound > entry.prefix.length {
    writer.write(" ge ")
    writer.write(entry.lengths.lowerBound)
  }
  writer.write(" le ")
  writer.write(entry.lengths.upperBound)
}

/// Without it FRR routes over a neighbour's link-local address, which nothing else in the plan knows.
private func emitNextHopMap(into writer: inout TextWriter) {
  writer.write("route-map global-next-hop permit 10\n set ipv6 next-hop prefer-global\nexit\n!\n")
}

/// What a route reflector tells a client is the way to all that it reflects: its own end of their link.
private func emitNextHopMap(of session: BGPSession, into writer: inout TextWriter) {
  writer.write("route-map next-hop-")
  writer.write(session.neighbor)
  writer.write(" permit 10\n set ipv6 next-hop global ")
  if let address = session.localAddress { writer.write(address) }
  writer.write("\nexit\n!\n")
}

extension AddressFamily {
  /// The word before `route` and `prefix-list`.
  fileprivate var command: StaticString { self == .ipv4 ? "ip" : "ipv6" }
}

extension TextWriter {
  /// The name of a prefix list. No fixed name begins like one that holds a device's name.
  mutating func write(_ name: FilterName) {
    switch name {
    case .hostPrefixes(let host):
      write("host-")
      write(host)
    case .vlanPrefixes(let host, let vlan):
      write("host-")
      write(host)
      write(":")
      write(vlan)
    case .vlanNetworks(let host, let vlan):
      write("vlan-")
      write(host)
      write(":")
      write(vlan)
    case .rackAggregates(let tor):
      write("rack-")
      write(tor)
    case .regionAggregates: write("region")
    case .pair(let name):
      write("pair-")
      write(name)
    case .networks: write("networks")
    case .networksAndDefault: write("networks-default")
    case .segmentNetworks(let rack, let withDefault):
      write(withDefault ? "segment-default-" : "segment-networks-")
      write(rack)
    case .areaPrefixes: write("area")
    case .upstream(let name):
      write("upstream-")
      write(name)
    case .announced(let name):
      write("announced-")
      write(name)
    case .gatewayNetworks(let host):
      write("gateway-")
      write(host)
    case .nothing: write("nothing")
    }
  }
}
