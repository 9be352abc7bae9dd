import TopologyModel

/// What a `static-routes.txt` of an earlier run says: the routes that a switch was given.
struct NeutralTable {
  var fabric: String
  /// Sorted by prefix, one a prefix.
  var routes: [StaticRoute] = []

  /// Reads the table of one device. Everything is checked, since what it says is going to be removed from the device.
  init(_ bytes: [UInt8], role: DeviceRole, device: String) throws(NeutralTableError) {
    guard bytes.last == 0x0a, bytes.allSatisfy({ $0 == 0x0a || (0x20...0x7e).contains($0) }) else {
      throw NeutralTableError(line: 1, message: "it is cut off, or no text")
    }
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).dropLast()
      .map { String(decoding: $0, as: UTF8.self) }
    let what = "static routes, neutral table"
    let start = "# romana-compile: fabric "
    let end = ", \(role.name) \(device): \(what)"
    guard let header = lines.first, header.hasPrefix(start), header.hasSuffix(end),
      let name = Name(String(header.dropFirst(start.count).dropLast(end.count)))
    else { throw NeutralTableError(line: 1, message: "expected the first line of the table of '\(device)'") }
    fabric = name.text
    guard lines.count >= 3, lines[1].split(separator: " ") == ["#", "PREFIX", "TYPE", "NEXT-HOP", "DEVICE", "PURPOSE"]
    else { throw NeutralTableError(line: 2, message: "expected the titles of the columns") }
    guard lines.last == "# romana-compile: end of \(what)" else {
      throw NeutralTableError(line: lines.count, message: "expected the end marker")
    }
    for (index, line) in lines.enumerated().dropFirst(2).dropLast() {
      guard let route = parseRow(line.split(separator: " ").map(String.init)), add(route) else {
        throw NeutralTableError(line: index + 1, message: "expected a row of the table, in order")
      }
    }
  }

  /// Adds a row: a further next hop of the last route, or a route of a greater prefix.
  private mutating func add(_ row: StaticRoute) -> Bool {
    guard let last = routes.last, last.prefix >= row.prefix else {
      routes.append(row)
      return true
    }
    guard last.prefix == row.prefix, last.purpose == row.purpose, case .gateways(let known) = last.target,
      case .gateways(let more) = row.target, !known.contains(where: { $0.address == more[0].address })
    else { return false }
    routes[routes.count - 1].target = .gateways(known + more)
    return true
  }
}

/// Where a table stops making sense.
struct NeutralTableError: Error, Equatable {
  /// Counted from 1.
  var line: Int
  var message: String
}

private func parseRow(_ cells: [String]) -> StaticRoute? {
  guard cells.count >= 5, let prefix = try? Prefix(parsing: cells[0]), "\(prefix)" == cells[0],
    let purpose = parsePurpose(cells[4...])
  else { return nil }
  switch cells[1] {
  case "discard" where cells[2] == "-" && cells[3] == "-":
    return StaticRoute(prefix: prefix, target: .discard, purpose: purpose)
  case "via":
    guard let hop = try? Address(parsing: cells[2]), "\(hop)" == cells[2], hop.family == prefix.family,
      let device = Name(cells[3])
    else { return nil }
    let gateway = NextHop(address: hop, device: device, interface: nil)
    return StaticRoute(prefix: prefix, target: .gateways([gateway]), purpose: purpose)
  default: return nil
  }
}

/// The purposes that a switch's routes can have.
private func parsePurpose(_ words: ArraySlice<String>) -> RoutePurpose? {
  if words.count == 4, words.first == "host" { return parseBlock(words.dropFirst()) }
  let names = words.dropFirst().compactMap { Name($0) }
  guard names.count == words.count - 1 else { return nil }
  return switch (words.first, names.count) {
  case ("host", 2): .hostPrefix(host: names[0], network: names[1])
  case ("region", 2): .regionAggregate(region: names[0], network: names[1])
  case ("rack", 2): .rackAggregate(rack: names[0], network: names[1])
  case ("region", 2): .regionAggregate(region: names[0], network: names[1])
  case ("network", 1): .network(names[0])
  case ("default", 0): .defaultRoute
  default: nil
  }
}

/// `HOST NETWORK TENANT/SEGMENT`: a block of a host.
private func parseBlock(_ words: ArraySlice<String>) -> RoutePurpose? {
  let owner = (words.last ?? "").split(separator: "/", omittingEmptySubsequences: false)
  let names = (words.dropLast() + owner.map(String.init)).compactMap { Name($0) }
  guard owner.count == 2, names.count == 4 else { return nil }
  return .block(host: names[0], network: names[1], tenant: names[2], segment: names[3])
}
