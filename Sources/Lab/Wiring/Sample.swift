import TopologyModel

/// Chooses devices for a lab of a large topology: about `count` of them, but never less than it takes to have every
/// kind of device, rack and network at least once. Prefixes and files are those of the whole topology.
///
/// - Parameter count: nil takes all.
func sampleDevices(_ plan: NetworkPlan, _ count: Int?) -> [DeviceReference] {
  guard let count, count < plan.devices.count else { return plan.devices }
  var sample = Sample(topology: plan.topology)
  sample.addSpines()
  sample.addRacksOfEveryShape()
  sample.addHostsOfEveryKind()
  sample.fill(count)
  let chosen = sample.chosen
  return plan.devices.filter { chosen.contains($0.place) }
}

private struct Sample {
  let topology: Topology
  var chosen: Set<DeviceReference.Place> = []
  /// The racks that have a part in the sample.
  private var racks: Set<Int> = []

  init(topology: Topology) { self.topology = topology }

  /// What makes a rack different from others.
  private struct RackShape: Hashable {
    var region: Int
    var systems: [DeviceSystem]
    var access: AccessKind
    var networks: [Bool]
    var hosts: Set<HostKind>
  }

  /// What makes a host different from others.
  private struct HostKind: Hashable {
    var speaker: Speaker
    var routing: RoutingProtocol
    var defaultRoute: DefaultRoutePolicy
    var firewallBackend: FirewallBackend
    var firewallMode: FirewallMode
    var isDrained: Bool
    var hasEndpoints: Bool
    var hasBlocks: Bool
    var mtu: Int?
    var endpointInterface: InterfacePattern
  }

  private func kind(_ host: Host) -> HostKind {
    let settings = host.settings
    return HostKind(
      speaker: settings.speaker, routing: settings.routing, defaultRoute: settings.defaultRoute,
      firewallBackend: settings.firewallBackend, firewallMode: settings.firewallMode, isDrained: host.isDrained,
      hasEndpoints: !host.endpoints.isEmpty, hasBlocks: !host.blocks.isEmpty,
      mtu: settings.mtu, endpointInterface: settings.endpointInterface)
  }

  private func shape(_ rack: Rack) -> RackShape {
    RackShape(
      region: rack.region, systems: rack.tors.map(\.system), access: rack.access,
      networks: rack.allocations.map { $0 != nil },
      hosts: Set(topology.hosts[rack.hosts].map(kind)))
  }

  /// Two spines of a region, for equal-cost routes, and one of every further system.
  mutating func addSpines() {
    for (index, region) in topology.regions.enumerated() {
      var systems: Set<DeviceSystem> = []
      for (position, spine) in region.spines.enumerated() where position < 2 || !systems.contains(spine.system) {
        systems.insert(spine.system)
        chosen.insert(.spine(index, position))
      }
    }
  }

  /// A rack of each shape, and two of every region that has them, so that traffic crosses a spine.
  mutating func addRacksOfEveryShape() {
    var shapes: Set<RackShape> = []
    var ofRegion: [Int: Int] = [:]
    for (index, rack) in topology.racks.enumerated() {
      let isNew = shapes.insert(shape(rack)).inserted
      guard isNew || ofRegion[rack.region, default: 0] < 2 else { continue }
      ofRegion[rack.region, default: 0] += 1
      insertToRs(index)
    }
  }

  private mutating func insertToRs(_ rack: Int) {
    racks.insert(rack)
    for position in topology.racks[rack].tors.indices { chosen.insert(.tor(rack, position)) }
  }

  /// In every chosen rack a host of each kind.
  mutating func addHostsOfEveryKind() {
    for (index, rack) in topology.racks.enumerated() where racks.contains(index) {
      var kinds: Set<HostKind> = []
      for host in rack.hosts where kinds.insert(kind(topology.hosts[host])).inserted { chosen.insert(.host(host)) }
    }
  }

  /// More hosts of the chosen racks, a rack after the other; then more racks.
  mutating func fill(_ count: Int) {
    let indices = topology.racks.indices
    let longest = topology.racks.map(\.hosts.count).max() ?? 0
    for position in 0..<longest {
      for rack in indices where racks.contains(rack) && position < topology.racks[rack].hosts.count {
        guard chosen.count < count else { return }
        chosen.insert(.host(topology.racks[rack].hosts.lowerBound + position))
      }
    }
    for rack in indices where !racks.contains(rack) {
      guard chosen.count < count else { return }
      insertToRs(rack)
      for place in topology.racks[rack].hosts.map({ DeviceReference.Place.host($0) }) {
        guard chosen.count < count else { return }
        chosen.insert(place)
      }
    }
  }
}
