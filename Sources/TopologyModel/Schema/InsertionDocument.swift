/// A local addition as it is written.
package struct InsertionDocument: Sendable {
  package var range: SourceRange
  package var point: Located<InsertionPoint>?
  package var file: Located<InsertionPath>?
  package var devices: [Located<Name>]?
  package var racks: [Located<Name>]?
  package var networks: [Located<Name>]?
  package var role: Located<InsertionRole>?
  /// What the file holds; nil as long as it was not read, and if it can't be used.
  package var text: InsertedText?
}

package enum InsertionRole: String, Choice {
  case host, tor, spine

  package var role: DeviceRole {
    switch self {
    case .host: .host
    case .tor: .tor
    case .spine: .spine
    }
  }
}

/// The keys that say which devices get an addition.
private let selectors = ["devices", "racks", "networks", "role"]

extension ObjectSpec {
  static let insertion = ObjectSpec(
    "insertion", phrase: "a local addition",
    "A text that is added to a file of some devices as it is; the compiler does not verify it. A device gets it if every one of `devices`, `racks`, `networks` and `role` that is there names it.",
    [
      KeySpec(
        "point", .choice(InsertionPoint.all.map(\.name)), required: true,
        "The file and the place in it."),
      KeySpec(
        "file", .pattern("^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$", example: "local/acme.conf"),
        required: true, "The text, in a file beside this one: UTF-8, up to 64 KiB."),
      KeySpec("devices", .list(.name), "Hosts, ToRs and spines; each must have the file."),
      KeySpec("racks", .list(.name), "Hosts and ToRs of these racks, as far as they have the file."),
      KeySpec("networks", .list(.name), "Devices that hold endpoints' prefixes of these networks: hosts, and ToRs."),
      KeySpec("role", choice(InsertionRole.self), "All devices of a kind that have the file."),
    ])
}

func decodeInsertion(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> InsertionDocument? {
  guard let reader = MappingReader(node, .insertion, &diagnostics) else { return nil }
  let document = InsertionDocument(
    range: reader.keyRange("point") ?? reader.range,
    point: reader.required("point", &diagnostics).flatMap { decodePoint($0, &diagnostics) },
    file: reader.required("file", &diagnostics).flatMap { decodePath($0, &diagnostics) },
    devices: reader.names("devices", &diagnostics), racks: reader.names("racks", &diagnostics),
    networks: reader.names("networks", &diagnostics), role: reader.choice("role", &diagnostics))
  if selectors.allSatisfy({ reader.keyRange($0) == nil }) {
    diagnostics.add(.insertionWithoutSelector(at: reader.range))
  }
  return document
}

private func decodePoint(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Located<InsertionPoint>? {
  guard let text = decodeScalar(node, expected: "a point such as bird.conf/v1/after", &diagnostics) else { return nil }
  guard let point = InsertionPoint(name: text) else {
    diagnostics.add(.unknownInsertionPoint(text, at: node.range))
    return nil
  }
  return Located(point, at: node.range)
}

private func decodePath(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Located<InsertionPath>? {
  guard let text = decodeScalar(node, expected: "the path of a file", &diagnostics) else { return nil }
  guard let path = InsertionPath(text) else {
    diagnostics.add(.insertionPath(text, at: node.range))
    return nil
  }
  return Located(path, at: node.range)
}

extension Diagnostic {
  static func insertionWithoutSelector(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .missingKey, "the local addition does not say for which devices it is",
      at: SourceRange(file: range.file, start: Int(range.start), end: Int(range.start) + 1),
      help: ["add one of \(selectors.map { "`\($0):`" }.joined(separator: ", ")); `role: host` means every host"])
  }

  static func unknownInsertionPoint(_ text: String, at range: SourceRange) -> Diagnostic {
    let names = InsertionPoint.all.map(\.name)
    let file = text.prefix { $0 != "/" }
    let ofFile = names.filter { $0.hasPrefix(file + "/") }
    let help: String
    if let near = nearMiss(of: text, among: names) {
      help = "did you mean '\(near)'?"
    } else if !ofFile.isEmpty {
      help = "points of \(file): \(ofFile.joined(separator: ", "))"
    } else {
      help = "files with points: \(InsertionFile.allCases.map(\.rawValue).joined(separator: ", "))"
    }
    return Diagnostic(
      .unknownInsertionPoint, "there is no insertion point \(shown(text))", at: range, help: [help])
  }
}
