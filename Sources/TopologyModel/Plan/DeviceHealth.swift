/// What of a device's surroundings is to be well before and after its files change.
package struct DeviceHealth: Sendable, Equatable {
  /// The neighbours of its BGP sessions: an address, or the interface of an unnumbered link. Sorted, each once.
  package var sessions: [HealthTarget]
  /// The interfaces over which it has OSPF neighbours, sorted.
  package var adjacencies: [InterfaceName]
  /// The addresses at the other ends of its links, sorted.
  package var neighbors: [Address]
}

package enum HealthTarget: Sendable, Hashable {
  case address(Address)
  case interface(InterfaceName)
}

extension DevicePlan {
  package var health: DeviceHealth {
    let sessions = bgp?.sessions ?? []
    let addresses = Set(sessions.compactMap(\.neighborAddress))
    let hops = routes.flatMap { route in
      if case .gateways(let hops) = route.target { hops.map(\.address) } else { [Address]() }
    }
    return DeviceHealth(
      sessions: addresses.sorted().map { .address($0) }
        + Set(sessions.compactMap(\.interface)).sorted().map { .interface($0) },
      adjacencies: Set(ospf?.interfaces.map(\.name) ?? []).sorted(),
      neighbors: addresses.union(hops).sorted())
  }
}
