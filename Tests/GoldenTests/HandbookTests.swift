import Foundation
import Subprocess
import SystemPackage
import Testing
import TopologyModel

/// The pages of docs/ show commands with their output: a block that begins with `$ romana-compile`, a command that only prints, and a
/// file of examples/ or golden/.
@Suite struct HandbookTests {
  @Test(arguments: ["interconnects.md", "diff.md"])
  func `the output that a page shows is what the program prints`(_ name: String) async throws {
    let path = "\(GoldenText.root)/docs/\(name)"
    let page = String(decoding: try readFile(path), as: UTF8.self)
    var (result, count, isInBlock, isOutput) = ([Substring](), 0, false, false)
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") { (isInBlock, isOutput) = (!isInBlock, false) }
      if !isOutput { result.append(line) }
      guard isInBlock, isHeld(line) else { continue }
      (count, isOutput) = (count + 1, true)
      let command = "PATH=\(Repository.program.removingLastComponent()):$PATH; \(line.dropFirst(2))"
      let output = try await run(
        .path("/bin/sh"), arguments: ["-c", command], environment: .inherit.updating(["NO_COLOR": "1"]),
        workingDirectory: Repository.root, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
      let text = output.standardOutput + output.standardError
      result += text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    }
    #expect(count > 0)
    try GoldenText.expect(result.joined(separator: "\n"), isIn: path)
  }

  private func isHeld(_ command: Substring) -> Bool {
    guard ["trace", "explain", "diff"].contains(where: { command.hasPrefix("$ romana-compile \($0) ") }) else {
      return false
    }
    return command.contains(" examples/") || command.contains(" golden/")
  }
}
