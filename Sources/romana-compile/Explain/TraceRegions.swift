import TopologyModel
import Verification

/// The way between regions.
extension Tracer {
  /// The tunnel that a device sends packets to an address into; nil if it sends them over a link.
  func tunnel(_ device: String, _ address: Address) -> (near: RegionTunnels.End, far: RegionTunnels.End)? {
    guard case .via(let hops)? = model.route(of: device, to: address)?.use else { return nil }
    return routing.tunnels.between(device, hops[0])
  }

  /// Through a tunnel: what lets the packet in, the way below, and what lets it out; nil if the way ends there.
  func cross(
    _ tunnel: (near: RegionTunnels.End, far: RegionTunnels.End), _ source: TraceEnd, _ destination: TraceEnd,
    _ trace: inout Trace
  ) throws -> Position? {
    let (near, far) = tunnel
    let below = try below(near)
    trace.steps.append(
      Trace.Step(
        device: near.device, text: "into \(near.tunnel.name) to \(far.device): \(cover(near)), \(below.text)",
        by: files.tunnelLine(near.line, of: near.device)))
    guard try allow(near, destination.address, isOut: false, &trace) else {
      trace.end =
        "dropped on \(near.device): WireGuard sends nothing to \(destination.address) into \(near.tunnel.name)"
      return nil
    }
    if let step = below.step { trace.steps.append(step) }
    guard try allow(far, source.address, isOut: true, &trace) else {
      trace.end = "dropped on \(far.device): WireGuard lets nothing from \(source.address) out of \(far.tunnel.name)"
      return nil
    }
    return Position(device: far.device, input: far.tunnel.name)
  }

  private func cover(_ end: RegionTunnels.End) -> String {
    guard let wireguard = end.tunnel.wireguard else { return "GRE to \(end.tunnel.endpoint)" }
    return "WireGuard to \(end.tunnel.endpoint), UDP port \(wireguard.port)"
  }

  /// Whether WireGuard lets an address through at one end; GRE asks nothing, and the packet filter stands in for it.
  private func allow(
    _ end: RegionTunnels.End, _ address: Address, isOut: Bool, _ trace: inout Trace
  ) throws -> Bool {
    guard end.tunnel.wireguard != nil else { return true }
    guard let allowed = end.line(allowing: address) else { return false }
    trace.steps.append(
      Trace.Step(
        device: end.device,
        text: isOut
          ? "allowed out of \(end.tunnel.name): the source is in \(allowed.prefix)"
          : "allowed into \(end.tunnel.name): the destination is in \(allowed.prefix)",
        by: files.tunnelLine(allowed.line, of: end.device)))
    return true
  }

  /// What a tunnel runs over, and the step of the VPC that leads to the other one where it is a peering.
  private func below(_ end: RegionTunnels.End) throws -> (text: String, step: Trace.Step?) {
    let outside = "outside of the fabric"
    guard let host = topology.hosts.firstIndex(where: { $0.name.text == end.device }),
      let item = topology.tunnels(ofHost: host).first(where: { $0.tunnel.interface.text == end.tunnel.name }),
      let peering = topology.interconnects[item.interconnect].tunnels?.over
    else { return (outside, nil) }
    let name = topology.interconnects[peering].name
    let region = topology.region(ofHost: host).name.text
    let line = try files.peeringLine(name, end.tunnel.endpoint, of: region, from: end.device)
    let step = line.map {
      Trace.Step(device: title(region), text: "below the tunnel, \($0.prefix): over the peering \(name)", by: $0.by)
    }
    return ("over the peering \(name)", step)
  }

  /// Behind the end of a packet's way between regions that nothing links: why.
  func whyUnlinked(_ source: TraceEnd, _ destination: TraceEnd) -> String {
    func region(_ address: Address) -> Int? {
      topology.regions.indices.first { region in
        topology.regions[region].allocations.contains { $0?.prefix.contains(address) == true }
      }
    }
    guard let here = region(source.address), let there = region(destination.address), here != there,
      !topology.farAggregates(ofRegion: here).contains(where: { $0.prefix.contains(destination.address) })
    else { return "" }
    let names = "\(topology.regions[here].name) to \(topology.regions[there].name)"
    let linking = topology.interconnects.filter {
      $0.kind != .vpcPeering && $0.regions.contains(here) && $0.regions.contains(there)
    }
    if let interconnect = linking.first(where: { $0.reached(from: here).contains(there) }) {
      return "; '\(interconnect.name)' leads from \(names), but not in this network"
    }
    if let interconnect = linking.first, let hub = interconnect.hub {
      return "; '\(interconnect.name)' leads to its hub \(topology.regions[hub].name) only, which is not transit"
    }
    return "; no interconnect leads from \(names)"
  }
}
