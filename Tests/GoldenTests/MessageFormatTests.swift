import Foundation
import FoundationXML
import Testing

@testable import TopologyModel
@testable import romana_compile

/// What `--format` prints, of every wrong input that there is a golden for.
struct MessageFormatTests {
  /// The messages of a pair, and what a form makes of them.
  private func report(_ pair: DiagnosticPair, _ format: MessageFormat) -> (messages: [ReportedDiagnostic], text: String)
  {
    let (diagnostics, sources) = pair.messages(in: pair.folder)
    let messages = diagnostics.reported(sources)
    return (messages, format.spell(messages, topology: "input.yaml"))
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test(arguments: DiagnosticPair.all)
  func `JSON says what the text says, at the same places`(_ pair: DiagnosticPair) throws {
    let (messages, text) = report(pair, .json)
    let report = try object(text)
    let items = try #require(report["messages"] as? [[String: Any]])
    #expect(items.count == messages.count)
    #expect(report["errors"] as? Int == messages.count { $0.severity == .error })
    let (diagnostics, sources) = pair.messages(in: pair.folder)
    var printer = DiagnosticPrinter(sources: sources)
    for (item, diagnostic) in zip(items, diagnostics.sorted()) {
      #expect(item["code"] as? String == diagnostic.code.text && item["message"] as? String == diagnostic.message)
      #expect(item["help"] as? [String] == diagnostic.help)
      let place = item["place"] as? [String: Any]
      let shown = place.map { "\($0["file"]!):\($0["line"]!):\($0["column"]!)" }
      #expect(shown == diagnostic.range.map { printer.place($0) })
    }
  }

  @Test(arguments: DiagnosticPair.all)
  func `SARIF's results name their rules, and regions end behind their beginning`(_ pair: DiagnosticPair) throws {
    let (messages, text) = report(pair, .sarif)
    let log = try object(text)
    #expect(log["version"] as? String == "2.1.0")
    let run = try #require((log["runs"] as? [[String: Any]])?.first)
    let driver = try #require((run["tool"] as? [String: Any])?["driver"] as? [String: Any])
    let rules = try #require(driver["rules"] as? [[String: Any]])
    let results = try #require(run["results"] as? [[String: Any]])
    #expect(results.count == messages.count)
    for (result, message) in zip(results, messages) {
      let index = try #require(result["ruleIndex"] as? Int)
      #expect(result["ruleId"] as? String == message.code.text && rules[index]["id"] as? String == message.code.text)
      #expect(["error", "warning"].contains(result["level"] as? String))
      let places =
        (result["locations"] as? [[String: Any]] ?? []) + (result["relatedLocations"] as? [[String: Any]] ?? [])
      #expect(places.count == (message.place == nil ? 0 : 1) + message.labels.count)
      for place in places {
        let physical = try #require(place["physicalLocation"] as? [String: Any])
        let region = try #require(physical["region"] as? [String: Int])
        let (start, end) = ((region["startLine"]!, region["startColumn"]!), (region["endLine"]!, region["endColumn"]!))
        #expect(start >= (1, 1) && end >= start)
        let uri = try #require((physical["artifactLocation"] as? [String: Any])?["uri"] as? String)
        #expect(URL(string: uri) != nil, "\(uri)")
      }
    }
  }

  @Test(arguments: DiagnosticPair.all)
  func `a command of GitHub is one line, which gives the message back`(_ pair: DiagnosticPair) throws {
    let (messages, text) = report(pair, .github)
    let lines = text.split(separator: "\n")
    #expect(lines.count == messages.count && !text.contains("\r"))
    for (line, message) in zip(lines, messages) {
      let parts = line.dropFirst(2).split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
      #expect(parts.count == 2 && parts[0].hasPrefix("\(message.severity.name) "))
      #expect(parts.last?.removingPercentEncoding == message.paragraph)
      #expect(parts[0].split(separator: ",").count == (message.place == nil ? 1 : 6))
    }
  }

  @Test(arguments: DiagnosticPair.all)
  func `GitLab's issues have fingerprints of their own`(_ pair: DiagnosticPair) throws {
    let (messages, text) = report(pair, .gitlab)
    let issues = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    #expect(issues.count == messages.count)
    #expect(Set(issues.compactMap { $0["fingerprint"] as? String }).count == issues.count)
    for (issue, message) in zip(issues, messages) {
      let location = try #require(issue["location"] as? [String: Any])
      let lines = try #require(location["lines"] as? [String: Int])
      #expect(lines["begin"] == message.place?.line ?? 1 && issue["check_name"] as? String == message.code.text)
      #expect(["major", "minor"].contains(issue["severity"] as? String))
    }
  }

  @Test(arguments: DiagnosticPair.all)
  func `JUnit's report is XML that counts errors as failures`(_ pair: DiagnosticPair) throws {
    let (messages, text) = report(pair, .junit)
    let counter = ElementCounter()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = counter
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    let errors = messages.count { $0.severity == .error }
    #expect(counter.counts["failure", default: 0] == errors)
    #expect(counter.counts["testcase"] == messages.count + (errors == 0 ? 1 : 0))
    #expect(counter.attributes["testsuites"]?["failures"] == "\(errors)")
    #expect(counter.attributes["testsuites"]?["tests"] == "\(counter.counts["testcase", default: 0])")
  }

  /// A line that is put in before does not make a known issue a new one.
  @Test func `GitLab's fingerprint does not depend on the line`() {
    func fingerprint(_ line: Int) -> [String] {
      let place = ReportedDiagnostic.Place(file: "a.yaml", line: line, column: 1, endLine: line, endColumn: 2)
      let message = ReportedDiagnostic(Diagnostic(.unknownKey, "unknown key 'x'", at: nil), at: place, labels: [])
      return gitlabIssues([message, message], topology: "a.yaml").map(\.fingerprint)
    }
    #expect(fingerprint(3) == fingerprint(9) && Set(fingerprint(3)).count == 2)
  }

  @Test func `a path becomes a URI that means the same file`() {
    for (path, uri) in [
      ("site/net.yaml", "site/net.yaml"), ("/srv/a b.yaml", "file:///srv/a%20b.yaml"),
      ("a:b#c?.yaml", "a%3Ab%23c%3F.yaml"),
      ("Größe.yaml", "Gr%C3%B6%C3%9Fe.yaml"),
    ] {
      #expect(uriReference(path) == uri)
      #expect(URL(string: uri)?.path == path)
    }
  }

  @Test(arguments: MessageFormat.allCases.filter { $0 != .text })
  func `without messages there is a report all the same`(_ format: MessageFormat) throws {
    let text = format.spell([], topology: "net.yaml")
    switch format {
    case .text, .github: #expect(text.isEmpty)
    case .gitlab: #expect(text == "[]\n" || text == "[\n\n]\n")
    case .json: #expect(try object(text)["errors"] as? Int == 0)
    case .sarif: #expect(try object(text)["version"] as? String == "2.1.0")
    case .junit: #expect(text.contains("failures=\"0\"") && text.contains("name=\"compiles\""))
    }
  }
}

private final class ElementCounter: NSObject, XMLParserDelegate {
  private(set) var counts: [String: Int] = [:]
  private(set) var attributes: [String: [String: String]] = [:]

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String] = [:]
  ) {
    counts[name, default: 0] += 1
    self.attributes[name] = attributes
  }
}
