/// Damages a text the way that hands, merges and attackers do.
struct Mutator {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  private static let numbers = [
    "0", "1", "2", "3", "7", "15", "16", "17", "24", "30", "31", "32", "33", "48", "62", "63", "64", "65", "96", "126",
    "127", "128", "129", "255", "256", "1024", "65534", "65535", "65536", "2147483647", "2147483648", "4294967294",
    "4294967295", "4294967296", "9223372036854775806", "9223372036854775807", "9223372036854775808", "-1", "010",
  ]
  private static let prefixes = [
    "0.0.0.0/0", "0.0.0.0/32", "255.255.255.254/31", "255.255.255.255/32", "10.0.0.0/8", "10.0.0.0/31", "10.0.0.0/32",
    "128.0.0.0/1", "::/0", "::/128", "fd00::/8", "fd00::/127", "fd00::/128", "8000::/1",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", "2001:db8::/32", "172.16.0.0/12", "172.31.0.0/30",
  ]
  private static let values = [
    "[]", "{}", "~", "\"\"", "null", "[[]]", "[{}]", "&a [*a]", "*a", "!!int 1", "|\n", "none", "static", "bgp", "own",
    "linux", "frr", "drained", "acme", "h[0-65535]", "h[1-2]", "ep+", "eth0", "any", "dc1", "rack1", "spine1", "pods",
  ]
  private static let characters = Array("[]{}:,\"'&*!|>%@`#-\n\t ?\\0é🙂\u{85}\u{feff}")

  /// The text after one to four changes.
  mutating func mutate(_ text: String) -> String {
    var text = text
    for _ in 0..<[1, 1, 1, 2, 2, 3, 4].randomElement(using: &generator)! { text = mutateOnce(text) }
    return text
  }

  private mutating func mutateOnce(_ text: String) -> String {
    switch Int.random(in: 0..<12, using: &generator) {
    case 0...4: return replaceToken(text, with: Self.numbers) { $0.allSatisfy(\.isNumber) }
    case 5, 6: return replaceToken(text, with: Self.prefixes) { $0.contains("/") || $0.contains("::") }
    case 7: return replaceToken(text, with: Self.values) { $0.count > 1 }
    case 8: return swapTokens(text)
    case 9, 10: return changeLines(text)
    default: return changeCharacter(text)
    }
  }

  /// The pieces between blanks and brackets, and where they are.
  private func tokens(_ text: String) -> [Range<String.Index>] {
    text.split { " ,{}[]\n\"".contains($0) }.map { $0.startIndex..<$0.endIndex }
  }

  private mutating func replaceToken(
    _ text: String, with choices: [String], where isCandidate: (Substring) -> Bool
  ) -> String {
    guard let range = tokens(text).filter({ isCandidate(text[$0]) }).randomElement(using: &generator) else {
      return text
    }
    return text.replacingCharacters(in: range, with: choices.randomElement(using: &generator)!)
  }

  private mutating func swapTokens(_ text: String) -> String {
    let all = tokens(text)
    guard let one = all.randomElement(using: &generator), let two = all.randomElement(using: &generator) else {
      return text
    }
    return text.replacingCharacters(in: one, with: String(text[two]))
  }

  private mutating func changeLines(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let index = lines.indices.randomElement(using: &generator) else { return text }
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: lines.remove(at: index)
    case 1: lines.insert(lines[index], at: index)
    case 2: lines.swapAt(index, lines.indices.randomElement(using: &generator)!)
    case 3: lines[index] = "  " + lines[index]
    case 4: lines[index] = lines[index].dropFirst(2)
    default: lines.removeSubrange(index...)
    }
    return lines.joined(separator: "\n")
  }

  private mutating func changeCharacter(_ text: String) -> String {
    guard let index = text.indices.randomElement(using: &generator) else { return text }
    var text = text
    if Bool.random(using: &generator) { text.remove(at: index) }
    text.insert(Self.characters.randomElement(using: &generator)!, at: min(index, text.endIndex))
    return text
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    String(self[..<range.lowerBound]) + text + self[range.upperBound...]
  }
}
