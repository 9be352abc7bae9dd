import TopologyModel

/// Reads an integrated `frr.conf` (FRR manual, "Integrated configuration mode"). Indentation is one space a level, as
/// `show running-config` prints it; a command that is not known here is an error.
func parseFRR(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> FRRFile {
  var lines = try TextFile(bytes, comment: "!", of: device).lines.filter { !isSeparator($0.text) }[...]
  guard let last = lines.popLast(), last.text == "end" else {
    throw ParseFailure("the last command is not 'end'", line: lines.last?.number ?? 1)
  }
  var file = FRRFile()
  for expected in ["frr defaults datacenter"] {
    guard let line = lines.popFirst(), line.text == expected else {
      throw ParseFailure("expected '\(expected)'", line: 2)
    }
  }
  // The second: bgpd's equal-cost routes heal after a link flap only without kernel nexthop objects.
  var globals: Set<Substring> = [
    "log syslog informational", "no zebra nexthop kernel enable", "service integrated-vtysh-config",
  ]
  while let line = lines.popFirst() {
    var words = WordReader(line.text, line: line.number)
    if globals.remove(line.text) != nil { continue }
    switch try words.word("a command") {
    case "hostname":
      guard file.hostname == nil else { throw ParseFailure("a second host name", line: line.number) }
      file.hostname = try words.word("a name")
    case "key": try parseKeyChain(&words, &lines, into: &file.ospf)
    case "interface": try parseInterface(&words, &lines, into: &file.ospf)
    case "ip": try parseAddressCommand(&words, .ipv4, into: &file)
    case "ipv6": try parseAddressCommand(&words, .ipv6, into: &file)
    case "router" where words.nextWord != "bgp": try parseOSPFRouter(&words, &lines, into: &file.ospf)
    case "router":
      guard file.bgp == nil else { throw ParseFailure("a second BGP speaker", line: line.number) }
      try words.expect("bgp")
      var speaker = FRRSpeaker(line: line.number, asn: try words.number("an AS number", in: 1...4_294_967_294))
      try parseSpeaker(&lines, into: &speaker)
      file.bgp = speaker
    case "route-map":
      let name = try words.word("a name")
      guard !name.hasPrefix("ospf-") else {
        try parseOSPFMap(name, &words, &lines, into: &file.ospf)
        break
      }
      try words.expect("permit", "10")
      try parseRouteMap(name, &lines, line: line.number, into: &file)
    case let other: throw ParseFailure("the command '\(other)' is not known", line: line.number)
    }
    try words.end()
  }
  guard globals.isEmpty else { throw ParseFailure("missing: \(globals.sorted().joined(separator: ", "))", line: 1) }
  return file
}

private func isSeparator(_ text: Substring) -> Bool { text.drop(while: { $0 == " " }) == "!" }

/// `ip route` and `ip prefix-list`, and the same with `ipv6`.
private func parseAddressCommand(
  _ words: inout WordReader, _ family: AddressFamily, into file: inout FRRFile
) throws(ParseFailure) {
  if words.take("route") {
    let prefix = try words.prefix()
    let hop = words.take("blackhole") ? nil : try words.address()
    let distance = words.isAtEnd ? nil : try words.number("a distance", in: 1...255)
    guard prefix.family == family, hop == nil || hop?.family == family else {
      throw ParseFailure("a route of another family", line: words.line)
    }
    file.routes.append((FRRRoute(prefix: prefix, hop: hop, distance: distance), words.line))
    return
  }
  if words.take("protocol") {
    try parseProtocolMap(&words, family, into: &file.ospf)
    return
  }
  try parsePrefixList(&words, family, into: &file.lists)
}

/// `prefix-list NAME seq NUMBER permit|deny …`; Quagga's are the same.
func parsePrefixList(
  _ words: inout WordReader, _ family: AddressFamily, into lists: inout [FRRListKey: [FRRListEntry]]
) throws(ParseFailure) {
  try words.expect("prefix-list")
  let key = FRRListKey(family: family, name: try words.word("a name"))
  try words.expect("seq")
  let sequence = try words.number("a sequence number", in: 1...4_294_967_295)
  let permits = words.take("permit")
  if !permits { try words.expect("deny") }
  var entry = FRRListEntry(sequence: sequence, entry: nil, permits: permits, line: words.line)
  if !words.take("any") { entry.entry = try parseListEntry(&words, family, permits: permits) }
  // What stands after `any` is never reached, and all are denied without it: it is of use in an empty list only.
  guard lists[key]?.last.map({ $0.sequence < sequence && $0.entry != nil }) ?? true,
    entry.entry != nil || !permits && lists[key] == nil
  else { throw ParseFailure("the sequence numbers do not ascend, or 'any' is not alone", line: words.line) }
  lists[key, default: []].append(entry)
}

/// `PREFIX [ge LOW] [le HIGH]`; neither: the prefix itself only. `ge` alone has no upper bound but the family's.
private func parseListEntry(
  _ words: inout WordReader, _ family: AddressFamily, permits: Bool
) throws(ParseFailure) -> ReadFilterEntry {
  let prefix = try words.prefix()
  guard prefix.family == family else { throw ParseFailure("a prefix of another family", line: words.line) }
  // FRR refuses bounds that are not longer than the prefix.
  let longer = min(prefix.length + 1, family.bitWidth)...family.bitWidth
  let low = words.take("ge") ? try words.number("a length", in: longer) : nil
  let high = words.take("le") ? try words.number("a length", in: longer) : nil
  guard low ?? 0 <= high ?? family.bitWidth else { throw ParseFailure("'ge' is above 'le'", line: words.line) }
  let isExact = low == nil && high == nil
  return ReadFilterEntry(
    permits: permits, prefix, (low ?? prefix.length)...(isExact ? prefix.length : high ?? family.bitWidth),
    line: words.line)
}

/// Reads a route map of one line: one that prefers the global next hop, or one that sets it.
private func parseRouteMap(
  _ name: String, _ lines: inout ArraySlice<(number: Int, text: Substring)>, line: Int, into file: inout FRRFile
) throws(ParseFailure) {
  guard let body = lines.popFirst(), lines.popFirst()?.text == "exit", !file.nextHopMaps.contains(name),
    file.nextHops[name] == nil
  else { throw ParseFailure("a route map that is not known here", line: line) }
  if body.text == " set ipv6 next-hop prefer-global" {
    file.nextHopMaps.append(name)
    return
  }
  var words = WordReader(body.text.dropFirst(), line: body.number)
  try words.expect("set", "ipv6", "next-hop", "global")
  file.nextHops[name] = try words.address()
  try words.end()
}
