import Emitters
import TopologyModel
import Verification

/// Something in an emitted file that decided about a packet.
struct Decision {
  var file: String
  /// Counted from 1; nil if it is no line, e.g. the policy of a chain.
  var line: Int?
  var text: String

  var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(text)" }
}

/// The files of a fabric's devices, rendered when they are asked for and read back by `Verification`.
struct TraceFiles {
  let plan: NetworkPlan
  let shared: SharedFragments
  private let parsed = ParsedFilters()

  init(_ plan: NetworkPlan) {
    self.plan = plan
    shared = SharedFragments(plan)
  }

  /// What all files say of routing.
  func routing() throws -> FabricRouting { try FabricRouting(plan) { shared.bytes($1, of: $0) } }

  /// A line of the file of a device's speaker.
  func importLine(_ line: Int, _ family: AddressFamily, of device: DevicePlan) -> Decision? {
    let kinds: [ArtifactKind] = [.frr, .quaggaBGP, .bird, family == .ipv4 ? .bird1 : .bird1IPv6]
    return kinds.first(where: device.artifacts.contains).map {
      decision($0, line, shared.bytes($0, of: device), device)
    }
  }

  /// The line of a device's files of routing that a route to a prefix comes from: the first that has the prefix as a word of its own; else
  /// the entry of a filter that lets it in by a range.
  func routeLine(_ prefix: Prefix, of device: DevicePlan) -> Decision? {
    let kinds: [ArtifactKind] = [
      .routesScript, .bird, .bird1, .bird1IPv6, .exabgp, .frr, .quaggaBGP, .eos, .nxos, .junos, .sonic, .nvue,
      .staticTable,
    ]
    let files = kinds.filter(device.artifacts.contains).map { kind in
      (kind: kind, lines: lines(shared.bytes(kind, of: device)).filter { !isComment($0.text) })
    }
    for isExact in [true, false] {
      for (kind, lines) in files {
        for (number, line) in lines {
          guard isExact ? !line.contains(" deny ") : isPermission(line) else { continue }
          let words = line.split { " \t\"[]{}(),;=~|".contains($0) }
          let holds = words.contains { word in
            // BIRD writes `+` or `-` behind a prefix where it means more than one length.
            guard let read = try? Prefix(parsing: word.prefix { $0 != "+" && $0 != "-" }) else { return false }
            return isExact ? read == prefix : read.contains(prefix) && lengths(words, read).contains(prefix.length)
          }
          if holds { return Decision(file: path(kind, device), line: number, text: trimmed(line)) }
        }
      }
    }
    return nil
  }

  /// The lengths that an entry means: `ge 18 le 20` (FRR), or `{18,20}` behind the prefix (BIRD), whose marks are gone from the words.
  private func lengths(_ words: [Substring], _ prefix: Prefix) -> ClosedRange<Int> {
    func number(after word: String) -> Int? {
      words.firstIndex(of: word[...]).flatMap { $0 + 1 < words.count ? Int(words[$0 + 1]) : nil }
    }
    let (least, most) = (number(after: "ge"), number(after: "le"))
    if least != nil || most != nil {
      let low = least ?? prefix.length
      return low...max(low, most ?? prefix.family.bitWidth)
    }
    guard let place = words.firstIndex(where: { (try? Prefix(parsing: $0)) == prefix }), place + 2 < words.count,
      let low = Int(words[place + 1]), let high = Int(words[place + 2]), low <= high
    else { return prefix.length...prefix.length }
    return low...high
  }

  /// Whether a line is an entry of a prefix list of FRR or Quagga, or of a filter of BIRD, that lets prefixes in.
  private func isPermission(_ line: String) -> Bool {
    line.contains(" prefix-list ") && line.contains(" permit ") || line.contains("net ~")
  }

  /// What the packet filter of a host does with a packet that it forwards.
  func filter(_ packet: Packet, on device: DevicePlan) throws -> (verdict: PacketVerdict, by: Decision) {
    if device.artifacts.contains(.rulesNFT) {
      let (content, table) = try table(of: device)
      let fate = evaluate(packet, at: .forward, in: table)
      let text = fate.line.map { trimmed(line($0, of: content)) } ?? "the chain's policy"
      let comment = fate.comment.map { " (\($0))" } ?? ""
      return (
        fate.verdict,
        Decision(file: path(.rulesNFT, device), line: fate.line, text: text + (text.contains("comment") ? "" : comment))
      )
    }
    let kind: ArtifactKind = packet.source.family == .ipv4 ? .rulesIPv4 : .rulesIPv6
    let (content, rules) = try rules(kind, of: device)
    let fate = evaluate(packet, at: .forward, in: rules)
    let text = fate.rule.map { trimmed(line($0.line, of: content)) } ?? "the policy of \(fate.chain)"
    return (fate.verdict, Decision(file: path(kind, device), line: fate.rule?.line, text: text))
  }

  /// The packet filter of a host for nftables, and its file.
  func table(of device: DevicePlan) throws -> (content: [UInt8], table: NFTFile) {
    if let known = parsed.tables[device.name] { return known }
    let content = shared.bytes(.rulesNFT, of: device)
    let result = (content, try parseNFT(content))
    parsed.tables[device.name] = result
    return result
  }

  /// The packet filter of a host for a family, and its file.
  func rules(_ kind: ArtifactKind, of device: DevicePlan) throws -> (content: [UInt8], rules: RuleFile) {
    if let known = parsed.rules[kind]?[device.name] { return known }
    let content = shared.bytes(kind, of: device)
    var rules = try parseRuleFile(content, kind == .rulesIPv4 ? .ipv4 : .ipv6)
    if device.artifacts.contains(.addressSets) { rules.sets = try parseSetFile(shared.bytes(.addressSets, of: device)) }
    parsed.rules[kind, default: [:]][device.name] = (content, rules)
    return (content, rules)
  }

  func path(_ kind: ArtifactKind, _ device: DevicePlan) -> String {
    "\(device.role.folder)/\(device.name)/\(kind.fileName)"
  }

  private func lines(_ bytes: [UInt8]) -> [(number: Int, text: String)] {
    bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated().map {
      ($0 + 1, String(decoding: $1, as: UTF8.self))
    }
  }

  func line(_ number: Int, of bytes: [UInt8]) -> String {
    let all = lines(bytes)
    return number >= 1 && number <= all.count ? all[number - 1].text : ""
  }

  private func isComment(_ line: String) -> Bool {
    let text = line.drop { $0 == " " }
    return text.hasPrefix("#") || text.hasPrefix("!") || text.hasPrefix("/*")
  }

  func trimmed(_ line: String) -> String {
    String(line.drop { $0 == " " || $0 == "\t" }.prefix(160))
  }
}

/// The packet filters that were read before, by the name of their host.
private final class ParsedFilters {
  var tables: [Name: (content: [UInt8], table: NFTFile)] = [:]
  var rules: [ArtifactKind: [Name: (content: [UInt8], rules: RuleFile)]] = [:]
}
