import Foundation
import Subprocess
import SystemPackage
import Testing
import TopologyModel

@testable import romana_compile

/// `git:REV:PATH` in a repository of its own: a topology in a folder, with an include, a local addition behind a link, and a lock file.
@Suite struct DiffGitTests {
  private let folder = FileManager.default.temporaryDirectory.path + "/romana-diff-\(UUID().uuidString)"

  private static let main = """
    romana: 1
    fabric: paris
    include: [../racks/*.yaml]
    networks:
      - name: pods
        cidr: 10.0.0.0/16
        bits: { region: 0, rack: 2, host: 4, tenant: 3, segment: 2, endpoint: 5 }
    tenants: [{ name: acme, segments: [web] }]
    insertions:
      - { point: bird.conf/v1/before, file: local/extra.conf, devices: [h1] }
    regions:
      - name: dc1
        link_pool: 172.31.0.0/24
        spines: [{ name: spine1, loopback: 192.0.2.201 }]

    """

  private static func rack(_ number: Int, _ hosts: String) -> String {
    """
    regions:
      - name: dc1
        racks:
          - name: rack\(number)
            subnet: 172.16.\(number).0/24
            tors: [{ name: tor\(number), loopback: 192.0.2.\(number) }]
            hosts: [\(hosts)]

    """
  }

  private func write(_ text: String, to path: String) throws {
    let url = URL(fileURLWithPath: "\(folder)/\(path)")
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: url, atomically: true, encoding: .utf8)
  }

  private func git(_ arguments: String...) async throws {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    let result = try await run(
      .name("git"), arguments: Arguments(identity + arguments), workingDirectory: FilePath(folder),
      output: .discarded, error: .string(limit: 1 << 16))
    #expect(result.terminationStatus.code == 0, "\(result.standardError)")
  }

  private func program(_ arguments: [String], in subfolder: String = "fabric") async throws -> (
    text: String, code: Int32
  ) {
    let result = try await run(
      .path(Repository.program), arguments: Arguments(arguments),
      environment: .inherit.updating(["NO_COLOR": "1"]), workingDirectory: FilePath("\(folder)/\(subfolder)"),
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    return (result.standardOutput + result.standardError, result.terminationStatus.code)
  }

  private func prepare() async throws {
    try write(Self.main, to: "fabric/topology.yaml")
    try write(Self.rack(1, "{ name: h1 }"), to: "racks/r1.yaml")
    try write("# an addition\n", to: "fabric/local/real.conf")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder)/fabric/local/extra.conf", withDestinationPath: "real.conf")
    _ = try await program(["lock", "topology.yaml"])
    try await git("init", "-q")
    try await git("add", "-A")
    try await git("commit", "-q", "-m", "one")
  }

  @Test func `a revision is read with its includes, its lock and its additions, and the disk with its own`()
    async throws
  {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await prepare()
    let same = try await program(["diff", "git:HEAD:topology.yaml", "topology.yaml", "--exit-code"])
    #expect(same.code == 0 && same.text.hasPrefix("Plan: 0 to add, 0 to change, 0 to remove"), "\(same.text)")
    #expect(!same.text.contains("note:"))

    try write(Self.rack(2, "{ name: h2 }"), to: "racks/r2.yaml")
    try write("# another addition\n", to: "fabric/local/real.conf")
    let changed = try await program(["diff", "git:HEAD:topology.yaml", "topology.yaml", "--exit-code"])
    #expect(changed.code == 2, "\(changed.text)")
    #expect(changed.text.contains("host h2 (dc1/rack2)") && changed.text.contains("local addition local/extra.conf"))
    // An absolute path is one of the revision too, from wherever it is read.
    let path = "\(folder)/fabric/topology.yaml"
    let absolute = try await program(["diff", "git:HEAD:\(path)", path], in: "racks")
    #expect(absolute.code == 0 && absolute.text == changed.text, "\(absolute.text)")

    let back = try await program(["diff", "topology.yaml", "git:HEAD:topology.yaml", "--max-removals", "1"])
    #expect(back.code == 2 && back.text.contains("2 devices would be removed"), "\(back.text)")
    let enough = try await program(["diff", "topology.yaml", "git:HEAD:topology.yaml", "--max-removals", "2"])
    #expect(enough.code == 0)
  }

  @Test func `what cannot be read is said with the revision`() async throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await prepare()
    let revision = try await program(["diff", "git:nowhere:topology.yaml", "topology.yaml"])
    #expect(revision.code == 1 && revision.text.contains("cannot read 'git:nowhere:topology.yaml'"), "\(revision.text)")
    let missing = try await program(["diff", "git:HEAD:other.yaml", "topology.yaml"])
    #expect(missing.code == 1 && missing.text.contains("cannot read 'git:HEAD:other.yaml'"), "\(missing.text)")
    let form = try await program(["diff", "git:topology.yaml", "topology.yaml"])
    #expect(form.code == 64 && form.text.contains("git:REV:PATH"))
    try write("romana: 2\n", to: "fabric/topology.yaml")
    try await git("add", "-A")
    try await git("commit", "-q", "-m", "two")
    let wrong = try await program(["diff", "git:HEAD~1:topology.yaml", "git:HEAD:topology.yaml"])
    #expect(wrong.code == 1 && wrong.text.contains("--> git:HEAD:topology.yaml:1:"), "\(wrong.text)")
  }
}
