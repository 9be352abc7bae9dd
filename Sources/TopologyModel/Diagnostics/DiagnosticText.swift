/// Prints messages with the source line and a caret under the cause.
package struct DiagnosticPrinter {
  private let sources: SourceMap
  private let colored: Bool
  private var lineTables: [UInt32: LineTable] = [:]

  /// The most messages that one run prints; the rest is counted.
  package static let limit = 200

  package init(sources: SourceMap, colored: Bool = false) {
    self.sources = sources
    self.colored = colored
  }

  /// All messages and a closing summary line, or nothing if there is no message.
  package mutating func text(_ diagnostics: Diagnostics) -> String {
    let sorted = diagnostics.sorted()
    guard !sorted.isEmpty else { return "" }
    var text = ""
    for diagnostic in sorted.prefix(Self.limit) { text += self.text(diagnostic) + "\n" }
    let errors = sorted.count { $0.severity == .error }
    let warnings = sorted.count - errors
    var summary = [(errors, "error"), (warnings, "warning")].filter { $0.0 > 0 }.map(counted).joined(separator: ", ")
    if sorted.count > Self.limit {
      summary += "; the first \(Self.limit) are shown, \(sorted.count - Self.limit) more are not"
    }
    return text + summary + "\n"
  }

  /// One message.
  package mutating func text(_ diagnostic: Diagnostic) -> String {
    let title = styled("\(diagnostic.severity.name)[\(diagnostic.code.text)]", as: diagnostic.severity)
    var text = "\(title): \(diagnostic.message)\n"
    let labels = diagnostic.labels.filter { $0.range.file < sources.files.count }
    let width =
      ([diagnostic.range].compactMap(\.self) + labels.map(\.range))
      .map { String(position($0).line).count }.max() ?? 0
    let margin = String(repeating: " ", count: width)
    if let range = diagnostic.range { text += excerpt(range, note: nil, margin: margin) }
    for label in labels { text += excerpt(label.range, note: label.text, margin: margin) }
    for note in diagnostic.notes { text += "\(margin) = note: \(note)\n" }
    for help in diagnostic.help { text += "\(margin) = help: \(help)\n" }
    return text
  }

  /// The place in the form `file:line:column`.
  package mutating func place(_ range: SourceRange) -> String {
    let (line, column) = position(range)
    return "\(sources[range.file].path):\(line):\(column)"
  }

  private mutating func position(_ range: SourceRange) -> (line: Int, column: Int) {
    table(range.file).position(of: Int(range.start))
  }

  private mutating func table(_ file: UInt32) -> LineTable {
    if let table = lineTables[file] { return table }
    let table = LineTable(sources[file])
    lineTables[file] = table
    return table
  }

  private mutating func excerpt(_ range: SourceRange, note: String?, margin: String) -> String {
    let (line, column) = position(range)
    let full = Array(table(range.file).text(ofLine: line).unicodeScalars)
    // A very long line (JSON on one line) is shown as a window around the cause.
    let from = column > 100 ? column - 40 : 1
    let shown = full[min(from - 1, full.count)..<min(from + 119, full.count)]
    let source = String(String.UnicodeScalarView(shown.map { isPrintable($0) ? $0 : " " }))
    let (lastLine, lastColumn) = table(range.file).position(of: Int(range.end))
    let stop = lastLine == line ? lastColumn : full.count + 1
    let carets = min(max(1, stop - column), max(1, from + 119 - column))
    let number = String(line)
    let gap = String(repeating: " ", count: margin.count - number.count)
    let place = "\(margin)--> \(sources[range.file].path):\(line):\(column)" + (note.map { ": \($0)" } ?? "")
    let underline = String(repeating: " ", count: column - from) + String(repeating: "^", count: carets)
    return "\(place)\n\(margin) |\n\(number)\(gap) | \(source)\n\(margin) | \(underline)\n"
  }

  private func styled(_ text: String, as severity: Severity) -> String {
    guard colored else { return text }
    return "\u{1b}[1;\(severity == .error ? 31 : 33)m\(text)\u{1b}[0m"
  }
}
