import TopologyModel

/// What came of testing a lab.
package struct LabReport: Sendable {
  package var identity: LabIdentity
  package var fabric: Name
  package var devices: Int
  /// Devices whose system can't run here and is played by Linux, e.g. "tor1 (eos)".
  package var playedByLinux: [String]
  package var links: Int
  package var endpoints: Int
  /// How many devices the topology has in all; more than `devices` in a sample.
  package var devicesOfTopology: Int
  package var results: [ScenarioResult]
  /// In all, in seconds.
  package var seconds: Double

  package var hasPassed: Bool { !results.contains { $0.verdict == .failed } }

  /// The most findings of a scenario that the table shows.
  private var mostFindings: Int { 12 }

  /// A table for people: what, how long, whether it went as planned; below a failure what was wrong.
  package func table() -> String {
    let rows = results.map { result in
      [
        result.name, result.backend?.rawValue ?? "", word(result.verdict),
        result.seconds.map(formatSeconds) ?? "", result.note,
      ]
    }
    let header = ["SCENARIO", "RULES", "RESULT", "TIME", "NOTE"]
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      var text = ""
      for (cell, width) in zip(cells.dropLast(), widths) {
        text += cell + String(repeating: " ", count: width - cell.count + 2)
      }
      text += cells.last ?? ""
      while text.hasSuffix(" ") { text.removeLast() }
      return text + "\n"
    }
    var text = line(header)
    for (row, result) in zip(rows, results) {
      text += line(row)
      for finding in result.findings.prefix(mostFindings) { text += "    \(finding)\n" }
      if result.findings.count > mostFindings { text += "    and \(result.findings.count - mostFindings) more\n" }
    }
    return text + summary
  }

  private var summary: String {
    let failed = results.count { $0.verdict == .failed }
    let leftOut = results.count { $0.verdict == .leftOut }
    var text = "\(fabric): \(results.count - failed - leftOut) as planned, \(failed) not"
    if leftOut > 0 { text += ", \(leftOut) do not apply" }
    text += "; \(devices) devices"
    if devicesOfTopology > devices { text += " of \(devicesOfTopology)" }
    text += ", \(endpoints) endpoints, \(formatSeconds(seconds))\n"
    if !playedByLinux.isEmpty { text += "played by Linux: \(playedByLinux.joined(separator: ", "))\n" }
    return text
  }

  private func word(_ verdict: ScenarioResult.Verdict) -> String {
    switch verdict {
    case .passed: "ok"
    case .failed: "FAILED"
    case .leftOut: "-"
    }
  }

  /// The same as JSON (RFC 8259), with all findings.
  package func json() -> String {
    let scenarios = results.map { result in
      let fields = [
        "\"name\": \(quote(result.name))", "\"rules\": \(result.backend.map { quote($0.rawValue) } ?? "null")",
        "\"result\": \(quote(jsonWord(result.verdict)))",
        "\"seconds\": \(result.seconds.map(milliseconds) ?? "null")", "\"note\": \(quote(result.note))",
        "\"findings\": [\(result.findings.map(quote).joined(separator: ", "))]",
      ]
      return "    { \(fields.joined(separator: ", ")) }"
    }
    return """
      {
        "lab": \(quote(identity.text)),
        "fabric": \(quote(fabric.text)),
        "passed": \(hasPassed),
        "devices": \(devices),
        "playedByLinux": [\(playedByLinux.map(quote).joined(separator: ", "))],
        "devicesOfTopology": \(devicesOfTopology),
        "links": \(links),
        "endpoints": \(endpoints),
        "seconds": \(milliseconds(seconds)),
        "scenarios": [
      \(scenarios.joined(separator: ",\n"))
        ]
      }

      """
  }

  private func jsonWord(_ verdict: ScenarioResult.Verdict) -> String {
    switch verdict {
    case .passed: "passed"
    case .failed: "failed"
    case .leftOut: "not applicable"
    }
  }
}

/// Seconds with three decimals.
private func milliseconds(_ seconds: Double) -> String {
  let count = Int((seconds * 1000).rounded())
  let fraction = String(count % 1000)
  return "\(count / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
}

/// A JSON string (RFC 8259 section 7).
package func quote(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case let control where control.value < 0x20:
      let digits = String(control.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
