import TopologyModel

/// The tag of the compiler's routes on systems that have one, the same number as its route protocol on Linux (see
/// RoutesProgram.swift). EOS, NX-OS and Junos take 32 bits.
let staticRouteTag = 77

/// A system whose devices merge what they load, so that routes of a former table stay until they are removed.
package enum MergingSystem: Sendable, CaseIterable {
  case eos, nxos, sonic, nvue

  /// The file that tells which system a device of a tree runs.
  package var artifact: ArtifactKind {
    switch self {
    case .eos: .eos
    case .nxos: .nxos
    case .sonic: .sonic
    case .nvue: .nvue
    }
  }
}

extension MergingSystem {
  /// Whether an entry of a new file takes the place of the former one of its prefix, next hops and all.
  package var overwritesPrefixes: Bool { self == .sonic }
}

/// Spells the removal of what a former table had, to be loaded after the new file.
package func emitRemovals(
  _ routes: [StaleRoute], _ system: MergingSystem, of device: DevicePlan, into writer: inout TextWriter
) {
  let comment: StaticString = system == .nvue ? "#" : "!"
  if system != .sonic { emitHeader(device, what: "former static routes", comment: comment, into: &writer) }
  switch system {
  case .eos: emitEOSRemovals(routes, into: &writer)
  case .nxos: emitNXOSRemovals(routes, into: &writer)
  case .sonic: emitSONiCRemovals(routes, into: &writer)
  case .nvue: emitNVUERemovals(routes, into: &writer)
  }
  if system != .sonic { emitEndMarker(what: "former static routes", comment: comment, into: &writer) }
}

/// One call for a discard route, or one for each next hop. Switches have no routes to endpoints.
func forEachTarget(of target: RouteTarget, _ body: (StaleRoute.Target) -> Void) {
  switch target {
  case .discard: body(.discard)
  case .gateways(let hops): for hop in hops { body(.gateway(hop.address)) }
  case .endpoint: break
  }
}

extension TextWriter {
  /// A route's name on EOS and NX-OS, e.g. `rack-rack1`: whose prefix it is. At most 48 characters of those that a
  /// `Name` has; longer names are cut, since nothing looks a route up by its name.
  mutating func write(routeName purpose: RoutePurpose) {
    switch purpose {
    case .ownPrefix(let network): write("own-", network)
    case .hostPrefix(let host, _), .block(let host?, _, _, _): write("host-", host)
    case .block(nil, let network, _, _): write("own-", network)
    case .rackAggregate(let rack, _): write("rack-", rack)
    case .regionAggregate(let region, _): write("region-", region)
    case .vpc(let region): write("vpc-", region)
    case .network(let network): write("network-", network)
    case .defaultRoute: write("default")
    case .endpoint(_, _, let name): write("endpoint-", name)
    }
  }

  private mutating func write(_ kind: StaticString, _ name: Name) {
    write(kind)
    write(name, maximumBytes: 39)
  }
}
