/// Reads the keys of one mapping against its specification. Unknown keys are reported when the reader is made.
struct MappingReader {
  let spec: ObjectSpec
  let range: SourceRange
  private let entries: [YAMLEntry]

  /// Nil, with a message, if the node is no mapping.
  init?(_ node: YAMLNode, _ spec: ObjectSpec, _ diagnostics: inout Diagnostics) {
    guard case .mapping(let entries) = node.content else {
      diagnostics.add(.wrongKind(expected: "a mapping with the keys of \(spec.phrase)", .mapping, found: node))
      return nil
    }
    self.spec = spec
    self.entries = entries
    range = node.range
    for entry in entries where spec.key(entry.key) == nil {
      diagnostics.add(
        spec.takesForSecret(entry.key)
          ? .clearTextSecret("there is no key '\(entry.key)'", at: entry.keyRange) : .unknownKey(entry, in: spec))
    }
  }

  /// The value of a key that the specification names.
  func node(_ key: String) -> YAMLNode? {
    assert(spec.key(key) != nil, "the key \(key) is missing in the specification of \(spec.name)")
    return entries.first { $0.key == key }?.value
  }

  func keyRange(_ key: String) -> SourceRange? { entries.first { $0.key == key }?.keyRange }

  /// The value of a key that must be there; reports if it is not.
  func required(_ key: String, _ diagnostics: inout Diagnostics) -> YAMLNode? {
    if let node = node(key) { return node }
    // A misspelt key was reported already; that it is missing says nothing more.
    let isMisspelt = entries.contains { spec.key($0.key) == nil && nearMiss(of: $0.key, among: [key]) != nil }
    if !isMisspelt { diagnostics.add(.missingKey(key, in: spec, at: range)) }
    return nil
  }

  func name(_ key: String, _ diagnostics: inout Diagnostics) -> Located<Name>? {
    node(key).flatMap { decodeName($0, &diagnostics) }
  }

  func requiredName(_ key: String, _ diagnostics: inout Diagnostics) -> Located<Name>? {
    required(key, &diagnostics).flatMap { decodeName($0, &diagnostics) }
  }

  func names(_ key: String, _ diagnostics: inout Diagnostics) -> [Located<Name>]? {
    node(key).map { decodeList($0, &diagnostics, decodeName) }
  }

  /// An integer in the range of the specification.
  func integer(_ key: String, _ diagnostics: inout Diagnostics) -> Located<Int>? {
    guard let node = node(key), case .integer(let range) = spec.key(key)?.type else { return nil }
    return decodeInteger(node, range, &diagnostics)
  }

  func asn(_ key: String, _ diagnostics: inout Diagnostics) -> Located<UInt32>? {
    node(key).flatMap { decodeASN($0, &diagnostics) }
  }

  func address(_ key: String, _ diagnostics: inout Diagnostics) -> Located<Address>? {
    guard let node = node(key), case .address(let family) = spec.key(key)?.type else { return nil }
    return decodeAddress(node, family, sibling: sibling(key), &diagnostics)
  }

  func prefix(_ key: String, _ diagnostics: inout Diagnostics) -> Located<Prefix>? {
    guard let node = node(key), case .prefix(let family) = spec.key(key)?.type else { return nil }
    return decodePrefix(node, family, sibling: sibling(key), &diagnostics)
  }

  /// The key that takes the same for the other family: `subnet` and `subnet6`.
  private func sibling(_ key: String) -> String? {
    let other = key.hasSuffix("6") ? String(key.dropLast()) : key + "6"
    return spec.key(other)?.name
  }

  func text(_ key: String, _ diagnostics: inout Diagnostics) -> Located<String>? {
    node(key).flatMap { decodeText($0, &diagnostics) }
  }

  func choice<C: Choice>(_ key: String, _ diagnostics: inout Diagnostics) -> Located<C>? {
    node(key).flatMap { decodeChoice($0, key, &diagnostics) }
  }

  func object(_ key: String, _ spec: ObjectSpec, _ diagnostics: inout Diagnostics) -> MappingReader? {
    node(key).flatMap { MappingReader($0, spec, &diagnostics) }
  }

  func list<Item>(
    _ key: String, _ diagnostics: inout Diagnostics, _ decode: (YAMLNode, inout Diagnostics) -> Item?
  ) -> [Item] {
    node(key).map { decodeList($0, &diagnostics, decode) } ?? []
  }
}

extension Diagnostic {
  static func unknownKey(_ entry: YAMLEntry, in spec: ObjectSpec) -> Diagnostic {
    let keys = spec.keys.map(\.name)
    let help = nearMiss(of: entry.key, among: keys).map { "did you mean '\($0)'?" }
    return Diagnostic(
      .unknownKey, "unknown key \(shown(entry.key)) in \(spec.phrase)", at: entry.keyRange,
      notes: help == nil ? ["\(spec.phrase) has the keys: \(keys.joined(separator: ", "))"] : [],
      help: [help ?? "remove it, or check the indentation: it may belong one level up or down"])
  }

  static func missingKey(_ key: String, in spec: ObjectSpec, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .missingKey, "the key '\(key)' is missing in \(spec.phrase)",
      at: SourceRange(file: range.file, start: Int(range.start), end: Int(range.start) + 1),
      help: ["add `\(key):`. \(spec.key(key)?.summary ?? "")"])
  }

  static func notSupportedYet(_ what: String, instead: String? = nil, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .notSupportedYet, "\(what): not supported yet", at: range,
      help: [
        "\(instead.map { "use \($0)" } ?? "remove it") for now; the changelog says when the compiler learns it"
      ])
  }
}
