import Difference
import Emitters
import Foundation
import Testing
import TopologyModel
import Verification

@testable import romana_compile

/// A folder under `golden/diff`: a change that people make, as `old.yaml` and `new.yaml`, and what `diff` says of it.
///
/// `options` may hold arguments, one a line.
struct DiffCase: Sendable, CustomTestStringConvertible {
  static let root = GoldenText.root + "/golden/diff"

  let name: String

  var testDescription: String { name }
  var folder: String { "\(Self.root)/\(name)" }
  /// Whether the newer side does not compile.
  var isRefused: Bool { name.hasSuffix("-refused") }

  var options: [String] {
    let text = (try? readFile("\(folder)/options")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  static let all: [DiffCase] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.sorted().map { DiffCase(name: $0) }
  }()
  static let compiled = all.filter { !$0.isRefused }

  func sides() throws -> (old: DiffSide, new: DiffSide) {
    let (old, new) = try compileSides(
      (SideArgument("\(folder)/old.yaml"), SideOptions()),
      (SideArgument("\(folder)/new.yaml"), SideOptions(mayRenumber: options.contains("--renumber"))))
    return (DiffSide(old.plan), DiffSide(new.plan))
  }
}

/// One side of a case with all its files.
final class DiffSide {
  let network: ComparedNetwork
  var topology: Topology { network.plan.topology }
  private var shared: SharedFragments { network.shared }

  /// By host: its rules as they read back.
  private var rules: [Int: (AddressFamily, RuleFile)] = [:]
  private var tables: [Int: NFTFile] = [:]

  init(_ plan: NetworkPlan) { network = ComparedNetwork(plan) }

  /// All files by their path.
  func files() -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for reference in network.plan.devices {
      let device = network.plan.plan(reference)
      for kind in device.artifacts {
        files["\(device.role.folder)/\(device.name)/\(kind.fileName)"] = shared.bytes(kind, of: device)
      }
    }
    return files
  }

  func routing(_ place: DevicePlace) throws -> DeviceRouting? {
    guard let reference = network.plan.devices.first(where: { $0.name == place.name && $0.role == place.role }) else {
      return nil
    }
    let device = network.plan.plan(reference)
    return try readRouting(of: device) { shared.bytes($0, of: device) }
  }

  var spines: Set<String> { Set(topology.regions.flatMap(\.spines).map(\.name.text)) }

  /// The routing of the whole fabric, from the files as they read back.
  func solveRouting() throws -> RoutingModel { try routing().solve() }

  func routing() throws -> FabricRouting {
    try FabricRouting(network.plan) { shared.bytes($1, of: $0) }
  }

  /// Whether the packet filters on its way let a packet pass, by the files as they read back.
  func passes(_ source: Address, _ destination: Address, _ payload: Packet.Payload) throws -> Bool {
    let (from, to) = (host(of: source), host(of: destination))
    if let from, from == to {
      return try accepts(from, Packet(from: source, to: destination, in: port(from), payload))
    }
    if let from, try !accepts(from, Packet(from: source, to: destination, in: port(from), payload)) {
      return false
    }
    if let to, try !accepts(to, Packet(from: source, to: destination, in: uplink(to), payload)) {
      return false
    }
    return from != nil || to != nil
  }

  /// An interface that fits the pattern of the host's endpoints.
  private func port(_ host: Int) -> String {
    let pattern = topology.hosts[host].settings.endpointInterface.text
    return pattern.hasSuffix("+") ? pattern.dropLast() + "x1" : pattern
  }

  private func uplink(_ host: Int) -> String { topology.hosts[host].links[0].interface.text }

  private func host(of address: Address) -> Int? {
    topology.hosts.indices.first { host in
      topology.networks.indices.contains { network in
        topology.prefixes(ofHost: host, inNetwork: network).contains { $0.contains(address) }
      }
    }
  }

  private func accepts(_ host: Int, _ packet: Packet) throws -> Bool {
    let family = packet.source.family
    if let table = tables[host] { return evaluate(packet, at: .forward, in: table).verdict == .accept }
    if let known = rules[host], known.0 == family {
      return evaluate(packet, at: .forward, in: known.1).verdict == .accept
    }
    let device = network.plan.plan(try #require(network.plan.device(named: topology.hosts[host].name.text)))
    if device.artifacts.contains(.rulesNFT) {
      tables[host] = try parseNFT(shared.bytes(.rulesNFT, of: device))
    } else {
      var file = try parseRuleFile(shared.bytes(family == .ipv4 ? .rulesIPv4 : .rulesIPv6, of: device), family)
      if device.artifacts.contains(.addressSets) {
        file.sets = try parseSetFile(shared.bytes(.addressSets, of: device))
      }
      rules[host] = (family, file)
    }
    return try accepts(host, packet)
  }
}
