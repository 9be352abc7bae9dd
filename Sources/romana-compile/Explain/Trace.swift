import TopologyModel
import Verification

/// The way of a packet through the fabric, by the emitted files.
struct Trace {
  struct Step {
    var device: String
    var text: String
    var by: Decision?
  }
  var steps: [Step] = []
  /// What becomes of it in the end.
  var end = ""
  var arrives = false
  /// Hosts that have led it for a service.
  var led: Set<String> = []

  var text: String {
    var text = ""
    for (number, step) in steps.enumerated() {
      text += "\(number + 1) \(step.device): \(step.text)\n"
      if let by = step.by { text += "    \(by.description)\n" }
    }
    return text + end + "\n"
  }
}

/// One end of a packet's way.
struct TraceEnd {
  var address: Address
  /// Index of the host that has it as an endpoint's; nil elsewhere.
  var host: Int?

  /// An address, or the name of a listed endpoint.
  init?(_ text: String, family: AddressFamily?, _ topology: Topology) {
    if let address = try? Address(parsing: text) {
      self.address = address
    } else {
      let endpoints = topology.hosts.flatMap(\.endpoints).filter { endpoint in
        endpoint.name.text == text || "\(endpoint.tenant)/\(endpoint.segment)/\(endpoint.name)" == text
      }
      guard let address = endpoints.flatMap(\.addresses).first(where: { family == nil || $0.family == family }) else {
        return nil
      }
      self.address = address
    }
    let address = self.address
    host = topology.hosts.indices.first { host in
      topology.networks.indices.contains { network in
        topology.prefixes(ofHost: host, inNetwork: network).contains { $0.contains(address) }
      }
    }
  }
}

/// Takes a new connection's first packet from device to device: services and the packet filter where hosts forward, the longest prefix
/// where a route is chosen. Of several next hops of equal cost the first is followed.
struct Tracer {
  let files: TraceFiles
  let model: RoutingModel
  let payload: Packet.Payload
  private var topology: Topology { files.plan.topology }

  init(_ plan: NetworkPlan, _ payload: Packet.Payload) throws {
    files = TraceFiles(plan)
    model = try files.solve()
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
    while visited.insert(at).inserted {
      guard let device = files.plan.device(named: at.device).map({ files.plan.plan($0) }) else { break }
      var steering = Steering.main
      if device.role == .host {
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
        if destination.host.map({ topology.hosts[$0].name.text }) == at.device {
          deliver(destination, device, &trace)
          return trace
        }
        guard let next = route(destination.address, device, &trace) else { return trace }
        at = Position(device: next, input: nil)
      }
    }
    trace.end = "dropped: it came back to \(at.device)"
    return trace
  }

  /// Where a packet is: a device and the interface that it came in on, nil for an uplink.
  private struct Position: Hashable {
    var device: String
    var input: String?
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
    var output = destination.host.map { topology.hosts[$0].name.text } == name ? port(destination) : uplink
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

  /// The next device; nil if the way ends here.
  private func route(_ address: Address, _ device: DevicePlan, _ trace: inout Trace) -> String? {
    let table = model.routes(of: device.name.text)
    let lengths = (0...address.family.bitWidth).reversed()
    guard let prefix = lengths.lazy.map({ Prefix(containing: address, length: $0) }).first(where: { table[$0] != nil }),
      let use = table[prefix]
    else {
      trace.end = "dropped on \(device.name): it has no route to \(address)"
      return nil
    }
    let line = files.routeLine(prefix, of: device)
    func step(_ text: String) {
      trace.steps.append(Trace.Step(device: device.name.text, text: "\(prefix): \(text)", by: line))
    }
    switch use {
    case .via(let hops):
      step("via \(hops[0])" + (hops.count > 1 ? ", or \(hops.dropFirst().joined(separator: ", ")) at equal cost" : ""))
      return hops[0]
    case .discard:
      step("discard")
      trace.end = "dropped on \(device.name) by a discard route"
    case .interface(let name):
      step("on \(name)")
      trace.end = "leaves \(device.name) on \(name)"
    case .nowhere:
      step("to an address that no device of the fabric has")
      trace.end = "leaves the fabric at \(device.name)"
    }
    return nil
  }
}
