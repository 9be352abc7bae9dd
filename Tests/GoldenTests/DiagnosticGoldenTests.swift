import Foundation
import Testing
import TopologyModel

@Suite struct DiagnosticGoldenTests {
  @Test(arguments: DiagnosticPair.all)
  func `a wrong input gives exactly its message`(pair: DiagnosticPair) throws {
    try GoldenText.expect(try pair.printedText(), isIn: pair.folder + "/expected.txt")
  }

  @Test func `every code has its pair`() {
    let covered = Set(DiagnosticPair.all.compactMap(\.code))
    for code in DiagnosticCode.allCases {
      #expect(covered.contains(code), "golden/diagnostics/\(code.slug) is missing")
    }
  }

  @Test(arguments: DiagnosticPair.all)
  func `a pair shows its own code and no other`(pair: DiagnosticPair) throws {
    let code = try #require(pair.code, "\(pair.name) does not begin with the slug of a code")
    let text = String(decoding: try readFile(pair.folder + "/expected.txt"), as: UTF8.self)
    let codes = Set(DiagnosticCode.allCases.filter { text.contains("[\($0.text)]: ") })
    #expect(codes.contains(code))
    #expect(codes.subtracting(pair.codes).isEmpty)
  }

  @Test(arguments: DiagnosticPair.all)
  func `a message has a place, a reason and help, and fits a terminal`(pair: DiagnosticPair) throws {
    let text = String(decoding: try readFile(pair.folder + "/expected.txt"), as: UTF8.self)
    for message in text.components(separatedBy: "\n\n") where message.hasPrefix("error") || message.hasPrefix("warning")
    {
      let lines = message.components(separatedBy: "\n")
      let sentence = try #require(lines.first).drop { $0 != " " }.dropFirst()
      #expect(!sentence.hasSuffix("."), "a message is a sentence without a full stop: \(sentence)")
      #expect(sentence.first?.isUppercase != true, "a message begins in lower case: \(sentence)")
      #expect(sentence.utf8.count < 250, "a message is one short sentence: \(sentence)")
      #expect(lines.contains { $0.contains("= help: ") }, "a message says what to do: \(sentence)")
      #expect(
        text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && $0.properties.generalCategory != .format) })
    }
  }
}
