import Dispatch
import Emitters
import Synchronization
import TopologyModel

/// A device of which some file is not the same on both sides.
struct DeviceDifference: Sendable {
  var mark: ChangeMark
  var place: DevicePlace
  var changes: [DeviceChange] = []
  var files: [FileChange] = []
}

struct ComparedDevices: Sendable {
  /// In the order of places.
  var differences: [DeviceDifference] = []
  var sessions = SessionTally()
}

/// Plans every device of both sides and compares the two, on all processors. Files are rendered only of devices whose plans
/// differ, and without what hosts share, which is compared once; so a device is announced exactly if a file of it is another.
func compareDevices(_ old: ComparedNetwork, _ new: ComparedNetwork) -> ComparedDevices {
  let former = Dictionary(old.plan.devices.map { ($0.name, $0) }) { first, _ in first }
  let present = Set(new.plan.devices.map(\.name))
  var pairs: [(old: DeviceReference?, new: DeviceReference?)] = new.plan.devices.map { device in
    // The same name for another role is another device: its folder is elsewhere.
    (former[device.name].flatMap { $0.role == device.role ? $0 : nil }, device)
  }
  let roles = Dictionary(new.plan.devices.map { ($0.name, $0.role) }) { first, _ in first }
  pairs += old.plan.devices.filter { !present.contains($0.name) || roles[$0.name] != $0.role }.map { ($0, nil) }
  let comparison = DeviceComparison(old, new)
  let parts = inParallel(pairs.count) { [pairs] range in
    var part = DevicePart()
    for index in range { comparison.compare(pairs[index], into: &part) }
    return part
  }
  var result = ComparedDevices(differences: parts.flatMap(\.differences).sorted { $0.place < $1.place })
  var fates: [SessionKey: SessionFate] = [:]
  for part in parts { fates.merge(part.fates) { max($0, $1) } }
  // Each session between two devices of the tree is seen from both ends.
  let ends = parts.reduce(into: SessionEndCount()) { $0.add($1.ends) }
  result.sessions = tally(ends, fates)
  return result
}

/// The sessions of the newer side that are seen from one end: those with upstreams; and from two.
struct SessionEndCount: Sendable {
  var shared = 0
  var single = 0

  mutating func add(_ other: SessionEndCount) {
    shared += other.shared
    single += other.single
  }
}

/// What one thread finds.
struct DevicePart: Sendable {
  var differences: [DeviceDifference] = []
  /// Sessions that are not as before, as either end sees it.
  var fates: [SessionKey: SessionFate] = [:]
  var ends = SessionEndCount()
}

private func tally(_ ends: SessionEndCount, _ fates: [SessionKey: SessionFate]) -> SessionTally {
  var result = SessionTally()
  for fate in fates.values {
    switch fate {
    case .kept: break
    case .reloaded: result.reloaded += 1
    case .reset: result.reset += 1
    case .added: result.added += 1
    case .removed: result.removed += 1
    }
  }
  result.kept = max(0, ends.shared / 2 + ends.single - result.reloaded - result.reset - result.added)
  return result
}

/// Applies `body` to consecutive ranges on all processors; the results are in order.
func inParallel<Result: Sendable>(_ count: Int, _ body: @Sendable (Range<Int>) -> Result) -> [Result] {
  let size = max(1, min(64, count / 16))
  let number = (count + size - 1) / size
  let results = Mutex<[Result?]>(Array(repeating: nil, count: number))
  DispatchQueue.concurrentPerform(iterations: number) { index in
    let result = body(index * size..<min(count, (index + 1) * size))
    results.withLock { $0[index] = result }
  }
  return results.withLock { $0.compactMap(\.self) }
}

/// Compares one device after the other.
struct DeviceComparison: Sendable {
  private let old: ComparedNetwork
  private let new: ComparedNetwork
  private let shared: SharedComparison
  /// Hosts that are drained, on each side.
  private let silent: (old: Set<Name>, new: Set<Name>)

  init(_ old: ComparedNetwork, _ new: ComparedNetwork) {
    (self.old, self.new) = (old, new)
    func drained(_ topology: Topology) -> Set<Name> { Set(topology.hosts.lazy.filter(\.isDrained).map(\.name)) }
    silent = (drained(old.topology), drained(new.topology))
    shared = SharedComparison(old.shared, new.shared)
  }

  func compare(_ pair: (old: DeviceReference?, new: DeviceReference?), into part: inout DevicePart) {
    let before = pair.old.map { old.plan.plan($0) }
    let after = pair.new.map { new.plan.plan($0) }
    if let after { count(after, &part.ends) }
    guard let before, let after, let device = pair.new else {
      if let before, let device = pair.old { report(before, device, .removed, &part) }
      if let after, let device = pair.new { report(after, device, .added, &part) }
      return
    }
    let isSame = before == after
    guard !isSame || hasOtherSharedRules(after) else { return }
    let files = changedFiles(before, after, isSamePlan: isSame)
    guard !files.isEmpty else { return }
    var changes: [DeviceChange] = []
    if !isSame {
      changes += compareRoutes(before, after, silent: silent)
      changes += compareVPC(before.vpc, after.vpc)
      changes += compareSessions(before, after, &part.fates)
      changes += compareFilters(before, after)
      changes += compareSettings(before, after)
    }
    part.differences.append(
      DeviceDifference(mark: .changed, place: new.topology.place(device), changes: changes, files: files))
  }

  /// What a device that is new or gone has: its sessions end at others.
  private func report(
    _ plan: DevicePlan, _ device: DeviceReference, _ mark: ChangeMark, _ part: inout DevicePart
  ) {
    let fate: SessionFate = mark == .added ? .added : .removed
    for key in sessionKeys(plan) { part.fates[key] = fate }
    let topology = mark == .added ? new.topology : old.topology
    part.differences.append(
      DeviceDifference(
        mark: mark, place: topology.place(device),
        changes: mark == .added
          ? ownPrefixes(nil, plan) + compareVPC(nil, plan.vpc) : ownPrefixes(plan, nil) + compareVPC(plan.vpc, nil),
        files: plan.artifacts.map { FileChange(mark: mark, kind: $0) }))
  }

  private func count(_ plan: DevicePlan, _ ends: inout SessionEndCount) {
    let sessions = plan.bgp?.sessions ?? []
    let single = sessions.count { $0.neighborRole == .upstream }
    ends.single += single
    ends.shared += sessions.count - single + (plan.ospf?.interfaces.count ?? 0)
  }

  /// The files that are new, gone or have other bytes, in the order of the device's list.
  private func changedFiles(_ before: DevicePlan, _ after: DevicePlan, isSamePlan: Bool) -> [FileChange] {
    var result = before.artifacts.filter { !after.artifacts.contains($0) }.map { FileChange(mark: .removed, kind: $0) }
    var (first, second) = (TextWriter(), TextWriter())
    for kind in after.artifacts {
      guard before.artifacts.contains(kind) else {
        result.append(FileChange(mark: .added, kind: kind))
        continue
      }
      // What hosts share stands in a file as it is: where it differs, so does the file, and where not, the rest decides.
      var isChanged = shared.differs(kind, before, after)
      if !isChanged, !isSamePlan {
        first.removeAll()
        second.removeAll()
        emit(kind, of: before, shared: .none, into: &first)
        emit(kind, of: after, shared: .none, into: &second)
        isChanged = !areSame(first.bytes, second.bytes)
      }
      if isChanged { result.append(FileChange(mark: .changed, kind: kind)) }
    }
    return result
  }

  private func hasOtherSharedRules(_ plan: DevicePlan) -> Bool {
    plan.firewall != nil && plan.artifacts.contains { shared.differs($0, plan, plan) }
  }
}

/// Which of what hosts share is spelled otherwise than before.
private struct SharedComparison {
  /// By family, and whether the older and the newer host have sets of addresses.
  private let rules: [[Bool]]
  private let nft: Bool

  init(_ old: SharedFragments, _ new: SharedFragments) {
    rules = AddressFamily.allCases.map { family in
      [(false, false), (false, true), (true, false), (true, true)].map { had, has in
        old.rules(family, withSets: had) != new.rules(family, withSets: has)
      }
    }
    nft = old.rulesNFT != new.rulesNFT
  }

  /// Whether the part of a file that hosts share is not the same.
  func differs(_ kind: ArtifactKind, _ before: DevicePlan, _ after: DevicePlan) -> Bool {
    func rules(_ family: AddressFamily) -> Bool {
      let (had, has) = (before.firewall?.usesAddressSets == true, after.firewall?.usesAddressSets == true)
      return self.rules[Int(family.rawValue)][(had ? 2 : 0) + (has ? 1 : 0)]
    }
    return switch kind {
    case .rulesIPv4: rules(.ipv4)
    case .rulesIPv6: rules(.ipv6)
    case .rulesNFT: nft
    default: false
    }
  }
}
