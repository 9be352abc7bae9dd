/// Checks the AS numbers along the paths of regions' aggregates: no gateway, ToR or spine finds its own in the path of one that it needs
/// (RFC 4271 section 9.1.2), and the ends of a tunnel differ, or their session would be internal.
///
/// A path is: the ToR that sums up its region for the gateway (on EC2 there is none), that gateway, over a hub one of the hub's, a
/// gateway of the region that hears it, and from there ToRs and spines. What is behind the ToR stays there, so numbers of other racks
/// may repeat in other regions.
func checkASPathsAcross(_ topology: Topology, _ draft: TopologyDraft, _ diagnostics: inout Diagnostics) {
  for interconnect in topology.interconnects {
    guard let tunnels = interconnect.tunnels else { continue }
    let check = ASPathsAcross(topology: topology, draft: draft, interconnect: interconnect, tunnels: tunnels)
    // Two devices that reject each other's routes are told of once.
    var seen: Set<Set<Name>> = []
    for region in interconnect.regions {
      for (device, other) in check.repetitions(region) where seen.insert([device.name, other.name]).inserted {
        check.report(device, other, &diagnostics)
      }
    }
  }
}

/// A device that adds its number to paths, or looks for it there.
private struct PathSpeaker {
  var name: Name
  var asn: UInt32
  /// Index into `Topology.regions`.
  var region: Int
  /// Of a gateway, an index into `Topology.hosts`.
  var host: Int?
}

private struct ASPathsAcross {
  let topology: Topology
  let draft: TopologyDraft
  let interconnect: Interconnect
  let tunnels: Tunnels

  /// Each device of a region that finds its number in a path, and whose it is there.
  func repetitions(_ region: Int) -> [(PathSpeaker, PathSpeaker)] {
    // Whose numbers are in the paths that come into the region.
    var others: [UInt32: PathSpeaker] = [:]
    for far in interconnect.reached(from: region) where !topology.sharedNetworks(region, far).isEmpty {
      for speaker in gateways(far) + torsOfGateways(far) { others[speaker.asn] = others[speaker.asn] ?? speaker }
    }
    if interconnect.isTransit, let hub = interconnect.hub, hub != region {
      for speaker in gateways(hub) { others[speaker.asn] = others[speaker.asn] ?? speaker }
    }
    let own = Dictionary(gateways(region).map { ($0.asn, $0) }) { first, _ in first }
    return gateways(region).compactMap { gateway in others[gateway.asn].map { (gateway, $0) } }
      + switches(region).compactMap { device in
        if let other = others[device.asn] { return (device, other) }
        return own[device.asn].flatMap { isNeighbor(device, $0) ? nil : (device, $0) }
      }
  }

  private func gateways(_ region: Int) -> [PathSpeaker] {
    (tunnels.gateways[region] ?? []).compactMap { host in
      topology.hosts[host].asn.map {
        PathSpeaker(name: topology.hosts[host].name, asn: $0, region: region, host: host)
      }
    }
  }

  private func torsOfGateways(_ region: Int) -> [PathSpeaker] {
    Set((tunnels.gateways[region] ?? []).map { topology.hosts[$0].rack }).sorted()
      .flatMap { topology.racks[$0].tors }.compactMap { speaker($0.device, region) }
  }

  /// All that hear of the aggregate, once a gateway has told its ToR.
  private func switches(_ region: Int) -> [PathSpeaker] {
    let tors = topology.racks[topology.regions[region].racks].flatMap(\.tors).map(\.device)
    return (tors + topology.regions[region].spines).compactMap { speaker($0, region) }
  }

  private func speaker(_ device: Switch, _ region: Int) -> PathSpeaker? {
    device.asn.map { PathSpeaker(name: device.name, asn: $0, region: region, host: nil) }
  }

  /// Whether they have a session of their own, so that `checkRouting` tells.
  private func isNeighbor(_ device: PathSpeaker, _ gateway: PathSpeaker) -> Bool {
    gateway.host.map { topology.racks[topology.hosts[$0].rack].tors.contains { $0.name == device.name } } ?? false
  }

  func report(_ device: PathSpeaker, _ other: PathSpeaker, _ diagnostics: inout Diagnostics) {
    let isTunnel = tunnels.tunnels.contains {
      $0.ends.map(\.host).sorted() == [device, other].compactMap(\.host).sorted()
    }
    let (own, far) = (place(device), place(other))
    // A number that is not written can't be changed there.
    let (first, second) = own.isWritten || !far.isWritten ? (own, far) : (far, own)
    diagnostics.add(
      .repeatedASN(
        device.asn, (device.name, other.name), regions: (name(device.region), name(other.region)),
        isTunnel: isTunnel, passesOn: device.region == other.region, at: first.range, other: second.range))
  }

  private func name(_ region: Int) -> Name { topology.regions[region].name }

  /// Where the number is written, or else the device.
  private func place(_ speaker: PathSpeaker) -> (range: SourceRange, isWritten: Bool) {
    let region = draft.regions.first { $0.document.name.value == topology.regions[speaker.region].name }
    let switches = (region?.spines.map(\.document) ?? []) + (region?.racks.flatMap(\.tors).map(\.document) ?? [])
    if speaker.host == nil, let document = switches.first(where: { $0.name.value == speaker.name }) {
      return (document.asn?.range ?? document.name.range, document.asn != nil)
    }
    let host = region?.racks.lazy.flatMap(\.hosts).first { $0.document.name.value == speaker.name }
    return (
      host?.document.asn?.range ?? host?.document.name.range ?? interconnect.range, host?.document.asn != nil
    )
  }
}

extension Diagnostic {
  fileprivate static func repeatedASN(
    _ asn: UInt32, _ names: (Name, Name), regions: (Name, Name), isTunnel: Bool, passesOn: Bool, at range: SourceRange,
    other: SourceRange
  ) -> Diagnostic {
    let message: String
    let note: String
    if isTunnel {
      message = "'\(names.0)' and '\(names.1)', at the ends of a tunnel, have the same AS number \(asn)"
      note = "the session between them would be internal BGP"
    } else {
      message =
        passesOn
        ? "'\(names.0)' has the AS number \(asn) of the gateway '\(names.1)', and would reject what that passes on"
        : "'\(names.0)' in '\(regions.0)' has the AS number \(asn) of '\(names.1)' in '\(regions.1)', and would reject that region's routes"
      note =
        "the path of a region's aggregate has the numbers of the gateways that pass it on, and of the ToR that gave it to the first; a router drops a path with its own (RFC 4271 section 9.1.2)"
    }
    return Diagnostic(
      .repeatedASN, message, at: range, labels: [(other, "has the number too")], notes: [note],
      help: ["give one of them another number, or leave `asn:` out"])
  }
}
