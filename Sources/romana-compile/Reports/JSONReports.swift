import FoundationEssentials
import TopologyModel

/// Two blanks a level, keys in the order of their names, a line end behind it.
func spellJSON(_ value: some Encodable) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  // Nothing in these reports can fail to be encoded: they hold texts and whole numbers.
  let bytes = (try? encoder.encode(value)) ?? Data()
  return String(decoding: bytes, as: UTF8.self) + "\n"
}

/// The compiler's own form.
struct JSONReport: Encodable {
  struct Message: Encodable {
    var code: String
    var name: String
    var severity: String
    var message: String
    var place: ReportedDiagnostic.Place?
    var labels: [ReportedDiagnostic.Label]
    var notes: [String]
    var help: [String]
  }
  var compiler = compilerVersion
  var errors: Int
  var warnings: Int
  var messages: [Message]

  init(_ messages: [ReportedDiagnostic]) {
    errors = messages.count { $0.severity == .error }
    warnings = messages.count - errors
    self.messages = messages.map {
      Message(
        code: $0.code.text, name: $0.code.slug, severity: "\($0.severity.name)", message: $0.message, place: $0.place,
        labels: $0.labels, notes: $0.notes, help: $0.help)
    }
  }
}

/// An issue of a Code Quality report (GitLab documentation, "Code Quality report format").
struct GitLabIssue: Encodable {
  struct Location: Encodable {
    struct Lines: Encodable { var begin: Int }
    var path: String
    var lines: Lines
  }
  var description: String
  var checkName: String
  /// The same for the same message at the same thing, whatever line it stands on.
  var fingerprint: String
  var severity: String
  var location: Location

  enum CodingKeys: String, CodingKey {
    case description, fingerprint, severity, location
    case checkName = "check_name"
  }
}

/// - Parameter topology: the path that messages without a place belong to.
func gitlabIssues(_ messages: [ReportedDiagnostic], topology: String) -> [GitLabIssue] {
  var seen: [String: Int] = [:]
  return messages.map { message in
    let path = message.place?.file ?? topology
    let identity = "\(message.code.text)\n\(path)\n\(message.message)"
    let count = seen[identity, default: 0]
    seen[identity] = count + 1
    return GitLabIssue(
      description: message.paragraph, checkName: message.code.text,
      fingerprint: SHA256Digest(of: [Array(identity.utf8), Array("\(count)".utf8)]).hex,
      severity: message.severity == .error ? "major" : "minor",
      location: GitLabIssue.Location(path: path, lines: .init(begin: message.place?.line ?? 1)))
  }
}
