/// Whose packets a service may be about, and where they may go.
func checkPeers(
  _ document: ServiceDocument, _ from: [PolicyPeer], _ to: [PolicyPeer], _ topology: Topology,
  _ diagnostics: inout Diagnostics
) {
  for peer in document.from where peer.isAny || peer.isLocalHost || !peer.cidrs.isEmpty || peer.isHostsOnly {
    diagnostics.add(.serviceWithoutSource(document, peer))
  }
  for peer in document.to ?? [] where peer.isLocalHost || peer.isHostsOnly {
    diagnostics.add(.serviceToHosts(document, peer))
  }
  guard document.returns?.value == true else { return }
  if leavesFabric(to, topology) { diagnostics.add(.returnFromOutside(document)) }
}

/// Whether something of it is no endpoint.
private func leavesFabric(_ to: [PolicyPeer], _ topology: Topology) -> Bool {
  to.contains { peer in
    switch peer {
    case .any: true
    case .cidr(let prefix): !topology.networks.contains { $0.prefix.contains(prefix) }
    case .endpoints, .host, .localHost: false
    }
  }
}

extension PeerDocument {
  /// Whether it names hosts themselves.
  fileprivate var isHostsOnly: Bool { tenants.isEmpty && !hosts.isEmpty }
}

/// Checks services that are resolved: that each is about some packet and can reach its functions, and that no two want the
/// same packet.
func checkServices(_ topology: Topology, _ documents: [ServiceDocument], _ diagnostics: inout Diagnostics) {
  guard !topology.services.isEmpty else { return }
  let paths = servicePaths(topology)
  for (index, service) in topology.services.enumerated() {
    let own = paths.filter { $0.service == index }
    if !AddressFamily.allCases.contains(where: { family in own.contains { $0.isAbout(family) } }) {
      diagnostics.add(.serviceMatchesNothing(service))
    }
    checkFunctions(service, documents[index], own, topology, &diagnostics)
    let translating = sourceRegions(service, topology).first { topology.regions[$0].vpc?.egress == .snat }
    if let translating, leavesFabric(service.to, topology) {
      diagnostics.add(.serviceWithTranslation(service, topology.regions[translating].name))
    }
  }
  var reported: Set<[Int]> = []
  for (position, path) in paths.enumerated() {
    for other in paths[..<position] where other.service != path.service {
      let (first, second) = (topology.services[other.service], topology.services[path.service])
      guard first.priority == second.priority, let witness = sharedPacket(other, path, topology),
        reported.insert([other.service, path.service]).inserted
      else { continue }
      diagnostics.add(.servicesContradict(second, first, witness))
    }
  }
}

/// Functions have an address of each family that is led through them, and are in the region of all sources: nothing but
/// the fabric of a region carries packets to them.
private func checkFunctions(
  _ service: Service, _ document: ServiceDocument, _ paths: [ServicePath], _ topology: Topology,
  _ diagnostics: inout Diagnostics
) {
  let families = AddressFamily.allCases.filter { family in paths.contains { $0.isAbout(family) } }
  let regions = sourceRegions(service, topology)
  for (function, name) in zip(service.functions.map { topology.functions[$0] }, document.via) {
    if let family = families.first(where: { function.address($0) == nil }) {
      diagnostics.add(.functionLacksFamily(service, name, family))
    }
    let home = topology.racks[topology.hosts[function.host].rack].region
    if let other = regions.first(where: { $0 != home }) {
      diagnostics.add(.functionElsewhere(service, name, topology.regions[home].name, topology.regions[other].name))
    }
    if topology.hosts.count > 1, topology.tunnelNetwork(ofHost: function.host) == nil {
      diagnostics.add(
        .notSupportedYet("a service function on a host whose networks are all divided into blocks", at: name.range))
    }
    // Two hosts of one VLAN each may have no network in common for the ends of a tunnel.
    if topology.racks[topology.regions[home].racks].contains(where: { !$0.vlans.isEmpty }) {
      diagnostics.add(.notSupportedYet("a service function in a region with `vlans:`", at: name.range))
    }
    if topology.hosts[function.host].isDrained {
      diagnostics.add(.functionOnDrainedHost(service, name, topology.hosts[function.host].name))
    }
  }
}

/// The regions that hosts with sources of the service are in, ascending.
private func sourceRegions(_ service: Service, _ topology: Topology) -> [Int] {
  var regions: Set<Int> = []
  func insert(inside prefix: Prefix) {
    for (index, region) in topology.regions.enumerated()
    where region.allocations.contains(where: { $0?.prefix.overlaps(prefix) ?? false }) {
      regions.insert(index)
    }
  }
  for peer in service.from + (service.returns ? service.to : []) {
    switch peer {
    case .endpoints(let group):
      switch group.place {
      case .cidr(let prefix): insert(inside: prefix)
      case .region(let region): regions.insert(region)
      case .rack(let rack): regions.insert(topology.racks[rack].region)
      case .host(let host): regions.insert(topology.racks[topology.hosts[host].rack].region)
      case .everywhere:
        let usable = group.tenant.map { topology.tenants[$0].networks }
        for (index, region) in topology.regions.enumerated()
        where region.networks.contains(where: { usable?.contains($0) ?? true }) {
          regions.insert(index)
        }
      }
    case .cidr(let prefix): insert(inside: prefix)
    case .any, .host, .localHost: continue
    }
  }
  return regions.sorted()
}

/// A packet that two paths are about, as in `10.0.1.35 -> 10.8.1.67`.
private func sharedPacket(_ first: ServicePath, _ second: ServicePath, _ topology: Topology) -> String? {
  for family in AddressFamily.allCases {
    let all = [AddressMatch.everything(family)]
    let sources = overlaps(first.sources(family), second.sources(family))
    guard let source = sources.first,
      let destination = overlaps(first.destinations(family) ?? all, second.destinations(family) ?? all).first
    else { continue }
    return "\(sampleAddress(source, in: nil, topology)) -> \(sampleAddress(destination, in: nil, topology))"
  }
  return nil
}

private func overlaps(_ left: [AddressMatch], _ right: [AddressMatch]) -> [AddressMatch] {
  left.flatMap { match in right.compactMap(match.intersection) }
}
