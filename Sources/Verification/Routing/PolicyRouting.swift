import TopologyModel

/// Where rules and tables of a host send a packet before the main table is asked (ip-rule(8)).
package enum PolicyDecision: Sendable, Hashable {
  /// The main table decides.
  case main
  case via(Address, device: String)
  case discard
}

extension WantedVLANs {
  /// What becomes of a packet that came in on an interface.
  ///
  /// - Parameter down: interfaces over which no route leads now.
  package func decide(
    from source: Address, to destination: Address, input: String, down: Set<String> = []
  ) -> PolicyDecision {
    let ordered = rules.map(\.value).filter { $0.family == destination.family }.enumerated()
      .sorted { ($0.element.priority, $0.offset) < ($1.element.priority, $1.offset) }.map(\.element)
    for rule in ordered {
      switch rule.selector {
      case .arriving(let interface): guard interface == input else { continue }
      case .from(let prefix): guard prefix.contains(source) else { continue }
      }
      guard let table = rule.table else { return .main }
      switch best(table, destination, down) {
      // Nothing there, or `throw`: the next rule.
      case nil, .throw: continue
      case .discard: return .discard
      case .via(let gateway, let device): return .via(gateway, device: device)
      }
    }
    return .main
  }

  /// The longest prefix, and of one prefix the least metric.
  private func best(_ table: Int, _ destination: Address, _ down: Set<String>) -> Route.Target? {
    routes.map(\.value)
      .filter { route in
        guard route.table == table, route.prefix.contains(destination) else { return false }
        if case .via(_, let device) = route.target { return !down.contains(device) }
        return true
      }
      .min { ($1.prefix.length, $0.metric ?? 0) < ($0.prefix.length, $1.metric ?? 0) }?.target
  }
}
