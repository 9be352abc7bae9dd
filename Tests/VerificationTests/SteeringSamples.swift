import TopologyModel

/// What a service means for a packet, by its tenants and segments alone.
struct ServiceMeaning {
  let meaning: Meaning
  private var topology: Topology { meaning.topology }

  init(_ meaning: Meaning) { self.meaning = meaning }

  /// The functions on the way as "HOST INTERFACE", whether the packet is refused at one that is down, or goes around it.
  func chain(
    _ source: Address, _ destination: Address, down: Set<Int>
  ) -> (visited: [String], isRefused: Bool, isAround: Bool) {
    guard let (service, functions) = service(source, destination) else { return ([], false, false) }
    var visited: [String] = []
    var isAround = false
    for index in functions {
      if down.contains(index) {
        if service.fail == .closed { return (visited, true, false) }
        isAround = true
        continue
      }
      visited.append("\(topology.functions[index].host) \(topology.functions[index].interface.text)")
    }
    return (visited, false, isAround)
  }

  private func service(_ source: Address, _ destination: Address) -> (Service, [Int])? {
    if topology.functions.contains(where: { $0.addresses.contains(source) || $0.addresses.contains(destination) }) {
      return nil
    }
    for service in topology.services {
      if isNamed(source, by: service.from), isNamed(destination, by: service.to) { return (service, service.functions) }
      if service.returns, isNamed(source, by: service.to), isNamed(destination, by: service.from) {
        return (service, service.functions.reversed())
      }
    }
    return nil
  }

  private func isNamed(_ address: Address, by peers: [PolicyPeer]) -> Bool {
    peers.contains { peer in
      switch peer {
      case .any: return true
      case .cidr(let prefix): return prefix.contains(address)
      case .host, .localHost: return false
      case .endpoints(let group):
        guard case .endpoint(let host, _, let tenant, let segment) = meaning.place(of: address) else { return false }
        let rack = topology.hosts[host].rack
        let isThere =
          switch group.place {
          case .everywhere: true
          case .cidr(let prefix): prefix.contains(address)
          case .region(let region): topology.racks[rack].region == region
          case .rack(let index): index == rack
          case .host(let index): index == host
          }
        return isThere && (group.tenant ?? tenant) == tenant && (group.segment ?? segment) == segment
      }
    }
  }
}

enum SteeringSamples {
  /// A topology that the name decides: one to four functions on three hosts, services of every shape on six segments.
  static func random(_ name: String) -> String {
    var state = name.utf8.reduce(UInt64(11)) { $0 &* 31 &+ UInt64($1) }
    func next(_ range: ClosedRange<Int>) -> Int {
      state &+= 0x9e37_79b9_7f4a_7c15
      var bits = state
      bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
      bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
      return range.lowerBound + Int((bits ^ (bits >> 31)) % UInt64(range.count))
    }
    let segments = ["a0", "a1", "a2"].map { ("a", $0) } + ["b0", "b1", "b2"].map { ("b", $0) }
    let count = next(1...4)
    let functions = (0..<count).map {
      "  - { name: f\($0), host: h\(next(1...3)), tenant: fn, segment: s\(next(0...1)), endpoint: \(10 + $0), interface: ep-f\($0) }"
    }
    let services = (0..<next(1...4)).map { index in
      let (from, to) = (segments[next(0...5)], segments[next(0...5)])
      let via = (0..<count).map { ($0, next(0...999)) }.sorted { $0.1 < $1.1 }.prefix(next(1...count)).map {
        "f\($0.0)"
      }
      let place = ["", ", rack: rack1", ", hosts: [h1, h2]", ", region: dc1"][next(0...3)]
      let returns = next(0...1) == 1
      let destination =
        switch next(0...3) {
        case 0 where !returns: "any"
        case 1 where !returns: "[{ cidr: 198.51.100.0/24 }, { cidr: \"2001:db8:b::/48\" }]"
        case 2: "{ tenant: \(to.0) }"
        default: "{ tenant: \(to.0), segment: \(to.1) }"
        }
      return
        "  - { name: s\(index), priority: \(index), from: { tenant: \(from.0), segment: \(from.1)\(place) }, to: \(destination), via: [\(via.joined(separator: ", "))], return: \(returns), fail: \(next(0...1) == 0 ? "open" : "closed") }"
    }
    let backends = (1...3).map { _ in next(0...1) == 0 ? "iptables" : "nft" }
    return """
      romana: 1
      fabric: steering
      networks:
        - { name: pods, cidr: 10.0.0.0/9, bits: { region: 1, rack: 3, host: 6, tenant: 5, segment: 3, endpoint: 5 } }
        - { name: pods6, cidr: "fd00:10::/48", bits: { tenant: 8, segment: 8, endpoint: 16 }, capacity: { racks: 4, hosts: 8 } }
      tenants:
        - { name: a, isolation: tenant, segments: [a0, a1, a2] }
        - { name: b, isolation: none, segments: [b0, b1, b2] }
        - { name: fn, segments: [s0, s1] }
      service_functions:
      \(functions.joined(separator: "\n"))
      services:
      \(services.joined(separator: "\n"))
      regions:
        - name: dc1
          link_pool: 172.31.0.0/24
          link_pool6: fd00:31::/64
          spines: [{ name: spine1, loopback: 192.0.2.201 }]
          racks:
            - name: rack1
              subnet: 172.16.1.0/24
              subnet6: fd00:16:1::/64
              tors: [{ name: tor1, loopback: 192.0.2.1 }]
              hosts: [{ name: h1, firewall: { backend: \(backends[0]) } }, { name: h2, firewall: { backend: \(backends[1]) } }]
            - name: rack2
              subnet: 172.16.2.0/24
              subnet6: fd00:16:2::/64
              tors: [{ name: tor2, loopback: 192.0.2.2 }]
              hosts: [{ name: h3, firewall: { backend: \(backends[2]) } }]
      """
  }
}
