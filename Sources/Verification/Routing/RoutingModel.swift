import TopologyModel

/// The routing of a whole fabric: what every device's files say, solved together.
///
/// - BGP: routes spread until nothing changes. A device announces the shortest path it has, its own first, to every
///   neighbour but the one it came from, as the filters of both ends permit; a path that holds the receiver's AS is
///   dropped (RFC 4271 section 9). Equally short paths are used together.
/// - OSPF: see `OSPFModel`; what BGP tells of the same prefix wins, as with FRR's distances 20 and 110.
/// - A route that a device holds itself comes before what BGP tells of the same prefix, unless it yields.
package struct RoutingModel: Sendable {
  private let devices: [DeviceRouting]
  private let index: [String: Int]
  /// Which device has an address on a link.
  private let owners: [Address: Int]
  /// Which link an address is on, where two devices have several.
  private let segments: [Address: Int]
  /// Where the other end of each session is: device and position among its sessions.
  private var peers: [[Peer?]] = []
  /// What each device has from BGP: prefix, then paths of equal length.
  private var learned: [[Prefix: [Path]]] = []
  /// What each device has from OSPF, with the neighbours by name.
  private var ospf: [[Prefix: [String]]] = []
  /// By device: what is used, by prefix.
  private var tables: [[Prefix: Use]] = []
  /// Sessions whose ends do not agree.
  package private(set) var findings: [Finding] = []

  private struct Peer: Sendable {
    var device: Int
    var session: Int
  }

  private struct Path: Sendable, Equatable {
    var asns: [Int]
    /// The position of the session that it came over.
    var session: Int
    /// The device that brought the route into its AS (RFC 4456 section 8).
    var originator: Int
  }

  package enum Use: Sendable, Equatable {
    case discard
    case interface(String)
    /// Neighbours by name, sorted.
    case via([String])
    /// An address that no device of the fabric has.
    case nowhere
  }

  /// - Parameters:
  ///   - owners: the device that has each link address.
  ///   - segments: the link of each address; needed where two devices have several (VLANs).
  ///   - down: addresses of links that are cut: no session runs on them. Static routes do not notice.
  ///   - cabling: needed where there is OSPF, which speaks over interfaces.
  ///   - upstream: routes that devices have from outside of the fabric, e.g. a default route on a spine.
  package init(
    _ devices: [DeviceRouting], owners: [Address: String], upstream: [String: [Prefix]] = [:], down: Set<Address> = [],
    segments: [Address: Int] = [:], cabling: Cabling? = nil
  ) {
    self.devices = devices
    let index = Dictionary(uniqueKeysWithValues: devices.enumerated().map { ($1.name, $0) })
    self.index = index
    self.owners = owners.compactMapValues { index[$0] }
    self.segments = segments
    matchSessions(down)
    spread(upstream)
    ospf = devices.map { _ in [:] }
    if let cabling { addOSPF(cabling, upstream) }
    tables = devices.indices.map { table($0) }
  }

  /// Finds the two ends of each session and whether they agree.
  private mutating func matchSessions(_ down: Set<Address>) {
    for (number, device) in devices.enumerated() {
      peers.append([])
      for session in device.speaker?.sessions ?? [] {
        let peer = owners[session.neighbor].flatMap { owner in
          devices[owner].speaker?.sessions.firstIndex { faces($0, session, of: number) }
            .map { Peer(device: owner, session: $0) }
        }
        let local = session.local ?? peer.flatMap { devices[$0.device].speaker?.sessions[$0.session].neighbor }
        if down.contains(session.neighbor) || local.map(down.contains) ?? false {
          peers[number].append(nil)
          continue
        }
        peers[number].append(peer)
        let what = "\(device.name) to \(session.neighbor)"
        guard let peer, session.local.map({ owners[$0] == number }) ?? true, let other = devices[peer.device].speaker
        else {
          findings.append(Finding("the session of \(what) has no other end"))
          continue
        }
        let back = other.sessions[peer.session]
        if (back.local ?? session.neighbor) != session.neighbor || other.asn != session.neighborASN {
          findings.append(Finding("the session of \(what): the other end has another address or AS"))
        }
        if !(session.role.isEmpty && back.role.isEmpty), Set([session.role, back.role]) != ["customer", "provider"] {
          findings.append(Finding("the session of \(what): the roles are \(session.role) and \(back.role)"))
        }
        if session.bfd != back.bfd {
          findings.append(Finding("the session of \(what): only one end has BFD"))
        }
      }
    }
  }

  /// Whether a session is the other end of one of a device: where that does not state its own address, by whose
  /// address it is, and on which link.
  private func faces(_ session: Speaker.Session, _ other: Speaker.Session, of number: Int) -> Bool {
    if let local = other.local { return session.neighbor == local }
    return owners[session.neighbor] == number && session.neighbor.family == other.neighbor.family
      && segments[session.neighbor] == segments[other.neighbor]
  }

  private mutating func spread(_ upstream: [String: [Prefix]]) {
    learned = devices.map { _ in [:] }
    // No path is longer than the number of devices; in a fabric of two tiers it takes few rounds.
    for _ in 0...devices.count {
      let next = devices.indices.map { receive($0, upstream) }
      if next == learned { return }
      learned = next
    }
    findings.append(Finding("routes do not settle"))
  }

  /// What a device has after it heard all its neighbours.
  private func receive(_ number: Int, _ upstream: [String: [Prefix]]) -> [Prefix: [Path]] {
    guard let speaker = devices[number].speaker else { return [:] }
    var found: [Prefix: [Path]] = [:]
    for (position, session) in speaker.sessions.enumerated() {
      guard let peer = peers[number][position], let other = devices[peer.device].speaker else { continue }
      for route in announced(peer, other, upstream)
      where !route.asns.contains(speaker.asn) && route.originator != number
        && permits(session.importFilter, route.prefix)
      {
        found[route.prefix, default: []].append(
          Path(asns: route.asns, session: position, originator: route.originator))
      }
    }
    return found.mapValues { paths in
      let shortest = paths.map(\.asns.count).min() ?? 0
      let best = paths.filter { $0.asns.count == shortest }
      // Of equally short paths external ones win (RFC 4271 section 9.1.2.2).
      let external = best.filter { speaker.sessions[$0.session].neighborASN != speaker.asn }
      return external.isEmpty ? best : external
    }
  }

  /// What a device says over one of its sessions.
  private func announced(
    _ peer: Peer, _ speaker: Speaker, _ upstream: [String: [Prefix]]
  ) -> [(prefix: Prefix, asns: [Int], originator: Int)] {
    let session = speaker.sessions[peer.session]
    let isInternal = session.neighborASN == speaker.asn
    let ownASN = isInternal ? [] : [speaker.asn]
    let device = devices[peer.device]
    let held = Set(device.statics.map(\.prefix) + (upstream[device.name] ?? []))
    let known = learned[peer.device]
    var own = speaker.origins.filter { !speaker.checksOrigins || held.contains($0) || known[$0] != nil }
    let specific = Set(known.keys).union(own)
    own += speaker.summaries.filter { summary in specific.contains { $0 != summary && summary.contains($0) } }
    var result = own.map { ($0, ownASN, peer.device) }
    for (prefix, paths) in known where !own.contains(prefix) {
      guard let best = paths.first, best.session != peer.session else { continue }
      let from = speaker.sessions[best.session]
      let cameInternally = from.neighborASN == speaker.asn
      if isInternal, cameInternally, !session.reflects, !from.reflects { continue }
      result.append((prefix, ownASN + best.asns, cameInternally && isInternal ? best.originator : peer.device))
    }
    return result.filter { $0.0.family == session.neighbor.family && permits(session.exportFilter, $0.0) }
  }

  private mutating func addOSPF(_ cabling: Cabling, _ upstream: [String: [Prefix]]) {
    for family in AddressFamily.allCases where devices.contains(where: { $0.ospf.contains { $0.family == family } }) {
      let known = learned.map { Set($0.keys) }
      let model = OSPFModel(devices, family, cabling, upstream: upstream, learned: known)
      for (number, table) in model.tables().enumerated() { ospf[number].merge(table) { first, _ in first } }
    }
  }

  private func table(_ number: Int) -> [Prefix: Use] {
    let sessions = devices[number].speaker?.sessions ?? []
    var table = learned[number].mapValues { paths in
      Use.via(Set(paths.compactMap { owners[sessions[$0.session].neighbor] }.map { devices[$0].name }).sorted())
    }
    for (prefix, hops) in ospf[number] where table[prefix] == nil { table[prefix] = .via(hops) }
    for route in devices[number].statics where !(route.yieldsToBGP && table[route.prefix] != nil) {
      switch route.target {
      case .discard: table[route.prefix] = .discard
      case .interface(let name): table[route.prefix] = .interface(name)
      case .device(let name): table[route.prefix] = index[name] == nil ? .nowhere : .via([name])
      case .via(let hops):
        let names = hops.compactMap { owners[$0] }.map { devices[$0].name }
        table[route.prefix] = names.count == hops.count ? .via(Set(names).sorted()) : .nowhere
      }
    }
    return table
  }

  /// The line of the entry of a filter that lets in what a device uses to a prefix by way of a neighbour; nil if that is no
  /// route by BGP, or one whose file has no entry for it.
  package func importLine(of name: String, to prefix: Prefix, from neighbor: String) -> Int? {
    guard let number = index[name], let speaker = devices[number].speaker,
      !devices[number].statics.contains(where: { $0.prefix == prefix && !$0.yieldsToBGP })
    else { return nil }
    let sessions = (learned[number][prefix] ?? []).map { speaker.sessions[$0.session] }
    let session = sessions.first { owners[$0.neighbor].map { devices[$0].name } == neighbor }
    return session.flatMap { entry(of: $0.importFilter, for: prefix)?.line }
  }

  /// The routes of a device, by prefix.
  package func routes(of name: String) -> [Prefix: Use] { index[name].map { tables[$0] } ?? [:] }
}
