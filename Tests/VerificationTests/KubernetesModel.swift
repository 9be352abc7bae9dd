import TopologyModel
import Verification

/// What NetworkPolicies mean, from the reference of networking.k8s.io/v1 alone: a pod is isolated in a direction if a
/// policy selects it and has that type; a flow passes if on each side there is no isolation, or a rule allows it.
struct KubernetesModel {
  struct Policy {
    var namespace: String
    /// Nil: all pods of the namespace.
    var segments: [String]?
    var isIngress: Bool
    var isEgress: Bool
    var ingress: [Rule] = []
    var egress: [Rule] = []
  }

  struct Rule {
    /// Empty: anybody.
    var peers: [Peer] = []
    /// Empty: everything.
    var ports: [Port] = []
  }

  enum Peer {
    /// Nil: the policy's own namespace; an empty list: every namespace.
    case pods(namespaces: [String]?, segments: [String]?)
    case block(String, except: [String])
  }

  struct Port {
    var proto: String
    var range: ClosedRange<Int>?
  }

  struct Pod {
    var namespace: String
    var segment: String
  }

  var policies: [Policy]

  /// Nil: no policy isolates either side, so that Kubernetes would let the flow pass.
  func passes(
    _ source: Address, _ sender: Pod?, _ destination: Address, _ receiver: Pod?, _ payload: Packet.Payload
  ) -> Bool? {
    let leaving = policies.filter { $0.isEgress && selects($0, sender) }
    let coming = policies.filter { $0.isIngress && selects($0, receiver) }
    if leaving.isEmpty && coming.isEmpty { return nil }
    let mayLeave = leaving.contains { policy in
      policy.egress.contains { allows($0, policy.namespace, destination, receiver, payload) }
    }
    let mayCome = coming.contains { policy in
      policy.ingress.contains { allows($0, policy.namespace, source, sender, payload) }
    }
    return (leaving.isEmpty || mayLeave) && (coming.isEmpty || mayCome)
  }

  private func selects(_ policy: Policy, _ pod: Pod?) -> Bool {
    guard let pod, pod.namespace == policy.namespace else { return false }
    return policy.segments.map { $0.contains(pod.segment) } ?? true
  }

  private func allows(
    _ rule: Rule, _ namespace: String, _ address: Address, _ pod: Pod?, _ payload: Packet.Payload
  ) -> Bool {
    (rule.peers.isEmpty || rule.peers.contains { holds($0, namespace, address, pod) })
      && (rule.ports.isEmpty || rule.ports.contains { holds($0, payload) })
  }

  private func holds(_ peer: Peer, _ own: String, _ address: Address, _ pod: Pod?) -> Bool {
    switch peer {
    case .pods(let namespaces, let segments):
      guard let pod else { return false }
      let isMeant = namespaces.map { $0.isEmpty || $0.contains(pod.namespace) } ?? (pod.namespace == own)
      return isMeant && segments.map { $0.contains(pod.segment) } ?? true
    case .block(let cidr, let except): return isIn(cidr, address) && !except.contains { isIn($0, address) }
    }
  }

  private func isIn(_ text: String, _ address: Address) -> Bool {
    let parts = text.split(separator: "/")
    guard let base = try? Address(parsing: String(parts[0])), base.family == address.family, let length = Int(parts[1])
    else { return false }
    return length == 0 || (base.bits ^ address.bits) >> UInt128(base.family.bitWidth - length) == 0
  }

  private func holds(_ port: Port, _ payload: Packet.Payload) -> Bool {
    let (proto, number): (String, Int)
    switch payload {
    case .tcp(_, let destination): (proto, number) = ("TCP", destination)
    case .udp(_, let destination): (proto, number) = ("UDP", destination)
    case .sctp(_, let destination): (proto, number) = ("SCTP", destination)
    default: return false
    }
    return proto == port.proto && port.range?.contains(number) ?? true
  }
}

/// Policies as a user of Kubernetes writes them, in one of the ways to say the same.
extension KubernetesModel {
  func text(_ numbers: inout Numbers) -> String {
    policies.enumerated().map { index, policy in
      var text = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: policy-\(index)
          namespace: \(policy.namespace)
        spec:
          podSelector: \(selector(policy.segments, "romana.io/segment", &numbers))

        """
      // Without the key: ingress, and egress if there are rules for it.
      let isImplied = policy.isIngress && policy.isEgress == !policy.egress.isEmpty
      if !isImplied || numbers.next(0...1) == 0 {
        let types = (policy.isIngress ? ["Ingress"] : []) + (policy.isEgress ? ["Egress"] : [])
        text += "  policyTypes: [\(types.joined(separator: ", "))]\n"
      }
      if !policy.ingress.isEmpty { text += "  ingress:\n" + rules(policy.ingress, "from", &numbers) }
      if !policy.egress.isEmpty { text += "  egress:\n" + rules(policy.egress, "to", &numbers) }
      return text
    }.joined(separator: "---\n")
  }

  private func selector(_ values: [String]?, _ key: String, _ numbers: inout Numbers) -> String {
    guard let values, !values.isEmpty else {
      return ["{}", "{ matchExpressions: [{ key: \(key), operator: Exists }] }"][numbers.next(0...1)]
    }
    if values.count == 1, numbers.next(0...1) == 0 { return "{ matchLabels: { \(key): \(values[0]) } }" }
    return "{ matchExpressions: [{ key: \(key), operator: In, values: [\(values.joined(separator: ", "))] }] }"
  }

  private func rules(_ rules: [Rule], _ key: String, _ numbers: inout Numbers) -> String {
    rules.map { rule in
      var parts: [String] = []
      if !rule.peers.isEmpty {
        parts.append("\(key): [\(rule.peers.map { peer($0, &numbers) }.joined(separator: ", "))]")
      }
      if !rule.ports.isEmpty { parts.append("ports: [\(rule.ports.map(port).joined(separator: ", "))]") }
      return "    - { \(parts.joined(separator: ", ")) }\n"
    }.joined()
  }

  private func peer(_ peer: Peer, _ numbers: inout Numbers) -> String {
    switch peer {
    case .block(let cidr, let except):
      let list = except.map { "\"\($0)\"" }.joined(separator: ", ")
      return "{ ipBlock: { cidr: \"\(cidr)\"\(except.isEmpty ? "" : ", except: [\(list)]") } }"
    case .pods(let namespaces, let segments):
      var parts: [String] = []
      if let namespaces {
        parts.append("namespaceSelector: \(selector(namespaces, "kubernetes.io/metadata.name", &numbers))")
      }
      if segments != nil || namespaces == nil {
        parts.append("podSelector: \(selector(segments, "romana.io/segment", &numbers))")
      }
      return "{ \(parts.joined(separator: ", ")) }"
    }
  }

  private func port(_ port: Port) -> String {
    var parts = port.proto == "TCP" ? [] : ["protocol: \(port.proto)"]
    if let range = port.range {
      parts.append("port: \(range.lowerBound)")
      if range.count > 1 { parts.append("endPort: \(range.upperBound)") }
    }
    return "{ \(parts.joined(separator: ", ")) }"
  }
}
