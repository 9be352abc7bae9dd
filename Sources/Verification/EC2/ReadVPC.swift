import TopologyModel

/// Where the tables of a VPC and of its transit gateways lead, by the VPC's script.
package struct VPCRouting: Sendable {
  package enum Target: Sendable, Hashable {
    /// With the instance's address of the prefix's family.
    case instance(String, Address)
    /// The name of the device in the model.
    case transitGateway(String)
    /// The interconnect's name.
    case peering(String)
  }
  package struct Route: Sendable {
    /// The id of the table, or `-`.
    package var table: String
    package var prefix: Prefix
    package var target: Target
    /// Who takes the place of the instance when it is lost.
    package var standby: String?
    package var line: Int
  }
  /// A route in the table of the region's transit gateway.
  package struct TransitRoute: Sendable {
    /// The name of the transit gateway in the model.
    package var gateway: String
    package var prefix: Prefix
    /// The VPC of the own region, or the transit gateway of another; nil: an attachment that is not known.
    package var target: String?
    package var line: Int
  }
  package var routes: [Route] = []
  package var transitRoutes: [TransitRoute] = []
}

extension VPCRouting {
  /// The transit gateway of a region, as models of routing know it. No device has a name with a stroke.
  package static func transitGateway(_ interconnect: Name, of region: Name) -> String { "\(interconnect)/\(region)" }

  /// The transit gateways of the region, each as a device.
  var transitGateways: [DeviceRouting] {
    var devices: [DeviceRouting] = []
    for route in transitRoutes {
      let position = devices.firstIndex { $0.name == route.gateway } ?? devices.count
      if position == devices.count { devices.append(DeviceRouting(name: route.gateway)) }
      devices[position].statics.append(
        HeldRoute(prefix: route.prefix, target: .device(route.target ?? ""), yieldsToBGP: false))
    }
    return devices
  }
}

/// Reads the tables in the `routes.sh` of a VPC.
package func readVPCRouting(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> VPCRouting {
  let wanted = try parseWantedVPC(bytes, of: device)
  var addresses: [String: [Address]] = [:]
  for (instance, _) in wanted.instances {
    let words = instance.split(separator: " ")
    addresses[String(words[0])] = words.dropFirst(2).compactMap { readAddress($0) }
  }
  var result = VPCRouting()
  for (route, line) in wanted.routes {
    guard let prefix = readPrefix(route.prefix) else { throw ParseFailure("not a prefix", line: line) }
    let target: VPCRouting.Target
    if route.instance.hasPrefix("link:") {
      let name = String(route.instance.dropFirst(5))
      guard let interconnect = Name(name),
        let link = wanted.links.first(where: { $0.value.hasPrefix(name + " ") })?.value
      else { throw ParseFailure("nothing is known of \(name)", line: line) }
      target =
        link.contains(" --transit-gateway-id ")
        ? .transitGateway(VPCRouting.transitGateway(interconnect, of: device.name)) : .peering(name)
    } else {
      guard let hop = addresses[route.instance]?.first(where: { $0.family == prefix.family }) else {
        throw ParseFailure("\(route.instance) has no address for \(route.prefix)", line: line)
      }
      target = .instance(route.instance, hop)
    }
    let standby = route.standby == "-" ? nil : route.standby
    result.routes.append(
      VPCRouting.Route(table: route.table, prefix: prefix, target: target, standby: standby, line: line))
  }
  for (route, line) in wanted.transits {
    result.transitRoutes += try readTransitRoutes(route, line: line, device)
  }
  return result
}

/// The gateways that a line is for are those that have its table, and its target who is behind the attachment.
private func readTransitRoutes(
  _ route: ReadVPCRoute, line: Int, _ device: DevicePlan
) throws(ParseFailure) -> [VPCRouting.TransitRoute] {
  guard let prefix = readPrefix(route.prefix) else { throw ParseFailure("not a prefix", line: line) }
  return (device.vpc?.transitGateways ?? []).compactMap { gateway in
    let name = gateway.interconnect.text
    guard (gateway.routeTable?.text ?? scriptVariable(["rtb", name])) == route.table else { return nil }
    let region = gateway.attachments.first { attachment in
      (attachment.id?.text ?? scriptVariable(["attach", name, attachment.region.text])) == route.instance
    }?.region
    let target = region.map {
      $0 == device.name ? $0.text : VPCRouting.transitGateway(gateway.interconnect, of: $0)
    }
    return VPCRouting.TransitRoute(
      gateway: VPCRouting.transitGateway(gateway.interconnect, of: device.name), prefix: prefix, target: target,
      line: line)
  }
}
