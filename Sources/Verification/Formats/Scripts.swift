import TopologyModel

/// Checks the frame of `firewall.sh`: interpreter, header, the line with the mode, and that nothing runs before the
/// last lines, so that a truncated file does nothing; and that it loads the files that the host has. What the program does
/// is for the tests that run it.
func checkFirewallScript(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  let file = try TextFile(bytes, comment: "#", interpreter: "#!/bin/sh", of: device)
  let modes = file.lines.filter { $0.text.hasPrefix("mode=") }
  guard let firewall = device.firewall else { return [Finding("the device has no packet filter")] }
  let mode = firewall.mode == .own ? "mode=own" : "mode=share"
  var findings = compareLists(
    expected: [mode], found: modes.map { (value: String($0.text), line: $0.number) }, "mode")
  let files = firewall.backend == .nft ? ["rules.nft"] : ["rules.v4", "rules.v6"]
  for name in ["rules.nft", "rules.v4", "rules.v6"] {
    let isLoaded = file.lines.contains {
      !$0.text.hasPrefix("  #") && !$0.text.hasPrefix("#") && $0.text.contains(name)
    }
    findings += compareValues(files.contains(name), isLoaded, "whether \(name) is loaded")
  }
  findings += compareLists(
    expected: firewall.backend == .nft ? [] : [device.artifacts.contains(.addressSets) ? "sets=yes" : "sets="],
    found: file.lines.filter { $0.text.hasPrefix("sets=") }.map { (value: String($0.text), line: $0.number) },
    "setting of sets")
  findings += checkFrame(file)
  return findings
}

/// Outside of functions a script may hold settings only, until it calls `main` at its very end.
func checkFrame(_ file: TextFile) -> [Finding] {
  var findings: [Finding] = []
  let tail = ["{", "  main \"$@\"", "  exit", "}"]
  if file.lines.suffix(tail.count).map(\.text) != tail.map({ Substring($0) }) {
    findings.append(Finding("the program does not end with the call of its main function"))
  }
  for word in ["set -eu", "export LC_ALL=C PATH=\"$PATH:/usr/sbin:/sbin\""]
  where !file.lines.contains(where: { $0.text == word }) {
    findings.append(Finding("the line '\(word)' is missing"))
  }
  return findings
}

/// Checks `romana-routes.service` (systemd.service(5)): known sections and keys, and what it starts and when.
func checkRoutesUnit(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  compareLists(expected: expectedUnit(device), found: try parseUnit(bytes, of: device), "setting")
}

/// The settings of a unit: `SECTION/KEY=VALUE`.
func parseUnit(
  _ bytes: [UInt8], of device: DevicePlan
) throws(ParseFailure) -> [(value: String, line: Int)] {
  let file = try TextFile(bytes, comment: "#", of: device)
  var (section, sections) = ("", Set<String>())
  var settings: [(value: String, line: Int)] = []
  for line in file.lines where !line.text.isEmpty && !line.text.hasPrefix("# ") {
    if line.text.hasPrefix("["), line.text.hasSuffix("]") {
      section = String(line.text.dropFirst().dropLast())
      guard sections.insert(section).inserted else { throw ParseFailure("a section twice", line: line.number) }
    } else if line.text.split(separator: "=", maxSplits: 1).count == 2, !section.isEmpty {
      settings.append(("\(section)/\(line.text)", line.number))
    } else {
      throw ParseFailure("'\(line.text)' is neither a section nor a setting", line: line.number)
    }
  }
  return settings
}

private func expectedUnit(_ device: DevicePlan) -> [String] {
  let folder = "/etc/romana"
  // The packet filter is in place before the first route leads anywhere.
  let filter = device.firewall == nil ? [] : ["Service/ExecStartPre=\(folder)/firewall.sh"]
  return [
    "Unit/Description=Routes of \(device.name.text) in the fabric \(device.fabric.text)",
    "Unit/After=network.target systemd-sysctl.service",
    "Unit/Before=bird.service bird6.service exabgp.service frr.service zebra.service", "Service/Type=exec",
  ] + filter + [
    "Service/ExecStartPre=\(folder)/routes.sh", "Service/ExecStart=\(folder)/routes.sh --watch",
    "Service/SuccessExitStatus=3", "Service/Restart=always", "Service/RestartSec=10",
    "Service/NoNewPrivileges=yes", "Service/ProtectSystem=full", "Service/ProtectHome=yes",
    "Install/WantedBy=multi-user.target",
  ]
}

/// Checks `/etc/frr/daemons`: shell assignments of which only the known ones may occur.
func checkFRRDaemons(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  let file = try TextFile(bytes, comment: "#", of: device)
  let found = file.lines.map { (value: String($0.text), line: $0.number) }
  let local = "\"-A 127.0.0.1\""
  var expected = ["vtysh_enable=yes", "zebra_options=\"-A 127.0.0.1 -s 90000000\"", "staticd_options=\(local)"]
  if device.bgp != nil { expected += ["bgpd=yes", "bgpd_options=\(local)"] }
  for family in device.ospf?.families ?? [] {
    let daemon = family == .ipv4 ? "ospfd" : "ospf6d"
    expected += ["\(daemon)=yes", "\(daemon)_options=\(local)"]
  }
  let watchesOSPF = device.ospf?.interfaces.contains(where: \.bfd) ?? false
  if watchesOSPF || device.bgp?.sessions.contains(where: \.bfd) ?? false {
    expected += ["bfdd=yes", "bfdd_options=\(local)"]
  }
  return compareSets(expected: expected, found: found, "setting")
}
