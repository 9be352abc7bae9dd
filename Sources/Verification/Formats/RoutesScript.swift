import TopologyModel

/// What `routes.sh` says that the device wants.
struct WantedRoutes {
  /// `gateway romana-gw [mtu N]`.
  var gateway: (interface: String, mtu: Int?)?
  /// `uplink eth0 mtu N`.
  var uplinks: [(interface: String, mtu: Int)] = []
  /// An address and its length each.
  var addresses: [(value: String, line: Int)] = []
  var routes: [(value: ReadRoute, line: Int)] = []
  var steering = WantedSteering()
}

/// A route in the words of a file.
struct ReadRoute: Hashable, CustomStringConvertible {
  enum Target: Hashable {
    case discard
    case via([Address])
    case device(String, source: Address?)
  }
  var prefix: Prefix
  var target: Target

  var description: String { "\(prefix) \(target)" }
}

/// Reads the list between `cat <<'END'` and `END`. The program around it is checked for its frame only: that it does
/// what it should is for the tests that run it.
func parseRoutesScript(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> WantedRoutes {
  let file = try TextFile(bytes, comment: "#", interpreter: "#!/bin/sh", of: device)
  var wanted = WantedRoutes()
  for line in try wantedLines(file) { try parseWanted(line.text, line: line.number, into: &wanted) }
  return wanted
}

/// The lines between `cat <<'END'` and `END` of a script that holds a list of what is wanted and a program.
func wantedLines(_ file: TextFile) throws(ParseFailure) -> ArraySlice<(number: Int, text: Substring)> {
  let lines = Array(file.lines)
  guard let start = lines.firstIndex(where: { $0.text == "wanted() {" }), start + 1 < lines.count,
    lines[start + 1].text == "  cat <<'END'", let end = lines.firstIndex(where: { $0.text == "END" }), end > start + 1,
    end + 1 < lines.count, lines[end + 1].text == "}"
  else { throw ParseFailure("the list of what is wanted is not there", line: 1) }
  guard lines[..<start].allSatisfy({ isPreamble($0.text) }) else {
    throw ParseFailure("something but comments stands before the list", line: lines[start].number)
  }
  let tail = [
    "# In braces, so that the shell has read all of it before it runs any of it.", "{", "  main \"$@\"", "  exit", "}",
  ]
  guard lines.suffix(tail.count).map(\.text) == tail.map({ Substring($0) }) else {
    throw ParseFailure("the program does not end with the call of its main function", line: lines.last?.number ?? 1)
  }
  return lines[(start + 2)..<end]
}

/// The words of a line of such a list, without the comment behind them.
func wantedWords(_ text: Substring, line: Int) throws(ParseFailure) -> WordReader {
  let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
  var body = parts[0]
  if parts.count == 2 {
    guard body.hasSuffix("  ") else { throw ParseFailure("a comment is not set off by two spaces", line: line) }
    body = body.dropLast(2)
  }
  return WordReader(body, line: line)
}

private func isPreamble(_ text: Substring) -> Bool {
  text.isEmpty || text.hasPrefix("#") || text == "set -eu" || text == "export LC_ALL=C PATH=\"$PATH:/usr/sbin:/sbin\""
}

private func parseWanted(_ text: Substring, line: Int, into wanted: inout WantedRoutes) throws(ParseFailure) {
  var words = try wantedWords(text, line: line)
  switch try words.word("a thing to want") {
  case "gateway":
    guard wanted.gateway == nil else { throw ParseFailure("a second gateway", line: line) }
    let name = try words.word("an interface")
    wanted.gateway = (name, words.take("mtu") ? try words.number("an MTU", in: 68...65535) : nil)
  case "uplink":
    let name = try words.word("an interface")
    guard !wanted.uplinks.contains(where: { $0.interface == name }) else {
      throw ParseFailure("the uplink \(name) stands twice", line: line)
    }
    try words.expect("mtu")
    wanted.uplinks.append((name, try words.number("an MTU", in: 68...65535)))
  case "address":
    let word = try words.word("an address")
    let parts = word.split(separator: "/")
    guard parts.count == 2, let address = readAddress(String(parts[0])),
      readNumber(String(parts[1]), in: 0...address.family.bitWidth) != nil
    else { throw ParseFailure("'\(word)' is not an address with a length", line: line) }
    wanted.addresses.append((word, line))
  case "route": wanted.routes.append((try parseRoute(&words), line))
  case let other where try parseSteering(other, &words, into: &wanted.steering): break
  case let other: throw ParseFailure("'\(other)' is not known", line: line)
  }
  try words.end()
}

private func parseRoute(_ words: inout WordReader) throws(ParseFailure) -> ReadRoute {
  let prefix = try words.prefix()
  if words.take("blackhole") { return ReadRoute(prefix: prefix, target: .discard) }
  if words.take("dev") {
    let name = try words.word("an interface")
    return ReadRoute(prefix: prefix, target: .device(name, source: words.take("src") ? try words.address() : nil))
  }
  var hops: [Address] = []
  while words.take("via") {
    let hop = try words.address()
    guard hop.family == prefix.family, !hops.contains(hop) else {
      throw ParseFailure("the next hop \(hop) is of another family, or stands twice", line: words.line)
    }
    hops.append(hop)
  }
  guard !hops.isEmpty else { throw ParseFailure("a route to nowhere", line: words.line) }
  return ReadRoute(prefix: prefix, target: .via(hops))
}

/// Finds the gateway interface, the uplink and the routes of a plan in `routes.sh`.
func checkRoutesScript(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  let wanted = try parseRoutesScript(bytes, of: device)
  let gateway = device.gateway
  var findings = compareValues(gateway.map { _ in "romana-gw" }, wanted.gateway?.interface, "the gateway interface")
  findings += compareValues(gateway?.mtu, wanted.gateway?.mtu, "the MTU of the gateway interface")
  let uplinks = device.uplinks.compactMap { uplink in uplink.mtu.map { "\(uplink.interface.text) \($0)" } }
  findings += compareValues(uplinks, wanted.uplinks.map { "\($0.interface) \($0.mtu)" }, "the MTU of the uplinks")
  findings += compareLists(
    expected: (gateway?.addresses ?? []).map { address in
      let announced = device.ospf?.passive.isEmpty == false ? device.ospf?.areas.flatMap(\.stubPrefixes) : nil
      let length = announced?.first { $0.contains(address) }?.length
      return "\(address)/\(length ?? address.family.bitWidth)"
    }, found: wanted.addresses, "gateway address")
  findings += compareLists(expected: device.routes.map(readRoute), found: wanted.routes, "route")
  findings += checkSteering(wanted.steering, device.steering)
  return findings
}

/// A route of the plan as a file tells it.
func readRoute(_ route: StaticRoute) -> ReadRoute {
  switch route.target {
  case .discard: ReadRoute(prefix: route.prefix, target: .discard)
  case .gateways(let hops): ReadRoute(prefix: route.prefix, target: .via(hops.map(\.address)))
  case .endpoint(let interface, let source):
    ReadRoute(prefix: route.prefix, target: .device(interface.text, source: source))
  }
}
