import TopologyModel

/// Reads what a device's files say of routing.
///
/// - Parameter read: the bytes of one of the device's files.
package func readRouting(
  of device: DevicePlan, _ read: (ArtifactKind) throws -> [UInt8]
) throws -> DeviceRouting {
  var routing = DeviceRouting(name: device.name.text)
  var gateway: (interface: String, prefixes: [Prefix])?
  for kind in device.artifacts {
    switch kind {
    case .routesScript:
      let wanted = try parseRoutesScript(read(kind), of: device)
      routing.statics += heldRoutes(wanted)
      gateway = wanted.gateway.map { ($0.interface, wanted.addresses.compactMap { prefix(ofAddress: $0.value) }) }
    case .bird: routing.add(try parseBIRD(read(kind), of: device))
    case .bird1: routing.add(try parseBIRD1(read(kind), .ipv4, of: device))
    case .bird1IPv6: routing.add(try parseBIRD1(read(kind), .ipv6, of: device))
    case .exabgp: routing.speaker = speaker(try parseExaBGP(read(kind), of: device))
    case .quaggaBGP: routing.speaker = speaker(try parseQuaggaBGP(read(kind), of: device))
    case .frr:
      let file = try parseFRR(read(kind), of: device)
      routing.statics += heldRoutes(file)
      routing.speaker = file.bgp.map { speaker($0, file) }
      routing.ospf += AddressFamily.allCases.compactMap { OSPFSpeaker(file, $0, gateway: gateway) }
    case .quaggaOSPF: routing.ospf += [try readQuaggaOSPF(read(kind), device, gateway: gateway)]
    case .eos: routing.statics += heldRoutes(try parseCommands(read(kind), .eos, of: device).routes)
    case .nxos: routing.statics += heldRoutes(try parseCommands(read(kind), .nxos, of: device).routes)
    case .junos: routing.statics += heldRoutes(try parseJunos(read(kind), of: device))
    case .sonic: routing.statics += heldRoutes(try parseSONiC(read(kind)))
    case .vpcScript: routing.statics += heldRoutes(try readVPCRouting(read(kind), device))
    case .nvue: routing.statics += heldRoutes(try parseNVUE(read(kind), of: device))
    default: break
    }
  }
  return routing
}

/// The prefix that an address with a length is in.
private func prefix(ofAddress text: String) -> Prefix? {
  let parts = text.split(separator: "/")
  guard parts.count == 2, let address = readAddress(parts[0]),
    let length = readNumber(parts[1], in: 0...address.family.bitWidth)
  else { return nil }
  return Prefix(containing: address, length: length)
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

/// The router of a VPC has the routes of all its tables: where two of them have one, it is the same. What leads over a peering is
/// for instances' own addresses, and no device of the model has them.
private func heldRoutes(_ vpc: VPCRouting) -> [HeldRoute] {
  var known: Set<Prefix> = []
  return vpc.routes.compactMap { route in
    let target: HeldRoute.Target
    switch route.target {
    case .instance(_, let address): target = .via([address])
    case .transitGateway(let name): target = .device(name)
    case .peering(let name): target = .device("peering \(name)")
    }
    guard known.insert(route.prefix).inserted else { return nil }
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

func speaker(_ file: BIRDFile) -> Speaker? {
  guard let asn = file.sessions.first?.local?.asn else { return nil }
  let sessions = file.sessions.flatMap { session in
    session.channels.compactMap { channel -> Speaker.Session? in
      guard let neighbor = session.neighbor else { return nil }
      let role = session.settings.first { $0.value.hasPrefix("local role ") }?.value.dropFirst(11) ?? ""
      return Speaker.Session(
        neighbor: neighbor.address ?? Address(channel.family, 0), interface: session.interface,
        local: session.local?.address, neighborASN: neighbor.asn, role: String(role),
        bfd: session.settings.contains { $0.value == "bfd on" }, importFilter: channel.importFilter ?? [],
        exportFilter: channel.exportFilter ?? [])
    }
  }
  return Speaker(asn: asn, origins: file.statics.map(\.value), checksOrigins: false, sessions: sessions)
}

private func speaker(_ speaker: FRRSpeaker, _ file: FRRFile) -> Speaker {
  let sessions = speaker.neighbors.flatMap { neighbor in
    neighbor.policies.sorted { $0.key < $1.key }.map { family, policy in
      func entries(_ list: String?) -> [ReadFilterEntry] {
        let key = list.map { FRRListKey(family: family, name: $0) }
        return key.flatMap { file.lists[$0] }?.compactMap(\.entry) ?? []
      }
      let group = neighbor.group.flatMap { speaker.groups[$0] }
      return Speaker.Session(
        neighbor: neighbor.address ?? Address(family, 0), interface: neighbor.address == nil ? neighbor.name : nil,
        local: nil, neighborASN: neighbor.asn ?? 0,
        role: neighbor.role?.split(separator: " ").first.map(String.init) ?? "",
        bfd: group?.settings.contains { $0.value == "bfd" } ?? false,
        reflects: group?.familySettings[family]?.contains("route-reflector-client") ?? false,
        importFilter: entries(policy.importList), exportFilter: entries(policy.exportList))
    }
  }
  let origins = AddressFamily.allCases.flatMap { speaker.families[$0]?.networks.map(\.value) ?? [] }
  let summaries = AddressFamily.allCases.flatMap { speaker.families[$0]?.summaries.map(\.value) ?? [] }
  return Speaker(
    asn: speaker.asn, origins: origins, summaries: summaries, checksOrigins: true, sessions: sessions)
}

/// What ExaBGP hears has no effect, and what it says is what is written out.
private func speaker(_ neighbors: [ExaBGPNeighbor]) -> Speaker? {
  guard let asn = neighbors.first?.number("local-as") else { return nil }
  let sessions = neighbors.compactMap { neighbor in
    neighbor.number("peer-as").map { peer in
      Speaker.Session(
        neighbor: neighbor.address, local: neighbor.address("local-address"), neighborASN: peer, role: "", bfd: false,
        importFilter: [],
        exportFilter: neighbor.routes.map {
          ReadFilterEntry(permits: true, $0.value, $0.value.length...$0.value.length)
        })
    }
  }
  return Speaker(
    asn: asn, origins: neighbors.flatMap { $0.routes.map(\.value) }, checksOrigins: false, sessions: sessions)
}

private func speaker(_ file: QuaggaFile) -> Speaker? {
  guard let asn = file.asn else { return nil }
  let sessions = file.neighbors.filter(\.isActive).map { neighbor in
    func entries(_ list: String?) -> [ReadFilterEntry] {
      let key = list.map { FRRListKey(family: neighbor.address.family, name: $0) }
      return key.flatMap { file.lists[$0] }?.compactMap(\.entry) ?? []
    }
    return Speaker.Session(
      neighbor: neighbor.address, local: nil, neighborASN: neighbor.asn, role: "", bfd: false,
      importFilter: entries(neighbor.importList), exportFilter: entries(neighbor.exportList))
  }
  let origins = AddressFamily.allCases.flatMap { file.families[$0]?.networks.map(\.value) ?? [] }
  return Speaker(asn: asn, origins: origins, checksOrigins: false, sessions: sessions)
}

extension DeviceRouting {
  /// Adds what a file of BIRD says; BIRD 1.6 has one for each family.
  fileprivate mutating func add(_ file: BIRDFile) {
    ospf += file.ospf.map { OSPFSpeaker($0, file) }
    guard let part = Verification.speaker(file) else { return }
    guard speaker != nil else {
      speaker = part
      return
    }
    speaker?.origins += part.origins
    speaker?.sessions += part.sessions
  }
}
