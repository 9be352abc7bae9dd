import TopologyModel

/// Everything else about a device that is not as before.
func compareSettings(_ old: DevicePlan, _ new: DevicePlan) -> [DeviceChange] {
  var changes: [DeviceChange] = []
  func add(_ subject: String, _ before: String?, _ after: String?, isOwn: Bool = false) {
    guard before != after else { return }
    changes.append(
      DeviceChange(.setting, subject, before: before, after: after, shape: isOwn ? subject : nil))
  }
  if old.fabric != new.fabric { add("fabric", old.fabric.text, new.fabric.text) }
  add("routing daemon", daemon(old), daemon(new))
  add("system", system(old), system(new))
  for (interface, before, after) in pairs(old.uplinks, new.uplinks) {
    add("uplink \(interface)", before.map(mtuText), after.map(mtuText))
  }
  add("gateway MTU", (old.gateway?.mtu).map { "\($0)" }, (new.gateway?.mtu).map { "\($0)" })
  let (gone, came) = difference(old.gateway?.addresses ?? [], new.gateway?.addresses ?? [])
  for (was, now) in padded(gone, came) {
    add("gateway address", was.map { "\($0)" }, now.map { "\($0)" }, isOwn: true)
  }
  compareSysctls(old, new, into: &changes)
  add("BGP identifier", (old.bgp?.routerID).map { "\($0)" }, (new.bgp?.routerID).map { "\($0)" }, isOwn: true)
  add("AS number", (old.bgp?.asn).map { "\($0)" }, (new.bgp?.asn).map { "\($0)" }, isOwn: true)
  add("BGP paths", (old.bgp?.maximumPaths).map { "\($0)" }, (new.bgp?.maximumPaths).map { "\($0)" })
  compareOSPFSettings(old.ospf, new.ospf, into: &changes)
  compareVLANs(old.vlans, new.vlans, into: &changes)
  compareSteering(old.steering, new.steering, into: &changes)
  compareInsertions(old.insertions, new.insertions, into: &changes)
  return changes
}

/// The system of a switch, by the file that is made for it.
private func system(_ plan: DevicePlan) -> String? {
  guard plan.role != .host else { return nil }
  let systems: [(ArtifactKind, String)] = [
    (.eos, "EOS"), (.nxos, "NX-OS"), (.junos, "Junos"), (.sonic, "SONiC"), (.nvue, "NVUE"), (.frr, "FRR"),
    (.routesScript, "Linux"),
  ]
  return systems.first { plan.artifacts.contains($0.0) }?.1
}

private func mtuText(_ uplink: Uplink) -> String { uplink.mtu.map { "MTU \($0)" } ?? "MTU as it is" }

private func pairs(_ old: [Uplink], _ new: [Uplink]) -> [(name: InterfaceName, old: Uplink?, new: Uplink?)] {
  let names = old.map(\.interface) + new.map(\.interface).filter { name in !old.contains { $0.interface == name } }
  return names.map { name in
    (name, old.first { $0.interface == name }, new.first { $0.interface == name })
  }
}

private func difference<Item: Hashable>(_ old: [Item], _ new: [Item]) -> (gone: [Item], came: [Item]) {
  let (before, after) = (Set(old), Set(new))
  return (old.filter { !after.contains($0) }, new.filter { !before.contains($0) })
}

/// The two lists side by side, the shorter one filled up with nil.
private func padded<Item>(_ old: [Item], _ new: [Item]) -> [(Item?, Item?)] {
  (0..<max(old.count, new.count)).map { index in
    (index < old.count ? old[index] : nil, index < new.count ? new[index] : nil)
  }
}

private func compareSysctls(_ old: DevicePlan, _ new: DevicePlan, into changes: inout [DeviceChange]) {
  guard old.sysctls != new.sysctls else { return }
  func key(_ setting: Sysctl) -> String {
    setting.path.map { component in
      switch component {
      case .word(let word): "\(word.text)"
      case .interface(let name): name.text
      }
    }
    .joined(separator: ".")
  }
  let before = Dictionary(old.sysctls.map { (key($0), $0.value) }) { first, _ in first }
  let after = Dictionary(new.sysctls.map { (key($0), $0.value) }) { first, _ in first }
  let names = old.sysctls.map(key) + new.sysctls.map(key).filter { before[$0] == nil }
  for name in names where before[name] != after[name] {
    changes.append(
      DeviceChange(.setting, name, before: before[name].map { "\($0)" }, after: after[name].map { "\($0)" }))
  }
}

private func compareOSPFSettings(_ old: OSPFPlan?, _ new: OSPFPlan?, into changes: inout [DeviceChange]) {
  guard old != new, let old, let new else { return }
  func add(_ subject: String, _ isSame: Bool, _ before: String, _ after: String) {
    if !isSame { changes.append(DeviceChange(.setting, subject, before: before, after: after)) }
  }
  func filters(_ plan: OSPFPlan) -> String {
    "\(plan.accepted.count) acceptances, \(plan.exported.count) exports, \(plan.filters.flatMap(\.entries).count) entries"
  }
  let isSame = old.accepted == new.accepted && old.exported == new.exported && old.filters == new.filters
  add("OSPF filters", isSame, filters(old), filters(new))
  add(
    "OSPF default route", old.originatesDefault == new.originatesDefault, "\(old.originatesDefault)",
    "\(new.originatesDefault)")
  func followed(_ plan: OSPFPlan) -> String { plan.followed.map { "\($0.prefix)" }.joined(separator: " ") }
  add("routes that follow the ToR's default", old.followed == new.followed, followed(old), followed(new))
}

private func compareVLANs(_ old: VLANPlan?, _ new: VLANPlan?, into changes: inout [DeviceChange]) {
  guard old != new else { return }
  let (before, after) = (old?.interfaces ?? [], new?.interfaces ?? [])
  func text(_ interface: VLANInterface) -> String {
    "\(interface.interface), \(interface.addresses.map { "\($0.address)/\($0.length)" }.joined(separator: ", ")), "
      + "\(interface.routes.count) routes"
  }
  let ids = Set((before + after).map(\.id)).sorted()
  for id in ids {
    let (was, now) = (before.first { $0.id == id }, after.first { $0.id == id })
    guard was != now else { continue }
    changes.append(
      DeviceChange(
        .setting, "VLAN \(id)", before: was.map(text), after: now.map(text), shape: "VLAN \(id)"))
  }
  if old?.trunk != new?.trunk || old?.trunkMTU != new?.trunkMTU {
    changes.append(DeviceChange(.setting, "VLAN trunk", before: old?.trunk.text, after: new?.trunk.text))
  }
}

private func compareSteering(_ old: SteeringPlan, _ new: SteeringPlan, into changes: inout [DeviceChange]) {
  guard old != new else { return }
  func text(_ step: SteeringStep) -> String {
    step.ways.map { way in
      switch way.target {
      case .via(let address, let interface): "via \(address) on \(interface)"
      case .unreachable: "refused"
      }
    }
    .joined(separator: ", then ")
  }
  let marks = Set((old.steps + new.steps).map(\.mark)).sorted()
  for mark in marks {
    let (was, now) = (old.steps.first { $0.mark == mark }, new.steps.first { $0.mark == mark })
    guard was != now, let service = (now ?? was)?.service else { continue }
    changes.append(
      DeviceChange(
        .route, "service \(service), table \((now ?? was)?.table ?? 0)", before: was.map(text), after: now.map(text)))
  }
  let (gone, came) = difference(old.tunnels.map(\.interface.text), new.tunnels.map(\.interface.text))
  for name in gone { changes.append(DeviceChange(.setting, "tunnel \(name)", before: "there", after: nil)) }
  for name in came { changes.append(DeviceChange(.setting, "tunnel \(name)", before: nil, after: "there")) }
}

private func compareInsertions(_ old: [Insertion], _ new: [Insertion], into changes: inout [DeviceChange]) {
  func key(_ insertion: Insertion) -> String { "\(insertion.path) at \(insertion.point.name)" }
  for insertion in old where !new.contains(where: { key($0) == key(insertion) }) {
    changes.append(DeviceChange(.setting, "local addition", before: key(insertion), after: nil))
  }
  for insertion in new {
    let was = old.first { key($0) == key(insertion) }
    guard was != insertion else { continue }
    let bytes = "\(insertion.text.bytes.count) bytes"
    changes.append(
      DeviceChange(
        .setting, "local addition \(key(insertion))", before: was.map { "\($0.text.bytes.count) bytes" }, after: bytes))
  }
}
