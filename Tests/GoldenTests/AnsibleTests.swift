import Foundation
import Subprocess
import SystemPackage
import Testing
import TopologyModel

/// The playbook, its role and the inventory, with the real Ansible.
@Suite(.serialized, .disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct AnsibleTests {
  /// The folder of Ansible's programs, as scripts/ensure-ansible makes it.
  static var programs: String {
    let cache = Repository.variable("XDG_CACHE_HOME") ?? (Repository.variable("HOME") ?? "/root") + "/.cache"
    return (Repository.variable("ROMANA_ANSIBLE") ?? "\(cache)/romana-compile/ansible-2.19") + "/bin"
  }

  private var isInstalled: Bool {
    Sandbox.hasFile("\(Self.programs)/ansible-playbook", for: "Ansible", hint: "scripts/ensure-ansible")
  }

  private func ansible(_ program: String, _ arguments: [String], in folder: FilePath) async throws -> (Bool, String) {
    let environment = Environment.inherit.updating([
      "LC_ALL": "C.UTF-8", "ANSIBLE_HOME": "/tmp/romana-ansible", "ANSIBLE_LOCALHOST_WARNING": "False", "NO_COLOR": "1",
      "PATH": Self.programs + ":" + (Repository.variable("PATH") ?? "/usr/bin:/bin"),
    ])
    let result = try await Subprocess.run(
      .path(FilePath("\(Self.programs)/\(program)")), arguments: Arguments(arguments), environment: environment,
      workingDirectory: folder, output: .string(limit: 1 << 22), error: .string(limit: 1 << 20))
    let text = result.terminationStatus.isSuccess ? result.standardOutput : result.standardOutput + result.standardError
    return (result.terminationStatus.isSuccess, text)
  }

  @Test func `ansible-lint finds nothing with the profile for production`() async throws {
    guard isInstalled else { return }
    let folder = try Example.named("mixed-speakers").golden.appending("ansible")
    let (isClean, text) = try await ansible("ansible-lint", ["--offline", "--profile", "production"], in: folder)
    #expect(isClean, "\(text)")
  }

  @Test(arguments: ["mixed-speakers", "tor-systems", "layer2-access"])
  func `the inventory has each device in the groups of the topology`(_ name: String) async throws {
    guard isInstalled else { return }
    let example = try Example.named(name)
    let folder = example.golden.appending("ansible")
    let (isRead, text) = try await ansible("ansible-inventory", ["-i", "inventory", "--list"], in: folder)
    try #require(isRead, "\(text)")
    let inventory = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: [String: Any]])
    func members(_ group: String) -> Set<String> { Set(inventory[group]?["hosts"] as? [String] ?? []) }
    let topology = example.plan.topology
    for role in DeviceRole.allCases {
      #expect(members("romana_\(role.folder)") == Set(example.devices(role).map(\.name.text)))
    }
    for rack in topology.racks {
      let devices = rack.tors.map(\.name.text) + topology.hosts[rack.hosts].map(\.name.text)
      #expect(members("rack_\(rack.name.text)") == Set(devices))
    }
    for speaker in Speaker.allCases {
      let hosts = topology.hosts.filter { ($0.settings.routing == .static ? .none : $0.settings.speaker) == speaker }
      #expect(members("role_\(speaker.rawValue)") == Set(hosts.map(\.name.text)))
    }
    let variables = try #require((inventory["_meta"]?["hostvars"] as? [String: [String: Any]]))
    for device in example.devices() {
      let files = variables[device.name.text]?["romana_files"] as? [String] ?? []
      let isManaged = device.artifacts.contains(.applyScript)
      #expect(members("romana_managed").contains(device.name.text) == isManaged && files.isEmpty != isManaged)
      for file in files {
        #expect((try? Repository.read(example.golden.appending("\(device.role.folder)/\(device.name)/\(file)"))) != nil)
      }
    }
    let (isPlaybook, errors) = try await ansible(
      "ansible-playbook", ["-i", "inventory", "site.yml", "--syntax-check"], in: folder)
    #expect(isPlaybook, "\(errors)")
  }

  /// What YAML would take for a number, a truth value or nothing stays a name.
  @Test func `names that look like something else stay names`() async throws {
    guard isInstalled else { return }
    let names = ["no", "010", "1e3", "null", "2026-11-21", "a.b_c-d", "y", "0x1f", "1_000"]
    var text = """
      romana: 1
      fabric: "on"
      networks: [{ name: pods, cidr: 10.0.0.0/16, bits: { region: 0, rack: 2, host: 5, tenant: 3, segment: 2, endpoint: 4 } }]
      tenants: [{ name: acme, segments: [web] }]
      regions:
        - name: "1.5"
          racks:
            - name: "yes"
              subnet: 172.16.1.0/24
              tors: [{ name: "12:30", loopback: 192.0.2.1 }]
              hosts:

      """.replacing("12:30", with: "off")
    for name in names { text += "          - { name: \"\(name)\" }\n" }
    let folder = try await Scratch.folder("ansible-names")
    try Repository.write(text, to: folder.appending("t.yaml"))
    let build = try await Subprocess.run(
      .path(Repository.program), arguments: ["build", "t.yaml", "-o", "out"], workingDirectory: folder,
      output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
    #expect(build.terminationStatus.isSuccess, "\(build.standardError)")
    let (isRead, list) = try await ansible(
      "ansible-inventory", ["-i", "inventory", "--list"], in: folder.appending("out").appending("ansible"))
    try #require(isRead, "\(list)")
    let inventory = try #require(JSONSerialization.jsonObject(with: Data(list.utf8)) as? [String: [String: Any]])
    #expect(Set(inventory["romana_hosts"]?["hosts"] as? [String] ?? []) == Set(names))
    #expect(Set(inventory["rack_yes"]?["hosts"] as? [String] ?? []) == Set(names + ["off"]))
    #expect(inventory["region_1_5"] != nil)
    await Scratch.remove(folder)
  }

  /// Two hosts with BIRD, their ToR with FRR, endpoints that talk all the time.
  @Test func `a change loses no packet, a broken one ends at the first host and is taken back`() async throws {
    guard isInstalled else { return }
    let trees = try await PushTrees()
    let output = try await Sandbox.run(
      "ansible-push.sh", [Self.programs, trees.former, trees.tree],
      needs: ["bird", "birdc", "vtysh", "iptables-restore", "nsenter", "flock", "ping", "python3"], seconds: 400)
    await trees.remove()
    guard let output else { return }
    func recap(_ section: String) -> [String] {
      (output[section] ?? []).filter { !$0.isEmpty }.map { line in
        line.split(separator: " ").filter {
          !$0.hasPrefix("ok=") && !$0.hasPrefix("skipped=") && !$0.hasPrefix("ignored=")
        }
        .joined(separator: " ")
      }
    }
    #expect(output["before"]?.last == "1", "\(output["before"] ?? [])")
    #expect(
      recap("push").map { $0.replacing(/changed=[1-9][0-9]*/, with: "changed") } == [
        "h1 changed failed=0 rescued=0", "h2 changed failed=0 rescued=0", "tor1 changed failed=0 rescued=0", "status 0",
      ], "\(output["push"] ?? [])")
    let packets = output["ping"]?.first?.split(separator: " ") ?? []
    #expect(packets.count == 2 && packets[0] == packets[1] && packets[0].count > 2, "\(packets)")
    #expect(output["sessions"]?.filter { $0.hasPrefix("up session ") }.count == 4, "\(output["sessions"] ?? [])")
    #expect(recap("again") == ["h2 changed=0 failed=0 rescued=0", "status 0"])
    #expect(recap("check") == ["h1 changed=0 failed=0 rescued=0", "tor1 changed=0 failed=0 rescued=0", "status 0"])
    #expect(output["diff"] == ["0"])
    for section in ["broken", "wrong"] {
      let lines = recap(section)
      #expect(lines.count == 2 && lines[0].hasPrefix("h1 ") && lines[0].hasSuffix("failed=1 rescued=1"), "\(lines)")
      #expect(lines.last == "status 2")
    }
    #expect(output["broken-reason"]?.first?.contains("syntax error") ?? false)
    let kept = output["broken-state"] ?? []
    #expect(kept.first == "same")
    let during = kept.last?.split(separator: " ") ?? []
    #expect(during.count == 2 && during[0] == during[1], "\(kept)")
    #expect(output["wrong-state"]?.last == "same", "\(output["wrong-state"] ?? [])")
  }
}

/// Folders for the time of a test.
enum Scratch {
  static func folder(_ name: String) async throws -> FilePath {
    let result = try await Subprocess.run(
      .name("mktemp"), arguments: ["-d", "/tmp/romana-\(name)-XXXXXX"], output: .string(limit: 4096))
    return FilePath(String(result.standardOutput.prefix { $0 != "\n" }))
  }

  static func remove(_ folder: FilePath) async {
    _ = try? await Subprocess.run(.name("rm"), arguments: ["-rf", folder.string], output: .discarded)
  }
}
