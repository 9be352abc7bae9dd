import TopologyModel

/// Finds the BGP speaker of a plan in `bgpd.conf` of Quagga.
func checkQuaggaBGP(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  let file = try parseQuaggaBGP(bytes, of: device)
  guard let bgp = device.bgp else { return [Finding("the device has no BGP speaker")] }
  var findings = compareValues(Int(bgp.asn), file.asn, "the AS number")
  findings += compareValues(bgp.routerID, file.routerID, "the router id")
  findings += compareSets(
    expected: ["no bgp default ipv4-unicast", "bgp bestpath as-path multipath-relax"], found: file.settings, "setting")
  for family in AddressFamily.allCases {
    let isSpoken = bgp.sessions.contains { $0.family == family }
    findings += compareValues(isSpoken, file.families[family] != nil, "the presence of \(family.name)")
    guard let found = file.families[family] else { continue }
    let origins = bgp.originated.map(\.prefix).filter { $0.family == family }
    findings += compareSets(expected: origins, found: found.networks, "network")
    findings += compareValues(bgp.maximumPaths, found.maximumPaths, "the number of paths of \(family.name)")
  }
  var rest = file.neighbors
  for session in bgp.sessions {
    guard let index = rest.firstIndex(where: { $0.address == session.neighborAddress }) else {
      findings.append(Finding("session that is missing: \(session.neighbor) \(session.peerText)"))
      continue
    }
    findings += checkNeighbor(rest.remove(at: index), session, bgp, file)
  }
  findings += rest.map { Finding("session that the plan does not have: \($0.address)", line: $0.line) }
  return findings + checkUse(file)
}

private func checkNeighbor(
  _ found: QuaggaNeighbor, _ session: BGPSession, _ bgp: BGPPlan, _ file: QuaggaFile
) -> [Finding] {
  let (what, line) = ("of the neighbour \(found.address)", found.line)
  var findings = compareValues(Int(session.neighborASN), found.asn, "the AS \(what)", line: line)
  findings += compareValues(session.neighbor.text, found.description, "the description \(what)", line: line)
  findings += compareSets(
    expected: ["ttl-security hops 1", "advertisement-interval 0", "timers 3 9", "timers connect 5"]
      + (session.secret.map { ["password <secret \($0.text) 80>"] } ?? []),
    found: found.settings, "setting \(what)")
  findings += compareValues(
    session.secret == nil ? [] : ["shutdown"], found.untilSecret, "what holds without the secret \(what)", line: line)
  findings += compareValues(true, found.isActive, "the activation \(what)", line: line)
  for (list, filter, direction) in [
    (found.importList, session.importFilter, "import"), (found.exportList, session.exportFilter, "export"),
  ] {
    let entries = list.flatMap { file.lists[FRRListKey(family: session.family, name: $0)] }
    findings += compareValues(
      bgp.filters[filter].entries.map { ReadFilterEntry($0) }, entries?.compactMap(\.entry),
      "the \(direction) list \(what)", line: entries?.first?.line ?? line)
  }
  if session.bfd || session.localRole != nil || session.exportLimit != nil {
    findings.append(Finding("the plan of the session \(what) asks for what Quagga lacks", line: line))
  }
  return findings
}

/// Every list is used by a neighbour of its family.
private func checkUse(_ file: QuaggaFile) -> [Finding] {
  let used = Set(
    file.neighbors.flatMap { neighbor in
      [neighbor.importList, neighbor.exportList].compactMap(\.self).map {
        FRRListKey(family: neighbor.address.family, name: $0)
      }
    })
  return file.lists.filter { !used.contains($0.key) }
    .map { Finding("the prefix list \($0.key.name) is not used", line: $0.value.first?.line) }
    .sorted { $0.message < $1.message }
}
