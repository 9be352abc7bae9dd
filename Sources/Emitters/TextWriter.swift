import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// The one way into a file: a buffer of bytes that takes literals of the compiler, numbers, addresses and
/// names that were checked. A plain `String` has no `write` and so cannot reach a file.
package struct TextWriter {
  package private(set) var bytes: [UInt8]

  package init(reservingBytes capacity: Int = 4096) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  /// Empties the buffer but keeps its memory, so that one writer serves many files.
  package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  package mutating func write(_ literal: StaticString) {
    literal.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  package mutating func write(word: StaticWord) { write(word.text) }

  package mutating func write(_ number: some BinaryInteger) { appendDecimal(UInt64(number), to: &bytes) }

  /// `02:72:6f:6d:00:01`.
  package mutating func write(_ address: HardwareAddress) {
    let digits = "0123456789abcdef".utf8.map(\.self)
    write("02:72:6f:6d:")
    for (index, shift) in [12, 8, 4, 0].enumerated() {
      if index == 2 { write(":") }
      bytes.append(digits[address.function >> shift & 0xf])
    }
  }

  /// `0x` and the digits, without leading zeros.
  package mutating func write(hexadecimal number: UInt32) { write(checked: "0x\(String(number, radix: 16))") }

  package mutating func write(_ address: Address) { address.appendText(to: &bytes) }

  package mutating func write(_ prefix: Prefix) { prefix.appendText(to: &bytes) }

  package mutating func write(_ name: Name) { write(checked: name.text) }

  /// The first `maximumBytes` bytes of a name, for formats with short identifiers; a name is ASCII.
  package mutating func write(_ name: Name, maximumBytes: Int) {
    bytes.append(contentsOf: name.text.utf8.prefix(maximumBytes))
  }

  /// A public key of WireGuard in base64.
  package mutating func write(_ key: TunnelKey) { write(checked: key.text) }

  package mutating func write(_ comment: CommentText) { write(checked: comment.text) }

  package mutating func write(_ name: InterfaceName) { write(checked: name.text) }

  package mutating func write(_ pattern: InterfacePattern) { write(checked: pattern.text) }

  /// The pattern as nft takes it: `ep*` for `ep+`.
  package mutating func write(wildcard pattern: InterfacePattern) {
    let isWildcard = pattern.text.utf8.last == UInt8(ascii: "+")
    bytes.append(contentsOf: isWildcard ? pattern.text.utf8.dropLast() : pattern.text.utf8[...])
    if isWildcard { write("*") }
  }

  package mutating func write(_ name: ChainName) { write(checked: name.text) }

  package mutating func write(_ name: NFTName) { write(checked: name.text) }

  package mutating func write(_ point: InsertionPoint) { write(checked: point.name) }

  package mutating func write(_ path: InsertionPath) { write(checked: path.text) }

  /// A text of the user, which was checked when it was read.
  package mutating func write(_ text: InsertedText) { bytes.append(contentsOf: text.bytes) }

  package mutating func write(_ name: GroupName) { write(checked: name.text) }

  package mutating func write(_ name: AddressSetName) { write(checked: name.text) }

  /// Appends bytes that another writer made, e.g. what all devices share.
  package mutating func write(rendered fragment: [UInt8]) { bytes.append(contentsOf: fragment) }

  /// Appends a part of such bytes.
  package mutating func write(rendered fragment: ArraySlice<UInt8>) { bytes.append(contentsOf: fragment) }

  package mutating func newline() { bytes.append(UInt8(ascii: "\n")) }

  private mutating func write(checked text: String) { bytes.append(contentsOf: text.utf8) }
}

/// Whether two files are the same, by memcmp(3): `==` of arrays looks at one byte after the other.
package func areSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  guard left.count == right.count else { return false }
  return left.withUnsafeBytes { left in
    right.withUnsafeBytes { right in
      left.isEmpty || memcmp(left.baseAddress!, right.baseAddress!, left.count) == 0
    }
  }
}
