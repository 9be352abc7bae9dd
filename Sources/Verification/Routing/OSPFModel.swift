import TopologyModel

/// What OSPF brings to the tables of a fabric's devices (RFC 2328, RFC 5340), from what their files say.
///
/// Links are point-to-point. In each area the shortest paths count, equal ones together; a border router tells the backbone of its other
/// areas, by their ranges and filters, and its stub areas of a default route; what devices have from elsewhere is known in the
/// backbone. A device takes from all this what its own filter takes.
struct OSPFModel {
  private let names: [String]
  private let speakers: [OSPFSpeaker?]
  private let family: AddressFamily
  /// What each device has in its table without OSPF.
  private let held: [Set<Prefix>]
  /// By area and device: neighbours over live links.
  private var links: [UInt32: [Int: [Edge]]] = [:]
  private var paths: [UInt32: [Int: [Int: Path]]] = [:]

  private struct Edge {
    var neighbor: Int
    var interface: String
    var cost: Int
  }

  private struct Leg: Hashable {
    var neighbor: Int
    var interface: String
  }

  private struct Path {
    var cost: Int
    var legs: Set<Leg>
  }

  /// A way to a prefix: within an area, between areas, from outside of OSPF; the first kind wins (RFC 2328 section 11).
  private struct Way {
    var kind: Int
    var cost: Int
    var legs: Set<Leg>
  }

  /// - Parameters:
  ///   - statics: by device: what it holds itself.
  ///   - learned: what it has from BGP.
  init(
    _ devices: [DeviceRouting], _ family: AddressFamily, _ cabling: Cabling, upstream: [String: [Prefix]],
    learned: [Set<Prefix>]
  ) {
    names = devices.map(\.name)
    speakers = devices.map { device in device.ospf.first { $0.family == family } }
    self.family = family
    held = zip(devices, zip(speakers, learned)).map { device, known in
      let statics = Set(device.statics.map(\.prefix))
      return statics.union(upstream[device.name] ?? []).union(known.0?.exportsBGP == true ? known.1 : [])
    }
    connect(cabling)
    for (area, devices) in links {
      for device in devices.keys { paths[area, default: [:]][device] = shortestPaths(in: area, from: device) }
    }
  }

  /// An adjacency takes two ends that speak, in one area.
  private mutating func connect(_ cabling: Cabling) {
    let index = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    for (device, speaker) in speakers.enumerated() {
      for port in speaker?.ports ?? [] {
        // Alone in an area it is one of its routers all the same.
        links[port.area, default: [:]][device, default: []] += []
        guard !port.isPassive, let end = cabling.other(names[device], port.name), let other = index[end.device],
          let back = speakers[other]?.ports.first(where: { $0.name == end.interface }), !back.isPassive,
          back.area == port.area
        else { continue }
        links[port.area]![device]!.append(Edge(neighbor: other, interface: port.name, cost: port.cost))
      }
    }
  }

  /// Dijkstra's algorithm, with every first leg of equal cost.
  private func shortestPaths(in area: UInt32, from start: Int) -> [Int: Path] {
    var done: [Int: Path] = [:]
    var frontier = [start: Path(cost: 0, legs: [])]
    while let (node, path) = frontier.min(by: { $0.value.cost < $1.value.cost }) {
      frontier[node] = nil
      done[node] = path
      // A host is no way to anything else: it has one link in its area.
      for edge in links[area]?[node] ?? [] where done[edge.neighbor] == nil {
        let legs = node == start ? [Leg(neighbor: edge.neighbor, interface: edge.interface)] : path.legs
        let cost = path.cost + edge.cost
        guard let known = frontier[edge.neighbor], known.cost <= cost else {
          frontier[edge.neighbor] = Path(cost: cost, legs: legs)
          continue
        }
        if known.cost == cost { frontier[edge.neighbor]!.legs.formUnion(legs) }
      }
    }
    return done
  }

  /// By device: what gets into its table, with the neighbours that it leads to.
  func tables() -> [[Prefix: [String]]] {
    let summaries = names.indices.map { self.summaries(of: $0) }
    return names.indices.map { device in
      guard let speaker = speakers[device] else { return [:] }
      var ways = within(device)
      addFromBorders(summaries, to: device, &ways)
      addExternal(to: device, &ways)
      let own = Set(speaker.announced.map(\.prefix))
      var table: [Prefix: [String]] = [:]
      for (prefix, way) in ways where !own.contains(prefix) {
        let legs = way.legs.filter { accepts(speaker, prefix, $0.interface) }
        if !legs.isEmpty { table[prefix] = Set(legs.map { names[$0.neighbor] }).sorted() }
      }
      if let legs = ways[.everything(family)]?.legs {
        for prefix in speaker.followed { table[prefix] = Set(legs.map { names[$0.neighbor] }).sorted() }
      }
      return table
    }
  }

  private func accepts(_ speaker: OSPFSpeaker, _ prefix: Prefix, _ interface: String) -> Bool {
    guard let accepted = speaker.accepted else { return true }
    return accepted.contains { ($0.interface == nil || $0.interface == interface) && permits($0.filter, prefix) }
  }

  private func add(_ prefix: Prefix, _ way: Way, to ways: inout [Prefix: Way]) {
    guard let known = ways[prefix], (known.kind, known.cost) <= (way.kind, way.cost) else {
      ways[prefix] = way
      return
    }
    if (known.kind, known.cost) == (way.kind, way.cost) { ways[prefix]!.legs.formUnion(way.legs) }
  }

  /// The areas of a device.
  private func areas(of device: Int) -> Set<UInt32> { Set(speakers[device]?.ports.map(\.area) ?? []) }

  /// What devices of the same areas announce.
  private func within(_ device: Int, only area: UInt32? = nil) -> [Prefix: Way] {
    var ways: [Prefix: Way] = [:]
    for own in areas(of: device) where area == nil || area == own {
      for (other, path) in paths[own]?[device] ?? [:] where other != device {
        for item in speakers[other]?.announced ?? [] where item.area == own {
          add(item.prefix, Way(kind: 0, cost: path.cost + item.cost, legs: path.legs), to: &ways)
        }
      }
    }
    return ways
  }

  /// What a border router tells the backbone of its other areas.
  private func summaries(of device: Int) -> [Prefix: Int] {
    guard areas(of: device).contains(0), let speaker = speakers[device] else { return [:] }
    var told: [Prefix: Int] = [:]
    for area in areas(of: device) where area != 0 {
      let settings = speaker.areas[area] ?? OSPFSpeaker.Area()
      for (prefix, way) in within(device, only: area) {
        if let filter = settings.filter, !permits(filter, prefix) { continue }
        let shown = settings.ranges.first { $0.contains(prefix) } ?? prefix
        told[shown] = max(told[shown] ?? 0, way.cost)
      }
    }
    return told
  }

  private func addFromBorders(_ summaries: [[Prefix: Int]], to device: Int, _ ways: inout [Prefix: Way]) {
    for (other, path) in paths[0]?[device] ?? [:] where other != device {
      for (prefix, cost) in summaries[other] {
        add(prefix, Way(kind: 1, cost: path.cost + cost, legs: path.legs), to: &ways)
      }
    }
    for area in areas(of: device) where area != 0 {
      for (other, path) in paths[area]?[device] ?? [:] where other != device {
        guard areas(of: other).contains(0), speakers[other]?.areas[area]?.isTotallyStubby == true else { continue }
        add(.everything(family), Way(kind: 1, cost: path.cost + 1, legs: path.legs), to: &ways)
      }
    }
  }

  private func addExternal(to device: Int, _ ways: inout [Prefix: Way]) {
    for (other, path) in paths[0]?[device] ?? [:] where other != device {
      guard let speaker = speakers[other] else { continue }
      for prefix in held[other] where prefix.family == family {
        let isDefault = prefix == .everything(family) && speaker.originatesDefault
        guard isDefault || speaker.exports.map({ permits($0, prefix) }) == true else { continue }
        add(prefix, Way(kind: 2, cost: path.cost + 20, legs: path.legs), to: &ways)
      }
    }
  }
}
