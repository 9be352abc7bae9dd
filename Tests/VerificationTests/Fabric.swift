import Emitters
import Testing
import TopologyModel
import Verification

#if canImport(Glibc)
  import Glibc
#endif

/// A topology compiled from text, with the packet filters of its hosts as they read back.
struct Fabric {
  let plan: NetworkPlan
  private let shared: SharedFragments

  var topology: Topology { plan.topology }

  /// An example of the repository.
  init(example name: String) throws {
    try self.init(path: repository + "/examples/\(name)/topology.yaml")
  }

  /// The text of an example without includes.
  static func text(ofExample name: String) throws -> String {
    let path = repository + "/examples/\(name)/topology.yaml"
    let stream = try #require(fopen(path, "r"))
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    while case let byte = getc(stream), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
    return String(decoding: bytes, as: UTF8.self)
  }

  init(_ text: String) throws {
    var template = Array("/tmp/romana-verification.XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    let bytes = Array(text.utf8)
    try #require(descriptor >= 0 && write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
    try self.init(path: path)
  }

  /// The same topology with another backend on every host.
  func with(_ backend: FirewallBackend) -> Fabric {
    guard topology.hosts.contains(where: { $0.settings.firewallBackend != backend }) else { return self }
    var topology = topology
    for host in topology.hosts.indices { topology.hosts[host].settings.firewallBackend = backend }
    return Fabric(NetworkPlan(topology))
  }

  /// The same topology with sets of addresses for long lists of policies.
  func withAddressSets() -> Fabric {
    var topology = topology
    for host in topology.hosts.indices { topology.hosts[host].settings.usesAddressSets = true }
    return Fabric(NetworkPlan(topology))
  }

  private init(_ plan: NetworkPlan) {
    self.plan = plan
    shared = SharedFragments(plan)
  }

  private init(path: String) throws {
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    let document = try #require(loadTopology(path, into: &sources, &diagnostics))
    let resolved = resolveTopology(document, lock: nil, &diagnostics)
    var printer = DiagnosticPrinter(sources: sources, colored: false)
    self.init(NetworkPlan(try #require(resolved, "\(printer.text(diagnostics))").topology))
  }

  /// The table of nftables of a host, read back from the file.
  func table(_ host: Int) throws -> NFTFile { try parseNFT(tableBytes(host)) }

  func tableBytes(_ host: Int) throws -> [UInt8] {
    let device = try #require(plan.device(named: topology.hosts[host].name.text))
    return file(.rulesNFT, of: plan.plan(device))
  }

  /// The rules of a host of a family, read back from the file.
  func rules(_ host: Int, _ family: AddressFamily) throws -> RuleFile {
    var rules = try parseRuleFile(emitted(host, family), family)
    rules.sets = try sets(host)
    return rules
  }

  /// The sets that a host's rules ask, read back from the file.
  func sets(_ host: Int) throws -> [String: KernelSet] {
    let device = plan.plan(try #require(plan.device(named: topology.hosts[host].name.text)))
    return device.artifacts.contains(.addressSets) ? try parseSetFile(file(.addressSets, of: device)) : [:]
  }

  /// The file in lines.
  func text(_ host: Int, _ family: AddressFamily) throws -> [String] {
    String(decoding: try emitted(host, family), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func emitted(_ host: Int, _ family: AddressFamily) throws -> [UInt8] {
    let device = try #require(plan.device(named: topology.hosts[host].name.text))
    return file(family == .ipv4 ? .rulesIPv4 : .rulesIPv6, of: plan.plan(device))
  }

  /// A file of a device.
  func file(_ kind: ArtifactKind, of device: DevicePlan) -> [UInt8] {
    shared.bytes(kind, of: device)
  }

  var devices: [DevicePlan] { plan.devices.map { plan.plan($0) } }
}

private let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
