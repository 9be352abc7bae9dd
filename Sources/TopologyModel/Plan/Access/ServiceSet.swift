/// A set of protocols, ports and types of ICMP, exactly: sorted ranges of numbers on one line.
///
/// On the line stand the destination ports of TCP, UDP and SCTP, 65,536 each, then the 256 types of the family's ICMP,
/// then one number for all other protocols. So "any" is the whole line, and sets are joined and taken apart as ranges.
package struct ServiceSet: Sendable, Hashable {
  /// Sorted; neither overlapping nor adjacent.
  package private(set) var ranges: [ClosedRange<UInt32>]

  package init(_ ranges: some Sequence<ClosedRange<UInt32>>) { self.ranges = mergeRanges(ranges) }

  package static let any = ServiceSet([0...ServiceLine.others])

  /// What policies name, in a family.
  package init(_ services: some Sequence<ServiceMatch>, _ family: AddressFamily) {
    self.init(
      services.compactMap { service in
        switch service {
        case .any: 0...ServiceLine.others
        case .ports(let proto, let ports): ServiceLine.ports(proto, ports ?? 0...UInt16.max)
        case .icmp(let ipv4, let ipv6): (family == .ipv4 ? ipv4 : ipv6).map(ServiceLine.icmp)
        }
      })
  }

  package var isEmpty: Bool { ranges.isEmpty }
  package var isAny: Bool { self == .any }

  package func overlaps(_ other: ServiceSet) -> Bool {
    var (left, right) = (0, 0)
    while left < ranges.count, right < other.ranges.count {
      if ranges[left].upperBound < other.ranges[right].lowerBound {
        left += 1
      } else if other.ranges[right].upperBound < ranges[left].lowerBound {
        right += 1
      } else {
        return true
      }
    }
    return false
  }

  package func contains(_ other: ServiceSet) -> Bool { other.subtracting(self).isEmpty }

  package func intersection(_ other: ServiceSet) -> ServiceSet {
    var result: [ClosedRange<UInt32>] = []
    var (left, right) = (0, 0)
    while left < ranges.count, right < other.ranges.count {
      let low = max(ranges[left].lowerBound, other.ranges[right].lowerBound)
      let high = min(ranges[left].upperBound, other.ranges[right].upperBound)
      if low <= high { result.append(low...high) }
      if ranges[left].upperBound < other.ranges[right].upperBound { left += 1 } else { right += 1 }
    }
    return ServiceSet(result)
  }

  package func subtracting(_ other: ServiceSet) -> ServiceSet {
    var result: [ClosedRange<UInt32>] = []
    for range in ranges {
      var low = range.lowerBound
      for taken in other.ranges where taken.upperBound >= low && taken.lowerBound <= range.upperBound {
        if taken.lowerBound > low { result.append(low...(taken.lowerBound - 1)) }
        low = taken.upperBound + 1
      }
      if low <= range.upperBound { result.append(low...range.upperBound) }
    }
    return ServiceSet(result)
  }
}

/// Where protocols stand on the line of a `ServiceSet`.
package enum ServiceLine {
  /// The number of all protocols but TCP, UDP, SCTP and the family's ICMP.
  package static let others: UInt32 = icmpBase + 256
  private static let icmpBase: UInt32 = 3 << 16

  static func ports(_ proto: PortProtocol, _ ports: ClosedRange<UInt16>) -> ClosedRange<UInt32> {
    let base = base(proto)
    return (base + UInt32(ports.lowerBound))...(base + UInt32(ports.upperBound))
  }

  static func icmp(_ types: ClosedRange<UInt8>) -> ClosedRange<UInt32> {
    (icmpBase + UInt32(types.lowerBound))...(icmpBase + UInt32(types.upperBound))
  }

  private static func base(_ proto: PortProtocol) -> UInt32 {
    switch proto {
    case .tcp: 0
    case .udp: 1 << 16
    case .sctp: 2 << 16
    }
  }
}

/// A protocol and what of it, as rules spell it.
package enum ServiceTerm: Sendable, Hashable {
  case any
  /// Destination ports, sorted; empty: all.
  case ports(PortProtocol, [ClosedRange<UInt16>])
  /// Types of the family's ICMP, sorted; empty: all.
  case icmp([ClosedRange<UInt8>])
  /// Every protocol but TCP, UDP, SCTP and the family's ICMP; no policy names these alone.
  case others
}

extension ServiceSet {
  /// The set protocol by protocol.
  package var terms: [ServiceTerm] {
    if isAny { return [.any] }
    var terms: [ServiceTerm] = []
    for proto in PortProtocol.allCases {
      let whole = ServiceLine.ports(proto, 0...UInt16.max)
      let ports = intersection(ServiceSet([whole])).ranges.map {
        UInt16($0.lowerBound - whole.lowerBound)...UInt16($0.upperBound - whole.lowerBound)
      }
      if !ports.isEmpty { terms.append(.ports(proto, ports == [0...UInt16.max] ? [] : ports)) }
    }
    let whole = ServiceLine.icmp(0...UInt8.max)
    let types = intersection(ServiceSet([whole])).ranges.map {
      UInt8($0.lowerBound - whole.lowerBound)...UInt8($0.upperBound - whole.lowerBound)
    }
    if !types.isEmpty { terms.append(.icmp(types == [0...UInt8.max] ? [] : types)) }
    if ranges.last?.upperBound == ServiceLine.others { terms.append(.others) }
    return terms
  }
}

/// The fewest ranges that hold the same numbers, sorted.
func mergeRanges(_ ranges: some Sequence<ClosedRange<UInt32>>) -> [ClosedRange<UInt32>] {
  var result: [ClosedRange<UInt32>] = []
  for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
    if let last = result.last, range.lowerBound <= last.upperBound + 1 {
      result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
    } else {
      result.append(range)
    }
  }
  return result
}
