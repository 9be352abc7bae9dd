import TopologyModel

/// Reads the words of one line from left to right. Words are separated by one space each.
struct WordReader {
  let line: Int
  private var words: ArraySlice<Substring>

  init(_ text: Substring, line: Int) {
    self.line = line
    words = text.split(separator: " ", omittingEmptySubsequences: false)[...]
  }

  var isAtEnd: Bool { words.isEmpty }
  var nextWord: Substring? { words.first }

  mutating func word(_ what: String) throws(ParseFailure) -> String {
    guard let word = words.popFirst(), !word.isEmpty else { throw ParseFailure("expected \(what)", line: line) }
    return String(word)
  }

  /// Takes the next words if they are these.
  mutating func take(_ expected: String...) -> Bool {
    guard words.count >= expected.count, zip(words, expected).allSatisfy({ $0 == $1 }) else { return false }
    words = words.dropFirst(expected.count)
    return true
  }

  mutating func expect(_ expected: String...) throws(ParseFailure) {
    for expected in expected where !take(expected) {
      throw ParseFailure("expected '\(expected)', found '\(words.first ?? "the end of the line")'", line: line)
    }
  }

  mutating func address() throws(ParseFailure) -> Address {
    let word = try word("an address")
    guard let address = readAddress(word) else { throw ParseFailure("'\(word)' is not an address", line: line) }
    return address
  }

  mutating func prefix() throws(ParseFailure) -> Prefix {
    let word = try word("a prefix")
    guard let prefix = readPrefix(word) else { throw ParseFailure("'\(word)' is not a prefix", line: line) }
    return prefix
  }

  mutating func number(_ what: String, in range: ClosedRange<Int>) throws(ParseFailure) -> Int {
    let word = try word(what)
    guard let number = readNumber(word, in: range) else {
      throw ParseFailure("'\(word)' is not \(what) from \(range.lowerBound) to \(range.upperBound)", line: line)
    }
    return number
  }

  /// All that is left, with its spaces.
  mutating func rest() -> String {
    defer { words = [] }
    return words.joined(separator: " ")
  }

  func end() throws(ParseFailure) {
    guard words.isEmpty else { throw ParseFailure("unexpected '\(words.joined(separator: " "))'", line: line) }
  }
}
