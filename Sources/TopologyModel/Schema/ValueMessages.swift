/// What a key takes, for the advice when it finds something else.
enum ExpectedForm {
  case single, list, mapping
}

extension Diagnostic {
  /// `expected` completes "expected …".
  static func wrongKind(expected: String, _ form: ExpectedForm = .single, found node: YAMLNode) -> Diagnostic {
    let help =
      switch (form, node.content) {
      case (_, .scalar("", isPlain: true)): "write a value, or remove the key"
      case (.list, _): "begin each item with `- `, or put brackets around them"
      case (.mapping, .sequence): "write `key: value` pairs, without a `- ` before the first"
      case (.mapping, _): "write `key: value` pairs below it, or `{ key: value }`"
      case (.single, .sequence): "write one value; a text that begins with `[` needs quotes"
      case (.single, _): "write one value; a text that begins with `{` or contains `: ` needs quotes"
      }
    return Diagnostic(
      .wrongKind, "expected \(expected), found \(node.kindName)", at: node.range, help: [help])
  }

  static func invalidName(_ text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidName, "\(shown(text)) is not a name", at: range,
      notes: ["names become file names, and comments and identifiers in device configurations"],
      help: ["use 1 to 63 letters, digits, '-', '_' and '.', the first a letter or digit, the last no '.'"]
        + (text.contains("[") ? ["several hosts at once have `range:` in place of `name:`"] : []))
  }

  static func textTooLong(at range: SourceRange) -> Diagnostic {
    Diagnostic(.invalidText, "the text is longer than 1000 bytes", at: range, help: ["shorten it"])
  }

  static func invalidNumber(_ text: String, expected: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidNumber, "expected \(expected), found \(shown(text))", at: range,
      help: ["write decimal digits without sign, leading zeros or exponent"])
  }

  static func invalidChoice(_ text: String, _ key: String, _ words: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidChoice, "\(shown(text)) is not a value of '\(key)'", at: range,
      help: (nearMiss(of: text, among: words).map { ["did you mean '\($0)'?"] } ?? [])
        + ["it is one of: \(words.joined(separator: ", "))"])
  }

  static func invalidASN(_ text: String, isNumber: Bool, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidASN,
      isNumber ? "the AS number \(shown(text)) can't be used" : "\(shown(text)) is not an AS number", at: range,
      notes: isNumber
        ? ["AS numbers are 1 to 4294967294; 23456 and 65535 are reserved"]
        : ["AS numbers are decimal digits, without `AS`, dots or leading zeros"],
      help: ["use a private one: 64512-65534 or 4200000000-4294967294"])
  }

  static func invalidASNPool(_ text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidASN, "\(shown(text)) is not a range of AS numbers", at: range,
      help: ["write it as `4200000000-4200999999`, the lower number first"])
  }

  static func invalidAddress(_ text: String, _ error: AddressSyntaxError, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidAddress, "\(shown(text)) \(error)", at: range,
      help: ["write an address such as 172.16.1.1 or fd00:16:1::1, without a length"])
  }

  static func invalidPrefix(_ text: String, _ error: AddressSyntaxError, at range: SourceRange) -> Diagnostic {
    let help: String
    switch error {
    case .hostBitsSet(let masked): help = "did you mean \(masked)?"
    case .missingLength: help = "add the length, as in \(text)/\(text.contains(":") ? 64 : 24)"
    default: help = "write a prefix such as 10.0.0.0/8 or fd00::/32"
    }
    return Diagnostic(.invalidPrefix, "\(shown(text)) \(error)", at: range, help: [help])
  }

  static func wrongFamily(
    _ text: String, _ found: AddressFamily, expected: AddressFamily, sibling: String?, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .wrongFamily, "\(shown(text)) is \(found.name), but this key takes \(expected.name)", at: range,
      help: [sibling.map { "move it to `\($0):`" } ?? "choose an \(expected.name) one"])
  }

  static func invalidInterface(_ text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidInterface, "\(shown(text)) is not an interface name", at: range,
      help: ["use 1 to 15 letters, digits, '-', '_' and '.', the first a letter or digit"])
  }

  static func invalidInterfacePattern(_ text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidInterface, "\(shown(text)) is not an interface pattern", at: range,
      help: ["write an interface name, or the beginning of names followed by '+', as in \"ep+\"; at most 15 characters"]
    )
  }
}
