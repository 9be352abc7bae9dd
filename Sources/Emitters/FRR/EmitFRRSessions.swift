import TopologyModel

/// Spells `router bgp`.
///
/// TTL security (RFC 5082) stands on the peer groups and before their members: on a neighbour of its own bgpd would
/// take it for a reason to use multihop BFD, which BIRD does not answer. The role (RFC 9234) stands on
/// the neighbours, since a group forgets that it is strict; bgpd obeys it there but never prints it.
/// `bgp network import-check` is the default: a prefix is announced only while there is a route to it.
func emitBGP(_ bgp: BGPPlan, _ insertions: [Insertion], into writer: inout TextWriter) {
  // As bgpd prints them: by peer group, then address.
  let sessions = bgp.sessions.sorted { left, right in
    left.group == right.group
      ? left.neighborAddress < right.neighborAddress : left.group < right.group
  }
  let groups = Set(sessions.map(\.group)).sorted()
  writer.write("router bgp ")
  writer.write(bgp.asn)
  writer.write("\n bgp router-id ")
  writer.write(bgp.routerID)
  writer.write(
    """

     bgp ebgp-requires-policy
     no bgp default ipv4-unicast
     bgp bestpath as-path multipath-relax

    """)
  // Without it FRR 8.4 leaves the next hops of reflected IPv6 routes as they came, which no other ToR knows.
  if sessions.contains(where: \.reflects) { writer.write(" bgp route-reflector allow-outbound-policy\n") }
  for group in groups { emitGroup(group, into: &writer) }
  for session in sessions { emitNeighbor(session, into: &writer) }
  for family in AddressFamily.allCases where groups.contains(where: { $0.family == family }) {
    writer.write(family == .ipv4 ? " !\n address-family ipv4 unicast\n" : " !\n address-family ipv6 unicast\n")
    emitFamily(
      family, of: bgp, groups: groups.filter { $0.family == family },
      sessions: sessions.filter { $0.family == family }, into: &writer)
  }
  emitInsertions(insertions, comment: "!", into: &writer)
  writer.write("exit\n!\n")
}

/// BFD's 300 ms times 3 is FRR's default, which it never prints.
private func emitGroup(_ group: PeerGroup, into writer: inout TextWriter) {
  emitLine(group, " peer-group", into: &writer)
  if group.bfd { emitLine(group, " bfd", into: &writer) }
  let outside = group.outside ?? OutsideSession()
  guard outside.ttlSecurity || outside.hops > 1 else { return }
  writer.write(" neighbor ")
  writer.write(group)
  writer.write(outside.ttlSecurity ? " ttl-security hops " : " ebgp-multihop ")
  writer.write(outside.hops)
  writer.newline()
}

private func emitNeighbor(_ session: BGPSession, into writer: inout TextWriter) {
  func begin(_ words: StaticString) {
    writer.write(" neighbor ")
    writer.write(session.neighborAddress)
    writer.write(words)
  }
  begin(" remote-as ")
  writer.write(session.neighborASN)
  writer.newline()
  begin(" peer-group ")
  writer.write(session.group)
  writer.newline()
  begin(" description ")
  writer.write(session.neighbor)
  writer.newline()
  if let secret = session.secret {
    // bgpd takes any text for a password, so that a file that is not filled in must keep the session down.
    writer.write(" ! <until-secret>\n")
    begin(" shutdown\n")
    begin(" password ")
    writer.write(secret: secret, maximum: maximumMD5Key)
    writer.newline()
  }
  if let role = session.localRole {
    begin(" local-role ")
    writer.write(role.keyword)
    writer.write(session.outside?.demandsRole ?? true ? " strict-mode\n" : "\n")
  }
}

/// What is announced, and the filters of each session: `bgp ebgp-requires-policy` keeps a session silent and deaf
/// until it has them.
private func emitFamily(
  _ family: AddressFamily, of bgp: BGPPlan, groups: [PeerGroup], sessions: [BGPSession],
  into writer: inout TextWriter
) {
  // bgpd prints all of the first kind before those of the second.
  for origin in bgp.originated where origin.prefix.family == family && !origin.isSummary {
    writer.write("  network ")
    writer.write(origin.prefix)
    writer.newline()
  }
  for origin in bgp.originated where origin.prefix.family == family && origin.isSummary {
    writer.write("  aggregate-address ")
    writer.write(origin.prefix)
    writer.newline()
  }
  for group in groups {
    writer.write(" ")
    emitLine(group, " activate", into: &writer)
    emitInternal(sessions.first { $0.group == group }, group, of: bgp, into: &writer)
    if family == .ipv6 {
      writer.write(" ")
      emitLine(group, " route-map global-next-hop in", into: &writer)
    }
  }
  for session in sessions {
    // How many it may bring, which bgpd counts behind the filter.
    if let limit = session.outside?.importLimit {
      writer.write("  neighbor ")
      writer.write(session.neighborAddress)
      writer.write(" maximum-prefix ")
      writer.write(limit)
      writer.write(" restart 5\n")
    }
    // How many prefixes it may announce, which bgpd then stops at; 0 would mean any number.
    if let limit = session.exportLimit, limit > 0 {
      writer.write("  neighbor ")
      writer.write(session.neighborAddress)
      writer.write(" maximum-prefix-out ")
      writer.write(limit)
      writer.newline()
    }
    emitList(session, bgp.filters[session.importFilter], " in\n", into: &writer)
    emitList(session, bgp.filters[session.exportFilter], " out\n", into: &writer)
    if session.setsNextHop {
      writer.write("  neighbor ")
      writer.write(session.neighborAddress)
      writer.write(" route-map next-hop-")
      writer.write(session.neighbor)
      writer.write(" out\n")
    }
  }
  writer.write("  maximum-paths ")
  writer.write(bgp.maximumPaths)
  if sessions.contains(where: bgp.isInternal) {
    writer.write("\n  maximum-paths ibgp ")
    writer.write(bgp.maximumPaths)
  }
  writer.write("\n exit-address-family\n")
}

/// On internal sessions (FRR manual, "Route Reflector" and "Peer Configuration") a route's next hop is this device: the
/// neighbour knows no other.
private func emitInternal(
  _ session: BGPSession?, _ group: PeerGroup, of bgp: BGPPlan, into writer: inout TextWriter
) {
  guard let session else { return }
  if session.namesItself {
    writer.write(" ")
    emitLine(group, " next-hop-self", into: &writer)
  }
  guard bgp.isInternal(session) else { return }
  if session.reflects {
    writer.write(" ")
    emitLine(group, " route-reflector-client", into: &writer)
  }
  if session.setsNextHop { return }
  writer.write(" ")
  emitLine(group, session.reflects ? " next-hop-self force" : " next-hop-self", into: &writer)
}

private func emitList(
  _ session: BGPSession, _ filter: PrefixFilter, _ direction: StaticString, into writer: inout TextWriter
) {
  writer.write("  neighbor ")
  writer.write(session.neighborAddress)
  writer.write(" prefix-list ")
  writer.write(filter.name)
  writer.write(direction)
}

private func emitLine(_ group: PeerGroup, _ words: StaticString, into writer: inout TextWriter) {
  writer.write(" neighbor ")
  writer.write(group)
  writer.write(words)
  writer.newline()
}

/// The neighbours of one role and family with or without BFD, which share everything but filters, AS number and role. A session
/// with an upstream has a group of its own.
private struct PeerGroup: Hashable, Comparable {
  var role: DeviceRole
  var bfd: Bool
  var family: AddressFamily
  var outside: OutsideSession?
  /// The other end of a session with an upstream.
  var neighbor: Name?

  /// By name, as bgpd sorts them: `hosts-nobfd` before `hosts` (`-n` before `-v`) before `spines` before `tors` before `upstream-`.
  static func < (left: PeerGroup, right: PeerGroup) -> Bool {
    if let name = left.neighbor, let other = right.neighbor {
      // With the ending, since `-` comes before every letter.
      return Array("\(name)-v".utf8) == Array("\(other)-v".utf8)
        ? left.family < right.family
        : "\(name)-v".utf8.lexicographicallyPrecedes("\(other)-v".utf8)
    }
    return (left.rank, left.bfd ? 1 : 0, left.family) < (right.rank, right.bfd ? 1 : 0, right.family)
  }

  private var rank: Int {
    switch (neighbor, role) {
    case (.some, _), (nil, .upstream): 3
    case (nil, .host): 0
    case (nil, .spine): 1
    case (nil, .tor): 2
    }
  }
}

extension BGPSession {
  /// `next-hop-self force` of FRR 8.4 does nothing for reflected IPv6 routes: a route map says the address.
  var setsNextHop: Bool { reflects && family == .ipv6 }
  fileprivate var group: PeerGroup {
    PeerGroup(
      role: neighborRole, bfd: bfd, family: family, outside: outside, neighbor: outside == nil ? nil : neighbor)
  }
}

extension TextWriter {
  fileprivate mutating func write(_ group: PeerGroup) {
    if let neighbor = group.neighbor {
      write("upstream-")
      write(neighbor)
      write("-v")
    } else {
      write(group.role.folder)
      write(group.bfd ? "-v" : "-nobfd-v")
    }
    write(group.family.digit)
  }
}
