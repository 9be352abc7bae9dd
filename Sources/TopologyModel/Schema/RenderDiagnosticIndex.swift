/// The index of all messages in Markdown: a table, then the long form of each.
package func renderDiagnosticIndex() -> String {
  var text = """
    # Index of diagnostics

    Every message has a code that never changes its meaning. `romana-compile explain RC0401` prints the long form that
    stands here too; this page is printed by `romana-compile schema --format diagnostics`, and a test keeps it equal.
    Warnings can be silenced by code, with `--allow RC0506` or `allow: [RC0506]` in the topology; errors can't.

    | code | name | severity | meaning |
    |---|---|---|---|

    """
  for code in DiagnosticCode.allCases {
    text += "| [\(code.text)](#\(anchor(code))) | \(code.slug) | \(code.severity.name) | \(code.summary) |\n"
  }
  var hundred: UInt16 = 0
  for code in DiagnosticCode.allCases {
    if code.rawValue / 100 != hundred {
      hundred = code.rawValue / 100
      text += "\n## \(sectionTitle(hundred))\n"
    }
    text += "\n### \(code.text) \(code.slug)\n\n\(code.explanation)\n"
  }
  return text
}

private func sectionTitle(_ hundred: UInt16) -> String {
  switch hundred {
  case 1: "Reading files"
  case 2: "Keys and values"
  case 3: "Names and ids"
  case 4: "Addresses"
  case 5: "Routing"
  default: "The lock file"
  }
}

private func anchor(_ code: DiagnosticCode) -> String { "\(code.text.lowercased())-\(code.slug)" }
