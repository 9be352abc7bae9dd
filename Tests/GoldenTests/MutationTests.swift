import Emitters
import Testing
import TopologyModel
import Verification

/// A change to a golden file that must be found.
struct Mutation: Sendable, CustomTestStringConvertible {
  var what: String
  var example: String
  var device: String
  var kind: ArtifactKind
  var change: @Sendable (String) -> String

  var testDescription: String { "\(device) \(what)" }

  init(
    _ what: String, _ example: String, _ device: String, _ kind: ArtifactKind,
    _ change: @escaping @Sendable (String) -> String
  ) {
    (self.what, self.example, self.device, self.kind, self.change) = (what, example, device, kind, change)
  }
}

/// What a bug in an emitter, a hand on a device or a broken copy could do to a file.
private let mutations: [Mutation] = [
  // bird.conf
  Mutation("drops a filter line", "dual-stack", "h1", .bird) { drop("if net ~ [ 10.0.0.0/19 ] then accept;", $0) },
  Mutation("widens a prefix", "dual-stack", "h1", .bird) { swap("10.128.0.0/21 ]", "10.128.0.0/20 ]", $0) },
  Mutation("takes more-specific prefixes", "dual-stack", "h1", .bird) {
    swap("~ [ 10.0.0.0/9 ]", "~ [ 10.0.0.0/9{9,32} ]", $0)
  },
  Mutation("exports all", "starter", "h1", .bird) { exportingAll($0) },
  Mutation("has another AS", "starter", "h1", .bird) { swap(" as 420", " as 421", $0) },
  Mutation("is its own neighbour", "starter", "h1", .bird) { swap("neighbor 172.16.1.0", "neighbor 172.16.1.1", $0) },
  Mutation("forgets TTL security", "starter", "h1", .bird) { drop("ttl security on;", $0) },
  Mutation("announces less", "dual-stack", "h1", .bird) { drop("route 10.128.0.0/21 blackhole;", $0) },
  Mutation("announces although it is drained", "dual-stack", "h4", .bird) {
    swap("export none;", "export filter { accept; };", $0)
  },
  // frr.conf
  Mutation("has a prefix list less", "dual-stack", "tor1", .frr) { drop("ip prefix-list host-h1 seq 10 ", $0) },
  Mutation("believes another host's prefix", "dual-stack", "tor1", .frr) {
    swap("prefix-list host-h1 in", "prefix-list host-h2 in", $0)
  },
  Mutation("believes longer prefixes", "dual-stack", "spine1", .frr) { swap(" ge 13 le 13", " ge 13 le 32", $0) },
  Mutation("accepts its own aggregate", "dual-stack", "tor1", .frr) { drop("region seq 10 deny", $0) },
  Mutation("has no discard route", "dual-stack", "tor1", .frr) { drop("ip route 10.0.0.0/13 blackhole 254", $0) },
  Mutation("prefers the discard route", "dual-stack", "tor1", .frr) { swap("/13 blackhole 254", "/13 blackhole", $0) },
  Mutation("knows another neighbour", "dual-stack", "tor1", .frr) {
    swap("neighbor 172.16.1.3 remote-as 4200000003", "neighbor 172.16.1.3 remote-as 4200000004", $0)
  },
  Mutation("routes to a wrong spine", "static-fabric", "tor2", .frr) { swap(" 172.31.0.6", " 172.31.0.4", $0) },
  Mutation("originates without a route", "dual-stack", "spine1", .frr) {
    swap(" bgp ebgp-requires-policy", " no bgp ebgp-requires-policy", $0)
  },
  Mutation("lacks bgpd", "dual-stack", "tor1", .frrDaemons) { drop("bgpd=yes", $0) },
  // The other speakers
  Mutation("announces another's prefix", "mixed-speakers", "h2", .bird1) {
    swap("route 10.0.4.0/22", "route 10.0.8.0/22", $0)
  },
  Mutation("has a role that 1.6 lacks", "mixed-speakers", "h2", .bird1IPv6) {
    swap("  ttl security on;", "  local role customer;\n  ttl security on;", $0)
  },
  Mutation("watches a link that nobody answers on", "mixed-speakers", "h6", .frr) {
    swap(" neighbor tors-nobfd-v4 ttl", " neighbor tors-nobfd-v4 bfd\n neighbor tors-nobfd-v4 ttl", $0)
  },
  Mutation("holds routes.sh's routes too", "mixed-speakers", "h4", .frr) {
    swap("router bgp", "ip route 10.0.12.0/22 blackhole 254\n!\nrouter bgp", $0)
  },
  Mutation("may announce more", "mixed-speakers", "h4", .frr) {
    swap("host-h4 seq 5 permit 10.0.12.0/22", "host-h4 seq 5 permit 10.0.12.0/22 le 24", $0)
  },
  Mutation("has a limit that withdraws", "mixed-speakers", "h4", .frr) {
    swap("  maximum-paths 64\n", "  neighbor 172.16.1.6 maximum-prefix-out 1\n  maximum-paths 64\n", $0)
  },
  Mutation("takes packets from afar", "mixed-speakers", "h3", .exabgp) { drop("incoming-ttl 255;", $0) },
  Mutation("announces a default route", "mixed-speakers", "h3", .exabgp) {
    swap("      unicast 10.0.8.0/22 next-hop self;\n", "      unicast 0.0.0.0/0 next-hop self;\n", $0)
  },
  Mutation("announces more", "mixed-speakers", "h3", .exabgp) {
    swap("next-hop self;\n", "next-hop self;\n      unicast 10.0.9.0/24 next-hop self;\n", $0)
  },
  Mutation("changes the next hop", "mixed-speakers", "h3", .exabgp) {
    swap("next-hop self", "next-hop 172.16.1.9", $0)
  },
  Mutation("announces unfiltered", "mixed-speakers", "h5", .quaggaBGP) { drop("prefix-list host-h5 out", $0) },
  Mutation("keeps silent for 30 s", "mixed-speakers", "h5", .quaggaBGP) { drop("advertisement-interval 0", $0) },
  Mutation("has a command of FRR", "mixed-speakers", "h5", .quaggaBGP) {
    swap(" ttl-security hops 1", " ttl-security hops 1\n neighbor 172.16.2.0 bfd", $0)
  },
  Mutation("lacks a family", "mixed-speakers", "h5", .quaggaBGP) { drop("  neighbor fd00:16:2:: activate", $0) },
  Mutation("has routes in zebra", "mixed-speakers", "h5", .quaggaZebra) {
    swap("line vty", "ip route 0.0.0.0/0 172.16.2.0\nline vty", $0)
  },
  Mutation("expects BFD of ExaBGP", "mixed-speakers", "tor1", .frr) {
    swap(" neighbor hosts-nobfd-v4 ttl", " neighbor hosts-nobfd-v4 bfd\n neighbor hosts-nobfd-v4 ttl", $0)
  },
  Mutation("demands a role of BIRD 1.6", "mixed-speakers", "tor1", .frr) {
    swap(
      " neighbor 172.16.1.3 description h2",
      " neighbor 172.16.1.3 description h2\n neighbor 172.16.1.3 local-role provider strict-mode", $0)
  },
  Mutation("lacks the way out that ExaBGP does not install", "mixed-speakers", "h3", .routesScript) {
    drop("route 0.0.0.0/0 via 172.16.1.4", $0)
  },
  // rules
  Mutation("has no anti-spoofing rule", "dual-stack", "h1", .rulesIPv4) {
    drop("-A romana-spoof -s 10.0.0.0/19 -i eth0", $0)
  },
  Mutation("swaps a mask", "dual-stack", "h1", .rulesIPv4) {
    swap("-d 10.0.1.32/255.128.31.224", "-d 10.0.1.32/255.128.31.0", $0)
  },
  Mutation("has bits outside a mask", "dual-stack", "h1", .rulesIPv4) {
    swap("-d 10.0.1.32/255.128.31.224", "-d 10.0.1.33/255.128.31.224", $0)
  },
  Mutation("accepts before it looks at sources", "dual-stack", "h1", .rulesIPv4) {
    exchange("-A romana-fabric -j romana-spoof", "-A romana-fabric -d 10.0.0.0/9 -g romana-inside", $0)
  },
  Mutation("forwards by default", "dual-stack", "h1", .rulesIPv4) { swap(":FORWARD DROP", ":FORWARD ACCEPT", $0) },
  Mutation("duplicates a rule", "dual-stack", "h1", .rulesIPv6) { duplicate("--comment \"acme/web\"", $0) },
  Mutation("jumps to a chain that is not there", "dual-stack", "h1", .rulesIPv6) { drop(":romana-n0 - ", $0) },
  Mutation("goes round in circles", "dual-stack", "h1", .rulesIPv4) {
    swap("-A romana-u -d 169.254.0.0/16 -m comment --comment underlay -j DROP", "-A romana-u -j romana-egress", $0)
  },
  Mutation("names another tenant", "dual-stack", "h1", .rulesIPv4) { swap("\"acme/web\"", "\"acme/db\"", $0) },
  Mutation("has an octal address", "starter", "h1", .rulesIPv4) { swap(" -s 10.0.0.0/16", " -s 010.0.0.0/16", $0) },
  Mutation("hooks in where it is a guest", "dual-stack", "h2", .firewallScript) { swap("mode=share", "mode=own", $0) },
  // rules.nft
  Mutation("has no anti-spoofing rule", "nftables", "h1", .rulesNFT) { drop("iifname \"eth0\" ip saddr {", $0) },
  Mutation("has a segment less", "nftables", "h1", .rulesNFT) { drop("10.0.1.32 . 10.0.1.32 comment", $0) },
  Mutation("swaps a mask", "nftables", "h1", .rulesNFT) {
    swap("ip daddr & 255.128.31.224 @pairs4-0", "ip daddr & 255.128.31.0 @pairs4-0", $0)
  },
  Mutation("widens a mask and all that it is compared with", "nftables", "h1", .rulesNFT) {
    swap("10.0.1.64 . 10.0.1.64", "10.0.1.0 . 10.0.1.0", swap("255.128.31.224", "255.128.31.128", $0))
  },
  Mutation("has bits outside a mask", "nftables", "h1", .rulesNFT) {
    swap("10.0.1.32 . 10.0.1.32", "10.0.1.33 . 10.0.1.33", $0)
  },
  Mutation("widens a prefix", "nftables", "h1", .rulesNFT) { swap("10.0.2.0/24 . ", "10.0.2.0/23 . ", $0) },
  Mutation("accepts before it looks at sources", "nftables", "h1", .rulesNFT) {
    exchange("    jump spoof4\n    ip daddr", "    ip daddr @networks4 goto inside4\n    ip daddr", $0)
  },
  Mutation("forwards by default", "nftables", "h1", .rulesNFT) { swap("policy drop;", "policy accept;", $0) },
  Mutation("drops what is not its own", "nftables", "h2", .rulesNFT) { swap("policy accept;", "policy drop;", $0) },
  Mutation("has an element twice", "nftables", "h1", .rulesNFT) { duplicate("10.0.1.64 . 10.0.1.64", $0) },
  Mutation("lets elements overlap", "nftables", "h1", .rulesNFT) {
    swap("10.0.1.64 . 10.0.1.64", "10.0.2.64 . 10.0.2.0/25", $0)
  },
  Mutation("jumps to a chain that is not there", "nftables", "h1", .rulesNFT) {
    swap("chain inside6 {", "chain within6 {", $0)
  },
  Mutation("goes round in circles", "nftables", "h1", .rulesNFT) {
    swap("    ip daddr @underlay4 drop comment \"underlay\"", "    jump fabric4", $0)
  },
  Mutation("goes round in circles by way of a map", "nftables", "h1", .rulesNFT) {
    swap("goto isolation4-3", "goto inside4", $0)
  },
  Mutation("looks for the source in place of the target", "nftables", "h1", .rulesNFT) {
    swap("ip daddr @underlay4", "ip saddr @underlay4", $0)
  },
  Mutation("looks into a set of another key", "nftables", "h1", .rulesNFT) {
    swap("ip6 daddr @underlay6", "ip6 daddr @underlay4", $0)
  },
  Mutation("names another tenant", "nftables", "h1", .rulesNFT) { swap("\"acme/web\"", "\"acme/db\"", $0) },
  Mutation("has an octal address", "nftables", "h1", .rulesNFT) { swap(" 10.0.0.0/9", " 010.0.0.0/9", $0) },
  Mutation("calls a chain by a word of nft's", "nftables", "h1", .rulesNFT) { swap("host4", "fwd", $0) },
  Mutation("touches a table of others", "nftables", "h1", .rulesNFT) {
    swap("table inet romana\ndelete", "flush ruleset\ntable inet romana\ndelete", $0)
  },
  Mutation("adds to the table in place of replacing it", "nftables", "h1", .rulesNFT) {
    drop("delete table inet romana", $0)
  },
  Mutation("loads another file", "nftables", "h1", .firewallScript) {
    swap("nft -f rules.nft ||", "nft -f rules.v4 ||", $0)
  },
  // routes.sh, the neutral table and the rest
  Mutation("drops the discard of its own prefix", "starter", "h1", .routesScript) { drop("  # own pods", $0) },
  Mutation("has a wrong next hop", "static-fabric", "h1", .routesScript) {
    swap("via 172.16.1.0", "via 172.16.1.2", $0)
  },
  Mutation("leaves a spine out", "static-fabric", "tor1", .routesScript) { swap(" via 172.31.0.2", "", $0) },
  Mutation("runs before it was read", "starter", "h1", .routesScript) {
    swap("set -eu\n", "set -eu\nip route flush\n", $0)
  },
  Mutation("tells another device", "static-fabric", "tor1", .staticTable) { swap(" spine2 ", " spine3 ", $0) },
  Mutation("forgets forwarding", "starter", "h1", .sysctl) { drop("net.ipv4.ip_forward = 1", $0) },
  Mutation("filters by reverse path", "starter", "h1", .sysctl) { swap("all.rp_filter = 0", "all.rp_filter = 1", $0) },
  // switches
  Mutation("leaves a spine out", "tor-systems", "tor1", .eos) { drop("10.0.32.0/19 172.31.0.2 ", $0) },
  Mutation("sends its own aggregate away", "tor-systems", "tor1", .eos) { swap("/19 Null0", "/19 172.31.0.0", $0) },
  Mutation("has no mark", "tor-systems", "tor1", .eos) { swap(" tag 77", "", $0) },
  Mutation("does not forward", "tor-systems", "tor1", .eos) { drop("ip routing", $0) },
  Mutation("has the words of NX-OS", "tor-systems", "tor1", .eos) {
    swap("tag 77 name network-pods", "name network-pods tag 77", $0)
  },
  Mutation("prefers a route", "tor-systems", "tor2", .nxos) { swap(" tag 77", " tag 77 250", $0) },
  Mutation("has a wrong next hop", "tor-systems", "tor2", .nxos) { swap(" 172.16.2.1 ", " 172.16.2.3 ", $0) },
  Mutation("has host bits", "tor-systems", "tor2", .nxos) { swap("10.0.0.0/19", "10.0.0.1/19", $0) },
  Mutation("merges instead of replacing", "tor-systems", "tor3", .junos) { drop("replace:", $0) },
  Mutation("is not applied", "tor-systems", "tor3", .junos) { drop("apply-groups", $0) },
  Mutation("uses one path", "tor-systems", "tor3", .junos) { drop("export romana-static-ecmp", $0) },
  Mutation("has a half-open list", "tor-systems", "tor3", .junos) { swap("[ 172.31.0.8 ", "172.31.0.8 ", $0) },
  Mutation("rejects with an answer", "tor-systems", "tor3", .junos) { swap("discard;", "reject;", $0) },
  Mutation("mixes families", "tor-systems", "tor3", .junos) { swap("route ::/0", "route 0.0.0.0/0", $0) },
  Mutation("lists of two lengths", "tor-systems", "tor4", .sonic) { swap("\"0,0\"", "\"0\"", $0) },
  Mutation("is announced by BGP", "tor-systems", "tor4", .sonic) {
    swap("\"advertise\": \"false\"", "\"advertise\": \"true\"", $0)
  },
  Mutation("drops what it should route", "tor-systems", "tor4", .sonic) {
    swap("\"false,false\"", "\"true,true\"", $0)
  },
  Mutation("is in another VRF", "tor-systems", "tor4", .sonic) { swap("\"default|", "\"Vrf1|", $0) },
  Mutation("has a comma too many", "tor-systems", "tor4", .sonic) { swap("    }\n  }", "    },\n  }", $0) },
  Mutation("is of another family", "tor-systems", "tor5", .nvue) { swap("ipv4-unicast", "ipv6-unicast", $0) },
  Mutation("has an unquoted address", "tor-systems", "tor5", .nvue) { swap("'::/0'", "::/0", $0) },
  Mutation("sets something else", "tor-systems", "tor5", .nvue) { swap("vrf:\n      default", "vrf:\n      mgmt", $0) },
  Mutation("has a next hop on the wrong level", "tor-systems", "tor5", .nvue) {
    swap("                '172.31.0.16':", "              '172.31.0.16':", $0)
  },
  Mutation("starts before the network", "starter", "h1", .routesUnit) { drop("After=network.target", $0) },
]

@Suite(.disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct MutationTests {
  @Test(arguments: mutations)
  func isFound(_ mutation: Mutation) throws {
    let example = try Example.named(mutation.example)
    let device = try example.device(mutation.device)
    let original = String(decoding: try example.read(mutation.kind, of: device), as: UTF8.self)
    let mutant = mutation.change(original)
    try #require(mutant != original, "the mutation does not fit the file any more")
    let findings = checkFile(mutation.kind, Array(mutant.utf8), against: device, example.plan)
    #expect(!findings.isEmpty)
  }

  /// A file that is cut anywhere, is another device's, or has a line twice or not at all.
  @Test(arguments: Example.names)
  func brokenCopiesAreFound(_ name: String) throws {
    let example = try Example.named(name)
    for device in samples(example) {
      for kind in device.artifacts {
        let lines = try example.read(kind, of: device).split(separator: 0x0a, omittingEmptySubsequences: false)
          .dropLast()
        func isFound(_ lines: some Sequence<ArraySlice<UInt8>>) -> Bool {
          let bytes = lines.flatMap { $0 + [0x0a] }
          return !checkFile(kind, bytes, against: device, example.plan).isEmpty
        }
        #expect(!isFound(lines))
        for count in stride(from: 0, to: lines.count, by: max(1, lines.count / 10)) {
          #expect(isFound(lines.prefix(count)), "\(device.name) \(kind): cut after line \(count)")
        }
        let other = example.devices(device.role).first { $0.name != device.name && $0.artifacts.contains(kind) }
        if let other {
          #expect(!checkFile(kind, try example.read(kind, of: other), against: device, example.plan).isEmpty)
        }
      }
    }
  }

  /// In files that are data and not programs, every line counts: each is missed, and none may stand twice.
  @Test(arguments: Example.names)
  func everyLineCounts(_ name: String) throws {
    let example = try Example.named(name)
    let data: Set<ArtifactKind> = [
      .sysctl, .rulesIPv4, .rulesIPv6, .rulesNFT, .bird, .bird1, .bird1IPv6, .exabgp, .frr, .frrDaemons, .quaggaZebra,
      .quaggaBGP, .quaggaOSPF, .staticTable, .routesUnit, .tunnelsUnit, .eos, .nxos, .junos, .sonic, .nvue,
    ]
    for device in samples(example) {
      for kind in device.artifacts where data.contains(kind) {
        let lines = try example.read(kind, of: device).split(separator: 0x0a, omittingEmptySubsequences: false)
          .dropLast()
        // In a large file a sample of the lines does.
        for index in stride(from: 0, to: lines.count, by: max(1, lines.count / 30)) where !isIdle(lines[index]) {
          var (without, twice) = (lines, lines)
          without.remove(at: index)
          twice.insert(lines[index], at: index)
          let text = String(decoding: lines[index], as: UTF8.self)
          for (mutant, what) in [(without, "without"), (twice, "twice")] {
            let findings = checkFile(kind, mutant.flatMap { $0 + [0x0a] }, against: device, example.plan)
            #expect(!findings.isEmpty, "\(device.name) \(kind), line \(index + 1) \(what): \(text)")
          }
        }
      }
    }
  }

  /// A device of each role and set of files.
  private func samples(_ example: Example) -> [DevicePlan] {
    var seen: Set<[ArtifactKind]> = []
    return DeviceRole.allCases.flatMap { role in
      seen = []
      return example.devices(role).filter { seen.insert($0.artifacts).inserted }
    }
  }

  /// Comments, separators and empty lines mean nothing.
  private func isIdle(_ line: ArraySlice<UInt8>) -> Bool {
    let text = line.drop { $0 == 0x20 }
    return text.isEmpty || text.first == UInt8(ascii: "#") && isPlainComment(text)
      || text.elementsEqual("!".utf8)
  }

  private func isPlainComment(_ text: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: text, as: UTF8.self)
    return !text.contains("# romana-compile: ") && !text.hasPrefix("# PREFIX")
  }
}

/// Removes the first line that holds a text.
private func drop(_ part: String, _ text: String) -> String {
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  if let index = lines.firstIndex(where: { $0.contains(part) }) { lines.remove(at: index) }
  return lines.joined(separator: "\n")
}

/// Replaces the first occurrence of a text.
private func swap(_ old: String, _ new: String, _ text: String) -> String {
  guard let range = text.firstRange(of: old) else { return text }
  return text.replacingCharacters(in: range, with: new)
}

private func duplicate(_ part: String, _ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { $0.contains(part) ? [$0, $0] : [$0] }
    .joined(separator: "\n")
}

private func exchange(_ first: String, _ second: String, _ text: String) -> String {
  swap("\u{0}", second, swap(second, first, swap(first, "\u{0}", text)))
}

/// Replaces the export filter of the first session.
private func exportingAll(_ text: String) -> String {
  guard let start = text.firstRange(of: "export filter {"),
    let end = text[start.upperBound...].firstRange(of: "};")
  else { return text }
  return text.replacingCharacters(in: start.lowerBound..<end.upperBound, with: "export all;")
}

extension String {
  /// The text with a part replaced (Foundation stays out of here).
  fileprivate func replacingCharacters(in range: Range<String.Index>, with new: String) -> String {
    String(self[..<range.lowerBound]) + new + String(self[range.upperBound...])
  }
}
