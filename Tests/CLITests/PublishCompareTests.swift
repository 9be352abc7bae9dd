import Glibc
import Testing

@testable import romana_compile

@Suite struct PublishCompareTests {
  private func verify(_ workshop: Workshop) throws -> FinishedProgram {
    try runProgram(compiler(), ["verify", workshop.topology, workshop.out])
  }

  @Test func `a tree that was just built is as compiled`() throws {
    let workshop = try Workshop()
    try workshop.build()
    let before = try workshop.snapshot()
    let finished = try verify(workshop)
    #expect(finished.status == 0 && finished.errors == "")
    #expect(try workshop.snapshot() == before)
  }

  @Test func `each kind of difference is shown`() throws {
    let workshop = try Workshop()
    try workshop.build()
    let script = """
      cd $0 && sed -i '2s/.*/surprise/' hosts/r1-h1/bird.conf && rm hosts/r1-h2/bird.conf && touch hosts/r1-h2/mine
      chmod -x hosts/r1-h3/routes.sh && printf x >> tors/r1-tor/sysctl.conf && truncate -s -1 hosts/r2-h1/sysctl.conf
      echo '{}' >> manifest.json && ln -s x link
      """
    _ = try runProgram("sh", ["-c", script, workshop.out])
    let finished = try verify(workshop)
    #expect(finished.status == 2)
    let lines = finished.output.split(separator: "\n")
    let files = lines.filter { !$0.hasPrefix(" ") }.dropLast()
    #expect(
      files == [
        "different: hosts/r1-h1/bird.conf", "missing: hosts/r1-h2/bird.conf",
        "different: hosts/r1-h3/routes.sh",
        "different: hosts/r2-h1/sysctl.conf", "different: tors/r1-tor/sysctl.conf",
        "different: manifest.json",
        "extra: hosts/r1-h2/mine", "extra: link",
      ])
    #expect(lines.contains("  -surprise"))
    #expect(lines.contains("  it should be executable"))
    #expect(lines.contains("  -x (no newline at the end)"))
    #expect(lines.contains("  -{}"))
    #expect(lines.dropLast().last?.contains("1 missing, 5 different, 2 extra, of ") == true)
    #expect(lines.last?.contains("lines with - are those of \(workshop.out)") == true)
  }

  @Test func `many differences are counted`() throws {
    let workshop = try Workshop()
    try workshop.build()
    try workshop.change(to: TestTopology(fabric: "rome"))
    let (plan, shared, identity) = try workshop.plan()
    let options = CompareOptions(shownDifferences: 3)
    let result = try compareTree(
      plan, shared: shared, scope: .fabric, identity: identity, with: workshop.out, options: options)
    #expect(result.different == result.filesCompared)
    #expect(result.lines.count { $0.hasPrefix("different: ") } == 3)
    #expect(result.lines.dropLast().last == "and \(result.different - 3) more differences")
  }

  @Test func `a tree that is not there is an error`() throws {
    let workshop = try Workshop()
    let finished = try verify(workshop)
    #expect(finished.status == 74)
    #expect(finished.errors.contains("cannot open the folder"))
  }

  @Test func `a golden tree is compared in the same way`() throws {
    let workshop = try Workshop()
    try workshop.build()
    let arguments = ["verify", workshop.topology, "--golden", workshop.out]
    #expect(try runProgram(compiler(), arguments).status == 0)
    _ = try runProgram("rm", ["\(workshop.out)/MANIFEST.sha256"])
    let finished = try runProgram(compiler(), arguments)
    #expect(finished.status == 2 && finished.output.hasPrefix("missing: MANIFEST.sha256\n"))
  }
}

@Suite struct DifferenceExcerptTests {
  private func excerpt(_ found: String, _ compiled: String) -> [String] {
    differenceExcerpt(found: Array(found.utf8), compiled: Array(compiled.utf8))
  }

  @Test func `equal texts have none`() { #expect(excerpt("a\nb\n", "a\nb\n") == []) }

  @Test func `a changed line stands with the lines before it`() {
    #expect(
      excerpt("a\nb\nc\nd\ne\n", "a\nb\nc\nX\ne\n") == ["@@ line 4 @@", " b", " c", "-d", "+X"])
  }

  @Test func `a line more or less is found`() {
    #expect(excerpt("a\nb\nc\n", "a\nc\n") == ["@@ line 2 @@", " a", "-b"])
    #expect(excerpt("a\nc\n", "a\nb\nc\n") == ["@@ line 2 @@", " a", "+b"])
  }

  @Test func `a cut file shows what is missing`() {
    #expect(excerpt("a\n", "a\nb\n") == ["@@ line 2 @@", " a", "+b"])
    #expect(excerpt("", "a\n") == ["@@ line 1 @@", "+a"])
    #expect(excerpt("a", "a\n") == ["@@ line 1 @@", "-a (no newline at the end)", "+a"])
  }

  @Test func `long parts and long lines are cut`() {
    let many = (0..<10).map { "line \($0)\n" }.joined()
    #expect(excerpt(many, "").last == "- … 6 more")
    #expect(excerpt(String(repeating: "x", count: 500) + "\n", "")[1].count == 162)
  }

  @Test func `control characters are spelled out`() {
    #expect(excerpt("\u{1b}[31m\n", "") == ["@@ line 1 @@", "-\\u{1b}[31m"])
  }
}
