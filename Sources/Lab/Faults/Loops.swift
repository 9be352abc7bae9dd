import TopologyModel

/// Packets to addresses that nobody has: they must be dropped where the address would be, and never go in circles.
extension LabTest {
  func testUnallocated() async throws {
    try await scenario("packets to unallocated addresses") { result in
      let before = try await timeExceededCount()
      let probes = unallocatedProbes()
      let answers = try await field.ask(probes, window: 0.8)
      for (probe, outcome) in zip(probes, answers.outcomes) where outcome.isAnswered {
        result.findings.append(field.describe(probe, outcome))
      }
      let after = try await timeExceededCount()
      for (node, counts) in zip(lab.nodes, zip(before, after)) where counts.0 != counts.1 {
        result.findings.append(
          "\(node.name): \(counts.1 - counts.0) packets to unallocated addresses went round until their time to live was over"
        )
      }
      result.note = "\(probes.count) packets, time exceeded \(after.reduce(0, +) - before.reduce(0, +))"
    }
  }

  /// From endpoints of every host, and from the hosts themselves, to holes at every level: an endpoint, a host, a rack.
  private func unallocatedProbes() -> [Probe] {
    var probes: [Probe] = []
    var seen: Set<[Int]> = []
    for endpoint in layout.endpoints {
      for place in endpoint.places where seen.insert([endpoint.host, place.network]).inserted {
        for target in holes(like: place, of: endpoint) {
          for kind in [ProbeKind.udp, .icmp] {
            probes.append(
              Probe(
                from: parties.endpoint(endpoint.index), to: parties.outside, source: place.address, target: target,
                kind: kind, expected: .noWay))
          }
          probes.append(
            Probe(
              from: parties.node(endpoint.host), to: parties.outside, source: place.gateway, target: target, kind: .udp,
              expected: .noWay))
        }
      }
    }
    return probes
  }

  /// Addresses of the same segment, which isolation lets pass: endpoint 60 on this and on other hosts, on a host and
  /// in a rack that do not exist.
  private func holes(like place: LabEndpoint.Place, of endpoint: LabEndpoint) -> [Address] {
    guard let network = topology.networks[place.network].tagged else { return holesInBlocks(place, of: endpoint) }
    let last = min(60, (1 << min(network.layout.endpoint, 16)) - 2)
    func hole(_ prefix: Prefix) -> Address {
      network.address(in: prefix, tenant: endpoint.tenant, segment: endpoint.segment, endpoint: last)
    }
    var prefixes: [Prefix] = []
    let hosts = lab.nodes.compactMap { node -> Int? in
      if case .host(let index) = node.device.place { index } else { nil }
    }
    prefixes += hosts.compactMap { topology.prefix(ofHost: $0, inNetwork: place.network) }.prefix(6)
    let rack = topology.rack(ofHost: endpoint.hostIndex)
    if let allocation = rack.allocations[place.network] {
      let aggregate = allocation.aggregate
      if allocation.hostLength > aggregate.length {
        prefixes.append(Prefix(containing: aggregate.lastAddress, length: allocation.hostLength))
      }
      if aggregate.length > network.prefix.length {
        prefixes.append(Prefix(containing: network.prefix.lastAddress, length: allocation.hostLength))
      }
    }
    let used = Set(layout.endpoints.flatMap(\.places).map(\.address))
    return prefixes.map(hole).filter { hole in !used.contains(hole) }
  }

  /// The last address of blocks of the same segment and of a host's own, and of the rack's and the whole prefix, which
  /// nobody has taken.
  private func holesInBlocks(_ place: LabEndpoint.Place, of endpoint: LabEndpoint) -> [Address] {
    let blocks = topology.hosts.flatMap(\.blocks).filter { block in
      block.network == place.network
        && block.owner.map { $0.tenantID == endpoint.tenant && $0.segmentID == endpoint.segment } ?? true
    }
    let aggregate = topology.rack(ofHost: endpoint.hostIndex).allocations[place.network]?.aggregate
    let prefixes =
      blocks.prefix(8).map(\.prefix) + [aggregate, topology.networks[place.network].prefix].compactMap(\.self)
    let used = Set(layout.endpoints.flatMap(\.places).map(\.address))
    return prefixes.map(\.lastAddress).filter { !used.contains($0) }
  }

  /// How many "time exceeded" each device has sent (/proc/net/snmp, RFC 2011; /proc/net/snmp6, RFC 2465).
  func timeExceededCount() async throws -> [Int] {
    try await concurrently(lab.nodes) { node in
      try await inNamespace(node.namespace) {
        parseTimeExceeded(
          readText("/proc/thread-self/net/snmp") ?? "", readText("/proc/thread-self/net/snmp6") ?? "")
      }
    }
  }
}

/// IPv4's counters stand in a line below a line of their names, IPv6's beside their name.
func parseTimeExceeded(_ snmp: String, _ snmp6: String) -> Int {
  var count = 0
  let lines = snmp.split(separator: "\n").filter { $0.hasPrefix("Icmp:") }.map { $0.split(separator: " ") }
  if lines.count >= 2, let column = lines[0].firstIndex(of: "OutTimeExcds"), column < lines[1].count {
    count += Int(lines[1][column]) ?? 0
  }
  for line in snmp6.split(separator: "\n") where line.hasPrefix("Icmp6OutTimeExcds") {
    count += line.split(whereSeparator: { $0 == " " || $0 == "\t" }).last.flatMap { Int($0) } ?? 0
  }
  return count
}
