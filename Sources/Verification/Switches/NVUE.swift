import TopologyModel

/// A key of a block mapping in YAML, one a line, with its comment.
private struct YAMLLine {
  var number: Int
  var depth: Int
  var key: String
  var value: String?
  var comment: String?

  /// `key:`, `key: value` or `key:  # comment`; keys that are not plain words are in single quotes.
  init(_ line: (number: Int, text: Substring)) throws(ParseFailure) {
    let failure = ParseFailure("not a key of a block mapping", line: line.number)
    var text = line.text.drop { $0 == " " }
    let spaces = line.text.count - text.count
    guard spaces % 2 == 0 else { throw failure }
    (number, depth) = (line.number, spaces / 2)
    if let mark = text.firstRange(of: "  # ") {
      comment = String(text[mark.upperBound...])
      text = text[..<mark.lowerBound]
    }
    if text.first == "'" {
      guard text.hasSuffix("':"), text.count > 3 else { throw failure }
      key = String(text.dropFirst().dropLast(2))
    } else if text.hasSuffix(":") {
      key = String(text.dropLast())
    } else {
      let parts = text.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].hasSuffix(":"), !parts[1].isEmpty else { throw failure }
      key = String(parts[0].dropLast())
      value = String(parts[1])
    }
    let isQuoted = text.first == "'"
    let plain = key.allSatisfy { ("a"..."z").contains($0) || $0 == "-" }
    guard isQuoted ? !key.contains("'") : plain else { throw failure }
  }
}

/// Reads `nvue.yaml`, in the form of Cumulus Linux's `/etc/nvue.d/startup.yaml`.
func parseNVUE(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> [(value: SwitchRoute, line: Int)] {
  var lines = try TextFile(bytes, comment: "#", of: device).lines
  for text in ["- set:", "    vrf:", "      default:", "        router:", "          static:"] {
    // A mapping without keys would be null.
    let isEmpty = lines.count == 1 && text == "          static:"
    guard let line = lines.popFirst(), line.text == (isEmpty ? text + " {}" : text) else {
      throw ParseFailure("expected '\(text)'", line: lines.startIndex)
    }
  }
  var keys: [YAMLLine] = []
  for line in lines { keys.append(try YAMLLine(line)) }
  var rest = keys[...]
  var routes: [(value: SwitchRoute, line: Int)] = []
  while let key = rest.popFirst() {
    guard key.depth == 6, key.value == nil, let prefix = readPrefix(key.key),
      !routes.contains(where: { $0.value.prefix == prefix })
    else { throw ParseFailure("not a prefix, or a second time", line: key.number) }
    let family = prefix.family == .ipv4 ? "ipv4-unicast" : "ipv6-unicast"
    guard let kind = rest.popFirst(), kind.depth == 7, kind.key == "address-family", kind.value == family,
      let via = rest.popFirst(), via.depth == 7, via.key == "via", via.value == nil
    else { throw ParseFailure("the family or the next hops are missing", line: key.number) }
    var hops: [Address?] = []
    while let hop = rest.first, hop.depth == 8 {
      rest.removeFirst()
      hops.append(try parseHop(hop, rest.popFirst(), prefix.family))
    }
    guard !hops.isEmpty, Set(hops).count == hops.count, hops.count == 1 || !hops.contains(nil) else {
      throw ParseFailure("no next hop, or one that stands twice", line: key.number)
    }
    routes += hops.map { (SwitchRoute(prefix: prefix, hop: $0, name: key.comment), key.number) }
  }
  return routes
}

private func parseHop(
  _ hop: YAMLLine, _ type: YAMLLine?, _ family: AddressFamily
) throws(ParseFailure) -> Address? {
  guard hop.value == nil, let type, type.depth == 9, type.key == "type" else {
    throw ParseFailure("a next hop without a type", line: hop.number)
  }
  if hop.key == "blackhole", type.value == "blackhole" { return nil }
  guard let address = readAddress(hop.key), address.family == family,
    type.value == (family == .ipv4 ? "ipv4-address" : "ipv6-address")
  else { throw ParseFailure("the next hop is not of its type or family", line: hop.number) }
  return address
}

func checkNVUE(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  compareLists(
    expected: switchRoutes(device, tag: nil, name: purposeComment), found: try parseNVUE(bytes, of: device), "route")
}
