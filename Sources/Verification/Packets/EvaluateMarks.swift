import TopologyModel

/// The mark that the chains of the table mangle give a packet that has none: what `firewall.sh` hooks in before routing.
package func mark(of packet: Packet, in file: RuleFile) -> UInt32 {
  guard let steering = file.steering?.file else { return 0 }
  var mark: UInt32 = 0
  // A goto does not come back: the chain that made it is over (iptables(8)).
  func run(_ name: String) {
    for read in steering[name]?.rules ?? [] where read.rule.matches(packet) {
      switch read.rule.target {
      case .mark(let value, let mask): mark = mark & ~mask | value
      case .markConnection: continue
      case .accept, .drop, .return: return
      case .jump(let chain): run(chain)
      case .goto(let chain): return run(chain)
      }
    }
  }
  run("romana-steer")
  return mark
}
