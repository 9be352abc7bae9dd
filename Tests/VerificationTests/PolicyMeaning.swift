import TopologyModel
import Verification

/// What the page on policies says about a packet, by the fields of its addresses; nothing of the plan of policies or of
/// their compilation is used here.
struct PolicyMeaning {
  let meaning: Meaning
  var topology: Topology { meaning.topology }
  /// The denials and the allowances of every policy in the order in which they are asked: by priority, at one priority
  /// denials first.
  private let ordered: [(policy: Policy, isDenial: Bool)]

  init(meaning: Meaning) {
    self.meaning = meaning
    let policies = meaning.topology.policies
    ordered = Set(policies.map(\.priority)).sorted().flatMap { priority in
      [true, false].flatMap { isDenial in
        policies.filter { $0.priority == priority && !(isDenial ? $0.deny : $0.allow).isEmpty }
          .map { (policy: $0, isDenial: isDenial) }
      }
    }
  }

  private enum Target {
    case forwarded
    /// The host that the packet ends at; whether the source is one of its own endpoints.
    case host(Int, isLocal: Bool)
  }

  /// A new flow that is forwarded, from an endpoint or from elsewhere.
  func judge(_ source: Address, _ destination: Address, _ payload: Packet.Payload) -> Judgement {
    let (from, to) = (place(source), place(destination))
    switch (from, to) {
    case (.endpoint, .endpoint), (.outside, .endpoint), (.underlay, .endpoint): break
    case (.endpoint, .outside), (.endpoint, .underlay): break
    default: return .indifferent
    }
    if isEndpoint(to), isError(payload, source.family) { return .allowed }
    if let verdict = firstVerdict(source, destination, payload, .forwarded) { return verdict }
    return to == .underlay ? .denied : meaning.judge(source, destination)
  }

  /// A new flow from an endpoint to a host itself.
  func judge(_ source: Address, toHost host: Int, at destination: Address, _ payload: Packet.Payload) -> Judgement {
    guard case .endpoint(let home, _, _, _) = place(source) else { return .indifferent }
    let isLocal = home == host
    if isLocal, isError(payload, source.family) { return .allowed }
    if isLocal, source.family == .ipv6, case .icmp(let type) = payload, [133, 135, 136].contains(type) {
      return .allowed
    }
    if let verdict = firstVerdict(source, destination, payload, .host(host, isLocal: isLocal)) { return verdict }
    guard isLocal, case .icmp = payload else { return .denied }
    return .allowed
  }

  private func place(_ address: Address) -> Place {
    let place = meaning.place(of: address)
    return place == .outside && topology.underlay.contains { holds($0, address) } ? .underlay : place
  }

  private func isError(_ payload: Packet.Payload, _ family: AddressFamily) -> Bool {
    guard case .icmp(let type) = payload else { return false }
    return (family == .ipv4 ? [3, 11, 12] : [1, 2, 3, 4]).contains(type)
  }

  private func firstVerdict(
    _ source: Address, _ destination: Address, _ payload: Packet.Payload, _ target: Target
  ) -> Judgement? {
    let (from, to) = (Peer(source, place(source)), Peer(destination, place(destination)))
    for (policy, isDenial) in ordered {
      let isMatched =
        (isDenial ? policy.deny : policy.allow).contains { holds($0, payload, source.family) }
        && policy.to.contains { reaches(policy, $0, to, target, isDenial: isDenial) }
        && policy.from.contains { comes(policy, $0, from) }
      if isMatched { return isDenial ? .denied : .allowed }
    }
    return nil
  }

  private struct Peer {
    let address: Address
    let place: Place

    init(_ address: Address, _ place: Place) { (self.address, self.place) = (address, place) }
  }

  private func reaches(
    _ policy: Policy, _ peer: PolicyPeer, _ target: Peer, _ kind: Target, isDenial: Bool
  ) -> Bool {
    let leaves = policy.direction != .ingress
    let (destination, to) = (target.address, target.place)
    if case .host(let host, let isLocal) = kind {
      switch peer {
      case .any: return isDenial && leaves
      case .cidr(let prefix): return leaves && holds(prefix, destination) && (isDenial || isProtected(prefix))
      case .host(let named): return named == host
      case .localHost: return isLocal
      case .endpoints: return false
      }
    }
    switch peer {
    case .any: return isEndpoint(to) || leaves && (to == .outside || isDenial)
    case .cidr(let prefix):
      guard holds(prefix, destination) else { return false }
      return isEndpoint(to) || leaves && (to == .outside || isDenial || isProtected(prefix))
    case .host(let host): return topology.hosts[host].links.contains { $0.address(destination.family) == destination }
    case .endpoints(let group): return holds(group, to, destination)
    case .localHost: return false
    }
  }

  private func comes(_ policy: Policy, _ peer: PolicyPeer, _ sender: Peer) -> Bool {
    let (source, from) = (sender.address, sender.place)
    // What comes from elsewhere is only about what comes in.
    if !isEndpoint(from), policy.direction == .egress { return false }
    switch peer {
    case .any: return true
    case .cidr(let prefix): return holds(prefix, source)
    case .host(let host): return topology.hosts[host].links.contains { $0.address(source.family) == source }
    case .endpoints(let group): return holds(group, from, source)
    case .localHost: return false
    }
  }

  private func isEndpoint(_ place: Place) -> Bool {
    if case .endpoint = place { true } else { false }
  }

  private func holds(_ group: EndpointGroup, _ place: Place, _ address: Address) -> Bool {
    guard case .endpoint(let host, _, let tenant, let segment) = place else { return false }
    if let wanted = group.tenant, wanted != tenant { return false }
    if let wanted = group.segment, wanted != segment { return false }
    switch group.place {
    case .everywhere: return true
    case .cidr(let prefix): return holds(prefix, address)
    case .host(let wanted): return wanted == host
    case .rack(let wanted): return topology.hosts[host].rack == wanted
    case .region(let wanted): return topology.racks[topology.hosts[host].rack].region == wanted
    }
  }

  private func holds(_ prefix: Prefix, _ address: Address) -> Bool {
    guard prefix.family == address.family else { return false }
    let shift = UInt128(prefix.family.bitWidth - prefix.length)
    return prefix.length == 0 || prefix.address.bits >> shift == address.bits >> shift
  }

  /// Whether all of a prefix is in one of the fabric's own blocks, or link-local.
  private func isProtected(_ prefix: Prefix) -> Bool {
    let linkLocal = prefix.family == .ipv4 && prefix.length >= 16 && prefix.address.bits >> 16 == 0xa9fe
    return linkLocal || topology.underlay.contains { $0.length <= prefix.length && holds($0, prefix.address) }
  }

  private func holds(_ service: ServiceMatch, _ payload: Packet.Payload, _ family: AddressFamily) -> Bool {
    switch (service, payload) {
    case (.any, _): true
    case (.ports(.tcp, let ports), .tcp(_, let port)), (.ports(.udp, let ports), .udp(_, let port)),
      (.ports(.sctp, let ports), .sctp(_, let port)):
      ports.map { Int($0.lowerBound) <= port && port <= Int($0.upperBound) } ?? true
    case (.icmp(let ipv4, let ipv6), .icmp(let type)):
      (family == .ipv4 ? ipv4 : ipv6).map { Int($0.lowerBound) <= type && type <= Int($0.upperBound) } ?? false
    default: false
    }
  }
}
