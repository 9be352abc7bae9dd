import Emitters
import Subprocess
import SystemPackage
import Testing
import TopologyModel

/// Files of switches that no program here can load, read at least by public parsers and validators of their formats.
@Suite(.disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct SwitchFileTests {
  private static let folder = FilePath(#filePath).removingLastComponent()
  private static let script = folder.appending("Scripts").appending("switch-rows.py").string
  private static let restated = folder.appending("Models").string

  private func devices(_ kind: ArtifactKind) throws -> [(path: String, device: DevicePlan)] {
    let found = try Example.names.flatMap { name in
      let example = try Example.named(name)
      return example.devices().filter { $0.artifacts.contains(kind) }.map { (example.path(kind, of: $0).string, $0) }
    }
    try #require(!found.isEmpty)
    return found
  }

  private func output(_ program: String, _ arguments: [String]) async throws -> (text: String, isSuccess: Bool) {
    let result = try await Subprocess.run(
      .path(FilePath(program)), arguments: Arguments(arguments), output: .string(limit: 1 << 24),
      error: .string(limit: 1 << 20))
    return (result.standardOutput + result.standardError, result.terminationStatus.isSuccess)
  }

  /// PyYAML's and Python's own JSON parser find the plan's routes, in order.
  @Test(arguments: [ArtifactKind.nvue, .sonic])
  func publicParsersFindTheRoutes(_ kind: ArtifactKind) async throws {
    guard Sandbox.has(["python3"], for: "switch-rows.py") else { return }
    for (path, device) in try devices(kind) {
      let result = try await output("/usr/bin/python3", [Self.script, path])
      try #require(result.isSuccess, "\(result.text)")
      let wanted = device.routes.flatMap { route -> [String] in
        guard case .gateways(let hops) = route.target else { return ["\(route.prefix) discard"] }
        return hops.map { "\(route.prefix) \($0.address)" }
      }
      #expect(result.text.lines == wanted, "\(path)")
    }
  }

  /// FRR's command line descends from the same ancestor: without the names, which it does not have, and the lines that
  /// switch forwarding on, it loads the files and puts the plan's routes. That says nothing of EOS or NX-OS themselves.
  @Test(arguments: [ArtifactKind.eos, .nxos])
  func aRelativeLoadsTheLines(_ kind: ArtifactKind) async throws {
    let example = try Example.named("tor-systems")
    for device in example.devices() where device.artifacts.contains(kind) {
      let folder = FilePath("/tmp/romana-relative-\(UInt64.random(in: 0 ... .max))")
      _ = try await output("/bin/mkdir", [folder.string])
      let lines = String(decoding: try example.read(kind, of: device), as: UTF8.self).lines
        .filter { $0.contains(" route ") || $0.hasPrefix("!") }
        .map { line in
          var words = line.split(separator: " ")
          if let name = words.firstIndex(of: "name") { words.removeSubrange(name...(name + 1)) }
          return words.joined(separator: " ")
        }
      try Repository.write((lines + [""]).joined(separator: "\n"), to: folder.appending("frr.conf"))
      try Repository.write("zebra_options=\nstaticd_options=\n", to: folder.appending("daemons"))
      try Repository.write(
        "net.ipv4.ip_forward = 1\nnet.ipv6.conf.all.forwarding = 1\n", to: folder.appending("sysctl.conf"))
      let sections = try await Sandbox.run(
        "frr-device.sh",
        [folder.string, device.name.text] + DeviceLinks(device, in: example.plan.topology).words,
        needs: ["vtysh", "zebra", "staticd", "frr-reload.py", "ip", "sysctl"])
      _ = try await output("/bin/rm", ["-r", folder.string])
      guard let sections else { return }
      #expect(sections["check"] == [] && sections["load"] == [], "\(device.name): \(sections)")
      let routes = KernelRoute.read(sections["routes"] ?? []).sorted()
      #expect(routes == device.routes.map { KernelRoute($0) }.sorted(), "\(device.name)")
    }
  }

  /// A folder with models, the module in it and the container above the table.
  private var models: [(folder: String, module: String, container: String)] {
    let own = Repository.variable("SONIC_YANG_MODELS").map { ($0, "sonic-static-route", "sonic-static-route") }
    return [(Self.restated, "sonic-static-route-restated", "")] + (own.map { [$0] } ?? [])
  }

  private func validate(_ path: String, _ model: (folder: String, module: String, container: String)) async throws
    -> (text: String, isSuccess: Bool)
  {
    let script = Self.folder.appending("Scripts").appending("sonic-yang.sh").string
    return try await output("/bin/sh", [script, model.folder, model.module, model.container, path])
  }

  @Test func tablesFitTheModel() async throws {
    guard Sandbox.has(["python3", "yanglint"], for: "sonic-yang.sh") else { return }
    for (path, _) in try devices(.sonic) {
      for model in models {
        let result = try await validate(path, model)
        #expect(result.isSuccess && result.text.isEmpty, "\(path), \(model.module): \(result.text)")
      }
    }
  }

  /// The model says no to what would not work, so that its yes means something.
  @Test(arguments: [
    ("\"false,false\"", "\"false,true\""), ("\"advertise\": \"false\"", "\"advertise\": \"no\""),
    ("/16\"", "/33\""), ("\"ifname\": \",\"", "\"ifname\": \",,\""),
    ("\"blackhole\": \"true\"", "\"blackhole\": \"false\""),
    ("      \"distance\": \"0,0\",\n", ""), ("default|", "Vrf1|"),
  ])
  func theModelRefuses(_ old: String, _ new: String) async throws {
    guard Sandbox.has(["python3", "yanglint"], for: "sonic-yang.sh") else { return }
    let path = try #require(try devices(.sonic).first).path
    let text = String(decoding: try Repository.read(FilePath(path)), as: UTF8.self)
    let parts = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
    try #require(parts.count == 2)
    let folder = FilePath("/tmp/romana-sonic-\(UInt64.random(in: 0 ... .max)).json")
    try Repository.write(parts.joined(separator: new), to: folder)
    let result = try await validate(folder.string, models[0])
    #expect(!result.isSuccess, "\(old) as \(new) is accepted")
    _ = try await output("/bin/rm", [folder.string])
  }
}
