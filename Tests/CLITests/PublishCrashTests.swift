import Glibc
import Testing

@testable import romana_compile

@Suite(.serialized) struct PublishCrashTests {
  private static let first = TestTopology(fabric: "paris", racks: 12, hostsPerRack: 30)
  private static let second = TestTopology(fabric: "rome", racks: 12, hostsPerRack: 30)

  /// Starts builds that change every file, stops each at a random moment, and expects one of the two trees.
  private func interrupt(with signal: Int32, rounds: Int, in above: String) throws {
    let workshop = try Workshop(Self.first, in: above)
    try workshop.build()
    let other = try Workshop(Self.second, in: above)
    var longest = try ContinuousClock().measure { try other.build() }
    let manifests = try [workshop, other].map { try $0.folder.read("out/manifest.json") }
    var wholeRuns = 0
    for round in 0..<(4 * rounds) where round < rounds || wholeRuns == round {
      let before = try workshop.folder.read("out/manifest.json")
      try workshop.change(to: before == manifests[0] ? Self.second : Self.first)
      let run = try round.isMultiple(of: 4) ? workshop.startBuild() : workshop.startBuildAndWait()
      let delay = longest * Double.random(in: 0...1)
      usleep(UInt32(delay / .microseconds(1)))
      run.send(signal)
      let finished = try run.finish()
      let after = try workshop.folder.read("out/manifest.json")
      #expect(try workshop.complaints() == "", "after \(delay)")
      #expect(manifests.contains(after), "after \(delay)")
      if finished.status == 0 {
        wholeRuns += 1
        // It took less than the first: the machine has more time for it now.
        longest = min(longest, delay)
      } else {
        #expect(finished.status == 128 + signal)
      }
      if signal != SIGKILL && finished.status != 0 && !finished.errors.isEmpty {
        #expect(after == before)
        #expect(finished.errors.contains("out' is as it was before"), "\(finished.errors)")
        #expect(try workshop.folder.names().allSatisfy { !$0.hasPrefix(".out") })
      }
    }
    #expect(wholeRuns < 4 * rounds, "no run was stopped, not after \(longest) either")
    #expect(try workshop.build().status == 0)
    #expect(try workshop.complaints() == "")
    #expect(try workshop.folder.names().allSatisfy { !$0.hasPrefix(".out") })
  }

  @Test(arguments: [("/dev/shm", 24), ("/tmp", 4)])
  func `a killed run leaves the old tree or the new one`(above: String, rounds: Int) throws {
    try interrupt(with: SIGKILL, rounds: rounds, in: above)
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `an interrupted run leaves the old tree, and nothing beside it`(signal: Int32) throws {
    try interrupt(with: signal, rounds: 6, in: "/dev/shm")
  }

  @Test func `a run under nohup does not end with its terminal`() throws {
    let workshop = try Workshop(Self.first)
    let run = try RunningProgram(
      "sh", ["-c", "trap '' HUP; exec $0 build $1 -o $2", compiler(), workshop.topology, workshop.out])
    while access("\(workshop.folder.path)/.out.romana-staging", F_OK) != 0 && run.isRunning { usleep(200) }
    run.send(SIGHUP)
    #expect(try run.finish().status == 0)
    #expect(try workshop.complaints() == "")
  }

  @Test func `a foreign file that comes during the build is kept`() throws {
    let workshop = try Workshop(Self.first)
    try workshop.build()
    try workshop.change(to: Self.second)
    let run = try workshop.startBuildAndWait()
    try workshop.folder.write("mine", to: "out/hosts/r1-h1/late.txt")
    let finished = try run.finish()
    #expect(finished.status == 0)
    if access("\(workshop.out)/hosts/r1-h1/late.txt", F_OK) != 0 {
      #expect(try workshop.folder.read(".out.romana-kept/hosts/r1-h1/late.txt") == "mine")
      #expect(finished.errors.contains("'hosts/r1-h1/late.txt' came into the old tree"), "\(finished.errors)")
      #expect(try workshop.complaints() == "")
      #expect(try workshop.complaints(about: "\(workshop.folder.path)/.out.romana-kept").contains("late.txt"))
    }
  }

  @Test func `a file that may not grow leaves the old tree`() throws {
    let workshop = try Workshop()
    try workshop.build()
    let large = try Workshop(Self.second)
    let script = "ulimit -f 64; exec $0 build $1 -o $2"
    let finished = try runProgram("sh", ["-c", script, compiler(), large.topology, workshop.out])
    #expect(finished.status == 74, "\(finished.errors)")
    #expect(finished.errors.contains("ile too large; "), "\(finished.errors)")
    #expect(try workshop.complaints() == "")
  }

  @Test func `without an exchange the tree is replaced in two steps`() throws {
    let workshop = try Workshop()
    var options = PublishOptions()
    options.canExchange = false
    #expect(try workshop.publish(options).warnings == [])
    try workshop.change(to: TestTopology(fabric: "rome"))
    let summary = try workshop.publish(options)
    #expect(summary.outcome == .replaced)
    #expect(summary.warnings.count == 1 && summary.warnings[0].contains("cannot exchange two folders"))
    #expect(try workshop.complaints() == "")
    #expect(try workshop.folder.names().allSatisfy { !$0.hasPrefix(".out") })
  }

  @Test func `a run that was killed between two steps is mended`() throws {
    let workshop = try Workshop()
    try workshop.build()
    let inode = try workshop.inodes()["hosts/r1-h1/bird.conf"]
    let script = "cd $0 && mv out .out.romana-old && mkdir -p .out.romana-staging/hosts/x"
    _ = try runProgram("sh", ["-c", script, workshop.folder.path])
    let finished = try workshop.build()
    #expect(finished.status == 0)
    #expect(finished.errors.contains("it was put back"))
    #expect(try workshop.inodes()["hosts/r1-h1/bird.conf"] == inode)
    #expect(try workshop.folder.names().allSatisfy { !$0.hasPrefix(".out") })
  }

  @Test func `only a folder of a former run's name is cleared away`() throws {
    let workshop = try Workshop()
    let script =
      "cd $0 && mkdir .out.romana-staging .out.romana-staging2 .out2.romana-staging && ln -s x .out.romana-old"
    _ = try runProgram("sh", ["-c", script, workshop.folder.path])
    try workshop.build()
    let names = try workshop.folder.names().filter { $0.hasPrefix(".") }
    #expect(names == [".out.romana-old", ".out.romana-staging2", ".out2.romana-staging"])
  }

  @Test func `a link in the place of the new tree is not followed`() throws {
    let workshop = try Workshop()
    let script = "cd $0 && mkdir precious && echo x > precious/y && ln -s precious .out.romana-staging"
    _ = try runProgram("sh", ["-c", script, workshop.folder.path])
    let finished = try workshop.build()
    #expect(finished.status == 74)
    #expect(finished.errors.contains(".out.romana-staging' is not a folder of a former run"))
    #expect(try workshop.folder.read("precious/y") == "x\n")
  }
}
