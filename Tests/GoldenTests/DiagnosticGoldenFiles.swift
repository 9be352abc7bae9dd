import Foundation
import Testing
import TopologyModel

/// The golden files that this suite compares; `make golden` sets ROMANA_GOLDEN=rewrite.
enum GoldenText {
  /// The folder of the repository.
  static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")

  /// Whether differing files are to be written anew. CI only compares.
  static let isRewriting =
    ProcessInfo.processInfo.environment["ROMANA_GOLDEN"] == "rewrite"
    && ProcessInfo.processInfo.environment["CI"] != "true"

  /// Compares a text with a golden file, or writes the file anew and fails, so that somebody reads the difference.
  static func expect(_ text: String, isIn path: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let golden = (try? readFile(path)).map { String(decoding: $0, as: UTF8.self) }
    guard golden != text else { return }
    if isRewriting {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      Issue.record("\(path): rewritten: read git diff", sourceLocation: sourceLocation)
    } else {
      #expect(
        text == golden ?? "(no file)", "\(path) differs; `make golden` writes it anew", sourceLocation: sourceLocation)
    }
  }
}
