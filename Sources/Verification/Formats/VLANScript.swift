import TopologyModel

/// What `vlans.sh` says that a host wants.
package struct WantedVLANs: Sendable {
  struct Interface: Hashable {
    var name: String
    var link: String
    var id: Int
    var mtu: Int?
  }
  struct InterfaceAddress: Hashable {
    var interface: String
    var address: Address
    var length: Int
  }
  struct Route: Hashable {
    enum Target: Hashable {
      case `throw`
      case discard
      case via(Address, device: String)
    }
    var table: Int
    var prefix: Prefix
    var target: Target
    /// Nil: the kernel's default, which is better than any that is written.
    var metric: Int?
  }
  struct Rule: Hashable {
    enum Selector: Hashable {
      case arriving(String)
      case from(Prefix)
    }
    var family: AddressFamily
    var priority: Int
    var selector: Selector
    /// Nil: the main table.
    var table: Int?
  }
  var trunk: (interface: String, mtu: Int)?
  var interfaces: [(value: Interface, line: Int)] = []
  var addresses: [(value: InterfaceAddress, line: Int)] = []
  var routes: [(value: Route, line: Int)] = []
  var rules: [(value: Rule, line: Int)] = []
}

/// Reads the list of `vlans.sh`; its program is checked for its frame only.
package func parseVLANScript(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> WantedVLANs {
  let file = try TextFile(bytes, comment: "#", interpreter: "#!/bin/sh", of: device)
  var wanted = WantedVLANs()
  for line in try wantedLines(file) {
    var words = try wantedWords(line.text, line: line.number)
    switch try words.word("a thing to want") {
    case "trunk":
      guard wanted.trunk == nil else { throw ParseFailure("a second trunk", line: line.number) }
      let name = try words.word("an interface")
      try words.expect("mtu")
      wanted.trunk = (name, try words.number("an MTU", in: 1280...65535))
    case "vlan":
      let name = try words.word("an interface")
      try words.expect("link")
      let link = try words.word("an interface")
      try words.expect("id")
      let id = try words.number("a VLAN", in: 1...4094)
      let mtu = words.take("mtu") ? try words.number("an MTU", in: 1280...65535) : nil
      wanted.interfaces.append((WantedVLANs.Interface(name: name, link: link, id: id, mtu: mtu), line.number))
    case "address":
      let name = try words.word("an interface")
      let parts = try words.word("an address with a length").split(separator: "/")
      guard parts.count == 2, let address = readAddress(String(parts[0])),
        let length = readNumber(String(parts[1]), in: 1...address.family.bitWidth)
      else { throw ParseFailure("not an address with a length", line: line.number) }
      wanted.addresses.append(
        (WantedVLANs.InterfaceAddress(interface: name, address: address, length: length), line.number))
    case "route": wanted.routes.append((try parseVLANRoute(&words), line.number))
    case "rule": wanted.rules.append((try parseVLANRule(&words), line.number))
    case let other: throw ParseFailure("'\(other)' is not known", line: line.number)
    }
    try words.end()
  }
  return wanted
}

private func parseVLANRoute(_ words: inout WordReader) throws(ParseFailure) -> WantedVLANs.Route {
  let table = try words.number("a table", in: 7_740_001...7_744_094)
  if words.take("throw") {
    return WantedVLANs.Route(table: table, prefix: try words.prefix(), target: .throw)
  }
  if words.take("blackhole") {
    let prefix = try words.prefix()
    let metric = words.take("metric") ? try words.number("a metric", in: 1...4_294_967_295) : nil
    return WantedVLANs.Route(table: table, prefix: prefix, target: .discard, metric: metric)
  }
  let prefix = try words.prefix()
  try words.expect("via")
  let gateway = try words.address()
  guard gateway.family == prefix.family else { throw ParseFailure("a gateway of another family", line: words.line) }
  try words.expect("dev")
  return WantedVLANs.Route(
    table: table, prefix: prefix, target: .via(gateway, device: try words.word("an interface")))
}

private func parseVLANRule(_ words: inout WordReader) throws(ParseFailure) -> WantedVLANs.Rule {
  let family: AddressFamily = try words.number("a family", in: 4...6) == 4 ? .ipv4 : .ipv6
  let priority = try words.number("a priority", in: 1...32765)
  let selector: WantedVLANs.Rule.Selector
  if words.take("iif") {
    selector = .arriving(try words.word("an interface"))
  } else {
    try words.expect("from")
    let prefix = try words.prefix()
    guard prefix.family == family else { throw ParseFailure("a prefix of another family", line: words.line) }
    selector = .from(prefix)
  }
  try words.expect("lookup")
  let table = words.take("main") ? nil : try words.number("a table", in: 7_740_001...7_744_094)
  return WantedVLANs.Rule(family: family, priority: priority, selector: selector, table: table)
}

/// Finds the VLANs of a plan in `vlans.sh`.
func checkVLANScript(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  let wanted = try parseVLANScript(bytes, of: device)
  guard let plan = device.vlans else { return [Finding("the device is on no trunk")] }
  let trunk = plan.trunkMTU.map { "\(plan.trunk) \($0)" }
  var findings = compareValues(trunk, wanted.trunk.map { "\($0.interface) \($0.mtu)" }, "the MTU of the trunk")
  findings += compareLists(
    expected: plan.interfaces.map {
      WantedVLANs.Interface(name: $0.interface.text, link: plan.trunk.text, id: $0.id, mtu: $0.mtu)
    }, found: wanted.interfaces, "VLAN")
  findings += compareLists(
    expected: plan.interfaces.flatMap { interface in
      interface.addresses.map {
        WantedVLANs.InterfaceAddress(interface: interface.interface.text, address: $0.address, length: $0.length)
      }
    }, found: wanted.addresses, "address")
  findings += compareLists(expected: plan.interfaces.flatMap(expectedRoutes), found: wanted.routes, "route")
  findings += compareLists(expected: expectedRules(plan), found: wanted.rules, "rule")
  return findings
}

private func expectedRoutes(_ interface: VLANInterface) -> [WantedVLANs.Route] {
  let table = 7_740_000 + interface.id
  return interface.routes.flatMap { route -> [WantedVLANs.Route] in
    switch route.target {
    case .main: [WantedVLANs.Route(table: table, prefix: route.prefix, target: .throw)]
    case .gateway(let address):
      [
        WantedVLANs.Route(
          table: table, prefix: route.prefix, target: .via(address, device: interface.interface.text)),
        WantedVLANs.Route(table: table, prefix: route.prefix, target: .discard, metric: 4_294_967_295),
      ]
    }
  }
}

private func expectedRules(_ plan: VLANPlan) -> [WantedVLANs.Rule] {
  AddressFamily.allCases.flatMap { family -> [WantedVLANs.Rule] in
    let sources = plan.interfaces.flatMap { interface in
      interface.sources.filter { $0.family == family }.map { ($0, 7_740_000 + interface.id) }
    }
    guard !sources.isEmpty else { return [] }
    return (["lo"] + plan.interfaces.map(\.interface.text)).map {
      WantedVLANs.Rule(family: family, priority: 7710, selector: .arriving($0), table: nil)
    }
      + sources.map { WantedVLANs.Rule(family: family, priority: 7711, selector: .from($0.0), table: $0.1) }
  }
}

/// Checks `romana-vlans.service`.
func checkVLANUnit(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  let script = "/etc/romana/vlans.sh"
  return compareLists(
    expected: [
      "Unit/Description=VLANs of \(device.name.text) in the fabric \(device.fabric.text)",
      "Unit/After=network.target systemd-sysctl.service",
      "Unit/Before=romana-routes.service bird.service bird6.service exabgp.service frr.service zebra.service",
      "Service/Type=exec", "Service/ExecStartPre=\(script)", "Service/ExecStart=\(script) --watch",
      "Service/SuccessExitStatus=3", "Service/Restart=always", "Service/RestartSec=10",
      "Service/NoNewPrivileges=yes", "Service/ProtectSystem=full", "Service/ProtectHome=yes",
      "Install/WantedBy=multi-user.target",
    ], found: try parseUnit(bytes, of: device), "setting")
}
