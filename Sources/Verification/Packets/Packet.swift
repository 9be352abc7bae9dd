import TopologyModel

/// What a packet filter sees of a packet.
package struct Packet: Sendable, Hashable {
  package var source: Address
  package var destination: Address
  /// The interface that it came in on.
  package var input: String
  package var payload: Payload
  package var state: FlowState
  /// The mark of the packet's connection.
  package var connectionMark: UInt32 = 0

  package enum Payload: Sendable, Hashable {
    /// The type of an ICMP (RFC 792) or ICMPv6 (RFC 4443) message, as the family of the addresses has it.
    case icmp(type: Int)
    case udp(source: Int, destination: Int)
    case tcp(source: Int, destination: Int)
    case sctp(source: Int, destination: Int)
    /// Any other protocol, by its number.
    case other(Int)
  }

  package init(
    from source: Address, to destination: Address, in input: String,
    _ payload: Payload = .tcp(source: 40000, destination: 80), state: FlowState = .new
  ) {
    self.source = source
    self.destination = destination
    self.input = input
    self.payload = payload
    self.state = state
  }
}

extension RuleValue {
  /// Whether every match of the rule holds for a packet (iptables(8)).
  package func matches(_ packet: Packet, _ sets: [String: KernelSet] = [:]) -> Bool {
    if let source, !source.matches(packet.source) { return false }
    if let destination, !destination.matches(packet.destination) { return false }
    if let sourceSet, sets[sourceSet]?.contains(packet.source) != true { return false }
    if let destinationSet, sets[destinationSet]?.contains(packet.destination) != true { return false }
    if let input, !interface(packet.input, matches: input) { return false }
    if let proto, !proto.matches(packet) { return false }
    if let connectionMark, packet.connectionMark & connectionMark != connectionMark { return false }
    return states.isEmpty || states.contains(packet.state)
  }
}

/// A pattern that ends with `+` stands for every name that begins like it.
private func interface(_ name: String, matches pattern: String) -> Bool {
  pattern.hasSuffix("+") ? name.hasPrefix(pattern.dropLast()) : name == pattern
}

extension ProtocolValue {
  fileprivate func matches(_ packet: Packet) -> Bool {
    switch (self, packet.payload) {
    case (.icmp(let wanted), .icmp(let type)): packet.source.family == .ipv4 && (wanted ?? type) == type
    case (.icmpv6(let wanted), .icmp(let type)): packet.source.family == .ipv6 && (wanted ?? type) == type
    case (.ports(.udp, let from, let to), .udp(let source, let destination)),
      (.ports(.tcp, let from, let to), .tcp(let source, let destination)),
      (.ports(.sctp, let from, let to), .sctp(let source, let destination)):
      has(from, source) && has(to, destination)
    case (.number(let wanted), .other(let number)): wanted == number
    default: false
    }
  }
}

/// No ports stand for all.
private func has(_ ports: [ClosedRange<Int>], _ port: Int) -> Bool {
  ports.isEmpty || ports.contains { $0.contains(port) }
}
