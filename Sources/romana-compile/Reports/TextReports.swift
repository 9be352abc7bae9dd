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
private func escapedData(_ text: String) -> String { percentEncoded(text) { "%\r\n".utf8.contains($0) } }
private func escapedProperty(_ text: String) -> String { percentEncoded(text) { "%\r\n:,".utf8.contains($0) } }

/// Bytes that are special become `%` and two upper-case hexadecimal digits (RFC 3986, section 2.1).
func percentEncoded(_ text: String, where isSpecial: (UInt8) -> Bool) -> String {
  var bytes: [UInt8] = []
  for byte in text.utf8 {
    if isSpecial(byte) {
      bytes += "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))".utf8
    } else {
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
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
