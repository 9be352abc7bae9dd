/// Finds out which devices get which local additions, in the order of the topology.
///
/// Whether a device has the point is asked of its plan, so it is looked at only if everything else is right.
func resolveInsertions(
  _ documents: [InsertionDocument], _ topology: Topology, _ diagnostics: inout Diagnostics
) -> [PlacedInsertion] {
  if documents.isEmpty { return [] }
  let devices = listDevices(topology)
  let selector = InsertionSelector(topology, devices)
  let selections = documents.map { selector.select($0, &diagnostics) }
  if diagnostics.hasErrors { return [] }
  var placed: [PlacedInsertion?] = documents.map { document in
    guard let point = document.point, let path = document.file, let text = document.text else { return nil }
    return PlacedInsertion(insertion: Insertion(point: point.value, path: path.value, text: text), devices: [])
  }
  // The topology has no additions yet, so these are the plans without them.
  let network = NetworkPlan(topology)
  for device in devices {
    let chosen = documents.indices.filter { selections[$0].contains(device.name) }
    if !chosen.isEmpty { place(chosen, of: documents, on: device, network, &placed, &diagnostics) }
  }
  for (document, placed) in zip(documents, placed) {
    if let placed, placed.devices.isEmpty {
      diagnostics.addOnce(.unusedInsertion(placed.insertion, at: document.range))
    }
  }
  return placed.compactMap(\.self)
}

private func place(
  _ chosen: [Int], of documents: [InsertionDocument], on device: DeviceReference, _ network: NetworkPlan,
  _ placed: inout [PlacedInsertion?], _ diagnostics: inout Diagnostics
) {
  struct Key: Hashable {
    var point: InsertionPoint
    var path: InsertionPath
  }
  let plan = network.plan(device)
  var seen: [Key: SourceRange] = [:]
  for index in chosen {
    guard let insertion = placed[index]?.insertion, let file = documents[index].file else { continue }
    guard plan.has(insertion.point) else {
      if let name = documents[index].devices?.first(where: { $0.value == device.name }) {
        diagnostics.addOnce(.insertionWithoutPlace(insertion.point, name, plan))
        // It is no further error that nobody gets it.
        placed[index] = nil
      }
      continue
    }
    let key = Key(point: insertion.point, path: insertion.path)
    if let first = seen.updateValue(file.range, forKey: key) {
      diagnostics.addOnce(.insertionTwice(insertion, device.name, at: file.range, first: first))
    }
    placed[index]?.devices.insert(device.name)
  }
}

/// Looks up what additions name.
private struct InsertionSelector {
  private let topology: Topology
  private let devices: [DeviceReference]
  private let indices: [Name: Int]
  private let racks: [Name: Int]
  private let networks: [Name: Int]

  init(_ topology: Topology, _ devices: [DeviceReference]) {
    self.topology = topology
    self.devices = devices
    func index(_ names: [Name]) -> [Name: Int] {
      Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    }
    indices = index(devices.map(\.name))
    racks = index(topology.racks.map(\.name))
    networks = index(topology.networks.map(\.name))
  }

  /// The devices that every key of an addition names, whether or not they have its file.
  func select(_ document: InsertionDocument, _ diagnostics: inout Diagnostics) -> Set<Name> {
    var candidates = devices
    if let named = document.devices {
      candidates = named.compactMap { lookUp($0, "device", in: indices, &diagnostics).map { devices[$0] } }
    }
    if let named = document.racks {
      // The name of a rack is unique in its region only: all racks of that name are meant.
      for rack in named { _ = lookUp(rack, "rack", in: racks, &diagnostics) }
      let names = Set(named.map(\.value))
      candidates.removeAll { device in
        !(topology.rack(of: device.place).map { names.contains(topology.racks[$0].name) } ?? false)
      }
    }
    if let named = document.networks {
      let wanted = named.compactMap { lookUp($0, "network", in: networks, &diagnostics) }
      candidates.removeAll { device in
        guard let rack = topology.rack(of: device.place) else { return true }
        return !wanted.contains { topology.racks[rack].allocations[$0] != nil }
      }
    }
    if let role = document.role { candidates.removeAll { $0.role != role.value.role } }
    return Set(candidates.map(\.name))
  }
}

extension Topology {
  /// The local additions of a device.
  func insertions(of device: Name) -> [Insertion] {
    insertions.compactMap { $0.devices.contains(device) ? $0.insertion : nil }
  }
}

extension Diagnostic {
  static func insertionWithoutPlace(
    _ point: InsertionPoint, _ device: Located<Name>, _ plan: DevicePlan
  ) -> Diagnostic {
    let points = InsertionPoint.all.filter(plan.has).map(\.name)
    let reason =
      plan.artifacts.contains(point.file.kind)
      ? "its \(point.file.rawValue) has no such place: it has no BGP session" : "it has no \(point.file.rawValue)"
    return Diagnostic(
      .insertionWithoutPlace, "'\(device.value)' has no point '\(point.name)': \(reason)", at: device.range,
      help: [
        points.isEmpty
          ? "'\(device.value)' has no insertion points" : "its points are: \(points.joined(separator: ", "))"
      ])
  }

  static func unusedInsertion(_ insertion: Insertion, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .insertionWithoutPlace,
      "no device gets '\(insertion.path)': none that is meant has the point '\(insertion.point.name)'", at: range,
      help: ["choose the point of a file that they have (their `speaker:` or `os:` decides), or remove the addition"])
  }

  static func insertionTwice(
    _ insertion: Insertion, _ device: Name, at range: SourceRange, first: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .insertionTwice, "'\(device)' gets '\(insertion.path)' twice at '\(insertion.point.name)'", at: range,
      labels: [(first, "the first time")],
      help: ["remove one of the two, or narrow the devices that they are for"])
  }
}
