import TopologyModel

/// What `frr.conf` says of OSPF, in its own words.
struct FRROSPF {
  /// The lines of `key chain NAME`, without indentation.
  var keyChains: [String: [String]] = [:]
  var interfaces: [String: FRRInterface] = [:]
  /// `router ospf` and `router ospf6`.
  var routers: [AddressFamily: FRROSPFRouter] = [:]
  var maps: [String: [FRRMapEntry]] = [:]
  /// `ip protocol ospf route-map` and `ipv6 protocol ospf6 route-map`.
  var protocolMaps: [AddressFamily: String] = [:]
}

struct FRRInterface {
  var line: Int
  var settings: [(value: String, line: Int)] = []
  /// What stands in the file only until its secrets are filled in.
  var untilSecret: [String] = []
}

struct FRROSPFRouter {
  var line: Int
  var settings: [(value: String, line: Int)] = []
}

/// `route-map NAME permit|deny SEQUENCE`.
struct FRRMapEntry {
  var line: Int
  var permits: Bool
  var sequence: Int
  var interface: String?
  var list: FRRListKey?
}

typealias FRRLines = ArraySlice<(number: Int, text: Substring)>

/// The lines below a command, up to the `exit` of its level, without one level of indentation.
private func parseBlock(
  _ lines: inout FRRLines, _ what: String
) throws(ParseFailure) -> [(number: Int, text: Substring)] {
  var body: [(number: Int, text: Substring)] = []
  let start = lines.first?.number ?? 1
  while let line = lines.popFirst() {
    if line.text == "exit" { return body }
    guard line.text.hasPrefix(" ") else { throw ParseFailure("not a line of \(what)", line: line.number) }
    body.append((line.number, line.text.dropFirst()))
  }
  throw ParseFailure("\(what) has no end", line: start)
}

func parseKeyChain(_ words: inout WordReader, _ lines: inout FRRLines, into file: inout FRROSPF) throws(ParseFailure) {
  try words.expect("chain")
  let name = try words.word("a name")
  guard file.keyChains[name] == nil else { throw ParseFailure("the key chain stands twice", line: words.line) }
  file.keyChains[name] = try parseBlock(&lines, "a key chain").map { $0.text.trimmingSpaces }
}

func parseInterface(_ words: inout WordReader, _ lines: inout FRRLines, into file: inout FRROSPF) throws(ParseFailure) {
  let name = try words.word("an interface")
  guard file.interfaces[name] == nil else { throw ParseFailure("the interface stands twice", line: words.line) }
  var interface = FRRInterface(line: words.line)
  var isProvisional = false
  for line in try parseBlock(&lines, "an interface") {
    if line.text == "! <until-secret>" {
      guard !isProvisional else { throw ParseFailure("'<until-secret>' stands twice", line: line.number) }
      isProvisional = true
    } else if isProvisional {
      interface.untilSecret.append(String(line.text))
      isProvisional = false
    } else {
      interface.settings.append((String(line.text), line.number))
    }
  }
  guard !isProvisional else { throw ParseFailure("nothing stands after '<until-secret>'", line: words.line) }
  file.interfaces[name] = interface
}

func parseOSPFRouter(
  _ words: inout WordReader, _ lines: inout FRRLines, into file: inout FRROSPF
) throws(ParseFailure) {
  let family: AddressFamily = words.take("ospf") ? .ipv4 : .ipv6
  if family == .ipv6 { try words.expect("ospf6") }
  guard file.routers[family] == nil else { throw ParseFailure("a second OSPF router", line: words.line) }
  var router = FRROSPFRouter(line: words.line)
  router.settings = try parseBlock(&lines, "an OSPF router").map { (String($0.text), $0.number) }
  file.routers[family] = router
}

/// A map that names an interface and a prefix list, or one of both, or denies all.
func parseOSPFMap(
  _ name: String, _ words: inout WordReader, _ lines: inout FRRLines, into file: inout FRROSPF
) throws(ParseFailure) {
  let permits = words.take("permit")
  if !permits { try words.expect("deny") }
  let sequence = try words.number("a sequence number", in: 1...65535)
  var entry = FRRMapEntry(line: words.line, permits: permits, sequence: sequence)
  for line in try parseBlock(&lines, "a route map") {
    var words = WordReader(line.text, line: line.number)
    try words.expect("match")
    if words.take("interface"), entry.interface == nil {
      entry.interface = try words.word("an interface")
    } else {
      let family: AddressFamily = words.take("ip") ? .ipv4 : .ipv6
      if family == .ipv6 { try words.expect("ipv6") }
      try words.expect("address", "prefix-list")
      guard entry.list == nil else { throw ParseFailure("a second prefix list", line: line.number) }
      entry.list = FRRListKey(family: family, name: try words.word("a name"))
    }
    try words.end()
  }
  guard file.maps[name]?.last.map({ $0.sequence < sequence }) ?? true else {
    throw ParseFailure("the sequence numbers do not ascend", line: words.line)
  }
  file.maps[name, default: []].append(entry)
}

func parseProtocolMap(
  _ words: inout WordReader, _ family: AddressFamily, into file: inout FRROSPF
) throws(ParseFailure) {
  try words.expect(family == .ipv4 ? "ospf" : "ospf6", "route-map")
  guard file.protocolMaps[family] == nil else { throw ParseFailure("a second map of a protocol", line: words.line) }
  file.protocolMaps[family] = try words.word("a name")
}

extension Substring {
  fileprivate var trimmingSpaces: String { String(drop { $0 == " " }) }
}
