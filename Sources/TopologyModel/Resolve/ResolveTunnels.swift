/// Settles what belongs to interconnects of kind `tunnel`: gateways, and for each two of linked regions a tunnel.
struct TunnelResolver {
  private let topology: Topology
  private let hosts: [Name: Int]
  /// The interconnects by name: their positions.
  private let names: [Name: Int]
  /// The former names of hosts.
  private let formerNames: [Name: Name]

  init(_ topology: Topology, _ names: [Name: Int], _ document: TopologyDocument) {
    self.topology = topology
    self.names = names
    let renamed = document.regions.flatMap(\.racks).flatMap(\.hosts).compactMap { host in
      host.renamedFrom.map { (host.name.value, $0.value) }
    }
    formerNames = Dictionary(renamed) { first, _ in first }
    hosts = Dictionary(topology.hosts.enumerated().map { ($1.name, $0) }) { first, _ in first }
  }

  func resolve(
    _ document: InterconnectDocument, _ interconnect: Interconnect, _ others: [Interconnect?],
    _ diagnostics: inout Diagnostics
  ) -> Tunnels {
    let tunnel = document.tunnel
    let encapsulation = tunnel.encapsulation?.value ?? .wireguard
    if encapsulation == .wireguard, tunnel.keyFile == nil { diagnostics.add(.tunnelWithoutKey(document)) }
    if encapsulation == .gre {
      for (key, _, range) in document.kindKeys where key == "public_keys" || key == "port" {
        diagnostics.add(.keyOfWireGuard(key, tunnel.encapsulation, at: range))
      }
    }
    var gateways: [Int: [Int]] = [:]
    var known: [Name: Int] = [:]
    for (host, _) in tunnel.gateways {
      guard let index = lookUp(host, "host", in: hosts, &diagnostics) else { continue }
      known[host.value] = index
      let region = topology.regionIndex(ofHost: index)
      guard interconnect.regions.contains(region) else {
        diagnostics.add(.gatewayElsewhere(host, topology.regions[region].name, document))
        continue
      }
      gateways[region, default: []].append(index)
    }
    for (host, _) in tunnel.publicKeys {
      _ = lookUp(host, "gateway", of: "the interconnect '\(document.name.value)'", in: known, &diagnostics)
    }
    if known.count == tunnel.gateways.count {
      for region in interconnect.regions where !(1...2).contains(gateways[region]?.count ?? 0) {
        diagnostics.add(.gatewayCount(topology.regions[region].name, gateways[region]?.count ?? 0, document))
      }
    }
    var over: Int?
    if let name = tunnel.over, let index = lookUp(name, "interconnect", in: names, &diagnostics) {
      over = index
      if let other = others[index], !isPeering(other) { diagnostics.add(.underlayIsNoPeering(name, document)) }
    }
    return Tunnels(
      encapsulation: encapsulation, keyFile: tunnel.keyFile?.value,
      underlayMTU: tunnel.mtu?.value ?? (over == nil ? 1500 : 8500), over: over,
      gateways: gateways.mapValues { $0.sorted() }, tunnels: [])
  }

  private func isPeering(_ interconnect: Interconnect) -> Bool {
    if case .peering = interconnect.means { true } else { false }
  }

  /// Numbers and links of all tunnels: those of the lock, then the lowest free.
  func assignTunnels(
    _ documents: [InterconnectDocument], _ settled: inout [Interconnect?], _ ledger: inout LockLedger,
    _ diagnostics: inout Diagnostics
  ) {
    let pairs = settled.enumerated().flatMap { index, item in
      item.map { listPairs(documents[index], index, $0) } ?? []
    }
    let entries = pairs.map { ledger.claim(.tunnels, $0.path) }
    let reserved = ledger.unclaimed(.tunnels).map(\.entry)
    var numbers = Set((entries.compactMap(\.self) + reserved).compactMap(\.id))
    var links = Set((entries.compactMap(\.self) + reserved).flatMap { [$0.prefix, $0.prefix6].compactMap(\.self) })
    for (position, pair) in pairs.enumerated() {
      let (document, old) = (documents[pair.interconnect], entries[position])
      var entry = LockEntry(id: old?.id ?? lowestFree(&numbers))
      for family in families(pair) {
        let written = family == .ipv4 ? document.tunnel.linkPool : document.tunnel.linkPool6
        let pool = written?.value ?? (family == .ipv4 ? defaultTunnelPool : defaultTunnelPool6)
        let locked = family == .ipv4 ? old?.prefix : old?.prefix6
        let link: Prefix?
        if let locked, pool.contains(locked) || !ledger.mayRenumber {
          if !pool.contains(locked) { diagnostics.add(.wouldMoveTunnel(locked, pair.path.text, pool, document)) }
          link = locked
        } else {
          link = freeLink(in: pool, &links)
          if link == nil { diagnostics.addOnce(.tunnelPoolFull(pool, document, at: written?.range)) }
        }
        if family == .ipv4 { entry.prefix = link } else { entry.prefix6 = link }
      }
      ledger.record(
        .tunnels, pair.path.text,
        LockEntry(id: entry.id, prefix: entry.prefix ?? old?.prefix, prefix6: entry.prefix6 ?? old?.prefix6))
      let port = (document.tunnel.port?.value ?? defaultTunnelPort) + entry.id!
      if port > 65535, document.tunnel.encapsulation?.value != .gre {
        diagnostics.addOnce(.tunnelPort(port, entry.id!, document))
      }
      guard case .tunnels(var tunnels) = settled[pair.interconnect]?.means else { continue }
      tunnels.tunnels.append(
        Tunnel(number: entry.id!, prefix: entry.prefix, prefix6: entry.prefix6, ends: pair.ends, port: port))
      tunnels.tunnels.sort { $0.number < $1.number }
      settled[pair.interconnect]?.means = .tunnels(tunnels)
    }
  }

  /// The tunnels of an interconnect, each with its two ends.
  private func listPairs(
    _ document: InterconnectDocument, _ index: Int, _ interconnect: Interconnect
  ) -> [TunnelPair] {
    guard case .tunnels(let tunnels) = interconnect.means else { return [] }
    let path = LockPath(document.name.value, renamedFrom: document.renamedFrom?.value)
    func end(_ host: Int) -> TunnelEnd? {
      let name = topology.hosts[host].name
      guard let address = document.tunnel.gateways.first(where: { $0.host.value == name })?.address else { return nil }
      let key = document.tunnel.publicKeys.first { $0.host.value == name }?.key.value
      return TunnelEnd(host: host, publicAddress: address.value, publicKey: key)
    }
    return interconnect.pairs.flatMap { first, second in
      (tunnels.gateways[first] ?? []).flatMap { one in
        (tunnels.gateways[second] ?? []).compactMap { other in
          guard let near = end(one), let far = end(other) else { return nil }
          return TunnelPair(
            interconnect: index,
            path: LockPath(path, from: allNames(one), to: allNames(other)),
            ends: [near, far])
        }
      }
    }
  }

  /// The present name of a host and the former one.
  private func allNames(_ host: Int) -> [Name] {
    let name = topology.hosts[host].name
    return [name] + (formerNames[name].map { [$0] } ?? [])
  }

  /// Those of the networks that both regions have.
  private func families(_ pair: TunnelPair) -> [AddressFamily] {
    let regions = pair.ends.map { topology.regionIndex(ofHost: $0.host) }
    let networks = topology.sharedNetworks(regions[0], regions[1])
    return AddressFamily.allCases.filter { family in networks.contains { topology.networks[$0].family == family } }
  }

  private func lowestFree(_ numbers: inout Set<Int>) -> Int {
    var number = 0
    while !numbers.insert(number).inserted { number += 1 }
    return number
  }

  private func freeLink(in pool: Prefix, _ links: inout Set<Prefix>) -> Prefix? {
    let length = pool.family.bitWidth - 1
    guard pool.length <= length else { return nil }
    var number: UInt128 = 0
    let room = UInt128(1) << (length - pool.length)
    while number < room {
      let link = pool.child(number, length: length)
      if links.insert(link).inserted { return link }
      number += 1
    }
    return nil
  }
}

private struct TunnelPair {
  var interconnect: Int
  var path: LockPath
  var ends: [TunnelEnd]
}

extension Diagnostic {
  fileprivate static func tunnelWithoutKey(_ document: InterconnectDocument) -> Diagnostic {
    Diagnostic(
      .missingKey, "the interconnect '\(document.name.value)' has no 'key_file', which WireGuard needs",
      at: document.name.range,
      help: [
        "add `key_file: NAME`, and make the key on every gateway: `wg genkey > /etc/romana/secrets/NAME`"
      ])
  }

  fileprivate static func keyOfWireGuard(
    _ key: String, _ encapsulation: Located<Encapsulation>?, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .conflictingKeys, "'\(key)' belongs to `encapsulation: wireguard`", at: range,
      labels: encapsulation.map { [($0.range, "this one has GRE")] } ?? [], help: ["remove it"])
  }

  fileprivate static func gatewayElsewhere(
    _ host: Located<Name>, _ region: Name, _ document: InterconnectDocument
  ) -> Diagnostic {
    Diagnostic(
      .tunnelGateways, "the gateway '\(host.value)' is in '\(region)', which '\(document.name.value)' does not link",
      at: host.range, labels: document.between.map { ($0.range, "linked") },
      help: ["name a host of a linked region, or add '\(region)' under `between:`"])
  }

  fileprivate static func gatewayCount(_ region: Name, _ count: Int, _ document: InterconnectDocument) -> Diagnostic {
    Diagnostic(
      .tunnelGateways,
      "the region '\(region)' has \(count == 0 ? "no gateway" : counted(count, "gateway")) in the interconnect '\(document.name.value)'",
      at: document.between.first { $0.value == region }?.range ?? document.name.range,
      help: ["name one or two of its hosts under `gateways:`, with two the loss of one is survived"])
  }

  fileprivate static func underlayIsNoPeering(_ name: Located<Name>, _ document: InterconnectDocument) -> Diagnostic {
    Diagnostic(
      .tunnelUnderlay, "'\(name.value)' is no interconnect of kind `vpc-peering`", at: name.range,
      labels: [(document.name.range, "the tunnels")], help: ["name a peering, or remove `over:`"])
  }

  fileprivate static func wouldMoveTunnel(
    _ prefix: Prefix, _ tunnel: String, _ pool: Prefix, _ document: InterconnectDocument
  ) -> Diagnostic {
    Diagnostic(
      .wouldRenumber, "this would renumber the tunnel \(tunnel): the lock file has \(prefix), which is not in \(pool)",
      at: document.tunnel.linkPool?.range ?? document.name.range,
      help: ["keep the pool, or build with --renumber if the change is meant"])
  }

  fileprivate static func tunnelPoolFull(
    _ pool: Prefix, _ document: InterconnectDocument, at range: SourceRange?
  ) -> Diagnostic {
    Diagnostic(
      .tunnelPoolFull, "\(pool) is too small for the tunnels of '\(document.name.value)'",
      at: range ?? document.name.range, help: ["widen it: tunnels that have a link keep it"])
  }

  fileprivate static func tunnelPort(_ port: Int, _ number: Int, _ document: InterconnectDocument) -> Diagnostic {
    Diagnostic(
      .tunnelPort, "tunnel \(number) of '\(document.name.value)' would have the UDP port \(port)",
      at: document.tunnel.port?.range ?? document.name.range, notes: ["ports end at 65535"],
      help: ["choose a lower `port:`"])
  }
}
