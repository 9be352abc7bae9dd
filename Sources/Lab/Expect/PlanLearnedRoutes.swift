import TopologyModel

/// A route as the tables are compared: where packets go, whoever put it there.
enum RouteMeaning: Sendable, Hashable, CustomStringConvertible {
  case discard
  /// Next hops, sorted; several share the traffic.
  case via([Address])
  case interface(String)

  var description: String {
    switch self {
    case .discard: "discard"
    case .via(let hops): "via " + hops.map(\.description).joined(separator: ", ")
    case .interface(let name): "on \(name)"
    }
  }
}

typealias RoutingTable = [Prefix: RouteMeaning]

/// What BGP or OSPF must bring to a device, from the topology's meaning alone: filters and sessions of the plan have no part in it.
///
/// Hosts learn the endpoint networks, and the default if theirs comes from the fabric; ToRs the prefixes of their hosts
/// and the aggregates of other racks; spines the aggregate of each rack, or, without ToRs, the prefixes of all hosts, while
/// hosts learn the aggregates of the other racks too. Who takes part in what is said by `Announcement`.
func planLearnedRoutes(_ layout: LabLayout, _ node: LabNode, _ condition: Condition) -> RoutingTable {
  guard node.speaks else { return [:] }
  let topology = layout.topology
  if case .host(let index) = node.device.place {
    let settings = topology.hosts[index].settings
    // What an instance of EC2 has of its own region is static, what it has as a gateway to others is not.
    guard topology.isGateway(host: index) || settings.speaker.capabilities.installsRoutes(of: settings.routing) else {
      return [:]
    }
  }
  let region = topology.region(of: node.device.place)
  if topology.hasOSPF(region) { return learnedWithOSPF(layout, node, condition) }
  let spreading = Spreading(layout, region, condition)
  var table: RoutingTable = [:]
  for item in announcements(topology, region) where spreading.concerns(item, node.index) {
    let hops = spreading.hops(item, at: node.index)
    if !hops.isEmpty { table[item.prefix] = .via(hops) }
  }
  return table
}
