import TopologyModel

/// A `neighbor` section of `exabgp.conf`.
struct ExaBGPNeighbor {
  var line: Int
  var address: Address
  var description: String?
  /// The settings of one word, by name.
  var settings: [String: String] = [:]
  var family: AddressFamily?
  var refreshesRoutes = false
  /// The place of the key.
  var password: String?
  /// What ExaBGP does not know, so that it refuses a file that is not filled in.
  var isClosedWithoutSecret = false
  /// What is announced, each with the session's own address as next hop.
  var routes: [(value: Prefix, line: Int)] = []

  func number(_ key: String) -> Int? { settings[key].flatMap { readNumber($0, in: 0...4_294_967_295) } }
  func address(_ key: String) -> Address? { settings[key].flatMap { readAddress($0) } }
}

/// The settings that a neighbour must have, with one word each (exabgp.conf(5)).
private let exabgpSettings = [
  "router-id", "local-address", "local-as", "peer-as", "hold-time", "outgoing-ttl", "incoming-ttl",
  "md5-base64",
]

/// Reads an `exabgp.conf` of neighbours that announce routes; a setting that is not known here is an error. The signs
/// are those of BIRD: words, texts in quotes, braces and semicolons.
func parseExaBGP(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> [ExaBGPNeighbor] {
  var tokens = try BIRDTokens(TextFile(bytes, comment: "#", of: device).lines)
  var neighbors: [ExaBGPNeighbor] = []
  while !tokens.isAtEnd {
    let line = tokens.line
    try tokens.expect("neighbor")
    guard let address = readAddress(try tokens.word("an address")) else {
      throw ParseFailure("not an address", line: line)
    }
    guard !neighbors.contains(where: { $0.address == address }) else {
      throw ParseFailure("the neighbour stands twice", line: line)
    }
    var neighbor = ExaBGPNeighbor(line: line, address: address)
    try tokens.expect("{")
    while !tokens.take("}") { try parseStatement(&tokens, into: &neighbor) }
    neighbors.append(neighbor)
  }
  return neighbors
}

private func parseStatement(
  _ tokens: inout BIRDTokens, into neighbor: inout ExaBGPNeighbor
) throws(ParseFailure) {
  if tokens.take("description") {
    guard neighbor.description == nil else { throw tokens.failure("a second description") }
    neighbor.description = try tokens.text()
    try tokens.expect(";")
  } else if tokens.take("family {") {
    guard neighbor.family == nil else { throw tokens.failure("a second list of families") }
    neighbor.family = try parseExaBGPFamily(&tokens)
    try tokens.expect("unicast ; }")
  } else if tokens.take("capability {") {
    guard !neighbor.refreshesRoutes else { throw tokens.failure("a second list of capabilities") }
    try tokens.expect("route-refresh enable ; }")
    neighbor.refreshesRoutes = true
  } else if tokens.take("md5-password") {
    guard neighbor.password == nil else { throw tokens.failure("a second password") }
    neighbor.password = try tokens.placeholder()
    try tokens.expect(";")
  } else if tokens.take("secret-is-missing ;") {
    guard !neighbor.isClosedWithoutSecret else { throw tokens.failure("a second lock until the secret") }
    neighbor.isClosedWithoutSecret = true
  } else if tokens.take("announce {") {
    guard neighbor.routes.isEmpty else { throw tokens.failure("a second list of routes") }
    let family = try parseExaBGPFamily(&tokens)
    try tokens.expect("{")
    while !tokens.take("}") {
      let line = tokens.line
      try tokens.expect("unicast")
      guard let prefix = readPrefix(try tokens.word("a prefix")), prefix.family == family else {
        throw ParseFailure("not a prefix of \(family.name)", line: line)
      }
      try tokens.expect("next-hop self ;")
      neighbor.routes.append((prefix, line))
    }
    try tokens.expect("}")
  } else {
    let name = try tokens.word("a setting")
    guard exabgpSettings.contains(name), neighbor.settings[name] == nil else {
      throw tokens.failure("the setting '\(name)' is not known, or stands twice")
    }
    neighbor.settings[name] = try tokens.word("a value")
    try tokens.expect(";")
  }
}

private func parseExaBGPFamily(_ tokens: inout BIRDTokens) throws(ParseFailure) -> AddressFamily {
  if tokens.take("ipv4") { return .ipv4 }
  try tokens.expect("ipv6")
  return .ipv6
}

/// Finds the BGP speaker of a plan in `exabgp.conf`.
func checkExaBGP(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  guard let bgp = device.bgp else { return [Finding("the device has no BGP speaker")] }
  var rest = try parseExaBGP(bytes, of: device)
  var findings: [Finding] = []
  for session in bgp.sessions {
    guard let index = rest.firstIndex(where: { $0.address == session.neighborAddress }) else {
      findings.append(Finding("session that is missing: \(session.neighbor) \(session.peerText)"))
      continue
    }
    findings += checkNeighbor(rest.remove(at: index), session, bgp)
  }
  return findings + rest.map { Finding("session that the plan does not have: \($0.address)", line: $0.line) }
}

private func checkNeighbor(_ found: ExaBGPNeighbor, _ session: BGPSession, _ bgp: BGPPlan) -> [Finding] {
  let (what, line) = ("of the neighbour \(found.address)", found.line)
  var findings = compareValues(session.neighbor.text, found.description, "the description \(what)", line: line)
  findings += compareValues(bgp.routerID, found.address("router-id"), "the router id \(what)", line: line)
  findings += compareValues(session.localAddress, found.address("local-address"), "the address \(what)", line: line)
  let numbers = [
    ("local-as", Int(bgp.asn)), ("peer-as", Int(session.neighborASN)), ("hold-time", 9), ("outgoing-ttl", 255),
    ("incoming-ttl", 255),
  ]
  for (key, value) in numbers { findings += compareValues(value, found.number(key), "'\(key)' \(what)", line: line) }
  let password = session.secret.map { "<quoted-secret \($0.text) 80>" }
  findings += compareValues(password, found.password, "the password \(what)", line: line)
  findings += compareValues(
    password != nil, found.isClosedWithoutSecret, "the lock until the secret \(what)", line: line)
  findings += compareValues(
    password == nil ? nil : "false", found.settings["md5-base64"], "'md5-base64' \(what)", line: line)
  findings += compareValues(session.family, found.family, "the family \(what)", line: line)
  findings += compareValues(true, found.refreshesRoutes, "the route refresh \(what)", line: line)
  let filter = bgp.filters[session.exportFilter].entries.filter(\.permits).map(\.prefix)
  let announced = bgp.originated.map(\.prefix).filter { filter.contains($0) && $0.family == session.family }
  findings += compareSets(expected: announced, found: found.routes, "route that is announced")
  // It has no BFD, no roles and no filter for what it hears.
  if session.bfd || session.localRole != nil || !bgp.filters[session.importFilter].entries.isEmpty {
    findings.append(Finding("the plan of the session \(what) asks for what ExaBGP lacks", line: line))
  }
  return findings
}
