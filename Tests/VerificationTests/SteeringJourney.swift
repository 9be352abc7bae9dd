import TopologyModel
import Verification

/// A packet's way through the hosts of a fabric, as the files say: marks, rules, tables of services, tunnels, and the packet
/// filter at every host. Nothing of the plan is used but which file is whose.
struct SteeringJourney {
  let fabric: Fabric
  let meaning: Meaning
  private let files: [HostFiles]
  /// Interfaces that are down, by host.
  var down: [Int: Set<String>] = [:]

  private struct HostFiles {
    var steering: WantedSteering
    var rules: [RuleFile] = []
    var table: NFTFile?
    var endpoints: String
    var uplink: String
  }

  enum End: Equatable {
    /// At an endpoint's host, or outside of the fabric.
    case delivered
    case refused
    case dropped(String)
  }

  init(_ fabric: Fabric) throws {
    self.fabric = fabric
    meaning = Meaning(topology: fabric.topology)
    files = try fabric.topology.hosts.enumerated().map { index, host in
      let device = fabric.plan.plan(fabric.plan.device(named: host.name.text)!)
      let isNFT = device.artifacts.contains(.rulesNFT)
      return HostFiles(
        steering: try readSteering(fabric.file(.routesScript, of: device), of: device),
        rules: isNFT ? [] : try AddressFamily.allCases.map { try fabric.rules(index, $0) },
        table: isNFT ? try fabric.table(index) : nil, endpoints: host.settings.endpointInterface.text,
        uplink: host.links[0].interface.text)
    }
  }

  /// Follows a packet from an endpoint.
  ///
  /// - Returns: the interfaces of functions that it went to, with their hosts, and how it ended.
  func follow(_ source: Address, _ destination: Address) -> (visited: [String], end: End) {
    guard case .endpoint(var host, _, _, _) = meaning.place(of: source) else { return ([], .dropped("no source")) }
    var input = interface(of: source, onHost: host)
    var visited: [String] = []
    var connections: Set<Int> = []
    // Longer than any chain: a circle.
    for _ in 0..<40 {
      var packet = Packet(from: source, to: destination, in: input)
      let mark = mark(of: packet, onHost: host)
      if mark != 0 { connections.insert(host) }
      if connections.contains(host) { packet.connectionMark = 0x8000_0000 }
      let step = next(mark, source.family, onHost: host)
      if case .unreachable = step { return (visited, .refused) }
      guard accepts(packet, onHost: host) else { return (visited, .dropped("\(packet) on host \(host)")) }
      switch step {
      case .way(let hop, let interface) where interface.hasPrefix("romana-s"):
        guard let end = otherEnd(of: interface, from: host, hop) else { return (visited, .dropped("no other end")) }
        (host, input) = (end, interface)
      case .way(_, let interface):
        visited.append("\(host) \(interface)")
        input = interface
      case .main, .unreachable:
        guard let target = destinationHost(destination), target != host else { return (visited, .delivered) }
        (host, input) = (target, files[target].uplink)
      }
    }
    return (visited, .dropped("a circle"))
  }

  private enum Step {
    case main
    case way(Address, String)
    case unreachable
  }

  private func mark(of packet: Packet, onHost host: Int) -> UInt32 {
    if let table = files[host].table { return Verification.mark(of: packet, in: table) }
    return Verification.mark(of: packet, in: files[host].rules[Int(packet.source.family.rawValue)])
  }

  private func next(_ mark: UInt32, _ family: AddressFamily, onHost host: Int) -> Step {
    let steering = files[host].steering
    guard let rule = steering.rules.map(\.value).first(where: { $0.mark == mark && $0.family == family }) else {
      return .main
    }
    let ways = steering.ways.map(\.value).filter { $0.table == rule.table && $0.family == family }
      .filter { !($0.interface.map { down[host, default: []].contains($0) } ?? false) }
    guard let best = ways.min(by: { $0.metric < $1.metric }) else { return .main }
    guard let hop = best.hop, let interface = best.interface else { return .unreachable }
    return .way(hop, interface)
  }

  /// The host that has the remote end's address and takes packets of the same identifier, if its filter lets the tunnel in.
  private func otherEnd(of interface: String, from host: Int, _ hop: Address) -> Int? {
    guard let tunnel = files[host].steering.tunnels.map(\.value).first(where: { $0.interface == interface }),
      let remote = tunnel.remote, tunnel.next.contains(hop)
    else { return nil }
    return files.indices.first { other in
      let packet = Packet(
        from: tunnel.local, to: remote, in: files[other].uplink, .udp(source: 50000, destination: 7700))
      return files[other].steering.tunnels.map(\.value).contains {
        $0.remote == nil && $0.local == remote && $0.identifier == tunnel.identifier && $0.interface == interface
          && $0.hardware == tunnel.hardware
      } && accepts(packet, at: .input, onHost: other)
    }
  }

  func accepts(_ packet: Packet, at hook: FilterHook = .forward, onHost host: Int) -> Bool {
    if let table = files[host].table { return evaluate(packet, at: hook, in: table).verdict == .accept }
    return evaluate(packet, at: hook, in: files[host].rules[Int(packet.source.family.rawValue)]).verdict == .accept
  }

  private func destinationHost(_ address: Address) -> Int? {
    if case .endpoint(let host, _, _, _) = meaning.place(of: address) { host } else { nil }
  }

  func interface(of address: Address, onHost host: Int) -> String {
    let listed = fabric.topology.hosts[host].endpoints.first { $0.addresses.contains(address) }?.interface?.text
    return listed ?? files[host].endpoints.replacingPlus(with: "x1")
  }

  /// Whether a host marks a packet that comes in on an interface.
  func steers(_ packet: Packet, onHost host: Int) -> Bool { mark(of: packet, onHost: host) != 0 }
}
