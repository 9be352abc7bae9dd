import Testing

@testable import TopologyModel

/// What holds for the lock file through any history of a fabric.
@Suite struct LockPropertyTests {
  @Test(arguments: 0..<8) func `a lock is stable, and the order of the input does not matter to it`(seed: UInt64) throws
  {
    var generator = SeededGenerator(seed: 100 + seed)
    for _ in 0..<25 {
      let fabric = Fabric.random(&generator)
      guard let lock = compile(fabric.text).lock else { continue }
      #expect(parseLockText(lock.renderedText()).lock == lock)
      let again = try compileCleanly(fabric.shuffled(&generator).text, lock: lock)
      #expect(again.lock == lock)
      #expect(try compileCleanly(fabric.text, lock: lock, mayRenumber: true).lock == lock)
    }
  }

  @Test(arguments: 0..<12) func `what stays in the fabric keeps its numbers`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: 200 + seed)
    var fabric = Fabric.random(&generator)
    while compile(fabric.text).lock == nil { fabric = Fabric.random(&generator) }
    var lock: LockFile?
    var (builds, refusals) = (0, 0)
    for step in 1...60 {
      let before = fabric
      fabric.change(&generator, step: step)
      var result = compile(fabric.text, lock: lock)
      if Set(result.codes) == [.wouldRenumber] {
        refusals += 1
        if Bool.random(using: &generator) { result = compile(fabric.text, lock: lock, mayRenumber: true) }
      } else if let now = result.lock, let lock {
        expectKept(lock, now)
      }
      guard let now = result.lock else {
        fabric = before
        continue
      }
      builds += 1
      // The next build with the same input changes nothing, wherever it is shuffled to.
      #expect(try compileCleanly(fabric.shuffled(&generator).text, lock: now).lock == now)
      lock = now
      if step % 20 == 0 {
        lock?.prune()
        #expect(try compileCleanly(fabric.text, lock: lock).lock == lock)
      }
    }
    #expect(builds > 10)
  }

  /// Nothing that is in both locks has changed, and nothing is lost.
  private func expectKept(_ old: LockFile, _ new: LockFile) {
    for (section, entries) in old.entries {
      for (key, entry) in entries {
        guard var now = new[section, key] else {
          Issue.record("\(section) \(key) is lost")
          continue
        }
        now.isRemoved = entry.isRemoved
        // A spine or ToR may get its first AS number later; it never loses one.
        if entry.asn == nil { now.asn = nil }
        #expect(now == entry, "\(section) \(key)")
      }
    }
  }
}
