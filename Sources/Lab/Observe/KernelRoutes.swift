import TopologyModel

/// A line of `ip -N -o route show table main` (ip-route(8)).
struct KernelRoute: Sendable {
  var prefix: Prefix
  var meaning: RouteMeaning
  /// RTPROT_KERNEL (rtnetlink(7)): there because an interface has an address.
  var isConnected: Bool
}

/// Reads the main table of a device, both families.
func readKernelRoutes(_ lab: Lab, _ node: LabNode) async throws(LabError) -> [KernelRoute] {
  var routes: [KernelRoute] = []
  // Quagga routes over the link-local address of its neighbour, the only one that a link of two devices has; on unnumbered
  // links everyone does.
  let links = lab.layout.links.filter { $0.touches(node.index) && (node.daemon == .quagga || $0.isUnnumbered) }
  for family in AddressFamily.allCases {
    let text = try await executeOrThrow(
      ["ip", "-n", node.namespace, "-N", "-o", family == .ipv4 ? "-4" : "-6", "route", "show", "table", "main"])
    for line in text.split(separator: "\n") {
      let peers = links.compactMap { link in
        link.end(at: node.index).flatMap { own in
          // On a segment the router stands first.
          link.others(than: node.index).first?.labels.first { $0.family == family }.map { (own.interface, $0) }
        }
      }
      guard let route = parseKernelRoute(line, family, peers: Dictionary(uniqueKeysWithValues: peers)) else {
        throw LabError("\(node.name): cannot read the route '\(line)'")
      }
      routes.append(route)
    }
  }
  return routes
}

let linkLocal = Prefix(containing: Address(.ipv6, 0xfe80 << 112), length: 10)
/// What FRR gives the kernel for an IPv6 next hop of an IPv4 route, with a neighbour entry for it.
private let anyNeighbor = Address(.ipv4, 0xa9fe_0001)

/// The two types of route that the lab meets beside unicast, as numbers (rtnetlink(7)): blackhole and unreachable.
private let discardTypes: Set<Substring> = ["6", "7", "blackhole", "unreachable"]

/// - Parameter peers: the address of the other end of a link, by interface, that stands for its link-local address there.
func parseKernelRoute(
  _ line: Substring, _ family: AddressFamily, peers: [String: Address] = [:]
) -> KernelRoute? {
  var words = line.split(whereSeparator: { $0 == " " || $0 == "\\" || $0 == "\t" })[...]
  let isDiscard = words.first.map { discardTypes.contains($0) } ?? false
  if isDiscard { words.removeFirst() }
  guard let target = words.popFirst(), let prefix = parseTarget(target, family) else { return nil }
  var hops: [Address] = []
  var interfaces: [String] = []
  var isConnected = false
  while let word = words.popFirst() {
    switch word {
    case "via":
      if words.first == "inet6" { words.removeFirst() }
      guard let hop = words.popFirst(), let address = try? Address(parsing: hop) else { return nil }
      hops.append(address)
    case "dev":
      interfaces.append(String(words.popFirst() ?? ""))
      if let hop = hops.last, linkLocal.contains(hop) || hop == anyNeighbor, let peer = peers[interfaces.last ?? ""] {
        hops[hops.count - 1] = peer
      }
    case "proto": isConnected = words.popFirst() == "2"
    default: continue
    }
  }
  let meaning: RouteMeaning =
    isDiscard ? .discard : hops.isEmpty ? .interface(interfaces.joined(separator: ", ")) : .via(hops.sorted())
  return KernelRoute(prefix: prefix, meaning: meaning, isConnected: isConnected)
}

private func parseTarget(_ text: Substring, _ family: AddressFamily) -> Prefix? {
  if text == "default" { return .everything(family) }
  if text.contains("/") { return try? Prefix(parsing: text) }
  return (try? Address(parsing: text)).map { Prefix(host: $0) }
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
