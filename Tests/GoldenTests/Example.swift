import ArgumentParser
import Emitters
import Synchronization
import SystemPackage
import Testing
import TopologyModel

@testable import romana_compile

/// An example whose whole tree is golden, compiled once for all tests.
struct Example: Sendable, CustomTestStringConvertible {
  static let names = [
    "starter", "routed-access", "prefix-groups", "dual-stack", "static-fabric", "tor-systems", "nftables",
    "exabgp-hosts", "bird1-hosts", "frr-hosts", "quagga-hosts", "mixed-speakers", "local-additions", "ospf",
    "ospf-speakers", "policies", "strict-hosts", "ipset-policies", "services",
    "flat-layer2", "split-layer2", "layer2-access", "layer2-pair", "upstreams",
    "route-reflectors", "dual-homed", "tcp-md5", "address-blocks", "unnumbered", "vlans",
    "ec2-one-zone", "ec2-three-zones", "ec2-zone-aggregates", "ec2-transit-gateways", "ec2-peerings",
    "hybrid", "region-tunnels",
  ]

  var name: String
  var compilation: Compilation

  var plan: NetworkPlan { compilation.plan }
  var golden: FilePath { Repository.golden.appending(name) }
  var testDescription: String { name }

  private static let cache = Mutex<[String: Example]>([:])

  /// Compiles an example with its committed lock file, as `build --locked` does.
  static func named(_ name: String) throws -> Example {
    if let known = cache.withLock({ $0[name] }) { return known }
    let path = Repository.examples.appending(name).appending("topology.yaml").string
    let lock = Repository.isRewriting ? [] : ["--locked"]
    let example = Example(name: name, compilation: try compile(TopologyOptions.parse([path] + lock)))
    cache.withLock { $0[name] = example }
    return example
  }

  /// The plans of all devices of a role, or of all.
  func devices(_ role: DeviceRole? = nil) -> [DevicePlan] {
    plan.devices.filter { role == nil || $0.role == role }.map { plan.plan($0) }
  }

  /// The plans of all hosts whose packet filter is made with a backend.
  func hosts(_ backend: FirewallBackend) -> [DevicePlan] {
    devices(.host).filter { $0.firewall?.backend == backend }
  }

  func device(_ name: String) throws -> DevicePlan {
    guard let reference = plan.device(named: name) else { throw NoSuchDevice(name: name) }
    return plan.plan(reference)
  }

  func path(_ kind: ArtifactKind, of device: DevicePlan) -> FilePath {
    golden.appending("\(device.role.folder)").appending(device.name.text).appending("\(kind.fileName)")
  }

  /// A golden file as it lies in the repository.
  func read(_ kind: ArtifactKind, of device: DevicePlan) throws -> [UInt8] {
    try Repository.read(path(kind, of: device))
  }
}

struct NoSuchDevice: Error {
  var name: String
}
