import Glibc
import Testing

@testable import romana_compile

@Suite struct PublishTreeTests {
  @Test func `a fresh tree passes sha256sum and lists every file`() throws {
    let workshop = try Workshop()
    let finished = try workshop.build()
    #expect(finished.status == 0, "\(finished.errors)")
    #expect(finished.output.contains("10 devices, "))
    #expect(try workshop.complaints() == "")
    #expect(try workshop.folder.names() == ["found", "out", "topology.lock.yaml", "topology.yaml"])
  }

  @Test func `manifest.json says the same as the list of digests and the files`() throws {
    let workshop = try Workshop()
    try workshop.build()
    let lines = try workshop.folder.read("out/manifest.json").split(separator: "\n")
    #expect(lines.prefix(2) == ["{", "  \"schema\": \"romana-compile/manifest/1\","])
    #expect(lines.contains("  \"fabric\": \"paris\","))
    #expect(lines.contains("  \"scope\": \"fabric\","))
    let digests = try workshop.folder.read("out/MANIFEST.sha256").split(separator: "\n")
    for line in digests where !line.hasSuffix("  manifest.json") {
      let (digest, path) = (line.prefix(64), line.dropFirst(66))
      let entry = try #require(lines.first { $0.contains("{\"path\": \"\(path)\", ") })
      #expect(entry.contains("\"digest\": \"sha256:\(digest)\"}"))
      let size = try runProgram("stat", ["-c", "\"size\": %s,", "\(workshop.out)/\(path)"]).output
      #expect(entry.contains(size.dropLast()))
    }
    #expect(lines.count { $0.hasPrefix("    {\"path\": ") } == digests.count - 1)
  }

  @Test func `a second run touches nothing`() throws {
    let workshop = try Workshop()
    try workshop.build()
    let before = try workshop.snapshot()
    let finished = try workshop.build()
    #expect(finished.output.contains("nothing to change"))
    #expect(try workshop.snapshot() == before)
  }

  @Test func `one host changed rewrites its files and its ToR's only`() throws {
    let workshop = try Workshop()
    try workshop.build()
    let before = try workshop.inodes()
    try workshop.change(to: TestTopology(drained: "r1-h2"))
    #expect(try workshop.build().status == 0)
    let after = try workshop.inodes()
    #expect(Set(before.keys) == Set(after.keys))
    let isFile = Set(
      try workshop.folder.read("out/MANIFEST.sha256").split(separator: "\n").map { $0.dropFirst(66) })
    let changed = after.filter { isFile.contains($0.key[...]) && before[$0.key] != $0.value }.keys
    #expect(changed.contains("hosts/r1-h2/bird.conf"))
    for path in changed where path != "manifest.json" {
      #expect(path.hasPrefix("hosts/r1-h2/") || path.hasPrefix("tors/r1-tor/"))
    }
    #expect(try workshop.complaints() == "")
  }

  @Test func `a comment in the topology changes the manifests alone`() throws {
    let workshop = try Workshop()
    try workshop.build()
    let before = try workshop.inodes()
    try workshop.change(to: TestTopology(comment: "another"))
    #expect(try workshop.build().output.contains(" 0 files written"))
    let after = try workshop.inodes()
    #expect(before["manifest.json"] != after["manifest.json"])
    #expect(before["hosts/r1-h1/bird.conf"] == after["hosts/r1-h1/bird.conf"])
    #expect(try workshop.complaints() == "")
  }

  @Test func `the files of a removed rack go away`() throws {
    let workshop = try Workshop()
    try workshop.build()
    try workshop.change(to: TestTopology(racks: 1))
    #expect(try workshop.build().status == 0)
    #expect(try workshop.inodes().keys.allSatisfy { !$0.hasPrefix("hosts/r2") && !$0.hasPrefix("tors/r2") })
    #expect(try workshop.complaints() == "")
  }

  @Test func `what was changed by hand is set right`() throws {
    let workshop = try Workshop()
    try workshop.build()
    let before = try workshop.folder.read("out/hosts/r1-h1/bird.conf")
    try workshop.folder.write("# mine\n", to: "out/hosts/r1-h1/bird.conf")
    _ = try runProgram("chmod", ["-x", "\(workshop.out)/hosts/r1-h1/routes.sh"])
    #expect(try workshop.build().output.contains(" 2 files written"))
    #expect(try workshop.folder.read("out/hosts/r1-h1/bird.conf") == before)
    #expect(try workshop.complaints() == "")
  }

  @Test func `programs may run and the permissions of the folder stay`() throws {
    let workshop = try Workshop()
    try workshop.build()
    _ = try runProgram("chmod", ["750", workshop.out])
    try workshop.change(to: TestTopology(fabric: "rome"))
    try workshop.build()
    let modes = try workshop.snapshot().mapValues { $0.split(separator: " ").last }
    #expect(modes[""] == "750")
    #expect(modes["hosts/r1-h1/routes.sh"]??.first == "7")
    #expect(modes["hosts/r1-h1/bird.conf"]??.first == "6")
  }

  @Test func `a snapshot of hard links keeps its contents`() throws {
    let workshop = try Workshop()
    try workshop.build()
    _ = try runProgram("cp", ["-al", workshop.out, "\(workshop.folder.path)/copy"])
    try workshop.change(to: TestTopology(fabric: "rome"))
    try workshop.build()
    #expect(try workshop.complaints() == "")
    #expect(try workshop.complaints(about: "\(workshop.folder.path)/copy") == "")
  }

  @Test(arguments: [1, 2, 3, 7]) func `the number of threads changes no byte`(threads: Int) throws {
    let workshop = try Workshop(TestTopology(racks: 5, hostsPerRack: 13))
    var options = PublishOptions()
    options.threadCount = threads
    _ = try workshop.publish(options)
    let other = try Workshop(TestTopology(racks: 5, hostsPerRack: 13))
    options.threadCount = 1
    _ = try other.publish(options)
    #expect(try runProgram("diff", ["-r", workshop.out, other.out]).output == "")
    options.threadCount = threads
    #expect(try workshop.publish(options).outcome == .unchanged)
  }

  @Test func `one device goes into a tree of its own and never replaces the fabric's`() throws {
    let workshop = try Workshop()
    #expect(try workshop.build(["--device", "r1-h1"]).status == 0)
    #expect(try workshop.complaints() == "")
    #expect(
      try workshop.inodes().keys.filter { $0.hasPrefix("hosts/") }.allSatisfy { $0.hasPrefix("hosts/r1-h1") })
    let other = try workshop.build(["--device", "r1-h2"])
    #expect(other.status == 74)
    #expect(other.errors.contains("holds the tree of 'hosts/r1-h1' alone"))
    #expect(try workshop.build().status == 0)
    let refused = try workshop.build(["--device", "r1-h1"])
    #expect(refused.status == 74)
    #expect(refused.errors.contains("holds the tree of a whole fabric"))
    #expect(try workshop.build(["--device", "r1-h1", "--force"]).status == 0)
    #expect(try workshop.complaints() == "")
  }

  @Test func `a tree that is written through to the disk is the same`() throws {
    let workshop = try Workshop()
    #expect(try workshop.build(["--sync"]).status == 0)
    #expect(try workshop.build().output.contains("nothing to change"))
  }
}
