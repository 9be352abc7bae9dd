/// The devices of a fabric as those see them who bring the files to them: in groups, and in the order in which they get
/// new files.
package struct Fleet: Sendable, Equatable {
  package var fabric: Name
  /// Hosts, spines, ToRs, each sorted by name.
  package var devices: [FleetDevice]
  /// Sorted by name; none is empty.
  package var groups: [FleetGroup]
  /// Rack by rack the hosts, then the ToRs, and at last the spines of each region.
  package var steps: [RolloutStep]
  /// The regions of EC2, sorted by name.
  package var vpcs: [VPCPlan]

  /// - Parameter artifacts: the files of each device of the plan.
  package init(_ plan: NetworkPlan, _ artifacts: [DeviceReference: [ArtifactKind]]) {
    let topology = plan.topology
    fabric = topology.fabric
    vpcs = plan.vpcs.compactMap(\.self).sorted { $0.region < $1.region }
    // A VPC is no machine that files are brought to.
    let references = listDevices(topology).filter { artifacts[$0] != nil && $0.role != .vpc }
    devices = references.map { FleetDevice(topology, $0, artifacts[$0] ?? []) }
    var members: [GroupName: [Name]] = [:]
    var present: Set<RolloutStep> = []
    for (reference, device) in zip(references, devices) {
      let region = topology.regions[topology.region(of: reference.place)]
      let rack = topology.rack(of: reference.place).map { topology.racks[$0] }
      var names = [GroupName.devices(device.role), .region(region.name)]
      if let rack { names.append(.rack(rack.name)) }
      switch device.program {
      case .speaker(let speaker): names.append(.speaker(speaker))
      case .system(let system): names.append(.system(system))
      }
      if device.isManaged {
        names.append(.managed)
        present.insert(RolloutStep(region: region, rack: rack, role: device.role))
      }
      for name in names { members[name, default: []].append(device.name) }
    }
    groups = members.map { FleetGroup(name: $0, members: $1.sorted()) }.sorted { $0.name.text < $1.name.text }
    steps = topology.allSteps.filter { present.remove($0) != nil }
  }
}

package struct FleetDevice: Sendable, Equatable {
  package enum Program: Sendable, Equatable {
    case speaker(Speaker)
    case system(DeviceSystem)
  }

  package var name: Name
  package var role: DeviceRole
  /// Of a host the address that others know it by, of a switch the loopback.
  package var address: Address?
  package var program: Program
  /// In the order of their names.
  package var artifacts: [ArtifactKind]

  /// Whether a program of ours installs its files.
  package var isManaged: Bool { artifacts.contains(.applyScript) }

  init(_ topology: Topology, _ reference: DeviceReference, _ artifacts: [ArtifactKind]) {
    (name, role, self.artifacts) = (reference.name, reference.role, artifacts)
    switch reference.place {
    case .host(let index):
      let host = topology.hosts[index]
      address = host.address(.ipv4) ?? host.address(.ipv6)
      program = .speaker(host.settings.routing == .static ? .none : host.settings.speaker)
    case .tor(let rack, let position):
      let device = topology.racks[rack].tors[position].device
      (address, program) = (device.loopback, .system(device.system))
    case .spine(let region, let index):
      let device = topology.regions[region].spines[index]
      (address, program) = (device.loopback, .system(device.system))
    case .upstream, .vpc: (address, program) = (nil, .system(.frr))
    }
  }
}

/// A group of devices, as an inventory names it: letters, digits and underscores. Names that differ only in `-`, `_` and `.`
/// share a group.
package struct GroupName: Sendable, Hashable {
  package let text: String

  private init(_ prefix: String, _ name: String) {
    text = prefix + String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }

  static func region(_ name: Name) -> GroupName { GroupName("region_", name.text) }
  static func rack(_ name: Name) -> GroupName { GroupName("rack_", name.text) }
  static func speaker(_ speaker: Speaker) -> GroupName { GroupName("role_", speaker.rawValue) }
  static func system(_ system: DeviceSystem) -> GroupName { GroupName("os_", system.rawValue) }
  package static func devices(_ role: DeviceRole) -> GroupName { GroupName("romana_", "\(role.folder)") }
  /// The devices that the program of ours installs files on.
  package static let managed = GroupName("romana_", "managed")
}

package struct FleetGroup: Sendable, Equatable {
  package var name: GroupName
  /// Sorted.
  package var members: [Name]
}

/// Devices that get their files together: those of a role in a rack, or the spines of a region.
package struct RolloutStep: Sendable, Hashable {
  package var role: DeviceRole
  package var region: GroupName
  /// Nil for spines.
  package var rack: GroupName?

  init(region: Region, rack: Rack?, role: DeviceRole) {
    (self.role, self.region) = (role, .region(region.name))
    self.rack = rack.map { .rack($0.name) }
  }
}

extension Topology {
  /// Every step that there can be, in order: a rack's hosts before its ToRs, the spines of a region after its racks.
  fileprivate var allSteps: [RolloutStep] {
    regions.flatMap { region in
      racks[region.racks].flatMap { rack in
        [DeviceRole.host, .tor].map { RolloutStep(region: region, rack: rack, role: $0) }
      } + [RolloutStep(region: region, rack: nil, role: .spine)]
    }
  }
}

/// A file of the output tree that is about the fabric as a whole.
package enum FabricFile: Sendable, Hashable, CaseIterable {
  case ansibleConfig
  case ansibleInventory
  case ansibleSite
  case ansibleDefaults
  case ansibleVariables
  case ansibleMeta
  case ansibleTasks
  case ansibleApply
  case ansibleCopy
  case ansibleDecide
  case ansibleSettled
  case ansibleHandlers
  /// Where there are regions of EC2.
  case terraform
}

extension NetworkPlan {
  /// The files that are about the fabric as a whole.
  package var fabricFiles: [FabricFile] {
    FabricFile.allCases.filter { $0 != .terraform || vpcs.contains { $0 != nil } }
  }
}
