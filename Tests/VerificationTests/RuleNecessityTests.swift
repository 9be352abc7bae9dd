import Testing
import TopologyModel
import Verification

/// Each rule is there for a reason: without it some packet fares differently. That also says something of the packets:
/// none of the rules could be lost without notice.
///
/// The chains are taken as mode `share` has them, since a policy that drops hides what other rules drop.
@Suite struct RuleNecessityTests {
  @Test(arguments: ["layouts", "groups", "two-networks", "blocks", "blocks-alone"], AddressFamily.allCases)
  func everyRuleDecidesSomething(_ name: String, _ family: AddressFamily) throws {
    let fabric = try Samples.fabric(name)
    let builtin = [":INPUT", ":FORWARD", ":OUTPUT", "-A INPUT", "-A FORWARD"]
    let lines = try fabric.text(0, family).filter { line in !builtin.contains { line.hasPrefix($0) } }
    var whole = try parseRuleFile(bytes(lines), family)
    whole.sets = try fabric.sets(0)
    // Only what a rule matches can fare differently without it.
    var matched: [Int: [(probe: (Packet, FilterHook), verdict: PacketVerdict)]] = [:]
    for probe in probes(fabric, family) {
      let fate = evaluate(probe.0, at: probe.1, in: whole)
      for line in fate.matchedLines { matched[line, default: []].append((probe, fate.verdict)) }
    }
    // Nothing is in a set of a segment that no endpoint of the host can talk to.
    let empty = whole.sets.filter { $0.value.count == 0 }.map { " \($0.key) " }
    for index in lines.indices where lines[index].hasPrefix("-A ") {
      guard !empty.contains(where: { lines[index].contains($0) }) else { continue }
      var rest = lines
      rest.remove(at: index)
      var without = try parseRuleFile(bytes(rest), family)
      without.sets = whole.sets
      let isNeeded = matched[index + 1, default: []].contains { probe, verdict in
        evaluate(probe.0, at: probe.1, in: without).verdict != verdict
      }
      #expect(isNeeded, "\(lines[index])")
    }
  }

  private func bytes(_ lines: [String]) -> [UInt8] { Array((lines.joined(separator: "\n") + "\n").utf8) }

  func probes(_ fabric: Fabric, _ family: AddressFamily) -> [(Packet, FilterHook)] {
    let topology = fabric.topology
    let addresses = Addresses(topology: topology)
    let host = topology.hosts[0]
    let own = addresses.all(onHost: 0, family)
    let listed = host.endpoints.flatMap(\.addresses).filter { $0.family == family }
    let foreign = addresses.all(onHost: 2, family) + addresses.outside(family).prefix(1)
    let underlay = addresses.underlay(family) + topology.hosts.suffix(1).compactMap { $0.address(family) }
    let local = "fe80::1"
    let special = family == .ipv4 ? ["0.0.0.0"] : [local, "::"]
    let odd = special.compactMap { try? Address(parsing: $0) }
    let inputs = ["epx1", host.links[0].interface.text, "mgmt0"] + host.endpoints.compactMap { $0.interface?.text }
    let types = family == .ipv4 ? [3, 8, 11, 12] : [1, 2, 3, 4, 128, 133, 135, 136]
    var result: [(Packet, FilterHook)] = []
    for input in inputs + ["lo"] {
      for source in own + listed + foreign + odd {
        for destination in own + listed + foreign + underlay {
          result.append((Packet(from: source, to: destination, in: input), .forward))
        }
        let target = host.address(family) ?? own[0]
        let toHost: [Packet.Payload] =
          [
            .tcp(source: 1, destination: 22), .udp(source: 68, destination: 67), .udp(source: 546, destination: 547),
          ] + types.map { .icmp(type: $0) }
        result += toHost.map { (Packet(from: source, to: target, in: input, $0), .input) }
        result.append((Packet(from: source, to: target, in: input, state: .established), .input))
      }
      for type in types {
        let error = Packet(from: foreign[foreign.count - 1], to: own[0], in: input, .icmp(type: type))
        result.append((error, .forward))
        for source in own { result.append((Packet(from: source, to: own[0], in: input, .icmp(type: type)), .forward)) }
      }
      result.append((Packet(from: foreign[0], to: own[0], in: input, state: .established), .forward))
    }
    return result
  }
}
