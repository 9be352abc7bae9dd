import TopologyModel

/// A session between two devices, whichever end it is seen from.
struct SessionKey: Hashable, Sendable {
  private let first: Name
  private let second: Name
  private let family: AddressFamily?
  private let vlan: Int?
  private let isOSPF: Bool

  init(
    _ device: Name, _ neighbor: Name, _ family: AddressFamily?, vlan: Int? = nil, isOSPF: Bool = false
  ) {
    (first, second) = device < neighbor ? (device, neighbor) : (neighbor, device)
    (self.family, self.vlan, self.isOSPF) = (family, vlan, isOSPF)
  }
}

extension SessionKey {
  init(_ device: Name, _ session: BGPSession) {
    self.init(device, session.neighbor, session.family, vlan: session.vlan)
  }
}

func sessionKeys(_ plan: DevicePlan) -> [SessionKey] {
  (plan.bgp?.sessions ?? []).map { SessionKey(plan.name, $0) }
    + (plan.ospf?.interfaces ?? []).map { SessionKey(plan.name, $0.neighbor, nil, isOSPF: true) }
}

/// The sessions of a device that are not as before. What the change does to each is noted in `fates`, where the worse of what the
/// two ends see counts.
func compareSessions(
  _ old: DevicePlan, _ new: DevicePlan, _ fates: inout [SessionKey: SessionFate]
) -> [DeviceChange] {
  let daemons = (daemon(old), daemon(new))
  let isOther = daemons.0 != nil && daemons.1 != nil && daemons.0 != daemons.1
  var changes = compareBGP(old, new, isOtherDaemon: isOther, &fates)
  changes += compareOSPF(old, new, isOtherDaemon: isOther, &fates)
  return changes
}

/// The program that speaks, by the file that it reads.
func daemon(_ plan: DevicePlan) -> String? {
  for kind in plan.artifacts {
    switch kind {
    case .bird: return "BIRD 2"
    case .bird1: return "BIRD 1.6"
    case .exabgp: return "ExaBGP"
    case .frr: return "FRR"
    case .quaggaZebra: return "Quagga"
    default: continue
    }
  }
  return nil
}

private func compareBGP(
  _ old: DevicePlan, _ new: DevicePlan, isOtherDaemon: Bool, _ fates: inout [SessionKey: SessionFate]
) -> [DeviceChange] {
  let (before, after) = (sessions(old), sessions(new))
  var changes: [DeviceChange] = []
  for (session, key) in before.list where after.byKey[key] == nil {
    fates[key] = .removed
    changes.append(change(session, before: ends(session), after: nil, .removed))
  }
  for (session, key) in after.list {
    guard let was = before.byKey[key], let (oldBGP, newBGP) = old.bgp.flatMap({ o in new.bgp.map { (o, $0) } }) else {
      fates[key] = .added
      changes.append(change(session, before: nil, after: ends(session), .added))
      continue
    }
    var reasons = resetReasons(was, session)
    if oldBGP.asn != newBGP.asn { reasons.append("own AS \(oldBGP.asn) → \(newBGP.asn)") }
    if oldBGP.routerID != newBGP.routerID { reasons.append("router id \(oldBGP.routerID) → \(newBGP.routerID)") }
    reasons += remakes(tunnel(was, old), tunnel(session, new))
    if isOtherDaemon { reasons.append("\(daemon(old) ?? "none") → \(daemon(new) ?? "none")") }
    let soft = reloadReasons(was, oldBGP, session, newBGP)
    guard !reasons.isEmpty || !soft.isEmpty else { continue }
    let fate: SessionFate = reasons.isEmpty ? .reloaded : .reset
    fates[key] = max(fate, fates[key] ?? .kept)
    changes.append(
      DeviceChange(
        .session, title(session), before: "", after: (reasons + soft).joined(separator: ", "),
        shape: "\(session.neighbor)|\(session.family)|\(shape(reasons, was, session))|\(soft)", fate: fate))
  }
  return changes
}

/// The reasons without the addresses of this very device.
private func shape(_ reasons: [String], _ old: BGPSession, _ new: BGPSession) -> String {
  reasons.map { String($0.prefix { $0 != " " }) }.joined(separator: ",")
}

private func change(
  _ session: BGPSession, before: String?, after: String?, _ fate: SessionFate
) -> DeviceChange {
  DeviceChange(
    .session, title(session), before: before, after: after, shape: "\(session.neighbor)|\(session.family)", fate: fate)
}

private func title(_ session: BGPSession) -> String { "BGP \(session.family.name) with \(session.title)" }

private func ends(_ session: BGPSession) -> String { "\(link(session)), AS \(session.neighborASN)" }

private func link(_ session: BGPSession) -> String {
  switch session.ends {
  case .addresses(let local, let neighbor): "\(local) to \(neighbor)"
  case .interface(let name): "on \(name)"
  }
}

private func sessions(_ plan: DevicePlan) -> (list: [(BGPSession, SessionKey)], byKey: [SessionKey: BGPSession]) {
  let list = (plan.bgp?.sessions ?? []).map { ($0, SessionKey(plan.name, $0)) }
  return (list, Dictionary(list.map { ($1, $0) }) { first, _ in first })
}

/// What both ends agree on when they open a session (RFC 4271 section 4.2, RFC 9234), and the connection below it.
private func resetReasons(_ old: BGPSession, _ new: BGPSession) -> [String] {
  var reasons: [String] = []
  if old.ends != new.ends { reasons.append("addresses \(link(old)) → \(link(new))") }
  if old.neighborASN != new.neighborASN { reasons.append("AS \(old.neighborASN) → \(new.neighborASN)") }
  if old.localRole != new.localRole { reasons.append("role \(word(old.localRole)) → \(word(new.localRole))") }
  if old.secret != new.secret {
    reasons.append("secret \(old.secret?.text ?? "none") → \(new.secret?.text ?? "none")")
  }
  if old.bfd != new.bfd { reasons.append("bfd \(old.bfd ? "on" : "off") → \(new.bfd ? "on" : "off")") }
  if old.reflects != new.reflects { reasons.append("reflection \(old.reflects) → \(new.reflects)") }
  if old.outside?.hops != new.outside?.hops { reasons.append("hops differ") }
  return reasons
}

/// The tunnel of this end that a session runs in.
private func tunnel(_ session: BGPSession, _ plan: DevicePlan) -> PlannedTunnel? {
  guard case .addresses(let local, _) = session.ends else { return nil }
  return plan.tunnels.first { $0.addresses.contains { $0.address == local } }
}

/// What `tunnels.sh` can't change of an interface that is there: it makes another, and the session on it ends.
private func remakes(_ old: PlannedTunnel?, _ new: PlannedTunnel?) -> [String] {
  guard let old, let new else { return [] }
  if old.interface != new.interface { return ["tunnel \(old.interface) → \(new.interface)"] }
  switch (old.cover, new.cover) {
  case (.gre, .gre): return old.endpoint == new.endpoint ? [] : ["tunnel to \(old.endpoint) → to \(new.endpoint)"]
  case (.wireguard, .wireguard): return []
  case (.gre, .wireguard): return ["tunnel GRE → WireGuard"]
  case (.wireguard, .gre): return ["tunnel WireGuard → GRE"]
  }
}

private func word(_ role: BGPRole?) -> String { role.map { "\($0)" } ?? "none" }

/// What is told or believed over a session that stays up (RFC 2918).
private func reloadReasons(
  _ old: BGPSession, _ oldPlan: BGPPlan, _ new: BGPSession, _ newPlan: BGPPlan
) -> [String] {
  var reasons: [String] = []
  if let change = filterChange(oldPlan.filters[old.importFilter], newPlan.filters[new.importFilter]) {
    reasons.append("believes \(change)")
  }
  if let change = filterChange(oldPlan.filters[old.exportFilter], newPlan.filters[new.exportFilter]) {
    reasons.append("announces \(change)")
  }
  if old.exportLimit != new.exportLimit {
    func text(_ limit: Int?) -> String { limit.map { "\($0)" } ?? "none" }
    reasons.append("export limit \(text(old.exportLimit)) → \(text(new.exportLimit))")
  }
  if old.namesItself != new.namesItself { reasons.append("next hop self \(old.namesItself) → \(new.namesItself)") }
  if old.outside != new.outside, old.outside?.hops == new.outside?.hops { reasons.append("settings of the upstream") }
  return reasons
}

/// The prefixes that a filter permits no more, and anew; nil if it is the same.
private func filterChange(_ old: PrefixFilter, _ new: PrefixFilter) -> String? {
  guard old.entries != new.entries else { return nil }
  func text(_ entry: FilterEntry) -> String {
    let lengths = entry.isExact ? "" : ", length \(portText(entry.lengths))"
    return "\(entry.permits ? "" : "not ")\(entry.prefix)\(lengths)"
  }
  let gone = old.entries.filter { !new.entries.contains($0) }.map(text)
  let came = new.entries.filter { !old.entries.contains($0) }.map(text)
  func some(_ texts: [String]) -> String {
    texts.prefix(3).joined(separator: " and ") + (texts.count > 3 ? " and \(texts.count - 3) more" : "")
  }
  if came.isEmpty { return gone.isEmpty ? "prefixes in another order" : "no more \(some(gone))" }
  return gone.isEmpty ? "\(some(came)) too" : "\(some(gone)) → \(some(came))"
}

private func compareOSPF(
  _ old: DevicePlan, _ new: DevicePlan, isOtherDaemon: Bool, _ fates: inout [SessionKey: SessionFate]
) -> [DeviceChange] {
  let (before, after) = (old.ospf?.interfaces ?? [], new.ospf?.interfaces ?? [])
  func key(_ interface: OSPFInterface) -> SessionKey {
    SessionKey(new.name, interface.neighbor, nil, isOSPF: true)
  }
  func title(_ interface: OSPFInterface) -> String { "OSPF with \(interface.neighbor)" }
  func text(_ interface: OSPFInterface) -> String {
    "on \(interface.name), area \(interface.area), every \(interface.helloInterval) s"
      + (interface.secret.map { ", secret \($0)" } ?? "") + (interface.bfd ? ", BFD" : "")
  }
  var changes: [DeviceChange] = []
  for interface in before where !after.contains(where: { $0.neighbor == interface.neighbor }) {
    fates[key(interface)] = .removed
    changes.append(
      DeviceChange(.session, title(interface), before: text(interface), after: nil, fate: .removed))
  }
  for interface in after {
    guard let was = before.first(where: { $0.neighbor == interface.neighbor }) else {
      fates[key(interface)] = .added
      changes.append(DeviceChange(.session, title(interface), before: nil, after: text(interface), fate: .added))
      continue
    }
    let isOtherID = old.ospf?.routerID != new.ospf?.routerID
    guard was != interface || isOtherDaemon || isOtherID else { continue }
    fates[key(interface)] = .reset
    changes.append(
      DeviceChange(
        .session, title(interface), before: text(was) == text(interface) ? "" : text(was),
        after: isOtherDaemon ? "\(text(interface)), by \(daemon(new) ?? "none")" : text(interface), fate: .reset))
  }
  return changes
}
