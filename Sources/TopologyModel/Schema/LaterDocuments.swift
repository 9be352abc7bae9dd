/// The parts of the language that are decoded and refused with "not supported yet": policies, services, EC2 and
/// interconnects. Their shape is settled here so that topologies can be written against it.
package struct PolicyDocument: Sendable {
  package var name: Located<Name>
  package var description: Located<String>?
  package var priority: Located<Int>?
  package var direction: Located<PolicyDirection>?
  package var from: PeerDocument?
  package var to: PeerDocument?
  package var allow: [Located<ServiceMatch>]
  package var deny: [Located<ServiceMatch>]
}

package enum PolicyDirection: String, Choice {
  case ingress, egress
}

/// One side of a policy: a tenant or segment, a CIDR, hosts, or anyone.
package struct PeerDocument: Sendable {
  package var isAny = false
  package var tenant: Located<Name>?
  package var segment: Located<Name>?
  package var cidr: Located<Prefix>?
  package var hosts: [Located<Name>]?
}

/// A protocol and its ports: `tcp/5432`, `tcp/8000-8080`, `udp/53`, `tcp`, `icmp`, `any`.
package enum ServiceMatch: Sendable, Equatable {
  case any
  case icmp
  case tcp(ClosedRange<UInt16>?)
  case udp(ClosedRange<UInt16>?)

  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    var ports: ClosedRange<UInt16>?
    if parts.count == 2 {
      let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
      guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1], 0 < low,
        low <= high
      else { return nil }
      ports = low...high
    }
    switch (parts[0], parts.count) {
    case ("any", 1): self = .any
    case ("icmp", 1): self = .icmp
    case ("tcp", 1...2): self = .tcp(ports)
    case ("udp", 1...2): self = .udp(ports)
    default: return nil
    }
  }
}

package struct ServiceFunctionDocument: Sendable {
  package var name: Located<Name>
  package var host: Located<Name>?
  package var tenant: Located<Name>?
  package var segment: Located<Name>?
  package var endpoint: Located<Int>?
}

package struct ServiceDocument: Sendable {
  package var name: Located<Name>
  package var from: PeerDocument?
  package var to: PeerDocument?
  package var via: [Located<Name>]
  package var fail: Located<ServiceFailure>?
}

package enum ServiceFailure: String, Choice {
  case closed, open
}

package struct InterconnectDocument: Sendable {
  package var name: Located<Name>
  package var between: [Located<Name>]
  package var kind: Located<InterconnectKind>?
  package var encapsulation: Located<Encapsulation>?
  package var gateways: [(host: Located<Name>, address: Located<Address>)]
  package var keyFile: Located<Name>?
}

package enum InterconnectKind: String, Choice {
  case tunnel
  case transitGateway = "transit-gateway"
  case vpcPeering = "vpc-peering"
}

package enum Encapsulation: String, Choice {
  case wireguard, gre
}

extension ObjectSpec {
  static let peer = ObjectSpec(
    "peer", phrase: "a peer", "One side of a policy or service: `any`, or one of these.",
    [
      KeySpec("tenant", .name, "A tenant; with `segment`, one segment of it."),
      KeySpec("segment", .name, "A segment of the tenant."),
      KeySpec("cidr", .prefix(nil), "Addresses outside the fabric."),
      KeySpec("hosts", .oneOrList(.name), "Hosts of the fabric."),
    ])
  private static let peerType = ValueType.either(.choice(["any"]), .object(peer))
  private static let services = ValueType.list(
    .pattern(#"^(any|icmp|(tcp|udp)(/[0-9]+(-[0-9]+)?)?)$"#, example: "tcp/8000-8080"))

  static let policy = ObjectSpec(
    "policy", phrase: "a policy", "Who may reach whom. Not supported yet.",
    [
      KeySpec("name", .name, required: true, "The name of the policy."),
      KeySpec("description", .text, "For people; it reaches no file."),
      KeySpec(
        "priority", .integer(0...65535), default: "100",
        "Lower decides first; at one priority deny stands before allow."),
      KeySpec(
        "direction", choice(PolicyDirection.self), default: "ingress",
        "Where it is enforced: at the endpoint that is reached, or at the one that opens the connection."),
      KeySpec("from", peerType, "Who opens the connection."),
      KeySpec("to", peerType, "Who is reached."),
      KeySpec("allow", services, "Protocols and ports: `tcp/PORT`, `tcp/LOW-HIGH`, `udp/…`, `icmp`, `any`."),
      KeySpec("deny", services, "The same, refused."),
    ])

  static let serviceFunction = ObjectSpec(
    "service function", phrase: "a service function",
    "An endpoint that serves others: a firewall, load balancer or IDS. Not supported yet.",
    [
      KeySpec("name", .name, required: true, "The name of the function."),
      KeySpec("host", .name, "The host that it runs on."),
      KeySpec("tenant", .name, "Its tenant."),
      KeySpec("segment", .name, "Its segment."),
      KeySpec("endpoint", .integer(3...Int.max), "Its endpoint id."),
    ])

  static let service = ObjectSpec(
    "service", phrase: "a service",
    "Steers traffic of a segment through service functions. Not supported yet.",
    [
      KeySpec("name", .name, required: true, "The name of the service."),
      KeySpec("from", peerType, "Whose traffic."),
      KeySpec("to", peerType, "Where to."),
      KeySpec("via", .list(.name), "The functions, in order."),
      KeySpec("fail", choice(ServiceFailure.self), "What happens when a function is down."),
    ])

  static let interconnect = ObjectSpec(
    "interconnect", phrase: "an interconnect", "A link between two regions. Not supported yet.",
    [
      KeySpec("name", .name, required: true, "The name of the interconnect."),
      KeySpec("between", .list(.name), "The two regions."),
      KeySpec("kind", choice(InterconnectKind.self), "How they are linked."),
      KeySpec("encapsulation", choice(Encapsulation.self), "Of a tunnel."),
      KeySpec("gateways", .dictionary(.address(nil)), "The gateway hosts and their public addresses."),
      KeySpec("key_file", .name, "The name of the secret; secrets are never written."),
    ])
}

func decodePeer(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> PeerDocument? {
  if case .scalar("any", _) = node.content { return PeerDocument(isAny: true) }
  guard let reader = MappingReader(node, .peer, &diagnostics) else { return nil }
  let hosts = reader.node("hosts").map { node in
    if case .sequence = node.content { return decodeList(node, &diagnostics, decodeName) }
    return decodeName(node, &diagnostics).map { [$0] } ?? []
  }
  return PeerDocument(
    tenant: reader.name("tenant", &diagnostics), segment: reader.name("segment", &diagnostics),
    cidr: reader.prefix("cidr", &diagnostics), hosts: hosts)
}

private func decodeServiceMatch(
  _ node: YAMLNode, _ diagnostics: inout Diagnostics
) -> Located<ServiceMatch>? {
  guard let text = decodeScalar(node, expected: "a protocol such as tcp/5432", &diagnostics) else {
    return nil
  }
  guard let match = ServiceMatch(text) else {
    diagnostics.add(.invalidService(text, at: node.range))
    return nil
  }
  return Located(match, at: node.range)
}

func decodePolicy(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> PolicyDocument? {
  guard let reader = MappingReader(node, .policy, &diagnostics),
    let name = reader.requiredName("name", &diagnostics)
  else { return nil }
  return PolicyDocument(
    name: name, description: reader.text("description", &diagnostics),
    priority: reader.integer("priority", &diagnostics), direction: reader.choice("direction", &diagnostics),
    from: reader.node("from").flatMap { decodePeer($0, &diagnostics) },
    to: reader.node("to").flatMap { decodePeer($0, &diagnostics) },
    allow: reader.list("allow", &diagnostics, decodeServiceMatch),
    deny: reader.list("deny", &diagnostics, decodeServiceMatch))
}

func decodeServiceFunction(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> ServiceFunctionDocument? {
  guard let reader = MappingReader(node, .serviceFunction, &diagnostics),
    let name = reader.requiredName("name", &diagnostics)
  else { return nil }
  return ServiceFunctionDocument(
    name: name, host: reader.name("host", &diagnostics), tenant: reader.name("tenant", &diagnostics),
    segment: reader.name("segment", &diagnostics), endpoint: reader.integer("endpoint", &diagnostics))
}

func decodeService(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> ServiceDocument? {
  guard let reader = MappingReader(node, .service, &diagnostics),
    let name = reader.requiredName("name", &diagnostics)
  else { return nil }
  return ServiceDocument(
    name: name, from: reader.node("from").flatMap { decodePeer($0, &diagnostics) },
    to: reader.node("to").flatMap { decodePeer($0, &diagnostics) },
    via: reader.names("via", &diagnostics) ?? [], fail: reader.choice("fail", &diagnostics))
}

func decodeInterconnect(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> InterconnectDocument? {
  guard let reader = MappingReader(node, .interconnect, &diagnostics),
    let name = reader.requiredName("name", &diagnostics)
  else { return nil }
  var gateways: [(host: Located<Name>, address: Located<Address>)] = []
  if let node = reader.node("gateways") {
    if case .mapping(let entries) = node.content {
      for entry in entries {
        let key = YAMLNode(content: .scalar(entry.key, isPlain: false), range: entry.keyRange)
        if let host = decodeName(key, &diagnostics),
          let address = decodeAddress(entry.value, nil, &diagnostics)
        {
          gateways.append((host, address))
        }
      }
    } else {
      diagnostics.add(.wrongKind(expected: "a mapping of hosts to addresses", .mapping, found: node))
    }
  }
  return InterconnectDocument(
    name: name, between: reader.names("between", &diagnostics) ?? [],
    kind: reader.choice("kind", &diagnostics), encapsulation: reader.choice("encapsulation", &diagnostics),
    gateways: gateways, keyFile: reader.name("key_file", &diagnostics))
}

extension Diagnostic {
  static func invalidService(_ text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidService, "\(shown(text)) is not a protocol with ports", at: range,
      help: ["write tcp/PORT, tcp/LOW-HIGH, udp/PORT, tcp, udp, icmp or any; ports are 1 to 65535"])
  }
}
