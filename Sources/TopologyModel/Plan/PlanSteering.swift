/// What a host has to do for services: which packets it marks, in which order it asks, and where the marks lead.
struct HostSteering {
  /// Where a packet comes from that is to be marked.
  enum Entrance: Hashable {
    case endpoints
    /// Index into `Topology.functions`.
    case function(Int)
    case tunnel(Int)
  }

  struct Selection {
    /// Index into the paths.
    var path: Int
    /// Nil: the packet has been everywhere and goes on as if there were no service.
    var mark: UInt32?
  }

  let topology: Topology
  let host: Int
  let paths: [ServicePath]
  private(set) var plan = SteeringPlan()
  /// For each entrance what is asked, in the order of the services.
  private(set) var selections: [Entrance: [Selection]] = [:]
  /// Functions of this host that services use, and those of them that packets of other hosts are sent to; ascending.
  private(set) var local: [Int] = []
  private(set) var served: [Int] = []
  /// Paths of which packets may leave this host and come back with a source of its own.
  private(set) var returning: [Int] = []

  var isEmpty: Bool { selections.isEmpty }

  init(_ topology: Topology, _ host: Int, _ paths: [ServicePath]) {
    self.topology = topology
    self.host = host
    self.paths = paths
    guard !paths.isEmpty else { return }
    let own = ownPrefixes(topology, host).map { AddressMatch($0.prefix) }
    let region = topology.racks[topology.hosts[host].rack].region
    for (index, path) in paths.enumerated() where topology.region(of: path.functions.first) == region {
      select(index, path, hasSources: path.sources.joined().contains { match in own.contains { $0.overlaps(match) } })
    }
    let tunnels = Set(plan.steps.flatMap(\.ways).compactMap(tunnelInterface))
    plan.tunnels = topology.functions.indices.compactMap { index in
      let function = topology.functions[index]
      let isServed = served.contains(index)
      guard isServed || tunnels.contains(InterfaceName(serviceTunnel: function.id)) else { return nil }
      return tunnel(index, isServed: isServed)
    }
    plan.ports = local.map { topology.functions[$0].interface }.sorted()
    plan.steps.sort { $0.mark < $1.mark }
  }

  private mutating func select(_ index: Int, _ path: ServicePath, hasSources: Bool) {
    if hasSources { add(.endpoints, index, step: 0) }
    for (position, function) in path.functions.enumerated() where topology.functions[function].host == host {
      if !local.contains(function) { local.append(function) }
      if topology.hosts.count > 1 {
        if !served.contains(function) { served.append(function) }
        add(.tunnel(function), index, step: position)
      }
      add(.function(function), index, step: position + 1)
    }
    local.sort()
    served.sort()
    if hasSources, path.functions.contains(where: { topology.functions[$0].host != host }) { returning.append(index) }
  }

  private mutating func add(_ entrance: Entrance, _ index: Int, step position: Int) {
    let path = paths[index]
    guard position < path.functions.count else {
      selections[entrance, default: []].append(Selection(path: index, mark: nil))
      return
    }
    let service = topology.services[path.service]
    let mark = SteeringStep.mark(service: service.id, position: position, isReturn: path.isReturn)
    selections[entrance, default: []].append(Selection(path: index, mark: mark))
    guard !plan.steps.contains(where: { $0.mark == mark }) else { return }
    let families = AddressFamily.allCases.filter(path.isAbout)
    plan.steps.append(
      SteeringStep(
        service: service.name, mark: mark, families: families,
        ways: families.flatMap { ways(path.functions[position...], service.fail, $0) }))
  }

  /// To the next function; while it is down, as the service says: not at all, or to the one after it.
  private func ways(
    _ functions: ArraySlice<Int>, _ fail: ServiceFailure, _ family: AddressFamily
  ) -> [SteeringWay] {
    var ways: [SteeringWay] = []
    for function in functions.map({ topology.functions[$0] }) {
      let isHere = function.host == host
      if isHere, let address = function.address(family) {
        ways.append(
          SteeringWay(
            family: family, metric: (ways.count + 1) * 10, target: .via(address, function.interface),
            function: function.name))
      } else if !isHere, !topology.hosts[function.host].isDrained {
        // Whether a function elsewhere is up is known on its own host, which goes on from there.
        ways.append(
          SteeringWay(
            family: family, metric: (ways.count + 1) * 10,
            target: .via(gateway(family), InterfaceName(serviceTunnel: function.id)), function: function.name))
        if fail == .open { return ways }
      }
      if fail == .closed { break }
    }
    if fail == .closed { ways.append(SteeringWay(family: family, metric: 1000, target: .unreachable)) }
    return ways
  }

  private func tunnelInterface(_ way: SteeringWay) -> InterfaceName? {
    guard case .via(_, let interface) = way.target, InterfacePattern.serviceTunnels.matches(interface) else {
      return nil
    }
    return interface
  }

  /// The next hop behind a tunnel: a link-local address that nobody has (the neighbour entry is fixed). The kernel refuses a next hop
  /// that it takes for its own, or in IPv6 one that table main has a route to over another interface, even with `onlink`.
  private func gateway(_ family: AddressFamily) -> Address {
    family == .ipv4 ? Address(.ipv4, 0xa9fe_4d01) : Address(.ipv6, UInt128(0xfe80) << 112 | 1)
  }

  private func tunnel(_ index: Int, isServed: Bool) -> ServiceTunnel? {
    let function = topology.functions[index]
    let there = topology.tunnelNetwork(ofHost: function.host)
    guard let there, let remote = topology.gateway(ofHost: function.host, inNetwork: there),
      let local = topology.gateway(ofHost: host, inNetwork: there)
    else { return nil }
    let settings = topology.hosts[host].settings
    return ServiceTunnel(
      function: ServiceTunnelFunction(name: function.name, host: topology.hosts[function.host].name),
      interface: InterfaceName(serviceTunnel: function.id), identifier: steeringBase + function.id, local: local,
      remote: isServed ? nil : remote, mtu: (settings.mtu ?? 1500) - vxlanOverhead(local.family),
      hardware: HardwareAddress(function: function.id),
      nextHops: isServed ? [] : AddressFamily.allCases.map(gateway))
  }
}

extension Topology {
  fileprivate func region(of function: Int?) -> Int? {
    function.map { racks[hosts[functions[$0].host].rack].region }
  }

  /// The network whose gateway addresses tunnels to functions of a host have for ends: its first that gives hosts a prefix,
  /// since only there one match tells gateway addresses from those of endpoints.
  func tunnelNetwork(ofHost host: Int) -> Int? {
    ownPrefixes(self, host).map(\.network).filter { !networks[$0].isDividedIntoBlocks }.min()
  }
}
