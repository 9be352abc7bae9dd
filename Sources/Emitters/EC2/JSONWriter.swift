import TopologyModel

/// Writes JSON (RFC 8259), two blanks a level, a member or item a line. Keys and texts are spelled with a `TextWriter`, so that
/// only checked words reach them, and are escaped here whatever they hold.
struct JSONWriter {
  private var text = TextWriter()
  /// Of each open object or array, how many members it has so far.
  private var counts: [Int] = []

  var bytes: [UInt8] { text.bytes }

  mutating func object(_ body: (inout JSONWriter) -> Void) { group("{", "}", body) }

  mutating func array(_ body: (inout JSONWriter) -> Void) { group("[", "]", body) }

  /// A member of an object; its value is what `value` writes.
  mutating func member(_ key: (inout TextWriter) -> Void, _ value: (inout JSONWriter) -> Void) {
    separate()
    quote(key)
    text.write(": ")
    value(&self)
  }

  mutating func member(_ key: StaticString, _ value: (inout JSONWriter) -> Void) { member({ $0.write(key) }, value) }

  mutating func member(_ key: StaticString, _ value: StaticString) { member(key) { $0.string { $0.write(value) } } }

  /// An item of an array.
  mutating func item(_ value: (inout JSONWriter) -> Void) {
    separate()
    value(&self)
  }

  mutating func string(_ spell: (inout TextWriter) -> Void) { quote(spell) }

  mutating func finish() { text.newline() }

  private mutating func group(_ open: StaticString, _ close: StaticString, _ body: (inout JSONWriter) -> Void) {
    text.write(open)
    counts.append(0)
    body(&self)
    if counts.removeLast() > 0 { breakLine() }
    text.write(close)
  }

  private mutating func separate() {
    if counts[counts.count - 1] > 0 { text.write(",") }
    counts[counts.count - 1] += 1
    breakLine()
  }

  private mutating func breakLine() {
    text.newline()
    for _ in counts { text.write("  ") }
  }

  private mutating func quote(_ spell: (inout TextWriter) -> Void) {
    var inner = TextWriter(reservingBytes: 64)
    spell(&inner)
    var escaped: [UInt8] = []
    for byte in inner.bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): escaped += [UInt8(ascii: "\\"), byte]
      case 0..<0x20: escaped += Array("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
      default: escaped.append(byte)
      }
    }
    text.write("\"")
    text.write(rendered: escaped)
    text.write("\"")
  }
}
