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

/// Takes a new connection's first packet from device to device: the packet filter where hosts forward, the longest prefix where a route
/// is chosen. Of several next hops of equal cost the first is followed.
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
    var (name, visited): (String, Set<String>) = (start, [])
    while visited.insert(name).inserted {
      guard let device = files.plan.device(named: name).map({ files.plan.plan($0) }) else { break }
      let isSource = source.host.map { topology.hosts[$0].name.text } == name
      let isTarget = destination.host.map { topology.hosts[$0].name.text } == name
      if isSource || isTarget {
        guard try passes(source, destination, device, isSource: isSource, isTarget: isTarget, &trace) else {
          return trace
        }
      }
      if isTarget {
        deliver(destination, device, &trace)
        return trace
      }
      guard let next = route(destination.address, device, &trace) else { return trace }
      name = next
    }
    trace.end = "dropped: it came back to \(name)"
    return trace
  }

  /// Where packets from outside come to the host of an address: a spine of its region, or its ToR.
  private func entry(_ destination: TraceEnd) -> String? {
    guard let host = destination.host else { return nil }
    let rack = topology.racks[topology.hosts[host].rack]
    return (topology.regions[rack.region].spines.first?.name ?? rack.tors.first?.name ?? topology.hosts[host].name).text
  }

  private func passes(
    _ source: TraceEnd, _ destination: TraceEnd, _ device: DevicePlan, isSource: Bool, isTarget: Bool,
    _ trace: inout Trace
  ) throws -> Bool {
    let uplink = device.uplinks.first?.interface.text ?? ""
    let output = isTarget ? port(destination) : uplink
    let packet = Packet(
      from: source.address, to: destination.address, in: isSource ? port(source) : uplink, payload)
    let (verdict, by) = try files.filter(packet, on: device)
    let word =
      switch verdict {
      case .accept: "accepted"
      case .drop: "DROPPED"
      case .undecided: "left to the host's other rules"
      }
    trace.steps.append(
      Trace.Step(
        device: device.name.text, text: "from \(packet.input) to \(output): \(word) by the packet filter",
        by: by))
    if verdict == .drop { trace.end = "dropped on \(device.name)" }
    return verdict != .drop
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
