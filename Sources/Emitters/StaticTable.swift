import TopologyModel

/// Spells `static-routes.txt`: the routes that a ToR or spine holds by itself, in no system's syntax.
///
/// One line a prefix and next hop, in columns, so that `grep`, `sort` and `awk` can work on it: prefix, `via` or
/// `discard`, the next hop, the device there (`-` if there is none), and whose prefix it is.
func emitStaticTable(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "static routes, neutral table", into: &writer)
  let rows = device.routes.flatMap(tableRows)
  let titles: [StaticString] = ["# PREFIX", "TYPE", "NEXT-HOP", "DEVICE"]
  let widths = (0..<titles.count).map { column in
    max(titles[column].utf8CodeUnitCount, rows.map { $0.cells[column].count }.max() ?? 0) + 2
  }
  for (title, width) in zip(titles, widths) {
    writer.write(title)
    pad(width - title.utf8CodeUnitCount, into: &writer)
  }
  writer.write("PURPOSE\n")
  for row in rows {
    for (cell, width) in zip(row.cells, widths) {
      writer.write(rendered: cell[...])
      pad(width - cell.count, into: &writer)
    }
    write(row.purpose, into: &writer)
    writer.newline()
  }
  emitEndMarker(what: "static routes, neutral table", into: &writer)
}

/// A line of the table: the cells of its first columns, and the purpose at the end.
private struct TableRow {
  var cells: [[UInt8]]
  var purpose: RoutePurpose
}

private func tableRows(_ route: StaticRoute) -> [TableRow] {
  let prefix = cell { $0.write(route.prefix) }
  let none = cell { $0.write("-") }
  func row(_ type: StaticString, _ hop: [UInt8], _ device: [UInt8]) -> TableRow {
    TableRow(cells: [prefix, cell { $0.write(type) }, hop, device], purpose: route.purpose)
  }
  switch route.target {
  case .discard:
    return [row("discard", none, none)]
  case .gateways(let hops):
    return hops.map { hop in row("via", cell { $0.write(hop.address) }, cell { $0.write(hop.device) }) }
  case .endpoint(let interface, _):
    return [row("direct", none, cell { $0.write(interface) })]
  }
}

private func cell(_ body: (inout TextWriter) -> Void) -> [UInt8] {
  var writer = TextWriter(reservingBytes: 48)
  body(&writer)
  return writer.bytes
}

private func pad(_ count: Int, into writer: inout TextWriter) {
  for _ in 0..<count { writer.write(" ") }
}
