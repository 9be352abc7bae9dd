import Emitters
import TopologyModel
import Verification

/// The lines of files that lead packets between regions.
extension TraceFiles {
  /// The line of a VPC's script that a route comes from: in the table of the zone that the packet comes from, if that is known.
  func vpcLine(
    _ prefix: Prefix, of device: DevicePlan, from previous: String?
  ) throws -> (by: Decision?, standby: String?) {
    let content = shared.bytes(.vpcScript, of: device)
    let routes = try readVPCRouting(content, device).routes.filter { $0.prefix == prefix }
    let table = table(device, of: previous)
    guard let route = routes.first(where: { $0.table == table }) ?? routes.first else { return (nil, nil) }
    return (decision(.vpcScript, route.line, content, device), route.standby)
  }

  /// The table of the zone of an instance, as the script names it; nil of anything else.
  private func table(_ device: DevicePlan, of instance: String?) -> String? {
    let zone = device.vpc?.instances.first { $0.name.text == instance }?.zone
    return zone.flatMap { zone in device.vpc?.tables.first { $0.zones.contains(zone) } }.map { $0.id?.text ?? "-" }
  }

  /// The line of a script that a route of a transit gateway comes from.
  func transitLine(_ prefix: Prefix, of gateway: String) throws -> Decision? {
    for reference in plan.devices where reference.role == .vpc {
      let device = plan.plan(reference)
      let content = shared.bytes(.vpcScript, of: device)
      let route = try readVPCRouting(content, device).transitRoutes.first {
        $0.gateway == gateway && $0.prefix == prefix
      }
      if let route { return decision(.vpcScript, route.line, content, device) }
    }
    return nil
  }

  /// The line that leads to an address over a peering.
  func peeringLine(
    _ peering: Name, _ address: Address, of region: String, from instance: String
  ) throws -> (prefix: Prefix, by: Decision)? {
    guard let device = plan.device(named: region).map({ plan.plan($0) }) else { return nil }
    let content = shared.bytes(.vpcScript, of: device)
    let routes = try readVPCRouting(content, device).routes.filter {
      $0.target == .peering(peering.text) && $0.prefix.contains(address)
    }
    let table = table(device, of: instance)
    guard let route = routes.first(where: { $0.table == table }) ?? routes.first else { return nil }
    return (route.prefix, decision(.vpcScript, route.line, content, device))
  }

  /// A line of a gateway's `tunnels.sh`.
  func tunnelLine(_ line: Int, of gateway: String) -> Decision? {
    plan.device(named: gateway).map { plan.plan($0) }.map {
      decision(.tunnelsScript, line, shared.bytes(.tunnelsScript, of: $0), $0)
    }
  }
}
