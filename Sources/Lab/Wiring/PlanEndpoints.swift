import TopologyModel

/// The most endpoints that a lab gets: the matrix grows with the square of their number.
private let mostEndpoints = 160

/// The endpoints of a lab: those that the topology lists, and on every host one of each segment of every tenant, with an
/// address in each network that it may use; two of a kind on the first host of a rack, which is where neighbours meet.
func planEndpoints(_ topology: Topology, _ nodes: [LabNode], _ identity: LabIdentity) -> [LabEndpoint] {
  var endpoints: [LabEndpoint] = []
  let tenants = representativeTenants(topology, hosts: nodes.count { $0.isHost })
  for node in nodes {
    guard case .host(let index) = node.device.place else { continue }
    var builder = HostEndpoints(topology: topology, hostIndex: index, node: node.index)
    builder.addListed()
    let copies = topology.hosts[index].index == 0 ? 2 : 1
    for tenant in tenants { builder.addOthers(of: tenant, copies: copies) }
    endpoints += builder.endpoints
  }
  return endpoints.enumerated().map { index, endpoint in
    var endpoint = endpoint
    endpoint.index = index
    endpoint.namespace = identity.namespace(endpoint: index)
    return endpoint
  }
}

/// All tenants, or if there are too many for a lab, some of each kind.
private func representativeTenants(_ topology: Topology, hosts: Int) -> [Tenant] {
  let segments = topology.tenants.reduce(0) { $0 + $1.segments.count }
  guard hosts * segments > mostEndpoints else { return topology.tenants }
  struct Kind: Hashable {
    var isolation: TenantIsolation
    var egress: EgressPolicy
    var networks: [Int]
  }
  var seen: [Kind: Int] = [:]
  return topology.tenants.compactMap { tenant in
    let kind = Kind(isolation: tenant.isolation, egress: tenant.egress, networks: tenant.networks)
    seen[kind, default: 0] += 1
    guard seen[kind, default: 0] <= 2 else { return nil }
    var tenant = tenant
    tenant.segments = Array(tenant.segments.prefix(2))
    return tenant
  }
}

private struct HostEndpoints {
  let topology: Topology
  let hostIndex: Int
  let node: Int
  var endpoints: [LabEndpoint] = []
  private var taken: Set<Address> = []

  init(topology: Topology, hostIndex: Int, node: Int) {
    self.topology = topology
    self.hostIndex = hostIndex
    self.node = node
  }

  private var host: Host { topology.hosts[hostIndex] }

  mutating func addListed() {
    for endpoint in host.endpoints {
      taken.formUnion(endpoint.addresses)
      guard let interface = endpoint.interface, let tenant = topology.tenant(named: endpoint.tenant),
        let segment = tenant.segments.first(where: { $0.name == endpoint.segment })
      else { continue }
      let places = endpoint.addresses.compactMap { place(of: $0) }
      add(tenant, segment, interface: interface.text, places, isListed: true, name: endpoint.name.text)
    }
  }

  mutating func addOthers(of tenant: Tenant, copies: Int) {
    for segment in tenant.segments {
      for copy in 0..<copies {
        let places = tenant.networks.compactMap { freePlace(tenant, segment, network: $0, copy) }
        guard !places.isEmpty, let interface = freeInterface() else { continue }
        taken.formUnion(places.map(\.address))
        add(tenant, segment, interface: interface, places, isListed: false, name: nil)
      }
    }
  }

  private mutating func add(
    _ tenant: Tenant, _ segment: Segment, interface: String, _ places: [LabEndpoint.Place], isListed: Bool,
    name: String?
  ) {
    let label = "\(tenant.name)/\(segment.name)\(name.map { "/" + $0 } ?? "")@\(host.name)"
    endpoints.append(
      LabEndpoint(
        index: 0, namespace: "", host: node, hostIndex: hostIndex, tenant: tenant.id, segment: segment.id,
        interface: interface, places: places, isListed: isListed,
        function: topology.functions.firstIndex { $0.host == hostIndex && $0.interface.text == interface }, label: label
      ))
  }

  private func place(of address: Address) -> LabEndpoint.Place? {
    for network in topology.networks.indices {
      guard topology.prefixes(ofHost: hostIndex, inNetwork: network).contains(where: { $0.contains(address) }),
        let gateway = topology.gateway(ofHost: hostIndex, inNetwork: network)
      else { continue }
      return LabEndpoint.Place(address: address, network: network, gateway: gateway)
    }
    return nil
  }

  /// The lowest free address from endpoint 3 on: 0 to 2 are the network's own. In blocks the lowest of the first or, for a
  /// further copy, of the last block.
  private func freePlace(
    _ tenant: Tenant, _ segment: Segment, network index: Int, _ copy: Int
  ) -> LabEndpoint.Place? {
    let network = topology.networks[index]
    guard topology.region(ofHost: hostIndex).networks.contains(index),
      let gateway = topology.gateway(ofHost: hostIndex, inNetwork: index)
    else { return nil }
    var endpoints = 3..<min(64, 1 << min(network.layout.endpoint, 16))
    if network.isDividedIntoBlocks {
      let size = 1 << min(network.layout.endpoint, 16)
      let blocks = host.blocks.count { $0.network == index && $0.owner?.isOf(tenant, segment) == true }
      endpoints = (copy == 0 ? 0 : max(0, blocks - 1) * size)..<(blocks * size)
    }
    for endpoint in endpoints.prefix(64) {
      let address = topology.address(
        ofHost: hostIndex, inNetwork: index, tenant: tenant.id, segment: segment.id, endpoint: endpoint)
      guard let address, !taken.contains(address), !network.excluded.contains(where: { $0.contains(address) }) else {
        continue
      }
      return LabEndpoint.Place(address: address, network: index, gateway: gateway)
    }
    return nil
  }

  /// A name that the host's pattern of endpoint interfaces matches.
  private func freeInterface() -> String? {
    let pattern = host.settings.endpointInterface.text
    let used = Set(endpoints.map(\.interface))
    guard pattern.hasSuffix("+") else { return used.contains(pattern) ? nil : pattern }
    return (0..<1000).lazy.map { "\(pattern.dropLast())\($0)" }.first { $0.utf8.count <= 15 && !used.contains($0) }
  }
}

extension BlockOwner {
  func isOf(_ tenant: Tenant, _ segment: Segment) -> Bool { tenantID == tenant.id && segmentID == segment.id }
}
