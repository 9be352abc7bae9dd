/// A tenant as written.
package struct TenantDocument: Sendable {
  package var name: Located<Name>
  package var renamedFrom: Located<Name>?
  package var id: Located<Int>?
  package var isolation: Located<TenantIsolation>?
  package var egress: Located<EgressPolicy>?
  package var networks: [Located<Name>]?
  package var segments: [SegmentDocument]
}

package struct SegmentDocument: Sendable {
  package var name: Located<Name>
  package var renamedFrom: Located<Name>?
  package var id: Located<Int>?
}

extension ObjectSpec {
  static let segment = ObjectSpec(
    "segment", phrase: "a segment",
    "A part of a tenant. A segment without further keys may be written as its name alone.",
    [
      KeySpec("name", .name, required: true, "The name of the segment."),
      KeySpec("renamed_from", .name, "Its former name: the id is kept."),
      KeySpec("id", .integer(1...65535), "The id; absent: from the lock file, else the lowest free."),
    ])

  static let tenant = ObjectSpec(
    "tenant", phrase: "a tenant", "An owner of endpoints.",
    [
      KeySpec("name", .name, required: true, "The name of the tenant."),
      KeySpec("renamed_from", .name, "Its former name: the id is kept."),
      KeySpec("id", .integer(1...65535), "The id; absent: from the lock file, else the lowest free."),
      KeySpec(
        "isolation", choice(TenantIsolation.self), default: "segment",
        "`segment`: endpoints of one segment talk. `tenant`: all segments of the tenant talk. `none`: every tenant's endpoints may come in."
      ),
      KeySpec(
        "egress", choice(EgressPolicy.self), default: "allow",
        "Whether its endpoints may open connections to addresses outside the fabric."),
      KeySpec(
        "networks", .list(.name),
        "The networks that the tenant uses; absent: every network that is not reserved to others."),
      KeySpec(
        "segments", .list(.either(.name, .object(segment))), required: true, "The segments, at least one."),
    ])
}

func decodeTenant(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> TenantDocument? {
  guard let reader = MappingReader(node, .tenant, &diagnostics) else { return nil }
  let name = reader.requiredName("name", &diagnostics)
  let renamedFrom = reader.name("renamed_from", &diagnostics)
  let id = reader.integer("id", &diagnostics)
  let isolation: Located<TenantIsolation>? = reader.choice("isolation", &diagnostics)
  let egress: Located<EgressPolicy>? = reader.choice("egress", &diagnostics)
  let networks = reader.names("networks", &diagnostics)
  let segmentsNode = reader.required("segments", &diagnostics)
  let segments = reader.list("segments", &diagnostics, decodeSegment)
  if let segmentsNode, case .sequence(let items) = segmentsNode.content, items.isEmpty {
    diagnostics.add(.tenantWithoutSegments(at: segmentsNode.range))
  }
  guard let name else { return nil }
  return TenantDocument(
    name: name, renamedFrom: renamedFrom, id: id, isolation: isolation, egress: egress, networks: networks,
    segments: segments)
}

private func decodeSegment(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> SegmentDocument? {
  if case .scalar = node.content {
    return decodeName(node, &diagnostics).map { SegmentDocument(name: $0) }
  }
  guard let reader = MappingReader(node, .segment, &diagnostics),
    let name = reader.requiredName("name", &diagnostics)
  else { return nil }
  return SegmentDocument(
    name: name, renamedFrom: reader.name("renamed_from", &diagnostics), id: reader.integer("id", &diagnostics)
  )
}

extension Diagnostic {
  static func tenantWithoutSegments(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .missingKey, "a tenant has at least one segment", at: range,
      help: ["write `segments: [default]` if the tenant needs no division"])
  }
}
