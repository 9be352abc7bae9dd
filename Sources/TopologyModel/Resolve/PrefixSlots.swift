/// The equal parts that a prefix is divided into, and which of them may be used.
struct PrefixSlots {
  private let parent: Prefix
  private let length: Int
  private let count: UInt64
  /// Excluded slots, as ranges that do not overlap, ascending.
  private let excluded: [Range<UInt64>]
  /// How many children there have to be room for.
  private let needed: UInt64

  /// Nil if the length is not inside the parent, or there would be more slots than a number of 32 bits counts.
  fileprivate init?(_ group: PrefixGroup, length: Int) {
    let bits = length - group.parent.length
    guard (0...31).contains(bits) else { return nil }
    parent = group.parent
    self.length = length
    count = 1 << UInt64(bits)
    needed = UInt64(max(group.capacity ?? 0, group.children.count))
    excluded = aggregatePrefixes(group.excluded).compactMap { Self.slots(blockedBy: $0, group, length: length) }
  }

  /// The slots that can't be used because of an excluded prefix: those that it contains, or the one whose gateway
  /// address it contains.
  private static func slots(blockedBy excluded: Prefix, _ group: PrefixGroup, length: Int) -> Range<UInt64>? {
    let parent = group.parent
    if excluded.contains(parent) { return 0..<1 << UInt64(length - parent.length) }
    guard parent.contains(excluded) else { return nil }
    if excluded.length <= length {
      let first = UInt64(excluded.index(in: parent)) << UInt64(length - excluded.length)
      return first..<first + 1 << UInt64(length - excluded.length)
    }
    let slot = Prefix(containing: excluded.address, length: length)
    guard let gateway = group.gateway?(slot), excluded.contains(gateway) else { return nil }
    let index = UInt64(slot.index(in: parent))
    return index..<index + 1
  }

  /// Gives the lowest free slots to those that have none; nil if the room does not suffice or two have the same.
  /// A capacity is a promise of slots; excluded ones among them were never meant to be used.
  func place(_ locked: [UInt128?], reserved: [UInt128]) -> CarvedGroup? {
    guard UInt64(locked.count + reserved.count) <= count, needed <= count else { return nil }
    var used = Set(reserved.map { UInt64($0) })
    for slot in locked { if let slot, !used.insert(UInt64(slot)).inserted { return nil } }
    var slots: [UInt32] = []
    slots.reserveCapacity(locked.count)
    var next: UInt64 = 0
    var hole = excluded[...]
    for slot in locked {
      if let slot {
        slots.append(UInt32(slot))
        continue
      }
      while true {
        if let first = hole.first, first.lowerBound <= next {
          next = max(next, first.upperBound)
          hole = hole.dropFirst()
        } else if used.contains(next) {
          next += 1
        } else {
          break
        }
      }
      guard next < count else { return nil }
      slots.append(UInt32(next))
      next += 1
    }
    return CarvedGroup(length: length, slots: slots)
  }

  /// How many slots are not excluded.
  var usableCount: UInt64 { excluded.reduce(count) { $0 - UInt64($1.count) } }
}

extension PrefixGroup {
  func slots(ofLength length: Int) -> PrefixSlots? { PrefixSlots(self, length: length) }
}

extension Diagnostic {
  static func prefixGroupFull(_ group: PrefixGroup) -> Diagnostic {
    let count = max(group.capacity ?? 0, group.children.count)
    let room = group.slots(ofLength: min(group.maximumLength, group.parent.length + 31))?.usableCount
    return Diagnostic(
      .prefixGroupFull,
      room.map {
        "\(group.parent) of \(group.owner) can't be carved for \(counted(count, group.kind)): there is room for \($0)"
      }
        ?? "\(group.parent) of \(group.owner) is too small: \(group.isDividedIntoBlocks ? "the blocks" : "tenant, segment and endpoint bits") alone need a /\(group.maximumLength)",
      at: group.range,
      notes: [
        "every \(group.kind) needs a /\(group.maximumLength) or shorter"
          + (group.excluded.isEmpty ? "" : ", and excluded prefixes are never used")
      ],
      help: [
        group.isDividedIntoBlocks
          ? "widen the network, ask for less under `blocks:`, or lower its capacity"
          : "widen the network, narrow its tenant, segment or endpoint bits, or lower its capacity"
      ])
  }

  /// - Parameter gone: what removed things below the prefix have.
  static func wouldRecarve(
    _ group: PrefixGroup, from locked: [Prefix?], to fresh: CarvedGroup, gone: [Prefix]
  ) -> Diagnostic {
    let moved = group.children.indices.compactMap { index -> String? in
      let prefix = group.parent.child(UInt128(fresh.slots[index]), length: fresh.length)
      return locked[index].flatMap { $0 == prefix ? nil : "\(group.children[index].name.value): \($0) to \(prefix)" }
    }
    let kept = locked.compactMap(\.self) + gone
    let wanted = counted(max(group.children.count, group.capacity ?? 0), group.kind)
    let reason =
      if let outside = kept.first(where: { !group.parent.contains($0) }) {
        "the lock file has \(outside), which is not in \(group.parent)"
      } else if let long = kept.first(where: { $0.length > group.maximumLength }) {
        "the lock file has \(long), but every \(group.kind) needs a /\(group.maximumLength) or shorter now"
      } else {
        "\(group.parent) was not carved for \(wanted)\(gone.isEmpty ? "" : " beside \(gone.count) removed")"
      }
    let more = moved.count > 5 ? ["and \(moved.count - 5) more"] : []
    return Diagnostic(
      .wouldRenumber, "this would renumber the \(group.kind)s of \(group.owner): \(reason)",
      at: group.children.last?.name.range ?? group.range, labels: [(group.range, "the network")],
      notes: (moved.isEmpty ? [] : ["would move: \((moved.prefix(5) + more).joined(separator: "; "))"])
        + (gone.isEmpty
          ? [] : ["prefixes of removed things stay reserved until `romana-compile lock --prune TOPOLOGY`"]),
      help: [
        "undo the change, or build with --renumber if everything below may change its addresses; `capacity:` in the network carves room for later growth"
      ])
  }

  static func excludedLocked(
    _ kind: String, _ name: Located<Name>, _ prefix: Prefix, _ excluded: Prefix, _ network: Name
  ) -> Diagnostic {
    Diagnostic(
      .excludedAllocation,
      "the \(kind) '\(name.value)' has \(prefix) in the lock file, but \(excluded) is excluded from network '\(network)'",
      at: name.range, help: ["narrow the excluded prefix, or build with --renumber to give the \(kind) another one"])
  }
}
