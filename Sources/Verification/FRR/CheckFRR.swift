import TopologyModel

/// Finds the routes and the BGP speaker of a plan in `frr.conf`.
func checkFRR(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  let file = try parseFRR(bytes, of: device)
  var findings = compareValues(device.name.text, file.hostname, "the host name")
  // A host's are in the kernel already.
  let routes = (device.kernelHoldsRoutes ? [] : device.routes).flatMap { (route) -> [FRRRoute] in
    switch route.target {
    case .discard: [FRRRoute(prefix: route.prefix, hop: nil, distance: 254)]
    case .gateways(let hops): hops.map { FRRRoute(prefix: route.prefix, hop: $0.address, distance: nil) }
    case .endpoint: []
    }
  }
  findings += compareSets(expected: routes, found: file.routes, "route")
  findings += checkFRROSPF(file, device)
  guard let bgp = device.bgp else {
    if let speaker = file.bgp { findings.append(Finding("a BGP speaker that is not planned", line: speaker.line)) }
    return findings + checkLists(nil, file) + file.nextHopMaps.map { Finding("route map that is not planned: \($0)") }
  }
  guard let speaker = file.bgp else { return findings + [Finding("there is no BGP speaker")] }
  findings += checkSpeaker(speaker, bgp)
  findings += checkSessions(speaker, bgp, file)
  findings += checkLists(speaker, file)
  let maps = bgp.sessions.contains { $0.family == .ipv6 && $0.interface == nil } ? ["global-next-hop"] : []
  return findings + compareValues(maps, file.nextHopMaps, "the list of route maps")
}

private func checkSpeaker(_ speaker: FRRSpeaker, _ bgp: BGPPlan) -> [Finding] {
  var findings = compareValues(Int(bgp.asn), speaker.asn, "the AS number", line: speaker.line)
  findings += compareValues(bgp.routerID, speaker.routerID, "the router id", line: speaker.line)
  findings += compareSets(
    expected: [
      "bgp ebgp-requires-policy", "no bgp default ipv4-unicast", "bgp bestpath as-path multipath-relax",
    ] + (bgp.sessions.contains(where: \.reflects) ? ["bgp route-reflector allow-outbound-policy"] : []),
    found: speaker.settings, "setting")
  for family in AddressFamily.allCases {
    let isSpoken = bgp.sessions.contains { $0.family == family }
    findings += compareValues(isSpoken, speaker.families[family] != nil, "the presence of \(family.name)")
    guard let found = speaker.families[family] else { continue }
    let origins = bgp.originated.filter { $0.prefix.family == family }
    findings += compareSets(
      expected: origins.filter { !$0.isSummary }.map(\.prefix), found: found.networks, "network")
    findings += compareSets(
      expected: origins.filter(\.isSummary).map(\.prefix), found: found.summaries, "aggregate")
    findings += compareValues(bgp.maximumPaths, found.maximumPaths, "the number of paths of \(family.name)")
    let isInternal = bgp.sessions.contains { $0.family == family && $0.neighborASN == bgp.asn }
    findings += compareValues(
      isInternal ? bgp.maximumPaths : nil, found.maximumInternalPaths, "the number of internal paths of \(family.name)")
  }
  for (name, group) in speaker.groups.sorted(by: { $0.key < $1.key }) {
    let members = speaker.neighbors.filter { $0.group == name }
    let isUnnumbered = members.allSatisfy { $0.address == nil }
    let sessions = bgp.sessions.filter { session in members.contains { $0.name == session.peerText } }
    let families = Set(sessions.map(\.family)).sorted()
    guard let first = families.first, isUnnumbered || families.count == 1 && members.allSatisfy({ $0.address != nil })
    else {
      findings.append(Finding("the group \(name) has no members, or of two families", line: group.line))
      continue
    }
    guard let bfd = sessions.first?.bfd, sessions.allSatisfy({ $0.bfd == bfd && $0.outside == sessions[0].outside })
    else {
      findings.append(
        Finding("the members of \(name) are not alike in BFD, or in what an upstream has", line: group.line))
      continue
    }
    findings += compareSets(
      expected: distance(sessions[0]) + (bfd ? ["bfd"] : []), found: group.settings, "setting of \(name)")
    guard Set(sessions.map { [$0.neighborASN == bgp.asn, $0.reflects, $0.namesItself] }).count == 1 else {
      findings.append(Finding("the members of \(name) are not alike in AS, reflection or next hop", line: group.line))
      continue
    }
    let expected = families.map { family in
      (family, groupSettings(sessions[0], family, isInternal: sessions[0].neighborASN == bgp.asn))
    }
    findings += compareValues(
      Dictionary(expected) { first, _ in first }, group.familySettings, "the settings of \(name)", line: group.line)
    let suffix = isUnnumbered ? "unnumbered" : first == .ipv4 ? "v4" : "v6"
    findings += compareValues(true, name.hasSuffix("-\(suffix)"), "the name of the group \(name)", line: group.line)
  }
  return findings
}

/// What a group says of a family.
private func groupSettings(_ session: BGPSession, _ family: AddressFamily, isInternal: Bool) -> [String] {
  var settings = ["activate"]
  if session.reflects { settings.append("route-reflector-client") }
  if session.namesItself || isInternal && !session.reflects { settings.append("next-hop-self") }
  if isInternal {
    if session.reflects, family == .ipv4 { settings.append("next-hop-self force") }
  }
  // On an unnumbered link the next hop is the link-local address, and there is no other.
  if family == .ipv6, session.interface == nil { settings.append("route-map global-next-hop in") }
  return settings
}

private func checkSessions(_ speaker: FRRSpeaker, _ bgp: BGPPlan, _ file: FRRFile) -> [Finding] {
  var findings: [Finding] = []
  var rest = Dictionary(speaker.neighbors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  for parts in sessionParts(bgp) {
    let session = parts[0]
    guard let found = rest.removeValue(forKey: session.peerText),
      found.address == session.neighborAddress
    else {
      findings.append(Finding("session that is missing: \(session.neighbor) \(session.peerText)"))
      continue
    }
    let (what, line) = ("of the neighbour \(found.name)", found.line)
    findings += compareValues(Int(session.neighborASN), found.asn, "the AS \(what)", line: line)
    findings += compareValues(session.neighbor.text, found.description, "the description \(what)", line: line)
    let isStrict = session.outside?.demandsRole ?? true
    let role = session.localRole.map { ($0 == .customer ? "customer" : "provider") + (isStrict ? " strict-mode" : "") }
    findings += compareValues(session.outside?.importLimit, found.importLimit, "the import limit \(what)", line: line)
    findings += compareValues(role, found.role, "the role \(what)", line: line)
    findings += compareValues(
      session.secret.map { "<secret \($0.text) 80>" }, found.password, "the password \(what)", line: line)
    findings += compareValues(
      session.secret == nil ? [] : ["shutdown"], found.untilSecret, "what holds without the secret \(what)", line: line)
    findings += compareValues(true, found.group != nil, "the presence of a group \(what)", line: line)
    findings += compareValues(
      Set(parts.map(\.family)), Set(found.policies.keys), "the families \(what)", line: line)
    for part in parts { findings += checkPolicy(found.policy(part.family), part, bgp, file, what, line) }
  }
  return findings
    + rest.values.map { Finding("session that the plan does not have: \($0.name)", line: $0.line) }
}

/// What a neighbour may say and hear of a family.
private func checkPolicy(
  _ found: FRRPolicy, _ session: BGPSession, _ bgp: BGPPlan, _ file: FRRFile, _ what: String, _ line: Int
) -> [Finding] {
  let hop = session.reflects && session.family == .ipv6 ? session.localAddress : nil
  var findings = compareValues(hop, found.exportMap.flatMap { file.nextHops[$0] }, "the next hop \(what)", line: line)
  if hop == nil, let map = found.exportMap { findings.append(Finding("the route map \(map) \(what)", line: line)) }
  for (list, filter, direction) in [
    (found.importList, session.importFilter, "import"), (found.exportList, session.exportFilter, "export"),
  ] {
    let expected = bgp.filters[filter].entries.map { ReadFilterEntry($0) }
    let entries = list.flatMap { file.lists[FRRListKey(family: session.family, name: $0)] }
    findings += compareValues(
      expected, entries?.compactMap(\.entry), "the \(direction) list \(what)", line: entries?.first?.line ?? line)
  }
  return findings
}

/// How far away the other end may be.
private func distance(_ session: BGPSession) -> [String] {
  guard let outside = session.outside else { return ["ttl-security hops 1"] }
  if outside.ttlSecurity { return ["ttl-security hops \(outside.hops)"] }
  return outside.hops > 1 ? ["ebgp-multihop \(outside.hops)"] : []
}

/// Every list is used by a neighbour of its family, or by OSPF.
private func checkLists(_ speaker: FRRSpeaker?, _ file: FRRFile) -> [Finding] {
  var used = Set(file.ospf.maps.values.flatMap { $0 }.compactMap(\.list))
  for (family, router) in file.ospf.routers {
    for setting in router.settings {
      let words = setting.value.split(separator: " ")
      if words.count > 4, words[2] == "filter-list" { used.insert(FRRListKey(family: family, name: String(words[4]))) }
    }
  }
  for neighbor in speaker?.neighbors ?? [] {
    for (family, policy) in neighbor.policies {
      for name in [policy.importList, policy.exportList] {
        if let name { used.insert(FRRListKey(family: family, name: name)) }
      }
    }
  }
  let maps = Set((speaker?.neighbors ?? []).flatMap { $0.policies.values.compactMap(\.exportMap) })
  let unused = file.nextHops.keys.filter { !maps.contains($0) }.sorted()
  return unused.map { Finding("the route map \($0) is not used") }
    + file.lists.filter { !used.contains($0.key) }
    .map { Finding("the prefix list \($0.key.name) is not used", line: $0.value.first?.line) }
    .sorted { $0.message < $1.message }
}
