import TopologyModel

/// What the files of a whole fabric say of routing, put together: devices, the transit gateways of EC2 regions, and who has which
/// address on links and in tunnels.
package struct FabricRouting: Sendable {
  package private(set) var devices: [DeviceRouting] = []
  package let tunnels: RegionTunnels
  private let cabling: Cabling

  /// - Parameter read: the bytes of one of a device's files.
  package init(_ plan: NetworkPlan, _ read: (DevicePlan, ArtifactKind) throws -> [UInt8]) throws {
    var tunnels = RegionTunnels()
    for reference in plan.devices {
      let device = plan.plan(reference)
      devices.append(try readRouting(of: device) { try read(device, $0) })
      devices += try readTransitGateways(of: device) { try read(device, $0) }
      if let wanted = try readTunnels(of: device, { try read(device, $0) }) { tunnels.add(wanted, of: device.name) }
    }
    self.tunnels = tunnels
    cabling = Cabling(plan.topology.listLinks(), tunnels: tunnels)
    for number in devices.indices { cabling.place(&devices[number]) }
  }

  /// The routing of all devices, solved together.
  package func solve() -> RoutingModel {
    RoutingModel(devices, owners: cabling.owners, segments: cabling.segments, cabling: cabling)
  }
}

/// The transit gateways of an EC2 region, whose tables the VPC's script fills; none of other devices.
package func readTransitGateways(
  of device: DevicePlan, _ read: (ArtifactKind) throws -> [UInt8]
) throws -> [DeviceRouting] {
  guard device.artifacts.contains(.vpcScript) else { return [] }
  return try readVPCRouting(read(.vpcScript), device).transitGateways
}

/// What a gateway's `tunnels.sh` says; nil of other devices.
package func readTunnels(
  of device: DevicePlan, _ read: (ArtifactKind) throws -> [UInt8]
) throws -> WantedTunnels? {
  guard device.artifacts.contains(.tunnelsScript) else { return nil }
  return try parseTunnelsScript(read(.tunnelsScript), of: device)
}
