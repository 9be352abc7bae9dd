import TopologyModel

/// Plugging in endpoints: what the agent of a cloud does on a host.
extension Lab {
  func plugInEndpoints() async throws {
    _ = try await concurrently(nodes.filter(\.isHost)) { node in
      let endpoints = layout.endpoints.filter { $0.host == node.index }
      try await ip(node.namespace, endpoints.flatMap(hostCommands))
      for endpoint in endpoints {
        try await ip(endpoint.namespace, endpointCommands(endpoint))
        if endpoint.function != nil { try await makeRouter(endpoint) }
      }
    }
  }

  /// On the host: the cable, and for endpoints that the topology does not list what `routes.sh` does for those it does:
  /// a route, and an answer to neighbour solicitations for the gateway.
  private func hostCommands(_ endpoint: LabEndpoint) -> [String] {
    var commands = [
      "link add \(endpoint.interface) type veth peer name eth0 netns \(endpoint.namespace)",
      "link set \(endpoint.interface) up",
    ]
    guard !endpoint.isListed else { return commands }
    for place in endpoint.places {
      // Without `src`: the kernel drops a route when the address that it names there goes away.
      commands.append("route add \(Prefix(host: place.address)) dev \(endpoint.interface) proto static")
      if place.address.family == .ipv6 {
        commands.append("neighbour replace proxy \(place.gateway) dev \(endpoint.interface)")
      }
    }
    return commands
  }

  /// A service function passes on what it gets, and tells nobody of shorter ways.
  private func makeRouter(_ endpoint: LabEndpoint) async throws(LabError) {
    let settings =
      ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]
      + ["all", "eth0"].flatMap { ["net.ipv4.conf.\($0).rp_filter=0", "net.ipv4.conf.\($0).send_redirects=0"] }
    try await executeOrThrow(["ip", "netns", "exec", endpoint.namespace, "sysctl", "-qw"] + settings)
  }

  /// In the endpoint: its addresses and a default route to the host's gateway address.
  private func endpointCommands(_ endpoint: LabEndpoint) -> [String] {
    var commands = ["link set eth0 up"]
    var families: Set<AddressFamily> = []
    for place in endpoint.places {
      let family = place.address.family
      commands.append(
        "address add \(Prefix(host: place.address)) dev eth0\(family == .ipv6 ? " nodad" : "")")
      guard families.insert(family).inserted else { continue }
      commands.append("route add \(Prefix(host: place.gateway)) dev eth0")
      commands.append("route add \(Prefix.everything(family)) via \(place.gateway) dev eth0")
    }
    return commands
  }
}
