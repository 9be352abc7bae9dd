/// Checks that what is linked can be routed: no region by two ways, gateways that can be such, addresses that lead to them.
func checkInterconnects(
  _ topology: Topology, _ documents: [InterconnectDocument], _ diagnostics: inout Diagnostics
) {
  checkWays(topology, documents, &diagnostics)
  checkPeerings(topology, documents, &diagnostics)
  checkIDs(topology, documents, &diagnostics)
  var ports: [PortOfHost: Located<Name>] = [:]
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
    if tunnels.encapsulation == .gre {
      if tunnels.over == nil { diagnostics.add(.openTunnel(document)) }
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

/// Two interconnects that lead from one region to another would leave it open which one is used.
private func checkWays(_ topology: Topology, _ documents: [InterconnectDocument], _ diagnostics: inout Diagnostics) {
  for region in topology.regions.indices {
    var ways: [Int: Int] = [:]
    for (index, interconnect) in topology.interconnects.enumerated() {
      for far in interconnect.reached(from: region) {
        let names = (topology.regions[region].name, topology.regions[far].name)
        if region < far, topology.sharedNetworks(region, far).isEmpty {
          diagnostics.add(.nothingInCommon(names, documents[index]))
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
  guard region.vpc == nil else { return }
  let rack = topology.rack(ofHost: index)
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

extension Diagnostic {
  fileprivate static func twoWays(
    _ names: (Name, Name), _ interconnect: Located<Name>, _ other: Located<Name>
  ) -> Diagnostic {
    Diagnostic(
      .twoWaysToRegion,
      "both '\(other.value)' and '\(interconnect.value)' lead from '\(names.0)' to '\(names.1)'",
      at: interconnect.range, labels: [(other.range, "the other one")],
      notes: ["which of them is used would be open"],
      help: ["take one of the two regions out of one of them; for a second gateway name two in one interconnect"])
  }

  fileprivate static func nothingInCommon(_ names: (Name, Name), _ document: InterconnectDocument) -> Diagnostic {
    Diagnostic(
      .nothingInCommon, "'\(names.0)' and '\(names.1)' have no network in common: nothing would cross",
      at: document.name.range,
      notes: ["only aggregates of networks that both regions have are announced"],
      help: ["add both to the `regions:` of a network, or take one of them out"])
  }

  fileprivate static func gatewaySpeaker(_ name: Located<Name>, _ speaker: Speaker) -> Diagnostic {
    Diagnostic(
      .gatewaySpeaker, "the gateway '\(name.value)' has `speaker: \(speaker.rawValue)`, which is no full router",
      at: name.range,
      notes: ["a gateway takes routes from other gateways and passes them on; FRR and Quagga do that here"],
      help: ["write `speaker: frr` for the host, or name another gateway"])
  }

  fileprivate static func gatewayNeedsBGP(_ name: Located<Name>, _ problem: String) -> Diagnostic {
    Diagnostic(
      .gatewaySpeaker, "'\(name.value)' can't be a gateway: \(problem)", at: name.range,
      notes: ["it must tell its ToR by BGP what it reaches, and the ToR the rest of the region"],
      help: [
        "name a host with `protocol: bgp` in a rack with ToRs, in a region where ToRs and spines speak external BGP"
      ])
  }

  fileprivate static func gatewayFamilies(
    _ host: Located<Name>, _ address: Located<Address>, _ other: Located<Name>, _ first: Located<Address>
  ) -> Diagnostic {
    Diagnostic(
      .gatewayAddress,
      "the addresses of '\(other.value)' and '\(host.value)' are of two families: no tunnel can be between them",
      at: address.range, labels: [(first.range, "the other one")], help: ["choose addresses of one family"])
  }

  fileprivate static func sameGatewayAddress(
    _ host: Located<Name>, _ address: Located<Address>, _ other: Located<Name>
  ) -> Diagnostic {
    Diagnostic(
      .gatewayAddress, "'\(other.value)' and '\(host.value)' both have the address \(address.value)", at: address.range,
      labels: [(other.range, "the other gateway")],
      notes: ["tunnels are told apart by the addresses of their ends"], help: ["give each its own"])
  }

  fileprivate static func gatewayInNetwork(
    _ host: Located<Name>, _ address: Located<Address>, _ network: Network
  ) -> Diagnostic {
    Diagnostic(
      .gatewayAddress,
      "the address \(address.value) of '\(host.value)' is in the network '\(network.name)': its tunnels would lead into themselves",
      at: address.range, labels: [(network.range, "the network")],
      help: ["name the address by which the other gateways reach it without the tunnels"])
  }

  fileprivate static func openTunnel(_ document: InterconnectDocument) -> Diagnostic {
    Diagnostic(
      .openTunnel, "the tunnels of '\(document.name.value)' are not encrypted",
      at: document.tunnel.encapsulation?.range ?? document.name.range,
      notes: ["whoever is on the way can read and change what endpoints of two regions say to each other"],
      help: ["use `encapsulation: wireguard`, or silence this with `allow: [RC0630]` if the way is protected otherwise"]
    )
  }

  fileprivate static func samePort(
    _ port: Int, _ host: Name, _ document: InterconnectDocument, _ other: Located<Name>
  ) -> Diagnostic {
    Diagnostic(
      .tunnelPort, "two tunnels of '\(host)' would have the UDP port \(port)",
      at: document.tunnel.port?.range ?? document.name.range, labels: [(other.range, "the other one")],
      help: ["give both interconnects the same `port:`: the numbers of tunnels keep their ports apart"])
  }

  fileprivate static func underlayElsewhere(
    _ key: Located<Name>, _ document: InterconnectDocument, _ names: [Name]
  ) -> Diagnostic {
    Diagnostic(
      .tunnelUnderlay,
      "the peering '\(key.value)' is between \(names.map { "'\($0)'" }.joined(separator: " and ")), and the tunnels are not",
      at: key.range, labels: document.between.map { ($0.range, "linked by the tunnels") },
      notes: ["a peering is not transitive: nothing gets from one peering to another"],
      help: ["write an interconnect of tunnels for every peering"])
  }

  fileprivate static func addressOutsidePeering(
    _ host: Located<Name>, _ address: Located<Address>, _ own: Address?, _ key: Located<Name>
  ) -> Diagnostic {
    Diagnostic(
      .tunnelUnderlay, "over a peering '\(host.value)' can't be reached at \(address.value)", at: address.range,
      labels: [(key.range, "the peering")],
      notes: ["a peering delivers to the VPC's own addresses, and drops all others"],
      help: [own.map { "write the instance's own address: \($0)" } ?? "give the instance an address of this family"])
  }

  fileprivate static func tunnelMTU(_ tunnels: Tunnels, _ least: Int, _ document: InterconnectDocument) -> Diagnostic {
    Diagnostic(
      .tunnelMTU,
      "the tunnels of '\(document.name.value)' would have an MTU of \(tunnels.mtu) bytes, and need \(least)",
      at: document.tunnel.mtu?.range ?? document.name.range,
      notes: ["their headers take \(tunnels.overhead) of the \(tunnels.underlayMTU) below"],
      help: ["raise `mtu:` to \(least + tunnels.overhead) or more, if the way carries that"])
  }
}
