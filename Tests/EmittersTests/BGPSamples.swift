@testable import Emitters
@testable import TopologyModel

/// A device with sessions and filters that a test fills in; parsing failures are mistakes of the test.
struct BGPSample {
  var sessions: [BGPSession] = []
  var filters: [PrefixFilter] = []
  var originated: [String] = []
  var routes: [StaticRoute] = []

  /// Adds a session; the address at this end is the one below the neighbour's.
  mutating func addSession(
    _ neighbor: String, _ role: DeviceRole, _ address: String, believes: Int = 0, announces: Int = 0,
    limit: Int? = nil
  ) {
    let address = sampleAddress(address)
    sessions.append(
      BGPSession(
        neighbor: Name(neighbor)!, neighborRole: role,
        ends: .addresses(local: Address(address.family, address.bits - 1), neighbor: address), family: address.family,
        neighborASN: 4_200_000_009, localRole: role == .host ? .provider : .customer,
        bfd: true,
        importFilter: believes, exportFilter: announces, exportLimit: limit))
  }

  mutating func addFilter(_ name: FilterName, _ family: AddressFamily, _ entries: [FilterEntry]) {
    filters.append(PrefixFilter(name: name, family: family, entries: entries))
  }

  mutating func addRoute(_ prefix: String, _ target: RouteTarget) {
    routes.append(StaticRoute(prefix: samplePrefix(prefix), target: target, purpose: .defaultRoute))
  }

  func device(_ role: DeviceRole) -> DevicePlan {
    var device = DevicePlan(fabric: Name("f")!, name: Name("d")!, role: role, artifacts: [])
    device.routes = routes
    if role == .host { device.uplinks = [Uplink(interface: InterfaceName("eth0")!, mtu: nil)] }
    if sessions.isEmpty { return device }
    device.bgp = BGPPlan(
      asn: 4_200_000_001, routerID: sampleAddress("192.0.2.1"),
      originated: originated.map {
        OriginatedPrefix(prefix: samplePrefix($0), purpose: .defaultRoute, onlyWhilePresent: false)
      },
      sessions: sessions, filters: filters, maximumPaths: 64)
    return device
  }

  func frr(_ role: DeviceRole = .tor) -> String { text { emitFRR(device(role), into: &$0) } }

  func bird() -> String { text { emitBIRD(device(.host), into: &$0) } }

  private func text(_ emit: (inout TextWriter) -> Void) -> String {
    var writer = TextWriter()
    emit(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

func sampleAddress(_ text: String) -> Address { try! Address(parsing: text) }

func samplePrefix(_ text: String) -> Prefix { try! Prefix(parsing: text) }

func sampleHop(_ text: String) -> NextHop {
  NextHop(address: sampleAddress(text), device: Name("n")!, interface: nil)
}

extension String {
  /// The lines that contain a text, in order, without the space around them.
  func lines(with part: String) -> [String] {
    split(separator: "\n").map { String($0.drop { $0 == " " }) }.filter { $0.contains(part) }
  }
}
