import Difference

/// The report for a terminal or a log.
func printText(_ report: DifferenceReport, colored: Bool) -> String {
  let paint = Paint(isOn: colored)
  var text = paint.bold(report.plan) + "\n"
  for line in report.summary { text += (line.isLoud ? paint.loud(line.text) : line.text) + "\n" }
  for note in report.notes { text += "note: \(note)\n" }
  for section in report.sections {
    text += "\n" + (section.isLoud ? paint.loud(section.title) : paint.bold(section.title)) + "\n"
    for item in section.items {
      let title = "  \(section.isLoud ? "!" : item.mark.sign) \(item.title)"
      text += (section.isLoud ? paint.loud(title) : paint.mark(item.mark, title)) + "\n"
      for line in item.lines {
        let sign = line.mark.map { "\($0.sign) " } ?? ""
        let shown = "      \(sign)\(line.text)"
        text += (line.mark.map { paint.mark($0, shown) } ?? shown) + "\n"
      }
      if item.left > 0 { text += "      and \(item.left) more; --all tells them\n" }
    }
  }
  return text
}

/// Colours of a terminal (ECMA-48, SGR).
struct Paint {
  var isOn: Bool

  func bold(_ text: String) -> String { paint("1", text) }
  /// What nobody may overlook.
  func loud(_ text: String) -> String { paint("1;31", text) }

  func mark(_ mark: ChangeMark, _ text: String) -> String {
    switch mark {
    case .removed: paint("31", text)
    case .changed: paint("33", text)
    case .added: paint("32", text)
    }
  }

  private func paint(_ code: String, _ text: String) -> String { isOn ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }
}
