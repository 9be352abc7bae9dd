import TopologyModel

/// Spells the matches and the target of a rule in the order of `iptables-save` (iptables(8), iptables-extensions(8)):
/// addresses, interfaces, protocol, then the match extensions.
func write(_ rule: FilterRule, into writer: inout TextWriter) {
  if let source = rule.source {
    writer.write(" -s ")
    write(source, into: &writer)
  }
  if let destination = rule.destination {
    writer.write(" -d ")
    write(destination, into: &writer)
  }
  if let input = rule.input {
    writer.write(" -i ")
    writer.write(input)
  }
  if let proto = rule.proto { write(proto, into: &writer) }
  if rule.synOnly { writer.write(" -p tcp -m tcp --tcp-flags SYN,RST SYN") }
  if rule.establishedOnly { writer.write(" -m conntrack --ctstate RELATED,ESTABLISHED") }
  if let name = rule.sourceSet { write(name, side: "src", into: &writer) }
  if let name = rule.destinationSet { write(name, side: "dst", into: &writer) }
  if rule.steeredOnly {
    writer.write(" -m connmark --mark ")
    writeFlag(into: &writer)
  }
  if let comment = rule.comment {
    writer.write(" -m comment --comment ")
    write(comment, into: &writer)
  }
  write(rule.verdict, into: &writer)
}

/// The set match (iptables-extensions(8), set).
private func write(_ name: AddressSetName, side: StaticString, into writer: inout TextWriter) {
  writer.write(" -m set --match-set ")
  writer.write(name)
  writer.write(" ")
  writer.write(side)
}

/// `address/length`, or `address/mask` if the mask has gaps.
private func write(_ match: AddressMatch, into writer: inout TextWriter) {
  if let prefix = match.prefix {
    writer.write(prefix)
  } else {
    writer.write(match.value)
    writer.write("/")
    writer.write(match.maskAddress)
  }
}

private func write(_ proto: ProtocolMatch, into writer: inout TextWriter) {
  switch proto {
  case .icmp(let type):
    writer.write(" -p icmp")
    if let type {
      writer.write(" -m icmp --icmp-type ")
      writer.write(type)
    }
  case .icmpv6(let type):
    writer.write(" -p ipv6-icmp")
    if let type {
      writer.write(" -m icmp6 --icmpv6-type ")
      writer.write(type)
    }
  case .udp(let source, let destination):
    writer.write(" -p udp -m udp --sport ")
    writer.write(source)
    writer.write(" --dport ")
    writer.write(destination)
  case .number(let number):
    writer.write(" -p ")
    writer.write(number)
  case .ports(let proto, let ports): write(proto, ports, into: &writer)
  }
}

/// One port or range by the protocol's own match, several by multiport.
private func write(_ proto: PortProtocol, _ ports: [ClosedRange<UInt16>], into writer: inout TextWriter) {
  let name: StaticString =
    switch proto {
    case .tcp: "tcp"
    case .udp: "udp"
    case .sctp: "sctp"
    }
  writer.write(" -p ")
  writer.write(name)
  guard !ports.isEmpty else { return }
  if ports.count == 1 {
    writer.write(" -m ")
    writer.write(name)
    writer.write(" --dport ")
  } else {
    writer.write(" -m multiport --dports ")
  }
  for (index, range) in ports.enumerated() {
    if index > 0 { writer.write(",") }
    writer.write(range.lowerBound)
    if range.count > 1 {
      writer.write(":")
      writer.write(range.upperBound)
    }
  }
}

private func write(_ verdict: Verdict, into writer: inout TextWriter) {
  switch verdict {
  case .accept: writer.write(" -j ACCEPT")
  case .drop: writer.write(" -j DROP")
  case .return: writer.write(" -j RETURN")
  case .jump(let chain):
    writer.write(" -j ")
    writer.write(chain)
  case .goto(let chain):
    writer.write(" -g ")
    writer.write(chain)
  case .mark(let mark):
    writer.write(" -j MARK --set-xmark ")
    writer.write(hexadecimal: mark)
    writer.write("/")
    writer.write(hexadecimal: steeringMask)
  case .masquerade: writer.write(" -j MASQUERADE")
  case .clampMSS: writer.write(" -j TCPMSS --clamp-mss-to-pmtu")
  case .markConnection:
    writer.write(" -j CONNMARK --set-xmark ")
    writeFlag(into: &writer)
  }
}

/// The flag under a mask of the same bit.
private func writeFlag(into writer: inout TextWriter) {
  writer.write(hexadecimal: steeredFlag)
  writer.write("/")
  writer.write(hexadecimal: steeredFlag)
}

/// A comment, in quotes only where `iptables-save` puts them: around anything but letters, digits, `_` and `-`.
private func write(_ comment: RuleComment, into writer: inout TextWriter) {
  switch comment {
  case .word(let word): quoting(!isPlain(word.text), into: &writer) { $0.write(word: word) }
  case .tenant(let name), .endpoint(let name), .network(let name), .service(let name):
    quoting(!isPlain(name), into: &writer) { $0.write(name) }
  case .segment(let tenant, let segment):
    quoting(true, into: &writer) {
      $0.write(tenant)
      $0.write("/")
      $0.write(segment)
    }
  case .egress(let tenant):
    quoting(true, into: &writer) {
      $0.write("egress ")
      $0.write(tenant)
    }
  case .policy(let name, nil): quoting(!isPlain(name), into: &writer) { $0.write(name) }
  case .policy(let name, let text?):
    quoting(true, into: &writer) {
      $0.write(name)
      $0.write(": ")
      $0.write(text)
    }
  }
}

private func quoting(_ quoted: Bool, into writer: inout TextWriter, _ body: (inout TextWriter) -> Void) {
  if quoted { writer.write("\"") }
  body(&writer)
  if quoted { writer.write("\"") }
}

/// A name has letters, digits, `-`, `_` and `.`; of these only the dot is quoted.
private func isPlain(_ name: Name) -> Bool { !name.text.utf8.contains(UInt8(ascii: ".")) }

private func isPlain(_ text: StaticString) -> Bool {
  text.withUTF8Buffer { bytes in
    bytes.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
      default: false
      }
    }
  }
}
