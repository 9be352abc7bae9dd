import TopologyModel

/// What is broken at the moment; all else works as planned.
struct Condition: Sendable {
  enum Cable: Sendable {
    /// Both devices see that the carrier is gone.
    case cut
    /// Frames vanish, the carrier stays.
    case silent
  }
  /// Where something is plugged in: the index of `LabLayout.links` and the node.
  struct Port: Sendable, Hashable {
    var link: Int
    var node: Int
  }
  /// A broken cable of two ends is broken at both.
  var cables: [Port: Cable] = [:]
  /// Nodes whose routing daemons do not run.
  var deadSpeakers: Set<Int> = []
  /// Hosts whose daemon runs but whose session cannot come up (a wrong AS number, a wrong TTL).
  var refusedSpeakers: Set<Int> = []
  /// Instances of EC2 whose routes failover.sh has moved.
  var lostInstances: Set<Name> = []
  /// Nodes whose plug to the outside is pulled.
  var noUpstream: Set<Int> = []

  static let healthy = Condition()

  /// Breaks a cable, or the plug of one node in a segment.
  mutating func breakCable(_ link: LabLink, at node: Int, _ fault: Cable) {
    for end in link.ends where end.node == node || !link.isSegment {
      cables[Port(link: link.index, node: end.node)] = fault
    }
  }
}

extension LabLayout {
  /// The link that two devices share, if both are in the lab.
  func link(_ first: Int, _ second: Int) -> LabLink? { links.first { $0.touches(first) && $0.touches(second) } }

  /// Whether BGP or OSPF between two devices works, over a link of theirs if they have several.
  func hasSession(_ first: Int?, _ second: Int?, _ condition: Condition, over own: LabLink? = nil) -> Bool {
    guard let first, let second, let link = own ?? link(first, second) else { return false }
    guard link.carriers.allSatisfy({ condition.cables[$0] == nil }) else { return false }
    return [first, second].allSatisfy {
      condition.cables[Condition.Port(link: link.index, node: $0)] == nil
        && !condition.deadSpeakers.contains($0) && !condition.refusedSpeakers.contains($0)
    }
  }

  func hasUpstream(_ node: Int?, _ condition: Condition) -> Bool {
    guard let node else { return false }
    return outside.plugs.contains { $0.node == node } && !condition.noUpstream.contains(node)
  }
}
