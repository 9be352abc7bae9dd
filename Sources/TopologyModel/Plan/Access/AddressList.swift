/// Many matches of one side of a decision, kept together so that they do not multiply with those of the other side.
package struct AddressList: Sendable, Equatable {
  /// Merged and sorted; never empty.
  package let matches: [AddressMatch]
  /// The values under each mask.
  private let values: [UInt128: Set<UInt128>]

  package init(_ matches: [AddressMatch]) {
    self.matches = matches
    values = Dictionary(grouping: matches, by: \.mask).mapValues { Set($0.map(\.value.bits)) }
  }

  package static func == (left: AddressList, right: AddressList) -> Bool { left.matches == right.matches }

  package var isEverything: Bool { values[0] != nil }

  /// The matches as prefixes; nil if a mask has gaps, or the list is everything.
  package var prefixes: [Prefix]? {
    let prefixes = matches.compactMap(\.prefix)
    return prefixes.count == matches.count && !isEverything ? prefixes : nil
  }

  /// The matches of each mask, the longest masks first.
  package var byMask: [(mask: UInt128, matches: [AddressMatch])] {
    values.keys.sorted(by: >).map { mask in (mask, matches.filter { $0.mask == mask }) }
  }

  package func overlaps(_ match: AddressMatch) -> Bool {
    values.contains { mask, values in
      let common = mask & match.mask
      if common == mask { return values.contains(match.value.bits & mask) }
      return values.contains { ($0 ^ match.value.bits) & common == 0 }
    }
  }

  package func overlaps(_ other: AddressList) -> Bool {
    values.contains { mask, own in
      other.values.contains { otherMask, others in
        let common = mask & otherMask
        let projected = Set(own.lazy.map { $0 & common })
        return others.contains { projected.contains($0 & common) }
      }
    }
  }

  /// Whether one of the matches holds all of another.
  package func contains(_ match: AddressMatch) -> Bool {
    values.contains { mask, values in mask & ~match.mask == 0 && values.contains(match.value.bits & mask) }
  }

  package func contains(_ other: AddressList) -> Bool { other.matches.allSatisfy { contains($0) } }
}

/// Both sides of a decision that stays together.
package struct AccessCrowd: Sendable, Equatable {
  package var sources: AddressList
  package var destinations: AddressList
}

/// How decisions become rows.
package struct RowForm: Sendable, Hashable {
  /// Whether long lists of prefixes become sets of addresses of their own.
  package var usesSets: Bool

  package static let chains = RowForm(usesSets: false)
  package static let sets = RowForm(usesSets: true)

  /// More pairs of a source and a destination than this stay together.
  static let mostPairs = 32
  /// So many prefixes make a set, where sets are asked for.
  static let leastSet = 16

  func keepsTogether(_ sources: [AddressMatch], _ destinations: [AddressMatch]) -> Bool {
    if sources.count > 1, destinations.count > 1, sources.count * destinations.count > Self.mostPairs { return true }
    return usesSets && (isSet(sources) || isSet(destinations))
  }

  private func isSet(_ matches: [AddressMatch]) -> Bool {
    matches.count >= Self.leastSet && matches.allSatisfy { $0.prefix != nil }
  }

  /// The prefixes of a list that becomes a set.
  func set(_ list: AddressList) -> [Prefix]? {
    guard usesSets, list.matches.count >= Self.leastSet else { return nil }
    return list.prefixes
  }
}
