import TopologyModel

/// A log of one run (OASIS SARIF 2.1.0).
struct SARIFLog: Encodable {
  struct Text: Encodable { var text: String }

  struct Rule: Encodable {
    struct Configuration: Encodable { var level: String }
    var id: String
    var name: String
    var shortDescription: Text
    var fullDescription: Text
    var defaultConfiguration: Configuration
  }

  struct Driver: Encodable {
    var name = "romana-compile"
    var version = compilerVersion
    var rules: [Rule]
  }

  struct Tool: Encodable { var driver: Driver }

  /// Columns count Unicode scalars (section 3.14.27), lines and columns from 1, the end is behind the last (section 3.30).
  struct Location: Encodable {
    struct Artifact: Encodable { var uri: String }
    struct Region: Encodable {
      var startLine: Int
      var startColumn: Int
      var endLine: Int
      var endColumn: Int
    }
    struct Physical: Encodable {
      var artifactLocation: Artifact
      var region: Region
    }
    var id: Int?
    var physicalLocation: Physical
    var message: Text?
  }

  struct Result: Encodable {
    var ruleId: String
    var ruleIndex: Int
    var level: String
    var message: Text
    var locations: [Location]
    var relatedLocations: [Location]
  }

  struct Run: Encodable {
    var tool: Tool
    var columnKind = "unicodeCodePoints"
    var results: [Result]
  }

  var schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
  var version = "2.1.0"
  var runs: [Run]

  enum CodingKeys: String, CodingKey {
    case schema = "$schema"
    case version, runs
  }

  init(_ messages: [ReportedDiagnostic]) {
    let codes = Set(messages.map(\.code)).sorted { $0.rawValue < $1.rawValue }
    let index = Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($1, $0) })
    let results = messages.map { message in
      Result(
        ruleId: message.code.text, ruleIndex: index[message.code] ?? 0, level: "\(message.severity.name)",
        message: Text(text: message.paragraph), locations: message.place.map { [Location($0)] } ?? [],
        relatedLocations: message.labels.enumerated().map { Location($1.place, id: $0 + 1, $1.text) })
    }
    runs = [Run(tool: Tool(driver: Driver(rules: codes.map(Rule.init))), results: results)]
  }
}

extension SARIFLog.Rule {
  fileprivate init(_ code: DiagnosticCode) {
    self.init(
      id: code.text, name: code.slug, shortDescription: .init(text: code.summary),
      fullDescription: .init(text: code.explanation),
      defaultConfiguration: Configuration(level: "\(code.severity.name)"))
  }
}

extension SARIFLog.Location {
  fileprivate init(_ place: ReportedDiagnostic.Place, id: Int? = nil, _ text: String? = nil) {
    self.id = id
    physicalLocation = Physical(
      artifactLocation: Artifact(uri: uriReference(place.file)),
      region: Region(
        startLine: place.line, startColumn: place.column, endLine: place.endLine, endColumn: place.endColumn))
    message = text.map { SARIFLog.Text(text: $0) }
  }
}

/// A path as a URI reference (RFC 3986): relative ones stay so, of absolute ones the scheme is `file`.
func uriReference(_ path: String) -> String {
  // A colon in the first segment would look like a scheme (section 4.2).
  let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/@+,=".utf8)
  return (path.hasPrefix("/") ? "file://" : "") + percentEncoded(path) { !plain.contains($0) }
}
