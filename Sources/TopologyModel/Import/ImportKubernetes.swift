/// Says in policies of this language what NetworkPolicies say together.
///
/// Kubernetes lets a flow pass if its source's side and its destination's side both let it: a side that no policy isolates
/// lets everything pass, an isolated one what some rule allows. A list of which the first match decides says the same with
/// four priorities:
///
/// 0. between two isolated sides: what a rule for egress and a rule for ingress both allow;
/// 1. all else between two isolated sides is denied;
/// 2. what a rule allows, where the other side is not isolated (if it were, 0 or 1 would have decided);
/// 3. all else from or to an isolated side is denied.
///
/// A flow between two sides of which none is isolated is left to the isolation of the tenant.
func importKubernetes(
  _ objects: ImportedObjects, _ options: PolicyImportOptions, _ names: inout ImportedNames,
  _ diagnostics: inout Diagnostics
) -> [ImportedPolicy] {
  let namespaces = objects.namespaces.compactMap { KubernetesNamespace($0, &diagnostics) }
  let reader = KubernetesReader(options, namespaces)
  // Those that select no pod isolate none.
  let policies = objects.policies.compactMap { reader.decode($0, &diagnostics) }.filter { !$0.selected.isEmpty }
  guard !policies.isEmpty else { return [] }
  var compiler = KubernetesCompiler(
    policies: policies, networks: options.fabric?.networks, priority: options.priority ?? 1000, names: names)
  let result = compiler.compile()
  names = compiler.names
  return result
}

private struct KubernetesCompiler {
  let policies: [KubernetesPolicy]
  /// Of the endpoints, if known: what has no address there is about nobody.
  let networks: [Prefix]?
  let priority: Int
  var names: ImportedNames

  mutating func compile() -> [ImportedPolicy] {
    let senders = withoutHeld(policies.filter { $0.egress != nil }.flatMap(\.selected))
    let receivers = withoutHeld(policies.filter { $0.ingress != nil }.flatMap(\.selected))
    var result: [ImportedPolicy] = []
    if !senders.isEmpty, !receivers.isEmpty {
      result += allowedByBoth()
      result.append(
        denial("kubernetes-between-isolated", "between isolated pods: nothing else", 1, from: senders, to: receivers))
    }
    result += allowedByOne()
    if !senders.isEmpty {
      // What an endpoint may want of its own host is none of Kubernetes' business.
      result.append(
        ImportedPolicy(
          name: names.make("kubernetes-own-host"),
          origin: [.word("from isolated pods to their own host: as without them")],
          priority: priority + 2, from: senders, to: [.localHost], services: [.icmp(ipv4: 0...255, ipv6: 0...255)]))
      var policy = denial("kubernetes-egress", "from isolated pods: nothing else", 3, from: senders, to: [.any])
      policy.direction = .egress
      result.append(policy)
    }
    if !receivers.isEmpty {
      result.append(denial("kubernetes-ingress", "to isolated pods: nothing else", 3, from: [.any], to: receivers))
    }
    return result
  }

  private mutating func denial(
    _ name: String, _ origin: StaticWord, _ step: Int, from: [ImportedPeer], to: [ImportedPeer]
  ) -> ImportedPolicy {
    ImportedPolicy(
      name: names.make(name), origin: [.word(origin)], priority: priority + step, from: from, to: to, verdict: .deny,
      services: [.any])
  }

  private mutating func allowedByOne() -> [ImportedPolicy] {
    var result: [ImportedPolicy] = []
    for policy in policies {
      for rule in policy.ingress ?? [] where !rule.peers.isEmpty {
        result.append(
          ImportedPolicy(
            name: names.make("\(policy.namespace).\(policy.name)", ".i\(rule.number)"),
            origin: [.word("NetworkPolicy ")] + policy.words("ingress", rule), priority: priority + 2, from: rule.peers,
            to: policy.selected, services: rule.services))
      }
      for rule in policy.egress ?? [] where !rule.peers.isEmpty {
        result.append(
          ImportedPolicy(
            name: names.make("\(policy.namespace).\(policy.name)", ".e\(rule.number)"),
            origin: [.word("NetworkPolicy ")] + policy.words("egress", rule), priority: priority + 2,
            direction: .egress, from: policy.selected, to: rule.peers, services: rule.services))
      }
    }
    return result
  }

  private struct Meaning: Hashable {
    var from: [ImportedPeer]
    var to: [ImportedPeer]
    var services: [ServiceMatch]
  }

  /// Each rule for egress with each for ingress that it has a flow in common with.
  private mutating func allowedByBoth() -> [ImportedPolicy] {
    var result: [ImportedPolicy] = []
    var seen: Set<Meaning> = []
    for sender in policies {
      for egress in sender.egress ?? [] {
        for receiver in policies {
          for ingress in receiver.ingress ?? [] {
            guard let both = common(sender, egress, receiver, ingress), seen.insert(both).inserted else { continue }
            result.append(
              ImportedPolicy(
                name: names.make("\(sender.namespace).\(sender.name)", ".e\(egress.number).i\(ingress.number)"),
                origin: [.word("NetworkPolicies ")] + sender.words("egress", egress) + [.word(" and ")]
                  + receiver.words("ingress", ingress),
                priority: priority, from: both.from, to: both.to, services: both.services))
          }
        }
      }
    }
    return result
  }

  private func common(
    _ sender: KubernetesPolicy, _ egress: KubernetesRule, _ receiver: KubernetesPolicy, _ ingress: KubernetesRule
  ) -> Meaning? {
    let from = present(intersection(sender.selected, ingress.peers))
    guard !from.isEmpty else { return nil }
    let to = present(intersection(receiver.selected, egress.peers))
    guard !to.isEmpty else { return nil }
    let services = ServiceSet(egress.services, .ipv4).intersection(ServiceSet(ingress.services, .ipv4))
    let matches = services.terms.flatMap { term -> [ServiceMatch] in
      switch term {
      case .any: [.any]
      case .ports(let proto, let ranges): ranges.isEmpty ? [.ports(proto, nil)] : ranges.map { .ports(proto, $0) }
      // NetworkPolicies name ports or everything.
      case .icmp, .others: []
      }
    }
    return matches.isEmpty ? nil : Meaning(from: from, to: to, services: matches)
  }

  /// The peers that endpoints can be.
  private func present(_ peers: [ImportedPeer]) -> [ImportedPeer] {
    guard let networks else { return peers }
    return peers.filter { peer in
      guard case .endpoints(_, _, let cidr?) = peer else { return true }
      return networks.contains { $0.overlaps(cidr) }
    }
  }
}

extension KubernetesPolicy {
  fileprivate func words(_ direction: StaticWord, _ rule: KubernetesRule) -> [ImportWord] {
    [
      .name(namespace), .word("/"), .name(name), .word(" "), .word(direction), .word(" rule "), .number(rule.number),
    ]
  }
}
