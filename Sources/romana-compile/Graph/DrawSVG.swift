import TopologyModel

/// The fabric as a picture (SVG 1.1): what stands where is decided by the layout, names and addresses of each device are its tip.
///
/// - Parameter linksDevices: whether devices lead to places called `d-NAME` of the page that the picture is on.
func drawSVG(_ topology: Topology, linksDevices: Bool = false) -> String {
  let layout = PictureLayout(topology)
  let summary = [
    counted(topology.regions.count, "region"), counted(topology.racks.count, "rack"),
    counted(topology.hosts.count, "host"),
  ].joined(separator: ", ")
  var text = """
    <svg xmlns="http://www.w3.org/2000/svg" width="\(layout.width)" height="\(layout.height)" \
    viewBox="0 0 \(layout.width) \(layout.height)" role="\(linksDevices ? "group" : "img")" aria-label="\(xml("fabric \(topology.fabric): \(summary)"))">
    <style>
    \(styleSheet)
    </style>
    <rect class="page" width="\(layout.width)" height="\(layout.height)"/>
    <text class="title" x="\(PictureLayout.margin)" y="28">\(xml(topology.fabric.text))</text>
    <text class="note" x="\(PictureLayout.margin)" y="46">\(summary)</text>

    """
  text += legend(topology)
  for region in layout.regions { text += draw(region, linksDevices) }
  return text + "</svg>\n"
}

private func draw(_ region: PictureLayout.RegionBox, _ links: Bool) -> String {
  var text = "<g>\n" + rectangle(region.box, "region")
  text += label(region.title, "name", region.box.x + 12, region.box.y + 19)
  for (cell, device) in region.upstreams { text += line(cell.box.center, cell.box.bottom, device.center, device.y) }
  if let bus = region.bus {
    for spine in region.spines { text += line(spine.box.center, spine.box.bottom, spine.box.center, bus.y) }
    text += line(bus.x, bus.y, bus.x + bus.width, bus.y, "bus")
    text += draw(waysTo: region.racks, from: bus)
  }
  for rack in region.racks { text += draw(rack, links) }
  for (cell, _) in region.upstreams { text += draw(cell) }
  for spine in region.spines { text += draw(spine, links) }
  return text + "</g>\n"
}

/// From the line of all links down to each ToR, or to the segment of a rack without one; further rows hang on a line at the left.
private func draw(waysTo racks: [PictureLayout.RackBox], from bus: PictureLayout.Box) -> String {
  var text = ""
  let rows = Dictionary(grouping: racks) { $0.box.y }.sorted { $0.key < $1.key }
  for (number, (top, row)) in rows.enumerated() {
    let start = number == 0 ? bus.y : top - 13
    if number > 0 {
      let right = row.map(\.box.center).max() ?? bus.x
      text += line(bus.x - 6, bus.y, bus.x - 6, start, "bus") + line(bus.x - 6, start, right, start, "bus")
    }
    for rack in row where rack.isConnected {
      let ends = rack.tors.isEmpty ? [(rack.box.center, rack.box.y)] : rack.tors.map { ($0.box.center, $0.box.y) }
      for (x, y) in ends { text += line(x, start, x, y) }
    }
  }
  if rows.count > 1 { text += line(bus.x - 6, bus.y, bus.x, bus.y, "bus") }
  return text
}

private func draw(_ rack: PictureLayout.RackBox, _ links: Bool) -> String {
  var text = "<g>\n" + rectangle(rack.box, rack.isSegment ? "rack segment" : "rack", tip: rack.tip)
  text += label(rack.title, "rackname", rack.box.x + 8, rack.box.y + 15)
  for (left, right) in zip(rack.tors, rack.tors.dropFirst()) {
    let y = left.box.y + left.box.height / 2
    text += line(left.box.x + left.box.width, y, right.box.x, y)
  }
  for cell in rack.tors + rack.hosts { text += draw(cell, links) }
  return text + "</g>\n"
}

private func draw(_ cell: PictureLayout.Cell, _ links: Bool = false) -> String {
  var text = rectangle(cell.box, cell.style, tip: cell.tip)
  if !cell.label.isEmpty {
    text += label(shortened(cell.label), "cell", cell.box.center, cell.box.y + cell.box.height / 2 + 4)
  }
  return links ? "<a href=\"#d-\(xml(cell.name))\">\n\(text)</a>\n" : text
}

/// Names that are too long for a cell of 88 pixels lose their middle: what tells hosts apart stands at the end.
private func shortened(_ name: String) -> String {
  name.count <= 14 ? name : "\(name.prefix(5))…\(name.suffix(8))"
}

private func rectangle(_ box: PictureLayout.Box, _ style: String, tip: String? = nil) -> String {
  let start = "<rect class=\"\(style)\" x=\"\(box.x)\" y=\"\(box.y)\" width=\"\(box.width)\" height=\"\(box.height)\""
  return tip.map { "\(start)><title>\(xml($0))</title></rect>\n" } ?? "\(start)/>\n"
}

private func line(_ x: Int, _ y: Int, _ toX: Int, _ toY: Int, _ style: String = "link") -> String {
  "<path class=\"\(style)\" d=\"M\(x) \(y)L\(toX) \(toY)\"/>\n"
}

private func label(_ text: String, _ style: String, _ x: Int, _ y: Int) -> String {
  "<text class=\"\(style)\" x=\"\(x)\" y=\"\(y)\">\(xml(text))</text>\n"
}

/// The colors of what hosts run, for those that the fabric has.
private func legend(_ topology: Topology) -> String {
  let speakers = Speaker.allCases.filter { speaker in topology.hosts.contains { $0.settings.speaker == speaker } }
  var entries = speakers.map { (style: "host \($0.rawValue)", name: $0 == .none ? "no daemon" : $0.rawValue) }
  if topology.hosts.contains(where: \.isDrained) { entries.append(("host drained", "drained")) }
  var text = ""
  var x = PictureLayout.margin
  for entry in entries {
    let box = PictureLayout.Box(x: x, y: 58, width: 12, height: 12)
    text += rectangle(box, entry.style) + label(entry.name, "note", x + 18, 68)
    x += 92
  }
  return text
}

/// Light, or dark where the reader's system is.
private let styleSheet = """
  svg{--page:#fff;--ink:#1b1f24;--soft:#57606a;--line:#8c959f;--region:#f6f8fa;--rack:#fff;--edge:#d0d7de;\
  --bird:#9ecbff;--bird1:#c8e1ff;--exabgp:#ffdf5d;--frr:#85e89d;--quagga:#bef5cb;--none:#e1e4e8;--tor:#dfe3e8;--spine:#c9d1d9;\
  font:11px system-ui,sans-serif}
  @media(prefers-color-scheme:dark){svg{--page:#0d1117;--ink:#e6edf3;--soft:#9198a1;--line:#6e7681;--region:#151b23;--rack:#0d1117;\
  --edge:#3d444d;--bird:#1f4f86;--bird1:#2d6ab0;--exabgp:#7d5f00;--frr:#176f2c;--quagga:#2c8a46;--none:#3d444d;--tor:#30363d;\
  --spine:#444c56}}
  .page{fill:var(--page)}text{fill:var(--ink)}.title{font-size:18px;font-weight:600}.note{fill:var(--soft)}\
  .name{font-size:13px;font-weight:600}.rackname{font-weight:600}.cell{font-size:10px;text-anchor:middle}
  .region{fill:var(--region);stroke:var(--edge);rx:6px}.rack{fill:var(--rack);stroke:var(--edge);rx:4px}.segment{stroke-dasharray:4 3}\
  .tor{fill:var(--tor);rx:3px}.spine{fill:var(--spine);rx:3px}.upstream{fill:none;stroke:var(--line);stroke-dasharray:3 2;rx:3px}
  .host{rx:2px;stroke:none}.bird{fill:var(--bird)}.bird1{fill:var(--bird1)}.exabgp{fill:var(--exabgp)}.frr{fill:var(--frr)}\
  .quagga{fill:var(--quagga)}.none{fill:var(--none)}.drained{fill:none;stroke:var(--line);stroke-dasharray:2 2}
  .link{stroke:var(--line);fill:none}.bus{stroke:var(--line);stroke-width:3;fill:none}
  """
