import TopologyModel

/// A row of `static-routes.txt`.
struct TableRow: Hashable, CustomStringConvertible {
  var prefix: Prefix
  /// `via`, `discard` or `direct`.
  var type: String
  var hop: Address?
  /// The neighbour of `via`, the interface of `direct`.
  var device: String?

  var description: String { "\(prefix) \(type) \(hop.map { "\($0)" } ?? "-") \(device ?? "-")" }
}

/// Reads the neutral table: columns by any number of spaces, a line of titles first, a purpose of one word or more last.
func parseStaticTable(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> [(value: TableRow, line: Int)] {
  let file = try TextFile(bytes, comment: "#", of: device)
  let titles = ["#", "PREFIX", "TYPE", "NEXT-HOP", "DEVICE", "PURPOSE"]
  guard let first = file.lines.first, first.text.split(separator: " ").elementsEqual(titles, by: { $0 == $1 }) else {
    throw ParseFailure("the line of titles is missing", line: 2)
  }
  var rows: [(value: TableRow, line: Int)] = []
  for line in file.lines.dropFirst() {
    let cells = line.text.split(separator: " ")
    guard cells.count >= 5, let prefix = readPrefix(cells[0]), ["via", "discard", "direct"].contains(cells[1]) else {
      throw ParseFailure("not a row of the table", line: line.number)
    }
    let hop = readAddress(cells[2])
    let type = String(cells[1])
    guard (hop != nil) == (type == "via"), hop != nil || cells[2] == "-", (cells[3] == "-") == (type == "discard"),
      hop == nil || hop?.family == prefix.family
    else { throw ParseFailure("the next hop does not go with '\(type)'", line: line.number) }
    rows.append(
      (TableRow(prefix: prefix, type: type, hop: hop, device: cells[3] == "-" ? nil : String(cells[3])), line.number))
  }
  return rows
}

func checkStaticTable(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  let expected = device.routes.flatMap { (route) -> [TableRow] in
    switch route.target {
    case .discard: [TableRow(prefix: route.prefix, type: "discard")]
    case .gateways(let hops):
      hops.map { TableRow(prefix: route.prefix, type: "via", hop: $0.address, device: $0.device.text) }
    case .endpoint(let interface, _): [TableRow(prefix: route.prefix, type: "direct", device: interface.text)]
    }
  }
  return compareLists(expected: expected, found: try parseStaticTable(bytes, of: device), "row")
}
