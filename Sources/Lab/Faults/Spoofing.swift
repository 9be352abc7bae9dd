import TopologyModel

/// Endpoints and strangers that claim another's address. Only UDP shows it: its arrival is seen at the target.
extension LabTest {
  func testSpoofing() async throws {
    try await scenario("spoofed sources", perBackend: true) { result in
      let control = controlProbes()
      let forged = forgeries()
      result.findings = try await ask(control + forged)
      result.note = "\(forged.count) forged sources dropped, \(control.count) honest ones pass"
      if forged.isEmpty { result.note = "no endpoints to forge for" }
    }
  }

  /// The same senders and targets with their own addresses, so that a dropped forgery means something.
  private func controlProbes() -> [Probe] { forgeryPairs().map { probe($0.0, $0.1, claiming: $0.0.place.address) } }

  private typealias Side = (endpoint: LabEndpoint, place: LabEndpoint.Place)

  /// For each endpoint a target of its segment on the same host and one on another, in each family.
  private func forgeryPairs() -> [(Side, Side)] {
    let reachability = Reachability(layout)
    var pairs: [(Side, Side)] = []
    for source in layout.endpoints {
      for place in source.places {
        for isLocal in [true, false] {
          let target = layout.endpoints.first { target in
            target.index != source.index && (target.host == source.host) == isLocal
              && reachability.expect(source, target) == .answer
              && target.places.contains { $0.address.family == place.address.family }
          }
          guard let target, let there = target.places.first(where: { $0.address.family == place.address.family }) else {
            continue
          }
          pairs.append(((source, place), (target, there)))
        }
      }
    }
    return pairs
  }

  private func probe(_ source: Side, _ target: Side, claiming address: Address) -> Probe {
    let isForged = address != source.place.address
    return Probe(
      from: parties.endpoint(source.endpoint.index), to: parties.endpoint(target.endpoint.index), source: address,
      target: target.place.address, kind: .udp, expected: isForged ? .nothing : .arrival, isForged: isForged)
  }

  private func forgeries() -> [Probe] {
    var probes: [Probe] = []
    for (source, target) in forgeryPairs() {
      for claim in claims(of: source) where claim != target.place.address {
        probes.append(probe(source, target, claiming: claim))
      }
    }
    return probes + forgeriesFromOutside()
  }

  /// Addresses that an endpoint must not use: of the same segment on another host, outside the fabric, the gateway's; a
  /// listed endpoint none but its own, and nobody a listed one's.
  private func claims(of source: Side) -> [Address] {
    let (endpoint, place) = source
    let family = place.address.family
    let peers = layout.endpoints.filter {
      $0.index != endpoint.index && $0.tenant == endpoint.tenant && $0.segment == endpoint.segment
    }
    func addresses(_ endpoints: [LabEndpoint]) -> [Address] {
      endpoints.flatMap(\.places).map(\.address).filter { $0.family == family }
    }
    var claims = Array(addresses(peers.filter { $0.host != endpoint.host }).prefix(1))
    claims += layout.outside.services.filter { $0.family == family }.map { $0.advanced(by: UInt128.max) }
    claims.append(place.gateway)
    let neighbors = layout.endpoints.filter { $0.index != endpoint.index && $0.host == endpoint.host }
    claims += addresses(neighbors.filter { endpoint.isListed || $0.isListed }).prefix(2)
    return claims
  }

  /// From a switch: the host's own prefix on its uplink. From a management network: any endpoint's address.
  private func forgeriesFromOutside() -> [Probe] {
    var probes: [Probe] = []
    for target in layout.endpoints {
      let peer = layout.endpoints.first {
        $0.index != target.index && $0.tenant == target.tenant && $0.segment == target.segment && $0.host == target.host
      }
      guard let peer, let neighbor = layout.links.lazy.compactMap({ $0.others(than: target.host).first }).first
      else { continue }
      for place in target.places {
        let claims = peer.places.map(\.address).filter { $0.family == place.address.family }.prefix(1)
        var senders = [parties.node(neighbor.node)]
        if layout.outside.plugs.contains(where: { $0.node == target.host }) { senders.append(parties.outside) }
        for (claim, sender) in claims.flatMap({ claim in senders.map { (claim, $0) } }) {
          probes.append(
            Probe(
              from: sender, to: parties.endpoint(target.index), source: claim, target: place.address, kind: .udp,
              expected: .nothing, isForged: true))
        }
      }
    }
    return probes
  }
}
