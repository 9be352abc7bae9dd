/// An endpoint that packets of others are led through.
package struct ServiceFunction: Sendable {
  package var name: Name
  /// Unique in the fabric, 1 to 2047; names its tunnel on every host.
  package var id: Int
  /// Index into `Topology.hosts`.
  package var host: Int
  package var interface: InterfaceName
  /// One a family at most, sorted.
  package var addresses: [Address]

  package func address(_ family: AddressFamily) -> Address? { addresses.first { $0.family == family } }
}

/// Whose packets are led through which functions.
package struct Service: Sendable {
  package var name: Name
  /// Unique in the fabric, 1 to 2047; in the marks and tables of its steps.
  package var id: Int
  package var priority: Int
  /// Endpoints; never empty.
  package var from: [PolicyPeer]
  /// Endpoints, prefixes or any; never empty.
  package var to: [PolicyPeer]
  /// Indices into `Topology.functions`, in order, none twice.
  package var functions: [Int]
  /// Whether packets back take the same functions in the opposite order.
  package var returns: Bool
  package var fail: ServiceFailure
  /// The name in the source.
  package var range: SourceRange
}

/// The most functions that a service can have: a step takes three bits of a mark, and zero is none.
package let mostFunctionsInChain = 7

/// One direction of a service: packets from `sources` to `destinations` visit `functions` in this order.
package struct ServicePath: Sendable {
  /// Index into `Topology.services`.
  package var service: Int
  package var isReturn: Bool
  package var functions: [Int]
  /// By family; merged and sorted.
  package var sources: [[AddressMatch]]
  /// By family; nil stands for every address.
  package var destinations: [[AddressMatch]?]

  package func sources(_ family: AddressFamily) -> [AddressMatch] { sources[Int(family.rawValue)] }
  package func destinations(_ family: AddressFamily) -> [AddressMatch]? { destinations[Int(family.rawValue)] }

  /// Whether it is about any packet of a family.
  package func isAbout(_ family: AddressFamily) -> Bool {
    !sources(family).isEmpty && destinations(family)?.isEmpty != true
  }
}

/// The directions of all services, in the order in which they are asked; both families.
package func servicePaths(_ topology: Topology) -> [ServicePath] {
  guard !topology.services.isEmpty else { return [] }
  let sides = AddressFamily.allCases.map { AccessSides(topology, $0) }
  return topology.services.enumerated().flatMap { index, service in
    let from = sides.map { side in mergeMatches(service.from.flatMap { side.steered($0) ?? [] }) }
    let to = sides.map { side -> [AddressMatch]? in
      let parts = service.to.map { side.steered($0) }
      return parts.contains { $0 == nil } ? nil : mergeMatches(parts.flatMap { $0 ?? [] })
    }
    let forward = ServicePath(
      service: index, isReturn: false, functions: service.functions, sources: from, destinations: to)
    guard service.returns else { return [forward] }
    // `to` is made of endpoints then, so it is never nil.
    let back = ServicePath(
      service: index, isReturn: true, functions: service.functions.reversed(), sources: to.map { $0 ?? [] },
      destinations: from)
    return [forward, back]
  }
}

extension AccessSides {
  /// The addresses of one peer of a service; nil: every address.
  fileprivate func steered(_ peer: PolicyPeer) -> [AddressMatch]? {
    switch peer {
    case .any: nil
    case .endpoints(let group): matches(group)
    case .cidr(let prefix): prefix.family == family ? [AddressMatch(prefix)] : []
    case .localHost, .host: []
    }
  }
}
