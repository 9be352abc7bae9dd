import TopologyModel

/// The things of two topologies, by names that mean the same on both sides.
struct NameMap {
  /// The names of the newer side for tenants and segments that were renamed: old to new.
  private(set) var tenants: [Name: Name] = [:]
  /// By new tenant and old segment.
  private(set) var segments: [String: Name] = [:]
  private(set) var renames: [Rename] = []

  /// A tenant that lost its name while another of the same id appeared was renamed; so were segments, regions, racks and hosts.
  init(_ old: Topology, _ new: Topology) {
    let (before, after) = (Set(old.tenants.map(\.name)), Set(new.tenants.map(\.name)))
    for tenant in old.tenants where !after.contains(tenant.name) {
      guard let heir = new.tenants.first(where: { $0.id == tenant.id && !before.contains($0.name) }) else { continue }
      tenants[tenant.name] = heir.name
      renames.append(Rename(kind: "tenant", before: tenant.name.text, after: heir.name.text, kept: "id \(tenant.id)"))
    }
    let heirs = Dictionary(new.tenants.map { ($0.name, $0) }) { first, _ in first }
    for tenant in old.tenants {
      guard let heir = heirs[tenants[tenant.name] ?? tenant.name] else { continue }
      let (had, has) = (Set(tenant.segments.map(\.name)), Set(heir.segments.map(\.name)))
      for segment in tenant.segments where !has.contains(segment.name) {
        guard let other = heir.segments.first(where: { $0.id == segment.id && !had.contains($0.name) }) else {
          continue
        }
        segments["\(heir.name)/\(segment.name)"] = other.name
        renames.append(
          Rename(
            kind: "segment", before: "\(tenant.name)/\(segment.name)", after: "\(heir.name)/\(other.name)",
            kept: "id \(segment.id)"))
      }
    }
    renamePlaces(old, new)
  }

  private mutating func renamePlaces(_ old: Topology, _ new: Topology) {
    let (before, after) = (Set(old.hosts.map(\.name)), Set(new.hosts.map(\.name)))
    guard before != after else { return }
    var free: [String: Host] = [:]
    for host in new.hosts where !before.contains(host.name) { free[slot(new, host)] = host }
    for host in old.hosts where !after.contains(host.name) {
      guard let heir = free[slot(old, host)] else { continue }
      renames.append(
        Rename(kind: "host", before: host.name.text, after: heir.name.text, kept: "its place and its addresses"))
    }
  }

  /// What stays when a host gets another name: its rack and its id there.
  private func slot(_ topology: Topology, _ host: Host) -> String {
    "\(topology.path(ofRack: host.rack))/\(host.id)"
  }

  /// `tenant/segment` by the names of the newer side.
  func key(_ tenant: Name, _ segment: Name) -> String {
    let tenant = tenants[tenant] ?? tenant
    return "\(tenant)/\(segments["\(tenant)/\(segment)"] ?? segment)"
  }
}

extension Topology {
  func place(_ device: DeviceReference) -> DevicePlace {
    DevicePlace(
      region: regions[region(of: device.place)].name.text, rack: rack(of: device.place).map { racks[$0].name.text },
      role: device.role, name: device.name)
  }
}
