import TopologyModel

/// A next hop of a static route, or a discard route, as a switch's file tells it.
struct SwitchRoute: Hashable, CustomStringConvertible {
  var prefix: Prefix
  /// Nil: discarded.
  var hop: Address?
  /// The route's mark, on systems that have one.
  var tag: Int?
  /// The route's name or comment, on systems that have one.
  var name: String?

  var description: String {
    "\(prefix) \(hop.map { "\($0)" } ?? "discard")" + (tag.map { " tag \($0)" } ?? "") + (name.map { " '\($0)'" } ?? "")
  }
}

/// The rows that a plan has for a switch; hosts' routes to endpoints never reach one.
func switchRoutes(_ device: DevicePlan, tag: Int?, name: (RoutePurpose) -> String?) -> [SwitchRoute] {
  device.routes.flatMap { (route) -> [SwitchRoute] in
    func row(_ hop: Address?) -> SwitchRoute {
      SwitchRoute(prefix: route.prefix, hop: hop, tag: tag, name: name(route.purpose))
    }
    return switch route.target {
    case .discard: [row(nil)]
    case .gateways(let hops): hops.map { row($0.address) }
    case .endpoint: []
    }
  }
}

/// Whose prefix a route is about, as comments tell it: "rack rack1 pods".
func purposeComment(_ purpose: RoutePurpose) -> String { purposeWords(purpose).joined(separator: " ") }

/// The same as a name of a route, without the network, the part after the first word cut to 39 characters.
func purposeName(_ purpose: RoutePurpose) -> String {
  let words = purposeWords(purpose)
  return ([words[0]] + words.dropFirst().prefix(1).map { String($0.prefix(39)) }).joined(separator: "-")
}

private func purposeWords(_ purpose: RoutePurpose) -> [String] {
  switch purpose {
  case .ownPrefix(let network): ["own", network.text]
  case .hostPrefix(let host, let network): ["host", host.text, network.text]
  case .block(let host, let network, let tenant, let segment):
    (host.map { ["host", $0.text] } ?? ["own"]) + [network.text, "\(tenant.text)/\(segment.text)"]
  case .rackAggregate(let rack, let network): ["rack", rack.text, network.text]
  case .regionAggregate(let region, let network): ["region", region.text, network.text]
  case .vpc(let region): ["vpc", region.text]
  case .network(let network): ["network", network.text]
  case .defaultRoute: ["default"]
  case .endpoint(let tenant, let segment, let name): ["endpoint", "\(tenant.text)/\(segment.text)", name.text]
  }
}

/// What switches' files say as held routes: the hops of a prefix together.
func heldRoutes(_ routes: [(value: SwitchRoute, line: Int)]) -> [HeldRoute] {
  var held: [HeldRoute] = []
  for (route, _) in routes {
    if let hop = route.hop, let last = held.last, last.prefix == route.prefix, case .via(let known) = last.target {
      held[held.count - 1].target = .via(known + [hop])
    } else {
      held.append(
        HeldRoute(prefix: route.prefix, target: route.hop.map { .via([$0]) } ?? .discard, yieldsToBGP: false))
    }
  }
  return held
}
