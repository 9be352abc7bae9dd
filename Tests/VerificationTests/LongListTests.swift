import Testing
import TopologyModel
import Verification

/// Policies with long lists on both sides: rules, elements and members are as many as both lists have, not as their pairs.
@Suite struct LongListTests {
  enum Form: CaseIterable {
    case chains, sets, nft
  }

  /// Random policies, some with long lists, do what the page on policies says in each of the forms.
  @Test(arguments: 1...8, Form.allCases)
  func `rules do what policies with long lists say`(seed: Int, form: Form) throws {
    let fabric = try Fabric(PolicySamples.text(seed: seed, hasLongLists: true))
    let journey = try Journey(form == .sets ? fabric.withAddressSets() : fabric)
    let tables = try fabric.topology.hosts.indices.map { try fabric.with(.nft).table($0) }
    let meaning = PolicyMeaning(meaning: journey.meaning)
    var wrong = 0
    for family in AddressFamily.allCases {
      var packets = PolicyPackets(journey, family, seed: seed)
      for _ in 0..<250 {
        let (source, destination, payload) = packets.next()
        let expected = meaning.judge(source, destination, payload)
        guard expected != .indifferent else { continue }
        let passes =
          form != .nft
          ? journey.passes(source, destination, payload)
          : journey.steps(source, destination, payload).allSatisfy { host, packet in
            evaluate(packet, at: .forward, in: tables[host]).verdict == .accept
          }
        guard passes != (expected == .allowed) else { continue }
        wrong += 1
        if wrong <= 3 { Issue.record("\(source) to \(destination), \(payload): \(expected), but passes: \(passes)") }
      }
    }
    #expect(wrong == 0)
  }

  private func fabric(_ count: Int, policies: Int = 1) throws -> Fabric {
    let lists = (0..<policies).map { policy in
      var numbers = Numbers(state: UInt64(policy) + 1)
      // Without a pattern that a mask with gaps could catch, and no two side by side.
      let from = Set((0..<count).map { _ in numbers.next(0...32767) * 2 }).map {
        "198.\(18 + policy % 2).\($0 / 256).\($0 % 256)/32"
      }
      let to = Set((0..<count).map { _ in numbers.next(0...16383) * 4 }).map {
        "10.\(policy % 128).\($0 / 256).\($0 % 256)/31"
      }
      return
        "  - { name: p\(policy), from: { cidr: [\(from.joined(separator: ", "))] }, to: { cidr: [\(to.joined(separator: ", "))] }, allow: [tcp/22, tcp/443, udp/53, icmp] }"
    }
    return try Fabric(
      """
      romana: 1
      fabric: lists
      networks:
        - { name: pods, cidr: 10.0.0.0/8, bits: { region: 0, rack: 1, host: 2, tenant: 12, segment: 2, endpoint: 7 } }
      tenants:
        - { name: t1, segments: [a] }
      policies:
      \(lists.joined(separator: "\n"))
      regions:
        - name: dc1
          racks:
            - { name: rack1, subnet: 172.16.1.0/24, tors: [{ name: tor1, loopback: 192.0.2.1 }], hosts: [{ name: h1 }] }
      """)
  }

  @Test func `rules are as many as both lists`() throws {
    let file = try fabric(1000).rules(0, .ipv4)
    let rules = file.chains.filter { $0.name.hasPrefix("romana-pi") }.reduce(0) { $0 + $1.rules.count }
    #expect((1900...3300).contains(rules))
    #expect(longestPath(from: "romana-pi", in: file) <= 2 * (16 + 8 * 4) + 8)
  }

  @Test func `sets hold both lists, and one rule a protocol asks them`() throws {
    let fabric = try fabric(1000).withAddressSets()
    let file = try fabric.rules(0, .ipv4)
    #expect(file.chains.filter { $0.name.hasPrefix("romana-pi") }.reduce(0) { $0 + $1.rules.count } <= 6)
    #expect(try fabric.sets(0).values.allSatisfy { (950...1000).contains($0.count) })
    #expect(try fabric.sets(0).count == 2)
  }

  @Test func `elements of nft are as many as both lists`() throws {
    let table = try fabric(1000).with(.nft).table(0)
    let sets = table.sets.filter { $0.name.hasPrefix("policies") }
    #expect(sets.count == 2)
    #expect(sets.allSatisfy { (950...1000).contains($0.elements.count) })
  }

  /// A list that several policies have is one set.
  @Test func `the same list is the same set`() throws {
    let text = (1...3).map {
      "{ name: p\($0), from: { cidr: [\(Self.irregular)] }, to: { tenant: t1 }, allow: [tcp/\($0)] }"
    }
    let fabric = try Fabric(
      """
      romana: 1
      fabric: lists
      networks: [{ name: pods, cidr: 10.0.0.0/8, bits: { region: 0, rack: 1, host: 2, tenant: 12, segment: 2, endpoint: 7 } }]
      tenants: [{ name: t1, segments: [a] }]
      policies: [\(text.joined(separator: ", "))]
      regions:
        - { name: dc1, racks: [{ name: rack1, subnet: 172.16.1.0/24, tors: [{ name: tor1, loopback: 192.0.2.1 }], hosts: [{ name: h1 }] }] }
      """)
    #expect(try fabric.withAddressSets().sets(0).map(\.value.count) == [17])
    #expect(try fabric.sets(0).isEmpty)
  }

  private static let irregular = (0..<17).map { "198.18.\($0 * 3).\($0 * $0 % 128 * 2)/32" }.joined(separator: ", ")
}
