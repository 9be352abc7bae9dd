import Testing
import TopologyModel
import Verification

/// Sources that can't be where a packet comes from, and traffic of the host itself.
@Suite struct SpoofingTests {
  private func drops(_ packet: Packet, in file: RuleFile) -> Bool {
    evaluate(packet, at: .forward, in: file).verdict == .drop
  }

  /// From an endpoint interface: no address but those of the host's prefix that an endpoint can have.
  @Test(arguments: Samples.names, AddressFamily.allCases)
  func endpointsCanUseTheirHostsPrefixOnly(_ name: String, _ family: AddressFamily) throws {
    let journey = try Journey(Samples.fabric(name))
    let addresses = Addresses(topology: journey.fabric.topology)
    for host in journey.fabric.topology.hosts.indices {
      let input = journey.interface(of: addresses.outside(family)[0], onHost: host)
      let foreign =
        (host == 0 ? [1, 2] : [0]).flatMap { addresses.all(onHost: $0, family) } + addresses.outside(family)
        + addresses.underlay(family) + addresses.all(onHost: host, family).filter { isInfrastructure($0, journey) }
      let destinations = [host, 2].flatMap { addresses.all(onHost: $0, family) } + addresses.outside(family)
      let file = journey.rules(host, family)
      for source in foreign {
        for destination in destinations {
          #expect(drops(Packet(from: source, to: destination, in: input), in: file), "\(source)")
        }
        let toHost = Packet(from: source, to: addresses.underlay(family)[0], in: input)
        #expect(evaluate(toHost, at: .input, in: file).verdict == .drop, "\(source) to the host")
        #expect(
          evaluate(with(toHost, .icmp(type: family == .ipv4 ? 8 : 128)), at: .input, in: file).verdict == .drop,
          "ping of \(source) to the host")
      }
    }
  }

  private func isInfrastructure(_ address: Address, _ journey: Journey) -> Bool {
    if case .infrastructure = journey.meaning.place(of: address) { true } else { false }
  }

  private func with(_ packet: Packet, _ payload: Packet.Payload) -> Packet {
    var packet = packet
    packet.payload = payload
    return packet
  }

  /// On the uplink the host's own prefixes can't come in; on any other interface no endpoint network's.
  @Test(arguments: Samples.names, AddressFamily.allCases)
  func prefixesComeInWhereTheyBelong(_ name: String, _ family: AddressFamily) throws {
    let journey = try Journey(Samples.fabric(name))
    let addresses = Addresses(topology: journey.fabric.topology)
    for host in [0, 1] {
      let file = journey.rules(host, family)
      for destination in addresses.all(onHost: host, family) + addresses.outside(family) {
        for source in addresses.all(onHost: host, family) {
          #expect(drops(Packet(from: source, to: destination, in: journey.uplink(host)), in: file))
        }
        for source in [host, 2].flatMap({ addresses.all(onHost: $0, family) }) {
          #expect(drops(Packet(from: source, to: destination, in: "mgmt0"), in: file))
        }
      }
    }
  }

  /// A listed endpoint has its address, and its interface has no other.
  @Test(arguments: AddressFamily.allCases)
  func listedEndpointsAreBoundToTheirInterfaces(_ family: AddressFamily) throws {
    let journey = try Journey(try Fabric(Samples.text("layouts")))
    let addresses = Addresses(topology: journey.fabric.topology)
    let host = try #require(journey.fabric.topology.hosts.firstIndex { !$0.endpoints.isEmpty })
    let endpoint = try #require(journey.fabric.topology.hosts[host].endpoints.first)
    let own = try #require(endpoint.addresses.first { $0.family == family })
    let peer = try #require(addresses.address(2, family == .ipv4 ? 0 : 1, tenant: 1, segment: 1))
    let file = journey.rules(host, family)
    #expect(journey.passes(own, peer) && journey.passes(peer, own))
    #expect(drops(Packet(from: own, to: peer, in: "epx1"), in: file))
    #expect(drops(Packet(from: own, to: peer, in: "ep-e10"), in: file))
    for other in addresses.all(onHost: host, family) {
      #expect(drops(Packet(from: other, to: peer, in: "ep-e1"), in: file), "\(other)")
    }
  }

  /// Endpoints get ICMP, neighbour discovery, DHCP and replies from their host, and nothing else.
  @Test(arguments: Samples.names, AddressFamily.allCases)
  func endpointsToTheirHost(_ name: String, _ family: AddressFamily) throws {
    let journey = try Journey(Samples.fabric(name))
    let addresses = Addresses(topology: journey.fabric.topology)
    let topology = journey.fabric.topology
    for host in [0, 1] {
      let file = journey.rules(host, family)
      let input = journey.interface(of: addresses.outside(family)[0], onHost: host)
      let network = try #require(topology.networks.firstIndex { $0.family == family })
      let gateway = try #require(addresses.address(host, network, tenant: 0, segment: 0, endpoint: 1))
      let source = try #require(addresses.address(host, network, tenant: 1, segment: 1))
      for target in [gateway, topology.hosts[host].address(family)].compactMap(\.self) {
        func verdict(_ payload: Packet.Payload, _ state: FlowState = .new) -> PacketVerdict {
          evaluate(Packet(from: source, to: target, in: input, payload, state: state), at: .input, in: file).verdict
        }
        #expect(verdict(.icmp(type: family == .ipv4 ? 8 : 128)) == .accept)
        #expect(verdict(.tcp(source: 40000, destination: 22)) == .drop)
        #expect(verdict(.udp(source: 40000, destination: 53)) == .drop)
        #expect(verdict(.other(89)) == .drop)
        #expect(verdict(.tcp(source: 22, destination: 40000), .established) == .accept)
      }
      for (packet, isAccepted) in bootPackets(family, input) {
        #expect((evaluate(packet, at: .input, in: file).verdict == .accept) == isAccepted, "\(packet)")
      }
    }
  }

  /// What an endpoint sends before it has an address: DHCP, and neighbour discovery in IPv6.
  private func bootPackets(_ family: AddressFamily, _ input: String) -> [(Packet, Bool)] {
    func packet(_ source: String, _ destination: String, _ payload: Packet.Payload) -> Packet {
      let parse = { (text: String) in (try? Address(parsing: text)) ?? Address(family, 0) }
      return Packet(from: parse(source), to: parse(destination), in: input, payload)
    }
    if family == .ipv4 {
      let (any, all) = ("0.0.0.0", "255.255.255.255")
      return [
        (packet(any, all, .udp(source: 68, destination: 67)), true),
        (packet(any, all, .udp(source: 68, destination: 53)), false),
        (packet(any, all, .icmp(type: 8)), false),
      ]
    }
    let linkLocal = "fe80::1"
    return [
      (packet(linkLocal, "ff02::1:2", .udp(source: 546, destination: 547)), true),
      (packet(linkLocal, "ff02::2", .icmp(type: 133)), true),
      (packet(linkLocal, "ff02::1:ff00:1", .icmp(type: 135)), true),
      (packet(linkLocal, "fe80::2", .icmp(type: 136)), true),
      (packet("::", "ff02::1:ff00:1", .icmp(type: 135)), true),
      (packet("::", "ff02::2", .icmp(type: 133)), false),
      (packet(linkLocal, "ff02::1", .icmp(type: 134)), false),
      (packet(linkLocal, "fe80::2", .tcp(source: 40000, destination: 22)), false),
    ]
  }

  /// No rule of ours decides about traffic of the host itself on its uplink or a management interface.
  @Test(arguments: Samples.names, AddressFamily.allCases)
  func hostsOwnTrafficIsNotTouched(_ name: String, _ family: AddressFamily) throws {
    let journey = try Journey(Samples.fabric(name))
    let addresses = Addresses(topology: journey.fabric.topology)
    let payloads: [Packet.Payload] = [
      .tcp(source: 40000, destination: 22), .tcp(source: 40000, destination: 179), .other(89),
      .udp(source: 49152, destination: 3784), .udp(source: 67, destination: 68), .icmp(type: 8), .icmp(type: 135),
    ]
    for host in journey.fabric.topology.hosts.indices {
      let target = try #require(journey.fabric.topology.hosts[host].address(family))
      let file = journey.rules(host, family)
      for source in addresses.outside(family) + addresses.underlay(family) {
        for payload in payloads {
          for input in [journey.uplink(host), "mgmt0", "lo"] {
            let fate = evaluate(Packet(from: source, to: target, in: input, payload), at: .input, in: file)
            #expect(fate.rule == nil && fate.verdict != .drop, "\(source) \(payload) on \(input): \(fate)")
          }
        }
      }
      // The host's own packets meet no rule at all.
      #expect(file["OUTPUT"]?.rules.isEmpty ?? true && file.policies["OUTPUT"] != .drop)
    }
  }
}
