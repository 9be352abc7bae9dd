/// The OSPF speaker of a ToR: area border router between the area of its hosts and, in a region with OSPF between ToRs
/// and spines, the backbone. Nil if it has no neighbour that speaks OSPF.
func torOSPF(_ topology: Topology, _ index: Int, _ position: Int) -> OSPFPlan? {
  let rack = topology.racks[index]
  let tor = rack.tors[position]
  let region = topology.regions[rack.region]
  // A host that speaks OSPF has one ToR (`checkOSPF`).
  let hosts = rack.hosts.filter { position == 0 && topology.hosts[$0].settings.routing == .ospf }
  let hasFabric = region.routing == .ospf && !region.spines.isEmpty
  guard !hosts.isEmpty || hasFabric else { return nil }
  let families = region.families(topology)
  var plan = switchOSPF(tor.device, families)
  plan.passive = [.backboneAnchor]
  var filters = FilterTable()
  let isSummarised = hasFabric && summarisesHosts(topology, rack)
  plan.areas = [OSPFArea(number: 0, ranges: [], summaryFilters: [], stubPrefixes: [])]
  if !hosts.isEmpty { plan.areas.append(hostArea(topology, rack, families, isSummarised, &filters)) }
  addHosts(topology, rack, hosts, to: &plan, &filters)
  if hasFabric {
    addSpines(topology, rack, tor, region, to: &plan, &filters)
    if !isSummarised { plan.exported = exports(topology, rack, tor, families, &filters) }
  }
  plan.interfaces.sort { $0.name < $1.name }
  plan.filters = filters.filters
  return plan
}

/// The OSPF speaker of a spine: a router of the backbone.
func spineOSPF(_ topology: Topology, _ region: Region, _ index: Int) -> OSPFPlan {
  var plan = switchOSPF(region.spines[index], region.families(topology))
  var filters = FilterTable()
  plan.areas = [OSPFArea(number: 0, ranges: [], summaryFilters: [], stubPrefixes: [])]
  plan.originatesDefault = region.carriesDefault
  for rack in topology.racks[region.racks] {
    for tor in rack.tors {
      guard let interface = tor.uplinks[index].spineInterface else { continue }
      plan.interfaces.append(fabricInterface(interface, tor.name, .tor, region, plan.families))
      for family in plan.families {
        let filter = filters.add(rackFilter(topology, rack, tor, family))
        plan.accepted.append(OSPFAcceptance(interface: interface, filter: filter))
      }
    }
  }
  plan.interfaces.sort { $0.name < $1.name }
  plan.filters = filters.filters
  return plan
}

private func switchOSPF(_ device: Switch, _ families: [AddressFamily]) -> OSPFPlan {
  OSPFPlan(
    routerID: device.loopback, families: families, areas: [], interfaces: [], passive: [], accepted: [],
    exported: [], originatesDefault: false, followed: [], filters: [], maximumPaths: maximumPaths)
}

/// Both ends of these links run FRR, which agrees with itself on the digest of OSPFv3.
private func fabricInterface(
  _ name: InterfaceName, _ neighbor: Name, _ role: DeviceRole, _ region: Region, _ families: [AddressFamily]
) -> OSPFInterface {
  ospfInterface(name, area: 0, neighbor, role, secret: region.fabricSecret, authenticated: families)
}

/// Whether the rack's aggregates are summaries of what its hosts announce by OSPF. With a host that does not, the ToR
/// announces them by itself.
func summarisesHosts(_ topology: Topology, _ rack: Rack) -> Bool {
  let hosts = topology.hosts[rack.hosts]
  return !hosts.isEmpty && hosts.allSatisfy { $0.settings.routing == .ospf }
}

/// The area of a rack's hosts. Of what is in it the backbone hears of prefixes that a host of the rack could have and
/// as their aggregate only; the addresses of links, and whatever a host makes up, stay inside.
private func hostArea(
  _ topology: Topology, _ rack: Rack, _ families: [AddressFamily], _ isSummarised: Bool, _ filters: inout FilterTable
) -> OSPFArea {
  let allocations = isSummarised ? rack.allocations.compactMap(\.self) : []
  let summaryFilters = families.map { family in
    let entries = allocations.filter { $0.aggregate.family == family }
      .sorted { $0.aggregate < $1.aggregate }
      .map { FilterEntry($0.aggregate, lengths: $0.hostLength...$0.hostLength) }
    return filters.add(PrefixFilter(name: entries.isEmpty ? .nothing : .areaPrefixes, family: family, entries: entries))
  }
  return OSPFArea(
    number: rack.area, ranges: allocations.map(\.aggregate).sorted(), summaryFilters: summaryFilters, stubPrefixes: [])
}

/// A host is believed about its own prefixes, over its own link.
private func addHosts(
  _ topology: Topology, _ rack: Rack, _ hosts: [Int], to plan: inout OSPFPlan, _ filters: inout FilterTable
) {
  for index in hosts {
    let host = topology.hosts[index]
    guard let port = host.torPort else { continue }
    plan.interfaces.append(
      ospfInterface(
        port, area: rack.area, host.name, .host,
        bfd: AccessFeatures(host.settings, tor: rack.tors[0].system).bfd, secret: host.settings.secret,
        authenticated: authenticatedHostFamilies(host)))
    let own = host.isDrained ? [] : ownPrefixes(topology, index).map(\.prefix)
    for family in plan.families {
      let prefixes = own.filter { $0.family == family }
      guard !prefixes.isEmpty else { continue }
      let filter = filters.add(exactFilter(.hostPrefixes(host.name), family, prefixes))
      plan.accepted.append(OSPFAcceptance(interface: port, filter: filter))
    }
  }
}

/// A spine is believed about aggregates of other racks and the default route, so that no path leads down again.
private func addSpines(
  _ topology: Topology, _ rack: Rack, _ tor: ToR, _ region: Region, to plan: inout OSPFPlan,
  _ filters: inout FilterTable
) {
  for (spine, link) in zip(region.spines, tor.uplinks) {
    guard let interface = link.torInterface else { continue }
    plan.interfaces.append(fabricInterface(interface, spine.name, .spine, region, plan.families))
    for family in plan.families {
      let filter = filters.add(regionFilter(topology, region, family, except: rack))
      plan.accepted.append(OSPFAcceptance(interface: interface, filter: filter))
    }
  }
}

private func exports(
  _ topology: Topology, _ rack: Rack, _ tor: ToR, _ families: [AddressFamily], _ filters: inout FilterTable
) -> [OSPFExport] {
  let hasBGP = topology.hosts[rack.hosts].contains { $0.settings.routing == .bgp && !$0.isDrained }
  return families.compactMap { family in
    let allocations = rack.allocations.compactMap(\.self).filter { $0.aggregate.family == family }
    guard !allocations.isEmpty else { return nil }
    return OSPFExport(
      filter: filters.add(rackFilter(topology, rack, tor, family)),
      includesBGP: hasBGP && allocations.contains { $0.hostLength == $0.aggregate.length })
  }
}
