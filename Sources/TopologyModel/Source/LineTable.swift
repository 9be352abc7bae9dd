/// Where the lines of a file begin. A line ends with LF, CRLF or CR, as YAML 1.2 section 5.4 has it.
package struct LineTable: Sendable {
  private let starts: [Int]
  private let bytes: [UInt8]

  package init(_ file: SourceFile) {
    bytes = file.bytes
    var starts = [0]
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\r"), index < bytes.count, bytes[index] == UInt8(ascii: "\n") { index += 1 }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { starts.append(index) }
    }
    self.starts = starts
  }

  /// The 1-based line, and the 1-based column in Unicode scalars, of a byte offset.
  package func position(of offset: Int) -> (line: Int, column: Int) {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    let before = bytes[starts[low]..<min(max(offset, starts[low]), bytes.count)]
    return (low + 1, scalarCount(before) + 1)
  }

  /// The text of a 1-based line without its end.
  package func text(ofLine line: Int) -> String {
    let end = line < starts.count ? starts[line] : bytes.count
    var slice = bytes[starts[line - 1]..<end]
    while let last = slice.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { slice.removeLast() }
    return String(decoding: slice, as: UTF8.self)
  }
}

/// How many Unicode scalars a piece of valid UTF-8 holds.
package func scalarCount(_ bytes: ArraySlice<UInt8>) -> Int {
  bytes.reduce(0) { $1 & 0xc0 == 0x80 ? $0 : $0 + 1 }
}
