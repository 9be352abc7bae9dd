import TopologyModel

/// Where a packet ends.
package enum Arrival: Sendable, Hashable {
  /// Given to an endpoint's interface.
  case delivered(at: String)
  /// Dropped by a discard route.
  case discarded(at: String)
  /// No route, or one to nowhere.
  case unreachable(at: String)
  /// It came back to a device where it had been.
  case loop(at: String)
}

extension RoutingModel {
  /// All places where packets to an address can end that start at a device: over every path of equal cost.
  package func arrivals(from start: String, to address: Address) -> Set<Arrival> {
    var result: Set<Arrival> = []
    var visited: Set<String> = []
    func visit(_ name: String, _ path: Set<String>) {
      guard !path.contains(name) else {
        result.insert(.loop(at: name))
        return
      }
      guard visited.insert(name).inserted else { return }
      switch route(of: name, to: address)?.use {
      case .discard: result.insert(.discarded(at: name))
      case .interface: result.insert(.delivered(at: name))
      case .nowhere, nil: result.insert(.unreachable(at: name))
      case .via(let hops): for hop in hops { visit(hop, path.union([name])) }
      }
    }
    visit(start, [])
    return result
  }

  /// The longest prefix of an address that a device has a route to, and where that leads.
  package func route(of name: String, to address: Address) -> (prefix: Prefix, use: Use)? {
    let table = routes(of: name)
    for length in stride(from: address.family.bitWidth, through: 0, by: -1) {
      let prefix = Prefix(containing: address, length: length)
      if let use = table[prefix] { return (prefix, use) }
    }
    return nil
  }
}
