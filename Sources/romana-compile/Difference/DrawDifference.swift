import Difference
import TopologyModel

/// The racks of a change as boxes, each with a row of switches and a grid of hosts; a cell has the colour of what becomes of the
/// device. Racks without such a device are counted, not drawn, and of many the later ones are folded up. Empty if there is none.
func drawDifference(_ difference: NetworkDifference, _ old: Topology, _ new: Topology) -> String {
  var marks: [String: ChangeMark] = [:]
  for group in difference.groups {
    for device in group.devices { marks[device.name.text] = group.mark }
  }
  let boxes = listBoxes(old, new)
  let touched = boxes.filter { box in (box.switches + box.hosts).contains { marks[$0] != nil } }
  if touched.isEmpty { return "" }
  var text = legend + drawing(touched.prefix(mostDrawn), marks)
  if touched.count > mostDrawn {
    let rest = "\(counted(touched.count - mostDrawn, "more place")) with a device of the change"
    text += "<details><summary>\(rest)</summary>\n\(drawing(touched.dropFirst(mostDrawn), marks))</details>\n"
  }
  let others = boxes.count - touched.count
  if others > 0 { text += "<p class=\"faint\">\(counted(others, "place")) as before: not drawn.</p>\n" }
  return text
}

/// As many boxes are drawn at once.
private let mostDrawn = 40

private let legend = """
  <p class="faint"><span class="removed">■</span> removed <span class="changed">■</span> changed \
  <span class="added">■</span> added <span class="kept">■</span> as it is; switches are round.</p>

  """

/// A rack, or the spines of a region.
private struct PlaceBox {
  var title: String
  var switches: [String]
  var hosts: [String]
}

/// Those of the newer side, then what only the older one has. A host that is in another rack now is drawn there.
private func listBoxes(_ old: Topology, _ new: Topology) -> [PlaceBox] {
  var boxes: [PlaceBox] = []
  var index: [String: Int] = [:]
  func add(_ title: String, _ switches: [String], _ hosts: [String]) {
    guard let known = index[title] else {
      index[title] = boxes.count
      boxes.append(PlaceBox(title: title, switches: switches, hosts: hosts))
      return
    }
    boxes[known].switches += switches.filter { !boxes[known].switches.contains($0) }
    let present = Set(boxes[known].hosts)
    boxes[known].hosts += hosts.filter { !present.contains($0) }
  }
  let present = Set(new.hosts.map(\.name.text))
  for (topology, isOld) in [(new, false), (old, true)] {
    for region in topology.regions {
      // The router of a VPC has the name of its region.
      let vpc = region.vpc.map { _ in [region.name.text] } ?? []
      add(region.name.text, vpc + region.spines.map(\.name.text), [])
    }
    for (number, rack) in topology.racks.enumerated() {
      let hosts = topology.hosts[rack.hosts].map(\.name.text).filter { !isOld || !present.contains($0) }
      add(topology.path(ofRack: number), rack.tors.map(\.name.text), hosts)
    }
  }
  return boxes
}

/// Five boxes a row, as high as the highest.
private func drawing(_ boxes: ArraySlice<PlaceBox>, _ marks: [String: ChangeMark]) -> String {
  let (width, gap, perRow) = (cell * columns + 10, 12, 5)
  var (x, y, rowHeight) = (0, 0, 0)
  var shapes = ""
  for (position, box) in boxes.enumerated() {
    if position > 0, position % perRow == 0 { (x, y, rowHeight) = (0, y + rowHeight + gap, 0) }
    let switchRows = rows(box.switches)
    let height = 22 + max(1, switchRows + rows(box.hosts)) * cell
    shapes += "<rect class=\"box\" x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\" rx=\"3\"/>\n"
    // A longer name is made narrower.
    let fit = box.title.count > titleLength ? " textLength=\"\(width - 10)\" lengthAdjust=\"spacingAndGlyphs\"" : ""
    shapes += "<text x=\"\(x + 5)\" y=\"\(y + 13)\"\(fit)>\(xml(box.title))</text>\n"
    shapes += cells(box.switches, isSwitch: true, x + 5, y + 18, marks)
    shapes += cells(box.hosts, isSwitch: false, x + 5, y + 18 + switchRows * cell, marks)
    x += width + gap
    rowHeight = max(rowHeight, height)
  }
  let size = (min(boxes.count, perRow) * (width + gap), y + rowHeight + 2)
  return """
    <svg role="img" aria-label="Racks and their devices, those of the change in colour" viewBox="-1 -1 \(size.0) \(size.1)" width="\(size.0)" height="\(size.1)">
    \(shapes)</svg>

    """
}

/// The room that a device takes, in pixels, and how many stand side by side.
private let cell = 12
private let columns = 16
/// How many characters of its name a box has room for.
private let titleLength = 28

private func rows(_ names: [String]) -> Int { (names.count + columns - 1) / columns }

private func cells(
  _ names: [String], isSwitch: Bool, _ left: Int, _ top: Int, _ marks: [String: ChangeMark]
) -> String {
  names.enumerated().map { position, name in
    let (x, y) = (left + position % columns * cell, top + position / columns * cell)
    let word = marks[name]?.word
    return
      "<rect class=\"\(word ?? "kept")\" x=\"\(x)\" y=\"\(y)\" width=\"9\" height=\"9\" rx=\"\(isSwitch ? 4 : 1)\">"
      + "<title>\(xml(name)): \(word ?? "as it is")</title></rect>\n"
  }
  .joined()
}
