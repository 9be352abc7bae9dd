import Testing

@testable import TopologyModel

/// The sets that policies are compiled with hold exactly what they should.
@Suite struct AccessAlgebraTests {
  private func random(_ generator: inout SeededGenerator) -> AddressMatch {
    let mask = UInt128(UInt8.random(in: 0...255, using: &generator)) | UInt128(0xffff_ff00)
    return AddressMatch(
      value: Address(.ipv4, UInt128(0x0a00_0000) | UInt128(UInt8.random(in: 0...255, using: &generator))), mask: mask)
  }

  /// All addresses that the matches of these tests can tell apart.
  private let universe = (0..<256).map { Address(.ipv4, UInt128(0x0a00_0000) | UInt128($0)) }

  @Test(arguments: 1...200) func `merged matches hold the same addresses`(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    let matches = (0..<Int.random(in: 1...20, using: &generator)).map { _ in random(&generator) }
    let merged = mergeMatches(matches)
    #expect(merged.count <= Set(matches).count)
    for address in universe {
      #expect(merged.contains { $0.matches(address) } == matches.contains { $0.matches(address) })
    }
  }

  @Test(arguments: 1...200) func `what is left of a match overlaps nothing and misses nothing`(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    let (left, right) = (random(&generator), random(&generator))
    let rest = left.subtracting(right)
    for address in universe {
      let expected = left.matches(address) && !right.matches(address)
      #expect(rest.count { $0.matches(address) } == (expected ? 1 : 0))
      #expect(
        (left.intersection(right)?.matches(address) ?? false) == (left.matches(address) && right.matches(address)))
    }
    #expect(left.contains(right) == universe.allSatisfy { !right.matches($0) || left.matches($0) })
  }

  @Test func `neighbouring ports are one range, and protocols stay apart`() throws {
    let words = ["tcp/22", "tcp/80-90", "tcp/91", "tcp/85-100", "udp/1-65535", "icmp/3", "sctp"]
    let set = ServiceSet(try words.map { try ServiceMatch(parsing: $0) }, .ipv4)
    #expect(
      set.terms == [.ports(.tcp, [22...22, 80...100]), .ports(.udp, [1...65535]), .ports(.sctp, []), .icmp([3...3])])
    let rest = ServiceSet.any.subtracting(set)
    #expect(!rest.overlaps(set) && ServiceSet(rest.ranges + set.ranges).isAny)
  }

  @Test func `a row that several others cover together is left out`() throws {
    func decision(_ policy: Int, _ ports: String, _ verdict: AccessVerdict) throws -> AccessDecision {
      AccessDecision(
        policy: policy, name: Name("p\(policy)")!, verdict: verdict,
        services: ServiceSet([try ServiceMatch(parsing: ports)], .ipv4))
    }
    let decisions = [
      try decision(0, "tcp/1-1023", .allow), try decision(1, "tcp/1024-65535", .allow),
      try decision(2, "tcp/1000-2000", .deny), try decision(3, "tcp", .deny),
    ]
    let compiled = compileAccess(decisions, .ipv4)
    #expect(compiled.rows.map(\.decision) == [0, 1, 3] && compiled.covered.keys.sorted() == [2])
    #expect(compiled.covered[2]?.by == [0, 1])
    #expect(compiled.layers.map(\.count) == [2, 1])
  }
}
