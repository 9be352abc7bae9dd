/// How much a message weighs: an error stops the compilation at the next barrier, a warning does not.
package enum Severity: Sendable, Hashable {
  case error
  case warning

  package var name: StaticString { self == .error ? "error" : "warning" }
}

/// One message to the user about the input.
package struct Diagnostic: Sendable {
  package var code: DiagnosticCode
  package var severity: Severity
  /// One lower-case sentence without a full stop.
  package var message: String
  /// Where the reason stands; nil where there is no place in the source.
  package var range: SourceRange?
  /// Other places that matter, each with a word on why.
  package var labels: [Label] = []
  package var notes: [String] = []
  /// What to do.
  package var help: [String] = []

  package struct Label: Sendable {
    package var range: SourceRange
    package var text: String
  }

  package init(
    _ code: DiagnosticCode, _ message: String, at range: SourceRange?, labels: [(SourceRange, String)] = [],
    notes: [String] = [], help: [String] = []
  ) {
    self.code = code
    self.severity = code.severity
    self.message = message
    self.range = range
    self.labels = labels.map { Label(range: $0.0, text: $0.1) }
    self.notes = notes
    self.help = help
  }
}

/// The messages of one run.
package struct Diagnostics: Sendable {
  package private(set) var all: [Diagnostic] = []
  package private(set) var errorCount = 0
  /// Warnings that the user silenced.
  package var allowed: Set<DiagnosticCode> = []

  /// Names of things that were left out because of an error: that they are missing is no error of its own.
  package var lostNames: Set<Name> = []
  /// Where `addOnce` has reported a code.
  private var reported: Set<Place> = []

  private struct Place: Hashable {
    var code: DiagnosticCode
    var range: SourceRange
  }

  package init() {}

  package var hasErrors: Bool { errorCount > 0 }

  package mutating func add(_ diagnostic: Diagnostic) {
    if diagnostic.severity == .error { errorCount += 1 }
    all.append(diagnostic)
  }

  /// Adds a message unless its code was added this way for the same place: a setting that many hosts inherit is
  /// wrong once.
  package mutating func addOnce(_ diagnostic: Diagnostic) {
    if let range = diagnostic.range {
      guard reported.insert(Place(code: diagnostic.code, range: range)).inserted else { return }
    }
    add(diagnostic)
  }

  /// The messages that count, by place in the source and then by code; those without a place come first.
  package func sorted() -> [Diagnostic] {
    all.enumerated()
      .filter { $0.element.severity == .error || !allowed.contains($0.element.code) }
      .sorted { left, right in
        let (one, two) = (left.element, right.element)
        switch (one.range, two.range) {
        case (nil, nil): return (one.code.rawValue, left.offset) < (two.code.rawValue, right.offset)
        case (nil, _): return true
        case (_, nil): return false
        case (let first?, let second?):
          if first != second { return first < second }
          return (one.code.rawValue, left.offset) < (two.code.rawValue, right.offset)
        }
      }
      .map(\.element)
  }
}
