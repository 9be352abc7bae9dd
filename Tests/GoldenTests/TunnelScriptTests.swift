import Testing
import TopologyModel

/// The gateways of a hybrid cloud with their own files, on FRR, WireGuard and the kernel (see tunnels.sh).
@Suite(.serialized, .disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct TunnelScriptTests {
  @Test func regionsReachEachOtherOverTunnels() async throws {
    let example = try Example.named("hybrid")
    let device = try example.device("h1")
    let output = try await Sandbox.run(
      "tunnels.sh", [example.golden.string],
      needs: ["ip", "awk", "flock", "wg", "wireguard-go", "vtysh", "iptables", "nft", "ping", "python3"], seconds: 300)
    guard let output else { return }
    func lines(_ section: String) -> [String] { (output[section] ?? []).filter { !$0.isEmpty } }

    // Nothing begins without the keys.
    #expect(lines("without a key").contains("status 1") && lines("without a key").last == "0", "\(output)")
    #expect(lines("open key").last == "status 1")
    #expect(lines("first") == [], "\(lines("first"))")
    let addresses = device.tunnels.flatMap { tunnel in
      tunnel.addresses.map { "\(tunnel.interface) \($0.address)/\($0.length)" }
    }
    let sizes = device.tunnels.map { "\($0.interface) \($0.mtu)" }
    #expect(Set(lines("links")) == Set(addresses + sizes), "\(lines("links"))")

    #expect(lines("reach") == ["IPv4 there", "IPv4 back", "IPv6 there", "IPv6 back"], "\(output)")
    // Own tunnels first; of other racks over the spine; both tunnels together.
    #expect(
      lines("routes").map { $0.split(separator: " ").joined(separator: " ") } == [
        "tor1 via 172.16.1.1", "tor2 via 172.16.2.1", "spine1 via 172.31.0.1 via 172.31.0.5",
        "h1 via 169.254.240.1 via 169.254.240.3", "k1 via 169.254.240.5 via 169.254.240.7",
        "a1 via 169.254.240.0 via 169.254.240.4", "b1 via 169.254.240.2 via 169.254.240.6",
      ])
    #expect(lines("size") == ["1 received", "mtu = 1440"])
    // 1440 less 20 for each header and 12 for the time stamps.
    #expect(lines("segments") == ["segment 1388", "received 200000"])
    #expect(lines("again") == ["same", "1 received"], "\(lines("again"))")
    // Where nothing is yet, each tunnel takes all of its commands.
    #expect(lines("dry-run").contains { $0.hasSuffix("2 ip link add") }, "\(lines("dry-run"))")
    #expect(lines("dry-run").contains { $0.hasSuffix("4 ip addr replace") }, "\(lines("dry-run"))")
    // The first command that fails ends it.
    #expect(lines("failing") == ["no", "status 1"], "\(lines("failing"))")
  }
}
