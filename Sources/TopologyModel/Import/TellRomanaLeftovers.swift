/// Says what of Romana's topology has no counterpart here, once each.
func tellWhatIsLeft(_ cluster: RomanaCluster, _ diagnostics: inout Diagnostics) {
  let groups = cluster.trees.flatMap(\.groups).flatMap(\.allGroups)
  let labelled = groups.filter { $0.assignmentRange != nil }
  if let first = labelled.first?.assignmentRange {
    diagnostics.add(.romanaAssignments(labelled.count, at: first))
  }
  var told: Set<String> = []
  for group in groups {
    guard let routing = group.routing, told.insert(routing.value).inserted else { continue }
    diagnostics.add(.romanaRouting(routing, groups.count { $0.routing?.value == routing.value }))
  }
  let tagged = groups.flatMap(\.hosts).filter { $0.tags != nil }
  if let first = tagged.first?.tags { diagnostics.add(.romanaTags(tagged.count, at: first)) }
}

extension Diagnostic {
  private static func left(
    _ message: String, at range: SourceRange, notes: [String] = [], help: String? = nil
  ) -> Diagnostic {
    Diagnostic(
      .romanaPartLeftOut, message, at: range, notes: notes,
      help: [help ?? "nothing needs to be done; --allow \(DiagnosticCode.romanaPartLeftOut.text) silences this"])
  }

  fileprivate static func romanaAssignments(_ count: Int, at range: SourceRange) -> Diagnostic {
    left(
      "the labels that put hosts into \(counted(count, "group")) become comments", at: range,
      notes: ["a topology names the hosts of each rack: a new host is written where it is to be"])
  }

  fileprivate static func romanaRouting(_ routing: Located<String>, _ count: Int) -> Diagnostic {
    left(
      "the routing \(shown(routing.value)) of \(counted(count, "group")) becomes a comment", at: routing.range,
      notes: [
        "which routes there are follows from what a region is made of; every host has a route to each block of its segment"
      ],
      help: "to announce routes by BGP choose `protocol: bgp` and a `speaker:` in the topology")
  }

  fileprivate static func romanaTags(_ count: Int, at range: SourceRange) -> Diagnostic {
    left("the labels of \(counted(count, "host")) are left out", at: range)
  }

  static func romanaAddressesLeftOut(_ count: Int, at range: SourceRange) -> Diagnostic {
    left(
      "\(counted(count, "address")) in use \(count == 1 ? "is" : "are") not listed as endpoints", at: range,
      notes: ["the blocks that they are in are kept, with their hosts, tenants and segments"])
  }

  static func romanaDefaultSegment(at range: SourceRange) -> Diagnostic {
    left("a block of no segment becomes one of the segment 'default'", at: range)
  }

  static func romanaSegmentsUnknown(_ tenant: Located<Name>) -> Diagnostic {
    left(
      "the tenant '\(tenant.value)' gets the segment 'default'", at: tenant.range,
      notes: ["a topology of Romana names no segments"], help: "write its segments under `tenants:`")
  }

  static func romanaMergedGroup(_ group: RomanaGroup) -> Diagnostic {
    left(
      "\(group.title) becomes one with the \(group.groups.count == 1 ? "only group in it" : "network"), which has the same addresses",
      at: group.name?.range ?? group.range)
  }

  static func romanaNetworkUnused(_ name: Located<Name>) -> Diagnostic {
    left(
      "the network '\(name.value)' is left out: no topology divides it, so no host has addresses of it", at: name.range)
  }

  static func romanaRegionsApart(_ regions: [Name], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .regionsApart, "nothing connects the \(regions.count) regions that the outermost groups become", at: range,
      notes: [
        "packets between \(regions.prefix(4).map { "'\($0)'" }.joined(separator: ", ")) are dropped: Romana's topology does not say what routes them"
      ],
      help: ["connect them with `upstreams:` of their routers; a zone of EC2 is described as in docs/ec2.md"])
  }
}
