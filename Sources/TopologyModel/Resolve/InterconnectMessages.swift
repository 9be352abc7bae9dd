/// What is said about interconnects that can't be routed.
extension Diagnostic {
  static func twoWays(
    _ names: (Name, Name), _ interconnect: Located<Name>, _ other: Located<Name>
  ) -> Diagnostic {
    Diagnostic(
      .twoWaysToRegion,
      "both '\(other.value)' and '\(interconnect.value)' lead from '\(names.0)' to '\(names.1)'",
      at: interconnect.range, labels: [(other.range, "the other one")],
      notes: ["which of them is used would be open"],
      help: ["take one of the two regions out of one of them; for a second gateway name two in one interconnect"])
  }

  /// - Parameter hub: the region in between that has none of the networks that they have in common.
  static func nothingInCommon(
    _ names: (Name, Name), _ hub: Name?, _ document: InterconnectDocument
  ) -> Diagnostic {
    if let hub {
      return Diagnostic(
        .nothingInCommon,
        "'\(names.0)' and '\(names.1)' have no network in common that '\(hub)' between them has too: nothing would cross",
        at: document.name.range, labels: document.hub.map { [($0.range, "the hub")] } ?? [],
        notes: ["a hub carries aggregates of its own networks only"],
        help: ["add '\(hub)' to the `regions:` of such a network, or link the two by an interconnect of their own"])
    }
    return Diagnostic(
      .nothingInCommon, "'\(names.0)' and '\(names.1)' have no network in common: nothing would cross",
      at: document.name.range,
      notes: ["only aggregates of networks that both regions have are announced"],
      help: ["add both to the `regions:` of a network, or take one of them out"])
  }

  static func gatewaySpeaker(_ name: Located<Name>, _ speaker: Speaker) -> Diagnostic {
    Diagnostic(
      .gatewaySpeaker, "the gateway '\(name.value)' has `speaker: \(speaker.rawValue)`, which is no full router",
      at: name.range,
      notes: ["a gateway takes routes from other gateways and passes them on; FRR and Quagga do that here"],
      help: ["write `speaker: frr` for the host, or name another gateway"])
  }

  static func gatewayNeedsBGP(_ name: Located<Name>, _ problem: String) -> Diagnostic {
    Diagnostic(
      .gatewaySpeaker, "'\(name.value)' can't be a gateway: \(problem)", at: name.range,
      notes: ["it must tell its ToR by BGP what it reaches, and the ToR the rest of the region"],
      help: [
        "name a host with `protocol: bgp` in a rack with ToRs, in a region where ToRs and spines speak external BGP"
      ])
  }

  static func gatewayWithoutRouterID(_ name: Located<Name>, zone: Name) -> Diagnostic {
    Diagnostic(
      .missingSubnet, "the gateway '\(name.value)' has no IPv4 address, but BGP needs one as router id", at: name.range,
      help: ["add `subnet:` to the zone '\(zone)', or name another gateway"])
  }

  static func gatewayFamilies(
    _ host: Located<Name>, _ address: Located<Address>, _ other: Located<Name>, _ first: Located<Address>
  ) -> Diagnostic {
    Diagnostic(
      .gatewayAddress,
      "the addresses of '\(other.value)' and '\(host.value)' are of two families: no tunnel can be between them",
      at: address.range, labels: [(first.range, "the other one")], help: ["choose addresses of one family"])
  }

  static func sameGatewayAddress(
    _ host: Located<Name>, _ address: Located<Address>, _ other: Located<Name>
  ) -> Diagnostic {
    Diagnostic(
      .gatewayAddress, "'\(other.value)' and '\(host.value)' both have the address \(address.value)", at: address.range,
      labels: [(other.range, "the other gateway")],
      notes: ["tunnels are told apart by the addresses of their ends"], help: ["give each its own"])
  }

  static func sameRemote(
    _ host: Name, _ address: Address, _ gateway: Located<Name>, _ other: Located<Name>
  ) -> Diagnostic {
    Diagnostic(
      .gatewayAddress, "two GRE tunnels of '\(host)' would lead to \(address)", at: gateway.range,
      labels: [(other.range, "the other one")], notes: ["GRE tells tunnels apart by the addresses of their ends"],
      help: ["give '\(gateway.value)' and '\(other.value)' addresses of their own, or use `encapsulation: wireguard`"])
  }

  static func gatewayInNetwork(
    _ host: Located<Name>, _ address: Located<Address>, _ network: Network
  ) -> Diagnostic {
    Diagnostic(
      .gatewayAddress,
      "the address \(address.value) of '\(host.value)' is in the network '\(network.name)': its tunnels would lead into themselves",
      at: address.range, labels: [(network.range, "the network")],
      help: ["name the address by which the other gateways reach it without the tunnels"])
  }

  static func openTunnel(_ document: InterconnectDocument) -> Diagnostic {
    Diagnostic(
      .openTunnel, "the tunnels of '\(document.name.value)' are not encrypted",
      at: document.tunnel.encapsulation?.range ?? document.name.range,
      notes: ["whoever is on the way can read and change what endpoints of two regions say to each other"],
      help: ["use `encapsulation: wireguard`, or silence this with `allow: [RC0630]` if the way is protected otherwise"]
    )
  }

  static func samePort(
    _ port: Int, _ host: Name, _ document: InterconnectDocument, _ other: Located<Name>
  ) -> Diagnostic {
    Diagnostic(
      .tunnelPort, "two tunnels of '\(host)' would have the UDP port \(port)",
      at: document.tunnel.port?.range ?? document.name.range, labels: [(other.range, "the other one")],
      help: ["give both interconnects the same `port:`: the numbers of tunnels keep their ports apart"])
  }

  static func underlayElsewhere(
    _ key: Located<Name>, _ document: InterconnectDocument, _ names: [Name]
  ) -> Diagnostic {
    Diagnostic(
      .tunnelUnderlay,
      "the peering '\(key.value)' is between \(names.map { "'\($0)'" }.joined(separator: " and ")), and the tunnels are not",
      at: key.range, labels: document.between.map { ($0.range, "linked by the tunnels") },
      notes: ["a peering is not transitive: nothing gets from one peering to another"],
      help: ["write an interconnect of tunnels for every peering"])
  }

  static func addressOutsidePeering(
    _ host: Located<Name>, _ address: Located<Address>, _ own: Address?, _ key: Located<Name>
  ) -> Diagnostic {
    Diagnostic(
      .tunnelUnderlay, "over a peering '\(host.value)' can't be reached at \(address.value)", at: address.range,
      labels: [(key.range, "the peering")],
      notes: ["a peering delivers to the VPC's own addresses, and drops all others"],
      help: [own.map { "write the instance's own address: \($0)" } ?? "give the instance an address of this family"])
  }

  static func tunnelMTU(_ tunnels: Tunnels, _ least: Int, _ document: InterconnectDocument) -> Diagnostic {
    Diagnostic(
      .tunnelMTU,
      "the tunnels of '\(document.name.value)' would have an MTU of \(tunnels.mtu) bytes, and need \(least)",
      at: document.tunnel.mtu?.range ?? document.name.range,
      notes: ["their headers take \(tunnels.overhead) of the \(tunnels.underlayMTU) below"],
      help: ["raise `mtu:` to \(least + tunnels.overhead) or more, if the way carries that"])
  }

  static func reservedPool(
    _ pool: Located<Prefix>, _ reserved: Prefix, _ document: InterconnectDocument
  ) -> Diagnostic {
    Diagnostic(
      .reservedDestination,
      "the link pool \(pool.value) of '\(document.name.value)' overlaps \(reserved), which EC2 keeps for its own services",
      at: pool.range, notes: ["a gateway would look for its metadata, its clock and its name server in a tunnel"],
      help: [
        "choose another pool, or leave it out: the default is \(pool.value.family == .ipv4 ? defaultTunnelPool : defaultTunnelPool6)"
      ])
  }
}
