import Testing
import TopologyModel

/// A listed endpoint needs nothing but the emitted files on its host: no agent adds a route, an address or a neighbour.
@Suite(.serialized, .disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct EndpointTests {
  /// One host with iptables and one with nftables.
  @Test(arguments: ["h1", "h2"])
  func listedEndpointsWork(_ name: String) async throws {
    let example = try Example.named("services")
    let topology = example.plan.topology
    let index = try #require(topology.hosts.firstIndex { $0.name.text == name })
    let device = try example.device(name)
    let endpoints = topology.hosts[index].endpoints.filter { $0.tenant.text == "shop" }
    let gateways = try #require(device.gateway).addresses
    let uplink = try #require(
      DeviceLinks(device, in: topology).words.first { $0.hasPrefix(topology.hosts[index].links[0].interface.text) })
    let arguments =
      [example.folder(device), uplink] + gateways.map { "\($0)" }
      + endpoints.map { endpoint in
        ([endpoint.interface?.text ?? ""] + endpoint.addresses.map { "\($0)" }).joined(separator: " ")
      }
    try #require(endpoints.count == 2 && gateways.count == 2 && endpoints.allSatisfy { $0.addresses.count == 2 })
    let backend = device.artifacts.contains(.rulesNFT) ? ["nft", "unshare"] : ["iptables"]
    let output = try await Sandbox.run(
      "endpoint-host.sh", arguments, needs: ["ip", "awk", "flock", "sysctl", "ping"] + backend)
    guard let output else { return }
    let tries = Dictionary(
      uniqueKeysWithValues: (output["tries"] ?? []).compactMap { line -> (String, Bool)? in
        let words = line.split(separator: " ").map(String.init)
        return words.count == 2 ? (words[0], words[1] == "yes") : nil
      })
    for what in ["gateway", "neighbor", "outside"] {
      for family in ["4", "6"] { #expect(tries[what + family] == true, "\(what)\(family): \(output)") }
    }
    for what in ["metadata", "spoofed"] {
      for family in ["4", "6"] { #expect(tries[what + family] == false, "\(what)\(family): \(output)") }
    }
  }
}
