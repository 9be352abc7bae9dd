import TopologyModel

/// Finds the OSPF speaker of a plan in `ospfd.conf` of Quagga.
func checkQuaggaOSPF(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  var (sections, findings) = (try parseSections(bytes, of: device), [Finding]())
  guard let ospf = device.ospf else { return [Finding("the device has no OSPF speaker")] }
  func check(_ name: String, _ settings: [String], untilSecret: [String] = []) {
    guard let section = sections.removeValue(forKey: name) else {
      findings.append(Finding("missing: \(name)"))
      return
    }
    findings += compareSets(expected: settings, found: section.settings, "setting of '\(name)'")
    findings += compareValues(
      untilSecret, section.untilSecret, "what holds in '\(name)' until there is a key", line: section.line)
  }
  for interface in ospf.interfaces { check("interface \(interface.name)", settings(interface)) }
  for interface in ospf.passive {
    check("interface \(interface.name)", [area(interface.area)] + (interface.cost.map { ["ip ospf cost \($0)"] } ?? []))
  }
  let keyed = ospf.interfaces.filter { $0.authenticated.contains(.ipv4) && $0.secret != nil }
  check(
    "router ospf",
    ["ospf router-id \(ospf.routerID)"] + ospf.passive.map { "passive-interface \($0.name)" }
      + ospf.areas.map { "area 0.0.\($0.number >> 8).\($0.number & 255) stub" },
    untilSecret: keyed.map { "passive-interface \($0.name)" })
  if ospf.families != [.ipv4] { findings.append(Finding("Quagga speaks OSPF for IPv4 only")) }
  if ospf.interfaces.contains(where: \.bfd) { findings.append(Finding("Quagga has no BFD")) }
  return findings
    + sections.map { Finding("not planned: \($0.key)", line: $0.value.line) }
    .sorted { $0.message < $1.message }
}

/// Reads `ospfd.conf` as what it says of routing.
func readQuaggaOSPF(
  _ bytes: [UInt8], _ device: DevicePlan, gateway: (interface: String, prefixes: [Prefix])?
) throws(ParseFailure) -> OSPFSpeaker {
  let sections = try parseSections(bytes, of: device)
  var speaker = OSPFSpeaker(.ipv4)
  let passive = (sections["router ospf"]?.settings ?? []).compactMap { setting in
    setting.value.hasPrefix("passive-interface ") ? String(setting.value.dropFirst(18)) : nil
  }
  for (name, section) in sections.sorted(by: { $0.key < $1.key }) where name.hasPrefix("interface ") {
    let settings = section.settings.filter { $0.value.hasPrefix("ip ospf ") }.map { $0.value.dropFirst(8) }
    let interface = String(name.dropFirst(10))
    speaker.add(port: interface, settings.map { Substring($0) }, gateway, isPassive: passive.contains(interface))
  }
  // zebra is told to take nothing of it.
  speaker.accepted = []
  return speaker
}

private func area(_ number: UInt32) -> String { "ip ospf area 0.0.\(number >> 8).\(number & 255)" }

private func settings(_ interface: OSPFInterface) -> [String] {
  var settings = [
    area(interface.area), "ip ospf cost \(interface.cost)", "ip ospf dead-interval \(interface.deadInterval)",
    "ip ospf hello-interval \(interface.helloInterval)", "ip ospf network point-to-point",
  ]
  if interface.authenticated.contains(.ipv4), let secret = interface.secret {
    settings += [
      "ip ospf authentication message-digest", "ip ospf message-digest-key 1 md5 <secret \(secret.text) 16>",
    ]
  }
  return settings
}

private struct QuaggaSection {
  var line: Int
  var settings: [(value: String, line: Int)] = []
  var untilSecret: [String] = []
}

/// A command at the margin and the lines below it that are indented by one space.
private func parseSections(
  _ bytes: [UInt8], of device: DevicePlan
) throws(ParseFailure) -> [String: QuaggaSection] {
  var sections: [String: QuaggaSection] = [:]
  var (current, isProvisional) = ("", false)
  for line in try quaggaLines(bytes, of: device) {
    if !line.text.hasPrefix(" ") {
      guard !isProvisional else { throw ParseFailure("nothing stands after '<until-secret>'", line: line.number) }
      current = String(line.text)
      guard sections.updateValue(QuaggaSection(line: line.number), forKey: current) == nil else {
        throw ParseFailure("'\(current)' stands twice", line: line.number)
      }
    } else if line.text == " ! <until-secret>" {
      guard !isProvisional else { throw ParseFailure("'<until-secret>' stands twice", line: line.number) }
      isProvisional = true
    } else {
      let text = String(line.text.dropFirst())
      guard !current.isEmpty, !text.hasPrefix(" ") else {
        throw ParseFailure("the indentation is not that of a section", line: line.number)
      }
      if isProvisional {
        sections[current]?.untilSecret.append(text)
      } else {
        sections[current]?.settings.append((text, line.number))
      }
      isProvisional = false
    }
  }
  return sections
}
