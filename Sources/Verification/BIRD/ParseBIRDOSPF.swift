import TopologyModel

/// `protocol ospf`: a stub host has one area with one interface.
struct BIRDOSPF {
  var line: Int
  var name: String
  var family: AddressFamily
  var table: String
  var importFilter: [ReadFilterEntry]?
  var area: Address?
  var stubPrefixes: [(value: Prefix, line: Int)] = []
  var interface: String
  /// Settings of the interface, each in words with single spaces.
  var settings: [(value: String, line: Int)] = []
}

/// A static protocol whose routes follow a table of OSPF.
struct BIRDFollowed {
  var name: String
  var family: AddressFamily
  var table: String
  var routes: [(value: BIRDFollowedRoute, line: Int)] = []
}

struct BIRDFollowedRoute: Hashable {
  var prefix: Prefix
  var gateway: Address
}

/// A kernel protocol that exports what one other protocol has.
struct BIRDKernelOf: Equatable {
  var family: AddressFamily
  var source: String
}

/// After `protocol ospf`.
func parseOSPF(_ tokens: inout BIRDTokens, line: Int) throws(ParseFailure) -> BIRDOSPF {
  let family: AddressFamily = tokens.take("v2") ? .ipv4 : .ipv6
  if family == .ipv6 { try tokens.expect("v3") }
  let name = try tokens.symbol()
  try tokens.expect("{")
  guard try parseFamily(&tokens) == family else { throw tokens.failure("a channel of the other family") }
  try tokens.expect("{")
  let table = try parseOSPFTable(&tokens, family)
  try tokens.expect("} ;")
  return try parseOSPFArea(&tokens, name, family, table, line: line)
}

/// After `protocol ospf` in a file of BIRD 1.6.
func parseOSPF1(
  _ tokens: inout BIRDTokens, _ family: AddressFamily, line: Int
) throws(ParseFailure) -> BIRDOSPF {
  let name = try tokens.symbol()
  try tokens.expect("{")
  return try parseOSPFArea(&tokens, name, family, try parseOSPFTable(&tokens, family), line: line)
}

private typealias OSPFTable = (name: String, filter: [ReadFilterEntry])

private func parseOSPFTable(_ tokens: inout BIRDTokens, _ family: AddressFamily) throws(ParseFailure) -> OSPFTable {
  try tokens.expect("table")
  let table = try tokens.word("a table")
  try tokens.expect("; import")
  let filter = try parseFilter(&tokens, family)
  try tokens.expect("export none ;")
  return (table, filter)
}

private func parseOSPFArea(
  _ tokens: inout BIRDTokens, _ name: String, _ family: AddressFamily, _ table: OSPFTable, line: Int
) throws(ParseFailure) -> BIRDOSPF {
  try tokens.expect("area")
  let area = readAddress(try tokens.word("an area"))
  try tokens.expect("{ stub yes ;")
  var ospf = BIRDOSPF(
    line: line, name: name, family: family, table: table.name, importFilter: table.filter, area: area, interface: "")
  while tokens.take("stubnet") {
    let line = tokens.line
    ospf.stubPrefixes.append((try parsePrefix(&tokens, family), line))
    try tokens.expect("{ cost 0 ; } ;")
  }
  try tokens.expect("interface")
  ospf.interface = try tokens.text()
  try tokens.expect("{")
  while !tokens.take("}") { ospf.settings.append(try parseInterfaceSetting(&tokens)) }
  try tokens.expect("; } ; }")
  return ospf
}

private func parseInterfaceSetting(_ tokens: inout BIRDTokens) throws(ParseFailure) -> (value: String, line: Int) {
  let line = tokens.line
  if tokens.take("password") {
    let secret = try tokens.placeholder()
    try tokens.expect("{ id")
    let id = try tokens.number(in: 1...255)
    try tokens.expect("; algorithm")
    var words = ["password", secret, "id", "\(id)", "algorithm"]
    while !tokens.take(";") { words.append(try tokens.word("a word")) }
    try tokens.expect("} ;")
    return (words.joined(separator: " "), line)
  }
  var words: [String] = []
  while !tokens.take(";") { words.append(try tokens.word("a word")) }
  return (words.joined(separator: " "), line)
}

/// `{ ipv4; igp table ospf4; route P recursive A; … }` after the name.
func parseFollowed(
  _ tokens: inout BIRDTokens, _ name: String, _ family: AddressFamily
) throws(ParseFailure) -> BIRDFollowed {
  var followed = BIRDFollowed(name: name, family: family, table: try tokens.word("a table"))
  try tokens.expect(";")
  while !tokens.take("}") {
    let line = tokens.line
    try tokens.expect("route")
    let prefix = try parsePrefix(&tokens, family)
    try tokens.expect("recursive")
    guard let gateway = readAddress(try tokens.word("an address")), gateway.family == family else {
      throw tokens.failure("not an address of \(family.name)")
    }
    try tokens.expect(";")
    followed.routes.append((BIRDFollowedRoute(prefix: prefix, gateway: gateway), line))
  }
  return followed
}
