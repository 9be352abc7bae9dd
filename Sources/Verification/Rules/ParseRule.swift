import TopologyModel

/// The words of a rule, with quotes resolved.
struct RuleWords {
  let line: Int
  private var words: ArraySlice<String>

  init(_ words: [String], line: Int) {
    self.words = words[...]
    self.line = line
  }

  var isAtEnd: Bool { words.isEmpty }

  mutating func word(_ what: String) throws(ParseFailure) -> String {
    guard let word = words.popFirst() else { throw ParseFailure("expected \(what)", line: line) }
    return word
  }

  /// Takes the next words if they are these.
  mutating func take(_ expected: String...) -> Bool {
    guard words.starts(with: expected) else { return false }
    words = words.dropFirst(expected.count)
    return true
  }

  mutating func expect(_ expected: String...) throws(ParseFailure) {
    for expected in expected {
      let word = try word("'\(expected)'")
      guard word == expected else { throw ParseFailure("expected '\(expected)', found '\(word)'", line: line) }
    }
  }
}

/// Splits at single spaces; a word in double quotes may hold spaces, and quotes after a backslash.
func splitQuoted(_ text: Substring, line: Int) throws(ParseFailure) -> [String] {
  guard text.utf8.contains(UInt8(ascii: "\"")) else {
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard words.allSatisfy({ !$0.isEmpty }) else { throw ParseFailure("two spaces in a row", line: line) }
    return words
  }
  var words: [String] = []
  var word: [UInt8] = []
  var (isQuoted, isEscaped, isClosed) = (false, false, false)
  for byte in text.utf8 {
    switch byte {
    case _ where isEscaped: (isEscaped, _) = (false, word.append(byte))
    case UInt8(ascii: "\\") where isQuoted: isEscaped = true
    case UInt8(ascii: "\""):
      guard isQuoted || word.isEmpty, !isClosed else { throw ParseFailure("a quote inside a word", line: line) }
      isClosed = isQuoted
      isQuoted.toggle()
    case UInt8(ascii: " ") where !isQuoted:
      guard !word.isEmpty || isClosed else { throw ParseFailure("two spaces in a row", line: line) }
      words.append(String(decoding: word, as: UTF8.self))
      (word, isClosed) = ([], false)
    default:
      guard !isClosed else { throw ParseFailure("text after a closing quote", line: line) }
      word.append(byte)
    }
  }
  guard !isQuoted, !word.isEmpty || isClosed else { throw ParseFailure("a quote is not closed", line: line) }
  return words + [String(decoding: word, as: UTF8.self)]
}

/// Reads the matches and the target of a rule in the order in which iptables-save prints them.
func parseRule(_ words: inout RuleWords, _ family: AddressFamily) throws(ParseFailure) -> RuleValue {
  var rule = RuleValue(target: .return)
  let order = ["-s", "-d", "-i", "-p", "-m", "-j", "-g"]
  var last = 0
  while !words.isAtEnd {
    let option = try words.word("an option")
    guard let place = order.firstIndex(of: option) else {
      throw ParseFailure("the option '\(option)' is not known", line: words.line)
    }
    guard place > last || place == 0 && last == 0 || option == "-m" else {
      throw ParseFailure("the option '\(option)' stands twice, or not where iptables-save prints it", line: words.line)
    }
    last = place
    switch option {
    case "-s": rule.source = try parseMasked(&words, family)
    case "-d": rule.destination = try parseMasked(&words, family)
    case "-i": rule.input = try parseInterface(&words)
    case "-p":
      // SYN set and RST not.
      rule.synOnly = words.take("tcp", "-m", "tcp", "--tcp-flags", "SYN,RST", "SYN")
      if !rule.synOnly { rule.proto = try parseProtocol(&words, family) }
    case "-m": try parseMatch(&words, into: &rule)
    default:
      rule.target = try parseTarget(&words, isGoto: option == "-g")
      guard rule.synOnly == (rule.target == .clampMSS) else {
        throw ParseFailure("the segment size is that of packets which open a connection", line: words.line)
      }
      guard words.isAtEnd else { throw ParseFailure("something stands after the target", line: words.line) }
      return rule
    }
  }
  throw ParseFailure("a rule without a target", line: words.line)
}

/// `ADDRESS/LENGTH` or, if the mask is not contiguous, `ADDRESS/MASK`. No bit of the address lies outside the mask:
/// such a rule loads and never matches.
private func parseMasked(_ words: inout RuleWords, _ family: AddressFamily) throws(ParseFailure) -> MaskedAddress {
  let word = try words.word("an address and its mask")
  let parts = word.split(separator: "/", omittingEmptySubsequences: false)
  guard parts.count == 2, let address = readAddress(parts[0]), address.family == family else {
    throw ParseFailure("'\(word)' is not an address and a mask of \(family.name)", line: words.line)
  }
  let (width, all) = (family == .ipv4 ? 32 : 128, family == .ipv4 ? UInt128(UInt32.max) : UInt128.max)
  var mask: UInt128
  if let length = readNumber(parts[1], in: 1...width) {
    mask = all &- (length == width ? 0 : (UInt128(1) << UInt128(width - length)) &- 1)
  } else if let address = readAddress(parts[1]), address.family == family {
    mask = address.bits
    let inverse = all & ~mask
    guard inverse & (inverse &+ 1) != 0 else {
      throw ParseFailure("the mask of '\(word)' is contiguous and so is printed as a length", line: words.line)
    }
  } else {
    throw ParseFailure("'\(word)' has no proper mask", line: words.line)
  }
  guard address.bits & ~mask == 0 else {
    throw ParseFailure("'\(word)' has bits outside its mask and never matches", line: words.line)
  }
  mask &= all
  return MaskedAddress(family: family, value: address.bits, mask: mask)
}

private func parseInterface(_ words: inout RuleWords) throws(ParseFailure) -> String {
  let word = try words.word("an interface")
  guard (1...15).contains(word.utf8.count), !word.dropLast().contains("+"), word != "+" else {
    throw ParseFailure("'\(word)' is not an interface", line: words.line)
  }
  return word
}

private func parseTarget(_ words: inout RuleWords, isGoto: Bool) throws(ParseFailure) -> RuleTarget {
  let word = try words.word("a target")
  if isGoto { return .goto(word) }
  switch word {
  case "ACCEPT": return .accept
  case "DROP": return .drop
  case "RETURN": return .return
  case "MARK":
    try words.expect("--set-xmark")
    let parts = try words.word("a mark").split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let mark = readHexadecimal(parts[0]), let mask = readHexadecimal(parts[1]),
      mark & ~mask == 0,
      mark != 0
    else { throw ParseFailure("not a mark and its mask", line: words.line) }
    return .mark(mark, mask: mask)
  case "MASQUERADE": return .masquerade
  case "TCPMSS":
    try words.expect("--clamp-mss-to-pmtu")
    return .clampMSS
  case "CONNMARK":
    try words.expect("--set-xmark")
    return .markConnection(try parseBits(&words))
  default:
    guard word.hasPrefix("romana-") else { throw ParseFailure("the target '\(word)' is not known", line: words.line) }
    return .jump(word)
  }
}

/// `BITS/BITS`: the same number twice, so that no other bit is touched.
func parseBits(_ words: inout RuleWords) throws(ParseFailure) -> UInt32 {
  let parts = try words.word("bits").split(separator: "/", omittingEmptySubsequences: false)
  guard parts.count == 2, parts[0] == parts[1], let bits = readHexadecimal(parts[0]), bits != 0 else {
    throw ParseFailure("not the same bits twice", line: words.line)
  }
  return bits
}

/// `0x` and at most eight digits, without leading zeros.
func readHexadecimal(_ text: Substring) -> UInt32? {
  guard text.hasPrefix("0x"), text.utf8.count > 2, text == "0x0" || !text.hasPrefix("0x0") else { return nil }
  return UInt32(text.dropFirst(2), radix: 16)
}
