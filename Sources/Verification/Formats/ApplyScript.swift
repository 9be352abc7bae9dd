import TopologyModel

/// Finds in `apply.sh` the files of the device and what is to be well around it; the program itself is the same in every
/// file, and for the tests that run it.
func checkApplyScript(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  let file = try TextFile(bytes, comment: "#", interpreter: "#!/bin/sh", of: device)
  let files = try list("files", in: file)
  var findings = compareSets(expected: installedNames(device), found: files, "file")
  findings += compareLists(expected: surroundings(device), found: try list("wanted", in: file), "line")
  return findings + checkFrame(file)
}

/// The lines that a function of the script prints.
private func list(_ name: String, in file: TextFile) throws(ParseFailure) -> [(value: String, line: Int)] {
  guard let start = file.lines.firstIndex(where: { $0.text == "\(name)() {" }),
    file.lines[start...].dropFirst().first?.text == "  cat <<'END'"
  else { throw ParseFailure("the list of \(name) is missing", line: 1) }
  return file.lines[(start + 2)...].prefix { $0.text != "END" }.map { (String($0.text), $0.number) }
}

/// All files of the device but those for people, and the program itself.
private func installedNames(_ device: DevicePlan) -> [String] {
  var names = ["sysctl.conf"]
  let kinds = Set(device.artifacts)
  for (kind, name) in [
    (ArtifactKind.routesScript, "routes.sh"), (.routesUnit, "romana-routes.service"), (.vlansScript, "vlans.sh"),
    (.vlansUnit, "romana-vlans.service"), (.tunnelsScript, "tunnels.sh"), (.tunnelsUnit, "romana-tunnels.service"),
    (.rulesIPv4, "rules.v4"), (.rulesIPv6, "rules.v6"), (.rulesNFT, "rules.nft"),
    (.addressSets, "ipset.conf"), (.firewallScript, "firewall.sh"), (.secretsScript, "secrets.sh"),
    (.bird, "bird.conf"), (.bird1, "bird1.conf"), (.bird1IPv6, "bird1-v6.conf"), (.exabgp, "exabgp.conf"),
    (.frr, "frr.conf"), (.frrDaemons, "daemons"), (.quaggaZebra, "zebra.conf"), (.quaggaBGP, "bgpd.conf"),
    (.quaggaOSPF, "ospfd.conf"),
  ] where kinds.contains(kind) { names.append(name) }
  return names
}

private func surroundings(_ device: DevicePlan) -> [String] {
  let sessions = device.bgp?.sessions ?? []
  var hops: Set<Address> = Set(sessions.compactMap(\.neighborAddress))
  let addresses = hops.sorted()
  for route in device.routes {
    if case .gateways(let list) = route.target { hops.formUnion(list.map(\.address)) }
  }
  return addresses.map { "session \($0)" } + Set(sessions.compactMap(\.interface)).sorted().map { "session \($0)" }
    + Set(device.ospf?.interfaces.map(\.name) ?? []).sorted().map { "ospf \($0)" }
    + hops.sorted().map { "neighbour \($0)" }
}
