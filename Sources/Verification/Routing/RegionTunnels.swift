import TopologyModel

/// The tunnels between regions, as the files of their gateways have them.
package struct RegionTunnels: Sendable {
  /// What one gateway has of a tunnel.
  package struct End: Sendable {
    package var device: String
    package var tunnel: WantedTunnels.Tunnel
    package var line: Int
    /// Its own in the tunnel, each with the length of the link.
    package var addresses: [WantedTunnels.LinkAddress] = []
    /// What may come out of it, and so what may go in (wg(8), `allowed-ips`); nothing said for GRE.
    package var allowed: [(prefix: Prefix, line: Int)] = []

    /// The line that lets the packets of an address through; nil if none does.
    package func line(allowing address: Address) -> (prefix: Prefix, line: Int)? {
      allowed.filter { $0.prefix.contains(address) }.max { $0.prefix.length < $1.prefix.length }
    }
  }
  /// By gateway.
  private var ends: [String: [End]] = [:]

  package init() {}

  package mutating func add(_ wanted: WantedTunnels, of device: Name) {
    ends[device.text, default: []] += wanted.tunnels.map { tunnel, line in
      var end = End(device: device.text, tunnel: tunnel, line: line)
      end.addresses = wanted.addresses.map(\.value).filter { $0.tunnel == tunnel.name }
      end.allowed = wanted.allowed.filter { $0.value.tunnel == tunnel.name }.map { ($0.value.prefix, $0.line) }
      return end
    }
  }

  /// Who has the addresses in tunnels.
  package var owners: [Address: String] {
    var owners: [Address: String] = [:]
    for (device, ends) in ends {
      for item in ends.flatMap(\.addresses) { owners[item.address] = device }
    }
    return owners
  }

  /// A number for the link of each address, the same at both ends and no cable's.
  var segments: [Address: Int] {
    let items = ends.values.flatMap(\.self).flatMap(\.addresses)
    let links = Set(items.map(link)).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: links.enumerated().map { ($1, -1 - $0) })
    return Dictionary(items.map { ($0.address, numbers[link($0)]!) }) { first, _ in first }
  }

  private func link(_ item: WantedTunnels.LinkAddress) -> Prefix {
    Prefix(containing: item.address, length: item.length)
  }

  /// The two ends of the tunnel from a gateway to another: their addresses are of one link. Nil if there is none.
  package func between(_ device: String, _ other: String) -> (near: End, far: End)? {
    for near in ends[device] ?? [] {
      let links = Set(near.addresses.map(link))
      let far = (ends[other] ?? []).first { !links.isDisjoint(with: $0.addresses.map(link)) }
      if device != other, let far { return (near, far) }
    }
    return nil
  }
}
