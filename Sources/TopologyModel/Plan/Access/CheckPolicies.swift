/// Warns of policies that decide nothing: about no packet, or about packets that others decide first.
func checkPolicies(_ topology: Topology, _ diagnostics: inout Diagnostics) {
  guard !topology.policies.isEmpty else { return }
  var isAboutSomething = [Bool](repeating: false, count: topology.policies.count)
  var isReached = isAboutSomething
  var covers: [Int: PolicyCover] = [:]
  for family in AddressFamily.allCases {
    let plan = planAccess(topology, family)
    for zone in AccessZone.allCases {
      let decisions = plan[zone]
      let compiled = compileAccess(decisions, family)
      for (index, decision) in decisions.enumerated() {
        isAboutSomething[decision.policy] = true
        guard let cover = compiled.covered[index] else {
          isReached[decision.policy] = true
          continue
        }
        guard covers[decision.policy] == nil else { continue }
        let witness = WitnessPacket(cover.sample, zone, topology)
        let first = decisions.first { $0.matches(witness.source, witness.destination, service: witness.service) }
        covers[decision.policy] = PolicyCover(
          by: cover.by.map { decisions[$0].policy }, isOpposite: first?.verdict != decision.verdict,
          witness: witness.text)
      }
    }
  }
  for (index, policy) in topology.policies.enumerated() {
    if !isAboutSomething[index] {
      // What a host sends to its own endpoints was reported.
      if !policy.from.allSatisfy({ $0 == .localHost }) { diagnostics.add(.policyMatchesNothing(policy)) }
    } else if !isReached[index], let cover = covers[index] {
      diagnostics.add(.policyCovered(policy, cover, topology))
    }
  }
}

struct PolicyCover {
  /// The policies that decide instead, in the order in which they are asked.
  var by: [Int]
  /// Whether they say the opposite, of the witness at least.
  var isOpposite: Bool
  var witness: String
}

/// A packet that a row is about, with addresses that endpoints have where there are any.
struct WitnessPacket {
  let source: Address
  let destination: Address
  /// A number on the line of services.
  let service: UInt32

  init(_ row: AccessRow, _ zone: AccessZone, _ topology: Topology) {
    source = sampleAddress(row.source, in: nil, topology)
    destination = sampleAddress(row.destination, in: zone, topology)
    let wanted: UInt32 = 80
    let range = row.services.ranges[0]
    service = range.contains(wanted) ? wanted : max(range.lowerBound, min(1, range.upperBound))
  }

  /// As in `tcp 10.0.1.17:1024 -> 10.0.2.33:5432`.
  var text: String {
    switch ServiceSet([service...service]).terms.first {
    case .ports(let proto, let ports)?:
      "\(proto.rawValue) \(withPort(source, 1024)) -> \(withPort(destination, ports.first?.lowerBound ?? 1))"
    case .icmp(let types)?:
      "\(source.family == .ipv4 ? "icmp" : "icmpv6") type \(types.first?.lowerBound ?? 0) \(source) -> \(destination)"
    default: "protocol 47 \(source) -> \(destination)"
    }
  }

  private func withPort(_ address: Address, _ port: UInt16) -> String {
    address.family == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
  }
}

/// An address that a match holds: an endpoint's if some can have it. `zone` says where destinations are.
func sampleAddress(_ match: AddressMatch, in zone: AccessZone?, _ topology: Topology) -> Address {
  let family = match.family
  if match.isEverything, zone == .outside {
    return Address(family, family == .ipv4 ? 0xc633_6401 : UInt128(0x2001_0db8) << 96 | 1)
  }
  if match.isEverything, zone == .underlay, let first = topology.underlay.first(where: { $0.family == family }) {
    return first.address.advanced(by: 1)
  }
  for (index, network) in topology.networks.enumerated() where AddressMatch(network.prefix).overlaps(match) {
    for host in topology.hosts.indices {
      guard let prefix = topology.prefix(ofHost: host, inNetwork: index),
        let local = AddressMatch(prefix).intersection(match)
      else { continue }
      if zone == .localHost || zone == .remoteHost {
        let gateway = network.gateway(in: prefix)
        if match.matches(gateway) { return gateway }
      }
      return fill(local, network, topology)
    }
  }
  return match.mask & 1 == 0 ? Address(family, match.value.bits | 1) : match.value
}

/// Gives the fields that a match leaves open the first tenant's ids, and the endpoint one that is not reserved.
private func fill(_ match: AddressMatch, _ network: Network, _ topology: Topology) -> Address {
  let owners = topology.tenants.filter { tenant in
    tenant.networks.contains { topology.networks[$0].prefix == network.prefix }
  }
  for tenant in owners {
    for segment in tenant.segments {
      guard let both = network.tagged?.match(tenant: tenant.id, segment: segment.id).intersection(match) else {
        continue
      }
      return Address(match.family, both.value.bits | (both.mask & 3 == 0 ? 3 : 0))
    }
  }
  return Address(match.family, match.value.bits | (match.mask & 3 == 0 ? 3 : 0))
}

extension Diagnostic {
  static func policyMatchesNothing(_ policy: Policy) -> Diagnostic {
    Diagnostic(
      .policyMatchesNothing, "the policy '\(policy.name)' is about no packet", at: policy.range,
      notes: ["its sides and protocols have no address family in common, or what it names has no addresses there"],
      help: ["check the families of its addresses, and the networks of its tenants"])
  }

  static func policyCovered(_ policy: Policy, _ cover: PolicyCover, _ topology: Topology) -> Diagnostic {
    var seen: Set<Int> = []
    let others = cover.by.filter { seen.insert($0).inserted }.map { topology.policies[$0] }
    let names = others.prefix(3).map { "'\($0.name)'" }.joined(separator: ", ") + (others.count > 3 ? ", …" : "")
    let verb = others.count == 1 ? "decides" : "decide"
    return Diagnostic(
      cover.isOpposite ? .policyContradicted : .policyNeverReached,
      "the policy '\(policy.name)' is never reached: \(names) \(verb) first\(cover.isOpposite ? ", and otherwise" : ""), e.g. \(cover.witness)",
      at: policy.range, labels: others.prefix(3).map { ($0.range, "asked before it") },
      help: [
        cover.isOpposite
          ? "give it a lower `priority:` than \(policy.priority), or remove it" : "remove it, or narrow the other"
      ])
  }
}
