import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

extension Lab {
  /// Builds the whole network and starts it; returns before BGP has converged.
  func setUp(_ backend: FirewallBackendProgram) async throws {
    progress("\(nodes.count) devices, \(layout.links.count) links, \(layout.endpoints.count) endpoints: plugging in")
    try await drawTunnelKeys()
    try writeFiles()
    try writeSecrets()
    try await plugIn()
    try Task.checkCancellation()
    progress("applying files, starting daemons")
    try await applySysctls()
    try await applyFirewalls(backend)
    try await applyRoutes()
    try await applyTunnels()
    try await startDaemons()
    try Task.checkCancellation()
    try await plugInEndpoints()
    // romana-routes.service would see the new interfaces and run it again.
    try await applyRoutes()
  }
}

/// What a lab cannot do without, by the Debian package that has it.
private let programs = [
  ("ip", "iproute2", "/usr/sbin/ip /sbin/ip /usr/bin/ip /bin/ip"),
  ("sysctl", "procps", "/usr/sbin/sysctl /sbin/sysctl"),
  ("iptables", "iptables", "/usr/sbin/iptables-nft"), ("flock", "util-linux", "/usr/bin/flock"),
]

/// Checks that this process may set up a lab and that the machine has the programs for it.
package func checkMachine(_ plan: NetworkPlan) throws(LabError) {
  guard geteuid() == 0 else {
    throw LabError("a lab needs root, for network namespaces", help: ["run it with sudo"])
  }
  var wanted = programs
  let devices = plan.devices.lazy.map { plan.plan($0) }
  let daemons = Set(devices.map { RoutingDaemon($0) })
  if daemons.contains(.bird) { wanted.append(("bird", "bird2", "/usr/sbin/bird")) }
  if daemons.contains(.exabgp) { wanted.append(("exabgp", "exabgp", "/usr/sbin/exabgp /usr/bin/exabgp")) }
  if !daemons.isDisjoint(with: [.frr, .quagga]) { wanted.append(("vtysh", "frr", "/usr/bin/vtysh")) }
  if daemons.contains(.bird1), bird1Programs() == nil {
    throw LabError(
      "the lab needs BIRD 1.6, whose package cannot be installed beside bird2", help: ["run scripts/ensure-bird1"])
  }
  if devices.contains(where: { $0.artifacts.contains(.rulesNFT) }) {
    wanted += [("nft", "nftables", "/usr/sbin/nft /sbin/nft"), ("unshare", "util-linux", "/usr/bin/unshare")]
  }
  if devices.contains(where: { $0.tunnels.contains { $0.cover != .gre } }) {
    wanted.append(("wg", "wireguard-tools", "/usr/bin/wg"))
  }
  if devices.contains(where: { $0.artifacts.contains(.addressSets) }) {
    wanted.append(("ipset", "ipset", "/usr/sbin/ipset /sbin/ipset"))
  }
  let missing = wanted.filter { _, _, places in
    !places.split(separator: " ").contains { access(String($0), X_OK) == 0 }
  }
  guard missing.isEmpty else {
    throw LabError(
      "the lab needs \(missing.map(\.0).joined(separator: ", "))",
      help: ["apt-get install \(missing.map(\.1).joined(separator: " "))"])
  }
}
