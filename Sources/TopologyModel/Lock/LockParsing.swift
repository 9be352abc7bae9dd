/// Reads a lock file. Anything that is not as the compiler writes it is an error: a damaged lock would renumber.
package func parseLock(
  _ file: UInt32, in sources: SourceMap, _ diagnostics: inout Diagnostics
) -> LockFile? {
  func fail(_ range: SourceRange?, _ reason: String, _ labels: [(SourceRange, String)] = []) -> LockFile? {
    diagnostics.add(.lockUnreadable(at: range, reason, labels))
    return nil
  }
  let bytes = sources[file].bytes
  if let range = conflictMark(bytes, file) { return fail(range, "it holds a merge conflict") }
  var found = Diagnostics()
  guard let node = parseYAML(file, in: sources, &found) else {
    let first = found.all.first
    return fail(first?.range, first?.message ?? "it is empty")
  }
  guard case .mapping(let entries) = node.content else { return fail(node.range, "it is no mapping") }
  guard bytes.hasEndMarker else {
    let range = SourceRange(file: file, start: max(0, bytes.count - 1), end: bytes.count)
    return fail(range, "its end marker is missing, so it may be cut off")
  }
  let fabric = entries.first { $0.key == "fabric" }?.value.scalar.flatMap { Name($0) }
  guard let fabric, entries.contains(where: { $0.key == "romana_lock" && $0.value.scalar == "1" }) else {
    return fail(node.range, "it does not begin with `romana_lock: 1` and `fabric:`")
  }
  var lock = LockFile(fabric: fabric)
  for entry in entries where entry.key != "fabric" && entry.key != "romana_lock" {
    guard let section = LockSection(rawValue: entry.key), case .mapping(let items) = entry.value.content else {
      return fail(entry.keyRange, "it has no section \(shown(entry.key))")
    }
    var list: [String: LockEntry] = [:]
    var owners: [Claim: SourceRange] = [:]
    list.reserveCapacity(items.count)
    owners.reserveCapacity(items.count)
    for item in items {
      guard let value = LockEntry(item, in: section) else { return fail(item.value.range, "this entry is damaged") }
      for claim in value.claims(item.key, in: section) {
        if let other = owners.updateValue(item.keyRange, forKey: claim) {
          return fail(item.keyRange, "two entries have the same \(claim.what)", [(other, "the other entry")])
        }
      }
      list[item.key] = value
    }
    lock.entries[section] = list
  }
  return lock
}

/// What only one of a group of siblings can have. Two branches of version control may have given it out twice.
private struct Claim: Hashable {
  var group: String
  var id: Int?
  var prefix: Prefix?

  var what: String { id.map { "id \($0)" } ?? prefix.map { "prefix \($0)" } ?? "value" }
}

extension LockEntry {
  fileprivate func claims(_ key: String, in section: LockSection) -> [Claim] {
    switch section {
    case .blocks: [Claim(group: "", prefix: prefix)]
    case .links: [prefix, prefix6].compactMap { $0.map { Claim(group: "", prefix: $0) } }
    case .prefixes: [Claim(group: parentPath(key), prefix: prefix)]
    case .tunnels:
      [Claim(group: "", id: id)] + [prefix, prefix6].compactMap { $0.map { Claim(group: "", prefix: $0) } }
    default: [Claim(group: parentPath(key), id: id)]
    }
  }

  fileprivate init?(_ item: YAMLEntry, in section: LockSection) {
    guard case .mapping(let entries) = item.value.content, isPath(item.key) else { return nil }
    self.init()
    for entry in entries {
      guard let text = entry.value.scalar else { return nil }
      switch entry.key {
      case "id":
        guard let value = Int(text), (0...maximumID).contains(value) else { return nil }
        id = value
      case "asn":
        guard let value = parseASN(text) else { return nil }
        asn = value
      case "prefix", "prefix6":
        guard let value = try? Prefix(parsing: text) else { return nil }
        if entry.key == "prefix" { prefix = value } else { prefix6 = value }
      case "removed":
        guard text == "true" else { return nil }
        isRemoved = true
      default:
        return nil
      }
    }
    guard isComplete(in: section) else { return nil }
  }

  /// Whether its prefixes are those of a link of two.
  private var isLink: Bool {
    (prefix.map { $0.family == .ipv4 && $0.hostBitCount == 1 } ?? true)
      && (prefix6.map { $0.family == .ipv6 && $0.hostBitCount == 1 } ?? true)
  }

  private func isComplete(in section: LockSection) -> Bool {
    switch section {
    case .links: id == nil && isLink
    case .tunnels: id != nil && isLink
    case .prefixes, .blocks: id == nil && prefix != nil && prefix6 == nil
    default: id != nil && prefix == nil && prefix6 == nil
    }
  }
}

/// Whether a key holds only the characters of names and what joins them.
private func isPath(_ key: String) -> Bool {
  !key.isEmpty
    && key.utf8.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "/"), UInt8(ascii: ":"):
        true
      default: false
      }
    }
}

extension YAMLNode {
  fileprivate var scalar: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }
}

extension [UInt8] {
  fileprivate var hasEndMarker: Bool {
    // Version control may have made the ends of lines CRLF.
    guard let last = suffix(64).split(separator: 0x0a).last else { return false }
    return (last.last == 0x0d ? last.dropLast() : last).elementsEqual(lockEndMarker.utf8)
  }
}

extension Diagnostic {
  static func lockUnreadable(
    at range: SourceRange?, _ reason: String, _ labels: [(SourceRange, String)] = []
  ) -> Diagnostic {
    Diagnostic(
      .lockUnreadable, "the lock file can't be read: \(reason)", at: range, labels: labels,
      notes: ["without it every id is chosen anew and devices may be renumbered"],
      help: [
        "restore it from version control; after a merge take one side whole and run `romana-compile lock TOPOLOGY`"
      ])
  }
}
