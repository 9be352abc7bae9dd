/// Topologies that are mostly right, made from a seed.
extension Fabric {
  static func random(_ generator: inout SeededGenerator) -> Fabric {
    var fabric = Fabric(networks: [], tenants: [], regions: [])
    fabric.networks = [fixedNetwork(&generator)]
    if Bool.random(using: &generator) { fabric.networks.append(groupNetwork(&generator)) }
    if Bool.random(using: &generator) {
      fabric.networks.append(
        .init(
          name: "pods6", cidr: "fd00:10::/32",
          bits: "region: 4, rack: 12, host: 16, tenant: 8, segment: 8, endpoint: 48"))
    }
    if Bool.random(using: &generator) {
      fabric.networks.append(
        .init(
          name: "lab6", cidr: "fd00:20::/32", bits: "tenant: 8, segment: 8, endpoint: 48",
          extra: "capacity: { racks: 16, hosts: 16 }"))
    }
    for tenant in 1...Int.random(in: 1...4, using: &generator) {
      let segments = (1...Int.random(in: 1...3, using: &generator)).map { "s\($0)" }
      fabric.tenants.append(.init(name: "t\(tenant)", segments: segments))
    }
    for region in 0..<Int.random(in: 0...2, using: &generator) {
      fabric.regions.append(randomRegion(region, &generator))
    }
    return fabric
  }

  private static func fixedNetwork(_ generator: inout SeededGenerator) -> Network {
    let region = Int.random(in: 1...2, using: &generator)
    let rack = Int.random(in: 3...4, using: &generator)
    let host = Int.random(in: 4...6, using: &generator)
    let endpoint = 23 - region - rack - host - 6
    let exclusions = ["", "exclude: [10.32.0.0/11]", "exclude: [10.0.0.0/24, 10.1.0.0/20, 10.64.0.0/12]"]
    return Network(
      name: "pods", cidr: "10.0.0.0/9",
      bits: "region: \(region), rack: \(rack), host: \(host), tenant: 3, segment: 3, endpoint: \(endpoint)",
      extra: exclusions.randomElement(using: &generator)!)
  }

  private static func groupNetwork(_ generator: inout SeededGenerator) -> Network {
    let options = [
      "", "capacity: { racks: 8, hosts: 16 }", "exclude: [10.128.0.0/16, 10.129.4.0/22]",
      "capacity: { hosts: 8 }, exclude: [10.143.0.0/16]",
    ]
    return Network(
      name: "lab", cidr: "10.128.0.0/12", bits: "tenant: 3, segment: 2, endpoint: 4",
      extra: options.randomElement(using: &generator)!)
  }

  private static func randomRegion(_ index: Int, _ generator: inout SeededGenerator) -> Region {
    var region = Region(
      name: "dc\(index)", linkPool: "link_pool: 172.31.\(index).0/24\n    link_pool6: \"2001:db8:31:\(index)::/64\"",
      spines: [], racks: [])
    for spine in 0..<Int.random(in: 1...3, using: &generator) {
      region.spines.append(.init(name: "dc\(index)s\(spine)", loopback: "192.0.2.\(100 + index * 10 + spine)"))
    }
    for rack in 0..<Int.random(in: 0...4, using: &generator) {
      region.racks.append(randomRack(index, rack, &generator))
    }
    return region
  }

  static func randomRack(_ region: Int, _ number: Int, _ generator: inout SeededGenerator) -> Rack {
    let hosts = (0..<Int.random(in: 0...5, using: &generator)).map { host in
      Host(name: "dc\(region)r\(number)h\(host)", extra: ["", "", "state: drained"].randomElement(using: &generator)!)
    }
    return Rack(
      name: "rack\(number)",
      subnet: "subnet: 172.\(16 + region).\(number).0/24\n        subnet6: \"2001:db8:16:\(region)\(number)::/64\"",
      tor: "dc\(region)t\(number)", loopback: "192.0.2.\(region * 40 + number)", hosts: hosts)
  }

  /// Gives racks a second ToR; the hosts of all others stay as they are. BGP everywhere.
  mutating func makeDualHomed(_ generator: inout SeededGenerator) {
    extra = "allow: [RC0506]\ndefaults: { default_route: \(["own", "none"].randomElement(using: &generator)!) }\n"
    for region in regions.indices {
      for rack in regions[region].racks.indices where Int.random(in: 0..<3, using: &generator) > 0 {
        let name = regions[region].racks[rack].tor
        let loopback = "198.51.100.\(region * 40 + rack)"
        regions[region].racks[rack].secondToR = "{ name: \(name)b, loopback: \(loopback) }"
        let pair = regions[region].spines.count > 1 && Bool.random(using: &generator) ? "spines" : "link"
        let speaker = ["bird", "bird1", "frr", "quagga"].randomElement(using: &generator)!
        // Either a link to each, or both ToRs on the hosts' segment.
        regions[region].racks[rack].extra =
          Int.random(in: 0..<3, using: &generator) == 0
          ? "access: l2\n        speaker: \(speaker)"
          : "interface: [eth0, eth1]\n        speaker: \(speaker)\n        pair: \(pair)"
      }
    }
  }

  /// Adds or removes something, as time does with a fabric.
  mutating func change(_ generator: inout SeededGenerator, step: Int) {
    guard !regions.isEmpty else {
      regions.append(Self.randomRegion(0, &generator))
      return
    }
    let region = Int.random(in: regions.indices, using: &generator)
    switch Int.random(in: 0...6, using: &generator) {
    case 0: tenants.append(.init(name: "x\(step)", segments: ["a", "b"]))
    case 1: if tenants.count > 1 { tenants.remove(at: Int.random(in: tenants.indices, using: &generator)) }
    case 2: regions[region].racks.append(Self.randomRack(region, 5 + step % 30, &generator))
    case 3:
      if let rack = regions[region].racks.indices.randomElement(using: &generator) {
        regions[region].racks.remove(at: rack)
      }
    case 4:
      if let rack = regions[region].racks.indices.randomElement(using: &generator) {
        regions[region].racks[rack].hosts.append(.init(name: "n\(step)"))
      }
    case 5:
      if let rack = regions[region].racks.indices.randomElement(using: &generator),
        let host = regions[region].racks[rack].hosts.indices.randomElement(using: &generator)
      {
        regions[region].racks[rack].hosts.remove(at: host)
      }
    default: regions[region].spines.append(.init(name: "ns\(step)", loopback: "198.51.100.\(step)"))
    }
  }
}
