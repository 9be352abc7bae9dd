/// Plans what the policies of a topology decide in one family.
package func planAccess(_ topology: Topology, _ family: AddressFamily) -> AccessPlan {
  let sides = AccessSides(topology, family)
  var plan = AccessPlan(family)
  for zone in AccessZone.allCases {
    var keyed: [(priority: Int, verdict: AccessVerdict, decision: AccessDecision)] = []
    for (index, policy) in topology.policies.enumerated() {
      for (verdict, services) in [(AccessVerdict.deny, policy.deny), (.allow, policy.allow)] {
        let services = ServiceSet(services, family)
        guard !services.isEmpty, let sources = sides.sources(policy, zone), sources.isNotEmpty,
          let destinations = sides.destinations(policy, zone, verdict), destinations.isNotEmpty
        else { continue }
        keyed.append(
          (
            policy.priority, verdict,
            AccessDecision(
              policy: index, name: policy.name, comment: policy.comment, verdict: verdict, sources: sources.matches,
              destinations: destinations.matches, services: services)
          ))
      }
    }
    // Policies are sorted by priority and name already; deny goes before allow at one priority.
    plan[zone] = keyed.enumerated()
      .sorted {
        ($0.element.priority, $0.element.verdict, $0.offset) < ($1.element.priority, $1.element.verdict, $1.offset)
      }
      .map(\.element.decision)
  }
  dropIdleDenials(&plan, sides)
  return plan
}

/// Where nothing is allowed anyway, a denial stays only if its policy names what is there.
private func dropIdleDenials(_ plan: inout AccessPlan, _ sides: AccessSides) {
  for zone in [AccessZone.underlay, .remoteHost] where !plan[zone].contains(where: { $0.verdict == .allow }) {
    plan[zone] = plan[zone].filter { decision in
      zone == .underlay && (decision.destinations?.allSatisfy { sides.isProtected($0) } ?? false)
    }
  }
}

/// The addresses of one side of a decision; some zones have none of it.
struct AccessSide {
  /// Nil: all.
  var matches: [AddressMatch]?
  var isNotEmpty: Bool { matches?.isEmpty != true }

  static let all = AccessSide(matches: nil)

  init(matches: [AddressMatch]?) { self.matches = matches }

  /// The union; nil stands for a peer that is everything.
  init(_ parts: [[AddressMatch]?]) {
    matches = parts.contains { $0 == nil } ? nil : mergeSide(parts.flatMap { $0 ?? [] })
  }
}

/// Few matches for one side. A long list of prefixes stays one of prefixes, which trees and sets hold best; others may get
/// masks with gaps.
private func mergeSide(_ matches: [AddressMatch]) -> [AddressMatch] {
  let prefixes = aggregatePrefixes(matches.compactMap(\.prefix)).map { AddressMatch($0) }
  guard prefixes.count >= RowForm.leastSet else { return mergeMatches(matches) }
  let list = AddressList(prefixes)
  let others = mergeMatches(matches.filter { $0.prefix == nil }).filter { !list.contains($0) }
  return (prefixes + others).sorted()
}

/// Turns the peers of policies into addresses, zone by zone.
package struct AccessSides {
  let topology: Topology
  let family: AddressFamily
  private let networks: [Int]
  /// Addresses that an allowing policy opens only where it names them: the fabric's own devices, and link-local ones.
  private let protected: [Prefix]

  package init(_ topology: Topology, _ family: AddressFamily) {
    self.topology = topology
    self.family = family
    networks = topology.networks.indices.filter { topology.networks[$0].family == family }
    protected = topology.underlay.filter { $0.family == family } + [family == .ipv4 ? linkLocalIPv4 : metadataIPv6]
  }

  func isProtected(_ match: AddressMatch) -> Bool { protected.contains { AddressMatch($0).contains(match) } }

  /// Nil: the policy's direction has nothing to do with the zone.
  func sources(_ policy: Policy, _ zone: AccessZone) -> AccessSide? {
    let fromAnywhere = zone == .inside && policy.direction != .egress
    return AccessSide(
      policy.from.map { peer in
        switch peer {
        case .any: fromAnywhere || zone != .inside ? nil : networks.map { AddressMatch(topology.networks[$0].prefix) }
        case .cidr(let prefix): fromAnywhere ? only(prefix) : insideNetworks(prefix)
        case .host(let host): fromAnywhere ? ownAddresses(host) + gateways(host) : []
        case .endpoints(let group): matches(group)
        case .localHost: []
        }
      })
  }

  func destinations(_ policy: Policy, _ zone: AccessZone, _ verdict: AccessVerdict) -> AccessSide? {
    let leaves = policy.direction != .ingress
    if zone == .outside, !leaves { return nil }
    return AccessSide(policy.to.map { destination($0, zone, verdict, leaves: leaves) })
  }

  private func destination(
    _ peer: PolicyPeer, _ zone: AccessZone, _ verdict: AccessVerdict, leaves: Bool
  ) -> [AddressMatch]? {
    switch (peer, zone) {
    case (.any, .inside), (.any, .outside): nil
    // A denial of everything means hosts too; an allowance does not.
    case (.any, _): leaves && verdict == .deny ? nil : []
    case (.cidr(let prefix), .inside): insideNetworks(prefix)
    case (.cidr(let prefix), .outside): isElsewhere(prefix) ? only(prefix) : []
    case (.cidr(let prefix), .underlay):
      leaves && (verdict == .deny ? protected.contains { $0.overlaps(prefix) } : isProtected(AddressMatch(prefix)))
        ? only(prefix) : []
    case (.cidr(let prefix), _):
      leaves && (verdict == .deny || isProtected(AddressMatch(prefix))) ? only(prefix) : []
    case (.endpoints(let group), .inside): matches(group)
    case (.endpoints, _): []
    case (.host(let host), .inside): gateways(host)
    case (.host(let host), .underlay): ownAddresses(host)
    case (.host(let host), .localHost), (.host(let host), .remoteHost): ownAddresses(host) + gateways(host)
    case (.host, .outside): []
    case (.localHost, .localHost): nil
    case (.localHost, _): []
    }
  }

  private func only(_ prefix: Prefix) -> [AddressMatch] { prefix.family == family ? [AddressMatch(prefix)] : [] }

  /// The part of a prefix that is in endpoint networks.
  private func insideNetworks(_ prefix: Prefix) -> [AddressMatch] {
    networks.map { topology.networks[$0].prefix }.filter { $0.overlaps(prefix) }
      .map { AddressMatch($0.length > prefix.length ? $0 : prefix) }
  }

  /// Whether some of a prefix is neither in an endpoint network nor protected.
  private func isElsewhere(_ prefix: Prefix) -> Bool {
    !(networks.map { topology.networks[$0].prefix } + protected).contains { $0.contains(prefix) }
  }

  private func ownAddresses(_ host: Int) -> [AddressMatch] {
    topology.hosts[host].links.compactMap { $0.address(family) }.map { AddressMatch(Prefix(host: $0)) }
  }

  private func gateways(_ host: Int) -> [AddressMatch] {
    networks.compactMap { index in
      topology.gateway(ofHost: host, inNetwork: index).map { AddressMatch(Prefix(host: $0)) }
    }
  }

  /// The endpoints of a group: one match a network, or one a block.
  package func matches(_ group: EndpointGroup) -> [AddressMatch] {
    let usable = group.tenant.map { topology.tenants[$0].networks }
    return networks.filter { usable?.contains($0) ?? true }.flatMap { index in
      topology.networks[index].tagged.map { [match(group, index, $0)].compactMap(\.self) } ?? blocks(group, index)
    }
  }

  private func match(_ group: EndpointGroup, _ index: Int, _ network: TaggedNetwork) -> AddressMatch? {
    let place = prefix(group.place, index).map(AddressMatch.init)
    guard let tenant = group.tenant.map({ topology.tenants[$0].id }) else { return place }
    let owner =
      group.segment.map { network.match(tenant: tenant, segment: $0) } ?? network.match(tenant: tenant)
    return place.flatMap(owner.intersection)
  }

  /// The blocks of a group's endpoints; without a tenant all addresses of the place, but for one host those of its endpoints.
  private func blocks(_ group: EndpointGroup, _ network: Int) -> [AddressMatch] {
    var hosts = topology.hosts.indices
    switch group.place {
    case .everywhere, .cidr: break
    case .region(let region):
      let racks = topology.racks[topology.regions[region].racks]
      hosts = (racks.first?.hosts.lowerBound ?? 0)..<(racks.last?.hosts.upperBound ?? 0)
    case .rack(let rack): hosts = topology.racks[rack].hosts
    case .host(let host): hosts = host..<host + 1
    }
    guard let tenant = group.tenant.map({ topology.tenants[$0].id }) else {
      if case .host = group.place {} else { return prefix(group.place, network).map { [AddressMatch($0)] } ?? [] }
      return topology.hosts[hosts].flatMap(\.blocks).filter { $0.network == network && $0.owner != nil }
        .map { AddressMatch($0.prefix) }
    }
    return topology.hosts[hosts].flatMap(\.blocks).filter { block in
      block.network == network && block.owner?.tenantID == tenant
        && (group.segment == nil || block.owner?.segmentID == group.segment)
    }
    .compactMap { block in
      guard case .cidr(let cidr) = group.place else { return AddressMatch(block.prefix) }
      return block.prefix.intersection(cidr).map { AddressMatch($0) }
    }
  }

  private func prefix(_ place: EndpointGroup.Place, _ network: Int) -> Prefix? {
    switch place {
    case .everywhere: topology.networks[network].prefix
    case .cidr(let prefix): topology.networks[network].prefix.intersection(prefix)
    case .region(let region): topology.regions[region].allocations[network]?.prefix
    case .rack(let rack): topology.racks[rack].allocations[network]?.aggregate
    case .host(let host): topology.prefix(ofHost: host, inNetwork: network)
    }
  }
}

/// Link-local addresses (RFC 3927), among them the metadata services of clouds.
let linkLocalIPv4 = Prefix(containing: Address(.ipv4, 0xa9fe_0000), length: 16)

/// The metadata service of EC2, `fd00:ec2::254`.
let metadataIPv6 = Prefix(host: Address(.ipv6, UInt128(0xfd00_0ec2) << 96 | 0x254))
