/// A message with its places as other programs want them.
@dynamicMemberLookup
package struct ReportedDiagnostic: Sendable {
  /// A piece of a file: 1-based lines, and 1-based columns in Unicode scalars; the end is the first place behind it.
  package struct Place: Sendable, Hashable, Encodable {
    package var file: String
    package var line: Int
    package var column: Int
    package var endLine: Int
    package var endColumn: Int
  }

  package struct Label: Sendable, Encodable {
    package var place: Place
    package var text: String
  }

  private let diagnostic: Diagnostic
  /// Nil where there is no place in the source.
  package var place: Place?
  package var labels: [Label]

  package init(_ diagnostic: Diagnostic, at place: Place?, labels: [Label]) {
    self.diagnostic = diagnostic
    self.place = place
    self.labels = labels
  }

  package subscript<Value>(dynamicMember path: KeyPath<Diagnostic, Value>) -> Value { diagnostic[keyPath: path] }

  /// The message, and below it what else the text form says, a line each.
  package var paragraph: String {
    ([self.message] + self.notes.map { "note: \($0)" } + self.help.map { "help: \($0)" }).joined(separator: "\n")
  }
}

extension Diagnostics {
  /// The messages that count, in the order of the text form; all of them, however many there are.
  package func reported(_ sources: SourceMap) -> [ReportedDiagnostic] {
    var tables = LineTables(sources)
    func place(_ range: SourceRange) -> ReportedDiagnostic.Place? {
      guard range.file < sources.files.count else { return nil }
      let table = tables[range.file]
      let (start, end) = (table.position(of: Int(range.start)), table.position(of: Int(range.end)))
      return ReportedDiagnostic.Place(
        file: sources[range.file].path, line: start.line, column: start.column, endLine: end.line,
        endColumn: end.column)
    }
    return sorted().map { diagnostic in
      ReportedDiagnostic(
        diagnostic, at: diagnostic.range.flatMap(place),
        labels: diagnostic.labels.compactMap { label in
          place(label.range).map { ReportedDiagnostic.Label(place: $0, text: label.text) }
        })
    }
  }
}
