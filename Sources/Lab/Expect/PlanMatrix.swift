import TopologyModel

/// The most pairs of addresses a family that a matrix holds; of more, every so-manieth is taken.
private let mostPairs = 3600

/// All questions about who reaches whom.
func planMatrix(_ reachability: Reachability, _ parties: Parties) -> [Probe] {
  var matrix = MatrixBuilder(reachability: reachability, parties: parties)
  matrix.addPairs()
  matrix.addHosts()
  matrix.addOutside()
  matrix.addUnderlay()
  return matrix.probes
}

struct MatrixBuilder {
  let reachability: Reachability
  let parties: Parties
  var probes: [Probe] = []

  private var layout: LabLayout { reachability.layout }

  mutating func add(
    from: Int, _ source: Address, to: Int, _ target: Address, _ expected: Probe.Expectation,
    kinds: [ProbeKind] = ProbeKind.allCases
  ) {
    guard source.family == target.family else { return }
    for kind in kinds {
      probes.append(Probe(from: from, to: to, source: source, target: target, kind: kind, expected: expected))
    }
  }

  /// Every endpoint to every other, in every pair of networks.
  mutating func addPairs() {
    var pairs: [(LabEndpoint, LabEndpoint.Place, LabEndpoint, LabEndpoint.Place)] = []
    for source in layout.endpoints {
      for target in layout.endpoints where source.index != target.index {
        for from in source.places {
          for to in target.places where from.address.family == to.address.family {
            pairs.append((source, from, target, to))
          }
        }
      }
    }
    let step = max(1, (pairs.count + mostPairs - 1) / mostPairs)
    for index in stride(from: 0, to: pairs.count, by: step) {
      let (source, from, target, to) = pairs[index]
      add(
        from: parties.endpoint(source.index), from.address, to: parties.endpoint(target.index), to.address,
        reachability.expect(source, target, networks: (from.network, to.network)))
    }
  }

  /// Hosts reach their own endpoints, and those of others not; endpoints may ping their host.
  mutating func addHosts() {
    for node in layout.nodes where node.isHost {
      let addresses = hostAddresses(node)
      for endpoint in layout.endpoints where endpoint.host == node.index {
        for place in endpoint.places {
          for address in addresses where address.family == place.address.family {
            let (host, guest) = (parties.node(node.index), parties.endpoint(endpoint.index))
            add(from: host, address, to: guest, place.address, .answer)
            add(from: guest, place.address, to: host, address, .answer, kinds: [.icmp])
            add(from: guest, place.address, to: host, address, .nothing, kinds: [.tcp, .udp])
          }
        }
      }
      for endpoint in layout.endpoints.filter({ $0.host != node.index }).prefix(6) {
        for place in endpoint.places {
          for address in addresses where address.family == place.address.family {
            add(from: parties.node(node.index), address, to: parties.endpoint(endpoint.index), place.address, .nothing)
            add(from: parties.endpoint(endpoint.index), place.address, to: parties.node(node.index), address, .nothing)
          }
        }
      }
    }
  }

  private func hostAddresses(_ node: LabNode) -> [Address] {
    layout.addresses(of: node) + (node.plan.gateway?.addresses ?? [])
  }

  /// Endpoints reach the outside as their tenant's egress says, and the metadata address never; nobody comes in.
  mutating func addOutside() {
    let outside = layout.outside
    for endpoint in layout.endpoints {
      for place in endpoint.places {
        for service in outside.services where service.family == place.address.family {
          add(
            from: parties.endpoint(endpoint.index), place.address, to: parties.outside, service,
            reachability.expectEgress(endpoint))
          add(from: parties.outside, service, to: parties.endpoint(endpoint.index), place.address, .nothing)
        }
        for metadata in outside.metadata {
          add(from: parties.endpoint(endpoint.index), place.address, to: parties.outside, metadata, .nothing)
        }
      }
    }
  }

  /// A question to a host itself. What `management` lets in depends on ports, so that is not asked of its sources.
  private mutating func addUnderlay(from: Int, _ source: Address, to host: Int, _ target: Address) {
    guard case .host(let index) = layout.nodes[host].device.place,
      let management = layout.topology.hosts[index].settings.management
    else { return add(from: from, source, to: parties.node(host), target, .answer) }
    add(from: from, source, to: parties.node(host), target, .answer, kinds: [.icmp])
    guard !management.contains(where: { $0.sources.contains { $0.contains(source) } }) else { return }
    add(from: from, source, to: parties.node(host), target, .nothing, kinds: [.tcp, .udp])
  }

  /// Endpoints never reach switches; switches reach their hosts, but those with `host_firewall: strict` only by ICMP.
  mutating func addUnderlay() {
    for link in layout.links {
      let uppers = link.ends.filter { !layout.nodes[$0.node].isHost }
      for upper in uppers {
        for lower in link.ends where layout.nodes[lower.node].isHost {
          for (from, to) in zip(upper.addresses, lower.addresses) {
            addUnderlay(from: parties.node(upper.node), from, to: lower.node, to)
            add(from: parties.node(lower.node), to, to: parties.node(upper.node), from, .answer)
          }
        }
      }
      for endpoint in layout.endpoints.prefix(12) {
        for place in endpoint.places {
          for upper in uppers {
            for address in upper.addresses {
              add(
                from: parties.endpoint(endpoint.index), place.address, to: parties.node(upper.node), address, .nothing)
            }
          }
        }
      }
    }
  }
}
