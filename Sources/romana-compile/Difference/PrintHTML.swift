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
    <p class="title">\(xml(title))</p>
    <ul class="summary">

    """
  for line in report.summary {
    text += "<li\(line.isLoud ? " class=\"loud\"" : "")>\(xml(line.text))</li>\n"
  }
  for note in report.notes { text += "<li>note: \(xml(note))</li>\n" }
  text += "</ul>\n" + picture(difference, old, new)
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
  :root { --back: #fff; --ink: #1b1f24; --faint: #d0d7de; --removed: #b42318; --changed: #8a5a00; --added: #116329; }
  @media (prefers-color-scheme: dark) {
    :root { --back: #0d1117; --ink: #e6edf3; --faint: #3d444d; --removed: #ff7b72; --changed: #e3b341; --added: #56d364; }
  }
  body { background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; border-bottom: 1px solid var(--faint); margin-top: 2rem; }
  code, pre { font: 13px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
  pre { margin: .3rem 0 .6rem 1.2rem; } p { margin: .3rem 0; } summary { cursor: pointer; }
  .removed { color: var(--removed); } .changed { color: var(--changed); } .added { color: var(--added); }
  .loud { color: var(--removed); font-weight: 700; }
  svg { max-width: 100%; height: auto; } svg text { fill: var(--ink); font: 11px ui-monospace, monospace; }
  svg .box { fill: none; stroke: var(--faint); } svg .kept { fill: var(--faint); }
  svg .removed { fill: var(--removed); } svg .changed { fill: var(--changed); } svg .added { fill: var(--added); }
  """

/// Racks as boxes with a row of switches and a grid of hosts; a cell has the colour of what becomes of the device.
private func picture(_ difference: NetworkDifference, _ old: Topology, _ new: Topology) -> String {
  var marks: [String: ChangeMark] = [:]
  for group in difference.groups {
    for device in group.devices { marks[device.name.text] = group.mark }
  }
  var racks: [(title: String, switches: [String], hosts: [String])] = []
  func add(_ title: String, _ switches: [String], _ hosts: [String]) {
    guard let index = racks.firstIndex(where: { $0.title == title }) else {
      racks.append((title, switches, hosts))
      return
    }
    racks[index].switches += switches.filter { !racks[index].switches.contains($0) }
    let known = Set(racks[index].hosts)
    racks[index].hosts += hosts.filter { !known.contains($0) }
  }
  let present = Set(new.hosts.map(\.name.text))
  for (topology, isOld) in [(new, false), (old, true)] {
    for region in topology.regions { add("\(region.name)", region.spines.map(\.name.text), []) }
    for rack in topology.racks {
      // A host that is in another rack now is drawn there.
      let hosts = topology.hosts[rack.hosts].map(\.name.text).filter { !isOld || !present.contains($0) }
      add("\(topology.regions[rack.region].name)/\(rack.name)", rack.tors.map(\.name.text), hosts)
    }
  }
  let (cell, columns, gap) = (12, 16, 14)
  let width = columns * cell + gap
  let perRow = 4
  var (x, y, rowHeight) = (0, 0, 0)
  var shapes = ""
  for (index, rack) in racks.enumerated() {
    if index > 0, index % perRow == 0 { (x, y, rowHeight) = (0, y + rowHeight + gap, 0) }
    let rows = (rack.switches.isEmpty ? 0 : 1) + (rack.hosts.count + columns - 1) / columns
    let height = 22 + max(1, rows) * cell
    shapes += "<rect class=\"box\" x=\"\(x)\" y=\"\(y)\" width=\"\(width - 4)\" height=\"\(height)\" rx=\"3\"/>\n"
    shapes += "<text x=\"\(x + 5)\" y=\"\(y + 13)\">\(xml(rack.title))</text>\n"
    var line = 0
    func draw(_ names: [String], isSwitch: Bool) {
      for (position, name) in names.enumerated() {
        let (column, row) = (position % columns, position / columns + line)
        let style = marks[name]?.word ?? "kept"
        let left = x + 5 + column * cell
        let top = y + 18 + row * cell
        shapes +=
          "<rect class=\"\(style)\" x=\"\(left)\" y=\"\(top)\" width=\"9\" height=\"9\" rx=\"\(isSwitch ? 4 : 1)\">"
        shapes += "<title>\(xml(name)): \(marks[name]?.word ?? "as it is")</title></rect>\n"
      }
      line += (names.count + columns - 1) / columns
    }
    draw(rack.switches, isSwitch: true)
    draw(rack.hosts, isSwitch: false)
    x += width
    rowHeight = max(rowHeight, height)
  }
  let size = (min(racks.count, perRow) * width, y + rowHeight + 2)
  return """
    <svg role="img" aria-label="Racks and their devices, those of the change in colour" viewBox="-1 -1 \(size.0) \(size.1)" width="\(size.0)" height="\(size.1)">
    \(shapes)</svg>

    """
}
