import TopologyModel

/// What `bgpd.conf` of Quagga says.
struct QuaggaFile {
  var asn: Int?
  var routerID: Address?
  var settings: [(value: String, line: Int)] = []
  var neighbors: [QuaggaNeighbor] = []
  var families: [AddressFamily: FRRFamily] = [:]
  var lists: [FRRListKey: [FRRListEntry]] = [:]
}

struct QuaggaNeighbor {
  var line: Int
  var address: Address
  var asn: Int
  var description: String?
  var settings: [(value: String, line: Int)] = []
  var isActive = false
  var untilSecret: [String] = []
  /// Names of prefix lists.
  var importList: String?
  var exportList: String?
}

typealias NumberedLines = ArraySlice<(number: Int, text: Substring)>

/// The lines of a file of Quagga after what all of them begin with, up to `line vty`.
func quaggaLines(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> NumberedLines {
  var lines = try TextFile(bytes, comment: "!", of: device).lines.filter { $0.text.drop(while: { $0 == " " }) != "!" }[
    ...]
  for expected in ["hostname \(device.name.text)", "log syslog informational"] {
    guard let line = lines.popFirst(), line.text == expected else {
      throw ParseFailure("expected '\(expected)'", line: 2)
    }
  }
  guard lines.popLast()?.text == "line vty" else { throw ParseFailure("the last command is not 'line vty'", line: 1) }
  return lines
}

/// zebra has nothing to do but to give bgpd's routes to the kernel, and to keep ospfd's from it.
func checkQuaggaZebra(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  compareLists(
    expected: device.ospf == nil ? [] : ["route-map ospf-v4 deny 10", "ip protocol ospf route-map ospf-v4"],
    found: try quaggaLines(bytes, of: device).map { (value: String($0.text), line: $0.number) }, "command of zebra")
}

/// Reads `bgpd.conf`. What Quagga 1.2 does not know, or is not known here, is an error.
func parseQuaggaBGP(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> QuaggaFile {
  var lines = try quaggaLines(bytes, of: device)
  var file = QuaggaFile()
  while let line = lines.popFirst() {
    var words = WordReader(line.text, line: line.number)
    switch try words.word("a command") {
    case "router":
      guard file.asn == nil else { throw ParseFailure("a second BGP speaker", line: line.number) }
      try words.expect("bgp")
      file.asn = try words.number("an AS number", in: 1...4_294_967_294)
      try parseSpeaker(&lines, into: &file)
    case "ip": try parsePrefixList(&words, .ipv4, into: &file.lists)
    case "ipv6": try parsePrefixList(&words, .ipv6, into: &file.lists)
    case let other: throw ParseFailure("the command '\(other)' is not known", line: line.number)
    }
    try words.end()
  }
  return file
}

/// The indented lines below `router bgp`.
private func parseSpeaker(_ lines: inout NumberedLines, into file: inout QuaggaFile) throws(ParseFailure) {
  var isProvisional = false
  while let line = lines.first, line.text.hasPrefix(" ") {
    lines.removeFirst()
    if line.text == " ! <until-secret>" {
      guard !isProvisional else { throw ParseFailure("'<until-secret>' stands twice", line: line.number) }
      isProvisional = true
      continue
    }
    guard !line.text.hasPrefix("  ") else { throw ParseFailure("not inside of a family", line: line.number) }
    var words = WordReader(line.text.dropFirst(), line: line.number)
    if words.take("bgp", "router-id") {
      guard file.routerID == nil else { throw ParseFailure("a second router id", line: line.number) }
      file.routerID = try words.address()
    } else if words.take("neighbor") {
      try parseNeighbor(&words, isProvisional: isProvisional, into: &file)
      isProvisional = false
    } else if words.take("address-family") {
      let family: AddressFamily = words.take("ipv4") ? .ipv4 : .ipv6
      if family == .ipv6 { try words.expect("ipv6") }
      try words.expect("unicast")
      guard file.families[family] == nil else { throw ParseFailure("the family stands twice", line: line.number) }
      file.families[family] = try parseFamily(&lines, family, into: &file)
    } else {
      file.settings.append((words.rest(), line.number))
    }
    try words.end()
  }
}

private func parseNeighbor(
  _ words: inout WordReader, isProvisional: Bool, into file: inout QuaggaFile
) throws(ParseFailure) {
  let address = try words.address()
  let index = file.neighbors.firstIndex { $0.address == address }
  if words.take("remote-as") {
    guard index == nil else { throw ParseFailure("the neighbour stands twice", line: words.line) }
    let asn = try words.number("an AS number", in: 1...4_294_967_294)
    file.neighbors.append(QuaggaNeighbor(line: words.line, address: address, asn: asn))
    return
  }
  // "This command must be the first command used when configuring a neighbor" (manual, "Defining Peer").
  guard let index else { throw ParseFailure("the neighbour has no AS number yet", line: words.line) }
  if isProvisional {
    file.neighbors[index].untilSecret.append(words.rest())
  } else if words.take("description"), file.neighbors[index].description == nil {
    file.neighbors[index].description = words.rest()
  } else {
    file.neighbors[index].settings.append((words.rest(), words.line))
  }
}

private func parseFamily(
  _ lines: inout NumberedLines, _ family: AddressFamily, into file: inout QuaggaFile
) throws(ParseFailure) -> FRRFamily {
  var values = FRRFamily()
  while let line = lines.popFirst() {
    if line.text == " exit-address-family" { return values }
    guard line.text.hasPrefix("  ") else { throw ParseFailure("not a line of an address family", line: line.number) }
    var words = WordReader(line.text.dropFirst(2), line: line.number)
    if words.take("network") {
      values.networks.append((try words.prefix(), line.number))
    } else if words.take("maximum-paths"), values.maximumPaths == nil {
      values.maximumPaths = try words.number("a number of paths", in: 1...255)
    } else {
      try words.expect("neighbor")
      try parseFamilyNeighbor(&words, family, into: &file)
    }
    try words.end()
  }
  throw ParseFailure("an address family has no end", line: file.neighbors.first?.line ?? 1)
}

private func parseFamilyNeighbor(
  _ words: inout WordReader, _ family: AddressFamily, into file: inout QuaggaFile
) throws(ParseFailure) {
  let address = try words.address()
  guard address.family == family, let index = file.neighbors.firstIndex(where: { $0.address == address }) else {
    throw ParseFailure("no neighbour '\(address)' of this family", line: words.line)
  }
  if words.take("activate"), !file.neighbors[index].isActive {
    file.neighbors[index].isActive = true
    return
  }
  try words.expect("prefix-list")
  let name = try words.word("a name")
  if words.take("in"), file.neighbors[index].importList == nil {
    file.neighbors[index].importList = name
  } else {
    try words.expect("out")
    guard file.neighbors[index].exportList == nil else { throw ParseFailure("a second list", line: words.line) }
    file.neighbors[index].exportList = name
  }
}
