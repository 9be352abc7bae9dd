import Foundation
import Testing
import TopologyModel

/// The pages and the schema that are printed from the compiler's tables.
@Suite struct DiagnosticDocumentTests {
  @Test(arguments: [
    ("schema/romana.schema.json", renderJSONSchema), ("docs/reference.md", renderReference),
    ("docs/diagnostics.md", renderDiagnosticIndex),
  ])
  func `a printed page is what the compiler prints`(path: String, render: @Sendable () -> String) throws {
    try GoldenText.expect(render(), isIn: "\(GoldenText.root)/\(path)")
  }

  @Test(arguments: DiagnosticCode.allCases)
  func `every code has a long form of 4 to 12 lines with an example`(code: DiagnosticCode) {
    let lines = code.explanation.components(separatedBy: "\n")
    #expect((4...12).contains(lines.count))
    #expect(lines.allSatisfy { $0.count <= 100 || $0 == code.summary })
    #expect(lines.contains { $0.hasPrefix("    ") }, "an example is indented by four blanks")
    #expect(code.summary.hasSuffix(".") && !code.summary.contains("|") && code.summary.count <= 120)
    #expect(lines.last?.hasPrefix(" ") == false, "the last line says what to do")
  }

  @Test func `codes and slugs are unique and readable both ways`() {
    #expect(Set(DiagnosticCode.allCases.map(\.slug)).count == DiagnosticCode.allCases.count)
    for code in DiagnosticCode.allCases { #expect(DiagnosticCode(text: code.text) == code) }
    for text in ["", "RC", "RC9999", "RC+401", "RC-401", "RC0x91", "RC401", "RC00401", "0401"] {
      #expect(DiagnosticCode(text: text) == nil, "\(text) is no code")
    }
  }

  @Test func `the schema is JSON and names every key of the language`() throws {
    let schema = try JSONSerialization.jsonObject(with: Data(renderJSONSchema().utf8)) as? [String: Any]
    let properties = try #require(schema?["properties"] as? [String: Any])
    #expect(properties.keys.sorted() == ObjectSpec.topology.keys.map(\.name).sorted())
    #expect(renderJSONSchema() == renderJSONSchema())
  }
}

/// Topologies in the handbook.
@Suite struct HandbookGoldenTests {
  private static let topologies: [String] = {
    let text = (try? readFile("\(GoldenText.root)/docs/language.md")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.components(separatedBy: "```yaml\n").dropFirst().map { String($0.components(separatedBy: "```")[0]) }
  }()

  @Test func `there are some`() { #expect(Self.topologies.count >= 5) }

  @Test(arguments: topologies) func `a topology of the handbook compiles`(text: String) {
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    let file = sources.add(SourceFile(path: "language.md", bytes: Array(text.utf8)))
    let isMain = text.hasPrefix("romana: 1")
    let document = parseYAML(file, in: sources, &diagnostics).flatMap {
      decodeTopology($0, isMain: isMain, &diagnostics)
    }
    diagnostics.allowed.formUnion((document?.allowed ?? []).map(\.value))
    if isMain { _ = document.flatMap { resolveTopology($0, lock: nil, &diagnostics) } }
    var printer = DiagnosticPrinter(sources: sources)
    #expect(printer.text(diagnostics) == "")
  }
}
