import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// The routing daemon that a device runs.
enum RoutingDaemon: Sendable, Hashable {
  case none, bird, bird1, exabgp, frr, quagga

  init(_ plan: DevicePlan) {
    let kinds = Set(plan.artifacts)
    if kinds.contains(.frr) {
      self = .frr
    } else if kinds.contains(.bird) {
      self = .bird
    } else if kinds.contains(.bird1) || kinds.contains(.bird1IPv6) {
      self = .bird1
    } else if kinds.contains(.exabgp) {
      self = .exabgp
    } else {
      self = kinds.contains(.quaggaZebra) ? .quagga : .none
    }
  }

  /// In the names of scenarios.
  var title: String {
    switch self {
    case .none: "no daemon"
    case .bird: "BIRD"
    case .bird1: "BIRD 1.6"
    case .exabgp: "ExaBGP"
    case .frr: "FRR"
    case .quagga: "Quagga"
    }
  }

  /// Whether it can be asked for its sessions. ExaBGP's client needs pipes of the whole machine; the other end tells.
  var tellsSessions: Bool { self != .none && self != .exabgp }
  /// Whether the learned routes leave the kernel when the BGP daemon is killed: zebra lives on and takes them away.
  var cleansUp: Bool { self == .frr || self == .quagga }
}

/// Where BIRD 1.6 is: in the folder that `scripts/ensure-bird1` fills, or installed instead of BIRD 2.
package func bird1Programs() -> String? {
  let home = getenv("HOME").map { String(cString: $0) } ?? "/root"
  let cache = getenv("XDG_CACHE_HOME").map { String(cString: $0) } ?? "\(home)/.cache"
  let chosen = getenv("ROMANA_BIRD1").map { String(cString: $0) } ?? "\(cache)/romana-compile/bird-1.6"
  // Only 1.6 has a program for IPv6.
  return ["\(chosen)/usr/sbin", "/usr/sbin"].first { access("\($0)/bird6", X_OK) == 0 }
}
