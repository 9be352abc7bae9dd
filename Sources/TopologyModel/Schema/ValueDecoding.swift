/// Reads a scalar; `expected` completes "expected …".
func decodeScalar(_ node: YAMLNode, expected: String, _ diagnostics: inout Diagnostics) -> String? {
  guard case .scalar(let text, let isPlain) = node.content, !(isPlain && text.isEmpty) else {
    diagnostics.add(.wrongKind(expected: expected, found: node))
    return nil
  }
  return text
}

func decodeList<Item>(
  _ node: YAMLNode, _ diagnostics: inout Diagnostics, _ decode: (YAMLNode, inout Diagnostics) -> Item?
) -> [Item] {
  guard case .sequence(let nodes) = node.content else {
    diagnostics.add(.wrongKind(expected: "a list", .list, found: node))
    return []
  }
  var items: [Item] = []
  items.reserveCapacity(nodes.count)
  for node in nodes {
    if let item = decode(node, &diagnostics) {
      items.append(item)
    } else if let name = writtenName(node) {
      diagnostics.lostNames.insert(name)
    }
  }
  return items
}

/// The name of a mapping that has one.
func writtenName(_ node: YAMLNode) -> Name? {
  guard case .mapping(let entries) = node.content,
    case .scalar(let text, _) = entries.first(where: { $0.key == "name" })?.value.content
  else { return nil }
  return Name(text)
}

func decodeName(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Located<Name>? {
  guard let text = decodeScalar(node, expected: "a name", &diagnostics) else { return nil }
  guard let name = Name(text) else {
    diagnostics.add(.invalidName(text, at: node.range))
    return nil
  }
  return Located(name, at: node.range)
}

func decodeText(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Located<String>? {
  guard let text = decodeScalar(node, expected: "a text", &diagnostics) else { return nil }
  guard text.utf8.count <= 1000 else {
    diagnostics.add(.textTooLong(at: node.range))
    return nil
  }
  return Located(text, at: node.range)
}

/// Decimal digits without sign or leading zeros, so that `010` and `1e3` never turn into something else.
func decodeInteger(_ node: YAMLNode, _ range: ClosedRange<Int>, _ diagnostics: inout Diagnostics) -> Located<
  Int
>? {
  let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
  guard let text = decodeScalar(node, expected: expected, &diagnostics) else { return nil }
  guard let value = decimal(text), range.contains(value) else {
    diagnostics.add(.invalidNumber(text, expected: expected, at: node.range))
    return nil
  }
  return Located(value, at: node.range)
}

private func decimal(_ text: some StringProtocol) -> Int? { isDecimal(text) ? Int(text) : nil }

/// Digits without a leading zero, of any length.
func isDecimal(_ text: some StringProtocol) -> Bool {
  let digits = text.utf8
  guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
  return digits.count == 1 || digits.first != UInt8(ascii: "0")
}

/// An AS number of RFC 6793, 1 to 4294967294, less those that RFC 7607, 6793 and 7300 reserve.
func decodeASN(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Located<UInt32>? {
  guard let text = decodeScalar(node, expected: "an AS number", &diagnostics) else { return nil }
  guard let asn = parseASN(text) else {
    diagnostics.add(.invalidASN(text, isNumber: isDecimal(text), at: node.range))
    return nil
  }
  return Located(asn, at: node.range)
}

func parseASN(_ text: some StringProtocol) -> UInt32? {
  guard let value = decimal(text), value > 0, value < Int(UInt32.max) else { return nil }
  return value == 23456 || value == 65535 ? nil : UInt32(value)
}

func decodeASNPool(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Located<ClosedRange<UInt32>>? {
  guard let text = decodeScalar(node, expected: "a range of AS numbers", &diagnostics) else { return nil }
  let parts = text.split(separator: "-", omittingEmptySubsequences: false)
  guard parts.count == 2, let low = parseASN(parts[0]), let high = parseASN(parts[1]), low <= high else {
    diagnostics.add(.invalidASNPool(text, at: node.range))
    return nil
  }
  return Located(low...high, at: node.range)
}

/// `sibling` is the key of the other family, if there is one.
func decodeAddress(
  _ node: YAMLNode, _ family: AddressFamily?, sibling: String? = nil, _ diagnostics: inout Diagnostics
) -> Located<Address>? {
  guard let text = decodeScalar(node, expected: "an \(familyName(family)) address", &diagnostics) else {
    return nil
  }
  do {
    let address = try Address(parsing: text)
    if let family, address.family != family {
      diagnostics.add(.wrongFamily(text, address.family, expected: family, sibling: sibling, at: node.range))
      return nil
    }
    return Located(address, at: node.range)
  } catch {
    diagnostics.add(.invalidAddress(text, error, at: node.range))
    return nil
  }
}

func decodePrefix(
  _ node: YAMLNode, _ family: AddressFamily?, sibling: String? = nil, _ diagnostics: inout Diagnostics
) -> Located<Prefix>? {
  guard let text = decodeScalar(node, expected: "an \(familyName(family)) prefix", &diagnostics) else {
    return nil
  }
  do {
    let prefix = try Prefix(parsing: text)
    if let family, prefix.family != family {
      diagnostics.add(.wrongFamily(text, prefix.family, expected: family, sibling: sibling, at: node.range))
      return nil
    }
    return Located(prefix, at: node.range)
  } catch {
    diagnostics.add(.invalidPrefix(text, error, at: node.range))
    return nil
  }
}

private func familyName(_ family: AddressFamily?) -> String {
  family.map { "\($0.name)" } ?? "IPv4 or IPv6"
}

func decodeChoice<C: Choice>(_ node: YAMLNode, _ key: String, _ diagnostics: inout Diagnostics) -> Located<C>? {
  let words = C.allCases.map(\.rawValue)
  let expected = "one of: \(words.joined(separator: ", "))"
  guard let text = decodeScalar(node, expected: expected, &diagnostics) else { return nil }
  guard let value = C(rawValue: text) else {
    diagnostics.add(.invalidChoice(text, key, words, at: node.range))
    return nil
  }
  if value.isForLater {
    let ready = C.allCases.filter { !$0.isForLater }.map { "`\(key): \($0.rawValue)`" }
    diagnostics.add(.notSupportedYet("\(key): \(text)", instead: ready.joined(separator: " or "), at: node.range))
  }
  return Located(value, at: node.range)
}

func decodeInterface(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Located<InterfaceName>? {
  guard let text = decodeScalar(node, expected: "an interface name", &diagnostics) else { return nil }
  guard let name = InterfaceName(text) else {
    diagnostics.add(.invalidInterface(text, at: node.range))
    return nil
  }
  return Located(name, at: node.range)
}

func decodeInterfacePattern(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Located<InterfacePattern>? {
  guard let text = decodeScalar(node, expected: "an interface pattern", &diagnostics) else { return nil }
  guard let pattern = InterfacePattern(text) else {
    diagnostics.add(.invalidInterfacePattern(text, at: node.range))
    return nil
  }
  return Located(pattern, at: node.range)
}
