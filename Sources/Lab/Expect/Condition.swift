import TopologyModel

/// What is broken at the moment; all else works as planned.
struct Condition: Sendable {
  enum Cable: Sendable {
    /// Both devices see that the carrier is gone.
    case cut
    /// Frames vanish, the carrier stays.
    case silent
  }
  /// By index of `LabLayout.links`.
  var cables: [Int: Cable] = [:]
  /// Nodes whose BGP daemon does not run.
  var deadSpeakers: Set<Int> = []
  /// Hosts whose daemon runs but whose session cannot come up (a wrong AS number, a wrong TTL).
  var refusedSpeakers: Set<Int> = []
  /// Nodes whose plug to the outside is pulled.
  var noUpstream: Set<Int> = []

  static let healthy = Condition()
}

extension LabLayout {
  /// The link of a host, or of a ToR and a spine, if both devices are in the lab.
  func link(_ first: Int, _ second: Int) -> LabLink? { links.first { $0.touches(first) && $0.touches(second) } }

  /// Whether BGP between two devices works.
  func hasSession(_ first: Int?, _ second: Int?, _ condition: Condition) -> Bool {
    guard let first, let second, let link = link(first, second) else { return false }
    return condition.cables[link.index] == nil
      && [first, second].allSatisfy {
        !condition.deadSpeakers.contains($0) && !condition.refusedSpeakers.contains($0)
      }
  }

  func hasUpstream(_ node: Int?, _ condition: Condition) -> Bool {
    guard let node else { return false }
    return outside.plugs.contains { $0.node == node } && !condition.noUpstream.contains(node)
  }
}
