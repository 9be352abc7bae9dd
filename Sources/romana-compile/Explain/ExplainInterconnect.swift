import TopologyModel

/// What an interconnect links, by what, and what it carries.
func explainInterconnect(_ index: Int, _ topology: Topology) -> Facts {
  let interconnect = topology.interconnects[index]
  var facts = Facts(title: "\(interconnect.name) is an interconnect")
  switch interconnect.means {
  case .tunnels(let tunnels): addTunnels(tunnels, interconnect, &facts, topology)
  case .transitGateways(let gateways):
    facts.add("kind", "transit gateways")
    facts.add("regions", regions(interconnect, topology))
    addTransitGateways(gateways, interconnect, &facts, topology)
  case .peering(let id):
    facts.add("kind", "VPC peering \(id?.text ?? "by parameter")")
    for region in interconnect.regions {
      facts.add(
        "VPC", topology.regions[region].vpc.flatMap(\.prefix).map { "\($0) of \(topology.regions[region].name)" })
    }
    let above = topology.interconnects.filter { $0.tunnels?.over == index }
    facts.add("carries", above.isEmpty ? "nothing" : "the tunnels of \(above.map(\.name.text).joined(separator: ", "))")
  }
  for (far, readers) in carried(index, topology) {
    facts.add(
      "carries",
      "\(far.prefix) of \(topology.regions[far.region].name) in \(topology.networks[far.network].name) to "
        + readers.map { topology.regions[$0].name.text }.joined(separator: ", "))
  }
  return facts
}

/// The aggregates that cross an interconnect, sorted, each with the regions that reach it.
private func carried(_ index: Int, _ topology: Topology) -> [(far: FarAggregate, readers: [Int])] {
  var result: [(far: FarAggregate, readers: [Int])] = []
  for region in topology.interconnects[index].regions {
    for far in topology.farAggregates(ofRegion: region) where far.interconnect == index {
      if let position = result.firstIndex(where: { $0.far.prefix == far.prefix }) {
        result[position].readers.append(region)
      } else {
        result.append((far, [region]))
      }
    }
  }
  return result.sorted { $0.far.prefix < $1.far.prefix }
}

/// `dc1, dc2, each with each other`, or `hub dc1 with dc2, dc3`.
private func regions(_ interconnect: Interconnect, _ topology: Topology) -> String {
  func names(_ regions: [Int]) -> String { regions.map { topology.regions[$0].name.text }.joined(separator: ", ") }
  guard let hub = interconnect.hub else {
    return names(interconnect.regions) + (interconnect.regions.count > 2 ? ", each with each other" : "")
  }
  let passes = interconnect.isTransit ? "carries between them" : "is not transit"
  return "\(names(interconnect.regions.filter { $0 != hub })) with the hub \(names([hub])), which \(passes)"
}

private func addTunnels(
  _ tunnels: Tunnels, _ interconnect: Interconnect, _ facts: inout Facts, _ topology: Topology
) {
  facts.add("kind", "tunnels, \(tunnels.encapsulation == .gre ? "GRE" : "WireGuard")")
  facts.add("regions", regions(interconnect, topology))
  facts.add(
    "over", tunnels.over.map { "the peering \(topology.interconnects[$0].name)" } ?? "ways outside of the fabric")
  facts.add(
    "key file",
    tunnels.keyFile.map { "\($0), \(tunnels.encapsulation == .gre ? "of the sessions" : "the private key")" })
  facts.add("MTU", "\(tunnels.mtu), of the way below \(tunnels.underlayMTU)")
  for (region, hosts) in tunnels.gateways.sorted(by: { $0.key < $1.key }) {
    let texts = hosts.map { host in
      let end = tunnels.tunnels.lazy.flatMap(\.ends).first { $0.host == host }
      return topology.hosts[host].name.text + (end.map { " \($0.publicAddress)" } ?? "")
        + (topology.hosts[host].isDrained ? " (drained)" : "")
    }
    facts.add("gateways", "\(texts.joined(separator: ", ")) of \(topology.regions[region].name)")
  }
  for tunnel in tunnels.tunnels {
    let links = [tunnel.prefix, tunnel.prefix6].compactMap(\.self).map { "\($0)" }.joined(separator: ", ")
    let names = tunnel.ends.map { topology.hosts[$0.host].name.text }.joined(separator: " to ")
    facts.add("tunnel", "\(tunnel.interface) \(names), \(links)\(port(tunnel, tunnels))")
  }
}

private func port(_ tunnel: Tunnel, _ tunnels: Tunnels) -> String {
  tunnels.encapsulation == .wireguard ? ", UDP port \(tunnel.port)" : ""
}

private func addTransitGateways(
  _ gateways: TransitGateways, _ interconnect: Interconnect, _ facts: inout Facts, _ topology: Topology
) {
  func id(_ name: Name?) -> String { name?.text ?? "by parameter" }
  for region in interconnect.regions {
    facts.add(
      "gateway",
      "\(id(gateways.gateways[region])) of \(topology.regions[region].name), attachment of the VPC "
        + "\(id(gateways.attachments[region])), route table \(id(gateways.routeTables[region]))")
  }
  for (first, second) in interconnect.pairs {
    let names = [first, second].map { topology.regions[$0].name.text }.joined(separator: " with ")
    facts.add("peering", "\(names), attachment \(id(gateways.peerings[[min(first, second), max(first, second)]]))")
  }
}

/// A tunnel by the name of its interface, which is the same at both ends; nil if there is none.
func explainTunnel(_ name: String, _ topology: Topology) -> Facts? {
  for interconnect in topology.interconnects {
    guard let tunnels = interconnect.tunnels,
      let tunnel = tunnels.tunnels.first(where: { $0.interface.text == name })
    else { continue }
    var facts = Facts(title: "\(name) is a tunnel of \(interconnect.name)")
    facts.add("kind", (tunnels.encapsulation == .gre ? "GRE" : "WireGuard") + port(tunnel, tunnels))
    for (number, end) in tunnel.ends.enumerated() {
      let addresses = AddressFamily.allCases.compactMap { tunnel.address($0, ofEnd: number) }.map { "\($0)" }
      let region = topology.region(ofHost: end.host).name
      facts.add(
        "end",
        "\(topology.hosts[end.host].name) of \(region), reached by \(end.publicAddress), inside \(addresses.joined(separator: ", "))"
      )
      facts.add("public key", end.publicKey.map { "\($0.text) of \(topology.hosts[end.host].name)" })
    }
    facts.add("MTU", "\(tunnels.mtu)")
    for end in tunnel.ends {
      let item = topology.tunnels(ofHost: end.host).first { $0.tunnel.number == tunnel.number }
      let behind = item.map { topology.aggregatesBehind($0).map { "\($0.prefix)" } } ?? []
      facts.add("lets out", "on \(topology.hosts[end.host].name): \(behind.joined(separator: ", "))")
    }
    return facts
  }
  return nil
}

extension Topology {
  /// What a region reaches of others, a line each.
  func reaches(fromRegion region: Int) -> [String] {
    farAggregates(ofRegion: region).map { far in
      let way: String
      switch far.way {
      case .gateways(let hosts):
        way =
          hosts.isEmpty
          ? "no gateway"
          : hosts.map { self.hosts[$0].name.text }.joined(separator: regions[region].vpc == nil ? ", " : ", then ")
      case .transitGateway: way = "its transit gateway"
      }
      return
        "\(far.prefix) of \(regions[far.region].name) in \(networks[far.network].name), \(interconnects[far.interconnect].name) by \(way)"
    }
  }

  /// The tunnels of a host, a line each.
  func tunnelLines(ofHost host: Int) -> [String] {
    tunnels(ofHost: host).map { item in
      let addresses = AddressFamily.allCases.compactMap(item.address).map { "\($0)" }.joined(separator: ", ")
      return
        "\(item.tunnel.interface) \(addresses) to \(hosts[item.remote.host].name) at \(item.remote.publicAddress), "
        + "\(interconnects[item.interconnect].name)"
    }
  }
}

/// An address in a tunnel, or the one by which other gateways reach one.
func explainTunnelAddress(_ address: Address, _ topology: Topology) -> Facts? {
  var outer: Facts?
  for host in topology.hosts.indices {
    for item in topology.tunnels(ofHost: host) {
      let name = topology.hosts[host].name
      let place = "\(DeviceRole.host.title) \(name) in \(topology.path(of: .host(host)))"
      let remote = topology.hosts[item.remote.host].name
      if item.address(address.family) == address {
        var facts = Facts(title: "\(address) is an address of \(name)")
        facts.add("device", place)
        facts.add(
          "interface", "\(item.tunnel.interface), a tunnel of \(topology.interconnects[item.interconnect].name)")
        let link = address.family == .ipv4 ? item.tunnel.prefix : item.tunnel.prefix6
        facts.add(
          "link", link.map { "\($0), with \(remote)\(item.remoteAddress(address.family).map { " \($0)" } ?? "")" })
        return facts
      }
      guard item.local.publicAddress == address else { continue }
      if outer == nil {
        outer = Facts(title: "\(address) is the address by which other gateways reach \(name)")
        outer?.add("device", place)
      }
      outer?.add("tunnel", "\(item.tunnel.interface) to \(remote), \(topology.interconnects[item.interconnect].name)")
    }
    if outer != nil { return outer }
  }
  return nil
}
