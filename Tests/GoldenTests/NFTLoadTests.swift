import Emitters
import SystemPackage
import Testing
import TopologyModel
import Verification

#if canImport(Glibc)
  import Glibc
#endif

/// Golden tables in the real nftables.
@Suite(.serialized, .disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct NFTLoadTests {
  private static let programs = ["nft", "unshare", "flock", "awk"]

  /// Loaded by `firewall.sh` next to others' tables: those stay as they are, a second run finds all in place, what was
  /// changed by hand is put right, and a bad file changes nothing.
  @Test(arguments: ["nftables", "address-blocks"])
  func tableIsLoadedNextToOthers(_ name: String) async throws {
    let example = try Example.named(name)
    let hosts = example.hosts(.nft)
    try #require(name != "nftables" || Set(hosts.map { $0.firewall?.mode }) == [.own, .share])
    try #require(!hosts.isEmpty)
    for device in hosts {
      let output = try await Sandbox.run("nft-load.sh", [example.folder(device)], needs: Self.programs)
      guard let output else { return }
      let note = "firewall.sh: note: the table inet others drops what it does not accept, also what rules.nft accepts"
      #expect(output["check"] == [])
      #expect(output["dry"] == ["firewall.sh: nft: rules.nft would be loaded", note])
      #expect(output["untouched"] == [] && output["others"] == [])
      #expect(output["first"] == ["firewall.sh: nft: rules.nft loaded", note])
      #expect(output["second"] == ["firewall.sh: nft: in place"])
      #expect(output["repaired"] == ["firewall.sh: nft: rules.nft loaded", note, "firewall.sh: nft: in place"])
      #expect(output["again"] == output["table"])
      #expect(
        output["cut"] == ["firewall.sh: rules.nft is missing or cut short", "status 1"], "\(output["cut"] ?? [])")
      #expect(output["circle"]?.suffix(2) == ["firewall.sh: nft refuses rules.nft; nothing was changed", "status 1"])
      #expect(output["kept"] == ["firewall.sh: nft: in place"])
      try checkListing(output["table"] ?? [], device, example)
    }
  }

  /// What the kernel lists has as many rules and elements as the plan, and each comment of it.
  private func checkListing(_ lines: [String], _ device: DevicePlan, _ example: Example) throws {
    let (own, shared) = (try #require(device.firewall?.nft), example.plan.sharedNFT)
    let (chains, sets) = (own.chains + shared.chains, own.sets + shared.sets)
    let isInside = { (word: String) in lines.count { $0.hasPrefix("\t\(word) ") && $0.hasSuffix(" {") } }
    #expect(isInside("chain") == chains.count)
    #expect(isInside("set") + isInside("map") == sets.count)
    let comments = lines.reduce(0) { $0 + $1.ranges(of: " comment \"").count }
    let wanted =
      chains.reduce(0) { $0 + $1.rules.count { $0.comment != nil } }
      + sets.reduce(0) { $0 + $1.elements.count { $0.comment != nil } }
    #expect(comments == wanted)
    let rules = lines.count { $0.hasPrefix("\t\t") && !$0.hasPrefix("\t\ttype ") && isRule($0) }
    #expect(rules == chains.reduce(0) { $0 + $1.rules.count })
  }

  private func isRule(_ line: String) -> Bool {
    !["\t\tflags ", "\t\tcounter", "\t\telements ", "\t\t\t"].contains { line.hasPrefix($0) }
  }

  /// From one backend to the other and back: never both, nothing of ours stays behind, others' rules do.
  @Test(arguments: ["nft", "legacy"], FirewallMode.allCases)
  func backendsReplaceEachOther(_ form: String, _ mode: FirewallMode) async throws {
    let example = try Example.named("nftables")
    for keeps in [false, true] {
      let folders = try [FirewallBackend.iptables, .nft].map { try write($0, mode, example) }
      defer { for folder in folders { removeFolder(folder) } }
      let output = try await Sandbox.run(
        "firewall-switch.sh", [folders[0], folders[1], form, keeps ? "keeps" : "none"], needs: Self.programs)
      guard let output else { return }
      let context = "\(form) \(mode) \(keeps): \(output)"
      let said = { (section: String) in output[section, default: []].map { $0.dropFirst(13) } }
      #expect(said("dry").contains("iptables-\(form): our chains would be removed"), "\(context)")
      #expect(
        said("nft").filter { !$0.hasPrefix("note: ") } == [
          "nft: rules.nft loaded", "iptables-\(form): our chains removed", "ip6tables-\(form): our chains removed",
        ], "\(context)")
      let left = output["nft-left", default: []]
      #expect(left.contains("table inet romana") && !left.contains { $0.contains("romana-") }, "\(context)")
      #expect(left.contains("iptables-\(form) -A FORWARD -j OTHERS") == keeps, "\(context)")
      // The policy that came with rules.v4 goes with them; mode share never set one.
      let isOpen = left.contains("iptables-\(form) :FORWARD ACCEPT")
      #expect(isOpen, "\(context)")
      #expect(said("nft-again") == ["nft: in place"], "\(context)")
      #expect(said("back-dry").last == "nft: the table inet romana would be removed", "\(context)")
      #expect(said("back").last == "nft: the table inet romana removed", "\(context)")
      let back = output["back-left", default: []]
      #expect(!back.contains("table inet romana") && back.contains { $0.contains(":romana-input") }, "\(context)")
      #expect(said("back-again") == ["iptables: in place", "ip6tables: in place"], "\(context)")
    }
  }

  /// The files of a host of the example with another backend and mode, in a folder of their own.
  private func write(_ backend: FirewallBackend, _ mode: FirewallMode, _ example: Example) throws -> String {
    var topology = example.plan.topology
    for host in topology.hosts.indices {
      topology.hosts[host].settings.firewallBackend = backend
      topology.hosts[host].settings.firewallMode = mode
    }
    let plan = NetworkPlan(topology)
    let device = plan.plan(try #require(plan.device(named: "h1")))
    var template = Array("/tmp/romana-switch.XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&template))
    let folder = String(cString: made)
    let shared = SharedFragments(plan)
    for kind in device.artifacts {
      try Repository.write(
        String(decoding: shared.bytes(kind, of: device), as: UTF8.self), to: FilePath("\(folder)/\(kind.fileName)"))
    }
    return folder
  }

  private func removeFolder(_ folder: String) {
    for path in expandGlob("\(folder)/*") { unlink(path) }
    rmdir(folder)
  }
}
