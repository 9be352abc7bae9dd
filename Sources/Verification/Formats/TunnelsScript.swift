import TopologyModel

/// What `tunnels.sh` says that a gateway wants.
package struct WantedTunnels: Sendable {
  package struct Tunnel: Sendable, Hashable {
    package var name: String
    package var endpoint: Address
    package var mtu: Int
    /// Nil: GRE.
    package var wireguard: WireGuard?
  }
  package struct WireGuard: Sendable, Hashable {
    package var port: Int
    package var keyFile: String
    package var gateway: String
    /// Nil: from a file.
    package var publicKey: String?
  }
  package struct LinkAddress: Sendable, Hashable {
    package var tunnel: String
    package var address: Address
    package var length: Int
  }
  package struct Allowed: Sendable, Hashable {
    package var tunnel: String
    package var prefix: Prefix
  }
  package var tunnels: [(value: Tunnel, line: Int)] = []
  package var addresses: [(value: LinkAddress, line: Int)] = []
  package var allowed: [(value: Allowed, line: Int)] = []
}

/// Reads the list of `tunnels.sh`; its program is checked for its frame only.
package func parseTunnelsScript(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> WantedTunnels {
  try parseTunnelsScript(TextFile(bytes, comment: "#", interpreter: "#!/bin/sh", of: device))
}

private func parseTunnelsScript(_ file: TextFile) throws(ParseFailure) -> WantedTunnels {
  var wanted = WantedTunnels()
  for line in try wantedLines(file) {
    var words = try wantedWords(line.text, line: line.number)
    let kind = try words.word("a thing to want")
    let name = try words.word("an interface")
    guard name.hasPrefix("romana-t"), readNumber(String(name.dropFirst(8)), in: 0...65535) != nil else {
      throw ParseFailure("'\(name)' is no tunnel of ours", line: line.number)
    }
    switch kind {
    case "tunnel": wanted.tunnels.append((try parseTunnel(name, &words), line.number))
    case "address":
      let parts = try words.word("an address with a length").split(separator: "/")
      guard parts.count == 2, let address = readAddress(String(parts[0])),
        let length = readNumber(String(parts[1]), in: 1...address.family.bitWidth)
      else { throw ParseFailure("not an address with a length", line: line.number) }
      wanted.addresses.append(
        (WantedTunnels.LinkAddress(tunnel: name, address: address, length: length), line.number))
    case "allow":
      wanted.allowed.append((WantedTunnels.Allowed(tunnel: name, prefix: try words.prefix()), line.number))
    default: throw ParseFailure("'\(kind)' is not known", line: line.number)
    }
    try words.end()
  }
  for item in wanted.addresses where !wanted.tunnels.contains(where: { $0.value.name == item.value.tunnel }) {
    throw ParseFailure("an address of a tunnel that is not there", line: item.line)
  }
  for item in wanted.allowed
  where !wanted.tunnels.contains(where: { $0.value.name == item.value.tunnel && $0.value.wireguard != nil }) {
    throw ParseFailure("what may come out of a tunnel that is not there", line: item.line)
  }
  return wanted
}

private func parseTunnel(_ name: String, _ words: inout WordReader) throws(ParseFailure) -> WantedTunnels.Tunnel {
  let isGRE = words.take("gre")
  if !isGRE { try words.expect("wireguard") }
  let endpoint = try words.address()
  let mtu = try words.number("an MTU", in: 576...9216)
  if isGRE { return WantedTunnels.Tunnel(name: name, endpoint: endpoint, mtu: mtu) }
  let port = try words.number("a port", in: 1...65535)
  let keyFile = try words.word("the name of a key")
  let gateway = try words.word("a gateway")
  let key = words.take("-") ? nil : try words.word("a public key")
  guard key?.utf8.count ?? 44 == 44 else { throw ParseFailure("not a public key", line: words.line) }
  return WantedTunnels.Tunnel(
    name: name, endpoint: endpoint, mtu: mtu,
    wireguard: WantedTunnels.WireGuard(port: port, keyFile: keyFile, gateway: gateway, publicKey: key))
}

/// Finds the tunnels of a plan in `tunnels.sh`.
func checkTunnelsScript(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  let file = try TextFile(bytes, comment: "#", interpreter: "#!/bin/sh", of: device)
  let wanted = try parseTunnelsScript(file)
  let expected = device.tunnels.map { tunnel in
    var wireguard: WantedTunnels.WireGuard?
    if case .wireguard(let port, let keyFile, let publicKey) = tunnel.cover {
      wireguard = WantedTunnels.WireGuard(
        port: port, keyFile: keyFile.text, gateway: tunnel.gateway.text, publicKey: publicKey?.text)
    }
    return WantedTunnels.Tunnel(
      name: tunnel.interface.text, endpoint: tunnel.endpoint, mtu: tunnel.mtu, wireguard: wireguard)
  }
  var findings = compareLists(expected: expected, found: wanted.tunnels, "tunnel")
  findings += compareLists(
    expected: device.tunnels.flatMap { tunnel in
      tunnel.addresses.map {
        WantedTunnels.LinkAddress(tunnel: tunnel.interface.text, address: $0.address, length: $0.length)
      }
    }, found: wanted.addresses, "address")
  let covered = device.tunnels.filter { if case .wireguard = $0.cover { true } else { false } }
  findings += compareLists(
    expected: covered.flatMap { tunnel in
      tunnel.allowed.map { WantedTunnels.Allowed(tunnel: tunnel.interface.text, prefix: $0) }
    }, found: wanted.allowed, "prefix that may come out")
  return findings + checkFrame(file)
}

/// Checks `romana-tunnels.service`.
func checkTunnelsUnit(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  compareLists(
    expected: [
      "Unit/Description=Tunnels of \(device.name.text) in the fabric \(device.fabric.text)",
      "Unit/Wants=network-online.target", "Unit/After=network-online.target systemd-sysctl.service",
      "Unit/Before=frr.service zebra.service", "Service/Type=oneshot", "Service/RemainAfterExit=yes",
      "Service/KillMode=process", "Service/ExecStart=/etc/romana/tunnels.sh", "Service/Restart=on-failure",
      "Service/RestartSec=10", "Service/NoNewPrivileges=yes", "Service/ProtectHome=yes",
      "Install/WantedBy=multi-user.target",
    ], found: try parseUnit(bytes, of: device), "setting")
}
