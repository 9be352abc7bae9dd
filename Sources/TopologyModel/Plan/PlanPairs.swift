/// The sessions of a ToR with the other one of its pair. They have no role (RFC 9234): between peers a route from a
/// spine could not be passed on to the other ToR; the filters, which are alike at both ends, keep transit out.
///
/// A prefix of a host comes from the host itself with a path of one AS, from the pair with two; another rack's aggregate
/// from a spine with two, from the pair with three: what the pair tells is used when nothing else is left.
func pairSessions(
  _ topology: Topology, _ index: Int, _ position: Int, _ region: Region, _ filters: inout FilterTable
) -> [BGPSession] {
  let rack = topology.racks[index]
  guard rack.pair != nil, rack.pair != .spines else { return [] }
  let other = rack.tors[1 - position]
  return region.families(topology).compactMap { family in
    let shared = pairFilter(topology, index, other, region, family)
    guard let ends = rack.pairEnds(family, ofToR: position), let asn = other.asn,
      rack.pair != .segment || !shared.entries.isEmpty
    else { return nil }
    let filter = filters.add(shared)
    return BGPSession(
      neighbor: other.name, neighborRole: .tor, ends: ends, family: family, neighborASN: asn, localRole: nil, bfd: true,
      importFilter: filter, exportFilter: filter, exportLimit: nil, secret: region.fabricSecret)
  }
}

extension Rack {
  /// The ends of the session of a pair, as one of the ToRs sees them: on the link between them, or on the segment.
  fileprivate func pairEnds(_ family: AddressFamily, ofToR position: Int) -> SessionEnds? {
    switch pair {
    case .link(let link): return link.ends(family, ofToR: position)
    case .segment:
      let first = subnet(family)?.address.advanced(by: 1)
      let ends = [first, first?.advanced(by: 1)]
      return SessionEnds(nil, ends[position], ends[1 - position])
    case .spines, nil: return nil
    }
  }
}

/// What the ToRs of a pair tell each other: exactly the prefixes of the rack's hosts, unless both are on their segment, and what
/// the spines told them.
private func pairFilter(
  _ topology: Topology, _ index: Int, _ other: ToR, _ region: Region, _ family: AddressFamily
) -> PrefixFilter {
  let rack = topology.racks[index]
  var entries = rack.pair == .segment ? [] : activePrefixes(topology, rack, family).map { FilterEntry($0) }
  if region.routing == .bgp, !region.spines.isEmpty {
    entries += regionFilter(topology, region, family, except: rack).entries
  } else if region.spines.isEmpty, !region.upstreams.isEmpty {
    // What came from upstreams at the other one is a reserve.
    entries += region.carriesDefault ? [FilterEntry(.everything(family))] : []
    entries += region.externals(family).map(\.entry)
  }
  if region.spines.isEmpty {
    entries += topology.tunnelled(region).filter { $0.family == family }.map { FilterEntry($0) }
  }
  return PrefixFilter(name: entries.isEmpty ? .nothing : .pair(other.name), family: family, entries: entries)
}

/// What spines tell the ToRs of a pair that has no link: as any ToR the aggregates of other racks, and the prefixes of
/// the rack's own hosts, and the networks.
///
/// - Parameter own: the rack's aggregates are denied first, on its ToRs.
func pairRegionFilter(
  _ topology: Topology, _ rack: Rack, _ region: Region, _ family: AddressFamily, denyingOwn own: Bool
) -> PrefixFilter {
  var entries = activePrefixes(topology, rack, family).map { FilterEntry($0) }
  entries += topology.networksOfSpines(region).map { topology.networks[$0].prefix }
    .filter { $0.family == family }.sorted().map { FilterEntry($0) }
  entries += regionFilter(topology, region, family, except: own ? rack : nil).entries
  return PrefixFilter(name: .pair(rack.name), family: family, entries: entries)
}

/// The prefixes of the rack's hosts that speak BGP and are not drained, sorted.
func activePrefixes(_ topology: Topology, _ rack: Rack, _ family: AddressFamily) -> [Prefix] {
  rack.hosts.filter { topology.hosts[$0].settings.routing == .bgp && !topology.hosts[$0].isDrained }
    .flatMap { ownPrefixes(topology, $0).map(\.prefix) }.filter { $0.family == family }.sorted()
}
