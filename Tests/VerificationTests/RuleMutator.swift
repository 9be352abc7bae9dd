import TopologyModel
import Verification

/// Files of a packet filter with one mask widened, one rule dropped or two of a chain swapped.
struct RuleMutator {
  enum Change: String, CaseIterable {
    case widen, drop, swap
  }

  let lines: [String]
  private let isTable: Bool
  /// Positions of rules, by chain; of what else can be dropped; and of masks, by line and word.
  private var chains: [[Int]] = []
  private var elements: [Int] = []
  private var masks: [(line: Int, word: Int)] = []

  init(_ lines: [String], isTable: Bool) {
    self.lines = lines
    self.isTable = isTable
    isTable ? findRulesOfTable() : findRules()
    for line in chains.joined() + elements {
      let words = Self.words(lines[line])
      for (word, text) in words.enumerated() where Self.isMask(words, word, text, isTable: isTable) {
        masks.append((line, word))
      }
    }
  }

  private mutating func findRules() {
    var byChain: [Substring: [Int]] = [:]
    for (index, line) in lines.enumerated() where line.hasPrefix("-A ") {
      byChain[line.split(separator: " ")[1], default: []].append(index)
    }
    chains = byChain.values.sorted { $0[0] < $1[0] }
  }

  private mutating func findRulesOfTable() {
    var isChain = false
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("  "), line.hasSuffix(" {"), !line.hasPrefix("   ") {
        isChain = line.hasPrefix("  chain ")
        if isChain { chains.append([]) }
      } else if isChain, line.hasPrefix("    "), !line.hasPrefix("    type ") {
        chains[chains.count - 1].append(index)
      } else if line.hasPrefix("      ") {
        elements.append(index)
      }
    }
  }

  private static func words(_ line: String) -> [String] {
    line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
  }

  private static func isMask(_ words: [String], _ word: Int, _ text: String, isTable: Bool) -> Bool {
    if !isTable { return word > 0 && ["-s", "-d"].contains(words[word - 1]) }
    if word > 0, words[word - 1] == "&" { return true }
    let parts = text.split(separator: "/")
    return parts.count == 2 && (try? Address(parsing: String(parts[0]))) != nil
  }

  /// The lines after a change; nil if there is nothing to change so.
  func lines(after change: Change, _ numbers: inout Numbers) -> (what: String, lines: [String])? {
    var changed = lines
    switch change {
    case .drop:
      let all = chains.joined() + elements
      guard !all.isEmpty else { return nil }
      let line = all[all.index(all.startIndex, offsetBy: numbers.next(0...(all.count - 1)))]
      // The last element of a list has no comma behind it.
      if elements.contains(line), !changed[line].hasSuffix(",") {
        guard changed[line - 1].hasSuffix(",") else { return nil }
        changed[line - 1].removeLast()
      }
      changed.remove(at: line)
      return ("without \(lines[line])", changed)
    case .swap:
      let long = chains.filter { $0.count > 1 }
      guard !long.isEmpty else { return nil }
      let chain = long[numbers.next(0...(long.count - 1))]
      let first = numbers.next(0...(chain.count - 2))
      let second = numbers.next((first + 1)...(chain.count - 1))
      changed.swapAt(chain[first], chain[second])
      return ("\(lines[chain[first]]) changes places with \(lines[chain[second]])", changed)
    case .widen:
      guard !masks.isEmpty else { return nil }
      let (line, word) = masks[numbers.next(0...(masks.count - 1))]
      widen(&changed, line, word, &numbers)
      return changed == lines ? nil : ("\(lines[line]) becomes \(changed[line])", changed)
    }
  }

  private func widen(_ lines: inout [String], _ line: Int, _ word: Int, _ numbers: inout Numbers) {
    var words = Self.words(lines[line])
    if isTable, words[word - 1] == "&" {
      return widenLookup(&lines, line, word, &numbers)
    }
    let suffix = words[word].hasSuffix(",") ? "," : ""
    let parts = words[word].dropLast(suffix.count).split(separator: "/").map(String.init)
    guard parts.count == 2, let address = try? Address(parsing: parts[0]) else { return }
    var mask = Self.mask(parts[1], address.family)
    // A prefix stays one in a table: its last bit goes.
    let bits = (0..<address.family.bitWidth).filter { mask >> UInt128($0) & 1 == 1 }
    mask &= ~(UInt128(1) << UInt128(isTable ? bits[0] : bits[numbers.next(0...(bits.count - 1))]))
    guard mask != 0 else { return }
    words[word] = "\(Address(address.family, address.bits & mask))/\(Self.text(mask, address.family))\(suffix)"
    lines[line] = words.joined(separator: " ")
  }

  private static func mask(_ text: String, _ family: AddressFamily) -> UInt128 {
    guard let length = Int(text) else { return (try? Address(parsing: text))?.bits ?? 0 }
    return family.allOnes & ~(length == family.bitWidth ? 0 : family.allOnes >> UInt128(length))
  }

  private static func text(_ mask: UInt128, _ family: AddressFamily) -> String {
    let inverse = family.allOnes & ~mask
    return inverse & (inverse &+ 1) == 0
      ? "\(family.bitWidth - (128 - inverse.leadingZeroBitCount))" : "\(Address(family, mask))"
  }

  /// Takes a bit out of the mask of a key, and out of all that it is compared with: a value, or a field of a set.
  private func widenLookup(_ lines: inout [String], _ line: Int, _ word: Int, _ numbers: inout Numbers) {
    var words = Self.words(lines[line])
    guard let mask = try? Address(parsing: words[word]) else { return }
    let bits = (0..<mask.family.bitWidth).filter { mask.bits >> UInt128($0) & 1 == 1 }
    let left = mask.bits & ~(UInt128(1) << UInt128(bits[numbers.next(0...(bits.count - 1))]))
    words[word] = "\(Address(mask.family, left))"
    if words[word + 1] == "==" {
      let value = (try? Address(parsing: words[word + 2]))?.bits ?? 0
      words[word + 2] = "\(Address(mask.family, value & left))"
      lines[line] = words.joined(separator: " ")
      return
    }
    lines[line] = words.joined(separator: " ")
    guard let set = words[word...].first(where: { $0.hasPrefix("@") })?.dropFirst(),
      let start = lines.firstIndex(where: { $0 == "  set \(set) {" || $0 == "  map \(set) {" })
    else { return }
    // The field of the key is one of `FAMILY FIELD [& MASK]` with dots between them.
    var (field, place) = (0, word - 3)
    while place > 0, words[place - 1] == "." {
      field += 1
      place -= words[place - 3] == "&" ? 5 : 3
    }
    for index in lines[start...].indices.dropFirst() {
      if lines[index] == "  }" { break }
      guard lines[index].hasPrefix("      ") else { continue }
      var element = Self.words(lines[index])
      element[6 + 2 * field] = Self.masked(element[6 + 2 * field], left, mask.family)
      lines[index] = element.joined(separator: " ")
    }
  }

  /// A value, prefix or range with the bits outside a mask taken away.
  private static func masked(_ text: String, _ mask: UInt128, _ family: AddressFamily) -> String {
    let suffix = text.hasSuffix(",") ? "," : ""
    let ends = text.dropLast(suffix.count).split(separator: "-").map { end in
      let parts = end.split(separator: "/")
      let bits = (try? Address(parsing: String(parts[0])))?.bits ?? 0
      return ([Address(family, bits & mask).description] + parts.dropFirst().map(String.init)).joined(separator: "/")
    }
    return ends.joined(separator: "-") + suffix
  }
}
