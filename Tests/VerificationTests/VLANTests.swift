import Testing
import TopologyModel
@testable import Verification

/// Hosts on VLANs, read back from their files: where rules and tables send a packet, what the filter takes on which VLAN, and
/// who announces what where.
@Suite struct VLANTests {
  private static let fabric = Result { try Fabric(example: "vlans") }

  private func shared(_ fabric: Fabric) -> [Int] {
    fabric.topology.hosts.indices.filter { fabric.topology.hosts[$0].isTagged }
  }

  private func script(_ fabric: Fabric, _ host: Int) throws -> WantedVLANs {
    let device = try #require(fabric.plan.device(named: fabric.topology.hosts[host].name.text))
    let plan = fabric.plan.plan(device)
    return try parseVLANScript(fabric.file(.vlansScript, of: plan), of: plan)
  }

  private func address(_ topology: Topology, _ host: Int, _ network: Int) throws -> Address {
    let prefix = try #require(topology.prefix(ofHost: host, inNetwork: network))
    return topology.networks[network].tagged!.address(in: prefix, tenant: 1, segment: 1, endpoint: 5)
  }

  /// From an endpoint to an address in another VLAN: over the gateway of its own; to one of its own: as the main table says. What
  /// comes in from a VLAN is delivered, whatever its source. Without the VLAN's link there is no short way.
  @Test func trafficBetweenVLANsLeavesTheHost() throws {
    let fabric = try Self.fabric.get()
    let topology = fabric.topology
    var crossings = 0
    for host in shared(fabric) {
      let wanted = try script(fabric, host)
      for source in topology.networks.indices {
        for target in topology.networks.indices
        where topology.networks[source].family == topology.networks[target].family {
          let family = topology.networks[source].family
          let gateway = try #require(
            topology.gateways(ofHost: host).first { $0.vlan == topology.networks[source].vlan })
          for other in topology.hosts.indices where topology.prefix(ofHost: other, inNetwork: target) != nil {
            let (from, to) = (try address(topology, host, source), try address(topology, other, target))
            let sent = wanted.decide(from: from, to: to, input: "ep-x")
            let blocked = wanted.decide(from: from, to: to, input: "ep-x", down: [gateway.interface.text])
            if topology.networks[source].vlan == topology.networks[target].vlan {
              #expect(sent == .main && blocked == .main)
            } else {
              crossings += 1
              #expect(
                try sent == .via(#require(gateway.address(family)), device: gateway.interface.text), "\(from) to \(to)")
              #expect(blocked == .discard)
            }
            for link in topology.hosts[host].links {
              #expect(wanted.decide(from: from, to: to, input: link.interface.text) == .main)
            }
          }
        }
      }
    }
    #expect(crossings > 50)
  }

  /// Outside of the endpoint networks the main table decides, unless the default route is the compiler's.
  @Test func otherTrafficIsLeftAlone() throws {
    let fabric = try Self.fabric.get()
    let topology = fabric.topology
    let outside = try Address(parsing: "198.51.100.9")
    for host in shared(fabric) {
      let wanted = try script(fabric, host)
      let own = try #require(topology.hosts[host].address(.ipv4))
      let gateway = try #require(topology.gateways(ofHost: host).first?.address(.ipv4))
      #expect(wanted.decide(from: own, to: outside, input: "lo") == .main)
      #expect(try wanted.decide(from: own, to: address(topology, host, 0), input: "lo") == .main)
      // Its gateway addresses are in the prefixes of endpoints.
      for network in topology.networks.indices where topology.networks[network].family == .ipv4 {
        let prefix = try #require(topology.prefix(ofHost: host, inNetwork: network))
        let gateway = topology.networks[network].gateway(in: prefix)
        #expect(try wanted.decide(from: gateway, to: address(topology, host, 0), input: "lo") == .main)
      }
      let sent = try wanted.decide(from: address(topology, host, 0), to: outside, input: "ep-x")
      let owns = topology.hosts[host].settings.defaultRoute == .own
      #expect(sent == (owns ? .via(gateway, device: topology.hosts[host].links[0].interface.text) : .main))
    }
  }

  /// A prefix of the host comes in as a source over other VLANs only, and is reached over its own only; on both backends.
  @Test(arguments: AddressFamily.allCases, [FirewallBackend.iptables, .nft])
  func theFilterKnowsTheVLAN(_ family: AddressFamily, _ backend: FirewallBackend) throws {
    let fabric = try Self.fabric.get().with(backend)
    let topology = fabric.topology
    let networks = topology.networks.indices.filter { topology.networks[$0].family == family }
    for host in shared(fabric) {
      func accepts(_ source: Address, _ target: Address, _ input: String) throws -> Bool {
        let packet = Packet(from: source, to: target, in: input, .tcp(source: 40000, destination: 80))
        return backend == .nft
          ? try evaluate(packet, at: .forward, in: fabric.table(host)).verdict == .accept
          : try evaluate(packet, at: .forward, in: fabric.rules(host, family)).verdict == .accept
      }
      for source in networks {
        for target in networks {
          // The target's tenant takes everybody; endpoints of the source's own tenant talk anyway.
          let isOpen = source == target || topology.networks[target].name.text.hasSuffix("blue")
          for link in topology.hosts[host].links {
            let isTargetHere = topology.networks[target].vlan == link.vlan
            let isSourceHere = topology.networks[source].vlan == link.vlan
            let from = try endpoint(topology, host, source)
            let to = try endpoint(topology, host, target)
            #expect(
              try accepts(from, to, link.interface.text) == (isOpen && isTargetHere && !isSourceHere),
              "\(from) to \(to) on \(link.interface)")
            let other = try #require(topology.hosts.indices.first { $0 != host && topology.hosts[$0].isTagged })
            let foreign = try endpoint(topology, other, source)
            #expect(try accepts(foreign, to, link.interface.text) == (isOpen && isTargetHere), "\(foreign) to \(to)")
          }
        }
      }
    }
  }

  /// An endpoint of the tenant that a network of the example is reserved to: acme on red, bank on blue.
  private func endpoint(_ topology: Topology, _ host: Int, _ network: Int) throws -> Address {
    let prefix = try #require(topology.prefix(ofHost: host, inNetwork: network))
    let tenant = try #require(topology.tenants.first { $0.networks.contains(network) })
    return topology.networks[network].tagged!.address(in: prefix, tenant: tenant.id, segment: 1, endpoint: 5)
  }

  /// On the session of a VLAN a host announces exactly its prefixes there, and the ToR believes exactly these.
  @Test func sessionsKeepToTheirVLAN() throws {
    let fabric = try Self.fabric.get()
    let topology = fabric.topology
    for host in shared(fabric) where topology.hosts[host].settings.routing == .bgp {
      let device = fabric.plan.plan(try #require(fabric.plan.device(named: topology.hosts[host].name.text)))
      let routing = try readRouting(of: device) { fabric.file($0, of: device) }
      let sessions = try #require(routing.speaker).sessions
      #expect(sessions.count == 4)
      for session in sessions {
        let gateway = try #require(
          topology.gateways(ofHost: host).first { $0.address(session.neighbor.family) == session.neighbor })
        for network in topology.networks.indices where topology.networks[network].family == session.neighbor.family {
          let prefix = try #require(topology.prefix(ofHost: host, inNetwork: network))
          let isHere = topology.networks[network].vlan == gateway.vlan
          #expect(isPermitted(prefix, session.exportFilter) == isHere)
          if device.bgp != nil, topology.hosts[host].settings.speaker != .exabgp {
            #expect(isPermitted(topology.networks[network].prefix, session.importFilter) == isHere)
          }
        }
      }
    }
  }

  private func isPermitted(_ prefix: Prefix, _ filter: [ReadFilterEntry]) -> Bool {
    filter.contains { $0.permits && $0.prefix == prefix && $0.lengths.contains(prefix.length) }
  }

  /// A dedicated host is on one VLAN without a tag, and has no prefix of another.
  @Test func dedicatedHostsHaveOneVLAN() throws {
    let topology = try Self.fabric.get().topology
    let dedicated = topology.hosts.indices.filter { !topology.hosts[$0].isTagged }
    #expect(dedicated.count == 2)
    for host in dedicated {
      #expect(topology.hosts[host].links.count == 1 && topology.hosts[host].links[0].interface.text == "eth0")
      for network in topology.networks.indices {
        let isHere = topology.networks[network].vlan == topology.hosts[host].links[0].vlan
        #expect((topology.prefix(ofHost: host, inNetwork: network) != nil) == isHere)
      }
    }
  }
}
