import TopologyModel

/// The mark that the chains of the table mangle give a packet that has none: what `firewall.sh` hooks in before routing.
package func mark(of packet: Packet, in file: RuleFile) -> UInt32 { markDecision(of: packet, in: file).mark }

/// The same, and the line of the rule that gave the mark.
package func markDecision(of packet: Packet, in file: RuleFile) -> (mark: UInt32, line: Int?) {
  guard let steering = file.steering?.file else { return (0, nil) }
  var (mark, line) = (UInt32(0), Int?.none)
  // A goto does not come back: the chain that made it is over (iptables(8)).
  // Where marks are given in a chain of their own, the rule that leads there says why.
  func run(_ name: String, from caller: Int?) {
    for read in steering[name]?.rules ?? [] where read.rule.matches(packet) {
      switch read.rule.target {
      case .mark(let value, let mask):
        (mark, line) = (mark & ~mask | value, name.hasPrefix("romana-m-") ? caller ?? read.line : read.line)
      case .markConnection, .masquerade, .clampMSS: continue
      case .accept, .drop, .return: return
      case .jump(let chain): run(chain, from: read.line)
      case .goto(let chain): return run(chain, from: read.line)
      }
    }
  }
  run("romana-steer", from: nil)
  return (mark, line)
}

/// Whether the table nat gives a packet that leaves the host another source.
package func isTranslated(_ packet: Packet, in file: RuleFile) -> Bool {
  for read in file.translation?.file["romana-snat"]?.rules ?? [] where read.rule.matches(packet) {
    return read.rule.target == .masquerade
  }
  return false
}
