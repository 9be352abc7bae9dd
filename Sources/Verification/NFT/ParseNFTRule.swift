import TopologyModel

/// Reads a rule: matches, then a verdict or the lookup of one, then a comment.
func parseNFTRule(_ words: inout NFTWords) throws(ParseFailure) -> NFTRuleValue {
  var matches: [NFTMatch] = []
  while true {
    if words.take("meta", "mark") {
      try words.expect("set", "meta", "mark", "&")
      let kept = readHexadecimal(try words.word("a mask")[...])
      try words.expect("|")
      guard let kept, let mark = readHexadecimal(try words.word("a mark")[...]), mark & kept == 0, mark != 0 else {
        throw ParseFailure("not a mask and a mark outside of it", line: words.line)
      }
      try words.expect("ct", "mark", "set", "ct", "mark", "|", "0x80000000", "return")
      return try finish(NFTRuleValue(matches: matches, action: .mark(mark, mask: ~kept)), &words)
    }
    if words.take("masquerade") { return try finish(NFTRuleValue(matches: matches, action: .masquerade), &words) }
    if words.take("ct", "mark") {
      let flag: UInt128 = 0x8000_0000
      try words.expect("&", "0x80000000", "==", "0x80000000")
      matches.append(
        NFTMatch(
          selectors: [ReadSelector(field: .connectionMark, mask: flag)], operand: .values([.numbers(flag, flag)])))
      continue
    }
    if words.take("tcp", "flags") {
      // SYN set and RST not; the size that fits the way there and the way back (nft(8), `rt mtu`).
      for word in "& (syn | rst) == syn tcp option maxseg size set rt mtu".split(separator: " ") {
        try words.expect(String(word))
      }
      return try finish(NFTRuleValue(matches: matches, action: .clampMSS), &words)
    }
    guard let selectors = try parseSelectors(&words) else { break }
    if words.take("vmap") {
      let action = NFTReadAction.lookup(selectors, try parseReference(&words))
      return try finish(NFTRuleValue(matches: matches, action: action), &words)
    }
    matches.append(NFTMatch(selectors: selectors, operand: try parseOperand(&words, selectors)))
  }
  return try finish(NFTRuleValue(matches: matches, action: .verdict(try words.verdict())), &words)
}

private func finish(_ rule: NFTRuleValue, _ words: inout NFTWords) throws(ParseFailure) -> NFTRuleValue {
  var rule = rule
  rule.comment = try words.comment()
  try words.end()
  return rule
}

/// `FIELD [& MASK] [. FIELD [& MASK]]…`; nil if no field stands here.
private func parseSelectors(_ words: inout NFTWords) throws(ParseFailure) -> [ReadSelector]? {
  guard let first = try parseSelector(&words) else { return nil }
  var selectors = [first]
  while words.take(".") {
    guard let next = try parseSelector(&words) else { throw ParseFailure("expected a field", line: words.line) }
    selectors.append(next)
  }
  return selectors
}

private let fields: [ReadSelector.Field] = [
  .input, .source4, .destination4, .source6, .destination6, .state, .family, .proto, .port, .icmpType, .icmpv6Type,
  .udpSource, .udpDestination, .tcpDestination, .sctpDestination,
]

private func parseSelector(_ words: inout NFTWords) throws(ParseFailure) -> ReadSelector? {
  for field in fields {
    let parts = field.rawValue.split(separator: " ").map(String.init)
    guard parts.count == 1 ? words.take(parts[0]) : words.take(parts[0], parts[1]) else { continue }
    guard words.take("&") else { return ReadSelector(field: field) }
    let text = try words.word("a mask")
    guard let mask = readAddress(text), mask.family == field.family else {
      throw ParseFailure("'\(text)' is no mask for '\(field.rawValue)'", line: words.line)
    }
    return ReadSelector(field: field, mask: mask.bits)
  }
  return nil
}

private func parseReference(_ words: inout NFTWords) throws(ParseFailure) -> String {
  let name = try words.word("a set or map")
  guard name.hasPrefix("@"), name.utf8.count > 1 else { throw ParseFailure("'\(name)' is no set", line: words.line) }
  return String(name.dropFirst())
}

/// `@SET`, `VALUE`, `{ VALUE, VALUE… }`, or `== VALUE` behind a mask; states stand without spaces.
private func parseOperand(
  _ words: inout NFTWords, _ selectors: [ReadSelector]
) throws(ParseFailure) -> NFTMatch.Operand {
  let field = selectors[0].field
  if selectors.count > 1 { return .set(try parseReference(&words)) }
  if let mask = selectors[0].mask {
    guard words.take("==") else { return .set(try parseReference(&words)) }
    let value = try words.value(field)
    guard case .numbers(let first, let last) = value, first == last, first & ~mask == 0 else {
      throw ParseFailure("a value with bits outside its mask never matches", line: words.line)
    }
    return .values([value])
  }
  var lookahead = words
  if let name = try? parseReference(&lookahead) {
    words = lookahead
    return .set(name)
  }
  var values: [FieldRange] = []
  let isList = words.take("{")
  repeat {
    let value = try words.value(field)
    guard !values.contains(where: { $0.overlaps(value) }) else {
      throw ParseFailure("values that overlap", line: words.line)
    }
    values.append(value)
  } while (isList || field == .state) && words.take(",")
  if isList {
    try words.expect("}")
    guard values.count > 1 else { throw ParseFailure("a list of one", line: words.line) }
  }
  return .values(values)
}

extension ReadSelector.Field {
  /// The family whose addresses the field holds.
  var family: AddressFamily? {
    switch self {
    case .source4, .destination4: .ipv4
    case .source6, .destination6: .ipv6
    default: nil
    }
  }

  /// The type of a set that can be asked for it.
  var type: NFTKeyType? {
    switch self {
    case .source4, .destination4: .ipv4
    case .source6, .destination6: .ipv6
    case .input: .interface
    case .proto: .proto
    case .port: .port
    case .icmpType: .icmp
    case .icmpv6Type: .icmpv6
    case .state, .connectionMark, .family, .udpSource, .udpDestination, .tcpDestination, .sctpDestination: nil
    }
  }
}
