import Emitters
import Testing
import TopologyModel

/// Golden rules in both backends of iptables.
@Suite(.serialized, .disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct PacketFilterLoadTests {
  private static let programs =
    ["nft", "legacy"].flatMap { backend in
      ["iptables", "ip6tables"].flatMap { ["\($0)-\(backend)", "\($0)-\(backend)-restore", "\($0)-\(backend)-save"] }
    } + ["ipset"]

  /// `iptables-restore --test`: every host, both families, both backends.
  @Test(arguments: Example.names)
  func restoreTakesEveryFile(_ name: String) async throws {
    let example = try Example.named(name)
    let output = try await Sandbox.run(
      "rules-test.sh", example.hosts(.iptables).map { example.folder($0) }, needs: Self.programs, seconds: 120)
    guard let output else { return }
    #expect(output[""] == nil, "\(output[""] ?? [])")
  }

  /// Loaded for real, by `firewall.sh` and by iptables-restore itself; what iptables-save prints is the file.
  @Test(arguments: Example.names, ["nft", "legacy"])
  func savedIsWhatWasLoaded(_ name: String, _ backend: String) async throws {
    let example = try Example.named(name)
    for device in example.sample(.host) where device.firewall?.backend == .iptables {
      let output = try await Sandbox.run(
        "rules-load.sh", [example.folder(device), backend], needs: Self.programs + ["flock", "awk"])
      guard let output else { return }
      let isShared = device.firewall?.mode == .share
      let sets = device.artifacts.contains(.addressSets) ? ["ipset"] : []
      #expect(output["second"] == (sets + ["iptables", "ip6tables"]).map { "firewall.sh: \($0): in place" })
      for (kind, file) in [(ArtifactKind.rulesIPv4, "rules.v4"), (.rulesIPv6, "rules.v6")] {
        let expected = table(String(decoding: try example.read(kind, of: device), as: UTF8.self).lines)
        let loaded = table(output[file] ?? [])
        #expect(loaded.filter(isOurs) == expected.filter(isOurs), "\(device.name) \(file) \(backend)")
        #expect(table(output["restored" + file.dropFirst(5)] ?? []).filter(isOurs) == expected.filter(isOurs))
        if isShared {
          // Others' rules are where they were, and the jumps to ours come first.
          #expect(
            loaded.filter { $0.hasPrefix("-A FORWARD") } == ["-A FORWARD -j romana-forward", "-A FORWARD -j OTHERS"])
          #expect(loaded.filter { $0.hasPrefix("-A INPUT") } == ["-A INPUT -j romana-input"])
          #expect(loaded.contains(":OTHERS - [0:0]") && loaded.contains(":FORWARD ACCEPT [0:0]"))
        } else {
          #expect(loaded == expected, "\(device.name) \(file) \(backend): the whole table is the file's")
        }
      }
    }
  }

  /// The lines of the filter table without comments, with counters at zero.
  private func table(_ lines: [String]) -> [String] {
    lines.prefix { $0 != "*mangle" && $0 != "*nat" }.filter { !$0.hasPrefix("#") && !$0.isEmpty }.map { line in
      // iptables-save prints the names where /etc/protocols has them.
      guard line.hasPrefix(":"), let bracket = line.firstIndex(of: "[") else {
        return line.replacing(" -p ospf ", with: " -p 89 ").replacing(" -p gre ", with: " -p 47 ")
      }
      return line[..<bracket] + "[0:0]"
    }
  }

  private func isOurs(_ line: String) -> Bool { line.hasPrefix(":romana-") || line.hasPrefix("-A romana-") }
}

extension String {
  var lines: [String] { split(separator: "\n").map(String.init) }
}
