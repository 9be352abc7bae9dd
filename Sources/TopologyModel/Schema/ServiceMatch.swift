/// A protocol with its ports or types, as a policy names it: `tcp/5432`, `udp/8000-8080`, `sctp`, `icmp`,
/// `icmp/8`, `icmpv6/128`, `icmp/echo-request`, `any`.
package enum ServiceMatch: Sendable, Hashable {
  case any
  /// The destination ports; nil: all.
  case ports(PortProtocol, ClosedRange<UInt16>?)
  /// The types of ICMP (RFC 792) and of ICMPv6 (RFC 4443) that are meant; nil: none of that family.
  case icmp(ipv4: ClosedRange<UInt8>?, ipv6: ClosedRange<UInt8>?)

  package init(parsing text: String) throws(ServiceSyntaxError) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let argument = parts.count == 2 ? parts[1] : nil
    switch (parts[0], argument) {
    case ("any", nil): self = .any
    case ("any", _): throw .portsOnAny
    case ("icmp", nil): self = .icmp(ipv4: 0...255, ipv6: 0...255)
    case ("icmp", let argument?): self = try parseICMP(argument)
    case ("icmpv6", let argument):
      let type = try argument.map(parseICMPType)
      self = .icmp(ipv4: nil, ipv6: type.map { $0...$0 } ?? 0...255)
    default:
      guard let proto = PortProtocol(rawValue: String(parts[0])) else { throw .unknownProtocol }
      self = .ports(proto, try argument.map(parsePorts))
    }
  }
}

/// A transport protocol with ports (RFC 9293, RFC 768, RFC 9260).
package enum PortProtocol: String, Sendable, Hashable, CaseIterable {
  case tcp, udp, sctp
}

package enum ServiceSyntaxError: Error, Equatable {
  case unknownProtocol
  case notPorts
  case portOutOfRange
  case reversed(low: String, high: String)
  case portsOnICMP
  case portsOnAny
}

/// The names of the messages that ICMP and ICMPv6 both have, with their types (RFC 792, RFC 4443).
package let icmpNames: [(name: String, ipv4: UInt8, ipv6: UInt8)] = [
  ("echo-request", 8, 128), ("echo-reply", 0, 129), ("destination-unreachable", 3, 1), ("time-exceeded", 11, 3),
  ("parameter-problem", 12, 4),
]

private func parseICMP(_ text: Substring) throws(ServiceSyntaxError) -> ServiceMatch {
  if let known = icmpNames.first(where: { $0.name == text }) {
    return .icmp(ipv4: known.ipv4...known.ipv4, ipv6: known.ipv6...known.ipv6)
  }
  let type = try parseICMPType(text)
  return .icmp(ipv4: type...type, ipv6: nil)
}

private func parseICMPType(_ text: Substring) throws(ServiceSyntaxError) -> UInt8 {
  // To iptables 255 is every type.
  guard isDecimal(text), let type = UInt8(text), type < 255 else { throw .portsOnICMP }
  return type
}

private func parsePorts(_ text: Substring) throws(ServiceSyntaxError) -> ClosedRange<UInt16> {
  let ends = text.split(separator: "-", omittingEmptySubsequences: false)
  guard (1...2).contains(ends.count), ends.allSatisfy({ isDecimal($0) }) else { throw .notPorts }
  let numbers = ends.compactMap { UInt16($0) }
  guard numbers.count == ends.count, !numbers.contains(0) else { throw .portOutOfRange }
  guard numbers[0] <= numbers[numbers.count - 1] else {
    throw .reversed(low: "\(ends[1])", high: "\(ends[0])")
  }
  return numbers[0]...numbers[numbers.count - 1]
}

func decodeServiceMatch(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Located<ServiceMatch>? {
  guard let text = decodeScalar(node, expected: "a protocol such as tcp/5432", &diagnostics) else { return nil }
  do {
    return Located(try ServiceMatch(parsing: text), at: node.range)
  } catch {
    diagnostics.add(.invalidService(text, error, at: node.range))
    return nil
  }
}

extension Diagnostic {
  static func invalidService(_ text: String, _ error: ServiceSyntaxError, at range: SourceRange) -> Diagnostic {
    let protocols = "tcp/PORT, tcp/LOW-HIGH, udp/…, sctp/…, tcp, udp, sctp, icmp, icmp/TYPE, icmpv6/TYPE or any"
    let (reason, help): (String, String) =
      switch error {
      case .unknownProtocol: ("is not a protocol with ports", "write \(protocols)")
      case .notPorts: ("has no proper ports", "write one port, or two with `-` between; several are several items")
      case .portOutOfRange: ("has a port that does not exist", "ports are 1 to 65535")
      case .reversed(let low, let high):
        ("has a range of ports that ends before it begins", "write the lower port first: \(low)-\(high)")
      case .portsOnICMP:
        (
          "has no ICMP type: types are 0 to 254, and ICMP has no ports",
          "write icmp, icmp/TYPE, icmpv6/TYPE, or for both families one of: \(icmpNames.map { "icmp/\($0.name)" }.joined(separator: ", "))"
        )
      case .portsOnAny: ("has ports, but `any` is every protocol", "write any, or name the protocol: tcp, udp or sctp")
      }
    return Diagnostic(.invalidService, "\(shown(text)) \(reason)", at: range, help: [help])
  }
}
