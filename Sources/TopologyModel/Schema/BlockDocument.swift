/// What a host needs for a segment in a network of blocks.
package struct BlockDemandDocument: Sendable {
  package var tenant: Located<Name>
  package var segment: Located<Name>
  package var endpoints: Located<Int>
  package var network: Located<Name>?
  package var range: SourceRange
}

extension ObjectSpec {
  static let blockDemand = ObjectSpec(
    "block demand", phrase: "an entry of `blocks`",
    "Room for a segment's endpoints on a host: as many blocks as hold that many addresses. A block belongs to one segment of one host.",
    [
      KeySpec("tenant", .name, required: true, "The tenant that the blocks belong to."),
      KeySpec("segment", .name, required: true, "The segment of that tenant."),
      KeySpec(
        "endpoints", .integer(1...65536), required: true, "How many endpoints there are to be room for on the host."),
      KeySpec(
        "network", .name,
        "The network of blocks; absent: of each family the one with the lowest prefix that the tenant may use."),
    ])
}

func decodeBlockDemand(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> BlockDemandDocument? {
  guard let reader = MappingReader(node, .blockDemand, &diagnostics) else { return nil }
  let tenant = reader.requiredName("tenant", &diagnostics)
  let segment = reader.requiredName("segment", &diagnostics)
  _ = reader.required("endpoints", &diagnostics)
  let endpoints = reader.integer("endpoints", &diagnostics)
  let network = reader.name("network", &diagnostics)
  guard let tenant, let segment, let endpoints else { return nil }
  return BlockDemandDocument(
    tenant: tenant, segment: segment, endpoints: endpoints, network: network, range: node.range)
}
