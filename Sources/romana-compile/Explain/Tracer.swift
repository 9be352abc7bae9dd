import TopologyModel
import Verification

/// Takes a new connection's first packet from device to device: services and the packet filter where hosts forward, the longest prefix
/// where a route is chosen. Of several next hops of equal cost the first is followed.
struct Tracer {
  let files: TraceFiles
  let routing: FabricRouting
  let model: RoutingModel
  /// What packets carry; the files are read once for all of them.
  var payload: Packet.Payload
  var topology: Topology { files.plan.topology }

  init(_ plan: NetworkPlan, _ payload: Packet.Payload) throws {
    files = TraceFiles(plan)
    routing = try files.routing()
    model = routing.solve()
    self.payload = payload
  }

  func trace(_ source: TraceEnd, _ destination: TraceEnd) throws -> Trace {
    var trace = Trace()
    guard let start = source.host.map({ topology.hosts[$0].name.text }) ?? entry(destination) else {
      trace.end = "neither \(source.address) nor \(destination.address) is on a host of the fabric"
      return trace
    }
    if source.host == nil {
      trace.steps.append(
        Trace.Step(device: start, text: "the packet comes in from outside of the endpoint networks", by: nil))
    }
    var at = Position(device: start, input: source.host == nil ? nil : port(source))
    var visited: Set<Position> = []
    var previous: String?
    while visited.insert(at).inserted {
      let device = files.plan.device(named: at.device).map { files.plan.plan($0) }
      var steering = Steering.main
      if let device, device.role == .host {
        guard let found = try forward(source, destination, device, input: at.input, &trace) else { return trace }
        steering = found
      }
      switch steering {
      case .function(let interface, _):
        trace.steps.append(Trace.Step(device: at.device, text: "the function on \(interface) sends it on", by: nil))
        at.input = interface
      case .tunnel(let interface, let tunnel, _):
        guard let end = try enter(tunnel, source, destination, &trace) else { return trace }
        at = Position(device: end, input: interface)
      case .refused:
        trace.end = "refused on \(at.device): there is no way to the function"
        return trace
      case .main:
        if let device, destination.host.map({ topology.hosts[$0].name.text }) == at.device {
          deliver(destination, device, &trace)
          return trace
        }
        guard let next = try route(source, destination, at.device, from: previous, &trace) else { return trace }
        (previous, at) = (at.device, next)
      }
    }
    trace.end = "dropped: it came back to \(title(at.device))"
    return trace
  }

  /// Where a packet is: a device and the interface that it came in on, nil for an uplink.
  struct Position: Hashable {
    var device: String
    var input: String?
  }

  /// A device as the steps name it.
  func title(_ device: String) -> String {
    guard let reference = files.plan.device(named: device) else { return "transit gateway \(device)" }
    return reference.role == .vpc ? "VPC \(device)" : device
  }

  /// Where packets from outside come to the host of an address: a spine of its region, or its ToR.
  private func entry(_ destination: TraceEnd) -> String? {
    guard let host = destination.host else { return nil }
    let rack = topology.racks[topology.hosts[host].rack]
    return (topology.regions[rack.region].spines.first?.name ?? rack.tors.first?.name ?? topology.hosts[host].name).text
  }

  /// What a host does with a packet before its main table is asked: services, then the packet filter.
  ///
  /// - Returns: where services lead it; nil if the way ends here.
  private func forward(
    _ source: TraceEnd, _ destination: TraceEnd, _ device: DevicePlan, input: String?, _ trace: inout Trace
  ) throws -> Steering? {
    let name = device.name.text
    let uplink = device.uplinks.first?.interface.text ?? ""
    var packet = Packet(from: source.address, to: destination.address, in: input ?? uplink, payload)
    let marking = try files.mark(packet, on: device)
    let steering = try files.steer(marking.mark, source.address.family, on: device)
    var output =
      destination.host.map { topology.hosts[$0].name.text } == name
      ? port(destination) : tunnel(name, destination.address)?.near.tunnel.name ?? uplink
    if marking.mark != 0 {
      trace.led.insert(name)
      trace.steps.append(
        Trace.Step(device: name, text: "a service has it: mark 0x\(String(marking.mark, radix: 16))", by: marking.by))
    }
    // A host knows the packets of a connection that it has led again by the connection's mark (docs/services.md).
    if trace.led.contains(name) { packet.connectionMark = 0x8000_0000 }
    switch steering {
    case .main: break
    case .function(let interface, let by):
      output = interface
      trace.steps.append(Trace.Step(device: name, text: "to a function on \(interface)", by: by))
    case .tunnel(let interface, let tunnel, let by):
      output = interface
      let remote = tunnel.remote.map { "\($0)" } ?? ""
      trace.steps.append(Trace.Step(device: name, text: "to a function elsewhere, in a tunnel to \(remote)", by: by))
    case .refused(let by):
      trace.steps.append(Trace.Step(device: name, text: "refused", by: by))
      return steering
    }
    let (verdict, by) = try files.filter(packet, on: device)
    let word =
      switch verdict {
      case .accept: "accepted"
      case .drop: "DROPPED"
      case .undecided: "left to the host's other rules"
      }
    trace.steps.append(
      Trace.Step(device: name, text: "from \(packet.input) to \(output): \(word) by the packet filter", by: by))
    if verdict == .drop { trace.end = "dropped on \(name)" }
    return verdict == .drop ? nil : steering
  }

  /// The host at the other end of a tunnel; nil, with the end of the way, if it is not there.
  private func enter(
    _ tunnel: WantedSteering.Tunnel, _ source: TraceEnd, _ destination: TraceEnd, _ trace: inout Trace
  ) throws -> String? {
    guard let end = try files.otherEnd(of: tunnel) else {
      trace.end = "dropped: nobody serves the tunnel \(tunnel.interface)"
      return nil
    }
    return end.name.text
  }

  /// The interface of the endpoint that has an address: the listed one, or one that fits the pattern.
  private func port(_ end: TraceEnd) -> String {
    guard let index = end.host else { return "" }
    let host = topology.hosts[index]
    if let listed = host.endpoints.first(where: { $0.addresses.contains(end.address) })?.interface {
      return listed.text
    }
    let pattern = host.settings.endpointInterface.text
    return pattern.hasSuffix("+") ? pattern.dropLast() + "0" : pattern
  }

  private func deliver(_ destination: TraceEnd, _ device: DevicePlan, _ trace: inout Trace) {
    let table = model.routes(of: device.name.text)
    if case .interface(let name)? = table[Prefix(host: destination.address)] {
      trace.steps.append(
        Trace.Step(
          device: device.name.text, text: "\(destination.address) is on \(name)",
          by: files.routeLine(Prefix(host: destination.address), of: device)))
    } else {
      trace.steps.append(
        Trace.Step(
          device: device.name.text,
          text: "\(destination.address) is one of its own; the endpoint's route is there once the endpoint is",
          by: nil))
    }
    trace.arrives = true
    trace.end = "arrives on \(device.name)"
  }

  /// Where it is next; nil if the way ends here.
  ///
  /// - Parameters:
  ///   - name: a device, or a transit gateway.
  ///   - previous: where it came from.
  private func route(
    _ source: TraceEnd, _ destination: TraceEnd, _ name: String, from previous: String?, _ trace: inout Trace
  ) throws -> Position? {
    let address = destination.address
    guard let (prefix, use) = model.route(of: name, to: address) else {
      trace.end = "dropped on \(title(name)): it has no route to \(address)" + whyUnlinked(source, destination)
      return nil
    }
    let (line, standby) = try line(prefix, use, of: name, from: previous)
    func step(_ text: String) {
      trace.steps.append(Trace.Step(device: title(name), text: "\(prefix): \(text)", by: line))
    }
    switch use {
    case .via(let hops):
      let others = hops.dropFirst().map(title).joined(separator: ", ")
      step(
        "via \(title(hops[0]))" + (others.isEmpty ? "" : ", or \(others) at equal cost")
          + (standby.map { "; failover.sh \(hops[0]) moves it to \($0)" } ?? ""))
      guard let tunnel = tunnel(name, address) else { return Position(device: hops[0], input: nil) }
      return try cross(tunnel, source, destination, &trace)
    case .discard:
      step("discard")
      trace.end = "dropped on \(title(name)) by a discard route" + whyUnlinked(source, destination)
    case .interface(let interface):
      step("on \(interface)")
      trace.end = "leaves \(name) on \(interface)"
    case .nowhere:
      step("to an address that no device of the fabric has")
      trace.end = "leaves the fabric at \(title(name))"
    }
    return nil
  }

  /// The line that a route comes from, and on a VPC the instance that takes the place of the one it leads to.
  private func line(
    _ prefix: Prefix, _ use: RoutingModel.Use, of name: String, from previous: String?
  ) throws -> (by: Decision?, standby: String?) {
    guard let device = files.plan.device(named: name).map({ files.plan.plan($0) }) else {
      return (try files.transitLine(prefix, of: name), nil)
    }
    if device.role == .vpc { return try files.vpcLine(prefix, of: device, from: previous) }
    guard case .via(let hops) = use, let line = model.importLine(of: name, to: prefix, from: hops[0]) else {
      return (files.routeLine(prefix, of: device), nil)
    }
    return (files.importLine(line, prefix.family, of: device) ?? files.routeLine(prefix, of: device), nil)
  }
}
