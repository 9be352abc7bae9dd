import TopologyModel

/// Reads a `bird1.conf` or `bird1-v6.conf`: BIRD 1.6 has one family a file and its filters outside of channels.
func parseBIRD1(_ bytes: [UInt8], _ family: AddressFamily, of device: DevicePlan) throws(ParseFailure) -> BIRDFile {
  var tokens = try BIRDTokens(TextFile(bytes, comment: "#", of: device).lines)
  var file = BIRDFile()
  let digit = family == .ipv4 ? "4" : "6"
  try parseHead(&tokens, into: &file)
  while !tokens.isAtEnd {
    let line = tokens.line
    if tokens.take("table") {
      file.tables.append(try tokens.word("a table"))
      try tokens.expect(";")
      continue
    }
    try tokens.expect("protocol")
    switch try tokens.word("a type") {
    case "device": try parseDevice(&tokens, into: &file)
    case "bfd": try parseBFD(&tokens, into: &file)
    case "kernel":
      guard file.kernels.isEmpty else { throw tokens.failure("a second kernel protocol") }
      try tokens.expect("kernel\(digit) { import none ; export where")
      if tokens.take("proto =") {
        guard file.followedKernels.isEmpty else { throw tokens.failure("a second kernel protocol") }
        file.followedKernels.append(BIRDKernelOf(family: family, source: try tokens.text()))
        try tokens.expect("&& dest = RTD_ROUTER ; }")
        continue
      }
      try tokens.expect("source = RTS_BGP ;")
      try parseMergedPaths(&tokens, family, into: &file)
      try tokens.expect("}")
      file.kernels.append(family)
    case "static":
      guard file.staticFamilies.isEmpty else { throw tokens.failure("a second static protocol") }
      if tokens.take("networks\(digit) { igp table") {
        file.followed.append(try parseFollowed(&tokens, "networks\(digit)", family))
        continue
      }
      try tokens.expect("own\(digit) {")
      file.staticFamilies.append(family)
      try parseStaticRoutes(&tokens, family, into: &file)
    case "ospf": file.ospf.append(try parseOSPF1(&tokens, family, line: line))
    case "bgp": file.sessions.append(try parseSession(&tokens, family, line: line))
    case let other: throw ParseFailure("the protocol '\(other)' is not known", line: line)
    }
  }
  return file
}

private func parseSession(
  _ tokens: inout BIRDTokens, _ family: AddressFamily, line: Int
) throws(ParseFailure) -> BIRDSession {
  var session = BIRDSession(line: line, name: try tokens.symbol())
  guard session.name.utf8.count <= 64 else { throw tokens.failure("a name of more than 64 bytes") }
  var channel = BIRDChannel(family: family)
  try tokens.expect("{")
  while !tokens.take("}") {
    let line = tokens.line
    if tokens.take("import") {
      guard channel.importFilter == nil else { throw tokens.failure("a second import filter") }
      channel.importFilter = try parseFilter(&tokens, family)
    } else if tokens.take("export limit") {
      guard channel.exportLimit == nil else { throw tokens.failure("a second limit") }
      channel.exportLimit = try tokens.number(in: 0...1_000_000)
      try tokens.expect("action disable ;")
    } else if tokens.take("export") {
      guard channel.exportFilter == nil else { throw tokens.failure("a second export filter") }
      channel.exportFilter = try parseFilter(&tokens, family)
    } else if try parseEnds(&tokens, into: &session) {
      continue
    } else if let setting = try parseSetting(&tokens) {
      session.settings.append((setting, line))
    } else {
      throw ParseFailure("a setting that is not known", line: line)
    }
  }
  session.channels = [channel]
  return session
}
