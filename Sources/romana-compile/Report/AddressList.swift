import TopologyModel

/// An address or prefix of a device, and what it is.
struct DeviceAddress: Sendable, Hashable {
  var address: String
  var meaning: String
  var network = ""
  var tenant = ""
  var segment = ""
}

/// All addresses and prefixes of devices: of each its own first, then those of its endpoints.
struct AddressList {
  private let topology: Topology
  /// The links of switches.
  private let links: [DeviceReference.Place: [FabricLink]]

  init(_ topology: Topology) {
    self.topology = topology
    var links: [DeviceReference.Place: [FabricLink]] = [:]
    for link in topology.listLinks() {
      for end in link.ends {
        if case .host = end.place { continue }
        links[end.place, default: []].append(link)
      }
    }
    self.links = links
  }

  subscript(device: DeviceReference) -> [DeviceAddress] {
    switch device.place {
    case .host(let index): hostAddresses(topology, index)
    case .tor(let rack, let position): switchAddresses(topology.racks[rack].tors[position].device, device)
    case .spine(let region, let spine): switchAddresses(topology.regions[region].spines[spine], device)
    case .upstream, .vpc: []
    }
  }

  private func switchAddresses(_ device: Switch, _ reference: DeviceReference) -> [DeviceAddress] {
    [DeviceAddress(address: "\(device.loopback)", meaning: "loopback")]
      + linkAddresses(links[reference.place] ?? [], reference)
  }
}

private func hostAddresses(_ topology: Topology, _ index: Int) -> [DeviceAddress] {
  let host = topology.hosts[index]
  var found: [DeviceAddress] = []
  for link in host.links {
    for address in [link.address, link.address6].compactMap(\.self) {
      let meaning = link.isUnnumbered ? "of the host itself" : "on \(link.interface)"
      found.append(DeviceAddress(address: "\(address)", meaning: meaning))
    }
  }
  for (number, network) in topology.networks.enumerated() {
    if let gateway = topology.gateway(ofHost: index, inNetwork: number) {
      found.append(DeviceAddress(address: "\(gateway)", meaning: "gateway of endpoints", network: network.name.text))
    }
    if network.isDividedIntoBlocks {
      for block in host.blocks where block.network == number {
        found.append(
          DeviceAddress(
            address: "\(block.prefix)", meaning: "block", network: network.name.text,
            tenant: block.owner?.tenant.text ?? "", segment: block.owner?.segment.text ?? ""))
      }
    } else if let prefix = topology.prefix(ofHost: index, inNetwork: number) {
      found.append(DeviceAddress(address: "\(prefix)", meaning: "endpoints", network: network.name.text))
    }
  }
  for endpoint in host.endpoints {
    found += endpoint.addresses.map {
      DeviceAddress(
        address: "\($0)", meaning: "endpoint \(endpoint.name)", tenant: endpoint.tenant.text,
        segment: endpoint.segment.text)
    }
  }
  return found
}

private func linkAddresses(_ links: [FabricLink], _ device: DeviceReference) -> [DeviceAddress] {
  var addresses: [DeviceAddress] = []
  for link in links {
    guard let own = link.ends.first(where: { $0.place == device.place }) else { continue }
    let others = link.ends.filter { $0.place != device.place }.map(\.name.text)
    let towards = others.count > 2 ? "\(others.count) devices on a segment" : others.joined(separator: ", ")
    addresses += own.addresses.map { DeviceAddress(address: "\($0)", meaning: "towards \(towards)") }
  }
  return addresses
}

/// Every address of the fabric as a table (RFC 4180), in the order of the output tree. Names hold no comma and no quote.
func renderAddressTable(_ plan: NetworkPlan) -> String {
  var text = "device,role,region,rack,address,meaning,network,tenant,segment\r\n"
  let topology = plan.topology
  let addresses = AddressList(topology)
  for device in plan.devices {
    let region = topology.regions[topology.region(of: device.place)].name
    let rack = topology.rack(of: device.place).map { topology.racks[$0].name }
    for item in addresses[device] {
      let columns = [
        device.name.text, "\(device.role.name)", region.text, rack?.text ?? "", item.address, item.meaning,
        item.network, item.tenant, item.segment,
      ]
      text += columns.map(quotedIfNeeded).joined(separator: ",") + "\r\n"
    }
  }
  return text
}

private func quotedIfNeeded(_ text: String) -> String { text.contains(",") ? "\"\(text)\"" : text }
