/// Routes in words, for people: reports, and what `diff` says.
extension RouteTarget {
  /// `via 10.1.0.1 (leaf1)`.
  package var text: String {
    switch self {
    case .discard: "discard"
    case .gateways(let hops): "via " + hops.map { "\($0.address) (\($0.device))" }.joined(separator: ", ")
    case .endpoint(let interface, _): "to \(interface)"
    }
  }
}

extension RoutePurpose {
  package var text: String {
    switch self {
    case .ownPrefix(let network): "own prefix in \(network)"
    case .hostPrefix(let host, let network): "\(host) in \(network)"
    case .block(let host?, _, let tenant, let segment): "block of \(tenant)/\(segment) on \(host)"
    case .block(nil, _, let tenant, let segment): "block of \(tenant)/\(segment)"
    case .rackAggregate(let rack, let network): "rack \(rack) in \(network)"
    case .regionAggregate(let region, let network): "region \(region) in \(network)"
    case .vpc(let region): "VPC of \(region)"
    case .network(let network): "network \(network)"
    case .defaultRoute: "default route"
    case .endpoint(let tenant, let segment, let name): "endpoint \(tenant)/\(segment)/\(name)"
    }
  }
}
