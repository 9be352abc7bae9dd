/// A policy as written: who may reach whom.
package struct PolicyDocument: Sendable {
  package var name: Located<Name>
  package var description: Located<CommentText>?
  package var priority: Located<Int>?
  package var direction: Located<PolicyDirection>?
  /// Nil: any.
  package var from: [PeerDocument]?
  package var to: [PeerDocument]?
  package var allow: [Located<ServiceMatch>]
  package var deny: [Located<ServiceMatch>]
  package var overridesIsolation: Bool
}

package enum PolicyDirection: String, Choice {
  case ingress, egress, both
}

enum TruthValue: String, Choice {
  case `true`, `false`
}

/// One side of a policy or service: what is named must all hold, and of several names of one key any.
package struct PeerDocument: Sendable {
  package var range: SourceRange
  package var isAny = false
  package var isLocalHost = false
  package var tenants: [Located<Name>] = []
  package var segments: [Located<Name>] = []
  package var cidrs: [Located<Prefix>] = []
  package var hosts: [Located<Name>] = []
  package var racks: [Located<Name>] = []
  package var regions: [Located<Name>] = []
}

extension ObjectSpec {
  static let peer = ObjectSpec(
    "peer", phrase: "a peer",
    "One side of a policy or service: `any`, or some of these keys. A key may have several values: any of them.",
    dependencies: [("segment", ["tenant"])],
    [
      KeySpec("tenant", .oneOrList(.name), "The endpoints of a tenant; of several if it is a list."),
      KeySpec("segment", .oneOrList(.name), "Of these segments of the tenant only."),
      KeySpec(
        "rack", .oneOrList(.name),
        "Endpoints in this rack only: those of the tenant, or all. A rack whose name several regions have needs `region`."
      ),
      KeySpec("region", .oneOrList(.name), "Endpoints in this region only: those of the tenant, or all."),
      KeySpec(
        "hosts", .oneOrList(.name),
        "With `tenant`: its endpoints on these hosts only. Alone: the hosts themselves, by their own addresses."),
      KeySpec("cidr", .oneOrList(.prefix(nil)), "Exactly these addresses, wherever they are."),
      KeySpec(
        "local_host", choice(TruthValue.self), default: "false",
        "`true`: the host that the endpoint on the other side runs on."),
    ])
  static let peerType = ValueType.either(.choice(["any"]), .object(peer))
  private static let services = ValueType.oneOrList(
    .pattern(
      #"^(any|icmp(/[0-9a-z-]+)?|icmpv6(/[0-9]+)?|(tcp|udp|sctp)(/[0-9]+(-[0-9]+)?)?)$"#, example: "tcp/8000-8080"))

  static let policy = ObjectSpec(
    "policy", phrase: "a policy",
    "Who may reach whom. Policies are asked by priority, and before the isolation of tenants; the first that matches decides. [policies.md](policies.md) explains them.",
    [
      KeySpec("name", .name, required: true, "The name of the policy."),
      KeySpec(
        "description",
        .pattern(
          #"^[0-9A-Za-z_.,:;/+=@#()*&%?!-]([0-9A-Za-z _.,:;/+=@#()*&%?!-]*[0-9A-Za-z_.,:;/+=@#()*&%?!-])?$"#,
          example: "jump hosts"),
        "A text of at most 100 characters for the comments of its rules."),
      KeySpec(
        "priority", .integer(0...65535), default: "100",
        "Lower decides first; at one priority deny stands before allow."),
      KeySpec(
        "direction", choice(PolicyDirection.self), default: "ingress",
        "`ingress`: what comes in to endpoints and hosts, from anywhere. `egress`: what endpoints open, to anywhere. `both`: either."
      ),
      KeySpec("from", .oneOrList(peerType), default: "any", "Who opens the connection."),
      KeySpec("to", .oneOrList(peerType), default: "any", "Who is reached."),
      KeySpec(
        "allow", services,
        "Protocols, each with destination ports or a type: `tcp/PORT`, `tcp/LOW-HIGH`, `udp/…`, `sctp/…`, `icmp`, `icmp/TYPE` (IPv4), `icmpv6/TYPE`, `icmp/echo-request` (both families), `any`."
      ),
      KeySpec("deny", services, "The same, refused."),
      KeySpec(
        "overrides_isolation", choice(TruthValue.self), default: "false",
        "`true`: the policy means to contradict the isolation of a tenant."),
    ])
}

/// `any`, or a mapping.
func decodePeer(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> PeerDocument? {
  if case .scalar("any", _) = node.content { return PeerDocument(range: node.range, isAny: true) }
  guard let reader = MappingReader(node, .peer, &diagnostics) else { return nil }
  let before = diagnostics.errorCount
  var peer = PeerDocument(range: node.range)
  func names(_ key: String, _ diagnostics: inout Diagnostics) -> [Located<Name>] {
    reader.node(key).map { decodeOneOrList($0, &diagnostics, decodeName) } ?? []
  }
  peer.tenants = names("tenant", &diagnostics)
  peer.segments = names("segment", &diagnostics)
  peer.hosts = names("hosts", &diagnostics)
  peer.racks = names("rack", &diagnostics)
  peer.regions = names("region", &diagnostics)
  if let node = reader.node("cidr") {
    peer.cidrs = decodeOneOrList(node, &diagnostics) { decodePrefix($0, nil, &$1) }
  }
  let local: Located<TruthValue>? = reader.choice("local_host", &diagnostics)
  peer.isLocalHost = local?.value == .true
  guard diagnostics.errorCount == before else { return nil }
  return checkPeer(peer, &diagnostics) ? peer : nil
}

/// Which keys of a peer go together.
private func checkPeer(_ peer: PeerDocument, _ diagnostics: inout Diagnostics) -> Bool {
  let place = !peer.hosts.isEmpty || !peer.racks.isEmpty || !peer.regions.isEmpty
  let groups = [
    (!peer.tenants.isEmpty || !peer.segments.isEmpty || place), !peer.cidrs.isEmpty, peer.isLocalHost,
  ]
  let problem: (String, String)?
  if groups.count(where: { $0 }) != 1 {
    problem =
      groups.contains(true)
      ? ("`cidr` and `local_host` stand alone in a peer", "make it several peers: from: [{ … }, { … }]")
      : ("the peer names nobody", "write `any`, or name a tenant, cidr, rack, region, hosts or local_host")
  } else if !peer.segments.isEmpty && peer.tenants.count != 1 {
    problem = ("`segment` needs one tenant that it belongs to", "name the tenant; for several, make it several peers")
  } else if !peer.hosts.isEmpty && !(peer.racks.isEmpty && peer.regions.isEmpty) {
    problem = ("`hosts` says where already", "remove `rack` and `region`")
  } else {
    problem = nil
  }
  guard let problem else { return true }
  diagnostics.add(Diagnostic(.peerConflict, problem.0, at: peer.range, help: [problem.1]))
  return false
}

/// One peer, or a list of them.
func decodePeers(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> [PeerDocument] {
  decodeOneOrList(node, &diagnostics, decodePeer)
}

/// The items of a list, or the one value that stands without brackets; an empty list is an error.
func decodeOneOrList<Item>(
  _ node: YAMLNode, _ diagnostics: inout Diagnostics, _ decode: (YAMLNode, inout Diagnostics) -> Item?
) -> [Item] {
  guard case .sequence(let items) = node.content else { return decode(node, &diagnostics).map { [$0] } ?? [] }
  if items.isEmpty { diagnostics.add(.emptyList(at: node.range)) }
  return decodeList(node, &diagnostics, decode)
}

/// The description, which reaches the comments of rules.
private func decodeComment(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Located<CommentText>? {
  guard let text = decodeScalar(node, expected: "a text", &diagnostics) else { return nil }
  guard let comment = CommentText(text) else {
    diagnostics.add(.invalidComment(text, at: node.range))
    return nil
  }
  return Located(comment, at: node.range)
}

func decodePolicy(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> PolicyDocument? {
  guard let reader = MappingReader(node, .policy, &diagnostics),
    let name = reader.requiredName("name", &diagnostics)
  else { return nil }
  let before = diagnostics.errorCount
  let overrides: Located<TruthValue>? = reader.choice("overrides_isolation", &diagnostics)
  func services(_ key: String, _ diagnostics: inout Diagnostics) -> [Located<ServiceMatch>] {
    reader.node(key).map { decodeOneOrList($0, &diagnostics, decodeServiceMatch) } ?? []
  }
  let policy = PolicyDocument(
    name: name, description: reader.node("description").flatMap { decodeComment($0, &diagnostics) },
    priority: reader.integer("priority", &diagnostics), direction: reader.choice("direction", &diagnostics),
    from: reader.node("from").map { decodePeers($0, &diagnostics) },
    to: reader.node("to").map { decodePeers($0, &diagnostics) }, allow: services("allow", &diagnostics),
    deny: services("deny", &diagnostics), overridesIsolation: overrides?.value == .true)
  guard diagnostics.errorCount == before else { return nil }
  if policy.allow.isEmpty && policy.deny.isEmpty { diagnostics.add(.policyWithoutServices(name)) }
  return policy
}

extension Diagnostic {
  static func emptyList(at range: SourceRange) -> Diagnostic {
    Diagnostic(.wrongKind, "the list is empty", at: range, help: ["name something, or remove the key"])
  }

  static func invalidComment(_ text: String, at range: SourceRange) -> Diagnostic {
    let reason: String
    if let refused = CommentText.firstRefused(in: text) {
      reason = "the character \(shown(String(refused))) can't stand in the comment of a rule"
    } else if text.utf8.count > CommentText.maximumBytes {
      reason = "the description is longer than \(CommentText.maximumBytes) characters"
    } else {
      reason = "the description is empty, or begins or ends with a space"
    }
    return Diagnostic(
      .invalidComment, reason, at: range,
      notes: ["it becomes the comment of every rule of the policy"],
      help: ["use letters and digits of ASCII, spaces and any of \(CommentText.punctuation)"])
  }

  static func policyWithoutServices(_ name: Located<Name>) -> Diagnostic {
    Diagnostic(
      .policyWithoutServices, "the policy '\(name.value)' neither allows nor denies anything", at: name.range,
      help: ["add `allow:` or `deny:` with a list such as [tcp/443, icmp], or [any]"])
  }
}
