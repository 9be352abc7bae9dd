import TopologyModel

/// Where the fields of a packet of one family stand among the bits of a diagram, and conditions on them.
///
/// Fields in this order: interface, state, protocol, destination, source, type of ICMP, source port, destination port.
/// An interface stands for all names that every pattern of the files treats alike.
package struct PacketBits {
  package let family: AddressFamily
  package var diagrams = Diagrams()
  /// One name of each class of interfaces; the first is that of all names that no file mentions.
  private let interfaces: [String]
  private let patterns: Set<String>
  private let interfaceBits: Int

  private enum Field {
    case proto, destination, source, icmpType, sourcePort, destinationPort
  }

  /// `patterns`: names of interfaces, and beginnings with `+` behind them.
  package init(_ family: AddressFamily, interfaces patterns: Set<String>) {
    self.family = family
    var (names, known) = (["other0"], Set<Set<String>>())
    known.insert(patterns.filter { Self.interface("other0", fits: $0) })
    for pattern in patterns.sorted() {
      let start = pattern.hasSuffix("+") ? String(pattern.dropLast()) : pattern
      // The shortest name, and one that goes on in a way that no other pattern does.
      for name in pattern.hasSuffix("+") ? [start, start + "~"] : [start] where name.utf8.count <= 15 {
        if known.insert(patterns.filter { Self.interface(name, fits: $0) }).inserted { names.append(name) }
      }
    }
    interfaces = names
    self.patterns = patterns
    interfaceBits = max(1, (names.count - 1).bitWidth - (names.count - 1).leadingZeroBitCount)
  }

  private static func interface(_ name: String, fits pattern: String) -> Bool {
    pattern.hasSuffix("+") ? name.hasPrefix(pattern.dropLast()) : name == pattern
  }

  /// First bit and width.
  private func place(_ field: Field) -> (start: Int, width: Int) {
    let (base, width) = (interfaceBits + 2, family.bitWidth)
    return switch field {
    case .proto: (base, 8)
    case .destination: (base + 8, width)
    case .source: (base + 8 + width, width)
    case .icmpType: (base + 8 + 2 * width, 8)
    case .sourcePort: (base + 16 + 2 * width, 16)
    case .destinationPort: (base + 32 + 2 * width, 16)
    }
  }

  /// `low <= field & mask <= high`.
  private mutating func within(
    _ field: Field, _ low: UInt128, _ high: UInt128, mask: UInt128 = UInt128.max
  ) -> Diagrams.Node {
    let (start, width) = place(field)
    var (least, most) = (Diagrams.yes, Diagrams.yes)
    for position in 0..<width {
      let (shift, bit) = (UInt128(1) << UInt128(position), start + width - 1 - position)
      guard mask & shift != 0 else {
        // The field is zero here.
        if low & shift != 0 { least = Diagrams.no }
        if high & shift != 0 { most = Diagrams.yes }
        continue
      }
      least =
        low & shift != 0
        ? diagrams.node(bit, zero: Diagrams.no, one: least) : diagrams.node(bit, zero: least, one: Diagrams.yes)
      most =
        high & shift != 0
        ? diagrams.node(bit, zero: Diagrams.yes, one: most) : diagrams.node(bit, zero: most, one: Diagrams.no)
    }
    return diagrams.and(least, most)
  }

  package mutating func source(_ low: UInt128, _ high: UInt128, mask: UInt128) -> Diagrams.Node {
    within(.source, low, high, mask: mask)
  }

  package mutating func destination(_ low: UInt128, _ high: UInt128, mask: UInt128) -> Diagrams.Node {
    within(.destination, low, high, mask: mask)
  }

  package mutating func proto(_ number: UInt128) -> Diagrams.Node { within(.proto, number, number) }

  package mutating func protos(_ low: UInt128, _ high: UInt128) -> Diagrams.Node { within(.proto, low, high) }

  package mutating func icmpType(_ low: UInt128, _ high: UInt128) -> Diagrams.Node {
    let isICMP = proto(family == .ipv4 ? 1 : 58)
    return diagrams.and(isICMP, within(.icmpType, low, high))
  }

  package mutating func sourcePort(_ low: UInt128, _ high: UInt128) -> Diagrams.Node { within(.sourcePort, low, high) }

  package mutating func destinationPort(_ low: UInt128, _ high: UInt128) -> Diagrams.Node {
    within(.destinationPort, low, high)
  }

  package mutating func interface(_ pattern: String) -> Diagrams.Node {
    var result = Diagrams.no
    for code in 0..<(1 << interfaceBits) where Self.interface(name(code), fits: pattern) {
      var node = Diagrams.yes
      for position in 0..<interfaceBits {
        let bit = interfaceBits - 1 - position
        node =
          code >> position & 1 == 1
          ? diagrams.node(bit, zero: Diagrams.no, one: node) : diagrams.node(bit, zero: node, one: Diagrams.no)
      }
      result = diagrams.or(result, node)
    }
    return result
  }

  /// Numbers beyond the last class stand for the first.
  private func name(_ code: Int) -> String { code < interfaces.count ? interfaces[code] : interfaces[0] }

  /// Of the two bits the first alone says "established", the second alone "related".
  package mutating func state(_ state: FlowState) -> Diagrams.Node {
    let (first, second) = (interfaceBits, interfaceBits + 1)
    let isOne = diagrams.node(second, zero: Diagrams.no, one: Diagrams.yes)
    let isZero = diagrams.node(second, zero: Diagrams.yes, one: Diagrams.no)
    return switch state {
    case .established: diagrams.node(first, zero: Diagrams.no, one: isZero)
    case .related: diagrams.node(first, zero: isOne, one: Diagrams.no)
    case .new: diagrams.node(first, zero: isZero, one: isOne)
    }
  }

  /// A packet of a class: bits that are not given are zero.
  package func packet(_ path: [Int: Bool]) -> Packet {
    func number(_ start: Int, _ width: Int) -> UInt128 {
      (start..<(start + width)).reduce(0) { $0 << 1 | (path[$1] ?? false ? 1 : 0) }
    }
    func number(_ field: Field) -> UInt128 { number(place(field).start, place(field).width) }
    let ports = (Int(number(.sourcePort)), Int(number(.destinationPort)))
    let payload: Packet.Payload =
      switch (number(.proto), family) {
      case (1, .ipv4), (58, .ipv6): .icmp(type: Int(number(.icmpType)))
      case (6, _): .tcp(source: ports.0, destination: ports.1)
      case (17, _): .udp(source: ports.0, destination: ports.1)
      case (132, _): .sctp(source: ports.0, destination: ports.1)
      case (let proto, _): .other(Int(proto))
      }
    let states = (path[interfaceBits] ?? false, path[interfaceBits + 1] ?? false)
    return Packet(
      from: Address(family, number(.source)), to: Address(family, number(.destination)),
      in: name(Int(number(0, interfaceBits))), payload,
      state: states == (true, false) ? .established : states == (false, true) ? .related : .new)
  }
}

extension PacketBits {
  /// What a diagram's bit is in a packet.
  package func isSet(_ bit: Int, in packet: Packet) -> Bool {
    if bit < interfaceBits {
      let fitting = patterns.filter { Self.interface(packet.input, fits: $0) }
      let code = interfaces.indices.first { index in
        patterns.filter { Self.interface(interfaces[index], fits: $0) } == fitting
      }
      return (code ?? 0) >> (interfaceBits - 1 - bit) & 1 == 1
    }
    if bit == interfaceBits { return packet.state == .established }
    if bit == interfaceBits + 1 { return packet.state == .related }
    for (field, value) in fields(of: packet) {
      let (start, width) = place(field)
      guard bit >= start, bit < start + width else { continue }
      return value >> UInt128(start + width - 1 - bit) & 1 == 1
    }
    return false
  }

  private func fields(of packet: Packet) -> [(Field, UInt128)] {
    let (proto, type, source, destination): (Int, Int, Int, Int) =
      switch packet.payload {
      case .icmp(let type): (family == .ipv4 ? 1 : 58, type, 0, 0)
      case .tcp(let source, let destination): (6, 0, source, destination)
      case .udp(let source, let destination): (17, 0, source, destination)
      case .sctp(let source, let destination): (132, 0, source, destination)
      case .other(let number): (number, 0, 0, 0)
      }
    return [
      (.proto, UInt128(proto)), (.destination, packet.destination.bits), (.source, packet.source.bits),
      (.icmpType, UInt128(type)), (.sourcePort, UInt128(source)), (.destinationPort, UInt128(destination)),
    ]
  }
}
