import Glibc
import Testing

@testable import romana_compile

@Suite struct PublishRefusalTests {
  /// Expects that a build fails with status 74, that the message has these words, and that the help has these.
  private func expectRefusal(
    _ finished: FinishedProgram, _ message: String, help: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(finished.status == 74, sourceLocation: sourceLocation)
    #expect(finished.errors.contains(message), "\(finished.errors)", sourceLocation: sourceLocation)
    #expect(finished.errors.contains("help: \(help)"), "\(finished.errors)", sourceLocation: sourceLocation)
  }

  @Test func `a file is not replaced`() throws {
    let workshop = try Workshop()
    try workshop.folder.write("mine", to: "out")
    try expectRefusal(workshop.build(["--force"]), "out' is a file", help: "remove the file")
    #expect(try workshop.folder.read("out") == "mine")
  }

  @Test func `a symbolic link is not followed`() throws {
    let workshop = try Workshop()
    _ = try runProgram("sh", ["-c", "mkdir $0/real && ln -s real $0/out", workshop.folder.path])
    for option in [[], ["--force"]] {
      try expectRefusal(workshop.build(option), "out' is a symbolic link", help: "name the folder")
    }
    #expect(try runProgram("ls", ["-A", "\(workshop.folder.path)/real"]).output == "")
  }

  @Test func `a pipe is not a folder`() throws {
    let workshop = try Workshop()
    _ = try runProgram("mkfifo", [workshop.out])
    try expectRefusal(workshop.build(), "out' is not a folder", help: "name another folder")
  }

  @Test func `an empty folder is taken`() throws {
    let workshop = try Workshop()
    _ = try runProgram("mkdir", ["-m", "700", workshop.out])
    #expect(try workshop.build().status == 0)
    #expect(try workshop.snapshot()[""]?.hasSuffix(" 700") == true)
    #expect(try workshop.complaints() == "")
  }

  @Test func `a folder of someone else's is kept unless forced`() throws {
    let workshop = try Workshop()
    _ = try runProgram("mkdir", [workshop.out])
    try workshop.folder.write("mine", to: "out/letter.txt")
    try expectRefusal(
      workshop.build(), "was not written by romana-compile", help: "name another folder or an empty one")
    #expect(try workshop.build().errors.contains("'letter.txt'"))
    #expect(try workshop.folder.read("out/letter.txt") == "mine")
    #expect(try workshop.build(["--force"]).status == 0)
    #expect(try workshop.complaints() == "")
  }

  @Test(arguments: ["notes.txt", "hosts/r1-h1/notes.txt", "hosts/mine/deep/x", "hosts/r1-h1/rules.nft"])
  func `a foreign file in a tree is kept unless forced`(path: String) throws {
    let workshop = try Workshop()
    try workshop.build()
    let before = try workshop.inodes()
    _ = try runProgram(
      "sh", ["-c", "mkdir -p \"$(dirname $0)\" && echo mine > $0", "\(workshop.out)/\(path)"])
    try expectRefusal(
      workshop.build(), "holds 1 file that romana-compile did not write: '\(path)'", help: "move")
    #expect(try workshop.folder.read("out/\(path)") == "mine\n")
    #expect(try workshop.inodes()["manifest.json"] == before["manifest.json"])
    #expect(try workshop.build(["--force"]).status == 0)
    #expect(try workshop.complaints() == "")
  }

  @Test func `a link in the place of a listed file is foreign`() throws {
    let workshop = try Workshop()
    try workshop.build()
    _ = try runProgram("ln", ["-sf", "/etc/hostname", "\(workshop.out)/hosts/r1-h1/bird.conf"])
    try expectRefusal(workshop.build(), "'hosts/r1-h1/bird.conf'", help: "move")
    #expect(try workshop.build(["--force"]).status == 0)
    #expect(try workshop.complaints() == "")
  }

  @Test func `a link in the place of a device's folder is not followed`() throws {
    let workshop = try Workshop()
    try workshop.build()
    let script = "cd $0 && mv hosts/r1-h1 ../kept && ln -s ../../kept hosts/r1-h1"
    _ = try runProgram("sh", ["-c", script, workshop.out])
    try expectRefusal(workshop.build(), "'hosts/r1-h1'", help: "move")
    #expect(try workshop.build(["--force"]).status == 0)
    #expect(try workshop.complaints() == "")
    #expect(try runProgram("ls", ["\(workshop.folder.path)/kept"]).output.contains("bird.conf"))
  }

  @Test(arguments: ["0123", "x", "\\\\"]) func `a damaged list of digests is not trusted`(line: String) throws {
    let workshop = try Workshop()
    try workshop.build()
    _ = try runProgram("sh", ["-c", "echo '\(line)' >> $0/MANIFEST.sha256", workshop.out])
    try expectRefusal(workshop.build(), "MANIFEST.sha256' is damaged", help: "what the compiler wrote")
    #expect(try workshop.build(["--force"]).status == 0)
    #expect(try workshop.complaints() == "")
  }

  @Test(arguments: [".", "..", "/", "out/..", ""]) func `a path without a name is refused`(path: String)
    throws
  {
    #expect(throws: PublishError.self) { try OutputLocation(path) }
  }

  @Test func `the folder above must exist`() throws {
    let workshop = try Workshop()
    let finished = try runProgram(
      compiler(), ["build", workshop.topology, "-o", "\(workshop.folder.path)/a/b"])
    expectRefusal(finished, "/a' to hold the output folder 'b'", help: "create it first")
  }

  @Test func `a second run at the same time is refused at once`() throws {
    let workshop = try Workshop()
    try workshop.build()
    let before = try workshop.snapshot()
    let lock = open("\(workshop.folder.path)/.out.romana-lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    try workshop.change(to: TestTopology(fabric: "rome"))
    try expectRefusal(workshop.build(), "another run of romana-compile is writing", help: "wait")
    #expect(try workshop.snapshot() == before)
    close(lock)
    // What a killed run leaves of its lock means nothing.
    #expect(try workshop.build().status == 0)
    #expect(try !workshop.folder.names().contains(".out.romana-lock"))
  }

  @Test func `of many runs at once each does its work or is refused`() throws {
    let workshop = try Workshop(TestTopology(racks: 6, hostsPerRack: 20))
    try workshop.build()
    for round in 0..<3 {
      try workshop.change(to: TestTopology(fabric: "round\(round)", racks: 6, hostsPerRack: 20))
      let runs = try (0..<5).map { _ in try workshop.startBuild() }
      let finished = try runs.map { try $0.finish() }
      #expect(finished.contains { $0.status == 0 })
      for run in finished where run.status != 0 {
        #expect(run.status == 74 && run.errors.contains("another run"), "\(run.errors)")
      }
      #expect(try workshop.complaints() == "")
    }
    #expect(try workshop.folder.names().allSatisfy { !$0.hasPrefix(".out") })
  }
}
