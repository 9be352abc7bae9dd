import Testing
import TopologyModel
import Verification

/// The packet filters of a whole fabric against what the language says, packet by packet.
@Suite struct IsolationTests {
  /// Every kind of endpoint address of two hosts to every kind on the same, a neighbouring and a distant host.
  @Test(arguments: Samples.names, AddressFamily.allCases)
  func flowsBetweenEndpoints(_ name: String, _ family: AddressFamily) throws {
    let journey = try Journey(Samples.fabric(name))
    let addresses = Addresses(topology: journey.fabric.topology)
    var counts: [Bool: Int] = [:]
    for source in [0, 1].flatMap({ addresses.all(onHost: $0, family) }) {
      for destination in [0, 2].flatMap({ addresses.all(onHost: $0, family) }) where source != destination {
        let expected = journey.meaning.judge(source, destination)
        guard expected != .indifferent else { continue }
        let passes = journey.passes(source, destination)
        #expect(passes == (expected == .allowed), "\(source) to \(destination)")
        counts[passes, default: 0] += 1
      }
    }
    #expect(counts[true, default: 0] > 10 && counts[false, default: 0] > 100, "\(counts)")
  }

  /// The same with so many tenants that rules form trees: each destination from itself, its neighbours and a few others.
  @Test(arguments: (1...10).map { "random \($0)" }, AddressFamily.allCases)
  func flowsThroughTrees(_ name: String, _ family: AddressFamily) throws {
    let journey = try Journey(Samples.fabric(name))
    let addresses = Addresses(topology: journey.fabric.topology)
    let sources = addresses.all(onHost: 0, family)
    let destinations = addresses.all(onHost: 2, family)
    var allowed = 0
    for (index, destination) in destinations.enumerated() {
      let near = (max(0, index - 4)...(index + 4)).filter { $0 < sources.count }
      let far = stride(from: index % 17, to: sources.count, by: 17)
      for source in (near + far).map({ sources[$0] }) + addresses.outside(family).prefix(1) {
        let expected = journey.meaning.judge(source, destination)
        guard expected != .indifferent else { continue }
        #expect(journey.passes(source, destination) == (expected == .allowed), "\(source) to \(destination)")
        if expected == .allowed { allowed += 1 }
      }
      let out = journey.meaning.judge(sources[index], addresses.outside(family)[0])
      guard out != .indifferent else { continue }
      #expect(journey.passes(sources[index], addresses.outside(family)[0]) == (out == .allowed))
    }
    #expect(allowed > 10)
  }

  /// Tenants that both families have are isolated alike in both.
  @Test func familiesAreAlike() throws {
    let journey = try Journey(try Fabric(Samples.text("layouts")))
    let addresses = Addresses(topology: journey.fabric.topology)
    let all4 = [0, 1, 2].flatMap { addresses.all(onHost: $0, .ipv4) }
    let all6 = [0, 1, 2].flatMap { addresses.all(onHost: $0, .ipv6) }
    try #require(all4.count == all6.count && all4.count > 30)
    for (source, source6) in zip(all4, all6) {
      for (destination, destination6) in zip(all4, all6) where source != destination {
        #expect(
          journey.passes(source, destination) == journey.passes(source6, destination6), "\(source) \(destination)")
      }
    }
  }

  /// From outside nothing new comes in; replies and ICMP errors do.
  @Test(arguments: Samples.names, AddressFamily.allCases)
  func flowsFromOutside(_ name: String, _ family: AddressFamily) throws {
    let journey = try Journey(Samples.fabric(name))
    let addresses = Addresses(topology: journey.fabric.topology)
    let errors = family == .ipv4 ? [3, 11, 12] : [1, 2, 3, 4]
    for source in addresses.outside(family) + addresses.underlay(family) {
      for destination in [0, 2].flatMap({ addresses.all(onHost: $0, family) }) {
        #expect(!journey.passes(source, destination), "\(source) to \(destination)")
        #expect(!journey.passes(source, destination, .icmp(type: family == .ipv4 ? 8 : 128)))
        #expect(journey.passes(source, destination, state: .established))
        for type in errors { #expect(journey.passes(source, destination, .icmp(type: type)), "ICMP \(type)") }
      }
    }
  }

  /// To outside as `egress` says; to the fabric's devices and link-local addresses never.
  @Test(arguments: Samples.names, AddressFamily.allCases)
  func egress(_ name: String, _ family: AddressFamily) throws {
    let journey = try Journey(Samples.fabric(name))
    let addresses = Addresses(topology: journey.fabric.topology)
    var allowed = 0
    for source in [0, 2].flatMap({ addresses.all(onHost: $0, family) }) {
      for destination in addresses.outside(family) {
        let expected = journey.meaning.judge(source, destination)
        guard expected != .indifferent else { continue }
        #expect(journey.passes(source, destination) == (expected == .allowed), "\(source) to \(destination)")
        if expected == .allowed { allowed += 1 }
      }
      for destination in addresses.underlay(family) {
        #expect(!journey.passes(source, destination), "\(source) to \(destination)")
      }
    }
    #expect(allowed > 0)
  }
}
