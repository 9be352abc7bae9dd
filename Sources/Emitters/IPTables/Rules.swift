import TopologyModel

/// The chains that all hosts of the fabric share, rendered once: a host copies byte ranges instead of spelling
/// hundreds of rules again.
package struct SharedRules: Sendable, Equatable {
  /// Sorted.
  fileprivate let names: [ChainName]
  fileprivate let declarations: [UInt8]
  fileprivate let rules: [UInt8]
  /// Where the lines of the chain at an index begin; one more for the end.
  fileprivate let declarationStarts: [Int]
  fileprivate let ruleStarts: [Int]

  package static func == (left: SharedRules, right: SharedRules) -> Bool {
    left.names == right.names && areSame(left.declarations, right.declarations) && areSame(left.rules, right.rules)
  }
}

package func renderSharedRules(_ chains: [FilterChain]) -> SharedRules {
  let chains = chains.sorted { $0.name < $1.name }
  var declarations = TextWriter()
  var rules = TextWriter(reservingBytes: 1 << 16)
  var declarationStarts = [0]
  var ruleStarts = [0]
  for chain in chains {
    writeDeclaration(chain.name, into: &declarations)
    writeRules(chain, into: &rules)
    declarationStarts.append(declarations.bytes.count)
    ruleStarts.append(rules.bytes.count)
  }
  return SharedRules(
    names: chains.map(\.name), declarations: declarations.bytes, rules: rules.bytes,
    declarationStarts: declarationStarts, ruleStarts: ruleStarts)
}

/// Spells `rules.v4` or `rules.v6` for `iptables-restore`, exactly as `iptables-save` prints the table: chains by name,
/// matches in its order, so that a comparison with a running host is empty.
///
/// Mode own: the whole filter table, with policies and the jumps to our chains. Mode share: our chains only;
/// `firewall.sh` puts the jumps. Of the tables mangle, which marks packets of services, and nat, which gives what leaves the
/// fabric the host's address, it is our chains only in both modes.
func emitRules(
  _ device: DevicePlan, _ family: AddressFamily, shared: SharedRules, into writer: inout TextWriter
) {
  guard let firewall = device.firewall else { return }
  let chains = (family == .ipv4 ? firewall.ipv4 : firewall.ipv6).chains.sorted { $0.name < $1.name }
  let what: StaticString = family == .ipv4 ? "packet filter, IPv4" : "packet filter, IPv6"
  emitHeader(device, what: what, into: &writer)
  writer.write("# Loaded by firewall.sh.\n*filter\n")
  if firewall.mode == .own {
    writer.write(":INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n")
  }
  merge(chains, shared, shared.declarations, shared.declarationStarts, into: &writer) {
    writeDeclaration($0.name, into: &$1)
  }
  if firewall.mode == .own {
    writer.write("-A INPUT -j romana-input\n-A FORWARD -j romana-forward\n")
  }
  merge(chains, shared, shared.rules, shared.ruleStarts, into: &writer) { writeRules($0, into: &$1) }
  writer.write("COMMIT\n")
  let filter = family == .ipv4 ? firewall.ipv4 : firewall.ipv6
  writeTable("*mangle\n", filter.steering, into: &writer)
  writeTable("*nat\n", filter.translation, into: &writer)
  emitEndMarker(what: what, into: &writer)
}

/// A table of which only chains of ours are told.
private func writeTable(_ head: StaticString, _ chains: [FilterChain], into writer: inout TextWriter) {
  guard !chains.isEmpty else { return }
  let chains = chains.sorted { $0.name < $1.name }
  writer.write(head)
  for chain in chains { writeDeclaration(chain.name, into: &writer) }
  for chain in chains { writeRules(chain, into: &writer) }
  writer.write("COMMIT\n")
}

/// Writes the host's chains among the shared ones, all sorted by name; runs of shared chains are copied in one piece.
private func merge(
  _ chains: [FilterChain], _ shared: SharedRules, _ bytes: [UInt8], _ starts: [Int],
  into writer: inout TextWriter, spell: (FilterChain, inout TextWriter) -> Void
) {
  var next = 0
  for chain in chains {
    let end = shared.names[next...].firstIndex { chain.name < $0 } ?? shared.names.count
    writer.write(rendered: bytes[starts[next]..<starts[end]])
    next = end
    spell(chain, &writer)
  }
  writer.write(rendered: bytes[starts[next]...])
}

private func writeDeclaration(_ name: ChainName, into writer: inout TextWriter) {
  writer.write(":")
  writer.write(name)
  writer.write(" - [0:0]\n")
}

private func writeRules(_ chain: FilterChain, into writer: inout TextWriter) {
  for rule in chain.rules {
    writer.write("-A ")
    writer.write(chain.name)
    write(rule, into: &writer)
    writer.newline()
  }
}
