import TopologyModel

/// Finds the OSPF speaker of a plan in `frr.conf`.
func checkFRROSPF(_ file: FRRFile, _ device: DevicePlan) -> [Finding] {
  let found = file.ospf
  let unnumbered = Set((device.bgp?.unnumberedInterfaces ?? []).map(\.text))
  var findings = checkUnnumbered(found, unnumbered)
  guard let ospf = device.ospf else {
    let interfaces = found.interfaces.keys.filter { !unnumbered.contains($0) }
    let names = interfaces.map { "interface \($0)" } + found.maps.keys.map { "route map \($0)" }
    let others =
      found.keyChains.keys.map { "key chain \($0)" } + found.routers.keys.map { "OSPF for \($0.name)" }
      + found.protocolMaps.keys.map { "a map for OSPF of \($0.name)" }
    return findings + (names + others).sorted().map { Finding("\($0) that is not planned") }
  }
  findings += checkInterfaces(found, ospf, except: unnumbered)
  findings += compareValues(ospf.families, found.routers.keys.sorted(), "the list of OSPF routers")
  for family in ospf.families {
    findings += compareSets(
      expected: routerSettings(ospf, family), found: found.routers[family]?.settings ?? [], "setting of OSPF")
    findings += checkMap(
      file, found.protocolMaps[family], accepted(ospf, family), "what \(family.name) takes from OSPF")
    findings += checkSummaries(file, ospf, family)
    let exports = ospf.exported.map { ospf.filters[$0.filter] }.filter { $0.family == family }
    let name = found.routers[family]?.settings.map(\.value).first { $0.hasPrefix("redistribute ") }?.split(
      separator: " "
    ).last
    findings += checkMap(
      file, name.map(String.init),
      exports.map { MapMeaning(interface: nil, entries: $0.entries.map { ReadFilterEntry($0) }) },
      "what OSPF for \(family.name) takes from others")
  }
  let used = Set(found.protocolMaps.values).union(
    found.routers.values.flatMap(\.settings).compactMap { $0.value.split(separator: " ").last.map(String.init) })
  findings += found.maps.keys.filter { !used.contains($0) }.sorted().map { Finding("the route map \($0) is not used") }
  let keyed = ospf.interfaces.first { $0.authenticated.contains(.ipv6) }?.secret
  let chain = keyed.map {
    ["fabric": ["key 1", "cryptographic-algorithm hmac-sha-256", "key-string <secret \($0.text) 16>", "exit"]]
  }
  return findings + compareValues(chain ?? [:], found.keyChains, "the key chain")
}

/// On an unnumbered link zebra advertises itself, but not as a default router.
private func checkUnnumbered(_ found: FRROSPF, _ interfaces: Set<String>) -> [Finding] {
  interfaces.sorted().flatMap { name in
    compareValues(
      ["ipv6 nd ra-lifetime 0"], found.interfaces[name]?.settings.map(\.value), "what is said of \(name)",
      line: found.interfaces[name]?.line)
  }
}

private func checkInterfaces(_ found: FRROSPF, _ ospf: OSPFPlan, except unnumbered: Set<String>) -> [Finding] {
  var findings: [Finding] = []
  var rest = found.interfaces.filter { !unnumbered.contains($0.key) }
  func check(_ name: String, _ settings: [String], untilSecret: [String]) {
    guard let interface = rest.removeValue(forKey: name) else {
      findings.append(Finding("the interface \(name) is missing"))
      return
    }
    findings += compareSets(expected: settings, found: interface.settings, "setting of \(name)")
    findings += compareValues(
      untilSecret, interface.untilSecret, "what holds until \(name) has its key", line: interface.line)
  }
  for passive in ospf.passive {
    check(passive.name.text, ospf.families.flatMap { settings(passive, word($0)) }, untilSecret: [])
  }
  for interface in ospf.interfaces {
    let isKeyed = interface.authenticated.contains(.ipv4)
    check(
      interface.name.text, ospf.families.flatMap { settings(interface, $0) },
      untilSecret: isKeyed && ospf.families.contains(.ipv4) ? ["ip ospf passive"] : [])
  }
  return findings + rest.map { Finding("an interface that is not planned: \($0.key)", line: $0.value.line) }
}

/// What the lists of `area N filter-list` hold.
private func checkSummaries(_ file: FRRFile, _ ospf: OSPFPlan, _ family: AddressFamily) -> [Finding] {
  ospf.areas.flatMap(\.summaryFilters).map { ospf.filters[$0] }.filter { $0.family == family }.flatMap { filter in
    let name = filter.entries.isEmpty ? "nothing" : "area"
    let entries = file.lists[FRRListKey(family: family, name: name)]
    return compareValues(
      filter.entries.map { ReadFilterEntry($0) }, entries?.compactMap(\.entry), "the list \(name) of \(family.name)",
      line: entries?.first?.line)
  }
}

private func word(_ family: AddressFamily) -> String { family == .ipv4 ? "ip ospf" : "ipv6 ospf6" }

private func settings(_ interface: OSPFPassiveInterface, _ word: String) -> [String] {
  let area = "area 0.0.\(interface.area >> 8).\(interface.area & 255)"
  return ([area, "passive"] + (interface.cost.map { ["cost \($0)"] } ?? [])).map { "\(word) \($0)" }
}

private func settings(_ interface: OSPFInterface, _ family: AddressFamily) -> [String] {
  var settings = [
    "area 0.0.\(interface.area >> 8).\(interface.area & 255)", "cost \(interface.cost)",
    "dead-interval \(interface.deadInterval)", "hello-interval \(interface.helloInterval)", "network point-to-point",
  ]
  if interface.bfd { settings.append("bfd") }
  if interface.authenticated.contains(family), let secret = interface.secret {
    settings +=
      family == .ipv4
      ? ["authentication message-digest", "message-digest-key 1 md5 <secret \(secret.text) 16>"]
      : ["authentication keychain fabric"]
  }
  return settings.map { "\(word(family)) \($0)" }
}

private func routerSettings(_ ospf: OSPFPlan, _ family: AddressFamily) -> [String] {
  var settings = [
    "\(family == .ipv4 ? "ospf" : "ospf6") router-id \(ospf.routerID)", "maximum-paths \(ospf.maximumPaths)",
  ]
  for area in ospf.areas where !area.isBackbone {
    let name = "area 0.0.\(area.number >> 8).\(area.number & 255)"
    settings.append(area.summaryFilters.isEmpty ? "\(name) stub" : "\(name) stub no-summary")
    settings += area.ranges.filter { $0.family == family }.map { "\(name) range \($0)" }
    for filter in area.summaryFilters where ospf.filters[filter].family == family {
      let list = ospf.filters[filter].entries.isEmpty ? "nothing" : "area"
      settings.append("\(name) filter-list prefix \(list) out")
    }
  }
  for export in ospf.exported where ospf.filters[export.filter].family == family {
    let map = "metric-type 1 route-map ospf-export-v\(family == .ipv4 ? 4 : 6)"
    settings.append("redistribute static \(map)")
    if export.includesBGP { settings.append("redistribute bgp \(map)") }
  }
  if ospf.originatesDefault { settings.append("default-information originate metric-type 1") }
  return settings
}

/// What an entry of a route map permits: these prefixes over this interface, or over any.
private struct MapMeaning: Equatable {
  var interface: String?
  var entries: [ReadFilterEntry]
}

private func accepted(_ ospf: OSPFPlan, _ family: AddressFamily) -> [MapMeaning] {
  ospf.accepted.filter { ospf.filters[$0.filter].family == family }.map { acceptance in
    MapMeaning(
      interface: acceptance.interface.text, entries: ospf.filters[acceptance.filter].entries.map { ReadFilterEntry($0) }
    )
  }
}

private func checkMap(_ file: FRRFile, _ name: String?, _ expected: [MapMeaning], _ what: String) -> [Finding] {
  let entries = name.flatMap { file.ospf.maps[$0] } ?? []
  // A map that permits nothing says so in one entry; without any map everything is taken.
  if expected.isEmpty, name == nil { return [] }
  if expected.isEmpty {
    let isClosed = entries.count == 1 && !entries[0].permits && entries[0].interface == nil && entries[0].list == nil
    return isClosed ? [] : [Finding("\(what) is not nothing", line: entries.first?.line)]
  }
  let found = entries.map { entry in
    MapMeaning(
      interface: entry.interface, entries: entry.list.flatMap { file.lists[$0] }?.compactMap(\.entry) ?? [])
  }
  let isPermitting = entries.allSatisfy(\.permits)
  return isPermitting && found == expected
    ? [] : [Finding("\(what) is \(found); expected: \(expected)", line: entries.first?.line)]
}
