/// Checks that the hosts of a segment have one MTU. On a segment nobody fragments and no switch answers: a larger packet is gone
/// without a word (RFC 1122 section 3.3.3 expects one maximum a network).
///
/// A host without `mtu:` has that of its ToR, which is compared with its own elsewhere; where the topology says nothing at all
/// the operating system decides, and there is nothing to compare.
///
/// - Parameter racks: those on the segment.
func checkSegmentMTU(_ racks: [RackDraft], _ diagnostics: inout Diagnostics) {
  let stated = racks.filter { $0.access == .l2 }.flatMap { rack in
    rack.hosts.compactMap { host -> (host: Located<Name>, mtu: Located<Int>)? in
      host.document.settings.inheriting(rack.settings).mtu.map { (host.document.name, $0) }
    }
  }
  guard let first = stated.first else { return }
  for other in stated where other.mtu.value != first.mtu.value {
    diagnostics.addOnce(.segmentMTU(other, first))
  }
}

extension Diagnostic {
  fileprivate static func segmentMTU(
    _ other: (host: Located<Name>, mtu: Located<Int>), _ first: (host: Located<Name>, mtu: Located<Int>)
  ) -> Diagnostic {
    Diagnostic(
      .segmentMTU,
      "the host '\(other.host.value)' has the MTU \(other.mtu.value), '\(first.host.value)' on the same segment \(first.mtu.value)",
      at: other.mtu.range, labels: [(first.mtu.range, "that of '\(first.host.value)'")],
      help: ["give all hosts of the segment one `mtu:`, best on the rack itself"])
  }
}
