import TopologyModel

/// A text file in lines. Its first comment and its end marker are checked and taken off.
struct TextFile {
  /// The lines between the header and the end marker, with their numbers.
  var lines: ArraySlice<(number: Int, text: Substring)>
  /// What the header calls the file.
  var title: String

  /// - Parameters:
  ///   - comment: what a comment line begins with.
  ///   - interpreter: the first line, if the file is a program.
  init(_ bytes: [UInt8], comment: String, interpreter: String? = nil, of device: DevicePlan) throws(ParseFailure) {
    var lines = try splitLines(bytes)[...]
    if let interpreter {
      guard let first = lines.popFirst(), first.text == interpreter else {
        throw ParseFailure("the first line is not '\(interpreter)'", line: 1)
      }
    }
    let start = "\(comment) romana-compile: fabric \(device.fabric.text), \(device.role.name) \(device.name.text): "
    guard let header = lines.popFirst(), header.text.hasPrefix(start) else {
      throw ParseFailure("the header is not '\(start)…'", line: interpreter == nil ? 1 : 2)
    }
    title = String(header.text.dropFirst(start.count))
    let end = "\(comment) romana-compile: end of \(title)"
    guard let last = lines.popLast(), last.text == end else {
      throw ParseFailure("the last line is not the end marker '\(end)'", line: lines.endIndex + 1)
    }
    // A second header or end marker tells of files that were pasted together.
    if let other = lines.first(where: { $0.text.hasPrefix("\(comment) romana-compile: ") }) {
      throw ParseFailure("a second header or end marker", line: other.number)
    }
    self.lines = lines
  }
}

/// Splits a file into lines without its local additions. Each must end with a line feed, and hold printable ASCII only.
func splitLines(_ bytes: [UInt8]) throws(ParseFailure) -> [(number: Int, text: Substring)] {
  guard bytes.last == UInt8(ascii: "\n") else { throw ParseFailure("the file does not end with a line feed", line: 1) }
  let text = String(decoding: bytes, as: UTF8.self)
  let parts = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
  var lines: [(number: Int, text: Substring)] = []
  lines.reserveCapacity(parts.count)
  var addition: Substring?
  for (number, part) in zip(1..., parts) {
    if let mark = InsertionMark(Substring(part)) {
      guard mark.isBegin == (addition == nil), mark.isBegin || mark.title == addition! else {
        throw ParseFailure("a mark of a local addition without its other one", line: number)
      }
      addition = mark.isBegin ? mark.title : nil
      continue
    }
    if addition != nil { continue }
    guard part.allSatisfy({ (0x20...0x7e).contains($0) }) else {
      throw ParseFailure("a byte that is not printable ASCII", line: number)
    }
    lines.append((number, Substring(part)))
  }
  if addition != nil { throw ParseFailure("a local addition does not end", line: parts.count) }
  return lines
}
