import Glibc
import Testing

@testable import romana_compile

@Suite struct PublishPartsTests {
  @Test func `digests are those of FIPS 180-4`() {
    var hasher = SHA256Hasher()
    #expect(
      hasher.digest(of: Array("abc".utf8)).hex
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      hasher.digest(of: []).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func `a digest of several texts tells where one ends`() {
    #expect(SHA256Digest(of: [[1, 2], [3]]).hex != SHA256Digest(of: [[1], [2, 3]]).hex)
    #expect(SHA256Digest(of: [[], [1]]).hex != SHA256Digest(of: [[1], []]).hex)
  }

  @Test func `ranges cover everything once and in order, whatever the threads`() throws {
    for (count, threads) in [(0, 2), (1, 2), (7, 3), (1000, 1), (1000, 4)] {
      let parts = try mapRanges(of: count, threadCount: threads, scratch: {}) { (range, _) in Array(range) }
      #expect(parts.flatMap(\.self) == Array(0..<count))
    }
  }

  @Test func `the failure of the lowest range counts`() {
    for _ in 0..<50 {
      let error = #expect(throws: PublishError.self) {
        try mapRanges(of: 1000, threadCount: 4, scratch: {}) { (range, _) throws(PublishError) in
          for index in range where index > 300 { throw PublishError(message: "\(index)") }
        }
      }
      #expect(error?.message == "301")
    }
  }

  @Test func `folders are sorted by their paths, not their names`() throws {
    var topology = TestTopology(racks: 1, hostsPerRack: 11)
    topology.drained = nil
    let workshop = try Workshop(topology)
    try workshop.folder.write(
      topology.text.replacing("r1-h10 }", with: "r1-h1-a }").replacing("r1-h11 }", with: "r1-h1.b }"),
      to: "topology.yaml")
    let names = try devicesInPathOrder(workshop.plan().plan, .fabric).map(\.folderPath)
    #expect(names == names.sorted { ($0 + "/").utf8.lexicographicallyPrecedes(($1 + "/").utf8) })
    #expect(names.prefix(3) == ["hosts/r1-h1-a", "hosts/r1-h1.b", "hosts/r1-h1"])
  }

  @Test func `device files are printed with and without separators`() throws {
    let workshop = try Workshop()
    try workshop.build()
    let (plan, shared, _) = try workshop.plan()
    let device = try #require(plan.device(named: "r1-h1"))
    let raw = open("\(workshop.folder.path)/raw", O_WRONLY | O_CREAT, 0o600)
    try printFiles(plan, shared: shared, scope: .device(device), file: "bird.conf", to: raw)
    #expect(try workshop.folder.read("raw") == workshop.folder.read("out/hosts/r1-h1/bird.conf"))
    let script = "cd $0 && tail -n +1 hosts/r1-h1/* hosts/r1-h2/*"
    let expected = try runProgram("sh", ["-c", script, workshop.out]).output
    let printed = try runProgram(compiler(), ["build", workshop.topology, "-o", "-"])
    #expect(printed.status == 0 && printed.output.hasPrefix(expected))
    let wrong = #expect(throws: PublishError.self) {
      try printFiles(plan, shared: shared, scope: .device(device), file: "eos.conf", to: raw)
    }
    #expect(wrong?.exitStatus == 64 && wrong?.message == "'hosts/r1-h1' has no file 'eos.conf'")
    close(raw)
  }

  @Test func `a full device for standard output is an error`() throws {
    let workshop = try Workshop()
    let script = "exec $0 build $1 -o - > /dev/full"
    let finished = try runProgram("sh", ["-c", script, compiler(), workshop.topology])
    #expect(finished.status == 74)
    #expect(finished.errors.contains("cannot write to standard output"))
  }
}
