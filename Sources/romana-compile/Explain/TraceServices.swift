import TopologyModel
import Verification

/// What services do to a packet on a host, by its files.
enum Steering {
  /// No service has it: the main table decides.
  case main
  /// To a function of the host itself, on this interface.
  case function(String, by: Decision)
  /// To the host of a function elsewhere.
  case tunnel(String, WantedSteering.Tunnel, by: Decision)
  case refused(by: Decision)
}

extension TraceFiles {
  /// The mark that the packet filter gives a packet before it is routed, and the rule that gives it; 0: no service has it.
  func mark(_ packet: Packet, on device: DevicePlan) throws -> (mark: UInt32, by: Decision?) {
    if device.artifacts.contains(.rulesNFT) {
      let (content, table) = try table(of: device)
      let found = markDecision(of: packet, in: table)
      return (found.mark, found.line.map { decision(.rulesNFT, $0, content, device) })
    }
    let kind: ArtifactKind = packet.source.family == .ipv4 ? .rulesIPv4 : .rulesIPv6
    guard device.artifacts.contains(kind) else { return (0, nil) }
    let (content, rules) = try rules(kind, of: device)
    let found = markDecision(of: packet, in: rules)
    return (found.mark, found.line.map { decision(kind, $0, content, device) })
  }

  /// Where a mark leads: the way of the least metric in its table; interfaces are taken to be up.
  func steer(_ mark: UInt32, _ family: AddressFamily, on device: DevicePlan) throws -> Steering {
    guard mark != 0 else { return .main }
    let content = shared.bytes(.routesScript, of: device)
    let wanted = try readSteering(content, of: device)
    guard let rule = wanted.rules.map(\.value).first(where: { $0.mark == mark && $0.family == family }),
      let way = wanted.ways.filter({ $0.value.table == rule.table && $0.value.family == family })
        .min(by: { $0.value.metric < $1.value.metric })
    else { return .main }
    let by = decision(.routesScript, way.line, content, device)
    guard let interface = way.value.interface, way.value.hop != nil else { return .refused(by: by) }
    if let tunnel = wanted.tunnels.first(where: { $0.value.interface == interface && $0.value.remote != nil }) {
      return .tunnel(interface, tunnel.value, by: by)
    }
    return .function(interface, by: by)
  }

  /// The host at the other end of a tunnel: it has the remote address and serves the same identifier.
  func otherEnd(of tunnel: WantedSteering.Tunnel) throws -> DevicePlan? {
    let topology = plan.topology
    let host = topology.hosts.indices.first { host in
      topology.networks.indices.contains { topology.gateway(ofHost: host, inNetwork: $0) == tunnel.remote }
    }
    guard let host, let reference = plan.device(named: topology.hosts[host].name.text) else { return nil }
    let device = plan.plan(reference)
    let served = try readSteering(shared.bytes(.routesScript, of: device), of: device).tunnels.map(\.value)
    return served.contains {
      $0.remote == nil && $0.interface == tunnel.interface && $0.identifier == tunnel.identifier
    }
      ? device : nil
  }

  func decision(_ kind: ArtifactKind, _ line: Int, _ content: [UInt8], _ device: DevicePlan) -> Decision {
    Decision(file: path(kind, device), line: line, text: trimmed(self.line(line, of: content)))
  }
}
