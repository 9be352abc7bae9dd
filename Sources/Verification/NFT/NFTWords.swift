import TopologyModel

/// The words of a line: separated by one space each; commas are words of their own, quoted text is marked as such.
struct NFTWords {
  enum Word: Equatable {
    case plain(String)
    case quoted(String)
  }

  let line: Int
  private var words: ArraySlice<Word> = []

  init(_ text: Substring, line: Int) throws(ParseFailure) {
    self.line = line
    var rest = text.utf8[...]
    func failure(_ message: String) -> ParseFailure { ParseFailure(message, line: line) }
    while let first = rest.first {
      if first == UInt8(ascii: "\"") {
        guard let end = rest.dropFirst().firstIndex(of: first) else { throw failure("a quote is not closed") }
        words.append(.quoted(String(Substring(rest[rest.index(after: rest.startIndex)..<end]))))
        rest = rest[rest.index(after: end)...]
      } else {
        let word = rest.prefix { $0 != 0x20 && $0 != 0x2c && $0 != 0x22 }
        guard !word.isEmpty else { throw failure("a space or comma where a word should be") }
        words.append(.plain(String(Substring(word))))
        rest = rest.dropFirst(word.count)
      }
      if rest.first == UInt8(ascii: ",") {
        words.append(.plain(","))
        rest = rest.dropFirst()
      }
      guard let separator = rest.first else { break }
      // A list of states has no spaces after its commas.
      if separator != 0x20, words.last == .plain(",") { continue }
      guard separator == 0x20, rest.count > 1 else { throw failure("expected one space between words") }
      rest = rest.dropFirst()
    }
  }

  var isAtEnd: Bool { words.isEmpty }

  mutating func word(_ what: String) throws(ParseFailure) -> String {
    guard case .plain(let word)? = words.popFirst() else { throw ParseFailure("expected \(what)", line: line) }
    return word
  }

  mutating func quoted(_ what: String) throws(ParseFailure) -> String {
    guard case .quoted(let text)? = words.popFirst() else {
      throw ParseFailure("expected \(what) in quotes", line: line)
    }
    return text
  }

  var isQuoted: Bool { if case .quoted? = words.first { true } else { false } }

  /// Takes the next words if they are these.
  mutating func take(_ expected: String...) -> Bool {
    guard words.starts(with: expected.map(Word.plain)) else { return false }
    words = words.dropFirst(expected.count)
    return true
  }

  mutating func expect(_ expected: String...) throws(ParseFailure) {
    for expected in expected where !take(expected) {
      throw ParseFailure("expected '\(expected)'\(found)", line: line)
    }
  }

  func end() throws(ParseFailure) {
    guard isAtEnd else { throw ParseFailure("unexpected text\(found)", line: line) }
  }

  private var found: String { words.first.map { ", found \($0)" } ?? " at the end of the line" }
}

extension NFTWords {
  /// `accept`, `drop`, `return`, `jump CHAIN` or `goto CHAIN`.
  mutating func verdict() throws(ParseFailure) -> NFTReadVerdict {
    let name = try word("a verdict")
    switch name {
    case "accept": return .accept
    case "drop": return .drop
    case "return": return .return
    case "jump": return .jump(try word("a chain"))
    case "goto": return .goto(try word("a chain"))
    default: throw ParseFailure("'\(name)' is no verdict", line: line)
    }
  }

  /// `comment "TEXT"`, if it stands there: at most 128 bytes (NFTNL_UDATA_COMMENT_MAXLEN).
  mutating func comment() throws(ParseFailure) -> String? {
    guard take("comment") else { return nil }
    let text = try quoted("a comment")
    guard (1...128).contains(text.utf8.count) else { throw ParseFailure("a comment of an improper length", line: line) }
    return text
  }

  /// A value of a field: an address, prefix or range of addresses, a number or range of numbers, an interface in quotes.
  mutating func value(_ field: ReadSelector.Field) throws(ParseFailure) -> FieldRange {
    switch field {
    case .input: return try interface()
    case .source4, .destination4: return try addresses(.ipv4)
    case .source6, .destination6: return try addresses(.ipv6)
    case .state: return try named(["established": 2, "related": 4, "new": 8], "a state")
    case .connectionMark: throw ParseFailure("a mark without its mask", line: line)
    case .family: return try named(["ipv4": 2, "ipv6": 10], "a family")
    case .proto, .icmpType, .icmpv6Type: return try numbers(0...255)
    case .port, .udpSource, .udpDestination, .tcpDestination, .sctpDestination: return try numbers(0...65535)
    }
  }

  mutating func value(_ type: NFTKeyType) throws(ParseFailure) -> FieldRange {
    switch type {
    case .ipv4: try addresses(.ipv4)
    case .ipv6: try addresses(.ipv6)
    case .interface: try interface()
    case .proto: try numbers(0...255)
    case .port: try numbers(0...65535)
    case .icmp, .icmpv6: try numbers(0...255)
    }
  }

  private mutating func named(_ values: [String: UInt128], _ what: String) throws(ParseFailure) -> FieldRange {
    let name = try word(what)
    guard let value = values[name] else { throw ParseFailure("'\(name)' is not \(what)", line: line) }
    return .numbers(value, value)
  }

  /// At most 15 bytes, or a beginning followed by `*`.
  private mutating func interface() throws(ParseFailure) -> FieldRange {
    let text = try quoted("an interface")
    guard (1...15).contains(text.utf8.count), text != "*",
      !text.dropLast().utf8.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "\\") })
    else { throw ParseFailure("'\(text)' is not an interface", line: line) }
    return text.hasSuffix("*") ? .beginning(String(text.dropLast())) : .name(text)
  }

  private mutating func addresses(_ family: AddressFamily) throws(ParseFailure) -> FieldRange {
    let text = try word("an address")
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let ends = parts.compactMap { readAddress($0) }.filter { $0.family == family }
    if ends.count == parts.count, parts.count <= 2, ends[0].bits < ends[ends.count - 1].bits || parts.count == 1 {
      return .numbers(ends[0].bits, ends[ends.count - 1].bits)
    }
    guard let prefix = readPrefix(text), prefix.family == family, prefix.length > 0,
      prefix.length < family.bitWidth
    else { throw ParseFailure("'\(text)' is no address, prefix or range of \(family.name)", line: line) }
    let hostBits = (UInt128(1) << UInt128(family.bitWidth - prefix.length)) &- 1
    return .numbers(prefix.address.bits, prefix.address.bits | hostBits)
  }

  private mutating func numbers(_ allowed: ClosedRange<Int>) throws(ParseFailure) -> FieldRange {
    let text = try word("a number")
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let ends = parts.compactMap { readNumber($0, in: allowed) }.map { UInt128($0) }
    guard ends.count == parts.count, parts.count == 1 || parts.count == 2 && ends[0] < ends[1] else {
      throw ParseFailure("'\(text)' is no number or range of numbers in \(allowed)", line: line)
    }
    return .numbers(ends[0], ends[ends.count - 1])
  }
}
