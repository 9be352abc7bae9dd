/// What services add to the packet filter of a host, for iptables and nftables alike.
///
/// - Marks: by the interface that a packet comes from (endpoints: the first step; a function: the one after it; its tunnel: its
///   own), then by source and destination, in the order of the services.
/// - Exceptions to anti-spoofing: a function sends on packets with the sources of others, a tunnel brings such, and a packet
///   that left for a function elsewhere may come back to an endpoint of this host; its connection is marked since it left.
/// - In transit, where neither end is an endpoint of this host, nothing is judged again but that the underlay is never
///   reached: the hosts of both ends judge, and only they see both directions of a flow. So it is with what a tunnel brings back to
///   the host of its source; what a function sends of endpoints here is judged, as it is itself one of them.
extension HostSteering {
  /// One thing that is asked about a packet before it is marked, or let through anti-spoofing.
  struct Match {
    var input: InterfaceName?
    var source: AddressMatch?
    var destination: AddressMatch?
    var comment: RuleComment?
    /// Nil: the packet returns unmarked.
    var mark: UInt32?
  }

  /// The entrances but that of endpoints, with their interfaces: functions first, each kind by id.
  var ports: [(entrance: Entrance, interface: InterfaceName, id: Int)] {
    local.map { (.function($0), topology.functions[$0].interface, topology.functions[$0].id) }
      + served.map { (.tunnel($0), InterfaceName(serviceTunnel: topology.functions[$0].id), topology.functions[$0].id) }
  }

  /// What is asked about packets from an entrance, in order; the first that matches decides.
  func matches(_ entrance: Entrance, _ family: AddressFamily) -> [Match] {
    var result: [Match] = []
    if case .function(let index) = entrance, let own = topology.functions[index].address(family) {
      result.append(Match(source: AddressMatch(Prefix(host: own)), comment: .word("of the function itself")))
    }
    // A tunnel brings only what another host has sent to a function.
    if case .tunnel = entrance {} else { result += toFunctions(family) }
    for selection in selections[entrance] ?? [] where paths[selection.path].isAbout(family) {
      result += rows(selection.path, family).map { row in
        var row = row
        row.mark = selection.mark
        return row
      }
    }
    return result
  }

  /// What is sent to a function itself is not led anywhere.
  private func toFunctions(_ family: AddressFamily) -> [Match] {
    Set(paths.flatMap(\.functions)).sorted().compactMap { topology.functions[$0].address(family) }.map {
      Match(destination: AddressMatch(Prefix(host: $0)), comment: .word("to a function"))
    }
  }

  private func rows(_ path: Int, _ family: AddressFamily) -> [Match] {
    let destinations: [AddressMatch?] = paths[path].destinations(family).map { $0.map(Optional.some) } ?? [nil]
    let comment = RuleComment.service(topology.services[paths[path].service].name)
    return paths[path].sources(family).flatMap { source in
      destinations.map { Match(source: source, destination: $0, comment: comment) }
    }
  }

  /// Sources that may come from the interfaces of functions and from tunnels; whatever else comes from a tunnel is dropped.
  func foreignSources(_ family: AddressFamily) -> [Match] {
    ports.flatMap { port in
      var seen: Set<Int> = []
      return (selections[port.entrance] ?? []).map(\.path)
        .filter { paths[$0].isAbout(family) && seen.insert($0).inserted }
        .flatMap { rows($0, family) }
        .map { row in
          var row = row
          row.input = port.interface
          return row
        }
    }
  }

  /// Own sources to own destinations that may come in on an uplink.
  func returningSources(_ family: AddressFamily) -> [Match] {
    let own = ownMatches(family)
    return returning.filter { paths[$0].isAbout(family) }.flatMap { rows($0, family) }.flatMap { row in
      own.compactMap { row.source?.intersection($0) }.flatMap { source in
        own.compactMap { row.destination?.intersection($0) ?? (row.destination == nil ? $0 : nil) }.map {
          Match(source: source, destination: $0, comment: row.comment)
        }
      }
    }
  }

  func ownMatches(_ family: AddressFamily) -> [AddressMatch] {
    ownPrefixes(topology, host).map(\.prefix).filter { $0.family == family }.map { AddressMatch($0) }
  }

  /// Tenant 0 in all networks: no function may speak for a host.
  func infrastructure(_ family: AddressFamily) -> [AddressMatch] {
    topology.networks.compactMap(\.tagged).filter { $0.family == family }.map { $0.match(tenant: 0) }
  }

  /// The address that tunnels end on, and those that they come from; nil in the other family, or where nothing is served.
  func tunnelEnds(_ family: AddressFamily) -> (sources: AddressMatch, local: AddressMatch)? {
    guard !served.isEmpty, let index = topology.tunnelNetwork(ofHost: host), topology.networks[index].family == family,
      let local = topology.gateway(ofHost: host, inNetwork: index)
    else { return nil }
    return (topology.networks[index].gateways, AddressMatch(Prefix(host: local)))
  }

  var hasTunnels: Bool { !plan.tunnels.isEmpty }
}

extension Network {
  /// The match of the gateway addresses of all hosts.
  var gateways: AddressMatch {
    AddressMatch(
      value: Address(family, prefix.address.bits | 1), mask: prefix.mask | lowBits(layout.identityBits))
  }
}
