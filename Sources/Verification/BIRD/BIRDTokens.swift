/// The tokens of a BIRD 2 configuration (BIRD User's Guide, section 3): words, texts in quotes and signs.
struct BIRDTokens {
  enum Token: Hashable {
    /// A keyword, name, number, address or prefix.
    case word(String)
    /// A text in double quotes.
    case text(String)
    /// A name in single quotes.
    case symbol(String)
    case sign(Character)
    /// The place of a secret, with its angle brackets.
    case placeholder(String)
  }

  private var tokens: [(token: Token, line: Int)] = []
  private var next = 0

  init(_ lines: ArraySlice<(number: Int, text: Substring)>) throws(ParseFailure) {
    for line in lines where !line.text.drop(while: { $0 == " " }).hasPrefix("#") {
      try scan(line.text, line: line.number)
    }
  }

  private mutating func scan(_ text: Substring, line: Int) throws(ParseFailure) {
    var rest = text
    while let first = rest.first {
      switch first {
      case " ": rest.removeFirst()
      case "{", "}", "[", "]", ";", ",", "~", "=":
        tokens.append((.sign(first), line))
        rest.removeFirst()
      case "&" where rest.hasPrefix("&&"):
        tokens.append((.word("&&"), line))
        rest.removeFirst(2)
      case "<":
        guard let end = rest.firstIndex(of: ">") else { throw ParseFailure("a '<' is not closed", line: line) }
        tokens.append((.placeholder(String(rest[...end])), line))
        rest = rest[rest.index(after: end)...]
      case "\"", "'":
        guard let end = rest.dropFirst().firstIndex(of: first) else {
          throw ParseFailure("a quote is not closed", line: line)
        }
        let body = String(rest[rest.index(after: rest.startIndex)..<end])
        tokens.append((first == "'" ? .symbol(body) : .text(body), line))
        rest = rest[rest.index(after: end)...]
      default:
        let word = rest.prefix { $0.isLetter || $0.isNumber || "_.:/-".contains($0) }
        guard !word.isEmpty else { throw ParseFailure("the sign '\(first)' is not known", line: line) }
        tokens.append((.word(String(word)), line))
        rest = rest[word.endIndex...]
      }
    }
  }

  var isAtEnd: Bool { next == tokens.count }
  /// The line of the next token.
  var line: Int { next < tokens.count ? tokens[next].line : tokens.last?.line ?? 1 }

  func failure(_ message: String) -> ParseFailure { ParseFailure(message, line: line) }

  mutating func take(_ token: Token) -> Bool {
    guard next < tokens.count, tokens[next].token == token else { return false }
    next += 1
    return true
  }

  /// Takes these words, separated by spaces, if they all come next.
  mutating func take(_ words: String) -> Bool {
    let start = next
    for word in words.split(separator: " ") {
      let isSign = word.count == 1 && "{}[];,~=".contains(word)
      guard take(isSign ? .sign(Character(String(word))) : .word(String(word))) else {
        next = start
        return false
      }
    }
    return true
  }

  mutating func expect(_ words: String) throws(ParseFailure) {
    guard take(words) else { throw failure("expected '\(words)', found \(described)") }
  }

  private var described: String { isAtEnd ? "the end of the file" : "\(tokens[next].token)" }

  mutating func word(_ what: String) throws(ParseFailure) -> String {
    guard !isAtEnd, case .word(let word) = tokens[next].token else {
      throw failure("expected \(what), found \(described)")
    }
    next += 1
    return word
  }

  mutating func text() throws(ParseFailure) -> String {
    guard !isAtEnd, case .text(let text) = tokens[next].token else {
      throw failure("expected a text, found \(described)")
    }
    next += 1
    return text
  }

  mutating func placeholder() throws(ParseFailure) -> String {
    guard !isAtEnd, case .placeholder(let text) = tokens[next].token else {
      throw failure("expected the place of a secret, found \(described)")
    }
    next += 1
    return text
  }

  mutating func symbol() throws(ParseFailure) -> String {
    guard !isAtEnd, case .symbol(let text) = tokens[next].token else {
      throw failure("expected a quoted name, found \(described)")
    }
    next += 1
    return text
  }

  mutating func number(in range: ClosedRange<Int>) throws(ParseFailure) -> Int {
    guard let number = readNumber(try word("a number"), in: range) else {
      throw failure("expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
