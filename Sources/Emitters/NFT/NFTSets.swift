import TopologyModel

/// Spells a set or map with its elements (nft(8), sections sets and maps).
func write(_ set: NFTSet, into writer: inout TextWriter) {
  writer.write(set.isMap ? "  map " : "  set ")
  writer.write(set.name)
  writer.write(" {\n    type ")
  for (index, type) in set.key.enumerated() {
    if index > 0 { writer.write(" . ") }
    switch type {
    case .address(.ipv4): writer.write("ipv4_addr")
    case .address(.ipv6): writer.write("ipv6_addr")
    case .interface: writer.write("ifname")
    case .proto: writer.write("inet_proto")
    case .port: writer.write("inet_service")
    case .icmp(.ipv4): writer.write("icmp_type")
    case .icmp(.ipv6): writer.write("icmpv6_type")
    }
  }
  writer.write(set.isMap ? " : verdict\n" : "\n")
  if set.isInterval { writer.write("    flags interval\n") }
  if set.hasCounters { writer.write("    counter\n") }
  if !set.elements.isEmpty {
    writer.write("    elements = {\n")
    for (index, element) in set.elements.enumerated() {
      writer.write("      ")
      write(element, into: &writer)
      writer.write(index == set.elements.count - 1 ? "\n" : ",\n")
    }
    writer.write("    }\n")
  }
  writer.write("  }\n")
}

func write(_ element: NFTElement, into writer: inout TextWriter) {
  for (index, value) in element.key.enumerated() {
    if index > 0 { writer.write(" . ") }
    write(value, into: &writer)
  }
  if let comment = element.comment { writeComment(comment, into: &writer) }
  if let verdict = element.verdict {
    writer.write(" : ")
    write(verdict, into: &writer)
  }
}

func write(_ value: NFTValue, into writer: inout TextWriter) {
  switch value {
  case .address(let address): writer.write(address)
  case .prefix(let prefix): writer.write(prefix)
  case .addresses(let first, let last):
    writer.write(first)
    writer.write("-")
    writer.write(last)
  case .interface(let name):
    writer.write("\"")
    writer.write(name)
    writer.write("\"")
  case .numbers(let range):
    writer.write(range.lowerBound)
    if range.count > 1 {
      writer.write("-")
      writer.write(range.upperBound)
    }
  }
}

func write(_ verdict: NFTVerdict, into writer: inout TextWriter) {
  switch verdict {
  case .accept: writer.write("accept")
  case .drop: writer.write("drop")
  case .return: writer.write("return")
  case .jump(let chain):
    writer.write("jump ")
    writer.write(chain)
  case .goto(let chain):
    writer.write("goto ")
    writer.write(chain)
  }
}

/// A comment, always in quotes. nft takes at most 128 bytes (NFTNL_UDATA_COMMENT_MAXLEN): where a policy's name and
/// description are longer together, the name stands alone.
func writeComment(_ comment: RuleComment, into writer: inout TextWriter) {
  writer.write(" comment \"")
  switch comment {
  case .word(let word): writer.write(word: word)
  case .tenant(let name), .endpoint(let name), .network(let name), .service(let name): writer.write(name)
  case .segment(let tenant, let segment):
    writer.write(tenant)
    writer.write("/")
    writer.write(segment)
  case .egress(let tenant):
    writer.write("egress ")
    writer.write(tenant)
  case .policy(let name, let text):
    writer.write(name)
    if let text, name.text.utf8.count + 2 + text.text.utf8.count <= 128 {
      writer.write(": ")
      writer.write(text)
    }
  }
  writer.write("\"")
}
