/// Kernel settings of a host. Names and values: Documentation/networking/ip-sysctl.rst of the Linux kernel.
///
/// - Parameters:
///   - gateways: how many ways lead to the fabric.
///   - hasFunctions: whether packets are led through functions on the host.
///   - forwards: whether it carries traffic for others on its segment, out of the interface by which it came.
func hostSysctls(
  _ host: Host, families: [AddressFamily], gateways: Int, hasFunctions: Bool = false, forwards: Bool = false
) -> [Sysctl] {
  var settings: [Sysctl] = [
    sysctl("net", "ipv4", "ip_forward", value: 1, "the host routes for its endpoints"),
    sysctl(
      "net", "ipv4", "conf", "all", "rp_filter", value: 0, "so that the value of each interface counts"),
  ]
  if host.hasSeveralVLANs {
    settings.append(
      sysctl(
        "net", "ipv4", "conf", "default", "rp_filter", value: 0,
        "the way back to an endpoint in another VLAN leads to the gateway; the packet filter stops spoofing"))
  }
  settings += host.uplinkInterfaces.map {
    Sysctl(
      path: [.word("net"), .word("ipv4"), .word("conf"), .interface($0), .word("rp_filter")], value: 0,
      reason: "ICMP errors come from links that the host has no route to; the packet filter stops spoofing")
  }
  if forwards {
    let reason: StaticWord = "what it carries for others of its zone comes and goes by one interface"
    settings.append(sysctl("net", "ipv4", "conf", "all", "send_redirects", value: 0, reason))
    settings += host.uplinkInterfaces.map {
      Sysctl(
        path: [.word("net"), .word("ipv4"), .word("conf"), .interface($0), .word("send_redirects")], value: 0,
        reason: reason)
    }
  }
  let isMultihomed = gateways > 1 && host.links[0].vlan == nil
  if isMultihomed { settings += multipathSettings(.ipv4) }
  settings += unnumberedSettings(host.links.filter(\.isUnnumbered).map(\.interface))
  if hasFunctions, !isMultihomed { settings += families.sorted().map(deadLinkSetting) }
  if families.contains(.ipv6) {
    if isMultihomed { settings += multipathSettings(.ipv6) }
    if host.instance != nil {
      settings += host.uplinkInterfaces.map {
        Sysctl(
          path: [.word("net"), .word("ipv6"), .word("conf"), .interface($0), .word("accept_ra")], value: 2,
          reason: "the VPC's router advertisements are heard by a host that routes too")
      }
    }
    settings += [
      sysctl("net", "ipv6", "conf", "all", "forwarding", value: 1, "the host routes for its endpoints"),
      sysctl("net", "ipv6", "conf", "all", "keep_addr_on_down", value: 1, "addresses outlive a link flap"),
      sysctl(
        "net", "ipv6", "conf", "all", "proxy_ndp", value: 1, "the gateway address answers on endpoint interfaces"),
    ]
  }
  return settings
}

/// Kernel settings of a ToR or spine that runs Linux.
func switchSysctls(families: [AddressFamily]) -> [Sysctl] {
  var settings = [
    sysctl("net", "ipv4", "ip_forward", value: 1, "the device routes"),
    sysctl("net", "ipv4", "conf", "*", "rp_filter", value: 0, "ICMP errors come from links without a route"),
    sysctl(
      "net", "ipv4", "fib_multipath_hash_policy", value: 1, "flows, not pairs of hosts, spread over equal-cost paths"),
    sysctl(
      "net", "ipv4", "conf", "all", "ignore_routes_with_linkdown", value: 1, "a path whose link is down is not used"),
  ]
  if families.contains(.ipv6) {
    settings += [
      sysctl("net", "ipv6", "conf", "all", "forwarding", value: 1, "the device routes"),
      sysctl("net", "ipv6", "conf", "all", "keep_addr_on_down", value: 1, "addresses outlive a link flap"),
      sysctl("net", "ipv6", "fib_multipath_hash_policy", value: 1, "as for IPv4"),
      sysctl("net", "ipv6", "conf", "all", "ignore_routes_with_linkdown", value: 1, "as for IPv4"),
    ]
  }
  return settings
}

/// For a device with several ways.
private func multipathSettings(_ family: AddressFamily) -> [Sysctl] {
  let version: StaticWord = family == .ipv4 ? "ipv4" : "ipv6"
  return [
    sysctl(
      "net", version, "fib_multipath_hash_policy", value: 1, "flows, not pairs of hosts, spread over equal-cost paths"),
    sysctl(
      "net", version, "conf", "all", "ignore_routes_with_linkdown", value: 1, "a path whose link is down is not used"),
  ]
}

/// For unnumbered links: they live from their link-local addresses, and routers advertise themselves there only to be found
/// by the neighbour's routing daemon.
func unnumberedSettings(_ interfaces: [InterfaceName]) -> [Sysctl] {
  interfaces.flatMap { interface in
    [
      Sysctl(
        path: [.word("net"), .word("ipv6"), .word("conf"), .interface(interface), .word("disable_ipv6")], value: 0,
        reason: "an unnumbered link has a link-local address"),
      Sysctl(
        path: [.word("net"), .word("ipv6"), .word("conf"), .interface(interface), .word("accept_ra")], value: 0,
        reason: "router advertisements are for the routing daemon, not for the kernel"),
    ]
  }
}

/// A service function whose interface has no carrier is down.
private func deadLinkSetting(_ family: AddressFamily) -> Sysctl {
  sysctl(
    "net", family == .ipv4 ? "ipv4" : "ipv6", "conf", "all", "ignore_routes_with_linkdown", value: 1,
    "a service function whose link is down is not used")
}

private func sysctl(_ path: StaticWord..., value: Int, _ reason: StaticWord) -> Sysctl {
  Sysctl(path: path.map { .word($0) }, value: value, reason: reason)
}
