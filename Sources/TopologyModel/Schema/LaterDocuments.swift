/// The part of the language that is decoded and refused with "not supported yet": interconnects. Its shape is settled here so
/// that topologies can be written against it.
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
