import TopologyModel

/// Where everything stands in the picture of a fabric, in pixels: regions one below the other, in each the upstreams, the spines,
/// a line that stands for all links between spines and racks, and rows of racks.
struct PictureLayout {
  struct Box {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
    var center: Int { x + width / 2 }
    var bottom: Int { y + height }
  }

  struct Cell {
    var name: String
    var box: Box
    /// Empty where there is no room for it; the tip has it.
    var label: String
    var tip: String
    /// Classes of the style sheet.
    var style: String
  }

  struct RackBox {
    var box: Box
    var title: String
    var tip: String
    var tors: [Cell]
    var hosts: [Cell]
    /// Whether the rack is connected to the region's line.
    var isConnected: Bool
    /// Whether the hosts share a segment.
    var isSegment: Bool
  }

  struct RegionBox {
    var box: Box
    var title: String
    var upstreams: [(cell: Cell, device: Box)]
    var spines: [Cell]
    /// The line of all links, if there are spines.
    var bus: Box?
    var racks: [RackBox]
  }

  private(set) var regions: [RegionBox] = []
  private(set) var width = 0
  private(set) var height = 0

  /// The room around everything, and between racks.
  static let margin = 24
  private static let gap = 14
  private static let switchHeight = 20
  private static let switchWidth = 88
  /// The most that a row of racks is wide.
  private static let rowWidth = 1600

  private let topology: Topology
  /// Names are told in the picture as long as they are few; beyond that a host is a small square.
  private let namesHosts: Bool

  init(_ topology: Topology) {
    self.topology = topology
    namesHosts = topology.hosts.count <= 300
    var y = 84
    for index in topology.regions.indices {
      let region = place(region: index, below: y)
      y = region.box.bottom + Self.margin
      regions.append(region)
    }
    // The legend needs as much.
    width = max(regions.map(\.box.width).max() ?? 0, 660) + 2 * Self.margin
    height = y
  }

  private var hostSize: (width: Int, height: Int) { namesHosts ? (88, 18) : (12, 12) }

  /// Columns of hosts in a rack.
  private func columns(_ count: Int) -> Int {
    namesHosts ? (count + 15) / 16 : min(max(1, count), max(8, Int(Double(count).squareRoot() * 1.4)))
  }

  private func size(ofRack index: Int) -> (width: Int, height: Int) {
    let rack = topology.racks[index]
    let columns = max(1, columns(rack.hosts.count))
    let rows = (rack.hosts.count + columns - 1) / columns
    let hosts = columns * (hostSize.width + 2)
    let tors = rack.tors.count * (Self.switchWidth + 4)
    return (
      max(hosts, tors, Self.switchWidth) + 16,
      22 + (rack.tors.isEmpty ? 0 : Self.switchHeight + 8) + rows * (hostSize.height + 2) + 8
    )
  }

  private func place(region index: Int, below top: Int) -> RegionBox {
    let region = topology.regions[index]
    let left = Self.margin + 12
    var y = top + 30
    let upstreamsTop = y
    if !region.upstreams.isEmpty { y += Self.switchHeight + 26 }
    let spines = region.spines.enumerated().map { number, spine in
      cell(spine, role: .spine, at: left + number * (Self.switchWidth + 14), y)
    }
    var bus: Box?
    if !spines.isEmpty {
      y += Self.switchHeight + 18
      bus = Box(x: left, y: y, width: 0, height: 0)
      y += 18
    }
    var racks: [RackBox] = []
    var (x, rowHeight, right) = (left, 0, left + 240)
    for rack in region.racks {
      let size = size(ofRack: rack)
      if x > left, x + size.width > left + Self.rowWidth {
        (x, y, rowHeight) = (left, y + rowHeight + 26, 0)
      }
      racks.append(place(rack: rack, Box(x: x, y: y, width: size.width, height: size.height)))
      x += size.width + Self.gap
      rowHeight = max(rowHeight, size.height)
      right = max(right, x - Self.gap)
    }
    right = max(right, spines.last.map { $0.box.x + $0.box.width } ?? 0)
    bus?.width = right - left
    let box = Box(
      x: Self.margin, y: top, width: right - Self.margin + 12, height: y + rowHeight + 12 - top)
    var result = RegionBox(
      box: box, title: "\(region.name): \(counted(region.racks.count, "rack")), \(counted(hostCount(region), "host"))",
      upstreams: [], spines: spines, bus: bus, racks: racks)
    result.upstreams = place(upstreamsOf: region, at: left, upstreamsTop, result)
    return result
  }

  private func hostCount(_ region: Region) -> Int { topology.racks[region.racks].reduce(0) { $0 + $1.hosts.count } }

  private func place(
    upstreamsOf region: Region, at left: Int, _ y: Int, _ placed: RegionBox
  ) -> [(cell: Cell, device: Box)] {
    region.upstreams.enumerated().compactMap { number, upstream in
      let device: Box? =
        switch upstream.border {
        case .spine(_, let position): placed.spines[position].box
        case .tor(let rack, let position):
          region.racks.contains(rack) ? placed.racks[rack - region.racks.lowerBound].tors[position].box : nil
        }
      let box = Box(
        x: left + number * (Self.switchWidth + 14), y: y, width: Self.switchWidth, height: Self.switchHeight)
      let lines = [
        "upstream \(upstream.name)", upstream.asn.map { "AS \($0)" } ?? "without BGP",
        texts([upstream.link.peer, upstream.link.peer6]),
      ]
      return device.map {
        (
          Cell(
            name: upstream.name.text, box: box, label: upstream.name.text, tip: lines.joined(separator: "\n"),
            style: "upstream"), $0
        )
      }
    }
  }

  private func place(rack index: Int, _ box: Box) -> RackBox {
    let rack = topology.racks[index]
    var y = box.y + 22
    let tors = rack.tors.enumerated().map { position, tor in
      cell(tor.device, role: .tor, at: box.x + 8 + position * (Self.switchWidth + 4), y)
    }
    if !tors.isEmpty { y += Self.switchHeight + 8 }
    let columns = max(1, columns(rack.hosts.count))
    let hosts = rack.hosts.enumerated().map { number, host in
      let place = Box(
        x: box.x + 8 + number % columns * (hostSize.width + 2), y: y + number / columns * (hostSize.height + 2),
        width: hostSize.width, height: hostSize.height)
      return hostCell(host, place)
    }
    let subnets = rack.vlans.isEmpty ? [rack.subnet, rack.subnet6] : rack.vlans.flatMap { [$0.subnet, $0.subnet6] }
    let aggregates = rack.allocations.compactMap { $0?.aggregate }
    let tip = [
      "rack \(rack.name): \(counted(rack.hosts.count, "host"))", "subnet \(texts(subnets))",
      "endpoints \(texts(aggregates))",
    ]
    return RackBox(
      box: box, title: rack.name.text, tip: tip.joined(separator: "\n"), tors: tors, hosts: hosts,
      isConnected: !topology.regions[rack.region].spines.isEmpty, isSegment: rack.access == .l2)
  }

  private func cell(_ device: Switch, role: DeviceRole, at x: Int, _ y: Int) -> Cell {
    let tip = [
      "\(role.title) \(device.name)", "\(device.loopback)", device.asn.map { "AS \($0)" } ?? "no BGP",
      "\(device.system)",
    ]
    return Cell(
      name: device.name.text, box: Box(x: x, y: y, width: Self.switchWidth, height: Self.switchHeight),
      label: device.name.text,
      tip: tip.joined(separator: "\n"), style: "\(role.name)")
  }

  private func hostCell(_ index: Int, _ box: Box) -> Cell {
    let host = topology.hosts[index]
    let prefixes = topology.networks.indices.flatMap { topology.prefixes(ofHost: index, inNetwork: $0) }
    var tip = [
      "host \(host.name)", texts([host.address(.ipv4), host.address(.ipv6)]), "endpoints \(texts(prefixes))",
      host.settings.routing == .static
        ? "static routes" : "\(host.settings.routing.rawValue), \(host.settings.speaker.rawValue)",
    ]
    if host.isDrained { tip.append("drained") }
    if !host.endpoints.isEmpty { tip.append("\(host.endpoints.count) listed endpoints") }
    return Cell(
      name: host.name.text, box: box, label: namesHosts ? host.name.text : "", tip: tip.joined(separator: "\n"),
      style: "host \(host.settings.speaker.rawValue)\(host.isDrained ? " drained" : "")")
  }

  private func texts<Value: CustomStringConvertible>(_ values: [Value?]) -> String {
    let known = values.compactMap { $0.map { "\($0)" } }
    return known.isEmpty ? "none" : known.prefix(6).joined(separator: ", ") + (known.count > 6 ? ", …" : "")
  }
}
