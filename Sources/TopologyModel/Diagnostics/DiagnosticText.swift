/// Prints messages with the source line and a caret under the cause.
package struct DiagnosticPrinter {
  private let sources: SourceMap
  private let colored: Bool
  private var lineTables: LineTables
  /// Lines that hold a secret: no message shows them.
  private var secretLines: Set<SourceLine> = []

  private struct SourceLine: Hashable {
    var file: Int
    var line: Int
  }

  /// The most messages that one run prints; the rest is counted.
  package static let limit = 200

  package init(sources: SourceMap, colored: Bool = false) {
    self.sources = sources
    self.colored = colored
    lineTables = LineTables(sources)
  }

  /// All messages and a closing summary line, or nothing if there is no message.
  package mutating func text(_ diagnostics: Diagnostics) -> String {
    let sorted = diagnostics.sorted()
    guard !sorted.isEmpty else { return "" }
    for diagnostic in sorted { hideSecret(of: diagnostic) }
    var text = ""
    for diagnostic in sorted.prefix(Self.limit) { text += self.text(diagnostic) + "\n" }
    let errors = sorted.count { $0.severity == .error }
    let warnings = sorted.count - errors
    var summary = [(errors, "error"), (warnings, "warning")].filter { $0.0 > 0 }.map { counted($0, $1) }.joined(
      separator: ", ")
    if sorted.count > Self.limit {
      summary += "; the first \(Self.limit) are shown, \(sorted.count - Self.limit) more are not"
    }
    return text + summary + "\n"
  }

  /// One message.
  package mutating func text(_ diagnostic: Diagnostic) -> String {
    hideSecret(of: diagnostic)
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

  private mutating func hideSecret(of diagnostic: Diagnostic) {
    guard diagnostic.code == .clearTextSecret, let range = diagnostic.range else { return }
    secretLines.insert(SourceLine(file: Int(range.file), line: position(range).line))
  }

  /// The place in the form `file:line:column`.
  package mutating func place(_ range: SourceRange) -> String {
    let (line, column) = position(range)
    return "\(sources[range.file].path):\(line):\(column)"
  }

  private mutating func position(_ range: SourceRange) -> (line: Int, column: Int) {
    lineTables[range.file].position(of: Int(range.start))
  }

  /// The place, the line and a caret under the cause. Of a very long line (JSON) the surroundings are shown.
  private mutating func excerpt(_ range: SourceRange, note: String?, margin: String) -> String {
    let (line, column) = position(range)
    if secretLines.contains(SourceLine(file: Int(range.file), line: line)) {
      return "\(margin)--> \(place(range))" + (note.map { ": \($0)" } ?? "") + "\n"
    }
    let shownBefore = column > 100 ? 40 : column - 1
    let (before, after) = lineTables[range.file].window(
      ofLine: line, at: Int(range.start), before: shownBefore, after: 119 - shownBefore)
    let number = String(line)
    let gap = String(repeating: " ", count: margin.count - number.count)
    let place = "\(margin)--> \(sources[range.file].path):\(line):\(column)" + (note.map { ": \($0)" } ?? "")
    let blanks = String(repeating: " ", count: before.unicodeScalars.count)
    let carets = String(repeating: "^", count: caretCount(range, in: after))
    return "\(place)\n\(margin) |\n\(number)\(gap) | \(blanked(before + after))\n\(margin) | \(blanks)\(carets)\n"
  }

  /// How many of the scalars that are shown from the start of the range belong to it; at least one.
  private func caretCount(_ range: SourceRange, in shown: String) -> Int {
    var remaining = Int(range.end - range.start)
    let count = shown.unicodeScalars.prefix { scalar in
      defer { remaining -= UTF8.width(scalar) }
      return remaining > 0
    }.count
    return max(1, count)
  }

  private func styled(_ text: String, as severity: Severity) -> String {
    guard colored else { return text }
    return "\u{1b}[1;\(severity == .error ? 31 : 33)m\(text)\u{1b}[0m"
  }
}

/// A line as it is shown: characters that would disturb the terminal are blanks.
private func blanked(_ text: String) -> String {
  String(String.UnicodeScalarView(text.unicodeScalars.map { isPrintable($0) ? $0 : " " }))
}
