/// The hunks of a unified diff of two texts, with three lines of context; empty if they are equal.
package func unifiedDifference(_ old: [UInt8], _ new: [UInt8], context: Int = 3) -> [String] {
  let (before, after) = (lines(of: old), lines(of: new))
  var start = 0
  while start < min(before.count, after.count), before[start] == after[start] { start += 1 }
  var end = 0
  while end < min(before.count, after.count) - start, before[before.count - 1 - end] == after[after.count - 1 - end] {
    end += 1
  }
  let (first, second) = (before[start..<before.count - end], after[start..<after.count - end])
  if first.isEmpty && second.isEmpty { return [] }
  var (removed, inserted): (Set<Int>, Set<Int>) = ([], [])
  // Where nearly all is other, finding the least difference takes too long and says nothing.
  if first.count > 4000, second.count > 4000 {
    (removed, inserted) = (Set(first.indices), Set(second.indices))
  } else {
    for change in Array(second).difference(from: Array(first)) {
      switch change {
      case .remove(let offset, _, _): removed.insert(start + offset)
      case .insert(let offset, _, _): inserted.insert(start + offset)
      }
    }
  }
  return hunks(edits(before, after, removed, inserted), context)
}

private struct Edit {
  var sign: Character
  var text: String
  /// The numbers of the line on both sides, counted from 0; that of the next line where it is on the other side only.
  var old: Int
  var new: Int
}

private func edits(_ before: [String], _ after: [String], _ removed: Set<Int>, _ inserted: Set<Int>) -> [Edit] {
  var result: [Edit] = []
  var (old, new) = (0, 0)
  while old < before.count || new < after.count {
    if old < before.count, removed.contains(old) {
      result.append(Edit(sign: "-", text: before[old], old: old, new: new))
      old += 1
    } else if new < after.count, inserted.contains(new) {
      result.append(Edit(sign: "+", text: after[new], old: old, new: new))
      new += 1
    } else {
      result.append(Edit(sign: " ", text: before[old], old: old, new: new))
      old += 1
      new += 1
    }
  }
  return result
}

private func hunks(_ edits: [Edit], _ context: Int) -> [String] {
  let changed = edits.indices.filter { edits[$0].sign != " " }
  var result: [String] = []
  var next = 0
  while next < changed.count {
    let start = max(0, changed[next] - context)
    var last = changed[next]
    while next + 1 < changed.count, changed[next + 1] - last <= 2 * context {
      next += 1
      last = changed[next]
    }
    next += 1
    let hunk = edits[start...min(edits.count - 1, last + context)]
    let (old, new) = (hunk.count { $0.sign != "+" }, hunk.count { $0.sign != "-" })
    let places = (hunk.first?.old ?? 0, hunk.first?.new ?? 0)
    result.append("@@ -\(span(places.0, old)) +\(span(places.1, new)) @@")
    result += hunk.map { "\($0.sign)\($0.text)" }
  }
  return result
}

/// As diff(1) writes it: the first line and how many; an empty one names the line before.
private func span(_ start: Int, _ count: Int) -> String {
  count == 1 ? "\(start + 1)" : count == 0 ? "\(start),0" : "\(start + 1),\(count)"
}

private func lines(of bytes: [UInt8]) -> [String] {
  var parts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  if parts.last?.isEmpty == true { parts.removeLast() }
  return parts.map { String(decoding: $0, as: UTF8.self) }
}
