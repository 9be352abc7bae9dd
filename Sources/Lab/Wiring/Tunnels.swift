import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// Tunnels between regions: each gateway's own `tunnels.sh` makes them, with keys of the lab.
extension Lab {
  private var keyFolder: String { "\(identity.folder)/tunnel-keys" }
  private var toolFolder: String { "\(identity.folder)/bin-tunnels" }
  private var gateways: [LabNode] { nodes.filter { $0.plan.artifacts.contains(.tunnelsScript) } }

  /// Draws a WireGuard key for each gateway that is one end of a tunnel of the lab's devices.
  func drawTunnelKeys() async throws(LabError) {
    let names = Set(
      gateways.filter { !wireGuardKeys($0).isEmpty }.flatMap { [$0.device.name] + $0.plan.tunnels.map(\.gateway) })
    guard !names.isEmpty else { return }
    try makeFolder(keyFolder, mode: 0o700)
    for name in names.sorted() {
      let key = try await executeOrThrow(["wg", "genkey"])
      try write(key, to: "\(keyFolder)/\(name)", mode: 0o600)
      try write(try await executeOrThrow(["wg", "pubkey"], input: key), to: "\(keyFolder)/\(name).pub")
    }
  }

  /// The names of the files that hold a gateway's own key, and with each the other ends.
  private func wireGuardKeys(_ node: LabNode) -> [(file: Name, peer: Name)] {
    node.plan.tunnels.compactMap { tunnel in
      if case .wireguard(_, let file, _) = tunnel.cover { (file, tunnel.gateway) } else { nil }
    }
  }

  /// The files that `tunnels.sh` reads of a gateway.
  func writeTunnelKeys(_ node: LabNode, to folder: String) throws(LabError) {
    for (file, peer) in wireGuardKeys(node) {
      try write(readText("\(keyFolder)/\(node.name)") ?? "", to: "\(folder)/\(file)", mode: 0o600)
      try write(readText("\(keyFolder)/\(peer).pub") ?? "", to: "\(folder)/\(file).\(peer).pub")
    }
  }

  /// A script with the keys of the lab in the place of those that the topology tells.
  func withLabKeys(_ script: String, of node: LabNode) -> String {
    node.plan.tunnels.reduce(script) { text, tunnel in
      guard case .wireguard(_, _, let key?) = tunnel.cover, let own = readText("\(keyFolder)/\(tunnel.gateway).pub")
      else {
        return text
      }
      return text.replacing(key.text, with: own.filter { $0 != "\n" })
    }
  }

  /// Runs `tunnels.sh` on every gateway.
  func applyTunnels() async throws {
    if let node = gateways.first(where: { $0.plan.tunnels.contains { $0.cover == .gre } }), try await !hasGRE(node) {
      guard access("/usr/bin/python3", X_OK) == 0 else {
        throw LabError(
          "this kernel has no GRE, and the program that would play it needs python3", help: ["apt-get install python3"])
      }
      if !playsGRE { progress("this kernel has no GRE: a program plays it") }
      try writeGRETools()
    }
    _ = try await concurrently(gateways) { node in try await applyTunnels(on: node) }
  }

  /// The sockets by which wg(8) finds the interfaces of wireguard-go lie in one folder of the machine, by the interface's name alone: each
  /// gateway gets a folder of its own there. ip-netns(8) runs programs in a mount namespace of theirs.
  @discardableResult
  func applyTunnels(on node: LabNode) async throws(LabError) -> String {
    let sockets = "\(identity.folder)/wireguard-\(node.index)"
    try makeFolder(sockets, mode: 0o700)
    let program = """
      mkdir -p /run/wireguard && mount --bind "$0" /run/wireguard && ROMANA_SECRETS="$1" exec sh "$2"
      """
    let command = ["sh", "-c", program, sockets, secretsFolder(node), file(node, .tunnelsScript)]
    return try await execute(
      ["ip", "netns", "exec", node.namespace] + command, firstInPath: playsGRE ? toolFolder : nil
    ).outputOrThrow(["tunnels.sh"], on: node.name)
  }

  // MARK: GRE where the kernel has none.

  private var playsGRE: Bool { readText("\(toolFolder)/ip") != nil }

  private func hasGRE(_ node: LabNode) async throws(LabError) -> Bool {
    let name = "romana-probe"
    let made = try await run(
      on: node, ["ip", "link", "add", "dev", name, "type", "gre", "remote", "192.0.2.1", "ttl", "64"])
    guard made.status == 0 else { return false }
    try await runOrThrow(on: node, ["ip", "link", "del", "dev", name])
    return true
  }

  private func writeGRETools() throws(LabError) {
    try makeFolder(toolFolder)
    try write(greProgram, to: "\(toolFolder)/gre", mode: 0o755)
    try write(ipOfTunnels.replacing("FOLDER", with: toolFolder), to: "\(toolFolder)/ip", mode: 0o755)
  }
}

/// Stands before ip(8) in the search path of tunnels.sh: makes GRE interfaces by the program, and says of them what ip(8) would.
private let ipOfTunnels = #"""
  #!/bin/sh
  real=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v ip)
  note=FOLDER/$(readlink /proc/self/ns/net | tr -dc '0-9')-
  case "$*" in
  "link add dev "*" type gre remote "* | "link add dev "*" type ip6gre remote "*)
    # What holds the script's lock would hold it as long as the tunnel is there.
    FOLDER/gre "$4" "$8" 9>&- || exit
    echo " $6 remote $8 " >"$note$4"
    exit
    ;;
  "-o -d link show dev "*)
    "$real" "$@" || exit
    cat "$note$6" 2>/dev/null
    exit 0
    ;;
  esac
  exec "$real" "$@"

  """#

/// GRE without options (RFC 2784) between a tun device and a raw socket, which takes only what comes from the other end. It ends when the
/// device is deleted.
private let greProgram = #"""
  #!/usr/bin/python3
  import fcntl, os, select, socket, struct, sys

  name, remote = sys.argv[1:]
  family = socket.AF_INET6 if ":" in remote else socket.AF_INET
  tun = os.open("/dev/net/tun", os.O_RDWR)
  TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
  fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
  line = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_GRE)
  line.connect((remote, 0))
  if os.fork():
      os._exit(0)
  os.setsid()
  null = os.open("/dev/null", os.O_RDWR)
  for descriptor in range(3):
      os.dup2(null, descriptor)
  protocols = {4: 0x0800, 6: 0x86DD}
  while True:
      ready, _, _ = select.select([tun, line], [], [])
      if tun in ready:
          packet = os.read(tun, 65535)
          try:
              line.send(struct.pack("!HH", 0, protocols[packet[0] >> 4]) + packet)
          except OSError:
              pass
      if line in ready:
          try:
              message = line.recv(65535)
              if family == socket.AF_INET:
                  message = message[(message[0] & 15) * 4 :]
              options, protocol = struct.unpack("!HH", message[:4])
              if options == 0 and protocol in protocols.values():
                  os.write(tun, message[4:])
          except OSError:
              pass

  """#
