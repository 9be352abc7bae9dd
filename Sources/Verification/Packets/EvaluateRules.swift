import TopologyModel

/// Where the kernel hands packets to the filter table.
package enum FilterHook: String, Sendable, CaseIterable {
  /// Packets for the host itself.
  case input = "INPUT"
  /// Packets that the host passes on.
  case forward = "FORWARD"

  /// The chain of ours that the hook's builtin chain leads to: by a rule in the file, or by one that `firewall.sh` puts.
  package var chain: String { self == .input ? "romana-input" : "romana-forward" }
}

/// What became of a packet, and what it cost.
package struct PacketFate: Sendable, Equatable {
  package var verdict: PacketVerdict
  /// The rule that decided; nil if it was a policy, or nothing.
  package var rule: ReadRule?
  /// The chain that holds the rule.
  package var chain: String
  /// How many rules the packet was compared with, the deciding one included.
  package var rulesLookedAt: Int
  /// The lines of the rules that matched on the way, the deciding one last.
  package var matchedLines: [Int]
}

package enum PacketVerdict: Sendable, Equatable {
  case accept
  case drop
  /// None of our rules decided: whatever else is in the table does.
  case undecided
}

/// Takes a packet through the chains of a file as the kernel does (iptables(8)): a jump comes back when the chain ends
/// or a rule says RETURN, a goto comes back to where the last jump was made.
///
/// A file without builtin chains (mode `share`) is entered at the chain that `firewall.sh` hooks in.
package func evaluate(_ packet: Packet, at hook: FilterHook, in file: RuleFile) -> PacketFate {
  let policy = file.policies[hook.rawValue]
  var chain = file.position(of: policy == nil ? hook.chain : hook.rawValue)
  var next = 0
  var callers: [(chain: Int, next: Int)] = []
  var count = 0
  var matched: [Int] = []
  while let current = chain {
    guard next < file.chains[current].rules.count else {
      guard let caller = callers.popLast() else { break }
      (chain, next) = (caller.chain, caller.next)
      continue
    }
    count += 1
    next += 1
    guard file.chains[current].rules[next - 1].rule.matches(packet, file.sets) else { continue }
    let read = file.chains[current].rules[next - 1]
    matched.append(read.line)
    func decided(_ verdict: PacketVerdict) -> PacketFate {
      let name = file.chains[current].name
      return PacketFate(verdict: verdict, rule: read, chain: name, rulesLookedAt: count, matchedLines: matched)
    }
    switch read.rule.target {
    case .accept: return decided(.accept)
    case .drop: return decided(.drop)
    case .return: next = file.chains[current].rules.count
    case .mark, .markConnection, .masquerade, .clampMSS: break
    case .jump(let target):
      callers.append((current, next))
      (chain, next) = (file.position(of: target), 0)
    case .goto(let target): (chain, next) = (file.position(of: target), 0)
    }
  }
  let verdict: PacketVerdict =
    switch policy {
    case .accept: .accept
    case .drop: .drop
    case nil: .undecided
    }
  return PacketFate(
    verdict: verdict, rule: nil, chain: hook.rawValue, rulesLookedAt: count, matchedLines: matched)
}

/// The most rules that any packet can meet from the start of a chain on, whatever it looks like: every rule up to a
/// jump or goto that may match, and below a jump that comes back all the rest as well. An upper bound, since matches may
/// exclude each other.
package func longestPath(from name: String, in file: RuleFile) -> Int {
  var known: [String: Int] = [:]
  func longest(_ name: String) -> Int {
    if let known = known[name] { return known }
    var (passed, most) = (0, 0)
    for read in file[name]?.rules ?? [] {
      passed += 1
      switch read.rule.target {
      case .jump(let target): passed += longest(target)
      case .goto(let target): most = max(most, passed + longest(target))
      case .accept, .drop, .return, .mark, .markConnection, .masquerade, .clampMSS: break
      }
    }
    known[name] = max(most, passed)
    return max(most, passed)
  }
  return longest(name)
}
