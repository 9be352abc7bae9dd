import TopologyModel

/// A JSON value (RFC 8259), as far as the files of VPCs have them: objects, arrays and texts.
indirect enum JSONText {
  case text(String)
  case array([JSONText])
  case object([JSONMember])

  subscript(key: String) -> JSONText? {
    if case .object(let members) = self { members.first { $0.key == key }?.value } else { nil }
  }

  var string: String? { if case .text(let text) = self { text } else { nil } }
  var members: [JSONMember] { if case .object(let members) = self { members } else { [] } }
  var items: [JSONText] { if case .array(let items) = self { items } else { [] } }
  var keys: [String] { members.map(\.key) }
}

struct JSONMember {
  var key: String
  var value: JSONText
}

/// Reads a file that is one JSON value; keys of an object are unique.
func parseJSON(_ bytes: [UInt8]) throws(ParseFailure) -> JSONText {
  var reader = JSONReader(bytes: bytes)
  let value = try reader.value(depth: 0)
  reader.skipBlanks()
  guard reader.isAtEnd, bytes.last == UInt8(ascii: "\n") else { throw reader.failure("something follows the value") }
  return value
}

private struct JSONReader {
  let bytes: [UInt8]
  var position = 0
  var line = 1

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  func failure(_ message: String) -> ParseFailure { ParseFailure(message, line: line) }

  mutating func skipBlanks() {
    while position < bytes.count, [0x20, 0x0a].contains(bytes[position]) {
      if bytes[position] == 0x0a { line += 1 }
      position += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  mutating func value(depth: Int) throws(ParseFailure) -> JSONText {
    guard depth < 16 else { throw failure("nested too deeply") }
    if take(UInt8(ascii: "{")) { return try object(depth) }
    if take(UInt8(ascii: "[")) { return try array(depth) }
    return .text(try text())
  }

  private mutating func object(_ depth: Int) throws(ParseFailure) -> JSONText {
    var members: [JSONMember] = []
    if take(UInt8(ascii: "}")) { return .object([]) }
    while true {
      let key = try text()
      guard !members.contains(where: { $0.key == key }) else { throw failure("the key \(key) stands twice") }
      guard take(UInt8(ascii: ":")) else { throw failure("expected a colon") }
      members.append(JSONMember(key: key, value: try value(depth: depth + 1)))
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw failure("expected a comma, or the end of an object") }
    }
  }

  private mutating func array(_ depth: Int) throws(ParseFailure) -> JSONText {
    var items: [JSONText] = []
    if take(UInt8(ascii: "]")) { return .array([]) }
    while true {
      items.append(try value(depth: depth + 1))
      if take(UInt8(ascii: "]")) { return .array(items) }
      guard take(UInt8(ascii: ",")) else { throw failure("expected a comma, or the end of an array") }
    }
  }

  /// Without escapes: nothing that these files say needs one.
  private mutating func text() throws(ParseFailure) -> String {
    guard take(UInt8(ascii: "\"")) else { throw failure("expected a text") }
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      guard (0x20...0x7e).contains(bytes[position]), bytes[position] != UInt8(ascii: "\\") else {
        throw failure("a byte that does not belong into these texts")
      }
      position += 1
    }
    guard position < bytes.count else { throw failure("a text does not end") }
    position += 1
    return String(decoding: bytes[start..<(position - 1)], as: UTF8.self)
  }
}
