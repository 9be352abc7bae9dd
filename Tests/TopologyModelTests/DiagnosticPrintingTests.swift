import Testing

@testable import TopologyModel

@Suite struct DiagnosticPrintingTests {
  private func tenants(_ count: Int, _ line: (Int) -> String) -> Compiled {
    compile("romana: 1\nfabric: paris\ntenants:\n" + (0..<count).map { "  - \(line($0))\n" }.joined())
  }

  @Test func `hundreds of errors are printed up to the limit and counted`() {
    let result = tenants(777) { "{ name: -t\($0), segments: [web] }" }
    #expect(result.diagnostics.errorCount == 777)
    #expect(result.printed.split(separator: "\n").count { $0.hasPrefix("error[") } == 200)
    #expect(result.printed.hasSuffix("\n777 errors; the first 200 are shown, 577 more are not\n"))
    #expect(result.printed.contains("input.yaml:4:13\n"))
  }

  @Test(arguments: [(1, "1 error\n"), (2, "2 errors\n"), (200, "200 errors\n")])
  func `a summary counts`(count: Int, ending: String) {
    #expect(tenants(count) { "{ name: -t\($0), segments: [web] }" }.printed.hasSuffix("\n\(ending)"))
  }

  @Test func `messages stand in the order of the source`() {
    let result = tenants(3) { $0 == 1 ? "{ nam: t, segments: [-x] }" : "{ name: -t\($0), segments: [web], id: 0 }" }
    #expect(result.codes == [.invalidName, .invalidNumber, .unknownKey, .invalidName, .invalidName, .invalidNumber])
  }

  @Test func `a very long line is shown as a window around the cause`() {
    let padding = String(repeating: "x", count: 1000)
    let result = compile("{\"romana\": 1, \"fabric\": \"paris\", \"\(padding)\": 1, \"allow\": [\"\(padding)\"]}")
    #expect(result.codes == [.unknownKey, .unknownCode])
    #expect(result.printed.split(separator: "\n").allSatisfy { $0.utf8.count < 250 })
  }

  @Test func `ten thousand errors on one long line are printed in a moment`() {
    let names = (0..<100_000).map { "\"-\($0)é\"" }.joined(separator: ", ")
    let result = compile(
      "{\"romana\": 1, \"fabric\": \"paris\", \"tenants\": [{\"name\": \"t\", \"segments\": [\(names)]}]}")
    #expect(result.diagnostics.errorCount == 100_000)
    #expect(result.printed.split(separator: "\n").count { $0.hasPrefix("error[") } == 200)
  }

  @Test func `what the user wrote can't control the terminal`() {
    let result = tenants(1) { _ in "{ name: \"a\\e[31m\\u202e\\u0007\", segments: [web] }" }
    let escapes = tenants(1) { _ in "{ name: \"a\\u202e\\u009b31m\\u2028\", segments: [web] }" }
    for printed in [result.printed, escapes.printed] {
      let printable = printed.unicodeScalars.allSatisfy {
        $0 == "\n"
          || ($0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) && $0.properties.generalCategory != .format)
      }
      #expect(printable)
    }
    #expect(escapes.printed.contains(#"'a\u{202e}\u{9b}31m\u{2028}'"#))
  }

  @Test func `colors stand around the title only`() {
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    let file = sources.add(SourceFile(path: "f", bytes: Array("romana: 2\n".utf8)))
    diagnostics.add(.unsupportedVersion(at: SourceRange(file: file, start: 8, end: 9)))
    var printer = DiagnosticPrinter(sources: sources, colored: true)
    #expect(printer.text(diagnostics).hasPrefix("\u{1b}[1;31merror[RC0214]\u{1b}[0m: this compiler"))
    #expect(printer.text(diagnostics).split(separator: "\u{1b}").count == 2)
  }

  @Test func `a warning that is allowed is not shown, an error is`() {
    var fabric = Fabric.sample
    fabric.extra = "defaults: { protocol: static }\n"
    #expect(compile(fabric.text).codes == [.staticBlindness])
    fabric.extra = "allow: [RC0506]\ndefaults: { protocol: static }\n"
    #expect(compile(fabric.text).codes == [])
    #expect(compile(fabric.text).printed == "")
    fabric.tenants[0].name = "-x"
    #expect(compile(fabric.text).codes == [.invalidName])
  }

  @Test func `a setting that a thousand hosts inherit is wrong once`() {
    var fabric = Fabric.sample
    fabric.networks.remove(at: 0)
    fabric.regions[0].racks[0].subnet = "subnet: 172.16.128.0/20"
    fabric.regions[0].racks[0].hosts = (0..<1000).map { .init(name: "x\($0)") }
    fabric.networks[0].extra = ""
    fabric.extra = "defaults: { speaker: none, interface: ep0 }\n"
    #expect(compile(fabric.text).codes == [.speakerConflict, .interfaceConflict])
  }
}
