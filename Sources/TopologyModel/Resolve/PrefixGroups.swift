/// One level of a prefix-group network: a prefix and the children that share it.
struct PrefixGroup {
  /// What the children are, for messages: "region", "rack", "host".
  var kind: String
  /// What the prefix belongs to, for messages.
  var owner: String
  var parent: Prefix
  var children: [(path: LockPath, name: Located<Name>)]
  /// The lock path of the parent inside the network.
  var parentPath: LockPath
  /// The room to carve for, if the network says so.
  var capacity: Int?
  var excluded: [Prefix]
  /// The longest prefix that a child may have.
  var maximumLength: Int
  var range: SourceRange
}

struct CarvedGroup {
  var length: Int
  /// The slot of each child.
  var slots: [UInt32]
}

/// Carves a prefix among the children of a node into the next power of two; an only child takes it whole.
///
/// Children keep what the lock file has for them; new ones get the lowest free slot. Where the room that was
/// carved does not suffice any more, everything below would be renumbered: that is refused without `--renumber`.
func carve(
  _ group: PrefixGroup, _ ledger: inout LockLedger, _ diagnostics: inout Diagnostics
) -> CarvedGroup? {
  let locked = group.children.map { ledger.claim(.prefixes, $0.path)?.prefix }
  let gone = ledger.unclaimed(.prefixes, under: group.parentPath).compactMap(\.entry.prefix)
  let kept = (locked.compactMap(\.self) + gone)
  let lockedLength = kept.first?.length
  let isIntact = kept.allSatisfy { group.parent.contains($0) && $0.length == lockedLength }
  let fresh = freshLength(group, reserved: gone.count)
  guard let fresh, fresh <= group.maximumLength else {
    diagnostics.add(.prefixGroupFull(group))
    return nil
  }
  let needed = max(group.capacity ?? 0, group.children.count + gone.count)
  if let lockedLength, isIntact, hasRoom(group, length: lockedLength, count: needed) {
    return place(group, length: lockedLength, locked: locked, reserved: gone, &ledger)
  }
  if lockedLength != nil, !ledger.mayRenumber {
    diagnostics.add(.wouldRecarve(group, from: locked, toLength: fresh))
    return nil
  }
  return place(group, length: fresh, locked: locked.map { _ in nil }, reserved: [], &ledger)
}

/// The length of the children in a group that is carved for the first time; nil if no length suffices.
private func freshLength(_ group: PrefixGroup, reserved: Int) -> Int? {
  let needed = max(group.capacity ?? 0, group.children.count + reserved, 1)
  var length = group.parent.length + (needed == 1 ? 0 : Int.bitWidth - (needed - 1).leadingZeroBitCount)
  while length <= group.maximumLength {
    if hasRoom(group, length: length, count: group.children.count) { return length }
    length += 1
  }
  return nil
}

/// Whether enough slots of a length are not wholly excluded.
private func hasRoom(_ group: PrefixGroup, length: Int, count: Int) -> Bool {
  let bits = length - group.parent.length
  guard bits >= 0, bits < 32 else { return bits >= 32 }
  let blocked = aggregatePrefixes(group.excluded.filter { $0.overlaps(group.parent) }).reduce(0) { sum, excluded in
    if excluded.contains(group.parent) { return 1 << bits }
    return excluded.length <= length ? sum + 1 << (length - excluded.length) : sum
  }
  // Capacity is a promise of slots, but excluded ones among them were never meant to be used.
  return count <= 1 << bits && group.children.count <= (1 << bits) - blocked
}

private func place(
  _ group: PrefixGroup, length: Int, locked: [Prefix?], reserved: [Prefix], _ ledger: inout LockLedger
) -> CarvedGroup {
  var used = Set(reserved.map { $0.index(in: group.parent) })
  for prefix in locked { if let prefix { used.insert(prefix.index(in: group.parent)) } }
  var next: UInt128 = 0
  var slots: [UInt32] = []
  for (child, prefix) in zip(group.children, locked) {
    var slot = prefix.map { $0.index(in: group.parent) }
    if slot == nil {
      while used.contains(next)
        || group.excluded.contains(where: { $0.contains(group.parent.child(next, length: length)) })
      { next += 1 }
      used.insert(next)
      slot = next
    }
    let taken = group.parent.child(slot ?? 0, length: length)
    ledger.record(.prefixes, child.path.text, LockEntry(prefix: taken))
    slots.append(UInt32(slot ?? 0))
  }
  return CarvedGroup(length: length, slots: slots)
}

extension Diagnostic {
  static func prefixGroupFull(_ group: PrefixGroup) -> Diagnostic {
    let count = max(group.capacity ?? 0, group.children.count)
    let room = group.maximumLength - group.parent.length
    return Diagnostic(
      .prefixGroupFull,
      room < 0
        ? "\(group.parent) of \(group.owner) is too small: its tenant, segment and endpoint bits alone need a /\(group.maximumLength)"
        : "\(group.parent) of \(group.owner) can't be carved for \(count) \(group.kind)s: there is room for \(1 << min(room, 30))",
      at: group.range,
      notes: ["every \(group.kind) needs a /\(group.maximumLength) or shorter, and excluded prefixes are never used"],
      help: ["widen the network, narrow its tenant, segment or endpoint bits, or lower its capacity"])
  }

  static func wouldRecarve(_ group: PrefixGroup, from locked: [Prefix?], toLength length: Int) -> Diagnostic {
    let moved = zip(group.children, locked).enumerated().compactMap { index, pair in
      pair.1.map { "\(pair.0.name.value): \($0) would become a /\(length)" + (index == 0 ? "" : " elsewhere") }
    }
    let shown = moved.prefix(5).joined(separator: "; ")
    return Diagnostic(
      .wouldRenumber,
      "this would renumber the \(group.kind)s of \(group.owner): \(group.parent) was not carved for \(max(group.children.count, group.capacity ?? 0)) of them",
      at: group.children.last?.name.range ?? group.range,
      notes: [shown + (moved.count > 5 ? "; and \(moved.count - 5) more" : "")],
      help: [
        "build with --renumber if every device below may change its addresses; `capacity:` in the network carves room for later growth"
      ])
  }
}
