/// Puts the endpoint of each service function among the listed endpoints of its host, unless it is there already, so that
/// it gets its address, route and protection like any other.
///
/// - Returns: for each function the name of its endpoint, or nil if there were errors.
func listFunctions(
  _ documents: [ServiceFunctionDocument], _ draft: inout TopologyDraft, _ diagnostics: inout Diagnostics
) -> [Name?] {
  guard !documents.isEmpty else { return [] }
  var places: [Name: [Int]] = [:]
  for (region, item) in draft.regions.enumerated() {
    for (rack, item) in item.racks.enumerated() {
      for (host, item) in item.hosts.enumerated() { places[item.document.name.value] = [region, rack, host] }
    }
  }
  let known = places.mapValues { _ in 0 }
  var owners: [[String]: ServiceFunctionDocument] = [:]
  return documents.map { function in
    guard lookUp(function.host, "host", in: known, &diagnostics) != nil, let place = places[function.host.value] else {
      return nil
    }
    let key =
      [function.host.value, function.tenant.value, function.segment.value].map(\.text)
      + ["\(function.endpoint.value)", function.network?.value.text ?? ""]
    if let first = owners.updateValue(function, forKey: key) {
      diagnostics.add(.oneEndpointTwice(function, first))
      return nil
    }
    return list(
      function, &draft.regions[place[0]].racks[place[1]].hosts[place[2]].document.endpoints, &diagnostics)
  }
}

private func list(
  _ function: ServiceFunctionDocument, _ endpoints: inout [EndpointDocument], _ diagnostics: inout Diagnostics
) -> Name? {
  let index = endpoints.firstIndex {
    $0.tenant.value == function.tenant.value && $0.segment.value == function.segment.value
      && $0.id.value == function.endpoint.value
      && ($0.network?.value == function.network?.value || function.network == nil)
  }
  if let index {
    let listed = endpoints[index].interface
    guard let interface = function.interface ?? listed else {
      diagnostics.add(.functionWithoutInterface(function, listed: endpoints[index]))
      return nil
    }
    if let listed, listed.value != interface.value {
      diagnostics.add(.functionInterfaceDiffers(function, interface, listed))
      return nil
    }
    endpoints[index].interface = interface
    return endpoints[index].name.value
  }
  guard function.interface != nil else {
    diagnostics.add(.functionWithoutInterface(function, listed: nil))
    return nil
  }
  if let other = endpoints.first(where: { $0.name.value == function.name.value }) {
    diagnostics.add(.functionNameTaken(function, other))
    return nil
  }
  endpoints.append(
    EndpointDocument(
      name: function.name, tenant: function.tenant, segment: function.segment, id: function.endpoint,
      interface: function.interface, network: function.network, range: function.range))
  return function.name.value
}

/// Resolves service functions and services, and checks that every packet can take its way.
///
/// - Parameter endpoints: for each function the name of its endpoint on its host.
func resolveServices(
  _ document: TopologyDocument, _ endpoints: [Name?], _ topology: inout Topology, _ ledger: inout LockLedger,
  _ diagnostics: inout Diagnostics
) {
  let positions = resolveFunctions(document.serviceFunctions, endpoints, &topology, &ledger, &diagnostics)
  let scope = IdentityScope(section: .services, kind: "service", parent: nil, first: 1, last: greatestServiceID)
  let ids = assignIdentities(document.services, in: scope, &ledger, &diagnostics)
  let resolver = PeerResolver(topology)
  var settled: [(service: Service, document: ServiceDocument)] = []
  for (index, service) in document.services.enumerated() {
    ledger.record(.services, service.name.value.text, LockEntry(id: ids[index].id))
    let before = diagnostics.errorCount
    let from = resolver.resolve(service.from, &diagnostics)
    let to = resolver.resolve(service.to, &diagnostics)
    let functions = resolveChain(service, document.serviceFunctions, positions, &diagnostics)
    guard diagnostics.errorCount == before, let functions else { continue }
    checkPeers(service, from, to, topology, &diagnostics)
    guard diagnostics.errorCount == before else { continue }
    settled.append(
      (
        Service(
          name: service.name.value, id: ids[index].id, priority: service.priority?.value ?? 100, from: from, to: to,
          functions: functions, returns: service.returns?.value ?? false, fail: service.fail?.value ?? .closed,
          range: service.name.range), service
      ))
  }
  settled.sort { ($0.service.priority, $0.service.name) < ($1.service.priority, $1.service.name) }
  topology.services = settled.map(\.service)
  checkServices(topology, settled.map(\.document), &diagnostics)
}

/// The greatest id of a service or function: it takes eleven bits of a mark, and a part of an interface's name.
let greatestServiceID = 2047

/// - Returns: for each document the position of its function in the topology.
private func resolveFunctions(
  _ documents: [ServiceFunctionDocument], _ endpoints: [Name?], _ topology: inout Topology, _ ledger: inout LockLedger,
  _ diagnostics: inout Diagnostics
) -> [Name: Int] {
  let scope = IdentityScope(
    section: .functions, kind: "service function", parent: nil, first: 1, last: greatestServiceID)
  let ids = assignIdentities(documents, in: scope, &ledger, &diagnostics)
  let hosts = Dictionary(topology.hosts.enumerated().map { ($1.name, $0) }) { first, _ in first }
  for (index, function) in documents.enumerated() {
    ledger.record(.functions, function.name.value.text, LockEntry(id: ids[index].id))
    guard let host = hosts[function.host.value], let name = endpoints[index],
      let endpoint = topology.hosts[host].endpoints.first(where: { $0.name == name }),
      let interface = endpoint.interface
    else { continue }
    if endpoint.addresses.isEmpty { diagnostics.add(.functionWithoutAddress(function)) }
    topology.functions.append(
      ServiceFunction(
        name: function.name.value, id: ids[index].id, host: host, interface: interface, addresses: endpoint.addresses))
  }
  topology.functions.sort { $0.id < $1.id }
  return Dictionary(topology.functions.enumerated().map { ($1.name, $0) }) { first, _ in first }
}

/// The functions of a service in order; nil if one of them had errors of its own.
private func resolveChain(
  _ service: ServiceDocument, _ documents: [ServiceFunctionDocument], _ positions: [Name: Int],
  _ diagnostics: inout Diagnostics
) -> [Int]? {
  let named = Dictionary(documents.enumerated().map { ($1.name.value, $0) }) { first, _ in first }
  var seen: [Name: Located<Name>] = [:]
  var chain: [Int?] = []
  for name in service.via {
    guard lookUp(name, "service function", in: named, &diagnostics) != nil else { continue }
    if let first = seen.updateValue(name, forKey: name.value) {
      diagnostics.add(.chainThroughItself(service, name, first))
      continue
    }
    chain.append(positions[name.value])
  }
  if service.via.count > mostFunctionsInChain { diagnostics.add(.chainTooLong(service)) }
  return chain.contains(nil) ? nil : chain.compactMap(\.self)
}
