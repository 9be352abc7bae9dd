/// Checks that what is linked can be routed: no region by two ways, gateways that can be such, addresses that lead to them.
func checkInterconnects(
  _ topology: Topology, _ documents: [InterconnectDocument], _ diagnostics: inout Diagnostics
) {
  checkWays(topology, documents, &diagnostics)
  checkPeerings(topology, documents, &diagnostics)
  checkIDs(topology, documents, &diagnostics)
  checkTransitQuotas(topology, documents, &diagnostics)
  var ports: [PortOfHost: Located<Name>] = [:]
  var remotes: [RemoteOfHost: (gateway: Int, document: InterconnectDocument)] = [:]
  for (index, document) in documents.enumerated() {
    let interconnect = topology.interconnects[index]
    guard let tunnels = interconnect.tunnels else { continue }
    for host in tunnels.gateways.values.joined().sorted() {
      let name = document.tunnel.gateways.first { $0.host.value == topology.hosts[host].name }!.host
      checkGateway(topology, host, name, &diagnostics)
    }
    checkAddresses(topology, document, tunnels, &diagnostics)
    checkUnderlay(topology, document, interconnect, tunnels, &diagnostics)
    checkTunnelMTU(tunnels, document, &diagnostics)
    if interconnect.regions.contains(where: { topology.regions[$0].vpc != nil }) { checkPools(document, &diagnostics) }
    if tunnels.encapsulation == .gre {
      if tunnels.over == nil { diagnostics.add(.openTunnel(document)) }
      checkRemotes(topology, document, tunnels, &remotes, &diagnostics)
      continue
    }
    for tunnel in tunnels.tunnels {
      for end in tunnel.ends {
        let key = PortOfHost(host: end.host, port: tunnel.port)
        if let other = ports.updateValue(document.name, forKey: key), other.value != document.name.value {
          diagnostics.addOnce(.samePort(tunnel.port, topology.hosts[end.host].name, document, other))
        }
      }
    }
  }
}

private struct PortOfHost: Hashable {
  var host: Int
  var port: Int
}

private struct RemoteOfHost: Hashable {
  var host: Int
  var address: Address
}

/// GRE has nothing but the address of the other end to tell tunnels apart, and a host has one tunnel to an address (ip-link(8)).
private func checkRemotes(
  _ topology: Topology, _ document: InterconnectDocument, _ tunnels: Tunnels,
  _ remotes: inout [RemoteOfHost: (gateway: Int, document: InterconnectDocument)], _ diagnostics: inout Diagnostics
) {
  for tunnel in tunnels.tunnels {
    for (end, remote) in [(tunnel.ends[0], tunnel.ends[1]), (tunnel.ends[1], tunnel.ends[0])] {
      let key = RemoteOfHost(host: end.host, address: remote.publicAddress)
      // Two of one interconnect with one address were reported.
      if let other = remotes.updateValue((remote.host, document), forKey: key),
        other.document.name.value != document.name.value
      {
        func source(_ gateway: Int, _ document: InterconnectDocument) -> Located<Name> {
          document.tunnel.gateways.first { $0.host.value == topology.hosts[gateway].name }!.host
        }
        diagnostics.addOnce(
          .sameRemote(
            topology.hosts[end.host].name, remote.publicAddress, source(remote.host, document),
            source(other.gateway, other.document)))
      }
    }
  }
}

/// Two interconnects that lead from one region to another would leave it open which one is used.
private func checkWays(_ topology: Topology, _ documents: [InterconnectDocument], _ diagnostics: inout Diagnostics) {
  for region in topology.regions.indices {
    var ways: [Int: Int] = [:]
    for (index, interconnect) in topology.interconnects.enumerated() {
      for far in interconnect.reached(from: region) {
        let names = (topology.regions[region].name, topology.regions[far].name)
        if region < far, topology.networks(crossing: interconnect, region, far).isEmpty {
          let hub = topology.sharedNetworks(region, far).isEmpty ? nil : interconnect.hub
          diagnostics.add(.nothingInCommon(names, hub.map { topology.regions[$0].name }, documents[index]))
        }
        if let other = ways.updateValue(index, forKey: far), region < far {
          diagnostics.add(.twoWays(names, documents[index].name, documents[other].name))
        }
      }
    }
  }
}

/// What runs on a gateway must take routes from the other gateways and pass them on to its ToR.
private func checkGateway(
  _ topology: Topology, _ index: Int, _ name: Located<Name>, _ diagnostics: inout Diagnostics
) {
  let host = topology.hosts[index]
  let region = topology.region(ofHost: index)
  guard host.settings.speaker.isFullRouter else {
    diagnostics.addOnce(.gatewaySpeaker(name, host.settings.speaker))
    return
  }
  let rack = topology.rack(ofHost: index)
  guard region.vpc == nil else {
    if host.address(.ipv4) == nil { diagnostics.addOnce(.gatewayWithoutRouterID(name, zone: rack.name)) }
    return
  }
  let problem: String? =
    if host.settings.routing != .bgp {
      "it has `protocol: \(host.settings.routing.rawValue)`"
    } else if !region.spines.isEmpty, region.routing != .bgp {
      "its region has `protocol: \(region.routing.rawValue)`"
    } else if rack.tors.isEmpty {
      "its rack has no ToR"
    } else if !rack.vlans.isEmpty {
      "it is on VLANs"
    } else if host.settings.bgpRole == .required {
      "it has `bgp_role: required`, and routes of other regions would be leaks by RFC 9234"
    } else if region.spineBGP == .routeReflector {
      "its region has route reflectors"
    } else {
      nil
    }
  if let problem { diagnostics.addOnce(.gatewayNeedsBGP(name, problem)) }
}

private func checkAddresses(
  _ topology: Topology, _ document: InterconnectDocument, _ tunnels: Tunnels, _ diagnostics: inout Diagnostics
) {
  var owners: [Address: Located<Name>] = [:]
  let first = document.tunnel.gateways.first
  for (host, address) in document.tunnel.gateways {
    if let first, first.address.value.family != address.value.family {
      diagnostics.add(.gatewayFamilies(host, address, first.host, first.address))
    }
    if let other = owners.updateValue(host, forKey: address.value) {
      diagnostics.add(.sameGatewayAddress(host, address, other))
    }
    checkUsable(Located(Prefix(host: address.value), at: address.range), &diagnostics)
    if let network = topology.networks.first(where: { $0.prefix.contains(address.value) }) {
      diagnostics.add(.gatewayInNetwork(host, address, network))
    }
  }
}

/// Tunnels over a peering: between its two regions, and from and to the instances' own addresses, since a peering knows no others.
private func checkUnderlay(
  _ topology: Topology, _ document: InterconnectDocument, _ interconnect: Interconnect, _ tunnels: Tunnels,
  _ diagnostics: inout Diagnostics
) {
  guard let over = tunnels.over, let key = document.tunnel.over else { return }
  let peering = topology.interconnects[over]
  if peering.regions != interconnect.regions {
    diagnostics.add(.underlayElsewhere(key, document, peering.regions.map { topology.regions[$0].name }))
    return
  }
  for (host, address) in document.tunnel.gateways {
    guard let index = topology.hosts.firstIndex(where: { $0.name == host.value }) else { continue }
    let own = topology.hosts[index].address(address.value.family)
    if own != address.value { diagnostics.add(.addressOutsidePeering(host, address, own, key)) }
  }
}

/// A link inside of what EC2 keeps would hide its services from a gateway.
private func checkPools(_ document: InterconnectDocument, _ diagnostics: inout Diagnostics) {
  for pool in [document.tunnel.linkPool, document.tunnel.linkPool6].compactMap(\.self) {
    for reserved in reservedDestinations where reserved.overlaps(pool.value) {
      diagnostics.add(.reservedPool(pool, reserved, document))
    }
  }
}

extension Tunnels {
  /// How many bytes the encapsulation takes: the outer header, and GRE (RFC 2784; with a link of Ethernet below) or UDP and WireGuard (32
  /// bytes, WireGuard whitepaper section 5.4.6).
  package var overhead: Int {
    let isIPv6 = tunnels.first?.ends[0].publicAddress.family == .ipv6
    return switch encapsulation {
    case .gre: isIPv6 ? 44 : 24
    case .wireguard: isIPv6 ? 80 : 60
    }
  }

  /// Of the tunnels, in bytes.
  package var mtu: Int { underlayMTU - overhead }
}

/// IPv6 needs 1280 bytes (RFC 8200 section 5), IPv4 576.
private func checkTunnelMTU(
  _ tunnels: Tunnels, _ document: InterconnectDocument, _ diagnostics: inout Diagnostics
) {
  let least = tunnels.tunnels.contains { $0.prefix6 != nil } ? 1280 : 576
  if tunnels.mtu < least { diagnostics.add(.tunnelMTU(tunnels, least, document)) }
}
