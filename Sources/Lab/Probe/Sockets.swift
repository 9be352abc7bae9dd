import CNamespaces
import SystemPackage
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// The port that every party of the lab answers on, TCP and UDP.
let probePort: UInt16 = 7777

/// Calls a closure with an address as the socket calls want it (ip(7), ipv6(7)).
func withSocketAddress<Result>(
  _ address: Address, port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
  switch address.family {
  case .ipv4:
    var value = sockaddr_in()
    value.sin_family = sa_family_t(AF_INET)
    value.sin_port = port.bigEndian
    value.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.bits).bigEndian
    return withUnsafePointer(to: &value) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  case .ipv6:
    var value = sockaddr_in6()
    value.sin6_family = sa_family_t(AF_INET6)
    value.sin6_port = port.bigEndian
    withUnsafeMutableBytes(of: &value.sin6_addr) { bytes in
      for index in 0..<16 {
        bytes[index] = UInt8(truncatingIfNeeded: address.bits >> UInt128(8 * (15 - index)))
      }
    }
    return withUnsafePointer(to: &value) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
      }
    }
  }
}

/// What kind of packets a probe sends.
enum ProbeKind: Sendable, Hashable, CaseIterable {
  case tcp, udp, icmp

  var name: String {
    switch self {
    case .tcp: "TCP"
    case .udp: "UDP"
    case .icmp: "ICMP"
    }
  }
}

/// Opens a socket in the namespace of the calling thread, not blocking, bound to an address.
///
/// With `foreign` the address need not be one of the namespace's (ip(7), IP_TRANSPARENT): so an endpoint lies about its
/// source.
func openSocket(
  _ kind: ProbeKind, _ family: AddressFamily, boundTo address: Address? = nil, port: UInt16 = 0, foreign: Bool = false
) throws(LabError) -> Int32 {
  let domain = family == .ipv4 ? AF_INET : AF_INET6
  let (type, number): (__socket_type, Int32) =
    switch kind {
    case .tcp: (SOCK_STREAM, 0)
    case .udp: (SOCK_DGRAM, 0)
    case .icmp: (SOCK_RAW, Int32(family == .ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6))
    }
  let descriptor = socket(domain, Int32(type.rawValue) | O_NONBLOCK | O_CLOEXEC, number)
  guard descriptor >= 0 else { throw systemError("cannot open a \(kind.name) socket") }
  setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
  if kind != .tcp { setOption(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20) }
  if family == .ipv6 { setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
  if foreign {
    if family == .ipv4 {
      setOption(descriptor, Int32(IPPROTO_IP), Int32(romanaIPTransparent), 1)
    } else {
      setOption(descriptor, Int32(IPPROTO_IPV6), Int32(romanaIPv6Transparent), 1)
    }
  }
  let any = Address(family, 0)
  let bound = withSocketAddress(address ?? any, port: kind == .icmp ? 0 : port) { bind(descriptor, $0, $1) }
  guard bound == 0 || (address == nil && port == 0) else {
    let error = systemError("cannot bind to \(address ?? any)")
    close(descriptor)
    throw error
  }
  return descriptor
}

private func setOption(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
  var value = value
  setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
}

/// Sets the time to live of what a socket sends (ip(7), IP_TTL; ipv6(7), IPV6_UNICAST_HOPS).
func setHopLimit(_ descriptor: Int32, _ family: AddressFamily, _ limit: Int) {
  if family == .ipv4 {
    setOption(descriptor, Int32(IPPROTO_IP), IP_TTL, Int32(limit))
  } else {
    setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_UNICAST_HOPS, Int32(limit))
  }
}

/// Allows this process as many open files as the system lets it have.
func raiseFileLimit() {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  limit.rlim_cur = limit.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

/// An ICMP echo request (RFC 792, RFC 4443 section 4.1) with a payload. The kernel fills in the checksum of ICMPv6 only.
func echoRequest(_ family: AddressFamily, identifier: UInt16, sequence: UInt16, _ payload: [UInt8]) -> [UInt8] {
  var packet: [UInt8] = [family == .ipv4 ? 8 : 128, 0, 0, 0]
  packet += [UInt8(identifier >> 8), UInt8(identifier & 0xff), UInt8(sequence >> 8), UInt8(sequence & 0xff)]
  packet += payload
  guard family == .ipv4 else { return packet }
  var sum: UInt32 = 0
  for index in stride(from: 0, to: packet.count, by: 2) {
    sum += UInt32(packet[index]) << 8 | (index + 1 < packet.count ? UInt32(packet[index + 1]) : 0)
  }
  while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
  packet[2] = UInt8(truncatingIfNeeded: ~sum >> 8)
  packet[3] = UInt8(truncatingIfNeeded: ~sum)
  return packet
}
