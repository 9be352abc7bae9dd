import Testing
import TopologyModel

@testable import Lab

#if canImport(Glibc)
  import Glibc
#endif

/// Routes that ip(8) made are read back from the kernel.
@Suite(.enabled(if: isRoot, "namespaces need root"))
struct RouteDumpTests {
  private let commands = """
    link add up0 type veth peer name far0
    link add up1 type veth peer name far1
    addr add 172.31.0.1/31 dev up0
    addr add 172.31.0.3/31 dev up1
    addr add fd00:31::1/127 dev up0 nodad
    link set up0 up
    link set up1 up
    link set far0 up
    link set far1 up
    route add default proto 186 metric 20 nexthop via 172.31.0.2 dev up1 nexthop via 172.31.0.0 dev up0
    route add blackhole 10.0.0.0/13 proto 196 metric 20
    route add unreachable 10.8.0.0/13 proto 77
    route add 10.0.0.0/19 via 172.31.0.0 dev up0 proto 186
    route add 10.0.1.43 dev up1 proto 77
    route add 10.0.32.0/19 via inet6 fe80::9 dev up1 proto 186
    route add 10.0.64.0/19 via 172.31.0.0 dev up0 table 100
    route add fd00:10::/32 proto 186 nexthop via fd00:31::0 dev up0 nexthop via fe80::9 dev up1
    route add prohibit 10.64.0.0/16

    """

  @Test func whatIPAddedIsRead() async throws {
    let namespace = "rdump\(getpid())"
    try await executeOrThrow(["ip", "netns", "add", namespace])
    let dumped: [RouteEntry]
    do {
      try await executeOrThrow(["ip", "-n", namespace, "-batch", "-"], input: commands)
      dumped = try await inNamespace(namespace) { try dumpRoutes() }
    } catch {
      _ = try? await executeOrThrow(["ip", "netns", "del", namespace])
      throw error
    }
    try await executeOrThrow(["ip", "netns", "del", namespace])
    let peers = ["up1": [try Address(parsing: "172.31.0.2"), try Address(parsing: "fd00:31::2")]]
    var read = dumped.map { entry in
      KernelRoute(entry, peers: peers).map { "\($0.prefix) \($0.meaning)\($0.isConnected ? " (connected)" : "")" }
        ?? "\(entry.prefix) not known"
    }
    read.removeAll { $0.hasPrefix("fe80::/64 ") }
    #expect(
      read.sorted() == [
        "0.0.0.0/0 via 172.31.0.0, 172.31.0.2", "10.0.0.0/13 discard", "10.0.0.0/19 via 172.31.0.0",
        "10.0.1.43/32 on up1", "10.0.32.0/19 via 172.31.0.2", "10.64.0.0/16 not known", "10.8.0.0/13 discard",
        "172.31.0.0/31 on up0 (connected)", "172.31.0.2/31 on up1 (connected)",
        "fd00:10::/32 via fd00:31::, fd00:31::2", "fd00:31::/127 on up0 (connected)",
      ])
  }
}
