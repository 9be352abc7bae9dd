import TopologyModel

extension ReachabilityComparison {
  /// What may pass between two segments on one side only.
  func verdict(_ source: Int, _ destination: Int, _ pairing: ReachabilityChange.Pairing) -> PairVerdict {
    let (from, to) = (segments[source], segments[destination])
    func base(_ side: SegmentSide?) -> ServiceSet {
      guard let isolation = side?.isolation else { return ServiceSet([]) }
      return switch pairing {
      case .itself: .any
      case .sameTenant: isolation == .segment ? ServiceSet([]) : .any
      case .otherTenants: isolation == .none ? .any : ServiceSet([])
      case .segments, .outside: ServiceSet([])
      }
    }
    let bases = (base(to.old), base(to.new))
    let (old, new) = (zone(.inside).old, zone(.inside).new)
    func pair(_ left: [AddressMatch]?, _ right: [AddressMatch]?) -> ([AddressMatch], [AddressMatch])? {
      left.flatMap { left in right.map { (left, $0) } }
    }
    return compare(
      old, pair(from.old?.matches, to.old?.matches), bases.0, new, pair(from.new?.matches, to.new?.matches), bases.1)
  }

  /// Compares what two lists let pass between the addresses that two peers have on each side; nil: one of the peers is not there.
  func compare(
    _ old: DecisionList, _ oldEnds: ([AddressMatch], [AddressMatch])?, _ oldBase: ServiceSet, _ new: DecisionList,
    _ newEnds: ([AddressMatch], [AddressMatch])?, _ newBase: ServiceSet
  ) -> PairVerdict {
    let partial = partialMatches(old, oldEnds) + partialMatches(new, newEnds)
    let sources = partial.flatMap(\.sources)
    let destinations = partial.flatMap(\.destinations)
    func allowed(_ list: DecisionList, _ ends: ([AddressMatch], [AddressMatch])?, _ base: ServiceSet) -> ServiceSet {
      guard let ends else { return ServiceSet([]) }
      return list.allowed(list.sourceCoverage(ends.0), list.destinationCoverage(ends.1), base: base)
    }
    guard !partial.isEmpty else {
      let (before, after) = (allowed(old, oldEnds, oldBase), allowed(new, newEnds, newBase))
      return whole(before, after)
    }
    // Pieces can be told apart on both sides only if the addresses are the same ones.
    guard oldEnds == nil || newEnds == nil || (oldEnds! == newEnds!), let ends = newEnds ?? oldEnds,
      let left = divide(ends.0, by: sources), let right = divide(ends.1, by: destinations),
      left.count * right.count <= 1024
    else {
      let (before, after) = (union(old, oldEnds, oldBase), union(new, newEnds, newBase))
      var verdict = whole(before, after)
      verdict.isTooHard = true
      return verdict
    }
    var verdict = PairVerdict()
    var count = 0
    for source in left {
      for destination in right {
        count += 1
        let piece = ([source], [destination])
        let before = oldEnds == nil ? ServiceSet([]) : allowed(old, piece, oldBase)
        let after = newEnds == nil ? ServiceSet([]) : allowed(new, piece, newBase)
        guard before != after else { continue }
        verdict.pieces.append(
          PairVerdict.Piece(
            source: [source], destination: [destination], opened: after.subtracting(before),
            closed: before.subtracting(after)))
      }
    }
    verdict.isWhole = verdict.pieces.count == count
    return verdict
  }

  private func whole(_ before: ServiceSet, _ after: ServiceSet) -> PairVerdict {
    guard before != after else { return PairVerdict() }
    let piece = PairVerdict.Piece(
      source: nil, destination: nil, opened: after.subtracting(before), closed: before.subtracting(after))
    return PairVerdict(pieces: [piece])
  }

  /// What passes for some of the addresses at least.
  private func union(
    _ list: DecisionList, _ ends: ([AddressMatch], [AddressMatch])?, _ base: ServiceSet
  ) -> ServiceSet {
    guard let ends else { return ServiceSet([]) }
    var all = base
    let common = list.common(list.sourceCoverage(ends.0), list.destinationCoverage(ends.1))
    for (index, isWhole) in common.reversed() {
      let decision = list.decisions[index]
      if decision.verdict == .allow {
        all = ServiceSet(all.ranges + decision.services.ranges)
      } else if isWhole {
        all = all.subtracting(decision.services)
      }
    }
    return all
  }

  /// The matches of decisions that are about some of the addresses only.
  private func partialMatches(
    _ list: DecisionList, _ ends: ([AddressMatch], [AddressMatch])?
  ) -> [(sources: [AddressMatch], destinations: [AddressMatch])] {
    guard let ends else { return [] }
    let common = list.common(list.sourceCoverage(ends.0), list.destinationCoverage(ends.1))
    func overlapping(_ matches: [AddressMatch], _ own: [AddressMatch]) -> [AddressMatch] {
      matches.filter { match in own.contains { $0.overlaps(match) && !match.contains($0) } }
    }
    return common.filter { !$0.isWhole }.map { index, _ in
      (
        overlapping(list.matches(index, ofSources: true), ends.0),
        overlapping(list.matches(index, ofSources: false), ends.1)
      )
    }
  }
}
