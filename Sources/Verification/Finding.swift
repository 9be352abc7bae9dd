/// Something in a file that is not what the plan says.
package struct Finding: Sendable, Hashable, CustomStringConvertible {
  /// Counted from 1; nil if it is about no line in particular, e.g. something that is missing.
  package var line: Int?
  package var message: String

  package init(_ message: String, line: Int? = nil) {
    self.line = line
    self.message = message
  }

  package var description: String { line.map { "line \($0): \(message)" } ?? message }
}

/// Why a file can't be read: something in it is not of the format, or not what this reader knows of it.
///
/// The readers are strict: a word that they do not know is an error, since it may change the meaning of the rest.
package struct ParseFailure: Error, Hashable, CustomStringConvertible {
  package var line: Int
  package var message: String

  package init(_ message: String, line: Int) {
    self.line = line
    self.message = message
  }

  package var description: String { "line \(line): \(message)" }
}

/// Compares what is expected with what was found, whatever the order: each thing that is missing, that is too much,
/// or that stands there more often than it should.
func compareSets<Value: Hashable>(
  expected: some Sequence<Value>, found: some Sequence<(value: Value, line: Int)>, _ what: String
) -> [Finding] {
  var missing: [Value: Int] = [:]
  for value in expected { missing[value, default: 0] += 1 }
  var findings: [Finding] = []
  for (value, line) in found {
    guard let count = missing[value] else {
      findings.append(Finding("\(what) that the plan does not have: \(value)", line: line))
      continue
    }
    missing[value] = count == 1 ? nil : count - 1
  }
  let rest = missing.map { Finding("\(what) that is missing: \($0.key)") }
  return findings + rest.sorted { $0.message < $1.message }
}

/// Compares two lists whose order counts.
func compareLists<Value: Hashable>(
  expected: [Value], found: [(value: Value, line: Int)], _ what: String
) -> [Finding] {
  let findings = compareSets(expected: expected, found: found, what)
  guard findings.isEmpty else { return findings }
  for (wanted, have) in zip(expected, found) where wanted != have.value {
    return [Finding("\(what) out of order: \(have.value); expected here: \(wanted)", line: have.line)]
  }
  return []
}

/// One finding if two values differ.
func compareValues<Value: Equatable>(_ expected: Value, _ found: Value, _ what: String, line: Int? = nil) -> [Finding] {
  expected == found ? [] : [Finding("\(what) is \(found); expected: \(expected)", line: line)]
}
