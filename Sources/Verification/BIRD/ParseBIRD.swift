import TopologyModel

/// Reads a `bird.conf` of the shape that a stub host needs; anything else in it is an error.
func parseBIRD(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> BIRDFile {
  var tokens = try BIRDTokens(TextFile(bytes, comment: "#", of: device).lines)
  var file = BIRDFile()
  try parseHead(&tokens, into: &file)
  while !tokens.isAtEnd {
    let line = tokens.line
    if tokens.take("ipv4 table") || tokens.take("ipv6 table") {
      file.tables.append(try tokens.word("a table"))
      try tokens.expect(";")
      continue
    }
    try tokens.expect("protocol")
    switch try tokens.word("a type") {
    case "device": try parseDevice(&tokens, into: &file)
    case "bfd": try parseBFD(&tokens, into: &file)
    case "radv": try parseAdvertisements(&tokens, into: &file)
    case "kernel": try parseKernel(&tokens, into: &file)
    case "static": try parseStatic(&tokens, into: &file)
    case "ospf": file.ospf.append(try parseOSPF(&tokens, line: line))
    case "bgp": file.sessions.append(try parseSession(&tokens, line: line))
    case let other: throw ParseFailure("the protocol '\(other)' is not known", line: line)
    }
  }
  return file
}

/// What every version's file begins with.
func parseHead(_ tokens: inout BIRDTokens, into file: inout BIRDFile) throws(ParseFailure) {
  try tokens.expect("log syslog all ;")
  try tokens.expect("router id")
  file.routerID = readAddress(try tokens.word("an address"))
  try tokens.expect(";")
}

func parseDevice(_ tokens: inout BIRDTokens, into file: inout BIRDFile) throws(ParseFailure) {
  guard !file.hasDevice else { throw tokens.failure("a second device protocol") }
  try tokens.expect("{ }")
  file.hasDevice = true
}

func parseBFD(_ tokens: inout BIRDTokens, into file: inout BIRDFile) throws(ParseFailure) {
  guard file.bfd.isEmpty else { throw tokens.failure("a second BFD protocol") }
  try tokens.expect("{")
  repeat {
    try tokens.expect("interface")
    file.bfd.append(try tokens.text())
    try tokens.expect("{ interval")
    file.bfd.append("\(try tokens.number(in: 10...10_000)) ms")
    try tokens.expect("ms ; multiplier")
    file.bfd.append("\(try tokens.number(in: 1...255)) times")
    try tokens.expect("; } ;")
  } while !tokens.take("}")
}

private func parseAdvertisements(_ tokens: inout BIRDTokens, into file: inout BIRDFile) throws(ParseFailure) {
  guard file.advertised.isEmpty else { throw tokens.failure("a second protocol for router advertisements") }
  try tokens.expect("{")
  repeat {
    try tokens.expect("interface")
    file.advertised.append(try tokens.text())
    try tokens.expect("{ min ra interval")
    let least = try tokens.number(in: 3...1350)
    try tokens.expect("; max ra interval")
    let most = try tokens.number(in: 4...1800)
    try tokens.expect("; default lifetime")
    file.advertised.append("\(least) to \(most) s, for \(try tokens.number(in: 0...9000)) s")
    try tokens.expect("; } ;")
  } while !tokens.take("}")
}

private func parseKernel(_ tokens: inout BIRDTokens, into file: inout BIRDFile) throws(ParseFailure) {
  let name = try tokens.word("a name")
  try tokens.expect("{")
  let family = try parseFamily(&tokens)
  guard name == (family == .ipv4 ? "kernel4" : "kernel6"), !file.kernels.contains(family) else {
    throw tokens.failure("the kernel protocol '\(name)' stands twice or is not of its family")
  }
  if tokens.take("{ import none ; export where proto =") {
    file.followedKernels.append(BIRDKernelOf(family: family, source: try tokens.text()))
    try tokens.expect("&& dest = RTD_UNICAST ; } ; }")
    return
  }
  try tokens.expect("{ import none ; export where source = RTS_BGP ; } ;")
  try parseMergedPaths(&tokens, family, into: &file)
  try tokens.expect("}")
  file.kernels.append(family)
}

private func parseStatic(_ tokens: inout BIRDTokens, into file: inout BIRDFile) throws(ParseFailure) {
  let name = try tokens.word("a name")
  try tokens.expect("{")
  let family = try parseFamily(&tokens)
  if tokens.take("; igp table") {
    file.followed.append(try parseFollowed(&tokens, name, family))
    return
  }
  guard name == (family == .ipv4 ? "own4" : "own6"), !file.staticFamilies.contains(family) else {
    throw tokens.failure("the static protocol '\(name)' stands twice or is not of its family")
  }
  try tokens.expect(";")
  file.staticFamilies.append(family)
  try parseStaticRoutes(&tokens, family, into: &file)
}

func parseStaticRoutes(
  _ tokens: inout BIRDTokens, _ family: AddressFamily, into file: inout BIRDFile
) throws(ParseFailure) {
  while !tokens.take("}") {
    let line = tokens.line
    try tokens.expect("route")
    let prefix = try parsePrefix(&tokens, family)
    try tokens.expect("blackhole ;")
    file.statics.append((prefix, line))
  }
}

/// `merge paths on limit NUMBER;`, or nothing.
func parseMergedPaths(
  _ tokens: inout BIRDTokens, _ family: AddressFamily, into file: inout BIRDFile
) throws(ParseFailure) {
  guard tokens.take("merge paths on limit") else { return }
  file.mergedPaths[family] = try tokens.number(in: 2...255)
  try tokens.expect(";")
}

func parseFamily(_ tokens: inout BIRDTokens) throws(ParseFailure) -> AddressFamily {
  if tokens.take("ipv4") { return .ipv4 }
  try tokens.expect("ipv6")
  return .ipv6
}

func parsePrefix(_ tokens: inout BIRDTokens, _ family: AddressFamily) throws(ParseFailure) -> Prefix {
  let word = try tokens.word("a prefix")
  guard let prefix = readPrefix(word), prefix.family == family else {
    throw tokens.failure("'\(word)' is not a prefix of \(family.name)")
  }
  return prefix
}

/// Settings that are a line of words, by the words that they begin with.
private let plainSettings: Set<String> = ["require", "ttl", "bfd", "graceful", "hold", "keepalive", "connect", "error"]

private func parseSession(_ tokens: inout BIRDTokens, line: Int) throws(ParseFailure) -> BIRDSession {
  var session = BIRDSession(line: line, name: try tokens.symbol())
  guard session.name.utf8.count <= 64 else { throw tokens.failure("a name of more than 64 bytes") }
  try tokens.expect("{")
  while !tokens.take("}") {
    let line = tokens.line
    if tokens.take("local role") {
      session.settings.append(("local role \(try tokens.word("a role"))", line))
      try tokens.expect(";")
    } else if try parseEnds(&tokens, into: &session) {
      continue
    } else if let setting = try parseSetting(&tokens) {
      session.settings.append((setting, line))
    } else {
      session.channels.append(try parseChannel(&tokens))
    }
  }
  return session
}

/// The description and the two ends of a session; false if something else comes next.
func parseEnds(_ tokens: inout BIRDTokens, into session: inout BIRDSession) throws(ParseFailure) -> Bool {
  if tokens.take("description") {
    guard session.description == nil else { throw tokens.failure("a second description") }
    session.description = try tokens.text()
    try tokens.expect(";")
  } else if tokens.take("interface") {
    guard session.interface == nil else { throw tokens.failure("a second interface") }
    session.interface = try tokens.text()
    try tokens.expect(";")
  } else if tokens.take("dynamic name") {
    guard session.dynamicName == nil else { throw tokens.failure("a second name") }
    session.dynamicName = try tokens.text()
    try tokens.expect(";")
  } else if tokens.take("local as") {
    guard session.local == nil else { throw tokens.failure("a second local address") }
    session.local = (nil, try parseNumber(&tokens))
  } else if tokens.take("neighbor range fe80::/64 as") {
    guard session.neighbor == nil else { throw tokens.failure("a second neighbour") }
    session.neighbor = (nil, try parseNumber(&tokens))
  } else if tokens.take("local") {
    guard session.local == nil else { throw tokens.failure("a second local address") }
    session.local = try parseEnd(&tokens)
  } else if tokens.take("neighbor") {
    guard session.neighbor == nil else { throw tokens.failure("a second neighbour") }
    session.neighbor = try parseEnd(&tokens)
  } else {
    return false
  }
  return true
}

func parseSetting(_ tokens: inout BIRDTokens) throws(ParseFailure) -> String? {
  if tokens.take("password") {
    let place = try tokens.placeholder()
    try tokens.expect(";")
    return "password \(place)"
  }
  for name in plainSettings.sorted() where tokens.take(name) {
    var words = [name]
    while !tokens.take(";") {
      words.append(tokens.take(",") ? "," : try tokens.word("a word"))
    }
    return words.joined(separator: " ")
  }
  return nil
}

/// `ADDRESS as NUMBER;`
private func parseEnd(_ tokens: inout BIRDTokens) throws(ParseFailure) -> (Address?, Int) {
  let word = try tokens.word("an address")
  guard let address = readAddress(word) else { throw tokens.failure("'\(word)' is not an address") }
  try tokens.expect("as")
  return (address, try parseNumber(&tokens))
}

private func parseNumber(_ tokens: inout BIRDTokens) throws(ParseFailure) -> Int {
  let asn = try tokens.number(in: 1...4_294_967_294)
  try tokens.expect(";")
  return asn
}

private func parseChannel(_ tokens: inout BIRDTokens) throws(ParseFailure) -> BIRDChannel {
  var channel = BIRDChannel(family: try parseFamily(&tokens))
  try tokens.expect("{")
  channel.extendsNextHop = tokens.take("extended next hop on ;")
  try tokens.expect("import")
  channel.importFilter = try parseFilter(&tokens, channel.family)
  try tokens.expect("export")
  channel.exportFilter = try parseFilter(&tokens, channel.family)
  if tokens.take("export limit") {
    channel.exportLimit = try tokens.number(in: 0...1_000_000)
    try tokens.expect("action disable ;")
  }
  try tokens.expect("} ;")
  return channel
}

/// `none;` or `filter { if net ~ [ PREFIX{low,high} ] then accept; … reject; };`
func parseFilter(_ tokens: inout BIRDTokens, _ family: AddressFamily) throws(ParseFailure) -> [ReadFilterEntry] {
  if tokens.take("none ;") { return [] }
  var entries: [ReadFilterEntry] = []
  try tokens.expect("filter {")
  while case let line = tokens.line, tokens.take("if net ~ [") {
    let prefix = try parsePrefix(&tokens, family)
    var lengths = prefix.length...prefix.length
    if tokens.take("{") {
      let low = try tokens.number(in: prefix.length...family.bitWidth)
      try tokens.expect(",")
      lengths = low...(try tokens.number(in: low...family.bitWidth))
      try tokens.expect("}")
    }
    try tokens.expect("] then")
    let permits = tokens.take("accept")
    if !permits { try tokens.expect("reject") }
    try tokens.expect(";")
    entries.append(ReadFilterEntry(permits: permits, prefix, lengths, line: line))
  }
  try tokens.expect("reject ; } ;")
  return entries
}
