/// The last line of every lock file.
let lockEndMarker = "# romana-compile: end of lock file"

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
    write(lockEndMarker + "\n")
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
