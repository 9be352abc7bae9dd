import CNamespaces
import SystemPackage
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// A route as the kernel tells it (rtnetlink(7)).
struct RouteEntry: Sendable, Hashable {
  struct Hop: Sendable, Hashable {
    /// Nil where the network begins behind the interface.
    var gateway: Address?
    var interface: String
  }
  var prefix: Prefix
  /// RTN_UNICAST and so on.
  var type: UInt8
  /// RTPROT_KERNEL and so on.
  var origin: UInt8
  var hops: [Hop]
}

/// The main table of the calling thread's namespace, both families.
///
/// Asked of the kernel itself: the lab looks at every table thousands of times, and a program that looks costs more than the look.
func dumpRoutes() throws(LabError) -> [RouteEntry] {
  let descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | O_CLOEXEC, NETLINK_ROUTE)
  guard descriptor >= 0 else { throw systemError("cannot ask the kernel for routes") }
  defer { close(descriptor) }
  var routes: [RouteEntry] = []
  for family in AddressFamily.allCases {
    try requestRoutes(descriptor, family)
    var isDone = false
    while !isDone {
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw systemError("cannot read routes") }
      isDone = try readRoutes(buffer.prefix(count), family, into: &routes)
    }
  }
  return routes
}

private func requestRoutes(_ descriptor: Int32, _ family: AddressFamily) throws(LabError) {
  var request = (nlmsghdr(), rtmsg())
  let length = MemoryLayout<nlmsghdr>.size + MemoryLayout<rtmsg>.size
  request.0.nlmsg_len = UInt32(length)
  request.0.nlmsg_type = UInt16(RTM_GETROUTE)
  request.0.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_ROOT | NLM_F_MATCH)
  request.1.rtm_family = UInt8(family == .ipv4 ? AF_INET : AF_INET6)
  guard withUnsafeBytes(of: &request, { send(descriptor, $0.baseAddress, length, 0) }) == length else {
    throw systemError("cannot ask for routes")
  }
}

/// - Returns: whether these were the last.
private func readRoutes(
  _ bytes: ArraySlice<UInt8>, _ family: AddressFamily, into routes: inout [RouteEntry]
) throws(LabError) -> Bool {
  var rest = bytes
  while let header = rest.load(nlmsghdr.self),
    (MemoryLayout<nlmsghdr>.size...max(MemoryLayout<nlmsghdr>.size, rest.count)).contains(Int(header.nlmsg_len))
  {
    let body = rest.prefix(Int(header.nlmsg_len)).dropFirst(MemoryLayout<nlmsghdr>.size)
    switch Int32(header.nlmsg_type) {
    case NLMSG_DONE: return true
    case NLMSG_ERROR: throw LabError("the kernel does not tell its routes")
    case Int32(RTM_NEWROUTE):
      if let route = try readRoute(body, family) { routes.append(route) }
    default: break
    }
    rest = rest.dropFirst(aligned(Int(header.nlmsg_len)))
  }
  return false
}

/// Nil for a route of another table, or one that the kernel keeps for a single destination.
private func readRoute(_ body: ArraySlice<UInt8>, _ family: AddressFamily) throws(LabError) -> RouteEntry? {
  guard let message = body.load(rtmsg.self) else { throw LabError("a route of the kernel ends early") }
  let attributes = readAttributes(body.dropFirst(MemoryLayout<rtmsg>.size))
  let table = attributes[RTA_TABLE]?.load(UInt32.self) ?? UInt32(message.rtm_table)
  guard table == RT_TABLE_MAIN.rawValue, message.rtm_flags & UInt32(RTM_F_CLONED) == 0 else { return nil }
  let network = attributes[RTA_DST].flatMap { readAddress($0, family) } ?? Address(family, 0)
  var hops: [RouteEntry.Hop] = []
  if var rest = attributes[RTA_MULTIPATH] {
    let size = MemoryLayout<rtnexthop>.size
    while let hop = rest.load(rtnexthop.self), (size...max(size, rest.count)).contains(Int(hop.rtnh_len)) {
      let own = readAttributes(rest.prefix(Int(hop.rtnh_len)).dropFirst(size))
      hops.append(readHop(own, UInt32(bitPattern: hop.rtnh_ifindex), family))
      rest = rest.dropFirst(aligned(Int(hop.rtnh_len)))
    }
  } else if let index = attributes[RTA_OIF]?.load(UInt32.self) {
    hops = [readHop(attributes, index, family)]
  }
  return RouteEntry(
    prefix: Prefix(containing: network, length: Int(message.rtm_dst_len)), type: message.rtm_type,
    origin: message.rtm_protocol, hops: hops)
}

private func readHop(_ attributes: RouteAttributes, _ index: UInt32, _ family: AddressFamily) -> RouteEntry.Hop {
  var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
  let interface = if_indextoname(index, &name).map { String(cString: $0) } ?? "interface \(index)"
  // RTA_VIA: a next hop of the other family, which stands behind the number of the family (RFC 8950).
  let other = attributes[RTA_VIA].flatMap { readAddress($0.dropFirst(2), .ipv6) }
  return RouteEntry.Hop(
    gateway: attributes[RTA_GATEWAY].flatMap { readAddress($0, family) } ?? other, interface: interface)
}

private func readAddress(_ bytes: ArraySlice<UInt8>, _ family: AddressFamily) -> Address? {
  guard bytes.count == family.bitWidth / 8 else { return nil }
  return Address(family, bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
}

/// The values of attributes by their types (rtnetlink(3)).
private struct RouteAttributes {
  private var values: [UInt16: ArraySlice<UInt8>] = [:]

  subscript(type: rtattr_type_t) -> ArraySlice<UInt8>? { values[UInt16(type.rawValue)] }

  mutating func add(_ type: UInt16, _ value: ArraySlice<UInt8>) { values[type] = value }
}

private func readAttributes(_ bytes: ArraySlice<UInt8>) -> RouteAttributes {
  var attributes = RouteAttributes()
  var rest = bytes
  let size = MemoryLayout<rtattr>.size
  while let head = rest.load(rtattr.self), (size...max(size, rest.count)).contains(Int(head.rta_len)) {
    attributes.add(head.rta_type, rest.prefix(Int(head.rta_len)).dropFirst(size))
    rest = rest.dropFirst(aligned(Int(head.rta_len)))
  }
  return attributes
}

/// Messages, next hops and attributes begin at multiples of four bytes (netlink(3)).
private func aligned(_ length: Int) -> Int { (length + 3) & ~3 }

extension ArraySlice<UInt8> {
  /// The value that the bytes begin with; nil if they are too few.
  fileprivate func load<Value: BitwiseCopyable>(_ type: Value.Type) -> Value? {
    guard count >= MemoryLayout<Value>.size else { return nil }
    return withUnsafeBytes { $0.loadUnaligned(as: type) }
  }
}
