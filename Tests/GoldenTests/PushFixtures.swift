import Subprocess
import SystemPackage
import Testing

@testable import romana_compile

/// Two trees of one small fabric, for the tests that install files on devices: `former`, and `tree` with a network of
/// IPv6 and a segment more.
final class PushTrees: Sendable {
  let folder: String
  var former: String { "\(folder)/former" }
  var tree: String { "\(folder)/tree" }

  init() async throws {
    folder = try await Scratch.folder("push").string
    let path = FilePath(#filePath).removingLastComponent().appending("Scripts").appending("push.yaml")
    let text = String(decoding: try Repository.read(path), as: UTF8.self)
    let start = try #require(text.firstRange(of: "  - name: pods6"))
    let end = try #require(text.firstRange(of: "tenants:"))
    let former = (text[..<start.lowerBound] + text[end.lowerBound...]).replacing("[web, db]", with: "[web]")
    try await build(String(former), "former")
    try await build(text, "tree")
  }

  /// Removes everything.
  func remove() async {
    await Scratch.remove(FilePath(folder))
  }

  private func build(_ text: String, _ name: String) async throws {
    let topology = "\(folder)/\(name).yaml"
    try Repository.write(text, to: FilePath(topology))
    let result = try await Subprocess.run(
      .path(Repository.program),
      arguments: ["build", topology, "--lock", "\(folder)/lock.yaml", "-o", "\(folder)/\(name)"],
      output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
    try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
  }
}
