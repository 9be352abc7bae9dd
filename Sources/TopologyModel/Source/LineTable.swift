/// Where the lines of a file begin. A line ends with LF, CRLF or CR, as YAML 1.2 section 5.4 has it.
package struct LineTable: Sendable {
  private let starts: [Int]
  private let bytes: [UInt8]
  /// How many scalars stand before every 65,536th byte, since a line can be the whole of a large file (JSON).
  private let scalarCounts: [Int]
  private static let step = 1 << 16

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
    var counts = [0]
    for start in stride(from: 0, to: bytes.count, by: Self.step) {
      counts.append(counts[counts.count - 1] + scalarCount(bytes[start..<min(start + Self.step, bytes.count)]))
    }
    scalarCounts = counts
  }

  /// The 1-based line, and the 1-based column in Unicode scalars, of a byte offset.
  package func position(of offset: Int) -> (line: Int, column: Int) {
    let offset = min(max(offset, 0), bytes.count)
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return (low + 1, scalars(before: offset) - scalars(before: starts[low]) + 1)
  }

  private func scalars(before offset: Int) -> Int {
    let checkpoint = offset / Self.step
    return scalarCounts[checkpoint] + scalarCount(bytes[checkpoint * Self.step..<offset])
  }

  /// A piece of a 1-based line: the scalars before and after a byte offset in it, at most so many of each.
  package func window(ofLine line: Int, at offset: Int, before: Int, after: Int) -> (before: String, after: String) {
    let start = starts[line - 1]
    var end = line < starts.count ? starts[line] : bytes.count
    while end > start, bytes[end - 1] == UInt8(ascii: "\n") || bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    let middle = min(max(offset, start), end)
    var (low, high) = (middle, middle)
    for _ in 0..<before where low > start {
      repeat { low -= 1 } while low > start && isContinuation(bytes[low])
    }
    for _ in 0..<after where high < end {
      repeat { high += 1 } while high < end && isContinuation(bytes[high])
    }
    return (String(decoding: bytes[low..<middle], as: UTF8.self), String(decoding: bytes[middle..<high], as: UTF8.self))
  }
}

/// How many Unicode scalars a piece of valid UTF-8 holds.
private func scalarCount(_ bytes: ArraySlice<UInt8>) -> Int {
  bytes.reduce(0) { isContinuation($1) ? $0 : $0 + 1 }
}

private func isContinuation(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }

/// The line tables of files, each made when it is first asked for.
struct LineTables {
  private let sources: SourceMap
  private var tables: [UInt32: LineTable] = [:]

  init(_ sources: SourceMap) { self.sources = sources }

  subscript(file: UInt32) -> LineTable {
    mutating get {
      if let table = tables[file] { return table }
      let table = LineTable(sources[file])
      tables[file] = table
      return table
    }
  }
}
