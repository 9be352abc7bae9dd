import TopologyModel

/// Which functions a packet must visit, from the meaning of services in the topology; marks, tables and rules have no part in it.
struct ServiceChains: Sendable {
  let topology: Topology

  /// The service of packets from one endpoint to another, and its functions in the order in which they are visited.
  func chain(_ source: LabEndpoint, _ target: LabEndpoint) -> (service: Service, functions: [Int])? {
    // What a function sends and gets for itself is led nowhere.
    if source.function != nil || target.function != nil { return nil }
    for service in topology.services {
      if names(service.from, source), names(service.to, target) { return (service, service.functions) }
      if service.returns, names(service.to, source), names(service.from, target) {
        return (service, service.functions.reversed())
      }
    }
    return nil
  }

  private func names(_ peers: [PolicyPeer], _ endpoint: LabEndpoint) -> Bool {
    peers.contains { peer in
      switch peer {
      case .any: true
      case .cidr(let prefix): endpoint.places.contains { prefix.contains($0.address) }
      case .host, .localHost: false
      case .endpoints(let group): names(group, endpoint)
      }
    }
  }

  private func names(_ group: EndpointGroup, _ endpoint: LabEndpoint) -> Bool {
    if let tenant = group.tenant, topology.tenants[tenant].id != endpoint.tenant { return false }
    if let segment = group.segment, segment != endpoint.segment { return false }
    let host = topology.hosts[endpoint.hostIndex]
    switch group.place {
    case .everywhere: return true
    case .cidr(let prefix): return endpoint.places.contains { prefix.contains($0.address) }
    case .region(let region): return topology.racks[host.rack].region == region
    case .rack(let rack): return host.rack == rack
    case .host(let index): return index == endpoint.hostIndex
    }
  }
}
