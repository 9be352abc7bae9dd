import ArgumentParser
import TopologyModel

/// How messages about the input are written.
enum MessageFormat: String, ExpressibleByArgument, CaseIterable {
  /// For people, on standard error.
  case text
  /// For programs, on standard output: see docs/pipeline.md.
  case json
  /// OASIS SARIF 2.1.0.
  case sarif
  /// Workflow commands of GitHub Actions.
  case github
  /// Code Quality reports of GitLab.
  case gitlab
  /// JUnit's XML, as CI systems read it.
  case junit

  /// All messages; not empty even if there are none, but for GitHub.
  func spell(_ messages: [ReportedDiagnostic], topology: String) -> String {
    switch self {
    case .text: ""
    case .json: spellJSON(JSONReport(messages))
    case .sarif: spellJSON(SARIFLog(messages))
    case .github: messages.map(githubCommand).joined()
    case .gitlab: spellJSON(gitlabIssues(messages, topology: topology))
    case .junit: junitReport(messages, topology: topology)
    }
  }
}

struct MessageOptions: ParsableArguments {
  @Option(
    help: """
      How messages are written: text (on standard error), or on standard output json, sarif, github, gitlab or junit.
      """)
  var format = MessageFormat.text

  @Option(
    help: ArgumentHelp("The file for a report in another form than text; '-' is standard output.", valueName: "file"),
    completion: .file())
  var report = "-"

  mutating func validate() throws {
    if format == .text, report != "-" { throw ValidationError("--report goes with another --format than text") }
  }

  /// Says what was done: on standard output, or beside a report for programs on standard error.
  func tell(_ line: String) {
    writeText(line, to: format == .text || report != "-" ? .standardOutput : .standardError)
  }
}
