import CNamespaces
import TopologyModel

/// A route of a device's main table.
struct KernelRoute: Sendable {
  var prefix: Prefix
  var meaning: RouteMeaning
  /// RTPROT_KERNEL (rtnetlink(7)): there because an interface has an address.
  var isConnected: Bool
}

/// Reads the main table of a device, both families.
func readKernelRoutes(_ lab: Lab, _ node: LabNode) async throws -> [KernelRoute] {
  // Quagga and OSPFv3 route over the link-local address of a neighbour, the only one that a link of two devices has; on
  // unnumbered links everyone does.
  let linksLocally = node.daemon == .quagga || node.plan.ospf != nil
  var peers: [String: [Address]] = [:]
  for link in lab.layout.links where link.touches(node.index) && (linksLocally || link.isUnnumbered) {
    // On a segment the router stands first.
    if let own = link.end(at: node.index), let other = link.others(than: node.index).first {
      peers[own.interface] = other.labels
    }
  }
  return try await inNamespace(node.namespace) { try dumpRoutes() }.map { entry in
    guard let route = KernelRoute(entry, peers: peers) else {
      throw LabError("\(node.name): a route to \(entry.prefix) is of type \(entry.type), which the lab does not know")
    }
    return route
  }
}

let linkLocal = Prefix(containing: Address(.ipv6, 0xfe80 << 112), length: 10)
/// What FRR gives the kernel for an IPv6 next hop of an IPv4 route, with a neighbour entry for it.
private let anyNeighbor = Address(.ipv4, 0xa9fe_0001)

extension KernelRoute {
  /// - Parameter peers: the addresses of the other end of a link, by interface, that stand for its link-local address there.
  init?(_ entry: RouteEntry, peers: [String: [Address]] = [:]) {
    prefix = entry.prefix
    isConnected = entry.origin == RTPROT_KERNEL
    switch Int(entry.type) {
    case RTN_BLACKHOLE, RTN_UNREACHABLE: meaning = .discard
    case RTN_UNICAST:
      let gateways = entry.hops.compactMap { hop in
        hop.gateway.map { gateway in
          guard linkLocal.contains(gateway) || gateway == anyNeighbor else { return gateway }
          return peers[hop.interface]?.first { $0.family == entry.prefix.family } ?? gateway
        }
      }
      meaning =
        gateways.isEmpty
        ? .interface(entry.hops.map(\.interface).joined(separator: ", ")) : .via(gateways.sorted())
    default: return nil
    }
  }
}

/// What is different between a table and the one that is expected, a line each; empty if they are equal.
func compareTable(_ kernel: [KernelRoute], _ expected: ExpectedTable) -> [String] {
  var differences: [String] = []
  var seen: RoutingTable = [:]
  for route in kernel {
    if route.isConnected, expected.connected.contains(route.prefix) || linkLocal.contains(route.prefix) { continue }
    if seen.updateValue(route.meaning, forKey: route.prefix) != nil {
      differences.append("\(route.prefix) is there twice")
    } else if let wanted = expected.routes[route.prefix] {
      if wanted != route.meaning {
        differences.append("\(route.prefix) is \(route.meaning), but should be \(wanted)")
      }
    } else {
      differences.append("\(route.prefix) \(route.meaning) should not be there")
    }
  }
  for (prefix, meaning) in expected.routes.sorted(by: { $0.key < $1.key }) where seen[prefix] == nil {
    differences.append("\(prefix) \(meaning) is missing")
  }
  return differences
}
