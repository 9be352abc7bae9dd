import TopologyModel

/// Divides addresses so that each of some matches holds all or nothing of every piece.
///
/// - Returns: nil if there would be more than `limit` pieces.
func divide(_ addresses: [AddressMatch], by matches: [AddressMatch], limit: Int = 64) -> [AddressMatch]? {
  var pieces = addresses
  for match in matches {
    var next: [AddressMatch] = []
    for piece in pieces {
      guard piece.overlaps(match), !match.contains(piece) else {
        next.append(piece)
        continue
      }
      if let inside = piece.intersection(match) { next.append(inside) }
      next += piece.subtracting(match)
    }
    guard next.count <= limit else { return nil }
    pieces = next
  }
  return pieces
}

/// What may pass between two peers on both sides, for all of their addresses alike or for pieces of them.
struct PairVerdict {
  struct Piece {
    /// Nil: every address of the peer.
    var source: [AddressMatch]?
    var destination: [AddressMatch]?
    var opened: ServiceSet
    var closed: ServiceSet
  }
  /// Those that differ.
  var pieces: [Piece] = []
  /// Whether all pieces of the two peers differ in the same way.
  var isWhole = true
  /// Whether the addresses fell into too many pieces to look at each.
  var isTooHard = false
}
