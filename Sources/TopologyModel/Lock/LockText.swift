extension LockFile {
  /// The file's bytes: sections in a fixed order, keys sorted by bytes, one line an entry, an end marker.
  package func renderedText() -> [UInt8] {
    var bytes: [UInt8] = []
    func write(_ text: some StringProtocol) { bytes.append(contentsOf: text.utf8) }
    write(
      """
      # romana-compile: lock file of fabric \(fabric). It belongs into version control; do not edit it.
      # Ids, AS numbers, links and carved prefixes by name, so that nothing moves by itself.
      romana_lock: 1
      fabric: \(fabric)

      """)
    for section in LockSection.allCases {
      guard let list = entries[section], !list.isEmpty else { continue }
      write("\(section.rawValue):\n")
      for key in list.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
        write("  \"\(key)\": { ")
        list[key]!.write(to: &bytes)
        write(" }\n")
      }
    }
    write("# romana-compile: end of lock file\n")
    return bytes
  }
}

extension LockEntry {
  fileprivate func write(to bytes: inout [UInt8]) {
    var isFirst = true
    func key(_ name: StaticString, _ bytes: inout [UInt8]) {
      if !isFirst { bytes.append(contentsOf: ", ".utf8) }
      isFirst = false
      name.withUTF8Buffer { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: ": ".utf8)
    }
    if let id {
      key("id", &bytes)
      appendDecimal(UInt64(id), to: &bytes)
    }
    if let asn {
      key("asn", &bytes)
      appendDecimal(UInt64(asn), to: &bytes)
    }
    if let prefix {
      key("prefix", &bytes)
      bytes.append(contentsOf: "\"\(prefix)\"".utf8)
    }
    if let prefix6 {
      key("prefix6", &bytes)
      bytes.append(contentsOf: "\"\(prefix6)\"".utf8)
    }
    if isRemoved {
      key("removed", &bytes)
      bytes.append(contentsOf: "true".utf8)
    }
  }
}

/// Reads a lock file. Anything that is not as the compiler writes it is an error: a damaged lock would renumber.
package func parseLock(
  _ file: UInt32, in sources: SourceMap, _ diagnostics: inout Diagnostics
) -> LockFile? {
  var found = Diagnostics()
  guard let node = parseYAML(file, in: sources, &found), case .mapping(let entries) = node.content else {
    diagnostics.add(.lockUnreadable(at: found.all.first?.range, found.all.first?.message ?? "it is no mapping"))
    return nil
  }
  guard sources[file].bytes.hasEndMarker else {
    let end = sources[file].bytes.count
    let range = SourceRange(file: file, start: max(0, end - 1), end: end)
    diagnostics.add(.lockUnreadable(at: range, "its end marker is missing, so it may be cut off"))
    return nil
  }
  var lock: LockFile?
  for entry in entries where entry.key == "fabric" {
    if case .scalar(let text, _) = entry.value.content, let name = Name(text) { lock = LockFile(fabric: name) }
  }
  guard var lock, entries.contains(where: { $0.key == "romana_lock" && $0.value.scalar == "1" }) else {
    diagnostics.add(.lockUnreadable(at: node.range, "it does not begin with `romana_lock: 1` and `fabric:`"))
    return nil
  }
  for entry in entries where entry.key != "fabric" && entry.key != "romana_lock" {
    guard let section = LockSection(rawValue: entry.key), case .mapping(let items) = entry.value.content else {
      diagnostics.add(.lockUnreadable(at: entry.keyRange, "it has no section '\(entry.key)'"))
      return nil
    }
    var list: [String: LockEntry] = [:]
    list.reserveCapacity(items.count)
    for item in items {
      guard let value = LockEntry(item.value) else {
        diagnostics.add(.lockUnreadable(at: item.value.range, "this entry is damaged"))
        return nil
      }
      list[item.key] = value
    }
    lock.entries[section] = list
  }
  return lock
}

extension YAMLNode {
  fileprivate var scalar: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }
}

extension [UInt8] {
  fileprivate var hasEndMarker: Bool {
    suffix(64).split(separator: 0x0a).last?.starts(with: "# romana-compile: end".utf8) ?? false
  }
}

extension LockEntry {
  fileprivate init?(_ node: YAMLNode) {
    guard case .mapping(let entries) = node.content else { return nil }
    self.init()
    for entry in entries {
      guard let text = entry.value.scalar else { return nil }
      switch entry.key {
      case "id":
        guard let value = Int(text), (0...65535).contains(value) else { return nil }
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
  }
}

extension Diagnostic {
  static func lockUnreadable(at range: SourceRange?, _ reason: String) -> Diagnostic {
    Diagnostic(
      .lockUnreadable, "the lock file can't be read: \(reason)", at: range,
      help: ["restore it from version control; without it every id is chosen anew and devices may be renumbered"])
  }
}
