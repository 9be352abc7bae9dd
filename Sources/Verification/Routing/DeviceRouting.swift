import TopologyModel

/// What a device's files say of routing, in no format's words.
package struct DeviceRouting: Sendable {
  package var name: String
  package var statics: [HeldRoute] = []
  package var speaker: Speaker?
}

/// A route that a device holds by itself.
package struct HeldRoute: Sendable, Equatable {
  package enum Target: Sendable, Equatable {
    case discard
    case via([Address])
    /// An endpoint is directly on this interface.
    case interface(String)
  }
  package var prefix: Prefix
  package var target: Target
  /// Whether a BGP route of the same prefix is preferred (administrative distance above that of eBGP, 20).
  package var yieldsToBGP: Bool
}

/// A BGP speaker (RFC 4271).
package struct Speaker: Sendable {
  package var asn: Int
  /// Announced while the device has a route to exactly this prefix.
  package var origins: [Prefix]
  package var sessions: [Session]

  package struct Session: Sendable {
    package var neighbor: Address
    /// Nil where the format does not state it: the other address of the link.
    package var local: Address?
    package var neighborASN: Int
    /// The role of this end (RFC 9234): `customer` or `provider`.
    package var role: String
    var importFilter: [ReadFilterEntry]
    var exportFilter: [ReadFilterEntry]
  }
}

/// The first entry that matches decides; without one the prefix is denied.
func permits(_ filter: [ReadFilterEntry], _ prefix: Prefix) -> Bool {
  for entry in filter {
    let (outer, width) = (entry.prefix, entry.prefix.family.bitWidth)
    guard outer.family == prefix.family, entry.lengths.contains(prefix.length), prefix.length >= outer.length else {
      continue
    }
    let shift = UInt128(width - outer.length)
    if outer.length == 0 || outer.address.bits >> shift == prefix.address.bits >> shift { return entry.permits }
  }
  return false
}

/// Reads what a device's files say of routing.
///
/// - Parameter read: the bytes of one of the device's files.
package func readRouting(
  of device: DevicePlan, _ read: (ArtifactKind) throws -> [UInt8]
) throws -> DeviceRouting {
  var routing = DeviceRouting(name: device.name.text)
  for kind in device.artifacts {
    switch kind {
    case .routesScript: routing.statics += heldRoutes(try parseRoutesScript(read(kind), of: device))
    case .bird: routing.speaker = try speaker(parseBIRD(read(kind), of: device))
    case .frr:
      let file = try parseFRR(read(kind), of: device)
      routing.statics += heldRoutes(file)
      routing.speaker = file.bgp.map { speaker($0, file) }
    case .eos: routing.statics += heldRoutes(try parseCommands(read(kind), .eos, of: device).routes)
    case .nxos: routing.statics += heldRoutes(try parseCommands(read(kind), .nxos, of: device).routes)
    case .junos: routing.statics += heldRoutes(try parseJunos(read(kind), of: device))
    case .sonic: routing.statics += heldRoutes(try parseSONiC(read(kind)))
    case .nvue: routing.statics += heldRoutes(try parseNVUE(read(kind), of: device))
    default: break
    }
  }
  return routing
}

private func heldRoutes(_ wanted: WantedRoutes) -> [HeldRoute] {
  wanted.routes.map { route, _ in
    let target: HeldRoute.Target =
      switch route.target {
      case .discard: .discard
      case .via(let hops): .via(hops)
      case .device(let name, _): .interface(name)
      }
    return HeldRoute(prefix: route.prefix, target: target, yieldsToBGP: false)
  }
}

/// staticd takes several lines of one prefix and distance as one route of equal-cost hops.
private func heldRoutes(_ file: FRRFile) -> [HeldRoute] {
  var routes: [HeldRoute] = []
  for (route, _) in file.routes {
    let hops = route.hop.map { [$0] }
    if let index = routes.firstIndex(where: { $0.prefix == route.prefix }), case .via(let known) = routes[index].target,
      let hops
    {
      routes[index].target = .via(known + hops)
    } else {
      routes.append(
        HeldRoute(
          prefix: route.prefix, target: hops.map { .via($0) } ?? .discard, yieldsToBGP: route.distance ?? 1 > 20))
    }
  }
  return routes
}

private func speaker(_ file: BIRDFile) -> Speaker? {
  guard let asn = file.sessions.first?.local?.asn else { return nil }
  let sessions = file.sessions.flatMap { session in
    session.channels.compactMap { channel -> Speaker.Session? in
      guard let neighbor = session.neighbor else { return nil }
      let role = session.settings.first { $0.value.hasPrefix("local role ") }?.value.dropFirst(11) ?? ""
      return Speaker.Session(
        neighbor: neighbor.address, local: session.local?.address, neighborASN: neighbor.asn, role: String(role),
        importFilter: channel.importFilter ?? [], exportFilter: channel.exportFilter ?? [])
    }
  }
  return Speaker(asn: asn, origins: file.statics.map(\.value), sessions: sessions)
}

private func speaker(_ speaker: FRRSpeaker, _ file: FRRFile) -> Speaker {
  let sessions = speaker.neighbors.map { neighbor in
    func entries(_ list: String?) -> [ReadFilterEntry] {
      let key = list.map { FRRListKey(family: neighbor.address.family, name: $0) }
      return key.flatMap { file.lists[$0] }?.compactMap(\.entry) ?? []
    }
    return Speaker.Session(
      neighbor: neighbor.address, local: nil, neighborASN: neighbor.asn,
      role: neighbor.role?.split(separator: " ").first.map(String.init) ?? "",
      importFilter: entries(neighbor.importList), exportFilter: entries(neighbor.exportList))
  }
  let origins = AddressFamily.allCases.flatMap { speaker.families[$0]?.networks.map(\.value) ?? [] }
  return Speaker(asn: speaker.asn, origins: origins, sessions: sessions)
}
