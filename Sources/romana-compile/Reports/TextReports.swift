import TopologyModel

/// A workflow command (GitHub documentation, "Workflow commands for GitHub Actions", setting an error message).
func githubCommand(_ message: ReportedDiagnostic) -> String {
  var properties = ["title=\(escapedProperty(message.code.text))"]
  if let place = message.place {
    properties =
      [
        "file=\(escapedProperty(place.file))", "line=\(place.line)", "endLine=\(place.endLine)", "col=\(place.column)",
        "endColumn=\(place.endColumn)",
      ] + properties
  }
  return "::\(message.severity.name) \(properties.joined(separator: ","))::\(escapedData(message.paragraph))\n"
}

/// What ends a command or begins an escape is written as one.
private func escapedData(_ text: String) -> String { escaped(text, ["%", "\r", "\n"]) }
private func escapedProperty(_ text: String) -> String { escaped(text, ["%", "\r", "\n", ":", ","]) }

private func escaped(_ text: String, _ special: Set<Unicode.Scalar>) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    if special.contains(scalar) {
      let digits = String(scalar.value, radix: 16, uppercase: true)
      result += "%" + (digits.count < 2 ? "0" : "") + digits
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// A test case a message: errors fail, warnings pass with their text; without errors one case more passes.
func junitReport(_ messages: [ReportedDiagnostic], topology: String) -> String {
  let errors = messages.count { $0.severity == .error }
  var cases = messages.map(junitCase)
  if errors == 0 { cases.append("    <testcase classname=\"\(xml(topology))\" name=\"compiles\"/>\n") }
  let counts = "tests=\"\(cases.count)\" failures=\"\(errors)\" errors=\"0\""
  return """
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="romana-compile" \(counts)>
      <testsuite name="\(xml(topology))" \(counts) skipped="0">
    \(cases.joined())  </testsuite>
    </testsuites>

    """

  func junitCase(_ message: ReportedDiagnostic) -> String {
    let place = message.place.map { " at \($0.line):\($0.column)" } ?? ""
    let head =
      "    <testcase classname=\"\(xml(message.place?.file ?? topology))\" name=\"\(message.code.text)\(place)\">\n"
    let body =
      message.severity == .error
      ? "      <failure type=\"\(message.code.text)\" message=\"\(xml(message.message))\">\(xml(message.paragraph))</failure>\n"
      : "      <system-out>\(xml("warning: \(message.paragraph)"))</system-out>\n"
    return head + body + "    </testcase>\n"
  }
}

/// Text for XML 1.0: what it does not allow at all (section 2.2) is replaced.
func xml(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "\n": result += "&#10;"
    case "\t": result += "&#9;"
    case "\u{0}"..."\u{1f}", "\u{fffe}", "\u{ffff}": result += "\u{fffd}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
