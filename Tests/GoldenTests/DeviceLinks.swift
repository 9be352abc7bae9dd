import TopologyModel

/// The interfaces that a device has in a test, with the addresses that the operating system's installer would give them.
struct DeviceLinks {
  /// Interface and addresses, e.g. `eth0 172.16.1.1/31 fd00:16:1::1/127`.
  var words: [String] = []

  init(_ device: DevicePlan, in topology: Topology) {
    for link in topology.listLinks() {
      guard let end = link.ends.first(where: { $0.name == device.name }) else { continue }
      let texts = end.addresses.map { "\($0)/\(link.length($0.family))" }
      words.append(([end.interface?.text ?? "p\(words.count)"] + texts).joined(separator: " "))
    }
    for endpoint in topology.hosts.first(where: { $0.name == device.name })?.endpoints ?? [] {
      if let interface = endpoint.interface { words.append(interface.text) }
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
