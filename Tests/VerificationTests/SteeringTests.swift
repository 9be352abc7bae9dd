import Testing
import TopologyModel
import Verification

/// Services as the files carry them out, packet by packet, against what the topology says of them.
@Suite struct SteeringTests {
  /// Every pair of segments, from every host to every host, both families: the functions in their order and no others, and the
  /// isolation of tenants as without services.
  @Test(arguments: ["example"] + (1...24).map { "random \($0)" }, AddressFamily.allCases)
  func packetsVisitTheirFunctions(_ name: String, _ family: AddressFamily) throws {
    let journey = try SteeringJourney(fabric(name))
    let oracle = ServiceMeaning(journey.meaning)
    var counts = (led: 0, free: 0, dropped: 0)
    for (source, destination) in pairs(journey, family) {
      let expected = oracle.chain(source, destination, down: [])
      let (visited, end) = journey.follow(source, destination)
      guard journey.meaning.judge(source, destination) == .allowed else {
        #expect(end != .delivered, "\(source) to \(destination)")
        counts.dropped += 1
        continue
      }
      #expect(
        visited == expected.visited && end == .delivered, "\(source) to \(destination): \(visited) \(end) \(expected)")
      if expected.visited.isEmpty { counts.free += 1 } else { counts.led += 1 }
    }
    #expect((counts.led > 3 || name != "example") && counts.dropped > 10, "\(counts)")
  }

  /// Each function down in turn: closed services refuse, open ones go on without it.
  @Test(arguments: ["example"] + (1...12).map { "random \($0)" }, AddressFamily.allCases)
  func functionsAreDown(_ name: String, _ family: AddressFamily) throws {
    var journey = try SteeringJourney(fabric(name))
    let oracle = ServiceMeaning(journey.meaning)
    var counts = (refused: 0, around: 0)
    for (index, function) in journey.fabric.topology.functions.enumerated() {
      journey.down = [function.host: [function.interface.text]]
      for (source, destination) in pairs(journey, family)
      where journey.meaning.judge(source, destination) == .allowed {
        let expected = oracle.chain(source, destination, down: [index])
        let (visited, end) = journey.follow(source, destination)
        #expect(visited == expected.visited, "\(source) to \(destination)")
        #expect(end == (expected.isRefused ? .refused : .delivered), "\(source) to \(destination): \(end)")
        if expected.isRefused { counts.refused += 1 } else if expected.isAround { counts.around += 1 }
      }
    }
    #expect(counts.refused + counts.around > 3 || name != "example", "\(counts)")
  }

  /// What does not come from an endpoint's interface, a function or a tunnel is never marked; nor what comes from a function with its
  /// own address, or goes to one.
  @Test(arguments: ["example", "random 1", "random 2", "random 3"], AddressFamily.allCases)
  func strangersAreNotSteered(_ name: String, _ family: AddressFamily) throws {
    let journey = try SteeringJourney(fabric(name))
    let topology = journey.fabric.topology
    for (source, destination) in pairs(journey, family) {
      for (index, host) in topology.hosts.enumerated() {
        for interface in ["lo", host.links[0].interface.text, "mgmt0", "romana-gw"] {
          let packet = Packet(from: source, to: destination, in: interface)
          #expect(!journey.steers(packet, onHost: index))
        }
      }
      for function in topology.functions {
        guard let own = function.address(family) else { continue }
        let (from, to) = (
          Packet(from: own, to: destination, in: function.interface.text),
          Packet(from: source, to: own, in: "epx1")
        )
        #expect(!journey.steers(from, onHost: function.host) && !journey.steers(to, onHost: function.host))
      }
    }
  }

  /// A function speaks for the sources of its services only, and to their destinations; a tunnel brings nothing else; and what
  /// comes back on the uplink was led away from this host before.
  @Test(arguments: AddressFamily.allCases)
  func exceptionsToAntiSpoofingAreExact(_ family: AddressFamily) throws {
    let journey = try SteeringJourney(fabric("example"))
    let topology = journey.fabric.topology
    let addresses = Addresses(topology: topology)
    func address(_ host: Int, _ tenant: Int, _ segment: Int) throws -> Address {
      let network = try #require(topology.networks.firstIndex { $0.family == family })
      return try #require(addresses.address(host, network, tenant: tenant, segment: segment))
    }
    // acme: web 1, db 2, batch 3; shop: front 1; fw1 on h1 (index 0).
    let (web, db, far, shop) = (try address(0, 1, 1), try address(0, 1, 2), try address(2, 1, 2), try address(2, 2, 1))
    let gateway = try address(2, 0, 0)
    for input in ["ep-fw1", "romana-s1"] {
      #expect(journey.accepts(Packet(from: try address(1, 1, 1), to: far, in: input), onHost: 0))
      #expect(!journey.accepts(Packet(from: shop, to: far, in: input), onHost: 0))
      #expect(!journey.accepts(Packet(from: gateway, to: far, in: input), onHost: 0))
      // Sources of the service, but to where it does not lead.
      #expect(!journey.accepts(Packet(from: far, to: shop, in: input), onHost: 0))
    }
    var back = Packet(from: web, to: db, in: "eth0")
    #expect(!journey.accepts(back, onHost: 0))
    back.connectionMark = 0x8000_0000
    #expect(journey.accepts(back, onHost: 0))
    back.source = shop
    back.destination = web
    #expect(!journey.accepts(back, onHost: 0))
    let own = Packet(from: try address(0, 2, 1), to: try address(0, 2, 1), in: "eth0")
    #expect(!journey.accepts(own, onHost: 0))
  }

  /// Tunnels are taken from gateway addresses only.
  @Test func tunnelsComeFromHosts() throws {
    let journey = try SteeringJourney(fabric("example"))
    func packet(_ source: String, to destination: String = "10.0.0.1", in input: String = "eth0") throws -> Packet {
      Packet(
        from: try Address(parsing: source), to: try Address(parsing: destination), in: input,
        .udp(source: 50000, destination: 7700))
    }
    #expect(journey.accepts(try packet("10.8.0.1"), at: .input, onHost: 0))
    for source in ["10.8.0.2", "10.8.1.67", "192.0.2.9", "172.16.1.3"] {
      #expect(!journey.accepts(try packet(source), at: .input, onHost: 0), "\(source)")
    }
    #expect(!journey.accepts(try packet("10.8.0.1", to: "172.16.1.1"), at: .input, onHost: 0))
    #expect(!journey.accepts(try packet("10.8.0.1", in: "ep0"), at: .input, onHost: 0))
  }

  private func fabric(_ name: String) throws -> Fabric {
    try name == "example" ? Fabric(example: "services") : Fabric(SteeringSamples.random(name))
  }

  /// One endpoint of each segment on each host to one of each, and to the outside.
  private func pairs(_ journey: SteeringJourney, _ family: AddressFamily) -> [(Address, Address)] {
    let topology = journey.fabric.topology
    let addresses = Addresses(topology: topology)
    let all = topology.hosts.indices.flatMap { addresses.all(onHost: $0, family) }.filter {
      if case .endpoint = journey.meaning.place(of: $0) { true } else { false }
    }
    let outside = (try? [Address(parsing: family == .ipv4 ? "198.51.100.9" : "2001:db8:b::9")]) ?? []
    return all.flatMap { source in (all + outside).filter { $0 != source }.map { (source, $0) } }
  }
}
