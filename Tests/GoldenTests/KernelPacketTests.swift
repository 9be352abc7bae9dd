import Emitters
import SystemPackage
import Testing
import TopologyModel
import Verification

#if canImport(Glibc)
  import Glibc
#endif

/// Packets that are really sent, in the kernel: what becomes of them is what the evaluator says of the emitted files, for both
/// forms of iptables and for nftables.
@Suite(.serialized) struct KernelPacketTests {
  private static let programs = ["nft", "iptables-nft", "iptables-legacy", "conntrack", "python3", "unshare", "flock"]
  private static let count = 500

  /// What the kernel itself refuses, such as sources that are its own addresses, it refuses without a filter too; that says
  /// nothing, and a thousand packets more are sent of which it does not.
  @Test(arguments: ["h1", "h3"])
  func kernelDoesWhatTheEvaluatorSays(_ name: String) async throws {
    let host = try KernelHost(name)
    defer { host.remove() }
    var packets = KernelPackets(host.topology, host: host.index, seed: 4 + UInt64(host.index))
    for family in AddressFamily.allCases { packets.add(Self.count, family) }
    try host.write(packets.sent)
    let output = try await Sandbox.run(
      "packets.sh", [host.folder(.iptables), host.folder(.nft), host.packetFile], needs: Self.programs, seconds: 120)
    guard let output else { return }
    let open = fates(output["open"])
    try #require(open.count == packets.sent.count, "\(output[""] ?? []) \(output["open"]?.suffix(3) ?? [])")

    var counts: [String: Int] = [:]
    var hits: [AddressFamily: [Int: Int]] = [:]
    for (run, backend) in [("iptables-nft", FirewallBackend.iptables), ("iptables-legacy", .iptables), ("nft", .nft)] {
      let fates = fates(output[run])
      try #require(fates.count == packets.sent.count, "\(run): \(output[run]?.suffix(3) ?? [])")
      for (number, sent) in packets.sent.enumerated() {
        guard let hook = hook(open[number]) else {
          #expect(fates[number] == "lost", "\(run): \(sent.packet) was refused without a filter")
          continue
        }
        var packet = sent.packet
        // An answer is one only if its flow was let through; that is what the evaluator says of it.
        if let origin = sent.origin {
          let first = host.verdict(packets.sent[origin].packet, self.hook(open[origin]), backend).isAccepted
          if !first { packet.state = .new }
        }
        let verdict = host.verdict(packet, hook, backend)
        let expected = verdict.isAccepted ? open[number] : "lost"
        #expect(fates[number] == expected, "\(run): \(packet) at \(hook), which \(verdict)")
        counts["\(verdict.isAccepted ? "accepted" : "dropped") \(hook) \(run)", default: 0] += 1
        counts["answers \(run)", default: 0] += packet.state != .new && verdict.isAccepted ? 1 : 0
        counts[run, default: 0] += 1
        if run == "iptables-nft" {
          for line in verdict.lines { hits[packet.source.family, default: [:]][line, default: 0] += 1 }
        }
      }
      #expect(counts[run, default: 0] >= 1000)
      #expect(counts["answers \(run)", default: 0] >= 40)
      for hook in FilterHook.allCases {
        #expect(counts["accepted \(hook) \(run)", default: 0] >= 40, "\(counts)")
        #expect(counts["dropped \(hook) \(run)", default: 0] >= 40, "\(counts)")
      }
    }
    print(name, counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))
    for form in ["nft", "legacy"] {
      try host.compareCounters(output["counters-\(form)"] ?? [], hits, "\(form)")
    }
  }

  private func fates(_ lines: [String]?) -> [Int: String] {
    let pairs = (lines ?? []).map { $0.split(separator: " ").map(String.init) }
    return Dictionary(
      pairs.compactMap { pair in
        pair.count == 2 ? Int(pair[0]).map { ($0, pair[1]) } : nil
      }, uniquingKeysWith: { first, _ in first })
  }

  private func hook(_ fate: String?) -> FilterHook? {
    switch fate {
    case "forward": .forward
    case "input": .input
    default: nil
    }
  }
}

/// A host of the example `policies`, with files for both backends in a folder.
private struct KernelHost {
  let topology: Topology
  let index: Int
  private let root: String
  private let rules: [RuleFile]
  private let table: NFTFile

  struct Verdict: CustomStringConvertible {
    var isAccepted: Bool
    var lines: [Int]
    var description: String { "the evaluator \(isAccepted ? "accepts" : "drops"), lines \(lines)" }
  }

  init(_ name: String) throws {
    topology = try Example.named("policies").plan.topology
    index = try #require(topology.hosts.firstIndex { $0.name.text == name })
    var template = Array("/tmp/romana-packets.XXXXXX".utf8CString)
    root = String(cString: try #require(mkdtemp(&template)))
    var bytes: [ArtifactKind: [UInt8]] = [:]
    for backend in FirewallBackend.allCases {
      var topology = topology
      for host in topology.hosts.indices { topology.hosts[host].settings.firewallBackend = backend }
      let plan = NetworkPlan(topology)
      let device = plan.plan(try #require(plan.device(named: name)))
      let shared = SharedFragments(plan)
      mkdir("\(root)/\(backend)", 0o755)
      for kind in device.artifacts {
        let content = shared.bytes(kind, of: device)
        bytes[kind] = content
        let path = FilePath("\(root)/\(backend)/\(kind.fileName)")
        try Repository.write(String(decoding: content, as: UTF8.self), to: path)
      }
    }
    rules = [
      try parseRuleFile(bytes[.rulesIPv4] ?? [], .ipv4), try parseRuleFile(bytes[.rulesIPv6] ?? [], .ipv6),
    ]
    table = try parseNFT(bytes[.rulesNFT] ?? [])
  }

  func folder(_ backend: FirewallBackend) -> String { "\(root)/\(backend)" }
  var packetFile: String { "\(root)/packets" }

  func remove() {
    for backend in FirewallBackend.allCases {
      for path in expandGlob("\(folder(backend))/*") { unlink(path) }
      rmdir(folder(backend))
    }
    unlink(packetFile)
    rmdir(root)
  }

  /// Addresses, routes and packets for `packets.sh`.
  func write(_ packets: [KernelPackets.Sent]) throws {
    var lines: [String] = []
    for family in AddressFamily.allCases {
      let address = topology.hosts[index].links[0].address(family)
      lines += [address].compactMap(\.self).map { "address \(KernelPackets.uplink) \($0)/\(family.bitWidth)" }
      for network in topology.networks.indices {
        guard let prefix = topology.prefix(ofHost: index, inNetwork: network), prefix.family == family else { continue }
        lines.append("address \(KernelPackets.endpoints) \(prefix.address.advanced(by: 1))/\(family.bitWidth)")
        lines.append("route \(prefix) \(KernelPackets.endpoints)")
      }
      lines.append("address \(KernelPackets.management) \(family == .ipv4 ? "192.168.1.1/32" : "fd00:99::1/128")")
      lines.append("route \(family == .ipv4 ? "0.0.0.0/0" : "::/0") \(KernelPackets.uplink)")
    }
    for (number, sent) in packets.enumerated() {
      let packet = sent.packet
      let (proto, first, second): (Int, Int, Int) =
        switch packet.payload {
        case .icmp(let type): (packet.source.family == .ipv4 ? 1 : 58, type, 0)
        case .tcp(let source, let destination): (6, source, destination)
        case .udp(let source, let destination): (17, source, destination)
        case .sctp(let source, let destination): (132, source, destination)
        case .other(let number): (number, 0, 0)
        }
      let kind = sent.origin == nil ? "new" : packet.state == .related ? "error" : "reply"
      lines.append(
        "packet \(number) \(packet.input) \(packet.source.family == .ipv4 ? 4 : 6) \(packet.source) \(packet.destination) "
          + "\(proto) \(first) \(second) \(kind) \(sent.origin ?? 0)")
    }
    try Repository.write(lines.joined(separator: "\n") + "\n", to: FilePath(packetFile))
  }

  /// What no rule decides about is let through, as is the policy of the chain INPUT; FORWARD drops it, in both backends.
  func verdict(_ packet: Packet, _ hook: FilterHook?, _ backend: FirewallBackend) -> Verdict {
    guard let hook else { return Verdict(isAccepted: false, lines: []) }
    if backend == .nft {
      let fate = evaluate(packet, at: hook, in: table)
      return Verdict(isAccepted: fate.verdict != .drop, lines: fate.matchedLines)
    }
    let fate = evaluate(packet, at: hook, in: rules[Int(packet.source.family.rawValue)])
    return Verdict(isAccepted: fate.verdict != .drop, lines: fate.matchedLines)
  }

  /// The kernel counted each rule as often as the evaluator matched it.
  func compareCounters(_ lines: [String], _ hits: [AddressFamily: [Int: Int]], _ form: String) throws {
    let tables = lines.split { $0.hasPrefix("COMMIT") }.filter { $0.contains("*filter") }
    try #require(tables.count == 2, "\(form)")
    for (family, table) in zip(AddressFamily.allCases, tables) {
      var counters: [String: [Int]] = [:]
      for line in table where line.hasPrefix("[") {
        let words = line.split(separator: " ")
        let count = Int(words[0].dropFirst().prefix { $0 != ":" }) ?? -1
        counters[String(words[2]), default: []].append(count)
      }
      for chain in rules[Int(family.rawValue)].chains where !chain.rules.isEmpty {
        let expected = chain.rules.map { hits[family]?[$0.line] ?? 0 }
        #expect(counters[chain.name] == expected, "\(form) \(family) \(chain.name)")
      }
    }
  }
}
