import Testing
import TopologyModel

/// Hosts whose own traffic is filtered, in the kernel, with real packets.
@Suite(.serialized, .disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct StrictInputTests {
  @Test(arguments: [("h1", "nft"), ("h1", "legacy"), ("h2", "none")])
  func theHostAnswersItsNeighbourAndItsOperatorsOnly(_ name: String, _ backend: String) async throws {
    let example = try Example.named("strict-hosts")
    let device = try example.device(name)
    let sessions = try #require(device.bgp?.sessions)
    let ends = try [AddressFamily.ipv4, .ipv6].flatMap { family in
      let session = try #require(sessions.first { $0.family == family })
      return ["\(try #require(session.localAddress))", "\(try #require(session.neighborAddress))"]
    }
    let output = try await Sandbox.run(
      "strict-input.sh", [example.folder(device), backend] + ends,
      needs: ["nft", "unshare", "nsenter", "flock", "awk", "python3", "ping"])
    guard let output else { return }
    let (peer, peer6) = (ends[1], ends[3])
    #expect(
      output["asked"] == [
        "tcp 179 from \(peer) answered", "tcp 22 from \(peer) dropped", "tcp 80 from \(peer) dropped",
        "udp 3784 from \(peer) answered", "udp 4000 from \(peer) dropped", "tcp 22 from 192.0.2.129 answered",
        "tcp 9100 from 192.0.2.129 dropped", "tcp 22 from 192.0.2.140 answered",
        "tcp 9100 from 192.0.2.140 answered", "udp 161 from 192.0.2.140 answered", "tcp 22 from 192.0.2.1 dropped",
        "tcp 179 from \(peer6) answered", "tcp 22 from \(peer6) dropped", "udp 3784 from \(peer6) answered",
      ])
    #expect(output["ping"] == ["answered", "answered"])
    #expect(output["own"] == ["tcp 443 from \(ends[0]) answered"])
  }
}
