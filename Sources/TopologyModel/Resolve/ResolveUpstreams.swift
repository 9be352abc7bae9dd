/// Settles the upstreams of the regions: to which device each is connected, over which addresses, and what it may say.
///
/// Those of a region come in the order of their names.
func resolveUpstreams(
  _ draft: TopologyDraft, into topology: inout Topology, _ diagnostics: inout Diagnostics
) {
  let own = topology.networks.map(\.prefix) + topology.underlay
  for index in topology.regions.indices {
    let name = topology.regions[index].name
    guard let source = draft.regions.first(where: { $0.document.name.value == name }) else { continue }
    var upstreams: [Upstream] = []
    let usual = usualAnnouncement(source, topology.regions[index], topology)
    for document in source.document.upstreams {
      guard let border = findBorder(document, index, topology, &diagnostics) else { continue }
      upstreams.append(
        Upstream(
          name: document.name.value, border: border, asn: document.asn?.value,
          link: resolveLink(document, topology.regions[index].families(topology), &diagnostics),
          accepted: resolveAccepted(document, &diagnostics), maximumPrefixes: document.maximumPrefixes?.value,
          announces: document.announce?.value ?? usual,
          session: OutsideSession(
            hops: document.hops?.value ?? 1, ttlSecurity: document.ttlSecurity?.value != .off,
            demandsRole: document.bgpRole?.value == .required),
          bfd: document.bfd?.value == .on, hasRole: document.bgpRole?.value != .off, secret: document.secret?.value))
      checkAccepted(document, own, &diagnostics)
      checkSession(document, border, topology, index, &diagnostics)
    }
    topology.regions[index].upstreams = upstreams.sorted { $0.name < $1.name }
    checkAnnouncement(source, &diagnostics)
    checkUse(source, topology, index, &diagnostics)
  }
}

/// One aggregate for the region, unless that would hide which of several ways in reaches a rack.
private func usualAnnouncement(_ source: RegionDraft, _ region: Region, _ topology: Topology) -> UpstreamAnnouncement {
  topology.hasSpineGateways(region) || source.upstreamSpines.count > 1 ? .racks : .region
}

extension RegionDraft {
  /// The spines that speak BGP with upstreams.
  var upstreamSpines: Set<Name> {
    Set(document.upstreams.filter { $0.asn != nil }.map(\.device.value)).intersection(spines.map(\.document.name.value))
  }
}

/// A spine, or a ToR where the region has no spines.
private func findBorder(
  _ document: UpstreamDocument, _ index: Int, _ topology: Topology, _ diagnostics: inout Diagnostics
) -> Border? {
  let region = topology.regions[index]
  let spines = region.spines.indices.map { (region.spines[$0].name, Border.spine(index, $0)) }
  let tors = region.racks.flatMap { rack in
    topology.racks[rack].tors.indices.map {
      (topology.racks[rack].tors[$0].name, Border.tor(rack, $0))
    }
  }
  let known = spines + tors
  let numbers = Dictionary(known.enumerated().map { ($1.0, $0) }) { first, _ in first }
  guard
    let number = lookUp(document.device, "ToR or spine", of: "region '\(region.name)'", in: numbers, &diagnostics)
  else { return nil }
  if case .tor = known[number].1, !spines.isEmpty {
    diagnostics.add(.upstreamAtToR(document, spines: spines.map(\.0)))
    return nil
  }
  return known[number].1
}

private func resolveLink(
  _ document: UpstreamDocument, _ families: [AddressFamily], _ diagnostics: inout Diagnostics
) -> UpstreamLink {
  var link = UpstreamLink()
  if document.peer == nil, document.peer6 == nil {
    diagnostics.add(.upstreamLink("the upstream '\(document.name.value)' has no address", at: document.name.range, nil))
  }
  for family in AddressFamily.allCases {
    guard let end = resolveEnd(document, family, &diagnostics) else { continue }
    if !families.contains(family) {
      diagnostics.add(.upstreamFamily(document, end.peer, family))
      continue
    }
    switch family {
    case .ipv4: (link.prefix, link.address, link.peer) = (end.prefix, end.own, end.peer.value)
    case .ipv6: (link.prefix6, link.address6, link.peer6) = (end.prefix, end.own, end.peer.value)
    }
  }
  return link
}

/// The addresses of the link in one family; nil if it has none, or if they do not fit, which is reported.
private func resolveEnd(
  _ document: UpstreamDocument, _ family: AddressFamily, _ diagnostics: inout Diagnostics
) -> (prefix: Prefix, own: Address, peer: Located<Address>)? {
  let suffix = family == .ipv4 ? "" : "6"
  guard let peer = document.peer(family) else {
    if let other = document.prefix(family)?.range ?? document.address(family)?.range {
      diagnostics.add(.upstreamLink("there is no `peer\(suffix):` to speak to", at: other, nil))
    }
    return nil
  }
  guard let prefix = document.prefix(family) else {
    diagnostics.add(.upstreamLink("there is no `prefix\(suffix):` for the link to it", at: peer.range, nil))
    return nil
  }
  let isFar = document.hops?.value ?? 1 > 1
  let isPair = prefix.value.hostBitCount == 1
  if !isFar, !isUsable(peer.value, in: prefix.value) {
    diagnostics.add(.upstreamLink("\(peer.value) is no address of a device on \(prefix.value)", at: peer.range, prefix))
    return nil
  }
  guard
    let own = document.address(family)
      ?? (isPair && !isFar ? Located(Address(family, peer.value.bits ^ 1), at: peer.range) : nil)
  else {
    diagnostics.add(
      .upstreamLink("there is no `address\(suffix):` of the device's own end", at: prefix.range, nil))
    return nil
  }
  guard isUsable(own.value, in: prefix.value), own.value != peer.value else {
    diagnostics.add(
      .upstreamLink(
        own.value == peer.value
          ? "both ends have the address \(own.value)" : "\(own.value) is no address of a device on \(prefix.value)",
        at: own.range, prefix))
    return nil
  }
  return (prefix.value, own.value, peer)
}

/// Neither the network's own address nor, in IPv4, that of broadcasts, but on a /31 or /127 (RFC 3021, RFC 6164).
private func isUsable(_ address: Address, in prefix: Prefix) -> Bool {
  guard prefix.contains(address) else { return false }
  if prefix.hostBitCount <= 1 { return true }
  return address != prefix.address && (address.family == .ipv6 || address != prefix.lastAddress)
}

private func resolveAccepted(_ document: UpstreamDocument, _ diagnostics: inout Diagnostics) -> [AcceptedPrefix] {
  guard document.asn != nil else { return [] }
  let families = AddressFamily.allCases.filter { document.peer($0) != nil }
  if document.accept.isEmpty {
    return families.map { AcceptedPrefix(prefix: .everything($0), longest: 0) }
  }
  var result: [AcceptedPrefix] = []
  for item in document.accept {
    guard families.contains(item.prefix.value.family) else {
      diagnostics.add(.acceptedFamily(item, document))
      continue
    }
    let longest = item.longest?.value ?? item.prefix.value.length
    if longest < item.prefix.value.length || longest > item.prefix.value.family.bitWidth {
      diagnostics.add(.acceptedLength(item))
      continue
    }
    let accepted = AcceptedPrefix(prefix: item.prefix.value, longest: longest)
    if !result.contains(accepted) { result.append(accepted) }
  }
  return result.sorted { ($0.prefix, $0.longest) < ($1.prefix, $1.longest) }
}
