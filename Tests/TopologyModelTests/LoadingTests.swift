import Foundation
import Testing

@testable import TopologyModel

/// Topologies of several files, in folders of their own.
@Suite struct LoadingTests {
  private struct Loaded {
    var document: TopologyDocument?
    var codes: [DiagnosticCode]
    /// The paths that were read, without the folder.
    var paths: [String]
  }

  private func load(_ files: [String: String], links: [String: String] = [:]) throws -> Loaded {
    let folder = FileManager.default.temporaryDirectory.path + "/romana-loading-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (path, text) in files {
      let file = URL(fileURLWithPath: "\(folder)/\(path)")
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: false, encoding: .utf8)
    }
    for (path, target) in links {
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/\(path)", withDestinationPath: target)
    }
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    let document = loadTopology("\(folder)/main.yaml", into: &sources, &diagnostics)
    return Loaded(
      document: document, codes: diagnostics.sorted().map(\.code),
      paths: sources.files.map { $0.path.replacingOccurrences(of: folder + "/", with: "") })
  }

  private let main = "romana: 1\nfabric: paris\n"

  @Test func `what several files hold is joined in the order of their paths`() throws {
    let loaded = try load([
      "main.yaml": main + "include: [\"z/*.yaml\", \"a/*.yaml\"]\ntenants: [{ name: first, segments: [s] }]\n",
      "z/1.yaml": "tenants: [{ name: fourth, segments: [s] }]\n",
      "a/2.yaml": "tenants: [{ name: third, segments: [s] }]\n",
      "a/1.yaml": "tenants: [{ name: second, segments: [s] }]\n",
    ])
    #expect(loaded.codes == [])
    #expect(loaded.document?.tenants.map(\.name.value.text) == ["first", "second", "third", "fourth"])
  }

  @Test func `a file that several globs match is read once`() throws {
    let loaded = try load(
      [
        "main.yaml": main + "include: [racks.yaml, \"r*.yaml\", ./racks.yaml, \"x/../racks.yaml\"]\n",
        "racks.yaml": "tenants: [{ name: t, segments: [s] }]\n", "x/y.yaml": "{}\n",
      ], links: ["rlink.yaml": "racks.yaml"])
    #expect(loaded.codes == [])
    #expect(loaded.paths == ["main.yaml", "racks.yaml"])
  }

  @Test func `an included file includes others, relative to itself`() throws {
    let loaded = try load([
      "main.yaml": main + "include: [teams/all.yaml]\n", "teams/all.yaml": "include: [\"racks/*.yaml\"]\n",
      "teams/racks/one.yaml": "tenants: [{ name: t, segments: [s] }]\n",
    ])
    #expect(loaded.codes == [])
    #expect(loaded.paths == ["main.yaml", "teams/all.yaml", "teams/racks/one.yaml"])
  }

  @Test func `a cycle through a link is a cycle`() throws {
    let loaded = try load(
      ["main.yaml": main + "include: [a.yaml]\n", "a.yaml": "include: [b.yaml]\n"], links: ["b.yaml": "main.yaml"])
    #expect(loaded.codes == [.includeCycle])
  }

  @Test func `a region is continued in other files`() throws {
    let rack = { (number: Int) in
      "regions:\n  - name: dc1\n    racks:\n      - { name: r\(number), tors: [{ name: t\(number), loopback: 192.0.2.\(number) }] }\n"
    }
    let loaded = try load([
      "main.yaml": main + "include: [\"racks/*.yaml\", about.yaml]\n", "racks/2.yaml": rack(2), "racks/1.yaml": rack(1),
      "about.yaml":
        "regions:\n  - { name: dc1, id: 3, protocol: static, spines: [{ name: s, loopback: 192.0.2.200 }] }\n",
    ])
    #expect(loaded.codes == [])
    let region = try #require(loaded.document?.regions.first)
    #expect(loaded.document?.regions.count == 1)
    #expect(region.racks.map(\.name.value.text) == ["r1", "r2"])
    #expect(region.id?.value == 3 && region.settings.routing?.value == .static && region.spines.count == 1)
  }

  @Test func `errors of all files are reported in one run`() throws {
    let loaded = try load([
      "main.yaml": main + "include: [\"*/*.yaml\", gone.yaml]\ntenants: [{ name: -x, segments: [s] }]\n",
      "a/1.yaml": "tenants: {\n", "b/1.yaml": "fabric: lyon\n", "c/1.yaml": "",
      "d/1.yaml": "tenants: [{ name: -y, segments: [s] }]\n",
    ])
    #expect(
      loaded.codes == [
        .includeMatchesNothing, .invalidName, .yamlSyntax, .keyOnlyInMainFile, .emptyTopology, .invalidName,
      ])
  }

  @Test func `a warning may be silenced in any file`() throws {
    let loaded = try load(["main.yaml": main + "include: [a.yaml]\n", "a.yaml": "allow: [RC0506]\n"])
    #expect(loaded.codes == [])
    #expect(loaded.document?.allowed.map(\.value) == [.staticBlindness])
  }
}
