import TopologyModel

/// What an address is in a topology: whose endpoint's, a gateway's, a device's, or nobody's and why.
func explainAddress(_ address: Address, _ topology: Topology) -> Facts {
  let explainer = AddressExplainer(topology: topology, address: address)
  return explainer.device() ?? explainer.inNetwork() ?? explainer.elsewhere()
}

private struct AddressExplainer {
  let topology: Topology
  let address: Address
  private var family: AddressFamily { address.family }

  init(topology: Topology, address: Address) { (self.topology, self.address) = (topology, address) }

  /// An address of a device on a link, or a loopback.
  func device() -> Facts? {
    for link in topology.listLinks() {
      guard let end = link.ends.first(where: { $0.addresses.contains(address) }) else { continue }
      var facts = Facts(title: "\(address) is an address of \(end.name)")
      facts.add("device", "\(end.place.role.title) \(end.name) in \(topology.path(of: end.place))")
      facts.add("interface", end.interface?.text)
      let prefix = Prefix(containing: address, length: link.length(family))
      let others = link.ends.filter { $0.name != end.name }
      facts.add(
        link.isSegment ? "segment" : "link",
        "\(prefix), with \(others.prefix(4).map { "\($0.name)\($0.address(family).map { " \($0)" } ?? "")" }.joined(separator: ", "))"
          + (others.count > 4 ? " and \(others.count - 4) more" : ""))
      facts.add("MTU", link.mtu.map { "\($0)" })
      return facts
    }
    return loopback() ?? explainTunnelAddress(address, topology)
  }

  private func loopback() -> Facts? {
    for (index, region) in topology.regions.enumerated() {
      for (number, spine) in region.spines.enumerated() where spine.loopback == address {
        var facts = Facts(title: "\(address) is the loopback of \(spine.name)")
        facts.add("device", "spine \(spine.name) in \(topology.path(of: .spine(index, number)))")
        return facts
      }
    }
    for (index, rack) in topology.racks.enumerated() {
      for (number, tor) in rack.tors.enumerated() where tor.device.loopback == address {
        var facts = Facts(title: "\(address) is the loopback of \(tor.name)")
        facts.add("device", "ToR \(tor.name) in \(topology.path(of: .tor(index, number)))")
        return facts
      }
    }
    return nil
  }

  func inNetwork() -> Facts? {
    guard let index = topology.networks.firstIndex(where: { $0.prefix.contains(address) }) else { return nil }
    let network = topology.networks[index]
    var facts = Facts(title: "")
    facts.add("network", "\(network.name) \(network.prefix)")
    if let excluded = network.excluded.first(where: { $0.contains(address) }) {
      facts.add("excluded", "\(excluded): nothing there is ever given out")
    }
    let region = topology.regions.firstIndex { $0.allocations[index]?.prefix.contains(address) ?? false }
    let rack = topology.racks.firstIndex { $0.allocations[index]?.aggregate.contains(address) ?? false }
    if let region = rack.map({ topology.racks[$0].region }) ?? region {
      facts.add(
        "region",
        "\(topology.regions[region].name) \(topology.regions[region].allocations[index].map { "\($0.prefix)" } ?? "")")
    }
    guard let rack else {
      facts.title = "\(address) is nobody's: it is in no rack's part of \(network.name)"
      return facts
    }
    facts.add(
      "rack", "\(topology.racks[rack].name) \(topology.racks[rack].allocations[index].map { "\($0.aggregate)" } ?? "")")
    let host = topology.racks[rack].hosts.first { host in
      topology.prefixes(ofHost: host, inNetwork: index).contains { $0.contains(address) }
    }
    guard let host,
      let prefix = topology.prefixes(ofHost: host, inNetwork: index).first(where: { $0.contains(address) })
    else {
      facts.title = "\(address) is nobody's: no host of \(topology.racks[rack].name) has it"
      return facts
    }
    facts.add("host", "\(topology.hosts[host].name) \(prefix)\(topology.hosts[host].isDrained ? ", drained" : "")")
    owner(&facts, host, prefix, index)
    return facts
  }

  private func owner(_ facts: inout Facts, _ host: Int, _ prefix: Prefix, _ index: Int) {
    let (network, name) = (topology.networks[index], topology.hosts[host].name)
    if topology.gateway(ofHost: host, inNetwork: index) == address {
      facts.title = "\(address) is the gateway address of the endpoints on \(name)"
      return
    }
    guard let tagged = network.tagged else { return inBlock(&facts, host, prefix, index) }
    func field(_ shift: Int, _ width: Int) -> Int {
      Int(truncatingIfNeeded: (address.bits >> UInt128(shift)) & lowBits(min(width, 62)))
    }
    let layout = network.layout
    let endpoint = field(0, layout.endpoint)
    let segmentID = field(layout.endpoint, layout.segment)
    let tenantID = field(layout.endpoint + layout.segment, layout.tenant)
    guard tagged.endpoints(in: prefix).matches(address) else {
      facts.title = "\(address) is nobody's: bits above the tenant's are set"
      return
    }
    guard tenantID != 0 else {
      facts.title = "\(address) belongs to the host \(name) itself (tenant 0)"
      return
    }
    guard let tenant = topology.tenants.first(where: { $0.id == tenantID && $0.networks.contains(index) }) else {
      facts.title = "\(address) is nobody's: \(network.name) has no tenant of id \(tenantID)"
      return
    }
    let match = tagged.match(tenant: tenantID)
    facts.add("tenant", "\(tenant.name), id \(tenantID): \(match.value)/\(match.maskAddress)")
    guard let segment = tenant.segments.first(where: { $0.id == segmentID }) else {
      facts.title = "\(address) is nobody's: \(tenant.name) has no segment of id \(segmentID)"
      return
    }
    let own = tagged.match(tenant: tenantID, segment: segmentID)
    facts.add("segment", "\(segment.name), id \(segmentID): \(own.value)/\(own.maskAddress)")
    endpointLine(&facts, host, tenant.name, segment.name, endpoint)
  }

  private func inBlock(_ facts: inout Facts, _ host: Int, _ prefix: Prefix, _ index: Int) {
    let name = topology.hosts[host].name
    guard let block = topology.hosts[host].blocks.first(where: { $0.network == index && $0.prefix == prefix }) else {
      facts.title = "\(address) is nobody's"
      return
    }
    guard let owner = block.owner else {
      facts.title = "\(address) belongs to the host \(name) itself"
      return
    }
    facts.add("block", "\(block.prefix), number \(block.number)")
    facts.add("tenant", "\(owner.tenant), id \(owner.tenantID)")
    facts.add("segment", "\(owner.segment), id \(owner.segmentID)")
    let width = topology.networks[index].layout.endpoint
    let number = block.number << width + Int(truncatingIfNeeded: address.bits & lowBits(width))
    endpointLine(&facts, host, owner.tenant, owner.segment, number)
  }

  private func endpointLine(_ facts: inout Facts, _ host: Int, _ tenant: Name, _ segment: Name, _ number: Int) {
    let name = topology.hosts[host].name
    if let listed = topology.hosts[host].endpoints.first(where: { $0.addresses.contains(address) }) {
      facts.title = "\(address) is the endpoint \(listed.name) of \(tenant)/\(segment) on \(name)"
      facts.add("endpoint", "\(listed.name), id \(number)\(listed.interface.map { ", on \($0)" } ?? "")")
      return
    }
    facts.title =
      number < 3
      ? "\(address) is reserved in \(tenant)/\(segment) on \(name)"
      : "\(address) is an endpoint of \(tenant)/\(segment) on \(name)"
    facts.add("endpoint", number < 3 ? "id \(number): the ids 0 to 2 are reserved" : "id \(number)")
  }

  /// In the underlay, or outside of the fabric.
  func elsewhere() -> Facts {
    if let rack = topology.racks.firstIndex(where: { $0.subnet(family)?.contains(address) ?? false }) {
      var facts = Facts(title: "\(address) is nobody's: it is in the subnet of \(topology.path(ofRack: rack))")
      facts.add("subnet", topology.racks[rack].subnet(family).map { "\($0)" })
      return facts
    }
    if let block = topology.underlay.first(where: { $0.contains(address) }) {
      var facts = Facts(title: "\(address) is in a block of the fabric's own devices, and no device has it")
      facts.add("block", "\(block)")
      return facts
    }
    var facts = Facts(title: "\(address) is outside of the fabric")
    let policies = topology.policies.filter { policy in
      (policy.from + policy.to).contains { peer in
        if case .cidr(let prefix) = peer { return prefix.contains(address) }
        return false
      }
    }
    facts.add("policies", policies.map(\.name.text).joined(separator: ", "))
    return facts
  }
}
