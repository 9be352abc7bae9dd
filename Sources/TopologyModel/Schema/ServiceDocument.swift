/// A service function as written: an endpoint that packets of others are led through.
package struct ServiceFunctionDocument: Sendable {
  package var name: Located<Name>
  package var renamedFrom: Located<Name>?
  package var id: Located<Int>?
  package var host: Located<Name>
  package var tenant: Located<Name>
  package var segment: Located<Name>
  package var endpoint: Located<Int>
  package var interface: Located<InterfaceName>?
  package var network: Located<Name>?
  package var range: SourceRange
}

/// A service as written: whose packets are led through which functions.
package struct ServiceDocument: Sendable {
  package var name: Located<Name>
  package var renamedFrom: Located<Name>?
  package var id: Located<Int>?
  package var from: [PeerDocument]
  package var fromRange: SourceRange
  /// Nil: any.
  package var to: [PeerDocument]?
  package var via: [Located<Name>]
  package var viaRange: SourceRange
  package var returns: Located<Bool>?
  package var fail: Located<ServiceFailure>?
  package var priority: Located<Int>?
}

/// What happens to packets while a function of their service is down.
package enum ServiceFailure: String, Choice {
  case closed, open
}

extension ServiceFunctionDocument: IdentifiedDocument {}
extension ServiceDocument: IdentifiedDocument {}

extension ObjectSpec {
  static let serviceFunction = ObjectSpec(
    "service function", phrase: "a service function",
    "An endpoint that packets of others are led through: a firewall, load balancer or IDS. It forwards what it gets to its default gateway. [services.md](services.md) explains it.",
    [
      KeySpec("name", .name, required: true, "The name of the function, unique in the fabric."),
      KeySpec("renamed_from", .name, "Its former name: the id is kept."),
      KeySpec("id", .integer(1...2047), "The id; absent: from the lock file, else the lowest free."),
      KeySpec("host", .name, required: true, "The host that it runs on."),
      KeySpec("tenant", .name, required: true, "Its tenant."),
      KeySpec("segment", .name, required: true, "Its segment."),
      KeySpec(
        "endpoint", .integer(3...Int.max), required: true, "Its endpoint id; it need not be listed under `endpoints`."),
      KeySpec("interface", .interface, "Its interface on the host; needed unless the endpoint is listed with one."),
      KeySpec("network", .name, "The network of its address, as with an endpoint."),
    ])

  static let service = ObjectSpec(
    "service", phrase: "a service",
    "Leads packets of endpoints through service functions. [services.md](services.md) explains it.",
    [
      KeySpec("name", .name, required: true, "The name of the service."),
      KeySpec("renamed_from", .name, "Its former name: the id is kept."),
      KeySpec("id", .integer(1...2047), "The id; absent: from the lock file, else the lowest free."),
      KeySpec("from", .oneOrList(peerType), required: true, "Whose packets: endpoints by tenant, segment or place."),
      KeySpec("to", .oneOrList(peerType), default: "any", "Where to: endpoints, CIDRs, or `any`."),
      KeySpec("via", .oneOrList(.name), required: true, "The functions, in order; at most seven."),
      KeySpec(
        "return", choice(TruthValue.self), default: "false",
        "`true`: packets from `to` back to `from` too, in the opposite order. `to` must then be endpoints."),
      KeySpec(
        "fail", choice(ServiceFailure.self), default: "closed",
        "What happens while a function is down. `closed`: its packets are refused. `open`: they go on without it."),
      KeySpec(
        "priority", .integer(0...65535), default: "100",
        "Of several services that are about a packet the one with the lowest number has it."),
    ])
}

func decodeServiceFunction(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> ServiceFunctionDocument? {
  guard let reader = MappingReader(node, .serviceFunction, &diagnostics) else { return nil }
  let name = reader.requiredName("name", &diagnostics)
  let host = reader.requiredName("host", &diagnostics)
  let tenant = reader.requiredName("tenant", &diagnostics)
  let segment = reader.requiredName("segment", &diagnostics)
  let endpoint = reader.required("endpoint", &diagnostics).flatMap { decodeInteger($0, 0...Int.max, &diagnostics) }
  let interface = reader.node("interface").flatMap { decodeInterface($0, &diagnostics) }
  let (former, id) = (reader.name("renamed_from", &diagnostics), reader.integer("id", &diagnostics))
  let network = reader.name("network", &diagnostics)
  guard let name, let host, let tenant, let segment, let endpoint else { return nil }
  guard endpoint.value >= 3 else {
    diagnostics.add(.reservedEndpoint(endpoint.value, at: endpoint.range))
    return nil
  }
  return ServiceFunctionDocument(
    name: name, renamedFrom: former, id: id, host: host, tenant: tenant, segment: segment, endpoint: endpoint,
    interface: interface, network: network, range: node.range)
}

func decodeService(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> ServiceDocument? {
  guard let reader = MappingReader(node, .service, &diagnostics),
    let name = reader.requiredName("name", &diagnostics)
  else { return nil }
  let before = diagnostics.errorCount
  let returns: Located<TruthValue>? = reader.choice("return", &diagnostics)
  guard let from = reader.required("from", &diagnostics), let via = reader.required("via", &diagnostics) else {
    return nil
  }
  let service = ServiceDocument(
    name: name, renamedFrom: reader.name("renamed_from", &diagnostics), id: reader.integer("id", &diagnostics),
    from: decodePeers(from, &diagnostics), fromRange: from.range,
    to: reader.node("to").map { decodePeers($0, &diagnostics) },
    via: decodeOneOrList(via, &diagnostics, decodeName), viaRange: via.range,
    returns: returns.map { Located($0.value == .true, at: $0.range) }, fail: reader.choice("fail", &diagnostics),
    priority: reader.integer("priority", &diagnostics))
  return diagnostics.errorCount == before ? service : nil
}
