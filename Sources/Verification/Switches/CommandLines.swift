import TopologyModel

/// The two systems with one command a route.
enum CommandSystem {
  /// Arista EOS User Manual, "ip route", "ipv6 route": `ip route PREFIX {HOP | Null0} [DISTANCE] [tag N] [name X]`.
  case eos
  /// Nexus 9000 Series NX-OS Unicast Routing Configuration Guide, "Configuring a Static Route":
  /// `ip route PREFIX {HOP | Null0} [name X] [tag N] [PREFERENCE]`.
  case nxos
}

/// What a file of commands says.
struct CommandFile {
  var routes: [(value: SwitchRoute, line: Int)] = []
  /// The families whose forwarding it switches on.
  var forwarding: [AddressFamily] = []
}

/// Reads `eos.conf` or `nxos.conf`.
func parseCommands(_ bytes: [UInt8], _ system: CommandSystem, of device: DevicePlan) throws(ParseFailure) -> CommandFile
{
  var file = CommandFile()
  for line in try TextFile(bytes, comment: "!", of: device).lines {
    var words = WordReader(line.text, line: line.number)
    let family: AddressFamily = words.take("ip") ? .ipv4 : .ipv6
    if system == .eos, family == .ipv4 ? words.take("routing") : words.take("ipv6", "unicast-routing") {
      guard !file.forwarding.contains(family), file.routes.isEmpty else {
        throw ParseFailure("forwarding is switched on twice, or after the routes", line: line.number)
      }
      file.forwarding.append(family)
    } else {
      if family == .ipv6 { try words.expect("ipv6") }
      try words.expect("route")
      file.routes.append((try parseRoute(&words, family, system), line.number))
    }
    try words.end()
  }
  return file
}

private func parseRoute(
  _ words: inout WordReader, _ family: AddressFamily, _ system: CommandSystem
) throws(ParseFailure) -> SwitchRoute {
  let prefix = try words.prefix()
  let hop = words.take("Null0") ? nil : try words.address()
  guard prefix.family == family, hop == nil || hop?.family == family else {
    throw ParseFailure("a route of another family", line: words.line)
  }
  var route = SwitchRoute(prefix: prefix, hop: hop)
  func tag() throws(ParseFailure) { route.tag = try words.number("a tag", in: 1...4_294_967_295) }
  func name() throws(ParseFailure) {
    let text = try words.word("a name")
    guard text.utf8.count <= 48 else { throw ParseFailure("a name of more than 48 characters", line: words.line) }
    route.name = text
  }
  switch system {
  case .eos:
    if words.take("tag") { try tag() }
    if words.take("name") { try name() }
  case .nxos:
    if words.take("name") { try name() }
    if words.take("tag") { try tag() }
  }
  return route
}

func checkCommands(
  _ bytes: [UInt8], _ system: CommandSystem, _ device: DevicePlan
) throws(ParseFailure) -> [Finding] {
  let file = try parseCommands(bytes, system, of: device)
  let expected = switchRoutes(device, tag: 77, name: purposeName)
  let needed = AddressFamily.allCases.filter { family in device.routes.contains { $0.prefix.family == family } }
  return compareLists(expected: expected, found: file.routes, "route")
    + compareValues(system == .eos ? needed : [], file.forwarding, "the list of families that are forwarded")
}
