/// The most hosts that the ranges of one file may stand for. A few bytes of ranges must not fill the memory.
package let maximumRangedHosts = 1_000_000

/// Whether the ranges of a file's regions stay within the bound; reports the one that exceeds it.
func checkHostCount(_ regions: YAMLNode, _ diagnostics: inout Diagnostics) -> Bool {
  var count = 0
  for hosts in regions.items.flatMap({ $0.values("racks") }).flatMap({ $0.values("hosts") }) {
    for range in hosts.entries where range.key == "range" {
      guard case .scalar(let text, _) = range.value.content else { continue }
      count += rangedCount(text)
      if count > maximumRangedHosts {
        diagnostics.add(.tooManyRangedHosts(at: range.value.range))
        diagnostics.lostNames.formUnion(regions.items.compactMap(writtenName))
        return false
      }
    }
  }
  return true
}

/// How many hosts a range stands for, 0 if it is none; that is reported when it is decoded.
private func rangedCount(_ text: String) -> Int {
  guard let open = text.firstIndex(of: "["), let close = text.lastIndex(of: "]"), open < close else { return 0 }
  let ends = text[text.index(after: open)..<close].split(separator: "-").compactMap { Int($0) }
  guard ends.count == 2, ends[0] >= 0, ends[0] <= ends[1] else { return 0 }
  let (low, high) = (ends[0], ends[1])
  return high - low < maximumRange ? high - low + 1 : 0
}

extension YAMLNode {
  fileprivate var items: [YAMLNode] {
    if case .sequence(let nodes) = content { nodes } else { [] }
  }

  fileprivate var entries: [YAMLEntry] {
    if case .mapping(let entries) = content { entries } else { [] }
  }

  /// The items of the list under a key.
  fileprivate func values(_ key: String) -> [YAMLNode] {
    entries.first { $0.key == key }?.value.items ?? []
  }
}

extension Diagnostic {
  fileprivate static func tooManyRangedHosts(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidRange, "the ranges of this file stand for more than \(maximumRangedHosts) hosts", at: range,
      help: ["check the numbers in the brackets, or split the file with `include:`"])
  }
}
