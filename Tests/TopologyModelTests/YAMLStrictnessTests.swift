import Testing

@testable import TopologyModel

@Suite struct YAMLStrictnessTests {
  @Test(arguments: [
    "no", "yes", "off", "true", "null", "~", "010", "0x1F", "0o17", "1e3", "1_000", "1.50", "22:22", "2001-01-01",
    ".inf",
    "=", "+1", "-1",
  ])
  func `a plain value stays the text that stands in the file`(text: String) throws {
    let node = try #require(parse("key: \(text)\n").node)
    guard case .mapping(let entries) = node.content else { throw Failure() }
    guard case .scalar(let value, isPlain: true) = entries[0].value.content else { throw Failure() }
    #expect(value == text)
  }

  @Test(arguments: ["no", "yes", "off", "null", "010", "0x1F", "1e3", "1_000", "1.50", "2001-01-01"])
  func `what other readers take for a number or a truth value can be a name`(text: String) throws {
    let topology = try compileCleanly(
      "romana: 1\nfabric: \(text)\ntenants: [{ name: \(text), segments: [\(text)] }]\n"
    ).topology
    #expect(topology.fabric.text == text)
    #expect(topology.tenants[0].name.text == text)
    #expect(topology.tenants[0].segments[0].name.text == text)
  }

  @Test(arguments: ["010", "0x10", "1e3", "+1", "-1", "1.0", "1_0", "0b1", "1 ", "", "٣", "99999999999999999999999"])
  func `a number is decimal digits and nothing else`(text: String) {
    let compiled = compile("romana: 1\nfabric: paris\ntenants: [{ name: acme, id: \"\(text)\", segments: [web] }]\n")
    #expect(compiled.codes == [.invalidNumber])
  }

  @Test func `JSON is read because it is YAML`() throws {
    let topology = try compileCleanly(
      #"{"romana": 1, "fabric": "paris", "tenants": [{"name": "acme", "id": 7, "segments": ["web", {"name": "db"}]}]}"#
    ).topology
    #expect(topology.tenants[0].id == 7)
    #expect(topology.tenants[0].segments.map(\.name.text) == ["web", "db"])
  }

  @Test(arguments: [
    ("ä: 1\nkey: [\n", 3, 1), ("a: ä\nbß: { ö: 1, ö: 2 }\n", 2, 13), ("a: 1\r\nb: 2\r\nb: 3\r\n", 3, 1),
    ("a: 1\rb: 2\ra: 3\r", 3, 1), ("# 🙂🙂\na: \"\u{85}\"\na: 2\n", 3, 1), ("é: \u{2028}x\né: 1\n", 2, 1),
    ("a: {b: 1, \"🙂\": 2, \"🙂\": 3}\n", 1, 19),
  ])
  func `a place is the line and column that an editor shows`(text: String, line: Int, column: Int) throws {
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    let file = sources.add(SourceFile(path: "f", bytes: Array(text.utf8)))
    _ = parseYAML(file, in: sources, &diagnostics)
    var printer = DiagnosticPrinter(sources: sources)
    let range = try #require(diagnostics.all.first?.range)
    #expect(printer.place(range) == "f:\(line):\(column)")
  }

  @Test func `aliases stay within their bound and keep the text of what they stand for`() throws {
    let text = """
      romana: 1
      fabric: paris
      tenants:
        - { name: acme, segments: &s [web, db] }
        - { name: qa, segments: *s }
      """
    let topology = try compileCleanly(text).topology
    #expect(topology.tenants.map { $0.segments.map(\.name.text) } == [["web", "db"], ["web", "db"]])
  }

  @Test(arguments: ["[", "{", "- ", "? ", "[{a: "])
  func `ten megabytes of openings end at the first level too many`(opening: String) {
    let text = String(repeating: opening, count: 10_000_000 / opening.utf8.count)
    let (node, diagnostics) = parse(text)
    #expect(node == nil)
    #expect([[.nestingTooDeep], [.keyNotScalar]].contains(diagnostics.all.map(\.code)))
  }

  @Test func `a bomb of aliases ends at its bound`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
    }
    #expect(parse(text).diagnostics.all.map(\.code) == [.aliasExpansion])
  }

  private struct Failure: Error {}
}
