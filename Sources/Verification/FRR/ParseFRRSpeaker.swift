import TopologyModel

/// Reads the lines below `router bgp`, up to `exit`.
func parseSpeaker(
  _ lines: inout ArraySlice<(number: Int, text: Substring)>, into speaker: inout FRRSpeaker
) throws(ParseFailure) {
  var isProvisional = false
  while let line = lines.popFirst() {
    if line.text == "exit" { return }
    if line.text == " ! <until-secret>" {
      guard !isProvisional else { throw ParseFailure("'<until-secret>' stands twice", line: line.number) }
      isProvisional = true
      continue
    }
    guard line.text.hasPrefix(" "), !line.text.hasPrefix("  ") else {
      throw ParseFailure("not a line of 'router bgp'", line: line.number)
    }
    var words = WordReader(line.text.dropFirst(), line: line.number)
    if words.take("address-family") {
      let family: AddressFamily = words.take("ipv4") ? .ipv4 : .ipv6
      if family == .ipv6 { try words.expect("ipv6") }
      try words.expect("unicast")
      guard speaker.families[family] == nil else { throw ParseFailure("the family stands twice", line: line.number) }
      try parseFamilyLines(&lines, family, into: &speaker)
    } else if words.take("neighbor") {
      try parseNeighborLine(&words, isProvisional: isProvisional, into: &speaker)
      isProvisional = false
    } else if words.take("bgp", "router-id") {
      guard speaker.routerID == nil else { throw ParseFailure("a second router id", line: line.number) }
      speaker.routerID = try words.address()
    } else {
      speaker.settings.append((words.rest(), line.number))
    }
    try words.end()
  }
  throw ParseFailure("'router bgp' has no end", line: speaker.line)
}

private func parseNeighborLine(
  _ words: inout WordReader, isProvisional: Bool, into speaker: inout FRRSpeaker
) throws(ParseFailure) {
  let name = try words.word("a neighbour or peer group")
  let address = readAddress(name)
  if address == nil, words.take("interface", "v6only", "peer-group") {
    guard !speaker.neighbors.contains(where: { $0.name == name }) else {
      throw ParseFailure("the neighbour stands twice", line: words.line)
    }
    var neighbor = FRRNeighbor(line: words.line, name: name)
    neighbor.group = try parseGroup(&words, of: speaker)
    speaker.neighbors.append(neighbor)
    return
  }
  let known = speaker.neighbors.firstIndex { $0.name == name }
  guard address != nil || known != nil else {
    if words.take("peer-group") {
      guard speaker.groups[name] == nil else { throw ParseFailure("the group stands twice", line: words.line) }
      speaker.groups[name] = FRRGroup(line: words.line)
    } else {
      guard speaker.groups[name] != nil else { throw ParseFailure("no peer group '\(name)'", line: words.line) }
      // What is set after a group has members may not reach them all; TTL security does not.
      guard speaker.neighbors.isEmpty else { throw ParseFailure("a group is set after its members", line: words.line) }
      speaker.groups[name]?.settings.append((words.rest(), words.line))
    }
    return
  }
  if words.take("remote-as") {
    let asn = try words.number("an AS number", in: 1...4_294_967_294)
    guard let known else {
      speaker.neighbors.append(
        FRRNeighbor(line: words.line, name: address.map { "\($0)" } ?? name, address: address, asn: asn))
      return
    }
    guard address == nil, speaker.neighbors[known].asn == nil else {
      throw ParseFailure("the neighbour stands twice", line: words.line)
    }
    speaker.neighbors[known].asn = asn
    return
  }
  guard let index = known, speaker.neighbors[index].asn != nil else {
    throw ParseFailure("the neighbour has no AS number yet", line: words.line)
  }
  let old = speaker.neighbors[index]
  if isProvisional {
    speaker.neighbors[index].untilSecret.append(words.rest())
  } else if words.take("password"), old.password == nil {
    speaker.neighbors[index].password = words.rest()
  } else if words.take("peer-group"), old.group == nil {
    speaker.neighbors[index].group = try parseGroup(&words, of: speaker)
  } else if words.take("description"), old.description == nil {
    speaker.neighbors[index].description = words.rest()
  } else if words.take("local-role"), old.role == nil {
    speaker.neighbors[index].role = words.rest()
  } else {
    throw ParseFailure("a setting of a neighbour that is not known, or stands twice", line: words.line)
  }
}

private func parseGroup(_ words: inout WordReader, of speaker: FRRSpeaker) throws(ParseFailure) -> String {
  let group = try words.word("a peer group")
  guard speaker.groups[group] != nil else { throw ParseFailure("no peer group '\(group)'", line: words.line) }
  return group
}

private func parseFamilyLines(
  _ lines: inout ArraySlice<(number: Int, text: Substring)>, _ family: AddressFamily, into speaker: inout FRRSpeaker
) throws(ParseFailure) {
  var values = FRRFamily()
  while let line = lines.popFirst() {
    if line.text == " exit-address-family" {
      speaker.families[family] = values
      return
    }
    guard line.text.hasPrefix("  ") else { throw ParseFailure("not a line of an address family", line: line.number) }
    var words = WordReader(line.text.dropFirst(2), line: line.number)
    if words.take("aggregate-address") {
      values.summaries.append((try words.prefix(), line.number))
    } else if words.take("network") {
      values.networks.append((try words.prefix(), line.number))
    } else if words.take("maximum-paths", "ibgp") {
      guard values.maximumInternalPaths == nil else {
        throw ParseFailure("a second number of paths", line: line.number)
      }
      values.maximumInternalPaths = try words.number("a number of paths", in: 1...256)
    } else if words.take("maximum-paths"), values.maximumPaths == nil {
      values.maximumPaths = try words.number("a number of paths", in: 1...256)
    } else {
      try words.expect("neighbor")
      try parseFamilyNeighbor(&words, family, into: &speaker)
    }
    try words.end()
  }
  throw ParseFailure("an address family has no end", line: speaker.line)
}

private func parseFamilyNeighbor(
  _ words: inout WordReader, _ family: AddressFamily, into speaker: inout FRRSpeaker
) throws(ParseFailure) {
  let name = try words.word("a neighbour or peer group")
  if speaker.groups[name] != nil {
    speaker.groups[name]?.familySettings[family, default: []].append(words.rest())
    return
  }
  guard let index = speaker.neighbors.firstIndex(where: { $0.name == name }),
    speaker.neighbors[index].address.map({ $0.family == family }) ?? true
  else { throw ParseFailure("no neighbour '\(name)' of this family", line: words.line) }
  if words.take("maximum-prefix"), speaker.neighbors[index].importLimit == nil {
    speaker.neighbors[index].importLimit = try words.number("a number of prefixes", in: 1...4_294_967_295)
    return try words.expect("restart", "5")
  }
  var policy = speaker.neighbors[index].policy(family)
  defer { speaker.neighbors[index].policies[family] = policy }
  if words.take("route-map"), policy.exportMap == nil {
    policy.exportMap = try words.word("a name")
    return try words.expect("out")
  }
  try words.expect("prefix-list")
  let list = try words.word("a name")
  if words.take("in"), policy.importList == nil {
    policy.importList = list
  } else {
    try words.expect("out")
    guard policy.exportList == nil else { throw ParseFailure("a second list", line: words.line) }
    policy.exportList = list
  }
}
