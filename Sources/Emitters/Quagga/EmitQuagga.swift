import TopologyModel

/// Spells `zebra.conf` for Quagga 1.2 (Quagga manual, "Zebra"). zebra has no route to hold: the discard routes belong to
/// `routes.sh`. What OSPF learns it keeps out of the kernel ("zebra Route Filtering"). Without a password its terminal lets
/// nobody in ("Terminal Mode Commands").
func emitQuaggaZebra(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "zebra (Quagga 1.2)", comment: "!", into: &writer)
  emitQuaggaHead(device, into: &writer)
  if device.ospf != nil {
    writer.write("route-map ospf-v4 deny 10\n!\nip protocol ospf route-map ospf-v4\n!\n")
  }
  writer.write("line vty\n!\n")
  emitInsertions(device.insertions(.quaggaZebra, .after), comment: "!", into: &writer)
  emitEndMarker(what: "zebra (Quagga 1.2)", comment: "!", into: &writer)
}

/// Spells `bgpd.conf` for Quagga 1.2, in that version's commands only; `docs/speakers.md` lists them with the section of
/// the manual. Unlike FRR it announces a `network` whether or not there is a route, and it has no peer-to-peer defaults
/// that fit a data centre, so the timers are written out.
func emitQuaggaBGP(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "bgpd (Quagga 1.2)", comment: "!", into: &writer)
  emitQuaggaHead(device, into: &writer)
  emitInsertions(device.insertions(.quaggaBGP, .before), comment: "!", into: &writer)
  if let bgp = device.bgp {
    emitSpeaker(bgp, device.insertions(.quaggaBGP, .bgp), into: &writer)
    emitPrefixLists(bgp.filters, into: &writer)
  }
  writer.write("line vty\n!\n")
  emitInsertions(device.insertions(.quaggaBGP, .after), comment: "!", into: &writer)
  emitEndMarker(what: "bgpd (Quagga 1.2)", comment: "!", into: &writer)
}

func emitQuaggaHead(_ device: DevicePlan, into writer: inout TextWriter) {
  writer.write("hostname ")
  writer.write(device.name)
  writer.write("\nlog syslog informational\n!\n")
}

private func emitSpeaker(_ bgp: BGPPlan, _ insertions: [Insertion], into writer: inout TextWriter) {
  writer.write("router bgp ")
  writer.write(bgp.asn)
  writer.write("\n bgp router-id ")
  writer.write(bgp.routerID)
  writer.write("\n no bgp default ipv4-unicast\n bgp bestpath as-path multipath-relax\n")
  // In the order in which bgpd shows them as its running configuration.
  let sessions = bgp.sessions.sorted { first, second in
    guard let address = first.neighborAddress, let other = second.neighborAddress else { return false }
    return address < other
  }
  for session in sessions { emitNeighbor(session, into: &writer) }
  for family in AddressFamily.allCases {
    let ofFamily = sessions.filter { $0.family == family }
    if !ofFamily.isEmpty { emitFamily(family, of: bgp, ofFamily, into: &writer) }
  }
  emitInsertions(insertions, comment: "!", into: &writer)
  writer.write("!\n")
}

/// Timers in seconds: keepalive and hold as everywhere in the fabric, a new attempt after 5, and no delay before an
/// update, which for eBGP is 30 by default.
private func emitNeighbor(_ session: BGPSession, into writer: inout TextWriter) {
  func line(_ words: StaticString, _ rest: (inout TextWriter) -> Void = { _ in }) {
    writer.write(" neighbor ")
    writer.write(peerOf: session)
    writer.write(words)
    rest(&writer)
    writer.newline()
  }
  line(" remote-as ") { $0.write(session.neighborASN) }
  line(" description ") { $0.write(session.neighbor) }
  if let secret = session.secret {
    // As with FRR: any text is a password.
    writer.write(" ! <until-secret>\n")
    line(" shutdown")
    line(" password ") { $0.write(secret: secret, maximum: maximumMD5Key) }
  }
  line(" ttl-security hops 1")
  line(" advertisement-interval 0")
  line(" timers 3 9")
  line(" timers connect 5")
}

private func emitFamily(
  _ family: AddressFamily, of bgp: BGPPlan, _ sessions: [BGPSession], into writer: inout TextWriter
) {
  writer.write(family == .ipv4 ? " !\n address-family ipv4 unicast\n" : " !\n address-family ipv6 unicast\n")
  for origin in bgp.originated where origin.prefix.family == family {
    writer.write("  network ")
    writer.write(origin.prefix)
    writer.newline()
  }
  for session in sessions {
    func line(_ words: (inout TextWriter) -> Void) {
      writer.write("  neighbor ")
      writer.write(peerOf: session)
      words(&writer)
      writer.newline()
    }
    line { $0.write(" activate") }
    for (filter, direction) in [(session.importFilter, " in"), (session.exportFilter, " out")] as [(Int, StaticString)]
    {
      line {
        $0.write(" prefix-list ")
        $0.write(bgp.filters[filter].name)
        $0.write(direction)
      }
    }
  }
  writer.write("  maximum-paths ")
  writer.write(bgp.maximumPaths)
  writer.write("\n exit-address-family\n")
}
