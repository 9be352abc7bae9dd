import TopologyModel

/// The decisions of one zone on both sides, and which of them the other side does not have at that place of the order.
struct ZoneComparison {
  let zone: AccessZone
  let old: DecisionList
  let new: DecisionList
  /// Only what these are about can be decided otherwise than before.
  let changed: [AccessDecision]

  init(_ zone: AccessZone, _ old: AccessPlan, _ new: AccessPlan) {
    self.zone = zone
    (self.old, self.new) = (DecisionList(old[zone]), DecisionList(new[zone]))
    changed = changedDecisions(old[zone], new[zone])
  }

  /// The matches of one side of the changed decisions, each once; and whether one of them is about everything.
  func changedMatches(_ side: (AccessDecision) -> [AddressMatch]?) -> (matches: [AddressMatch], hasAll: Bool) {
    let sides = changed.map(side)
    return (Set(sides.flatMap { $0 ?? [] }).sorted(), sides.contains { $0 == nil })
  }
}

/// A decision without what does not decide: its number, its name and its comment.
private struct DecisionMeaning: Hashable {
  var verdict: AccessVerdict
  var sources: [AddressMatch]?
  var destinations: [AddressMatch]?
  var services: ServiceSet

  init(_ decision: AccessDecision) {
    (verdict, services) = (decision.verdict, decision.services)
    (sources, destinations) = (decision.sources, decision.destinations)
  }
}

private func changedDecisions(_ old: [AccessDecision], _ new: [AccessDecision]) -> [AccessDecision] {
  let (before, after) = (old.map(DecisionMeaning.init), new.map(DecisionMeaning.init))
  var start = 0
  while start < min(before.count, after.count), before[start] == after[start] { start += 1 }
  var end = 0
  while end < min(before.count, after.count) - start, before[before.count - 1 - end] == after[after.count - 1 - end] {
    end += 1
  }
  let (first, second) = (start..<before.count - end, start..<after.count - end)
  guard first.count <= 1000, second.count <= 1000 else { return Array(old[first]) + Array(new[second]) }
  let difference = after[second].difference(from: before[first])
  return difference.map { change in
    switch change {
    case .remove(let offset, _, _): old[start + offset]
    case .insert(let offset, _, _): new[start + offset]
    }
  }
}
