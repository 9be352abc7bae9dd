/// The masks under which both addresses of a packet are looked up; zero: the address is not looked at.
struct NFTAccessShape: Hashable, Comparable {
  var source: UInt128
  var destination: UInt128

  static func < (left: NFTAccessShape, right: NFTAccessShape) -> Bool {
    (left.source, left.destination) < (right.source, right.destination)
  }

  func selectors(_ family: AddressFamily) -> [NFTSelector] {
    func mask(_ base: UInt128) -> UInt128? { base == family.allOnes ? nil : base }
    return (source == 0 ? [] : [.source(family, mask: mask(source))])
      + (destination == 0 ? [] : [.destination(family, mask: mask(destination))])
  }

  /// The keys that stand for a row's addresses.
  func keys(_ row: AccessRow) -> [[NFTValue]] {
    let sources = source == 0 ? [[]] : values(row.source, under: source).map { [$0] }
    let destinations = destination == 0 ? [[]] : values(row.destination, under: destination).map { [$0] }
    return sources.flatMap { source in destinations.map { source + $0 } }
  }
}

/// Rows that are looked up under the same masks.
struct NFTAccessPart {
  var shape: NFTAccessShape
  var rows: [AccessRow]
}

/// Finds few pairs of masks under which all rows of a layer can be looked up: always the pair that serves the most of
/// those that are left.
///
/// A tenant, a segment or a whole network is a range under the network's mask of segments; a prefix is one under no mask at
/// all; what is neither gets its own mask.
func shapeRows(_ rows: [AccessRow], _ family: AddressFamily, _ masks: [UInt128]) -> [NFTAccessPart] {
  var parts: [NFTAccessPart] = []
  var rest = rows
  while !rest.isEmpty {
    var counts: [NFTAccessShape: Int] = [:]
    for row in rest {
      for source in bases(row.source, family, masks) {
        for destination in bases(row.destination, family, masks) {
          counts[NFTAccessShape(source: source, destination: destination), default: 0] += 1
        }
      }
    }
    let best = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
    guard let shape = best?.key else { break }
    let served = { (row: AccessRow) in
      isRange(row.source, under: shape.source, family) && isRange(row.destination, under: shape.destination, family)
    }
    parts.append(NFTAccessPart(shape: shape, rows: rest.filter(served)))
    rest.removeAll(where: served)
  }
  return parts
}

/// The masks under which a match is a few ranges.
private func bases(_ match: AddressMatch, _ family: AddressFamily, _ masks: [UInt128]) -> [UInt128] {
  let all = [0, family.allOnes] + masks
  let usable = all.filter { isRange(match, under: $0, family) }
  return usable.isEmpty ? [match.mask] : usable
}

/// How many bits may be missing in a mask: for each of them the number of ranges doubles.
private let mostHoles = 3

private func isRange(_ match: AddressMatch, under base: UInt128, _ family: AddressFamily) -> Bool {
  match.mask & ~base == 0 && holes(match, under: base).nonzeroBitCount <= mostHoles
}

/// The bits of a base above the lowest bit of a match's mask that the match leaves open.
private func holes(_ match: AddressMatch, under base: UInt128) -> UInt128 {
  guard match.mask != 0 else { return 0 }
  let lowest = match.mask & (~match.mask &+ 1)
  return base & ~(lowest - 1) & ~match.mask
}

/// The values under a base that a match stands for: those that begin like it, for each way to fill the bits that it
/// leaves open.
private func values(_ match: AddressMatch, under base: UInt128) -> [NFTValue] {
  let family = match.family
  let lowest = match.mask == 0 ? family.allOnes &+ 1 : match.mask & (~match.mask &+ 1)
  let open = holes(match, under: base)
  let tail = lowest &- 1
  return (0..<(1 << open.nonzeroBitCount)).map { number in
    let first = Address(family, match.value.bits | expand(UInt128(number), open))
    if base & tail == 0 { return .address(first) }
    let length = family.bitWidth - tail.nonzeroBitCount
    return length == 0
      ? .addresses(first, Address(family, family.allOnes)) : .prefix(Prefix(containing: first, length: length))
  }
}
