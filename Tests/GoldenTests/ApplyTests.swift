import Emitters
import Testing
import TopologyModel

/// `apply.sh` on a host with a real BIRD, beside a ToR with a real FRR.
@Suite(.serialized, .disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct ApplyTests {
  @Test func `files are kept if confirmed, and go by themselves if not`() async throws {
    let trees = try await PushTrees()
    let output = try await Sandbox.run(
      "apply-host.sh", [trees.former, trees.tree],
      needs: ["bird", "birdc", "vtysh", "iptables-restore", "ip6tables-restore", "nsenter", "setsid", "flock", "ping"],
      seconds: 120)
    await trees.remove()
    guard let output else { return }
    func said(_ section: String) -> [String] {
      (output[section] ?? []).map { $0.hasPrefix("apply.sh: ") ? String($0.dropFirst(10)) : $0 }
    }
    let targets = [
      "/etc/sysctl.d/90-romana.conf", "/etc/romana/rules.v4", "/etc/romana/rules.v6", "/etc/romana/firewall.sh",
      "/etc/romana/routes.sh", "/etc/systemd/system/romana-routes.service", "/etc/bird/bird.conf",
    ]
    let waits = "what was there comes back after 60 seconds, unless: apply.sh confirm"
    #expect(said("dry-run").prefix(targets.count) == targets.map { "\($0) would change" }[...])
    #expect(
      said("dry-run").contains("+protocol bgp 'tor1-v4' {") && said("dry-run").last?.contains("No such file") ?? false)
    #expect(said("install") == targets.map { "\($0) installed" } + [waits])
    #expect(
      said("again") == ["a change waits: apply.sh confirm keeps it, apply.sh rollback takes it back", "status 1"])
    #expect(said("confirm") == ["the new files are kept", "nothing waits to be confirmed", "nothing to change"])
    #expect(said("up") == ["up session 172.16.1.0", "up neighbour 172.16.1.0"])
    #expect(said("lost-terminal") == ["changed", "same"])
    #expect(said("late") == ["too late: what was there before is there again", "status 1"])
    #expect(said("up-again") == said("up"))
    #expect(said("by-hand") == [waits, "5", "same"])
    let files = [
      "sysctl.conf", "routes.sh", "romana-routes.service", "firewall.sh", "rules.v4", "rules.v6", "bird.conf",
    ]
    let refused = said("refused")
    for file in files {
      #expect(refused.contains { $0.hasPrefix("\(file) is cut short") }, "\(file)")
      let isData = file != "romana-routes.service"
      #expect(refused.contains { $0.hasPrefix("\(file) is refused: ") } == isData, "\(file)")
    }
    #expect(refused.last == "same" && refused.count == 2 * files.count)
    #expect(said("fails") == ["status 1", "what was there before is there again", "same"])
    #expect(
      said("leftover").filter { !$0.contains("watchfrr") } == [
        "/etc/frr/frr.conf removed", waits, "ls: cannot access '/etc/frr/frr.conf': No such file or directory",
        "/etc/frr/daemons", "/etc/frr/frr.conf",
      ])
  }

  /// Every file of every kind that an example has passes its check, and none does that is cut or still without its secrets.
  @Test func `each kind of file passes its check, and none does that is cut`() async throws {
    var samples: [ArtifactKind: String] = [:]
    for name in Example.names {
      let example = try Example.named(name)
      for device in example.devices() where device.artifacts.contains(.applyScript) {
        for kind in device.artifacts where kind.installation != nil && samples[kind] == nil && device.secrets.isEmpty {
          samples[kind] = example.path(kind, of: device).string
        }
        if device.artifacts.contains(.secretsScript), samples[.secretsScript] == nil {
          samples[.secretsScript] = example.path(.secretsScript, of: device).string
        }
      }
    }
    let script = try Example.named("starter").golden.appending("hosts/h1/apply.sh").string
    let paths = ArtifactKind.installed.compactMap { samples[$0] }
    #expect(paths.count == ArtifactKind.installed.count, "a kind of file is in no example")
    guard Sandbox.hasFile("\(SpeakerDaemonTests.bird1)/bird6", for: "BIRD 1.6", hint: "scripts/ensure-bird1") else {
      return
    }
    let output = try await Sandbox.run(
      "apply-checks.sh", [script, SpeakerDaemonTests.bird1] + paths,
      needs: ["bird", "vtysh", "exabgp", "nft", "ipset", "iptables-restore", "ip6tables-restore"])
    guard let output else { return }
    for path in paths {
      #expect(output[path] == ["whole: accepted", "cut: refused"], "\(path): \(output[path] ?? [])")
    }
    #expect(output["secrets"] == ["apply.sh: bird.conf lacks its secrets"])
  }
}
