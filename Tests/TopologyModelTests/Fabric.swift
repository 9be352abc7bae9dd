/// A topology as tests build and change it; `text` writes it as a user would.
struct Fabric {
  struct Network {
    var name: String
    var cidr: String
    var bits: String
    var extra = ""
  }
  struct Tenant {
    var name: String
    var segments: [String]
    var extra = ""
  }
  struct Host {
    var name: String
    var extra = ""
  }
  struct Rack {
    var name: String
    var subnet: String
    /// Empty: none.
    var tor: String
    var loopback: String
    var hosts: [Host]
    var extra = ""
    var torExtra = ""
    /// A second ToR: its name and loopback.
    var secondToR: String?
  }
  struct Spine {
    var name: String
    var loopback: String
    var extra = ""
  }
  struct Region {
    var name: String
    var linkPool: String
    var spines: [Spine]
    var racks: [Rack]
    var extra = ""
  }

  var name = "paris"
  var extra = ""
  var networks: [Network]
  var tenants: [Tenant]
  var regions: [Region]

  var text: String {
    var text = "romana: 1\nfabric: \(name)\n\(extra)"
    text += "networks:\n"
    for network in networks {
      text +=
        "  - { name: \(network.name), cidr: \"\(network.cidr)\", bits: { \(network.bits) }\(more(network.extra)) }\n"
    }
    text += tenants.isEmpty ? "" : "tenants:\n"
    for tenant in tenants {
      text +=
        "  - { name: \(tenant.name), segments: [\(tenant.segments.joined(separator: ", "))]\(more(tenant.extra)) }\n"
    }
    text += regions.isEmpty ? "" : "regions:\n"
    for region in regions { text += write(region) }
    return text
  }

  private func write(_ region: Region) -> String {
    var text = "  - name: \(region.name)\n    \(region.linkPool)\n"
    if !region.extra.isEmpty { text += "    \(region.extra)\n" }
    text += region.spines.isEmpty ? "" : "    spines:\n"
    for spine in region.spines {
      text += "      - { name: \(spine.name), loopback: \(spine.loopback)\(more(spine.extra)) }\n"
    }
    text += region.racks.isEmpty ? "" : "    racks:\n"
    for rack in region.racks {
      text += "      - name: \(rack.name)\n        \(rack.subnet)\n"
      if !rack.tor.isEmpty {
        let second = more(rack.secondToR ?? "")
        text += "        tors: [{ name: \(rack.tor), loopback: \(rack.loopback)\(more(rack.torExtra)) }\(second)]\n"
      }
      if !rack.extra.isEmpty { text += "        \(rack.extra)\n" }
      text += rack.hosts.isEmpty ? "" : "        hosts:\n"
      for host in rack.hosts { text += "          - { name: \(host.name)\(more(host.extra)) }\n" }
    }
    return text
  }

  private func more(_ extra: String) -> String { extra.isEmpty ? "" : ", \(extra)" }

  /// Two racks of two hosts, two spines, one network with a fixed layout and one of prefix groups.
  static var sample: Fabric {
    Fabric(
      networks: [
        Network(
          name: "pods", cidr: "10.0.0.0/9",
          bits: "region: 1, rack: 3, host: 6, tenant: 5, segment: 3, endpoint: 5"),
        Network(
          name: "lab", cidr: "10.128.0.0/12", bits: "tenant: 3, segment: 2, endpoint: 4",
          extra: "capacity: { racks: 8, hosts: 16 }"),
      ],
      tenants: [Tenant(name: "acme", segments: ["web", "db"]), Tenant(name: "qa", segments: ["build"])],
      regions: [
        Region(
          name: "dc1", linkPool: "link_pool: 172.31.0.0/24",
          spines: [
            Spine(name: "spine1", loopback: "192.0.2.201"), Spine(name: "spine2", loopback: "192.0.2.202"),
          ],
          racks: [rack(1, hosts: ["h1", "h2"]), rack(2, hosts: ["h3", "h4"])])
      ])
  }

  static func rack(_ number: Int, hosts: [String]) -> Rack {
    Rack(
      name: "rack\(number)", subnet: "subnet: 172.16.\(number).0/24", tor: "tor\(number)",
      loopback: "192.0.2.\(number)", hosts: hosts.map { Host(name: $0) })
  }

  /// The same things in another order.
  func shuffled(_ generator: inout SeededGenerator) -> Fabric {
    var copy = self
    copy.networks.shuffle(using: &generator)
    copy.tenants.shuffle(using: &generator)
    for tenant in copy.tenants.indices { copy.tenants[tenant].segments.shuffle(using: &generator) }
    copy.regions.shuffle(using: &generator)
    for region in copy.regions.indices {
      copy.regions[region].spines.shuffle(using: &generator)
      copy.regions[region].racks.shuffle(using: &generator)
      for rack in copy.regions[region].racks.indices {
        copy.regions[region].racks[rack].hosts.shuffle(using: &generator)
      }
    }
    return copy
  }
}
