/// Something that a former table of a device held and its present one does not: a next hop of a prefix, or a discard
/// route.
package struct StaleRoute: Sendable, Equatable {
  package enum Target: Sendable, Hashable {
    case discard
    case gateway(Address)
  }
  package var prefix: Prefix
  package var target: Target
  /// What the former table had it for.
  package var purpose: RoutePurpose
  /// Whether the present table has no route of the prefix at all.
  package var isWholePrefix: Bool
}

/// What is left over on a device that merges when the present table has been loaded over the former one.
///
/// The order is the one to remove in: next hops first, then discard routes, the longer prefixes before those that hold
/// them, so that a packet to a prefix that is gone is dropped rather than sent up the default route. A route whose
/// purpose alone has changed is not left over: the load renamed it.
package func planRemovals(former: [StaticRoute], present: [StaticRoute]) -> [StaleRoute] {
  var kept: [Prefix: Set<StaleRoute.Target>] = [:]
  for route in present { kept[route.prefix, default: []].formUnion(targets(route.target)) }
  var stale: [StaleRoute] = []
  for route in former {
    for target in targets(route.target) where !(kept[route.prefix]?.contains(target) ?? false) {
      stale.append(
        StaleRoute(
          prefix: route.prefix, target: target, purpose: route.purpose, isWholePrefix: kept[route.prefix] == nil))
    }
  }
  return stale.enumerated().sorted { left, right in
    let (first, second) = (left.element, right.element)
    if (first.target == .discard) != (second.target == .discard) { return second.target == .discard }
    if first.prefix.length != second.prefix.length { return first.prefix.length > second.prefix.length }
    return first.prefix == second.prefix ? left.offset < right.offset : first.prefix < second.prefix
  }
  .map(\.element)
}

private func targets(_ target: RouteTarget) -> [StaleRoute.Target] {
  switch target {
  case .discard: [.discard]
  case .gateways(let hops): hops.map { .gateway($0.address) }
  case .endpoint: []
  }
}
