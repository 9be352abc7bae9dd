/// The parts of the language that are decoded and refused with "not supported yet": services, EC2 and
/// interconnects. Their shape is settled here so that topologies can be written against it.
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
