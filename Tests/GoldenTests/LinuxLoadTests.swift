import Emitters
import Subprocess
import Testing
import TopologyModel

/// Golden scripts, settings and units where they are meant to run.
@Suite(.serialized, .disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct LinuxLoadTests {
  /// routes.sh, three times, on the addresses that the plan has: the kernel's routes are the plan's, and nothing changes
  /// after the first time.
  @Test(arguments: Example.names)
  func routesAreThePlans(_ name: String) async throws {
    let example = try Example.named(name)
    let devices = DeviceRole.allCases.flatMap { example.sample($0) }.filter { $0.artifacts.contains(.routesScript) }
    for device in devices {
      let links = DeviceLinks(device, in: example.plan.topology).words
      let output = try await Sandbox.run(
        "routes-device.sh", [example.folder(device)] + links, needs: ["ip", "awk", "flock", "sysctl"])
      guard let output else { return }
      let summary = "routes.sh: \(device.routes.count) routes wanted, \(device.routes.count) in place; put 0, removed 0"
      #expect(output["second"] == [summary] && output["third"] == [summary], "\(device.name): \(output)")
      let routes = KernelRoute.read(output["routes"] ?? []).sorted()
      #expect(routes == device.routes.map { KernelRoute($0) }.sorted(), "\(device.name)")
      let gateway = (output["gateway"] ?? []).compactMap { line in
        line.split(separator: " ").first { $0.contains("/") }.map(String.init)
      }
      let announced = device.gateway?.announced ?? []
      let wanted = (device.gateway?.addresses ?? []).map { address in
        "\(address)/\(announced.first { $0.contains(address) }?.length ?? address.family.bitWidth)"
      }
      #expect(Set(gateway) == Set(wanted) && gateway.count == wanted.count, "\(device.name)")
      let settings = device.sysctls.map { setting in
        let words = setting.path.map { component in
          switch component {
          case .word(let word): "\(word.text)"
          // sysctl(8) prints a dot in a name as a slash.
          case .interface(let name): name.text.replacing(".", with: "/")
          }
        }
        return (words.joined(separator: "."), "= \(setting.value)")
      }
      for (key, value) in settings {
        // A pattern stands for every interface.
        let keys = key.contains("*") ? ["all", "default", "lo"].map { key.replacingStar(with: $0) } : [key]
        for key in keys { #expect(output["sysctl"]?.contains("\(key) \(value)") ?? false, "\(device.name): \(key)") }
      }
      let refusals = output["sysctl"]?.filter { $0.hasPrefix("sysctl:") }
      #expect(refusals == [], "\(device.name)")
    }
  }

  /// `sh -n`, and shellcheck where it is installed. The program is the same everywhere, so one of each kind does.
  @Test func scriptsAreSound() async throws {
    var programs: [String: Set<String>] = [:]
    var samples: [String: String] = [:]
    for name in Example.names {
      let example = try Example.named(name)
      for device in example.devices() {
        for kind in device.artifacts
        where [.routesScript, .firewallScript, .vlansScript, .tunnelsScript, .applyScript].contains(kind) {
          let text = String(decoding: try example.read(kind, of: device), as: UTF8.self)
          let start = try #require(text.firstRange(of: "# ---- The program: "))
          let backend = kind == .firewallScript ? device.firewall?.backend.rawValue ?? "" : ""
          programs["\(kind.fileName) \(backend)", default: []].insert(String(text[start.lowerBound...]))
          let mode = text.lines.first { $0.hasPrefix("mode=") } ?? ""
          samples["\(kind.fileName) \(device.role.name) \(backend) \(mode)"] = example.path(kind, of: device).string
        }
      }
    }
    #expect(programs.values.allSatisfy { $0.count == 1 }, "a program differs between devices")
    #expect(samples.count >= 5)
    for path in samples.values.sorted() {
      for (program, arguments) in [("sh", ["-n"]), ("shellcheck", ["--shell=sh", "--severity=style"])] {
        let check =
          "command -v \(program) >/dev/null || { echo 'left out: \(program) is not installed'; exit 0; }; exec \"$@\""
        let result = try await run(
          .path("/bin/sh"), arguments: Arguments(["-c", check, "sh", program] + arguments + [path]),
          output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        #expect(result.terminationStatus.isSuccess, "\(result.standardOutput)\(result.standardError)")
        if result.standardOutput.hasPrefix("left out") { print(result.standardOutput) }
      }
    }
  }

  /// sha256sum finds every file as the manifest says, and the manifest names every file.
  @Test(arguments: Example.names)
  func manifestHolds(_ name: String) async throws {
    let example = try Example.named(name)
    let check =
      "cd \"$1\" && sha256sum -c --quiet --strict MANIFEST.sha256 && find . -type f | wc -l && wc -l <MANIFEST.sha256"
    let result = try await run(
      .path("/bin/sh"), arguments: ["-c", check, "sh", example.golden.string], output: .string(limit: 1 << 20),
      error: .string(limit: 1 << 20))
    let counts = result.standardOutput.lines.compactMap { Int($0.filter { $0 != " " }) }
    #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
    // The manifest does not name itself.
    #expect(counts.count == 2 && counts[0] == counts[1] + 1, "\(result.standardOutput)")
  }

  @Test func unitsAreSound() async throws {
    var paths: [String] = []
    for name in Example.names {
      let example = try Example.named(name)
      for role in DeviceRole.allCases {
        for kind in [ArtifactKind.routesUnit, .vlansUnit, .tunnelsUnit] {
          let device = example.devices(role).first { $0.artifacts.contains(kind) }
          if let device { paths.append(example.path(kind, of: device).string) }
        }
      }
    }
    #expect(paths.count > 5)
    let output = try await Sandbox.run("unit-verify.sh", paths, needs: ["systemd-analyze"])
    guard let output else { return }
    #expect(output[""] == nil, "\(output[""] ?? [])")
  }
}

extension String {
  fileprivate func replacingStar(with text: String) -> String {
    split(separator: "*", omittingEmptySubsequences: false).joined(separator: text)
  }
}
