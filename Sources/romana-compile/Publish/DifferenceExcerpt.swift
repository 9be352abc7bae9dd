/// How many lines of each side an excerpt shows, and how many equal ones before them.
private let shownLines = 4
private let contextLines = 2
/// Longer lines are cut, in characters.
private let shownWidth = 160

/// The first place where two texts differ, like a hunk of a unified diff: `-` what was found, `+` what was compiled.
/// - Parameter firstLine: The number of the first line, counted from 1.
/// - Returns: Nothing if the texts are equal.
func differenceExcerpt(found: [UInt8], compiled: [UInt8], firstLine: Int = 1) -> [String] {
  let (old, new) = (lines(of: found), lines(of: compiled))
  var start = 0
  while start < min(old.count, new.count), old[start] == new[start] { start += 1 }
  if start == old.count && start == new.count { return [] }
  let ends = firstHunk(old[start...], new[start...])
  var result = ["@@ line \(firstLine + start) @@"]
  for line in old[max(0, start - contextLines)..<start] { result.append(" " + shown(line)) }
  result += side("-", old[start..<ends.old])
  result += side("+", new[start..<ends.new])
  return result
}

/// Where the texts meet again: the nearest pair of equal lines, within a bound; else their ends.
private func firstHunk(_ old: ArraySlice<ArraySlice<UInt8>>, _ new: ArraySlice<ArraySlice<UInt8>>) -> (
  old: Int, new: Int
) {
  for distance in 1..<64 {
    for skippedOld in 0...distance {
      let (left, right) = (old.startIndex + skippedOld, new.startIndex + distance - skippedOld)
      if left < old.endIndex, right < new.endIndex, old[left] == new[right] { return (left, right) }
    }
  }
  return (old.endIndex, new.endIndex)
}

private func side(_ sign: String, _ lines: ArraySlice<ArraySlice<UInt8>>) -> [String] {
  var result = lines.prefix(shownLines).map { sign + shown($0) }
  if lines.count > shownLines { result.append("\(sign) … \(lines.count - shownLines) more") }
  return result
}

/// The lines without their newlines; a last line without one is marked, so that it differs from one that has it.
private func lines(of text: [UInt8]) -> [ArraySlice<UInt8>] {
  var result = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  let last = result.removeLast()
  if !last.isEmpty { result.append(last + Array(" (no newline at the end)".utf8)) }
  return result
}

private func shown(_ line: ArraySlice<UInt8>) -> String {
  let text = printable(String(decoding: line, as: UTF8.self))
  return text.count > shownWidth ? "\(text.prefix(shownWidth))…" : text
}
