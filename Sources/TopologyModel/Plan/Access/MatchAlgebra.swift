/// Sets of addresses under masks, exactly.
extension AddressMatch {
  package func contains(_ other: AddressMatch) -> Bool {
    family == other.family && mask & ~other.mask == 0 && other.value.bits & mask == value.bits
  }

  package func overlaps(_ other: AddressMatch) -> Bool {
    family == other.family && (value.bits ^ other.value.bits) & mask & other.mask == 0
  }

  package func intersection(_ other: AddressMatch) -> AddressMatch? {
    guard overlaps(other) else { return nil }
    return AddressMatch(
      value: Address(family, value.bits | other.value.bits), mask: mask | other.mask)
  }

  /// What is in this match but not in the other, in matches that do not overlap: at most one for each bit that the other
  /// asks for and this one does not.
  package func subtracting(_ other: AddressMatch) -> [AddressMatch] {
    guard overlaps(other) else { return [self] }
    var result: [AddressMatch] = []
    var (bits, known) = (value.bits, mask)
    var asked = other.mask & ~mask
    while asked != 0 {
      let bit = UInt128(1) << (127 - asked.leadingZeroBitCount)
      let wanted = other.value.bits & bit
      result.append(AddressMatch(value: Address(family, bits | (wanted ^ bit)), mask: known | bit))
      bits |= wanted
      known |= bit
      asked &= ~bit
    }
    return result
  }
}

/// Few matches that hold exactly the same addresses, sorted: what another holds is dropped, and two that differ in one
/// bit become one without it.
package func mergeMatches(_ matches: some Sequence<AddressMatch>) -> [AddressMatch] {
  var groups = Dictionary(grouping: Set(matches), by: MaskKey.init).mapValues { Set($0.map(\.value.bits)) }
  // Joining only makes masks shorter, so the longest come first.
  var waiting = groups.keys.sorted()
  while let key = waiting.popLast() {
    guard var values = groups[key], values.count > 1 else { continue }
    var bits = key.mask
    while bits != 0 {
      let bit = bits & (~bits &+ 1)
      bits &= ~bit
      let pairs = values.filter { $0 & bit == 0 && values.contains($0 | bit) }
      guard !pairs.isEmpty else { continue }
      values.subtract(pairs)
      values.subtract(pairs.map { $0 | bit })
      let shorter = MaskKey(family: key.family, mask: key.mask & ~bit)
      if groups[shorter] == nil {
        waiting.append(shorter)
        waiting.sort()
      }
      groups[shorter, default: []].formUnion(pairs)
    }
    groups[key] = values
  }
  return dropContained(groups)
}

private func dropContained(_ groups: [MaskKey: Set<UInt128>]) -> [AddressMatch] {
  var result: [AddressMatch] = []
  for (key, values) in groups {
    let wider = groups.filter { $0.key.family == key.family && $0.key != key && $0.key.mask & ~key.mask == 0 }
    for value in values where !wider.contains(where: { $0.value.contains(value & $0.key.mask) }) {
      result.append(AddressMatch(value: Address(key.family, value), mask: key.mask))
    }
  }
  return result.sorted()
}

/// A mask; sorts by the number of its bits, then by itself.
private struct MaskKey: Hashable, Comparable {
  var family: AddressFamily
  var mask: UInt128

  init(_ match: AddressMatch) { self.init(family: match.family, mask: match.mask) }

  init(family: AddressFamily, mask: UInt128) {
    self.family = family
    self.mask = mask
  }

  static func < (left: MaskKey, right: MaskKey) -> Bool {
    (left.family, left.mask.nonzeroBitCount, left.mask) < (right.family, right.mask.nonzeroBitCount, right.mask)
  }
}
