import TopologyModel

/// OSPF for a family as a device's files say it, in no format's words.
package struct OSPFSpeaker: Sendable {
  struct Port: Sendable {
    var name: String
    var area: UInt32
    var cost: Int
    /// It is announced, and nobody is spoken to.
    var isPassive: Bool
  }

  struct Area: Sendable {
    /// Nothing but a default route comes in.
    var isTotallyStubby = false
    var ranges: [Prefix] = []
    /// What the backbone may be told of; nil: everything.
    var filter: [ReadFilterEntry]?
  }

  /// What gets into the device's table: of these prefixes, over this interface or over any.
  struct Acceptance: Sendable {
    var interface: String?
    var filter: [ReadFilterEntry]
  }

  var family: AddressFamily
  var ports: [Port] = []
  var areas: [UInt32: Area] = [:]
  /// Stub networks and the prefixes of passive interfaces.
  var announced: [(prefix: Prefix, area: UInt32, cost: Int)] = []
  /// What of the device's own table becomes external routes; nil: nothing.
  var exports: [ReadFilterEntry]?
  var exportsBGP = false
  var originatesDefault = false
  /// Nil: everything.
  var accepted: [Acceptance]?
  /// Routes that the device has while OSPF brings a default route, over the same neighbours.
  var followed: [Prefix] = []

  init(_ family: AddressFamily) { self.family = family }
}

/// `0.0.0.1` as a number.
private func areaNumber(_ word: some StringProtocol) -> UInt32? {
  readAddress(word).flatMap { $0.family == .ipv4 ? UInt32(truncatingIfNeeded: $0.bits) : nil }
}

extension OSPFSpeaker {
  /// - Parameter gateway: the interface of the host's gateway and the prefixes of its addresses.
  init?(_ file: FRRFile, _ family: AddressFamily, gateway: (interface: String, prefixes: [Prefix])?) {
    guard let router = file.ospf.routers[family] else { return nil }
    self.init(family)
    let word = family == .ipv4 ? "ip ospf " : "ipv6 ospf6 "
    for (name, interface) in file.ospf.interfaces.sorted(by: { $0.key < $1.key }) {
      let settings = interface.settings.map(\.value).filter { $0.hasPrefix(word) }.map { $0.dropFirst(word.count) }
      add(port: name, settings.map { Substring($0) }, gateway)
    }
    for (setting, _) in router.settings { read(setting, file) }
    accepted = file.ospf.protocolMaps[family].map { map in
      (file.ospf.maps[map] ?? []).filter(\.permits).map {
        Acceptance(interface: $0.interface, filter: $0.list.map { entries(file, $0) } ?? [])
      }
    }
  }

  /// A port from its settings, each without the words that all have.
  mutating func add(
    port name: String, _ settings: [Substring], _ gateway: (interface: String, prefixes: [Prefix])?,
    isPassive: Bool = false
  ) {
    func value(_ key: String) -> Substring? { settings.first { $0.hasPrefix(key + " ") }?.dropFirst(key.count + 1) }
    guard let area = value("area").flatMap({ areaNumber($0) }) else { return }
    let cost = value("cost").flatMap { Int($0) } ?? 10
    let port = Port(name: name, area: area, cost: cost, isPassive: isPassive || settings.contains("passive"))
    ports.append(port)
    if port.isPassive, let gateway, gateway.interface == name {
      announced += gateway.prefixes.filter { $0.family == family }.map { ($0, area, cost) }
    }
  }

  private mutating func read(_ setting: String, _ file: FRRFile) {
    let words = setting.split(separator: " ")
    switch words.first {
    case "area":
      guard words.count > 2, let area = areaNumber(words[1]) else { return }
      switch words[2] {
      case "stub": areas[area, default: Area()].isTotallyStubby = words.last == "no-summary"
      case "range": areas[area, default: Area()].ranges += words.last.flatMap { readPrefix($0) }.map { [$0] } ?? []
      case "filter-list" where words.count > 4:
        areas[area, default: Area()].filter = entries(file, FRRListKey(family: family, name: String(words[4])))
      default: break
      }
    case "redistribute":
      if words.count > 1, words[1] == "bgp" { exportsBGP = true }
      let map = words.last.flatMap { file.ospf.maps[String($0)] } ?? []
      exports = map.filter(\.permits).flatMap { $0.list.map { entries(file, $0) } ?? [] }
    case "default-information": originatesDefault = true
    default: break
    }
  }

  /// A stub host: BIRD keeps what OSPF learns to a table of its own, which static routes follow.
  init(_ ospf: BIRDOSPF, _ file: BIRDFile) {
    self.init(ospf.family)
    let area = ospf.area.map { UInt32(truncatingIfNeeded: $0.bits) } ?? 0
    let cost = ospf.settings.lazy.compactMap { $0.value.hasPrefix("cost ") ? Int($0.value.dropFirst(5)) : nil }.first
    ports = [Port(name: ospf.interface, area: area, cost: cost ?? 10, isPassive: false)]
    announced = ospf.stubPrefixes.map { ($0.value, area, 0) }
    accepted = []
    let all = Prefix.everything(ospf.family)
    guard permits(ospf.importFilter ?? [], all) else { return }
    let shown = Set(file.followedKernels.filter { $0.family == ospf.family }.map(\.source))
    followed = file.followed.filter { $0.table == ospf.table && shown.contains($0.name) }
      .flatMap { $0.routes.map(\.value.prefix) }
  }
}

private func entries(_ file: FRRFile, _ list: FRRListKey) -> [ReadFilterEntry] {
  file.lists[list]?.compactMap(\.entry) ?? []
}
