import TopologyModel

/// A statement of a Junos configuration in text form (Junos OS CLI User Guide, "Understanding the Junos OS CLI
/// Configuration Mode"): words and then either `;` or statements in braces.
struct JunosStatement {
  var line: Int
  var words: [String]
  /// The comment before it.
  var comment: String?
  /// Whether `replace:` stands before it.
  var replaces = false
  /// Nil: it ends with a semicolon.
  var children: [JunosStatement]?
}

/// Reads statements: one a line, and `}` on a line of its own, as `show configuration` prints them.
func parseJunosStatements(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> [JunosStatement] {
  var lines = try TextFile(bytes, comment: "##", of: device).lines
  let statements = try parseStatements(&lines, depth: 0)
  if let rest = lines.first { throw ParseFailure("a brace that closes nothing", line: rest.number) }
  return statements
}

private func parseStatements(
  _ lines: inout ArraySlice<(number: Int, text: Substring)>, depth: Int
) throws(ParseFailure) -> [JunosStatement] {
  var statements: [JunosStatement] = []
  var (comment, replaces): (String?, Bool) = (nil, false)
  let indent = String(repeating: " ", count: 4 * depth)
  while let line = lines.first {
    if depth > 0, line.text == indent.dropLast(4) + "}" { break }
    lines.removeFirst()
    guard line.text.hasPrefix(indent) else { throw ParseFailure("the indentation is wrong", line: line.number) }
    let text = line.text.dropFirst(indent.count)
    if text.hasPrefix("/* "), text.hasSuffix(" */"), comment == nil, !replaces {
      comment = String(text.dropFirst(3).dropLast(3))
      continue
    }
    if text == "replace:", !replaces {
      replaces = true
      continue
    }
    guard let last = text.last, last == ";" || text.hasSuffix(" {") else {
      throw ParseFailure("a statement has no end", line: line.number)
    }
    let words = text.dropLast(last == ";" ? 1 : 2).split(separator: " ", omittingEmptySubsequences: false)
    guard words.allSatisfy({ !$0.isEmpty && !$0.contains(where: { "{};\"/*".contains($0) && $0 != "/" }) }) else {
      throw ParseFailure("a word that is not known here", line: line.number)
    }
    var statement = JunosStatement(
      line: line.number, words: words.map(String.init), comment: comment, replaces: replaces)
    (comment, replaces) = (nil, false)
    if last == "{" {
      statement.children = try parseStatements(&lines, depth: depth + 1)
      guard lines.popFirst() != nil else { throw ParseFailure("a brace is not closed", line: line.number) }
    }
    statements.append(statement)
  }
  if comment != nil || replaces {
    throw ParseFailure("nothing follows a comment or 'replace:'", line: lines.startIndex)
  }
  return statements
}
