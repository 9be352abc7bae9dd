import TopologyModel
import Verification

/// The packet filters that a packet meets on its way through the fabric.
struct Journey {
  let fabric: Fabric
  let meaning: Meaning
  /// By host, then by family.
  private let rules: [[RuleFile]]

  init(_ fabric: Fabric) throws {
    self.fabric = fabric
    meaning = Meaning(topology: fabric.topology)
    rules = try fabric.topology.hosts.indices.map { host in
      try AddressFamily.allCases.map { try fabric.rules(host, $0) }
    }
  }

  func rules(_ host: Int, _ family: AddressFamily) -> RuleFile { rules[host][Int(family.rawValue)] }

  /// The host whose prefix holds an address.
  func host(of address: Address) -> Int? {
    switch meaning.place(of: address) {
    case .endpoint(let host, _, _, _), .unallocated(let host, _), .infrastructure(let host): host
    case .nowhere, .underlay, .outside: nil
    }
  }

  /// The interface of the endpoint that has an address: the listed one, or another that fits the pattern.
  func interface(of address: Address, onHost host: Int) -> String {
    let host = fabric.topology.hosts[host]
    let listed = host.endpoints.first { $0.addresses.contains(address) }?.interface?.text
    return listed ?? host.settings.endpointInterface.text.replacingPlus(with: "x1")
  }

  func uplink(_ host: Int) -> String { fabric.topology.hosts[host].links[0].interface.text }

  /// What the filters on the way see of a packet: on the host of its source, then on that of its destination.
  func steps(
    _ source: Address, _ destination: Address, _ payload: Packet.Payload = .tcp(source: 40000, destination: 80),
    state: FlowState = .new
  ) -> [(host: Int, packet: Packet)] {
    let (from, to) = (host(of: source), host(of: destination))
    func step(_ host: Int, _ input: String) -> (host: Int, packet: Packet) {
      (host, Packet(from: source, to: destination, in: input, payload, state: state))
    }
    let input = from.map { interface(of: source, onHost: $0) } ?? ""
    if let from, from == to { return [step(from, input)] }
    return (from.map { [step($0, input)] } ?? []) + (to.map { [step($0, uplink($0))] } ?? [])
  }

  /// Whether every filter on the way lets a packet pass.
  func passes(
    _ source: Address, _ destination: Address, _ payload: Packet.Payload = .tcp(source: 40000, destination: 80),
    state: FlowState = .new
  ) -> Bool {
    let steps = steps(source, destination, payload, state: state)
    return !steps.isEmpty
      && steps.allSatisfy { evaluate($0.packet, at: .forward, in: rules($0.host, source.family)).verdict == .accept }
  }
}

extension String {
  /// A name that fits an interface pattern.
  func replacingPlus(with text: String) -> String { hasSuffix("+") ? dropLast() + text : self }
}
