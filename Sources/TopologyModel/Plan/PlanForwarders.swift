/// Chooses the instances that carry traffic for others of their zone: always the one that carries least so far, so that no two of a
/// zone differ by more than one route; of several one that is itself inside, then the lowest id.
struct Forwarders {
  private let topology: Topology
  private var load: [Int: Int] = [:]
  private var standbyLoad: [Int: Int] = [:]
  /// Those that were chosen, first or second, by index of the host.
  private(set) var all: Set<Int> = []

  init(_ topology: Topology) { self.topology = topology }

  /// The first and the second for a part of a zone; nil if the zone has nobody for it, no second if there is only one.
  mutating func choose(for part: VPCPlanner.Part, _ rack: Int) -> (first: Int, second: Int?)? {
    let candidates = topology.forwardingCandidates(rack)
    let inside = Set(part.hosts)
    func least(_ hosts: [Int], _ loads: [KeyPath<Forwarders, [Int: Int]>]) -> Int? {
      hosts.min { left, right in
        for path in loads {
          let (one, two) = (self[keyPath: path][left] ?? 0, self[keyPath: path][right] ?? 0)
          if one != two { return one < two }
        }
        if inside.contains(left) != inside.contains(right) { return inside.contains(left) }
        return left < right
      }
    }
    guard let first = least(candidates, [\.load]) else { return nil }
    let second = least(candidates.filter { $0 != first }, [\.standbyLoad, \.load])
    load[first, default: 0] += 1
    if let second { standbyLoad[second, default: 0] += 1 }
    all.formUnion([first, second].compactMap(\.self))
    return (first, second)
  }
}

extension Topology {
  /// The hosts of a zone that may carry traffic of others: those named so, or else all; drained ones never.
  func forwardingCandidates(_ rack: Int) -> [Int] {
    let named = racks[rack].hosts.filter { hosts[$0].instance?.isGateway == true }
    return (named.isEmpty ? Array(racks[rack].hosts) : named).filter { !hosts[$0].isDrained }
  }
}

/// What an instance does for others: it passes on, unseen by its own packet filter, what is for others of its zone. Replies
/// may take another way, so that it knows no connections; the instance that holds an endpoint decides.
struct HostTransit {
  /// Sorted.
  var prefixes: [Prefix] = []
  /// Whether its endpoints may speak to what is outside the fabric at all.
  var hasEgress = true
  /// Whether they do so with the instance's own address.
  var translates = false
  /// What it does for others between regions.
  var tunnels = TunnelTransit.none

  static let none = HostTransit()
}

extension Topology {
  /// What each instance of a VPC does for others, by index of the host.
  func transits(_ region: Int, _ plan: VPCPlan) -> [Int: HostTransit] {
    let egress = regions[region].vpc?.egress ?? .none
    let indices = racks[regions[region].racks].flatMap { Array($0.hosts) }
    var result = Dictionary(
      uniqueKeysWithValues: indices.map {
        ($0, HostTransit(hasEgress: egress != .none, translates: egress == .snat))
      })
    for route in Set(plan.tables.flatMap(\.routes).compactMap { CarriedRoute($0) }) {
      guard let standby = route.standby else {
        // Alone, but for others.
        if route.isAggregate { result[indices[route.instance]]?.prefixes.append(route.prefix) }
        continue
      }
      for instance in [route.instance, standby] { result[indices[instance]]?.prefixes.append(route.prefix) }
    }
    return result.mapValues { transit in
      var transit = transit
      transit.prefixes = aggregatePrefixes(transit.prefixes)
      return transit
    }
  }
}

/// The part of a route of a VPC that says who carries what.
private struct CarriedRoute: Hashable {
  var prefix: Prefix
  var instance: Int
  var standby: Int?
  var isAggregate: Bool

  /// Nil for what leads to other regions: that is for gateways, which know where it may come from.
  init?(_ route: VPCRoute) {
    guard case .instance(let instance, let standby) = route.target else { return nil }
    if case .regionAggregate = route.purpose { return nil }
    (prefix, self.instance, self.standby) = (route.prefix, instance, standby)
    if case .rackAggregate = route.purpose { isAggregate = true } else { isAggregate = false }
  }
}

/// The files of a VPC. A CloudFormation template that would have more than its limits allow is left out.
func planVPCDevice(_ topology: Topology, _ region: Int, _ vpc: VPCPlan) -> DevicePlan {
  var plan = DevicePlan(
    fabric: topology.fabric, name: topology.regions[region].name, role: .vpc,
    artifacts: [.terraform, .vpcScript, .failoverScript])
  if vpc.fitsTemplate { plan.artifacts.insert(.cloudFormation, at: 0) }
  plan.vpc = vpc
  return plan
}

extension NetworkPlan {
  /// The router of a VPC as a Linux device that has the routes of all its tables: what the VPC does, for models and the lab.
  package func routerOfVPC(_ region: Int) -> DevicePlan {
    var plan = DevicePlan(
      fabric: topology.fabric, name: topology.regions[region].name, role: .vpc, artifacts: [.sysctl, .routesScript])
    plan.sysctls = switchSysctls(families: topology.regions[region].families(topology))
    plan.vpc = vpcs[region]
    plan.routes = vpcs[region]?.routesOfRouter() ?? []
    return plan
  }
}

extension VPCPlan {
  /// The routes of all tables as those of one router, each prefix once, sorted.
  ///
  /// What leads to other regions by themselves is left out.
  ///
  /// - Parameter lost: instances whose routes `failover.sh` has moved.
  package func routesOfRouter(without lost: Set<Name> = []) -> [StaticRoute] {
    var known: Set<Prefix> = []
    return tables.flatMap(\.routes).filter { known.insert($0.prefix).inserted }.compactMap { route in
      guard let first = route.instance else { return nil }
      var instance = instances[first]
      if let standby = route.standby, lost.contains(instance.name) { instance = instances[standby] }
      let address = route.prefix.family == .ipv4 ? instance.address : instance.address6
      return address.map { address in
        let hop = NextHop(address: address, device: instance.name, interface: nil)
        return StaticRoute(prefix: route.prefix, target: .gateways([hop]), purpose: route.purpose)
      }
    }.sorted { $0.prefix < $1.prefix }
  }
}

extension VPCPlan {
  /// A template holds up to 500 resources and 200 parameters (AWS CloudFormation quotas).
  package var fitsTemplate: Bool {
    tables.reduce(securityGroup == nil ? 0 : sources.count) { $0 + $1.routes.count }
      + transitGateways.reduce(0) { $0 + $1.routes.count } <= 500
      && parameterCount <= 200
  }

  private var parameterCount: Int {
    let used = Set(tables.flatMap(\.routes).compactMap(\.instance))
    return used.count { instances[$0].eni == nil } + 1 + links.count { $0.id == nil }
      + transitGateways.reduce(0) { $0 + 1 + $1.attachments.count }
  }
}
