import TopologyModel

/// Finds the BGP speaker of a plan in `bird.conf`.
func checkBIRD(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  if let ospf = device.ospf { return checkBIRDOSPF(try parseBIRD(bytes, of: device), ospf, device) }
  guard let bgp = device.bgp else { return [Finding("the device has no BGP speaker")] }
  return checkBIRDFile(try parseBIRD(bytes, of: device), bgp, device)
}

/// Finds the part of one family in a file of BIRD 1.6.
func checkBIRD1(
  _ bytes: [UInt8], _ family: AddressFamily, _ device: DevicePlan
) throws(ParseFailure) -> [Finding] {
  if var ospf = device.ospf {
    ospf.families = [family]
    return checkBIRDOSPF(try parseBIRD1(bytes, family, of: device), ospf, device)
  }
  guard var bgp = device.bgp else { return [Finding("the device has no BGP speaker")] }
  bgp.sessions.removeAll { $0.family != family }
  bgp.originated.removeAll { $0.prefix.family != family }
  let file = try parseBIRD1(bytes, family, of: device)
  // What 1.6 would refuse to read.
  let unknown = file.sessions.flatMap(\.settings).filter { $0.value.contains(" role") || $0.value.contains("roles") }
  return checkBIRDFile(file, bgp, device)
    + unknown.map { Finding("BIRD 1.6 has no '\($0.value)'", line: $0.line) }
}

private func checkBIRDFile(_ file: BIRDFile, _ bgp: BGPPlan, _ device: DevicePlan) -> [Finding] {
  let families = AddressFamily.allCases.filter { family in bgp.sessions.contains { $0.family == family } }
  var findings = compareValues(
    0, file.ospf.count + file.followed.count + file.tables.count, "the number of OSPF's parts")
  findings += compareValues(bgp.routerID, file.routerID, "the router id")
  findings += compareValues(true, file.hasDevice, "the presence of the device protocol")
  let bfd =
    bgp.sessions.contains(where: \.bfd) ? device.uplinks.flatMap { [$0.interface.text, "300 ms", "3 times"] } : []
  findings += compareValues(bfd, file.bfd, "the BFD protocol")
  findings += compareValues(families, file.kernels, "the list of kernel protocols")
  for family in families {
    let isMultihomed = bgp.sessions.count { $0.family == family } > 1
    findings += compareValues(
      isMultihomed ? bgp.maximumPaths : nil, file.mergedPaths[family], "the number of merged paths of \(family.name)")
  }
  let origins = bgp.originated.filter { !$0.onlyWhilePresent }.map(\.prefix)
  findings += compareSets(expected: origins, found: file.statics, "prefix that is announced")
  findings += compareValues(
    families.filter { family in origins.contains { $0.family == family } }, file.staticFamilies,
    "the list of static protocols")
  findings += compareValues(
    bgp.unnumberedInterfaces.flatMap { [$0.text, "3 to 4 s, for 0 s"] }, file.advertised, "the router advertisements")
  var rest = file.sessions
  for parts in sessionParts(bgp) {
    let session = parts[0]
    let index = rest.firstIndex {
      $0.neighbor != nil && $0.neighbor?.address == session.neighborAddress && $0.interface == session.interface?.text
    }
    guard let index else {
      findings.append(Finding("session that is missing: \(session.neighbor) \(session.peerText)"))
      continue
    }
    findings += checkSession(rest.remove(at: index), parts, bgp)
  }
  findings += rest.map { Finding("session that the plan does not have: \($0.name)", line: $0.line) }
  let names = file.sessions.map(\.name)
  if Set(names).count != names.count { findings.append(Finding("two sessions have one name")) }
  return findings
}

/// The key is a place that `secrets.sh` fills in, with quotes.
private func secretSettings(_ session: BGPSession) -> [String] {
  session.secret.map { ["password <quoted-secret \($0.text) 80>"] } ?? []
}

/// The sessions, those over one interface together: each part is a family.
func sessionParts(_ bgp: BGPPlan) -> [[BGPSession]] {
  var result: [[BGPSession]] = []
  for session in bgp.sessions {
    if session.interface != nil, let index = result.firstIndex(where: { $0[0].ends == session.ends }) {
      result[index].append(session)
    } else {
      result.append([session])
    }
  }
  return result
}

extension BGPSession {
  /// In findings.
  var peerText: String { neighborAddress?.description ?? interface?.text ?? "" }
}

private func checkSession(_ found: BIRDSession, _ parts: [BGPSession], _ bgp: BGPPlan) -> [Finding] {
  let session = parts[0]
  let (what, line) = ("of the session \(found.name)", found.line)
  var findings = compareValues(session.neighbor.text, found.description, "the description \(what)", line: line)
  findings += compareValues(session.localAddress, found.local?.address, "the local address \(what)", line: line)
  findings += compareValues(Int(bgp.asn), found.local?.asn, "the local AS \(what)", line: line)
  findings += compareValues(Int(session.neighborASN), found.neighbor?.asn, "the neighbour's AS \(what)", line: line)
  let role = session.localRole.map { ["local role \($0 == .customer ? "customer" : "provider")", "require roles on"] }
  findings += compareSets(
    expected: (role ?? []) + (session.bfd ? ["bfd on"] : []) + secretSettings(session) + [
      "ttl security on", "graceful restart off", "hold time 9", "keepalive time 3", "connect delay time 1",
      "connect retry time 5", "error wait time 1 , 5", "error forget time 30",
    ], found: found.settings, "setting")
  findings += compareValues(
    session.interface.map { _ in "\(found.name)-" }, found.dynamicName, "the name of those who call \(what)", line: line
  )
  guard found.channels.map(\.family) == parts.map(\.family) else {
    return findings + [Finding("not one channel of the family \(what)", line: line)]
  }
  for (channel, part) in zip(found.channels, parts) { findings += checkChannel(channel, part, bgp, what, line) }
  return findings
}

private func checkChannel(
  _ channel: BIRDChannel, _ session: BGPSession, _ bgp: BGPPlan, _ what: String, _ line: Int
) -> [Finding] {
  func entries(_ filter: Int) -> [ReadFilterEntry] { bgp.filters[filter].entries.map { ReadFilterEntry($0) } }
  var findings = compareValues(
    session.interface != nil && session.family == .ipv4, channel.extendsNextHop, "the next hops \(what)", line: line)
  findings += compareValues(
    entries(session.importFilter), channel.importFilter, "the import filter \(what)", line: line)
  findings += compareValues(
    entries(session.exportFilter), channel.exportFilter, "the export filter \(what)", line: line)
  findings += compareValues(session.exportLimit, channel.exportLimit, "the export limit \(what)", line: line)
  return findings
}
