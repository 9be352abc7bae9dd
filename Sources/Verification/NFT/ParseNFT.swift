import TopologyModel

/// Reads a file for `nft -f`: the replacement of one table, `inet romana`, and nothing else.
///
/// It is stricter than `nft -c`, which lets through chains that lead back to themselves, octal addresses and an empty
/// file.
package func parseNFT(_ bytes: [UInt8]) throws(ParseFailure) -> NFTFile {
  var lines = NFTLines(try splitLines(bytes).filter { !$0.text.hasPrefix("#") })
  for text in ["table inet romana", "delete table inet romana", "table inet romana {"] {
    try lines.expect(text)
  }
  var file = NFTFile()
  while !lines.take("}") {
    let line = try lines.next("a set, map or chain")
    guard line.text.hasPrefix("  "), line.text.hasSuffix(" {") else {
      throw ParseFailure("expected a set, map or chain", line: line.number)
    }
    var words = try NFTWords(line.text.dropFirst(2), line: line.number)
    let kind = try words.word("set, map or chain")
    let name = try words.word("a name")
    try words.expect("{")
    try words.end()
    guard isName(name) else { throw ParseFailure("'\(name)' is not a name of ours", line: line.number) }
    let isNew: Bool
    switch kind {
    case "set", "map": isNew = file.add(try parseSet(&lines, name, line.number, isMap: kind == "map"))
    case "chain": isNew = file.add(try parseChain(&lines, name, line.number))
    default: throw ParseFailure("'\(kind)' is not known", line: line.number)
    }
    guard isNew else { throw ParseFailure("the name '\(name)' is given twice", line: line.number) }
  }
  try lines.end()
  try checkReferences(file)
  return file
}

/// Words of nft's grammar are refused as names; none of them ends with a digit. The kernel takes 127 bytes at most.
private func isName(_ name: String) -> Bool {
  let isPlain = name.utf8.allSatisfy {
    (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
  }
  let isReserved =
    !["input", "forward", "steer", "translate"].contains(name)
    && !(name.utf8.last.map { (0x30...0x39).contains($0) } ?? false)
  return isPlain && !isReserved && name.utf8.count <= 127
}

/// The lines of the file that are not comments.
private struct NFTLines {
  private var lines: ArraySlice<(number: Int, text: Substring)>
  private var last = 1

  init(_ lines: [(number: Int, text: Substring)]) { self.lines = lines[...] }

  mutating func next(_ what: String) throws(ParseFailure) -> (number: Int, text: Substring) {
    guard let line = lines.popFirst() else { throw ParseFailure("expected \(what), not the end", line: last) }
    last = line.number
    return line
  }

  mutating func take(_ text: String) -> Bool {
    guard lines.first?.text == Substring(text) else { return false }
    last = lines.removeFirst().number
    return true
  }

  mutating func expect(_ text: String) throws(ParseFailure) {
    let line = try next("'\(text)'")
    guard line.text == text else { throw ParseFailure("expected '\(text)'", line: line.number) }
  }

  func end() throws(ParseFailure) {
    if let line = lines.first { throw ParseFailure("something stands after the table", line: line.number) }
  }
}

private func parseSet(
  _ lines: inout NFTLines, _ name: String, _ number: Int, isMap: Bool
) throws(ParseFailure) -> ReadSet {
  var set = ReadSet(name: name, line: number, isMap: isMap)
  let types = try lines.next("a type")
  guard types.text.hasPrefix("    type ") else { throw ParseFailure("expected a type", line: types.number) }
  var words = try NFTWords(types.text.dropFirst(9), line: types.number)
  repeat {
    let word = try words.word("a type")
    guard let type = NFTKeyType(rawValue: word) else { throw ParseFailure("'\(word)' is no type", line: words.line) }
    set.types.append(type)
  } while words.take(".")
  if isMap { try words.expect(":", "verdict") }
  try words.end()
  set.isInterval = lines.take("    flags interval")
  set.hasCounters = lines.take("    counter")
  if lines.take("    elements = {") {
    var hasMore = true
    while hasMore {
      let line = try lines.next("an element")
      hasMore = line.text.hasSuffix(",")
      guard line.text.hasPrefix("      ") else { throw ParseFailure("expected an element", line: line.number) }
      let text = line.text.dropFirst(6).dropLast(hasMore ? 1 : 0)
      let element = try parseElement(text, line: line.number, of: set)
      guard set.append(element) else { throw ParseFailure("an element that overlaps another", line: line.number) }
    }
    try lines.expect("    }")
  }
  try lines.expect("  }")
  return set
}

private func parseElement(_ text: Substring, line: Int, of set: ReadSet) throws(ParseFailure) -> ReadElement {
  var words = try NFTWords(text, line: line)
  var element = ReadElement(fields: [])
  for (index, type) in set.types.enumerated() {
    if index > 0 { try words.expect(".") }
    let value = try words.value(type)
    if case .beginning = value { throw ParseFailure("a pattern in a set", line: line) }
    guard set.isInterval || value.onlyValue != nil else {
      throw ParseFailure("a range in a set without 'flags interval'", line: line)
    }
    element.fields.append(value)
  }
  element.comment = try words.comment()
  if set.isMap {
    try words.expect(":")
    element.verdict = try words.verdict()
  }
  try words.end()
  return element
}

private func parseChain(
  _ lines: inout NFTLines, _ name: String, _ number: Int
) throws(ParseFailure) -> ReadNFTChain {
  var chain = ReadNFTChain(name: name, line: number)
  chain.marks = lines.take("    type filter hook prerouting priority mangle; policy accept;")
  chain.translates = lines.take("    type nat hook postrouting priority srcnat; policy accept;")
  for (hook, word) in [(FilterHook.input, "input"), (.forward, "forward")] {
    for policy in ["accept", "drop"]
    where lines.take("    type filter hook \(word) priority filter; policy \(policy);") {
      guard chain.hook == nil else { throw ParseFailure("a second hook", line: number) }
      chain.hook = hook
      chain.dropsByDefault = policy == "drop"
    }
  }
  while !lines.take("  }") {
    let line = try lines.next("a rule")
    guard line.text.hasPrefix("    ") else { throw ParseFailure("expected a rule", line: line.number) }
    var words = try NFTWords(line.text.dropFirst(4), line: line.number)
    chain.rules.append(ReadNFTRule(rule: try parseNFTRule(&words), line: line.number))
  }
  return chain
}
