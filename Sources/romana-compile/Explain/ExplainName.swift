import Emitters
import TopologyModel

/// All things of a name: its addresses, prefixes and files. `tenant/segment` names a segment, `region/rack` a rack.
func explainName(_ name: String, _ plan: NetworkPlan) -> [Facts] {
  let topology = plan.topology
  var found: [Facts] = []
  if let device = plan.device(named: name) { found.append(explainDevice(plan.plan(device), device, topology)) }
  for (index, rack) in topology.racks.enumerated()
  where rack.name.text == name || topology.path(ofRack: index) == name {
    found.append(explainRack(index, topology))
  }
  for (index, region) in topology.regions.enumerated() where region.name.text == name {
    found.append(explainRegion(index, topology))
  }
  for (index, interconnect) in topology.interconnects.enumerated() where interconnect.name.text == name {
    found.append(explainInterconnect(index, topology))
  }
  if let tunnel = explainTunnel(name, topology) { found.append(tunnel) }
  for (index, network) in topology.networks.enumerated() where network.name.text == name {
    found.append(explainNetwork(index, topology))
  }
  for tenant in topology.tenants {
    if tenant.name.text == name { found.append(explainTenant(tenant, topology)) }
    for segment in tenant.segments where segment.name.text == name || "\(tenant.name)/\(segment.name)" == name {
      found.append(explainSegment(segment, tenant, topology))
    }
  }
  for host in topology.hosts {
    for endpoint in host.endpoints where endpoint.name.text == name {
      found.append(explainEndpoint(endpoint, host))
    }
  }
  return found
}

/// Every name that can be asked for, for near misses.
func knownNames(_ plan: NetworkPlan) -> [String] {
  let topology = plan.topology
  var names = plan.devices.map(\.name.text) + topology.racks.map(\.name.text) + topology.regions.map(\.name.text)
  names += topology.networks.map(\.name.text) + topology.tenants.map(\.name.text)
  names += topology.interconnects.flatMap { interconnect in
    [interconnect.name.text] + (interconnect.tunnels?.tunnels ?? []).map(\.interface.text)
  }
  names += topology.tenants.flatMap { tenant in tenant.segments.map { "\(tenant.name)/\($0.name)" } }
  return names + topology.hosts.flatMap(\.endpoints).map(\.name.text)
}

private func explainDevice(_ plan: DevicePlan, _ device: DeviceReference, _ topology: Topology) -> Facts {
  var facts = Facts(title: "\(plan.name) is a \(plan.role.title)")
  switch device.place {
  case .host(let index):
    let host = topology.hosts[index]
    facts.add("place", "\(topology.path(of: device.place)), id \(host.id)\(host.isDrained ? ", drained" : "")")
    for (number, network) in topology.networks.enumerated() {
      for prefix in topology.prefixes(ofHost: index, inNetwork: number) {
        facts.add("prefix", "\(prefix) in \(network.name)")
      }
    }
    for gateway in plan.gateway?.addresses ?? [] { facts.add("gateway", "\(gateway) on romana-gw") }
    facts.add("AS", host.asn.map { "\($0)" })
    for tunnel in topology.tunnelLines(ofHost: index) { facts.add("tunnel", tunnel) }
    facts.add("speaker", host.settings.routing == .static ? "none" : host.settings.speaker.rawValue)
    for endpoint in host.endpoints {
      facts.add(
        "endpoint",
        "\(endpoint.tenant)/\(endpoint.segment)/\(endpoint.name) \(endpoint.addresses.map { "\($0)" }.joined(separator: ", "))"
      )
    }
  case .tor(let rack, let position):
    addSwitch(topology.racks[rack].tors[position].device, device.place, &facts, topology)
  case .spine(let region, let index):
    addSwitch(topology.regions[region].spines[index], device.place, &facts, topology)
  case .upstream, .vpc: break
  }
  let links = topology.listLinks().filter { link in link.ends.contains { $0.name == plan.name } }
  for link in links.prefix(12) {
    guard let own = link.ends.first(where: { $0.name == plan.name }) else { continue }
    let others = link.ends.filter { $0.name != plan.name }
    let addresses = own.addresses.map { "\($0)" }.joined(separator: ", ")
    facts.add(
      "link",
      [own.interface?.text, addresses.isEmpty ? "unnumbered" : addresses].compactMap(\.self).joined(separator: " ")
        + " to " + (others.count > 3 ? "\(others.count) others" : others.map(\.name.text).joined(separator: ", ")))
  }
  if links.count > 12 { facts.add("", "and \(links.count - 12) more links") }
  facts.add("routes", "\(plan.routes.count) held by itself")
  let sessions = (plan.bgp?.sessions.count ?? 0) + (plan.ospf?.interfaces.count ?? 0)
  facts.add("sessions", "\(sessions)")
  for kind in plan.artifacts { facts.add("file", "\(plan.role.folder)/\(plan.name)/\(kind.fileName)") }
  return facts
}

private func addSwitch(
  _ device: Switch, _ place: DeviceReference.Place, _ facts: inout Facts, _ topology: Topology
) {
  facts.add("place", "\(topology.path(of: place)), id \(device.id)")
  facts.add("loopback", "\(device.loopback)")
  facts.add("AS", device.asn.map { "\($0)" })
  facts.add("system", device.system.rawValue)
  guard let rack = topology.rack(of: place) else { return }
  for (index, allocation) in topology.racks[rack].allocations.enumerated() {
    facts.add("prefix", allocation.map { "\($0.aggregate) in \(topology.networks[index].name)" })
  }
}

private func explainRack(_ index: Int, _ topology: Topology) -> Facts {
  let rack = topology.racks[index]
  var facts = Facts(title: "\(rack.name) is a rack of \(topology.regions[rack.region].name)")
  facts.add("id", "\(rack.id)")
  facts.add("access", rack.access.rawValue)
  for family in AddressFamily.allCases { facts.add("subnet", rack.subnet(family).map { "\($0)" }) }
  for (network, allocation) in rack.allocations.enumerated() {
    facts.add(
      "prefix", allocation.map { "\($0.aggregate) in \(topology.networks[network].name), a /\($0.hostLength) a host" })
  }
  facts.add("ToRs", rack.tors.map(\.name.text).joined(separator: ", "))
  let names = topology.hosts[rack.hosts].map(\.name.text)
  facts.add("hosts", "\(names.count): \(names.prefix(8).joined(separator: ", "))\(names.count > 8 ? " …" : "")")
  return facts
}

private func explainRegion(_ index: Int, _ topology: Topology) -> Facts {
  let region = topology.regions[index]
  var facts = Facts(title: "\(region.name) is a region")
  facts.add("id", "\(region.id)")
  facts.add("routing", region.routing.rawValue)
  for (network, allocation) in region.allocations.enumerated() {
    facts.add("prefix", allocation.map { "\($0.prefix) in \(topology.networks[network].name)" })
  }
  for line in topology.reaches(fromRegion: index) { facts.add("reaches", line) }
  facts.add("spines", region.spines.map(\.name.text).joined(separator: ", "))
  let hosts = topology.racks[region.racks].reduce(0) { $0 + $1.hosts.count }
  facts.add("racks", "\(region.racks.count), \(counted(hosts, "host"))")
  return facts
}

private func explainNetwork(_ index: Int, _ topology: Topology) -> Facts {
  let network = topology.networks[index]
  let layout = network.layout
  var facts = Facts(title: "\(network.name) is a network")
  facts.add("prefix", "\(network.prefix)")
  facts.add(
    "bits",
    (layout.topology.map { "region \($0.region), rack \($0.rack), host \($0.host)" } ?? "carved")
      + (layout.block.map { ", blocks of /\($0)" } ?? ", tenant \(layout.tenant), segment \(layout.segment)")
      + ", endpoint \(layout.endpoint)")
  facts.add("excluded", network.excluded.map { "\($0)" }.joined(separator: ", "))
  let tenants = topology.tenants.filter { $0.networks.contains(index) }
  facts.add("tenants", tenants.map(\.name.text).joined(separator: ", "))
  facts.add("racks", "\(topology.racks.count { $0.allocations[index] != nil })")
  return facts
}

private func explainTenant(_ tenant: Tenant, _ topology: Topology) -> Facts {
  var facts = Facts(title: "\(tenant.name) is a tenant")
  facts.add("id", "\(tenant.id)")
  facts.add("isolation", tenant.isolation.rawValue)
  facts.add("egress", tenant.egress.rawValue)
  facts.add("segments", tenant.segments.map { "\($0.name) (id \($0.id))" }.joined(separator: ", "))
  for index in tenant.networks {
    let match = topology.networks[index].tagged?.match(tenant: tenant.id)
    facts.add(
      "addresses", "\(match.map { "\($0.value)/\($0.maskAddress)" } ?? "blocks") in \(topology.networks[index].name)")
  }
  return facts
}

private func explainSegment(_ segment: Segment, _ tenant: Tenant, _ topology: Topology) -> Facts {
  var facts = Facts(title: "\(tenant.name)/\(segment.name) is a segment")
  facts.add("id", "\(segment.id)")
  for index in tenant.networks {
    let match = topology.networks[index].tagged?.match(tenant: tenant.id, segment: segment.id)
    facts.add(
      "addresses", "\(match.map { "\($0.value)/\($0.maskAddress)" } ?? "blocks") in \(topology.networks[index].name)")
  }
  let listed = topology.hosts.flatMap { host in
    host.endpoints.filter { $0.tenant == tenant.name && $0.segment == segment.name }.map {
      "\($0.name) on \(host.name)"
    }
  }
  facts.add("endpoints", listed.prefix(8).joined(separator: ", "))
  return facts
}

private func explainEndpoint(_ endpoint: Endpoint, _ host: Host) -> Facts {
  var facts = Facts(title: "\(endpoint.name) is an endpoint of \(endpoint.tenant)/\(endpoint.segment)")
  facts.add("host", host.name.text)
  facts.add("interface", endpoint.interface?.text)
  for address in endpoint.addresses { facts.add("address", "\(address)") }
  return facts
}
