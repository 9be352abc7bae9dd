import TopologyModel

/// What `routes.sh` says of services.
package struct WantedSteering: Sendable {
  package struct Tunnel: Hashable, Sendable {
    package var interface: String
    package var identifier: Int
    package var local: Address
    package var remote: Address?
    package var hardware: String
    package var mtu: Int
    package var next: [Address]
  }

  /// A rule: packets with a mark are looked up in a table.
  package struct Rule: Hashable, Sendable {
    package var family: AddressFamily
    package var mark: UInt32
    package var table: Int
  }

  /// A default route of a table; `hop` is nil where packets are refused.
  package struct Way: Hashable, Sendable {
    package var table: Int
    package var family: AddressFamily
    package var metric: Int
    package var hop: Address?
    package var interface: String?
  }

  package var tunnels: [(value: Tunnel, line: Int)] = []
  package var ports: [(value: String, line: Int)] = []
  package var rules: [(value: Rule, line: Int)] = []
  package var ways: [(value: Way, line: Int)] = []
}

/// Reads the lines about services in a host's `routes.sh`.
package func readSteering(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> WantedSteering {
  try parseRoutesScript(bytes, of: device).steering
}

/// Reads one line behind its first word; false if it is not about services.
func parseSteering(
  _ kind: String, _ words: inout WordReader, into wanted: inout WantedSteering
) throws(ParseFailure) -> Bool {
  let line = words.line
  switch kind {
  case "tunnel": wanted.tunnels.append((try parseTunnel(&words), line))
  case "port": wanted.ports.append((try words.word("an interface"), line))
  case "steer":
    let family = try parseFamily(&words)
    guard let mark = readHexadecimal(try words.word("a mark")[...]), mark >> 31 == 1, mark & 0xffff == 0 else {
      throw ParseFailure("not a mark of ours", line: line)
    }
    wanted.rules.append((.init(family: family, mark: mark, table: try parseTable(&words)), line))
  case "way": wanted.ways.append((try parseWay(&words), line))
  default: return false
  }
  return true
}

private func parseTunnel(_ words: inout WordReader) throws(ParseFailure) -> WantedSteering.Tunnel {
  let name = try words.word("an interface")
  guard name.hasPrefix("romana-s"), readNumber(name.dropFirst(8), in: 1...2047) != nil else {
    throw ParseFailure("'\(name)' is no tunnel of ours", line: words.line)
  }
  try words.expect("id")
  let identifier = try words.number("an identifier", in: 0...16_777_215)
  try words.expect("local")
  let local = try words.address()
  var remote: Address?
  if words.take("remote") {
    let address = try words.address()
    guard address.family == local.family, address != local else {
      throw ParseFailure("a tunnel to itself or to the other family", line: words.line)
    }
    remote = address
  }
  try words.expect("mac")
  let hardware = try words.word("a hardware address")
  try words.expect("mtu")
  let mtu = try words.number("an MTU", in: 68...65535)
  var next: [Address] = []
  while words.take("next") { next.append(try words.address()) }
  guard (remote == nil) == next.isEmpty else {
    throw ParseFailure("next hops behind the end where a tunnel is served, or none behind the other", line: words.line)
  }
  return .init(
    interface: name, identifier: identifier, local: local, remote: remote, hardware: hardware, mtu: mtu, next: next)
}

private func parseFamily(_ words: inout WordReader) throws(ParseFailure) -> AddressFamily {
  try words.number("a family", in: 4...6) == 4 ? .ipv4 : .ipv6
}

private func parseTable(_ words: inout WordReader) throws(ParseFailure) -> Int {
  try words.number("a table", in: 7_700_000...7_732_767)
}

private func parseWay(_ words: inout WordReader) throws(ParseFailure) -> WantedSteering.Way {
  let table = try parseTable(&words)
  let family = try parseFamily(&words)
  let metric = try words.number("a metric", in: 1...1000)
  if words.take("unreachable") { return .init(table: table, family: family, metric: metric) }
  try words.expect("via")
  let hop = try words.address()
  guard hop.family == family else { throw ParseFailure("a next hop of the other family", line: words.line) }
  try words.expect("dev")
  return .init(table: table, family: family, metric: metric, hop: hop, interface: try words.word("an interface"))
}

/// Finds the part of a plan that is about services.
func checkSteering(_ wanted: WantedSteering, _ plan: SteeringPlan) -> [Finding] {
  let tunnels = plan.tunnels.map { tunnel in
    let id = tunnel.hardware.function
    let tail = [id >> 8, id & 0xff].map { (0..<256).contains($0) ? hexadecimal($0) : "?" }.joined(separator: ":")
    return WantedSteering.Tunnel(
      interface: tunnel.interface.text, identifier: tunnel.identifier, local: tunnel.local, remote: tunnel.remote,
      hardware: "02:72:6f:6d:\(tail)", mtu: tunnel.mtu, next: tunnel.nextHops)
  }
  let rules = plan.steps.flatMap { step in
    step.families.map {
      WantedSteering.Rule(family: $0, mark: step.mark, table: 7_700_000 + Int(step.mark >> 16 & 0x7fff))
    }
  }
  let ways = plan.steps.flatMap { step in
    step.ways.map { way in
      var result = WantedSteering.Way(table: step.table, family: way.family, metric: way.metric)
      if case .via(let hop, let interface) = way.target { (result.hop, result.interface) = (hop, interface.text) }
      return result
    }
  }
  return compareLists(expected: tunnels, found: wanted.tunnels, "tunnel")
    + compareLists(expected: plan.ports.map(\.text), found: wanted.ports, "interface of a function")
    + compareLists(expected: rules, found: wanted.rules, "rule for a mark")
    + compareLists(expected: ways, found: wanted.ways, "way to a function")
}

private func hexadecimal(_ number: Int) -> String { (number < 16 ? "0" : "") + String(number, radix: 16) }
