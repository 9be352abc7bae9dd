import TopologyModel

/// Everyone who takes part in probes, in a fixed order: endpoints, devices, the outside.
struct Parties: Sendable {
  let all: [ProbeParty]
  private let endpointCount: Int
  private let nodeCount: Int

  init(_ layout: LabLayout) {
    endpointCount = layout.endpoints.count
    nodeCount = layout.nodes.count
    let endpoints = layout.endpoints.map {
      ProbeParty(namespace: $0.namespace, label: $0.label, addresses: $0.places.map(\.address))
    }
    let nodes = layout.nodes.map { node in
      ProbeParty(
        namespace: node.namespace, label: node.name,
        addresses: layout.addresses(of: node)
          + (node.plan.gateway?.addresses ?? []))
    }
    let outside = ProbeParty(
      namespace: layout.identity.outside, label: "outside",
      addresses: layout.outside.services + layout.outside.metadata)
    all = endpoints + nodes + [outside]
  }

  func endpoint(_ index: Int) -> Int { index }
  func node(_ index: Int) -> Int { endpointCount + index }
  var outside: Int { endpointCount + nodeCount }
}
