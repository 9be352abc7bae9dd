import TopologyModel

/// Reads a file for iptables-restore or ip6tables-restore: the table `filter` and its COMMIT, then, where services mark packets,
/// the same of `mangle`.
///
/// Comments may stand anywhere. A chain must be declared before rules use it; that legacy's `--test` wants as well.
package func parseRuleFile(_ bytes: [UInt8], _ family: AddressFamily) throws(ParseFailure) -> RuleFile {
  let lines = try splitLines(bytes).filter { !$0.text.hasPrefix("#") }
  let third = lines.firstIndex { $0.text == "*nat" } ?? lines.endIndex
  let second = lines[..<third].firstIndex { $0.text == "*mangle" } ?? third
  var file = try parseTable("*filter", lines[..<second], family)
  file.steering = try parseFurther("*mangle", "romana-steer", lines[second..<third], family)
  file.translation = try parseFurther("*nat", "romana-snat", lines[third...], family)
  return file
}

/// A table of chains of ours only, if there are any; `firewall.sh` leads to the one named.
private func parseFurther(
  _ name: String, _ chain: String, _ lines: ArraySlice<(number: Int, text: Substring)>, _ family: AddressFamily
) throws(ParseFailure) -> RuleFile.Steering? {
  guard let first = lines.first else { return nil }
  let table = try parseTable(name, lines, family)
  guard table.policies.isEmpty, table.position(of: chain) != nil else {
    throw ParseFailure("the table \(name) is not ours: only chains that '\(chain)' leads to", line: first.number)
  }
  return RuleFile.Steering(table)
}

private func parseTable(
  _ name: String, _ lines: ArraySlice<(number: Int, text: Substring)>, _ family: AddressFamily
) throws(ParseFailure) -> RuleFile {
  var file = RuleFile(family: family)
  guard lines.first?.text == Substring(name) else {
    throw ParseFailure("expected '\(name)'", line: lines.first?.number ?? 1)
  }
  guard let last = lines.last, last.text == "COMMIT" else {
    throw ParseFailure("the table has no COMMIT", line: lines.last?.number ?? 1)
  }
  var hasRules = false
  for line in lines.dropFirst().dropLast() {
    if line.text.hasPrefix(":") {
      guard !hasRules else { throw ParseFailure("a chain is declared after the first rule", line: line.number) }
      try parseDeclaration(line.text.dropFirst(), line: line.number, into: &file)
    } else {
      hasRules = true
      try parseAppend(line.text, line: line.number, into: &file)
    }
  }
  try checkTargets(file, name)
  return file
}

/// `:NAME POLICY [packets:bytes]`; the counters are zero and the policy of a chain of one's own is `-`.
private func parseDeclaration(_ text: Substring, line: Int, into file: inout RuleFile) throws(ParseFailure) {
  var words = WordReader(text, line: line)
  let name = try words.word("a chain")
  let word = try words.word("a policy")
  try words.expect("[0:0]")
  try words.end()
  let isBuiltin = ["INPUT", "FORWARD", "OUTPUT"].contains(name)
  let policy = RuleFile.Policy(rawValue: word)
  guard isBuiltin == (policy != nil), isBuiltin || word == "-" else {
    throw ParseFailure("the policy '\(word)' does not go with the chain '\(name)'", line: line)
  }
  guard isBuiltin || isOwnChainName(name) else {
    throw ParseFailure("'\(name)' is not a name for a chain of ours", line: line)
  }
  guard file.declare(name, policy, line: line) else {
    throw ParseFailure("the chain '\(name)' is declared twice", line: line)
  }
}

/// At most 28 characters (XT_EXTENSION_MAXNAMELEN less one), and marked as ours.
private func isOwnChainName(_ name: String) -> Bool {
  name.utf8.count <= 28 && name.hasPrefix("romana-")
    && name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
}

private func parseAppend(_ text: Substring, line: Int, into file: inout RuleFile) throws(ParseFailure) {
  var words = RuleWords(try splitQuoted(text, line: line), line: line)
  try words.expect("-A")
  let chain = try words.word("a chain")
  let rule = try parseRule(&words, file.family)
  guard file.append(ReadRule(rule: rule, line: line), to: chain) else {
    throw ParseFailure("a rule of the chain '\(chain)', which is not declared", line: line)
  }
}

/// Every chain that is jumped to exists, is no builtin one, and no packet can go round in circles.
private func checkTargets(_ file: RuleFile, _ table: String) throws(ParseFailure) {
  // 0 not seen, 1 on the way, 2 done.
  var states = [Int](repeating: 0, count: file.chains.count)
  func visit(_ position: Int) throws(ParseFailure) {
    states[position] = 1
    for read in file.chains[position].rules {
      let home: String? =
        switch read.rule.target {
        case .mark, .markConnection: "*mangle"
        case .masquerade: "*nat"
        case .accept, .drop, .clampMSS: "*filter"
        case .return, .jump, .goto: nil
        }
      guard home == nil || home == table else {
        throw ParseFailure("the target does not belong into this table", line: read.line)
      }
      guard let name = read.rule.target.chain else { continue }
      guard let next = file.position(of: name), file.policies[name] == nil else {
        throw ParseFailure("the chain '\(name)' is not declared", line: read.line)
      }
      guard states[next] != 1 else { throw ParseFailure("the chain '\(name)' leads back to itself", line: read.line) }
      if states[next] == 0 { try visit(next) }
    }
    states[position] = 2
  }
  for position in file.chains.indices where states[position] == 0 { try visit(position) }
}

extension RuleTarget {
  /// The chain that the packet goes on in.
  package var chain: String? {
    switch self {
    case .jump(let name), .goto(let name): name
    case .accept, .drop, .return, .mark, .markConnection, .masquerade, .clampMSS: nil
    }
  }
}
