import TopologyModel

/// Spells `router bgp`.
///
/// TTL security (RFC 5082) stands on the peer groups and before their members: on a neighbour of its own bgpd would
/// take it for a reason to use multihop BFD, which BIRD does not answer. The role (RFC 9234) stands on
/// the neighbours, since a group forgets that it is strict; bgpd obeys it there but never prints it.
/// `bgp network import-check` is the default: a prefix is announced only while there is a route to it.
func emitBGP(_ bgp: BGPPlan, _ insertions: [Insertion], into writer: inout TextWriter) {
  // As bgpd prints them: by peer group, then address or interface.
  let sessions = bgp.sessions.sorted { left, right in
    left.group == right.group ? left.peerPrecedes(right) : left.group < right.group
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
  // Of the two families of an unnumbered link the first stands for both.
  for (index, session) in sessions.enumerated() where index == 0 || sessions[index - 1].ends != session.ends {
    emitNeighbor(session, into: &writer)
  }
  for family in AddressFamily.allCases where sessions.contains(where: { $0.family == family }) {
    let members = sessions.filter { $0.family == family }
    writer.write(family == .ipv4 ? " !\n address-family ipv4 unicast\n" : " !\n address-family ipv6 unicast\n")
    emitFamily(
      family, of: bgp, groups: groups.filter { group in members.contains { $0.group == group } }, sessions: members,
      into: &writer)
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
    writer.write(peerOf: session)
    writer.write(words)
  }
  if session.interface != nil {
    // Without v6only an IPv4 address that is left on the interface would make the neighbour an IPv4 one.
    begin(" interface v6only peer-group ")
    writer.write(session.group)
    writer.newline()
  }
  begin(" remote-as ")
  writer.write(session.neighborASN)
  writer.newline()
  if session.interface == nil {
    begin(" peer-group ")
    writer.write(session.group)
    writer.newline()
  }
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
    if family == .ipv6, group.kind == .numbered(.ipv6) {
      writer.write(" ")
      emitLine(group, " route-map global-next-hop in", into: &writer)
    }
  }
  for session in sessions {
    // How many it may bring, which bgpd counts behind the filter.
    if let limit = session.outside?.importLimit {
      writer.write("  neighbor ")
      writer.write(peerOf: session)
      writer.write(" maximum-prefix ")
      writer.write(limit)
      writer.write(" restart 5\n")
    }
    emitList(session, bgp.filters[session.importFilter], " in\n", into: &writer)
    emitList(session, bgp.filters[session.exportFilter], " out\n", into: &writer)
    if session.setsNextHop {
      writer.write("  neighbor ")
      writer.write(peerOf: session)
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
  writer.write(peerOf: session)
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

/// The neighbours of one role and family, or on unnumbered links, with or without BFD, which share everything but filters,
/// AS number and role. A session with an upstream has a group of its own.
private struct PeerGroup: Hashable, Comparable {
  enum Kind: Hashable {
    case unnumbered
    case numbered(AddressFamily)
  }
  var role: DeviceRole
  var bfd: Bool
  var kind: Kind
  var outside: OutsideSession?
  /// The other end of a session with an upstream.
  var neighbor: Name?

  /// By name, as bgpd sorts them: `hosts-nobfd` before `hosts-unnumbered` before `hosts-v4`, before `spines` before `tors`
  /// before `upstream-`.
  static func < (left: PeerGroup, right: PeerGroup) -> Bool {
    if let name = left.neighbor, let other = right.neighbor {
      // With the ending, since `-` comes before every letter.
      return Array("\(name)-v".utf8) == Array("\(other)-v".utf8)
        ? left.kindRank < right.kindRank
        : "\(name)-v".utf8.lexicographicallyPrecedes("\(other)-v".utf8)
    }
    return (left.rank, left.bfd ? 1 : 0, left.kindRank) < (right.rank, right.bfd ? 1 : 0, right.kindRank)
  }

  private var kindRank: Int {
    switch kind {
    case .unnumbered: 0
    case .numbered(let family): 1 + Int(family.rawValue)
    }
  }

  private var rank: Int {
    switch (neighbor, role) {
    case (.some, _), (nil, .upstream), (nil, .vpc): 3
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
      role: neighborRole, bfd: bfd, kind: interface == nil ? .numbered(family) : .unnumbered, outside: outside,
      neighbor: outside == nil ? nil : neighbor)
  }

  /// The order inside a group: of addresses as numbers, of interfaces as `if_cmp_name_func` has it.
  fileprivate func peerPrecedes(_ other: BGPSession) -> Bool {
    switch (ends, other.ends) {
    case (.addresses(_, let left), .addresses(_, let right)): left < right
    case (.interface(let left), .interface(let right)):
      left == right ? family < other.family : naturallyPrecedes(left.text, right.text)
    case (.interface, .addresses): true
    case (.addresses, .interface): false
    }
  }
}

/// How FRR sorts interfaces: numbers inside the names by value, swp2 before swp10.
func naturallyPrecedes(_ left: String, _ right: String) -> Bool {
  func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  var (first, second) = (Array(left.utf8)[...], Array(right.utf8)[...])
  while !first.isEmpty, !second.isEmpty {
    let (one, other) = (first.prefix { !isDigit($0) }, second.prefix { !isDigit($0) })
    // Names up to the number that are not alike decide as text.
    if !one.elementsEqual(other) { return first.lexicographicallyPrecedes(second) }
    (first, second) = (first.dropFirst(one.count), second.dropFirst(other.count))
    if first.isEmpty || second.isEmpty { break }
    let (digits, others) = (first.prefix(while: isDigit), second.prefix(while: isDigit))
    func value(_ digits: ArraySlice<UInt8>) -> [UInt8] { Array(digits.drop { $0 == 0x30 }) }
    let (number, limit) = (value(digits), value(others))
    if number != limit {
      return number.count == limit.count
        ? number.lexicographicallyPrecedes(limit) : number.count < limit.count
    }
    (first, second) = (first.dropFirst(digits.count), second.dropFirst(others.count))
  }
  return first.isEmpty && !second.isEmpty
}

extension TextWriter {
  fileprivate mutating func write(_ group: PeerGroup) {
    if let neighbor = group.neighbor {
      write("upstream-")
      write(neighbor)
    } else {
      write(group.role.folder)
      if !group.bfd { write("-nobfd") }
    }
    switch group.kind {
    case .unnumbered: write("-unnumbered")
    case .numbered(let family):
      write("-v")
      write(family.digit)
    }
  }

  /// What a session's neighbour is called: by its address, or by the interface that leads to it.
  mutating func write(peerOf session: BGPSession) {
    switch session.ends {
    case .addresses(_, let neighbor): write(neighbor)
    case .interface(let name): write(name)
    }
  }
}
