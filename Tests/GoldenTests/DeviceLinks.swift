import TopologyModel

/// The interfaces that a device has in a test, with the addresses that the operating system's installer would give them.
struct DeviceLinks {
  /// Interface and addresses, e.g. `eth0 172.16.1.1/31 fd00:16:1::1/127`.
  var words: [String] = []

  init(_ device: DevicePlan, in topology: Topology) {
    switch device.role {
    case .host: addHost(topology.hosts.first { $0.name == device.name }, device)
    case .tor: addToR(topology.racks.first { $0.tor.name == device.name }, topology)
    case .spine: addSpine(device.name, topology)
    }
  }

  private mutating func add(_ name: String, _ addresses: [Address?]) {
    let texts = addresses.compactMap { address in address.map { "\($0)/\($0.family == .ipv4 ? 31 : 127)" } }
    words.append(([name] + texts).joined(separator: " "))
  }

  private mutating func addHost(_ host: Host?, _ device: DevicePlan) {
    guard let host else { return }
    add(host.settings.interface.text, [host.address, host.address6])
    for endpoint in host.endpoints { if let interface = endpoint.interface { add(interface.text, []) } }
  }

  private mutating func addToR(_ rack: Rack?, _ topology: Topology) {
    guard let rack else { return }
    for (index, host) in topology.hosts[rack.hosts].enumerated() {
      add("p\(index)", [host.torAddress(.ipv4), host.torAddress(.ipv6)])
    }
    for (index, link) in rack.uplinks.enumerated() {
      add("up\(index)", [link.torAddress(.ipv4), link.torAddress(.ipv6)])
    }
  }

  private mutating func addSpine(_ name: Name, _ topology: Topology) {
    for region in topology.regions {
      guard let index = region.spines.firstIndex(where: { $0.name == name }) else { continue }
      for (number, rack) in topology.racks[region.racks].enumerated() {
        add("p\(number)", [rack.uplinks[index].spineAddress(.ipv4), rack.uplinks[index].spineAddress(.ipv6)])
      }
    }
  }
}

extension Example {
  /// Devices for tests that take a while: all of a small example, of a large one the first and last host, and all
  /// switches.
  func sample(_ role: DeviceRole) -> [DevicePlan] {
    let all = devices(role)
    guard role == .host, all.count > 20 else { return all }
    return [all[0], all[all.count / 2], all[all.count - 1]]
  }

  func folder(_ device: DevicePlan) -> String {
    golden.appending("\(device.role.folder)").appending(device.name.text).string
  }
}
