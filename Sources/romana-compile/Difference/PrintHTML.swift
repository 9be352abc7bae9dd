import Difference
import TopologyModel

/// One page: no script, nothing that is loaded from elsewhere.
func printHTML(_ difference: NetworkDifference, _ old: Topology, _ new: Topology, title: String) -> String {
  let report = DifferenceReport(difference, most: nil)
  var text = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
    <title>\(xml(title))</title>
    <style>
    \(pageStyle)
    </style>
    </head>
    <body>
    <h1>\(xml(report.plan))</h1>
    <p class="faint">\(xml(title))</p>
    <ul class="summary">

    """
  for line in report.summary {
    text += "<li\(line.isLoud ? " class=\"loud\"" : "")>\(xml(line.text))</li>\n"
  }
  for note in report.notes { text += "<li>note: \(xml(note))</li>\n" }
  text += "</ul>\n" + drawDifference(difference, old, new)
  for section in report.sections {
    text += "<h2\(section.isLoud ? " class=\"loud\"" : "")>\(xml(section.title))</h2>\n"
    for item in section.items { text += block(item, isLoud: section.isLoud) }
  }
  return text + "</body>\n</html>\n"
}

private func block(_ item: DifferenceReport.Item, isLoud: Bool) -> String {
  let style = isLoud ? "loud" : item.mark.word
  let sign = isLoud ? "!" : "\(item.mark.sign)"
  let title = "<code class=\"\(style)\">\(sign) \(xml(item.title))</code>"
  guard !item.lines.isEmpty else { return "<p>\(title)</p>\n" }
  var text = "<details\(item.lines.count <= 12 ? " open=\"\"" : "")><summary>\(title)</summary>\n<pre>"
  for line in item.lines {
    let content = "\(line.mark?.sign ?? " ") \(xml(line.text))"
    text += line.mark.map { "<span class=\"\($0.word)\">\(content)</span>\n" } ?? "\(content)\n"
  }
  return text + "</pre></details>\n"
}

private let pageStyle = """
  :root { --back: #fff; --ink: #1b1f24; --faint: #d0d7de; --soft: #57606a; --removed: #b42318; --changed: #8a5a00; --added: #116329; }
  @media (prefers-color-scheme: dark) {
    :root { --back: #0d1117; --ink: #e6edf3; --faint: #3d444d; --soft: #9198a1; --removed: #ff7b72; --changed: #e3b341; --added: #56d364; }
  }
  body { background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; border-bottom: 1px solid var(--faint); margin-top: 2rem; }
  code, pre { font: 13px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
  pre { margin: .3rem 0 .6rem 1.2rem; } p { margin: .3rem 0; } summary { cursor: pointer; }
  .removed { color: var(--removed); } .changed { color: var(--changed); } .added { color: var(--added); }
  .loud { color: var(--removed); font-weight: 700; } .faint { color: var(--soft); } .kept { color: var(--faint); }
  svg { max-width: 100%; height: auto; } svg text { fill: var(--ink); font: 11px ui-monospace, monospace; }
  svg .box { fill: none; stroke: var(--faint); } svg .kept { fill: var(--faint); }
  svg .removed { fill: var(--removed); } svg .changed { fill: var(--changed); } svg .added { fill: var(--added); }
  """
