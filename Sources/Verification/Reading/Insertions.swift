import TopologyModel

/// A comment line before or behind a local addition: `# romana-compile insertion begin: POINT from FILE`.
struct InsertionMark {
  var isBegin: Bool
  /// `POINT from FILE`.
  var title: Substring

  init?(_ line: Substring) {
    guard line.utf8.first == UInt8(ascii: "#") || line.utf8.first == UInt8(ascii: "!") else { return nil }
    for comment in ["#", "!"] {
      for (word, isBegin) in [("begin", true), ("end", false)] {
        let start = "\(comment) romana-compile insertion \(word): "
        if line.hasPrefix(start) {
          (self.isBegin, title) = (isBegin, line.dropFirst(start.count))
          return
        }
      }
    }
    return nil
  }
}

/// A local addition as it stands in a file.
private struct ReadInsertion {
  var title: Substring
  /// Of the first mark.
  var line: Int
  /// The line before the first mark that is no part of an addition.
  var before: Substring
  var text: String = ""
}

/// Finds the local additions of a plan in a file, each with its text unchanged, as often as it has its point, and in the
/// order of the topology. What they mean nobody can check.
func checkInsertions(
  _ bytes: [UInt8], _ kind: ArtifactKind, _ device: DevicePlan
) throws(ParseFailure) -> [Finding] {
  let found = readInsertions(bytes)
  guard let file = InsertionFile.allCases.first(where: { $0.kind == kind }) else {
    return found.map { Finding("a local addition in a file that has no points: \($0.title)", line: $0.line) }
  }
  var findings: [Finding] = []
  var rest = found
  for place in file.places {
    let point = InsertionPoint(file, place)
    let count = place == .importFilter || place == .exportFilter ? device.sessionCount(of: file) : 1
    let wanted = device.insertions(file, place)
    let here = rest.filter { $0.title.hasPrefix("\(point.name) from ") }
    rest.removeAll { $0.title.hasPrefix("\(point.name) from ") }
    let expected = (0..<count).flatMap { _ in wanted.map { "\(point.name) from \($0.path)" } }
    findings += compareLists(
      expected: expected, found: here.map { (value: String($0.title), line: $0.line) }, "local addition")
    for addition in here {
      let text = wanted.first { addition.title == "\(point.name) from \($0.path)" }
        .map { String(decoding: $0.text.bytes, as: UTF8.self) }
      if let text, text != addition.text {
        findings.append(Finding("the local addition \(addition.title) is not its file", line: addition.line))
      }
      let opening = place == .importFilter ? "import filter {" : place == .exportFilter ? "export filter {" : nil
      if let opening, addition.before.drop(while: { $0 == " " }) != opening {
        findings.append(Finding("the local addition \(addition.title) is not in its filter", line: addition.line))
      }
    }
  }
  return findings + rest.map { Finding("a local addition that the plan does not have: \($0.title)", line: $0.line) }
}

private func readInsertions(_ bytes: [UInt8]) -> [ReadInsertion] {
  var found: [ReadInsertion] = []
  var (before, isInside): (Substring, Bool) = ("", false)
  let lines = Substring(decoding: bytes, as: UTF8.self).split(
    omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" })
  for (number, line) in zip(1..., lines) {
    if let mark = InsertionMark(line) {
      isInside = mark.isBegin
      if isInside { found.append(ReadInsertion(title: mark.title, line: number, before: before)) }
    } else if isInside {
      found[found.count - 1].text += line + "\n"
    } else {
      before = line
    }
  }
  return found
}
