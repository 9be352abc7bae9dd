/// A text of the user in quotes, as a message shows it: at most `limit` characters on one line, with control
/// characters and those that reorder text on a terminal written as escapes.
package func shown(_ text: some StringProtocol, limit: Int = 60) -> String {
  var result = "'"
  for scalar in text.unicodeScalars.prefix(limit) {
    if isPrintable(scalar) {
      result.unicodeScalars.append(scalar)
    } else {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    }
  }
  if text.unicodeScalars.dropFirst(limit).first != nil { result += "…" }
  return result + "'"
}

/// Whether a character takes a place on a terminal and leaves the others where they are.
func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: false
  default: true
  }
}

/// `1 host`, `2 hosts`; `2 policies` with a plural of its own.
package func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
  "\(count) \(count == 1 ? noun : plural ?? "\(noun)s")"
}

/// `0 to 7`, `0 only`.
func spanned(_ first: Int, _ last: Int) -> String { first >= last ? "\(first) only" : "\(first) to \(last)" }
