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
  /// For hosts: the address that a child needs in its prefix.
  var gateway: (@Sendable (Prefix) -> Address)?
  /// The longest prefix that a child may have.
  var maximumLength: Int
  /// Whether blocks decide how long it may be, and not the bits of tenants.
  var isDividedIntoBlocks: Bool
  var network: Name
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
  let gone = ledger.unclaimed(.prefixes, under: group.parentPath)
  let kept = locked.compactMap(\.self) + gone.compactMap(\.entry.prefix)
  if let length = kept.first?.length, kept.allSatisfy({ $0.length == length && group.parent.contains($0) }),
    let slots = group.slots(ofLength: length), length <= group.maximumLength,
    let carved = slots.place(
      locked.map { movable($0, group, ledger) ? nil : $0?.index(in: group.parent) },
      reserved: gone.compactMap { $0.entry.prefix?.index(in: group.parent) }
    )
  {
    if !ledger.mayRenumber, !checkKept(group, locked, &diagnostics) { return nil }
    return record(carved, group, &ledger)
  }
  guard let fresh = carveAnew(group) else {
    diagnostics.add(.prefixGroupFull(group))
    return nil
  }
  guard kept.isEmpty || ledger.mayRenumber else {
    diagnostics.add(.wouldRecarve(group, from: locked, to: fresh, gone: gone.compactMap(\.entry.prefix)))
    return nil
  }
  for item in gone { ledger.forget(.prefixes, item.key) }
  return record(fresh, group, &ledger)
}

/// Whether a recorded prefix is given up because the network excludes it now (`--renumber`).
private func movable(_ prefix: Prefix?, _ group: PrefixGroup, _ ledger: LockLedger) -> Bool {
  guard ledger.mayRenumber, let prefix else { return false }
  let gateway = group.gateway?(prefix)
  return group.excluded.contains { excluded in
    excluded.contains(prefix) || gateway.map { excluded.contains($0) } == true
  }
}

/// The shortest prefixes that suffice, in the order of the children; nil if there is no room.
private func carveAnew(_ group: PrefixGroup) -> CarvedGroup? {
  let needed = max(group.capacity ?? 0, group.children.count, 1)
  var length = group.parent.length + (Int.bitWidth - (needed - 1).leadingZeroBitCount)
  while length <= group.maximumLength, let slots = group.slots(ofLength: length) {
    if let carved = slots.place(group.children.map { _ in nil }, reserved: []) { return carved }
    length += 1
  }
  return nil
}

private func record(_ carved: CarvedGroup, _ group: PrefixGroup, _ ledger: inout LockLedger) -> CarvedGroup {
  for (child, slot) in zip(group.children, carved.slots) {
    let prefix = group.parent.child(UInt128(slot), length: carved.length)
    ledger.record(.prefixes, child.path.text, LockEntry(prefix: prefix))
  }
  return carved
}

/// Whether no child has a prefix in the lock file that the network excludes now.
private func checkKept(
  _ group: PrefixGroup, _ locked: [Prefix?], _ diagnostics: inout Diagnostics
) -> Bool {
  var isUsable = true
  for (child, prefix) in zip(group.children, locked) {
    guard let prefix, let excluded = group.excluded.first(where: { $0.contains(prefix) }) else { continue }
    diagnostics.add(.excludedLocked(group.kind, child.name, prefix, excluded, group.network))
    isUsable = false
  }
  return isUsable
}
