import TopologyModel

/// Finds the OSPF speaker of a plan in `bird.conf`.
func checkBIRDOSPF(_ file: BIRDFile, _ ospf: OSPFPlan, _ device: DevicePlan) -> [Finding] {
  var findings = compareValues(ospf.routerID, file.routerID, "the router id")
  findings += compareValues(true, file.hasDevice, "the presence of the device protocol")
  let hasBFD = ospf.interfaces.contains(where: \.bfd)
  findings += compareValues(
    hasBFD ? [device.uplinks.first?.interface.text ?? "", "300 ms", "3 times"] : [], file.bfd, "the BFD protocol")
  let none = file.sessions.isEmpty && file.statics.isEmpty && file.kernels.isEmpty
  findings += compareValues(true, none, "the absence of BGP")
  findings += compareValues(ospf.families, file.ospf.map(\.family), "the list of OSPF protocols")
  findings += compareValues(
    ospf.families.map { BIRDKernelOf(family: $0, source: followedName($0)) }, file.followedKernels,
    "the list of kernel protocols")
  findings += compareValues(
    ospf.families.filter { family in ospf.followed.contains { $0.prefix.family == family } },
    file.followed.map(\.family),
    "the list of static protocols")
  findings += compareValues(ospf.families.map(tableName), file.tables, "the list of tables")
  for found in file.followed {
    findings += compareValues(followedName(found.family), found.name, "the name of a static protocol")
    findings += compareValues(tableName(found.family), found.table, "the table that \(found.name) follows")
    let expected = ospf.followed.filter { $0.prefix.family == found.family }
      .map { BIRDFollowedRoute(prefix: $0.prefix, gateway: $0.gateway) }
    findings += compareSets(expected: expected, found: found.routes, "route")
  }
  for found in file.ospf { findings += checkInstance(found, ospf) }
  return findings
}

private func tableName(_ family: AddressFamily) -> String { family == .ipv4 ? "ospf4" : "ospf6" }
private func followedName(_ family: AddressFamily) -> String { family == .ipv4 ? "networks4" : "networks6" }

private func checkInstance(_ found: BIRDOSPF, _ ospf: OSPFPlan) -> [Finding] {
  guard let interface = ospf.interfaces.first, ospf.interfaces.count == 1, let area = ospf.areas.first else {
    return [Finding("a host has one interface and one area")]
  }
  let (family, what, line) = (found.family, "of \(found.name)", found.line)
  var findings = compareValues(tableName(family), found.table, "the table \(what)", line: line)
  let all = Prefix.everything(family)
  findings += compareValues(
    [ReadFilterEntry(permits: true, all, 0...0)], found.importFilter, "the import filter \(what)", line: line)
  findings += compareValues(
    Address(.ipv4, UInt128(area.number)), found.area, "the area \(what)", line: line)
  findings += compareSets(
    expected: area.stubPrefixes.filter { $0.family == family }, found: found.stubPrefixes, "stub network")
  findings += compareValues(interface.name.text, found.interface, "the interface \(what)", line: line)
  var settings = [
    "type ptp", "cost \(interface.cost)", "hello \(interface.helloInterval)", "dead \(interface.deadInterval)",
  ]
  if interface.bfd { settings.append("bfd yes") }
  if interface.authenticated.contains(family), let secret = interface.secret {
    settings.append("authentication cryptographic")
    let algorithm = family == .ipv4 ? "keyed md5" : "hmac sha256"
    settings.append("password <quoted-secret \(secret.text) 16> id 1 algorithm \(algorithm)")
  }
  return findings + compareSets(expected: settings, found: found.settings, "setting \(what)")
}
