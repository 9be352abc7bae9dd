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
    diagnostics.add(.wrongKind(expected: "a list", found: node))
    return []
  }
  var items: [Item] = []
  items.reserveCapacity(nodes.count)
  for node in nodes {
    if let item = decode(node, &diagnostics) { items.append(item) }
  }
  return items
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

private func decimal(_ text: some StringProtocol) -> Int? {
  let digits = text.utf8
  guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  guard digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
  return Int(text)
}

/// An AS number of RFC 6793, 1 to 4294967294, less those that RFC 7607, 6793 and 7300 reserve.
func decodeASN(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Located<UInt32>? {
  guard let text = decodeScalar(node, expected: "an AS number", &diagnostics) else { return nil }
  guard let asn = parseASN(text) else {
    diagnostics.add(.invalidASN(text, at: node.range))
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

func decodeAddress(_ node: YAMLNode, _ family: AddressFamily?, _ diagnostics: inout Diagnostics) -> Located<
  Address
>? {
  guard let text = decodeScalar(node, expected: "an \(familyName(family)) address", &diagnostics) else {
    return nil
  }
  do {
    let address = try Address(parsing: text)
    return checkFamily(address.family, family, text, node.range, &diagnostics)
      ? Located(address, at: node.range) : nil
  } catch {
    diagnostics.add(.invalidAddress(text, error, at: node.range))
    return nil
  }
}

func decodePrefix(_ node: YAMLNode, _ family: AddressFamily?, _ diagnostics: inout Diagnostics) -> Located<
  Prefix
>? {
  guard let text = decodeScalar(node, expected: "an \(familyName(family)) prefix", &diagnostics) else {
    return nil
  }
  do {
    let prefix = try Prefix(parsing: text)
    return checkFamily(prefix.family, family, text, node.range, &diagnostics)
      ? Located(prefix, at: node.range) : nil
  } catch {
    diagnostics.add(.invalidPrefix(text, error, at: node.range))
    return nil
  }
}

private func checkFamily(
  _ found: AddressFamily, _ expected: AddressFamily?, _ text: String, _ range: SourceRange,
  _ diagnostics: inout Diagnostics
) -> Bool {
  guard let expected, found != expected else { return true }
  diagnostics.add(
    Diagnostic(.wrongFamily, "'\(text)' is \(found.name), but this key takes \(expected.name)", at: range))
  return false
}

private func familyName(_ family: AddressFamily?) -> String {
  family.map { "\($0.name)" } ?? "IPv4 or IPv6"
}

func decodeChoice<C: Choice>(_ node: YAMLNode, _ key: String, _ diagnostics: inout Diagnostics) -> Located<C>? {
  let words = C.allCases.map(\.rawValue)
  let expected = "one of: \(words.joined(separator: ", "))"
  guard let text = decodeScalar(node, expected: expected, &diagnostics) else { return nil }
  guard let value = C(rawValue: text) else {
    let near = nearMiss(of: text, among: words)
    diagnostics.add(
      Diagnostic(
        .invalidChoice, "'\(text)' is not a value of '\(key)'; expected \(expected)", at: node.range,
        help: near.map { ["did you mean '\($0)'?"] } ?? []))
    return nil
  }
  if value.isForLater { diagnostics.add(.notSupportedYet("\(key): \(text)", at: node.range)) }
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
    diagnostics.add(.invalidInterface(text, at: node.range))
    return nil
  }
  return Located(pattern, at: node.range)
}

extension Diagnostic {
  static func invalidName(_ text: String, at range: SourceRange) -> Diagnostic {
    let shown = text.count > 40 ? text.prefix(40) + "…" : text[...]
    return Diagnostic(
      .invalidName, "'\(shown)' is not a name", at: range,
      notes: ["names become file names, and comments and identifiers in device configurations"],
      help: ["use 1 to 63 letters, digits, '-', '_' and '.', the first a letter or digit, the last no '.'"])
  }

  static func textTooLong(at range: SourceRange) -> Diagnostic {
    Diagnostic(.invalidText, "the text is longer than 1000 bytes", at: range, help: ["shorten it"])
  }

  static func invalidNumber(_ text: String, expected: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidNumber, "expected \(expected), found '\(text)'", at: range,
      help: ["write decimal digits without sign, leading zeros or exponent"])
  }

  static func invalidASN(_ text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidASN, "'\(text)' is not a usable AS number", at: range,
      notes: ["0, 23456, 65535 and 4294967295 are reserved"],
      help: ["private AS numbers are 64512-65534 and 4200000000-4294967294"])
  }

  static func invalidASNPool(_ text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidASN, "'\(text)' is not a range of AS numbers", at: range,
      help: ["write it as `4200000000-4200999999`, the lower number first"])
  }

  static func invalidAddress(_ text: String, _ error: AddressSyntaxError, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidAddress, "'\(text)' \(error)", at: range,
      help: ["write an address such as 172.16.1.1 or fd00:16:1::1, without a length"])
  }

  static func invalidPrefix(_ text: String, _ error: AddressSyntaxError, at range: SourceRange) -> Diagnostic {
    let help: String
    switch error {
    case .hostBitsSet(let masked): help = "did you mean \(masked)?"
    case .missingLength: help = "add the length, as in \(text)/24"
    default: help = "write a prefix such as 10.0.0.0/8 or fd00::/32"
    }
    return Diagnostic(.invalidPrefix, "'\(text)' \(error)", at: range, help: [help])
  }

  static func invalidInterface(_ text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidInterface, "'\(text.prefix(40))' is not an interface name", at: range,
      help: [
        "use 1 to 15 letters, digits, '-', '_' and '.', the first a letter or digit; a pattern may end with '+'"
      ])
  }
}
