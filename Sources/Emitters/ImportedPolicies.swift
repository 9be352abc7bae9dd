import TopologyModel

/// Spells imported policies as a file of the language that a topology names under `include:`.
package func emitImportedPolicies(_ policies: [ImportedPolicy], into writer: inout TextWriter) {
  writer.write("# Policies imported by romana-compile. A topology names this file under `include:`.\n")
  writer.write("# Flows that none of them decides about are left to the isolation of the tenants.\n")
  writer.write("policies:\n")
  for policy in policies { write(policy, into: &writer) }
}

private func write(_ policy: ImportedPolicy, into writer: inout TextWriter) {
  writer.write("  # ")
  for word in policy.origin {
    switch word {
    case .word(let word): writer.write(word: word)
    case .name(let name): writer.write(name)
    case .number(let number): writer.write(number)
    }
  }
  writer.write("\n  - name: ")
  writer.write(policy.name)
  if let description = policy.description {
    // None of the characters of a comment has a meaning between these quotes (YAML 1.1 section 5.7).
    writer.write("\n    description: \"")
    writer.write(description)
    writer.write("\"")
  }
  if let priority = policy.priority {
    writer.write("\n    priority: ")
    writer.write(priority)
  }
  switch policy.direction {
  case .ingress: break
  case .egress: writer.write("\n    direction: egress")
  case .both: writer.write("\n    direction: both")
  }
  write("from", policy.from, into: &writer)
  write("to", policy.to, into: &writer)
  writer.write(policy.verdict == .allow ? "\n    allow: [" : "\n    deny: [")
  write(list: policy.services, into: &writer) { write($0, into: &$1) }
  writer.write("]\n")
  if policy.services.contains(.any) { writer.write("    overrides_isolation: true\n") }
}

private func write(_ key: StaticString, _ peers: [ImportedPeer], into writer: inout TextWriter) {
  let groups = grouped(peers)
  writer.write("\n    ")
  writer.write(key)
  writer.write(": ")
  if groups.count > 1 { writer.write("[") }
  write(list: groups, into: &writer) { write($0, into: &$1) }
  if groups.count > 1 { writer.write("]") }
}

/// A peer as the language writes it: a key may have several values.
private struct PeerGroup {
  var peer: ImportedPeer
  var segments: [Name] = []
  var cidrs: [Prefix] = []
}

/// Segments of one tenant become one peer, as do CIDRs that follow one another.
private func grouped(_ peers: [ImportedPeer]) -> [PeerGroup] {
  var groups: [PeerGroup] = []
  var index: [ImportedPeer: Int] = [:]
  for peer in peers {
    switch peer {
    case .endpoints(let tenant, let segment?, let cidr):
      let owner = ImportedPeer.endpoints(tenant: tenant, segment: nil, cidr: cidr)
      // A tenant as a whole and segments of it are never in one list.
      if let known = index[owner] {
        groups[known].segments.append(segment)
      } else {
        index[owner] = groups.count
        groups.append(PeerGroup(peer: owner, segments: [segment]))
      }
    case .cidr(let prefix):
      if case .cidr? = groups.last?.peer {
        groups[groups.count - 1].cidrs.append(prefix)
      } else {
        groups.append(PeerGroup(peer: peer, cidrs: [prefix]))
      }
    case .any, .localHost, .endpoints: groups.append(PeerGroup(peer: peer))
    }
  }
  return groups
}

private func write(_ group: PeerGroup, into writer: inout TextWriter) {
  switch group.peer {
  case .any: writer.write("any")
  case .localHost: writer.write("{ local_host: true }")
  case .cidr:
    writer.write("{ cidr: ")
    write(several: group.cidrs, into: &writer) { write($0, into: &$1) }
    writer.write(" }")
  case .endpoints(let tenant, _, let cidr):
    writer.write("{ tenant: ")
    if let tenant { writer.write(tenant) } else { writer.write("\"*\"") }
    if !group.segments.isEmpty {
      writer.write(", segment: ")
      write(several: group.segments, into: &writer) { $1.write($0) }
    }
    if let cidr {
      writer.write(", cidr: ")
      write(cidr, into: &writer)
    }
    writer.write(" }")
  }
}

/// IPv6 in quotes: `::/0` would begin with a mark of YAML.
private func write(_ prefix: Prefix, into writer: inout TextWriter) {
  if prefix.family == .ipv6 { writer.write("\"") }
  writer.write(prefix)
  if prefix.family == .ipv6 { writer.write("\"") }
}

private func write(_ service: ServiceMatch, into writer: inout TextWriter) {
  switch service {
  case .any: writer.write("any")
  case .ports(let proto, let ports):
    switch proto {
    case .tcp: writer.write("tcp")
    case .udp: writer.write("udp")
    case .sctp: writer.write("sctp")
    }
    guard let ports else { return }
    writer.write("/")
    writer.write(ports.lowerBound)
    if ports.count > 1 {
      writer.write("-")
      writer.write(ports.upperBound)
    }
  case .icmp(let ipv4?, nil) where ipv4.count == 1:
    writer.write("icmp/")
    writer.write(ipv4.lowerBound)
  case .icmp: writer.write("icmp")
  }
}

private func write<Item>(list items: [Item], into writer: inout TextWriter, _ spell: (Item, inout TextWriter) -> Void) {
  for (index, item) in items.enumerated() {
    if index > 0 { writer.write(", ") }
    spell(item, &writer)
  }
}

private func write<Item>(
  several items: [Item], into writer: inout TextWriter, _ spell: (Item, inout TextWriter) -> Void
) {
  if items.count > 1 { writer.write("[") }
  write(list: items, into: &writer, spell)
  if items.count > 1 { writer.write("]") }
}
