import TopologyModel

extension MoveFinder {
  /// Loopbacks of switches, subnets of racks, and the addresses of hosts on their links.
  mutating func findDevices() {
    for region in regions {
      let present = new.regions[region.new]
      findLoopbacks(old.regions[region.old].spines, present.spines, present.name.text)
    }
    for rack in racks {
      let (former, present) = (old.racks[rack.old], new.racks[rack.new])
      findLoopbacks(former.tors.map(\.device), present.tors.map(\.device), new.path(ofRack: rack.new))
      for family in AddressFamily.allCases {
        guard let was = former.subnet(family), let now = present.subnet(family), was != now else { continue }
        let place = new.regions[present.region].name.text
        add(.subnet, present.name.text, place, nil, "\(was)", "\(now)", hosts: present.hosts.count)
      }
    }
    findSpineLinks()
    findHostLinks()
  }

  private mutating func findHostLinks() {
    /// Racks of the newer side, by family, whose whole subnet moved: that was said.
    let moved = AddressFamily.allCases.map { family in
      Set(
        racks.filter { rack in
          let (was, now) = (old.racks[rack.old].subnet(family), new.racks[rack.new].subnet(family))
          return was != nil && now != nil && was != now
        }
        .map(\.new))
    }
    for host in hosts {
      let (former, present) = (old.hosts[host.old], new.hosts[host.new])
      guard former.links != present.links else { continue }
      let place = new.path(ofRack: present.rack)
      let stays = old.path(ofRack: former.rack) == place
      for family in AddressFamily.allCases where !(stays && moved[Int(family.rawValue)].contains(present.rack)) {
        for (link, was) in zip(present.links, former.links) {
          guard let before = was.address(family), let after = link.address(family), before != after else { continue }
          add(.link, "\(present.name) \(link.interface)", place, nil, "\(before)", "\(after)", hosts: 1)
        }
      }
    }
  }

  private mutating func findLoopbacks(_ old: [Switch], _ new: [Switch], _ place: String) {
    let former = Dictionary(old.map { ($0.name, $0.loopback) }) { first, _ in first }
    for device in new {
      guard let was = former[device.name], was != device.loopback else { continue }
      add(.loopback, device.name.text, place, nil, "\(was)", "\(device.loopback)", hosts: 0)
    }
  }

  private mutating func findSpineLinks() {
    for rack in racks {
      let (former, present) = (old.racks[rack.old], new.racks[rack.new])
      let spines = old.regions[former.region].spines.map(\.name)
      for tor in present.tors {
        guard let previous = former.tors.first(where: { $0.name == tor.name }) else { continue }
        for (spine, link) in zip(new.regions[present.region].spines, tor.uplinks) {
          guard let index = spines.firstIndex(of: spine.name), index < previous.uplinks.count else { continue }
          for family in AddressFamily.allCases {
            guard let was = previous.uplinks[index].prefix(family), let now = link.prefix(family), was != now
            else { continue }
            let place = new.path(ofRack: rack.new)
            add(.link, "\(tor.name)--\(spine.name)", place, nil, "\(was)", "\(now)", hosts: 0)
          }
        }
      }
    }
  }
}
