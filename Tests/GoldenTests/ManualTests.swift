import Foundation
import Subprocess
import SystemPackage
import Testing

/// docs/romana-compile.1, which scripts/write-manual makes with the tool of swift-argument-parser.
struct ManualTests {
  private static let page = Repository.root.appending("docs").appending("romana-compile.1")

  /// The commands and options, each after its command, as the program tells them.
  private func told() async throws -> [String] {
    let result = try await Subprocess.run(
      .path(Repository.program), arguments: ["--experimental-dump-help"], output: .string(limit: 1 << 22),
      error: .discarded)
    let dump = try #require(
      JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8)) as? [String: Any])
    var lines: [String] = []
    func walk(_ command: [String: Any]) {
      if command["shouldDisplay"] as? Bool == false { return }
      for argument in command["arguments"] as? [[String: Any]] ?? [] where argument["shouldDisplay"] as? Bool == true {
        for name in argument["names"] as? [[String: String]] ?? [] where name["kind"] == "long" {
          lines.append("--\(name["name"] ?? "")")
        }
      }
      for inner in command["subcommands"] as? [[String: Any]] ?? [] {
        lines.append(inner["commandName"] as? String ?? "")
        walk(inner)
      }
    }
    walk(try #require(dump["command"] as? [String: Any]))
    return lines
  }

  @Test func `the page of the manual has every command and option, and no others`() async throws {
    if Repository.isRewriting {
      try rewriting()
      let result = try await Subprocess.run(
        .path("/bin/sh"), arguments: ["scripts/write-manual", "docs"], workingDirectory: Repository.root,
        output: .discarded, error: .string(limit: 1 << 16))
      #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
    }
    let text = String(decoding: try Repository.read(Self.page), as: UTF8.self)
    var found: [String] = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      if line.hasPrefix(".It Em ") { found.append(words[2]) }
      guard line.hasPrefix(".It Fl ") else { continue }
      found += words.dropFirst(2).filter { $0.hasPrefix("-") }.map { "-" + $0.filter { $0 != "," } }
    }
    func relevant(_ lines: [String]) -> [String] { lines.filter { $0 != "--help" && $0 != "help" } }
    #expect(relevant(found) == relevant(try await told()))
    #expect(text.contains("\n.Dd November 21, 2026\n"), "the date is not that of the day on which it was written")
  }
}
