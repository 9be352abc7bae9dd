/// Gives listed endpoints their addresses.
struct EndpointResolver {
  private let networks: ResolvedNetworks
  private let tenants: [Tenant]
  private let tenantIndex: [Name: Int]
  /// The ids of a tenant's segments, once an endpoint asks for them.
  private var segmentIDs: [Int: [Name: Int]] = [:]

  init(_ networks: ResolvedNetworks, _ tenants: [Tenant]) {
    self.networks = networks
    self.tenants = tenants
    tenantIndex = Dictionary(tenants.enumerated().map { ($1.name, $0) }) { first, _ in first }
  }

  /// The endpoints of a host; those with errors are left out.
  mutating func resolve(
    _ documents: [EndpointDocument], onHost host: Int, of topology: Topology, _ diagnostics: inout Diagnostics
  ) -> [Endpoint] {
    var addresses: [Address: EndpointDocument] = [:]
    var interfaces: [InterfaceName: EndpointDocument] = [:]
    var endpoints: [Endpoint] = []
    for document in documents {
      guard let endpoint = resolve(document, host, topology, &diagnostics) else { continue }
      for address in endpoint.addresses {
        if let first = addresses.updateValue(document, forKey: address) {
          diagnostics.add(.endpointTwice("address \(address)", document, first))
        }
      }
      if let interface = document.interface {
        checkInterface(interface, topology.hosts[host].settings.endpointInterface, &diagnostics)
        if let first = interfaces.updateValue(document, forKey: interface.value) {
          diagnostics.add(.endpointTwice("interface \(interface.value)", document, first))
        }
      }
      endpoints.append(endpoint)
    }
    return endpoints.sorted { $0.name < $1.name }
  }

  private mutating func segments(ofTenant index: Int) -> [Name: Int] {
    if let known = segmentIDs[index] { return known }
    let ids = Dictionary(tenants[index].segments.map { ($0.name, $0.id) }) { first, _ in first }
    segmentIDs[index] = ids
    return ids
  }

  private mutating func resolve(
    _ document: EndpointDocument, _ host: Int, _ topology: Topology, _ diagnostics: inout Diagnostics
  ) -> Endpoint? {
    guard let index = lookUp(document.tenant, "tenant", in: tenantIndex, &diagnostics) else { return nil }
    let tenant = tenants[index]
    let segments = segments(ofTenant: index)
    guard
      let segment = lookUp(
        document.segment, "segment", of: "tenant '\(tenant.name)'", in: segments, &diagnostics),
      let used = chosenNetworks(document, tenant, host, topology, &diagnostics)
    else { return nil }
    var addresses: [Address] = []
    for index in used {
      let network = networks.networks[index]
      guard checkID(document, network, &diagnostics) else { continue }
      guard
        let address = topology.address(
          ofHost: host, inNetwork: index, tenant: tenant.id, segment: segment, endpoint: document.id.value)
      else {
        if network.isDividedIntoBlocks {
          diagnostics.add(.endpointOutsideBlocks(document, network, topology.hosts[host], index, segment, tenant.id))
        }
        continue
      }
      if let excluded = network.excluded.first(where: { $0.contains(address) }) {
        diagnostics.add(
          .excludedAllocation("endpoint", document.name, Prefix(host: address), excluded, network.name))
      }
      addresses.append(address)
    }
    return Endpoint(
      name: document.name.value, tenant: tenant.name, segment: document.segment.value,
      interface: document.interface?.value, addresses: addresses.sorted())
  }

  /// Whether an id is one that an endpoint can have in a network.
  private func checkID(
    _ document: EndpointDocument, _ network: Network, _ diagnostics: inout Diagnostics
  ) -> Bool {
    if network.isDividedIntoBlocks { return true }
    if document.id.value < 3 {
      diagnostics.addOnce(.reservedEndpoint(document.id.value, at: document.id.range))
      return false
    }
    if UInt128(document.id.value) > lowBits(network.layout.endpoint) {
      diagnostics.add(.endpointTooLarge(document, network))
      return false
    }
    return true
  }

  /// The network that the endpoint names, or the one with the lowest prefix of each family that
  /// its tenant may use on this host, whatever the order of the document.
  private func chosenNetworks(
    _ document: EndpointDocument, _ tenant: Tenant, _ host: Int, _ topology: Topology,
    _ diagnostics: inout Diagnostics
  ) -> [Int]? {
    let present = tenant.networks.filter {
      topology.rack(ofHost: host).allocations[$0] != nil && topology.hosts[host].isOn(networks.networks[$0].vlan)
    }
    if let name = document.network {
      guard let index = lookUp(name, "network", in: networks.index, &diagnostics) else { return nil }
      guard present.contains(index) else {
        if isElsewhere([index].filter(tenant.networks.contains), document, tenant, host, topology, &diagnostics) {
          return nil
        }
        diagnostics.add(.endpointNetwork(name, tenant))
        return nil
      }
      return [index]
    }
    if present.isEmpty, isElsewhere(tenant.networks, document, tenant, host, topology, &diagnostics) { return nil }
    return AddressFamily.allCases.compactMap { family in
      present.first { networks.networks[$0].family == family }
    }
  }

  /// Whether the host is on VLANs, but on none that the networks are bound to; reports it.
  private func isElsewhere(
    _ candidates: [Int], _ document: EndpointDocument, _ tenant: Tenant, _ host: Int, _ topology: Topology,
    _ diagnostics: inout Diagnostics
  ) -> Bool {
    let device = topology.hosts[host]
    let vlans = device.links.compactMap(\.vlan)
    guard !vlans.isEmpty, !candidates.isEmpty, !candidates.contains(where: { device.isOn(networks.networks[$0].vlan) })
    else { return false }
    let wanted = Set(candidates.compactMap { networks.networks[$0].vlan }).sorted()
    diagnostics.add(
      .endpointVLAN(
        document, tenant, host: device.name, on: vlans.map { topology.vlans[$0].name },
        wants: wanted.map { topology.vlans[$0].name }))
    return true
  }

  private func checkInterface(
    _ interface: Located<InterfaceName>, _ pattern: InterfacePattern, _ diagnostics: inout Diagnostics
  ) {
    guard !pattern.matches(interface.value) else { return }
    diagnostics.add(.endpointInterfaceOutsidePattern(interface, pattern))
  }
}

extension Diagnostic {
  static func endpointTwice(_ what: String, _ second: EndpointDocument, _ first: EndpointDocument) -> Diagnostic {
    Diagnostic(
      .duplicateAddress,
      "the endpoints '\(first.name.value)' and '\(second.name.value)' both have the \(what)", at: second.range,
      labels: [(first.range, "the other endpoint")], help: ["choose another id or interface for one of them"])
  }

  static func endpointTooLarge(_ document: EndpointDocument, _ network: Network) -> Diagnostic {
    Diagnostic(
      .idTooLarge,
      "the endpoint '\(document.name.value)' has the id \(document.id.value), but the \(counted(network.layout.endpoint, "endpoint bit")) of network '\(network.name)' have room for 3 to \(lowBits(network.layout.endpoint))",
      at: document.id.range, labels: [(network.range, "this network")],
      help: ["choose a smaller id, or name a wider network with `network:`"])
  }

  static func endpointOutsideBlocks(
    _ document: EndpointDocument, _ network: Network, _ host: Host, _ index: Int, _ segment: Int, _ tenant: Int
  ) -> Diagnostic {
    let blocks = host.blocks.filter {
      $0.network == index && $0.owner?.tenantID == tenant && $0.owner?.segmentID == segment
    }
    let owner = "'\(document.tenant.value)/\(document.segment.value)'"
    return Diagnostic(
      .endpointOutsideBlocks,
      blocks.isEmpty
        ? "the endpoint '\(document.name.value)' is in the network '\(network.name)', where \(owner) has no block on the host '\(host.name)'"
        : "the endpoint '\(document.name.value)' has the id \(document.id.value), but the \(counted(blocks.count, "block")) of \(owner) on the host '\(host.name)' have the ids 0 to \((UInt128(blocks.count) << network.layout.endpoint) - 1)",
      at: blocks.isEmpty ? document.range : document.id.range, labels: [(network.range, "the network")],
      help: [
        blocks.isEmpty
          ? "ask for room under the host's `blocks:`, or name another network with `network:`"
          : "choose a smaller id, or raise `endpoints:` of the entry under `blocks:` to at least \(document.id.value + 1)"
      ])
  }

  static func endpointNetwork(_ name: Located<Name>, _ tenant: Tenant) -> Diagnostic {
    Diagnostic(
      .noNetworkForTenant, "the tenant '\(tenant.name)' can't use the network '\(name.value)' on this host",
      at: name.range, notes: ["it is reserved to other tenants or regions"], help: ["choose another network"])
  }

  static func endpointInterfaceOutsidePattern(
    _ interface: Located<InterfaceName>, _ pattern: InterfacePattern
  ) -> Diagnostic {
    Diagnostic(
      .interfaceConflict, "the interface '\(interface.value)' does not match the endpoint interfaces '\(pattern)'",
      at: interface.range, notes: ["its traffic would be taken for that of a stranger and dropped"],
      help: ["rename it, or widen `endpoint_interface:`"])
  }
}
