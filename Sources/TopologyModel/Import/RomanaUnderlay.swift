/// Gives the racks of an imported topology the subnets of their hosts, which Romana does not know, and the regions what routes
/// between them.
struct RomanaUnderlay {
  private let options: TopologyImportOptions
  private let origins: [[RomanaGroup]]

  /// - Parameter origins: the group of each rack of each region.
  init(_ options: TopologyImportOptions, _ origins: [[RomanaGroup]]) {
    (self.options, self.origins) = (options, origins)
  }

  func settle(_ topology: inout ImportedTopology, _ diagnostics: inout Diagnostics) {
    checkPlaces(topology, &diagnostics)
    // One message tells it for all hosts.
    if options.subnets.isEmpty, let host = origins.joined().flatMap(\.hosts).first {
      diagnostics.add(.romanaWithoutSubnet(host, isAnyGiven: false))
      return
    }
    var owners: [Prefix: Int] = [:]
    for region in topology.regions.indices {
      var first: (subnet: Prefix, rack: Int)?
      addRouters(to: &topology.regions[region], isOnly: topology.regions.count == 1)
      for rack in topology.regions[region].racks.indices {
        let group = origins[region][rack]
        let found = subnet(
          topology.regions[region].racks[rack], in: topology.regions[region].name, group, &diagnostics)
        topology.regions[region].racks[rack].subnet = found
        guard let found, !group.hosts.isEmpty else { continue }
        if let owner = owners.updateValue(region, forKey: found), owner != region {
          diagnostics.addOnce(
            .romanaSharedByRegions(group, found, topology.regions[owner].name, topology.regions[region].name))
        }
        if let known = first, known.subnet != found, topology.regions[region].routers.isEmpty {
          diagnostics.addOnce(
            .romanaSubnetsApart(group, found, origins[region][known.rack], known.subnet, topology.regions[region].name))
        }
        first = first ?? (found, rack)
      }
    }
  }

  private func addRouters(to region: inout ImportedRegion, isOnly: Bool) {
    region.routers = options.routers.filter { $0.region == nil ? isOnly : $0.region == region.name.text }.map(\.router)
  }

  /// Reports places that there are not.
  private func checkPlaces(_ topology: ImportedTopology, _ diagnostics: inout Diagnostics) {
    let regions = topology.regions.map(\.name.text)
    let racks = topology.regions.flatMap { region in
      region.racks.flatMap { ["\(region.name)/\($0.name)", $0.name.text] }
    }
    for place in options.subnets.compactMap(\.place) where !(regions + racks).contains(place) {
      diagnostics.add(.romanaUnknownPlace("--subnet", place, regions + racks))
    }
    for router in options.routers {
      if let region = router.region {
        if !regions.contains(region) { diagnostics.add(.romanaUnknownPlace("--router", region, regions)) }
      } else if regions.count > 1 {
        diagnostics.add(.romanaRouterWithoutRegion(router.router.name, regions))
      }
    }
  }

  private func subnet(
    _ rack: ImportedRack, in region: Name, _ group: RomanaGroup, _ diagnostics: inout Diagnostics
  ) -> Prefix? {
    func named(_ place: String) -> Prefix? { options.subnets.first { $0.place == place }?.prefix }
    let unnamed = options.subnets.filter { $0.place == nil }.map(\.prefix)
    if let prefix = named("\(region)/\(rack.name)") ?? named(rack.name.text) ?? named(region.text) {
      for host in group.hosts where !prefix.contains(host.address.value) {
        diagnostics.add(.romanaOutsideSubnet(host, prefix, group))
      }
      return prefix
    }
    // A group without hosts may be anywhere, unless there is one place only.
    guard !group.hosts.isEmpty else { return options.subnets.count == 1 && origins.count == 1 ? unnamed.first : nil }
    var subnets: [(prefix: Prefix, host: RomanaHost)] = []
    for host in group.hosts {
      guard let prefix = unnamed.filter({ $0.contains(host.address.value) }).max(by: { $0.length < $1.length }) else {
        diagnostics.addOnce(.romanaWithoutSubnet(host, isAnyGiven: true))
        continue
      }
      if !subnets.contains(where: { $0.prefix == prefix }) { subnets.append((prefix, host)) }
    }
    if subnets.count > 1 { diagnostics.add(.romanaGroupOnTwoSubnets(group, subnets[0], subnets[1])) }
    return subnets.first?.prefix
  }
}
