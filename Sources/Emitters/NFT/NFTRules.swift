import TopologyModel

/// The sets, maps and chains that all hosts of the fabric share, rendered once.
package struct SharedNFT: Sendable, Equatable {
  static let none = SharedNFT(bytes: [])
  fileprivate let bytes: [UInt8]

  package static func == (left: SharedNFT, right: SharedNFT) -> Bool { areSame(left.bytes, right.bytes) }
}

package func renderSharedNFT(_ fragment: NFTFragment) -> SharedNFT {
  var writer = TextWriter(reservingBytes: 1 << 16)
  write(fragment, into: &writer)
  return SharedNFT(bytes: writer.bytes)
}

/// Spells `rules.nft` for `nft -f`: one table of our own, replaced in one transaction (nft(8)). The empty table comes
/// first, so that there is one to delete.
func emitNFT(_ device: DevicePlan, shared: SharedNFT, into writer: inout TextWriter) {
  guard let fragment = device.firewall?.nft else { return }
  let what: StaticString = "packet filter, nftables"
  emitHeader(device, what: what, into: &writer)
  writer.write("# Loaded by firewall.sh.\ntable inet romana\ndelete table inet romana\ntable inet romana {\n")
  writer.write(rendered: shared.bytes)
  write(fragment, into: &writer)
  writer.write("}\n")
  emitEndMarker(what: what, into: &writer)
}

private func write(_ fragment: NFTFragment, into writer: inout TextWriter) {
  for set in fragment.sets { write(set, into: &writer) }
  for chain in fragment.chains { write(chain, into: &writer) }
}

private func write(_ chain: NFTChain, into writer: inout TextWriter) {
  writer.write("  chain ")
  writer.write(chain.name)
  writer.write(" {\n")
  if let hook = chain.hook {
    switch hook.place {
    case .input: writer.write("    type filter hook input priority filter; policy ")
    case .forward: writer.write("    type filter hook forward priority filter; policy ")
    case .prerouting: writer.write("    type filter hook prerouting priority mangle; policy ")
    case .postrouting: writer.write("    type nat hook postrouting priority srcnat; policy ")
    }
    writer.write(hook.dropsByDefault ? "drop;\n" : "accept;\n")
  }
  for rule in chain.rules {
    writer.write("    ")
    write(rule, into: &writer)
    writer.newline()
  }
  writer.write("  }\n")
}

func write(_ rule: NFTRule, into writer: inout TextWriter) {
  for condition in rule.conditions {
    write(condition, into: &writer)
    writer.write(" ")
  }
  switch rule.action {
  case .verdict(let verdict): write(verdict, into: &writer)
  case .lookup(let selectors, let map):
    write(selectors, into: &writer)
    writer.write(" vmap @")
    writer.write(map)
  case .masquerade: writer.write("masquerade")
  case .mark(let mark):
    writer.write("meta mark set meta mark & ")
    writer.write(hexadecimal: ~steeringMask)
    writer.write(" | ")
    writer.write(hexadecimal: mark)
    writer.write(" ct mark set ct mark | ")
    writer.write(hexadecimal: steeredFlag)
    writer.write(" return")
  case .clampMSS: writer.write("tcp option maxseg size set rt mtu")
  }
  if let comment = rule.comment { writeComment(comment, into: &writer) }
}

private func write(_ condition: NFTCondition, into writer: inout TextWriter) {
  switch condition {
  case .input(let pattern):
    writer.write("iifname \"")
    writer.write(wildcard: pattern)
    writer.write("\"")
  case .inputs(let names):
    writer.write("iifname ")
    writeAlternatives(names, into: &writer) { name, writer in
      writer.write("\"")
      writer.write(name)
      writer.write("\"")
    }
  case .source(let match): write("saddr", match, into: &writer)
  case .destination(let match): write("daddr", match, into: &writer)
  case .sources(let prefixes):
    writeFamily(prefixes.first?.family ?? .ipv4, into: &writer)
    writer.write(" saddr ")
    writeAlternatives(prefixes, into: &writer) { write(NFTValue($0), into: &$1) }
  case .contained(let selectors, let set):
    write(selectors, into: &writer)
    writer.write(" @")
    writer.write(set)
  case .established: writer.write("ct state established,related")
  case .family(let family): writer.write(family == .ipv4 ? "meta nfproto ipv4" : "meta nfproto ipv6")
  case .proto(let number):
    writer.write("meta l4proto ")
    writer.write(number)
  case .protos(let numbers):
    writer.write("meta l4proto ")
    writeAlternatives(numbers, into: &writer) { $1.write($0) }
  case .icmpTypes(let family, let types):
    writer.write(family == .ipv4 ? "icmp type " : "icmpv6 type ")
    writeAlternatives(types, into: &writer) { $1.write($0) }
  case .ports(let proto, let ports):
    switch proto {
    case .tcp: writer.write("tcp dport ")
    case .udp: writer.write("udp dport ")
    case .sctp: writer.write("sctp dport ")
    }
    writeAlternatives(ports, into: &writer) { write(NFTValue.numbers($0), into: &$1) }
  case .udp(let source, let destination):
    writer.write("udp sport ")
    writer.write(source)
    writer.write(" udp dport ")
    writer.write(destination)
  case .steered:
    writer.write("ct mark & ")
    writer.write(hexadecimal: steeredFlag)
    writer.write(" == ")
    writer.write(hexadecimal: steeredFlag)
  case .synOnly: writer.write("tcp flags & (syn | rst) == syn")
  case .udpDestination(let port):
    writer.write("udp dport ")
    writer.write(port)
  }
}

/// `ip saddr 10.0.0.0/9`, or with a mask that has gaps `ip saddr & 255.128.31.0 == 10.0.1.0`: nft takes no such mask after
/// a slash.
private func write(_ field: StaticString, _ match: AddressMatch, into writer: inout TextWriter) {
  writeFamily(match.family, into: &writer)
  writer.write(" ")
  writer.write(field)
  if let prefix = match.prefix {
    writer.write(" ")
    write(NFTValue(prefix), into: &writer)
  } else {
    writer.write(" & ")
    writer.write(match.maskAddress)
    writer.write(" == ")
    writer.write(match.value)
  }
}

/// The parts of a key with dots between them.
private func write(_ selectors: [NFTSelector], into writer: inout TextWriter) {
  for (index, selector) in selectors.enumerated() {
    if index > 0 { writer.write(" . ") }
    switch selector {
    case .source(let family, let mask): write("saddr", family, mask, into: &writer)
    case .destination(let family, let mask): write("daddr", family, mask, into: &writer)
    case .input: writer.write("iifname")
    case .proto: writer.write("meta l4proto")
    case .destinationPort: writer.write("th dport")
    case .icmpType(.ipv4): writer.write("icmp type")
    case .icmpType(.ipv6): writer.write("icmpv6 type")
    }
  }
}

private func write(
  _ field: StaticString, _ family: AddressFamily, _ mask: UInt128?, into writer: inout TextWriter
) {
  writeFamily(family, into: &writer)
  writer.write(" ")
  writer.write(field)
  if let mask {
    writer.write(" & ")
    writer.write(Address(family, mask))
  }
}

private func writeFamily(_ family: AddressFamily, into writer: inout TextWriter) {
  writer.write(family == .ipv4 ? "ip" : "ip6")
}

/// One value as it is, several in braces.
private func writeAlternatives<Value>(
  _ values: [Value], into writer: inout TextWriter, spell: (Value, inout TextWriter) -> Void
) {
  if values.count != 1 { writer.write("{ ") }
  for (index, value) in values.enumerated() {
    if index > 0 { writer.write(", ") }
    spell(value, &writer)
  }
  if values.count != 1 { writer.write(" }") }
}
