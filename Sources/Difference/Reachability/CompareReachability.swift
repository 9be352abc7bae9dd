import TopologyModel

/// Finds out which packets may pass on one side only: between segments, from and to outside, and to hosts.
///
/// Segments that the same decisions are about are one class, and pairs of classes are compared, not pairs of segments. What was cut
/// stands before what was opened.
func compareReachability(_ old: NetworkPlan, _ new: NetworkPlan, _ names: NameMap) -> [ReachabilityChange] {
  var changes: [ReachabilityChange] = []
  for family in AddressFamily.allCases {
    var comparison = ReachabilityComparison(old, new, names, family)
    changes += comparison.compareInside() + comparison.compareOutward()
  }
  return mergePeers(mergeFamilies(changes)).enumerated().sorted {
    ($0.element.isOpened ? 1 : 0, $0.element.pairing, $0.offset)
      < ($1.element.isOpened ? 1 : 0, $1.element.pairing, $1.offset)
  }
  .map(\.element)
}

/// What is the same in both families is told once.
private func mergeFamilies(_ changes: [ReachabilityChange]) -> [ReachabilityChange] {
  var result: [ReachabilityChange] = []
  for change in changes {
    func isSame(_ other: ReachabilityChange) -> Bool {
      other.isOpened == change.isOpened && other.from == change.from && other.to == change.to
        && other.pairing == change.pairing && other.isPartial == change.isPartial && other.services == change.services
        && other.reason == change.reason && other.families != change.families
    }
    if let index = result.firstIndex(where: isSame) {
      result[index].families += change.families
    } else {
      result.append(change)
    }
  }
  return result
}

/// Several sources of one destination, or several destinations of one source, are told together.
private func mergePeers(_ changes: [ReachabilityChange]) -> [ReachabilityChange] {
  var result: [ReachabilityChange] = []
  for change in changes {
    func isLike(_ other: ReachabilityChange) -> Bool {
      other.isOpened == change.isOpened && other.isPartial == change.isPartial && other.services == change.services
        && other.reason == change.reason && other.families == change.families
        && other.pairing != .itself && change.pairing != .itself
        && (other.pairing == .outside) == (change.pairing == .outside)
    }
    if let index = result.firstIndex(where: { isLike($0) && $0.to == change.to && change.to.count == 1 }) {
      result[index].from += change.from.filter { !result[index].from.contains($0) }
      if result[index].pairing != change.pairing { result[index].pairing = .segments }
    } else if let index = result.firstIndex(where: { isLike($0) && $0.from == change.from && change.from.count == 1 }) {
      result[index].to += change.to.filter { !result[index].to.contains($0) }
      if result[index].pairing != change.pairing { result[index].pairing = .segments }
    } else {
      result.append(change)
    }
  }
  return result
}

struct ReachabilityComparison {
  let family: AddressFamily
  let segments: [SegmentPeer]
  let oldFinder: WitnessFinder
  let newFinder: WitnessFinder
  let zones: [ZoneComparison]
  /// By index of the segment: the class of what decides about it as a source, and as a destination.
  private var sourceClasses: [Int] = []
  private var destinationClasses: [Int] = []
  private(set) var sources: [PeerCoverage] = []
  private(set) var destinations: [PeerCoverage] = []

  init(_ old: NetworkPlan, _ new: NetworkPlan, _ names: NameMap, _ family: AddressFamily) {
    self.family = family
    segments = listSegments(old.topology, new.topology, names, family)
    (oldFinder, newFinder) = (
      WitnessFinder(topology: old.topology, family: family), WitnessFinder(topology: new.topology, family: family)
    )
    zones = AccessZone.allCases.map { ZoneComparison($0, old.accessPlan(family), new.accessPlan(family)) }
  }

  func zone(_ zone: AccessZone) -> ZoneComparison { zones[Int(zone.rawValue)] }

  /// Whether nothing between segments can be otherwise.
  private var isCertainlyEqual: Bool {
    zone(.inside).changed.isEmpty
      && segments.allSatisfy { peer in
        guard let old = peer.old, let new = peer.new else { return false }
        return old.matches == new.matches && old.isolation == new.isolation
      }
  }

  /// Between segments, and from outside to segments.
  mutating func compareInside() -> [ReachabilityChange] {
    guard !isCertainlyEqual else { return [] }
    classify()
    var changes = comparePairs()
    changes += compareFromOutside()
    return changes
  }

  private mutating func classify() {
    let inside = zone(.inside)
    var (known, knownDestinations): ([PeerCoverage: Int], [PeerCoverage: Int]) = ([:], [:])
    for peer in segments {
      let source = PeerCoverage(
        old: peer.old.map { inside.old.sourceCoverage($0.matches) },
        new: peer.new.map { inside.new.sourceCoverage($0.matches) })
      let destination = PeerCoverage(
        old: peer.old.map { inside.old.destinationCoverage($0.matches) },
        new: peer.new.map { inside.new.destinationCoverage($0.matches) },
        isolations: [peer.old?.isolation, peer.new?.isolation])
      sourceClasses.append(intern(source, &known, &sources))
      destinationClasses.append(intern(destination, &knownDestinations, &destinations))
    }
  }

  private func intern(_ coverage: PeerCoverage, _ known: inout [PeerCoverage: Int], _ list: inout [PeerCoverage]) -> Int
  {
    if let number = known[coverage] { return number }
    known[coverage] = list.count
    list.append(coverage)
    return list.count - 1
  }

  private struct ClassPair: Hashable {
    var source: Int
    var destination: Int
  }

  private func comparePairs() -> [ReachabilityChange] {
    var changes: [ReachabilityChange] = []
    var selves: [ClassPair: [Int]] = [:]
    for index in segments.indices {
      selves[ClassPair(source: sourceClasses[index], destination: destinationClasses[index]), default: []].append(index)
    }
    for members in selves.values.sorted(by: { $0[0] < $1[0] }) {
      let first = members[0]
      changes += report(members, members, .itself, verdict(first, first, .itself), (first, first))
    }
    let tenants = Dictionary(grouping: segments.indices) { segments[$0].tenant }
    for members in tenants.values.sorted(by: { $0[0] < $1[0] }) where members.count > 1 {
      changes += comparePairs(members, .sameTenant) { $0 != $1 }
    }
    if tenants.count > 1 {
      changes += comparePairs(Array(segments.indices), .otherTenants) { segments[$0].tenant != segments[$1].tenant }
    }
    return changes
  }

  /// Compares the classes that some segments fall into, pair by pair.
  private func comparePairs(
    _ members: [Int], _ pairing: ReachabilityChange.Pairing, _ isMeant: (Int, Int) -> Bool
  ) -> [ReachabilityChange] {
    let bySource = Dictionary(grouping: members) { sourceClasses[$0] }.values.sorted { $0[0] < $1[0] }
    let byDestination = Dictionary(grouping: members) { destinationClasses[$0] }.values.sorted { $0[0] < $1[0] }
    var changes: [ReachabilityChange] = []
    for from in bySource {
      for to in byDestination {
        guard let source = from.first(where: { source in to.contains { isMeant(source, $0) } }),
          let destination = to.first(where: { isMeant(source, $0) })
        else { continue }
        let verdict = verdict(source, destination, pairing)
        guard !verdict.pieces.isEmpty else { continue }
        // Who has no partner in the other list is not meant.
        let left = from.filter { source in to.contains { isMeant(source, $0) } }
        let right = to.filter { destination in from.contains { isMeant($0, destination) } }
        changes += report(left, right, pairing, verdict, (source, destination))
      }
    }
    return changes
  }

  private func report(
    _ from: [Int], _ to: [Int], _ pairing: ReachabilityChange.Pairing, _ verdict: PairVerdict, _ example: (Int, Int)
  ) -> [ReachabilityChange] {
    let (source, destination) = (segments[example.0], segments[example.1])
    let lonely = [source, destination].first { $0.old == nil || $0.new == nil }
    return changes(
      from: from.map { segments[$0].key }, to: to.map { segments[$0].key }, pairing, verdict,
      reason: lonely.map { "\($0.key) is \($0.old == nil ? "new" : "gone")" }
    ) { piece, isOpened in
      let finder = isOpened ? newFinder : oldFinder
      guard let from = isOpened ? source.new : source.old, let to = isOpened ? destination.new : destination.old,
        let start = finder.end(from, in: piece.source),
        let end = finder.end(to, in: piece.destination, notOn: start.host)
      else { return nil }
      return (start, end)
    }
  }

  /// One report of what was closed and one of what was opened.
  func changes(
    from: [String], to: [String], _ pairing: ReachabilityChange.Pairing, _ verdict: PairVerdict, reason: String?,
    ends: (PairVerdict.Piece, Bool) -> (PacketWitness.End, PacketWitness.End)?
  ) -> [ReachabilityChange] {
    [false, true].compactMap { isOpened in
      let sets = verdict.pieces.map { isOpened ? $0.opened : $0.closed }
      let services = ServiceSet(sets.flatMap(\.ranges))
      guard !services.isEmpty else { return nil }
      var witness: PacketWitness?
      for (piece, set) in zip(verdict.pieces, sets) where !set.isEmpty && witness == nil {
        guard let sample = sampleService(set), let (source, destination) = ends(piece, isOpened) else { continue }
        witness = PacketWitness(
          source: source, destination: destination, service: sample.number, serviceText: sample.text)
      }
      return ReachabilityChange(
        isOpened: isOpened, from: from, to: to, pairing: pairing,
        isPartial: !verdict.isWhole || sets.contains { $0 != services } || verdict.isTooHard, families: [family],
        services: serviceTexts(services), witness: witness, reason: reason)
    }
  }
}

/// What decides about a peer on both sides.
struct PeerCoverage: Hashable {
  /// Nil: it is not there.
  var old: [DecisionList.Coverage]?
  var new: [DecisionList.Coverage]?
  var isolations: [TenantIsolation?] = []
}
