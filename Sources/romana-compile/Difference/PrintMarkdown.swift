import Difference
import TopologyModel

/// What a comment on a pull request may hold, in characters (GitHub's limit).
let longestComment = 65_536

/// The report as a comment: device by device if that fits, else rack by rack, else the summary alone.
///
/// - Parameter limit: in bytes of UTF-8, which are never fewer than characters.
func printMarkdown(_ difference: NetworkDifference, limit: Int = longestComment) -> String {
  let full = markdown(DifferenceReport(difference, most: 40), "")
  if full.utf8.count <= limit { return full }
  let short = markdown(
    DifferenceReport(difference, most: 4), "Too long for a comment: four lines of each device. `diff` tells all.")
  if short.utf8.count <= limit { return short }
  let racks = markdown(rackReport(difference), "Too long for a comment: told by rack. `diff` tells all.")
  if racks.utf8.count <= limit { return racks }
  return summary(difference, limit)
}

private func markdown(_ report: DifferenceReport, _ note: String) -> String {
  var text = head(report)
  if !note.isEmpty { text += "\n_\(note)_\n" }
  for section in report.sections {
    text += "\n### \(section.isLoud ? ":warning: " : "")\(escaped(section.title))\n\n"
    for item in section.items {
      let title = "\(section.isLoud ? "!" : item.mark.sign) \(item.title)"
      if item.lines.isEmpty {
        text += "- \(code(title))\n"
        continue
      }
      var lines = item.lines.map { line in "\(line.mark?.sign ?? " ") \(line.text)" }
      if item.left > 0 { lines.append("  and \(item.left) more") }
      let fence = fence(lines)
      text += "<details><summary>\(xml(title))</summary>\n\n\(fence)diff\n"
      text += lines.joined(separator: "\n") + "\n\(fence)\n</details>\n"
    }
  }
  return text
}

private func head(_ report: DifferenceReport) -> String {
  var text = "## \(escaped(report.plan))\n\n"
  for line in report.summary {
    text += line.isLoud ? "- :warning: **\(escaped(line.text))**\n" : "- \(escaped(line.text))\n"
  }
  for note in report.notes { text += "- note: \(escaped(note))\n" }
  return text
}

/// The devices of each rack by their number.
private func rackReport(_ difference: NetworkDifference) -> DifferenceReport {
  var report = DifferenceReport(difference, most: 4)
  struct Key: Hashable, Comparable {
    var place: String
    var mark: ChangeMark
    var role: String

    static func < (left: Key, right: Key) -> Bool {
      (left.place, left.mark, left.role) < (right.place, right.mark, right.role)
    }
  }
  var counts: [Key: Int] = [:]
  for group in difference.groups {
    for device in group.devices {
      counts[Key(place: device.path, mark: group.mark, role: "\(device.role.title)"), default: 0] += 1
    }
  }
  let items = counts.sorted { $0.key < $1.key }.map { key, count in
    DifferenceReport.Item(
      mark: key.mark, title: "\(key.place): \(counted(count, key.role)) \(key.mark.word)")
  }
  report.sections.removeAll { $0.kind == .devices || $0.kind == .sharedRules }
  report.sections.append(DifferenceReport.Section(.racks, title: "By rack", items: items))
  return report
}

/// Section by section, as much of each as there is room for.
private func summary(_ difference: NetworkDifference, _ limit: Int) -> String {
  let report = rackReport(difference)
  var text = head(report) + "\n_Too long for a comment: the beginning of each part. `diff` tells all._\n"
  let share = (limit - text.utf8.count) / max(1, report.sections.count) - 200
  for section in report.sections {
    text += "\n### \(section.isLoud ? ":warning: " : "")\(escaped(section.title))\n\n"
    var used = 0
    for (index, item) in section.items.enumerated() {
      let line = "- \(code("\(item.mark.sign) \(item.title)"))\n"
      used += line.utf8.count
      if used > share {
        text += "- and \(section.items.count - index) more\n"
        break
      }
      text += line
    }
  }
  return text
}

/// A span of code, whatever the text holds (CommonMark 6.1).
private func code(_ text: String) -> String {
  let ticks = String(repeating: "`", count: longestRun("`", text) + 1)
  return text.contains("`") ? "\(ticks) \(text) \(ticks)" : "\(ticks)\(text)\(ticks)"
}

private func fence(_ lines: [String]) -> String {
  String(repeating: "`", count: max(3, (lines.map { longestRun("`", $0) }.max() ?? 0) + 1))
}

private func longestRun(_ character: Character, _ text: String) -> Int {
  var (longest, run) = (0, 0)
  for one in text {
    run = one == character ? run + 1 : 0
    longest = max(longest, run)
  }
  return longest
}

/// What Markdown would take for markup.
private func escaped(_ text: String) -> String {
  text.reduce(into: "") { result, character in
    if "\\`*_{}[]<>#|~".contains(character) { result.append("\\") }
    result.append(character)
  }
}
