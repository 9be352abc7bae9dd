import Emitters
import Testing
import TopologyModel
import Verification

/// Golden sets in the real ipset, with both backends of iptables.
@Suite(.serialized, .disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct AddressSetLoadTests {
  private func said(_ lines: String...) -> [String] { lines.map { "firewall.sh: \($0)" } }

  /// `firewall.sh` makes the kernel's sets those of the file, whatever was there, leaves those of others alone, refuses a
  /// damaged file before any change, and takes ours away with the last rule that asks them.
  @Test(arguments: ["nft", "legacy"])
  func setsAreLoadedAndRepaired(_ backend: String) async throws {
    let example = try Example.named("address-blocks")
    let other = try Example.named("starter")
    for device in example.hosts(.iptables)
    where device.firewall?.ipv4.sets.contains(where: { $0.name.content == .own }) == true {

      let output = try await Sandbox.run(
        "sets-load.sh", [example.folder(device), backend, other.folder(other.hosts(.iptables)[0])],
        needs: ["ipset", "flock", "awk", "iptables-\(backend)"])
      guard let output else { return }
      let bytes = try example.read(.addressSets, of: device)
      let expected = members(String(decoding: bytes, as: UTF8.self).lines)
      let inPlace = said("ipset: in place", "iptables: in place", "ip6tables: in place")
      #expect(output["dry"]?.first == "firewall.sh: ipset: ipset.conf would be loaded")
      #expect(output["untouched"] == ["others"])
      #expect(output["first"]?.first == "firewall.sh: ipset: ipset.conf loaded")
      #expect(members(output["saved"] ?? []) == expected)
      #expect(output["second"] == inPlace)
      #expect(
        output["repaired"]
          == said(
            "ipset: ipset.conf loaded", "iptables: in place", "ip6tables: in place", "ipset: romana-4-t999 removed"))
      #expect(members(output["again"] ?? []) == expected)
      #expect(output["rules"] == said("ipset: in place", "iptables: rules.v4 loaded", "ip6tables: in place"))
      #expect(output["cut"] == said("ipset.conf is missing or cut short") + ["status 1"])
      #expect(output["strange"] == said("ipset.conf holds 'flush others'; nothing was changed") + ["status 1"])
      #expect(output["refused"]?.last == "status 1")
      // What the failed run left beside a set goes with the next.
      #expect(output["kept"] == inPlace + said("ipset: romana-6-t3.new removed"))
      #expect(output["left"] == ["others"], "\(output["other"] ?? [])")
    }
  }

  /// Names, families and members, in an order of their own.
  private func members(_ lines: [String]) -> [String] {
    lines.compactMap { line in
      let words = line.split(separator: " ")
      guard words.count > 2, ["create", "add"].contains(words[0]), words[1].hasPrefix("romana-") else { return nil }
      return words[0] == "create" ? words.prefix(5).joined(separator: " ") : line
    }
    .sorted()
  }
}
