import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// Starting and ending the routing daemons, each with files of its own, away from those of the machine.
extension Lab {
  var runFolder: String { "\(identity.folder)/run" }
  func birdSocket(_ node: LabNode) -> String { "\(runFolder)/\(node.index).ctl" }
  private func birdPID(_ node: LabNode) -> String { "\(runFolder)/\(node.index).pid" }
  func pathspace(_ node: LabNode) -> String { identity.pathspace(node.index) }
  private func frrState(_ node: LabNode) -> String { "/var/run/frr/\(pathspace(node))" }
  func frrFiles(_ node: LabNode) -> String { "/etc/frr/\(pathspace(node))" }

  func startDaemons() async throws {
    try makeFolder(runFolder)
    _ = try await concurrently(nodes, limit: 4) { node in
      try await startSpeaker(node)
    }
  }

  func startBIRD(_ node: LabNode, configuration: String? = nil) async throws(LabError) {
    var path = configuration ?? ""
    if configuration == nil { path = try await installed(.bird, on: node) }
    try await runOrThrow(
      on: node,
      ["bird", "-c", path, "-s", birdSocket(node), "-P", birdPID(node)])
  }

  /// Gives a running BIRD another configuration.
  func configureBIRD(_ node: LabNode, _ path: String) async throws(LabError) {
    let said = try await runOrThrow(on: node, ["birdc", "-s", birdSocket(node), "configure \"\(path)\""])
    guard said.contains("Reconfigur") else { throw LabError("\(node.name): BIRD refuses \(path): \(said)") }
  }

  func birdProcess(_ node: LabNode) -> pid_t? { process(in: birdPID(node)) }

  func frrProcess(_ node: LabNode, _ daemon: String) -> pid_t? { process(in: "\(frrState(node))/\(daemon).pid") }

  func process(in file: String) -> pid_t? {
    readText(file)?.split(separator: "\n").first.flatMap { pid_t($0.filter(\.isNumber)) }
  }

  /// Copies the emitted files where FRR wants them and starts what the file `daemons` says.
  func startFRR(_ node: LabNode) async throws(LabError) {
    try prepareFRRFolders(
      node,
      files: [
        ("frr.conf", readText(try await installed(.frr, on: node)) ?? ""),
        ("daemons", readText(file(node, .frrDaemons)) ?? ""),
        ("vtysh.conf", "service integrated-vtysh-config\n"),
      ])
    let settings = parseDaemons(readText(file(node, .frrDaemons)) ?? "")
    for daemon in frrDaemons(settings) { try await startFRRDaemon(node, daemon, settings) }
    try await loadFRR(node)
  }

  func restartFRRDaemon(_ node: LabNode, _ daemon: String) async throws(LabError) {
    try await startFRRDaemon(node, daemon, parseDaemons(readText(file(node, .frrDaemons)) ?? ""))
    try await loadFRR(node)
  }

  private func startFRRDaemon(
    _ node: LabNode, _ daemon: String, _ settings: [String: String]
  ) async throws(LabError) {
    let options = settings["\(daemon)_options"]?.split(separator: " ").map(String.init) ?? []
    let profile = settings["frr_profile"].map { ["-F", $0] } ?? []
    try await runOrThrow(
      on: node, ["/usr/lib/frr/\(daemon)", "-d", "-N", pathspace(node)] + profile + options)
  }

  private func loadFRR(_ node: LabNode) async throws(LabError) {
    let result = try await run(on: node, ["vtysh", "-N", pathspace(node), "-b"])
    let complaints = (result.output + result.error).split(separator: "\n").filter { $0.contains("% ") }
    guard result.status == 0, complaints.isEmpty else {
      throw LabError("\(node.name): FRR does not take frr.conf: \(complaints.joined(separator: "; "))")
    }
  }

  func prepareFRRFolders(_ node: LabNode, files: [(String, String)]) throws(LabError) {
    guard let user = getpwnam("frr")?.pointee else {
      throw LabError("there is no user 'frr' on this machine", help: ["install the package frr"])
    }
    for folder in [frrFiles(node), frrState(node)] {
      try makeFolder(folder, mode: 0o750)
      chown(folder, user.pw_uid, user.pw_gid)
    }
    for (name, text) in files {
      try write(text, to: "\(frrFiles(node))/\(name)", mode: 0o640)
      chown("\(frrFiles(node))/\(name)", user.pw_uid, user.pw_gid)
    }
  }
}

/// The daemons in the order in which watchfrr starts them: zebra and staticd always run.
private func frrDaemons(_ settings: [String: String]) -> [String] {
  ["zebra", "staticd"] + ["bgpd", "ospfd", "ospf6d", "bfdd"].filter { settings[$0] == "yes" }
}

/// Reads FRR's file `daemons`: shell assignments without substitutions.
func parseDaemons(_ text: String) -> [String: String] {
  var settings: [String: String] = [:]
  for line in text.split(separator: "\n") where !line.hasPrefix("#") {
    guard let equals = line.firstIndex(of: "=") else { continue }
    settings[String(line[..<equals])] = String(line[line.index(after: equals)...].filter { $0 != "\"" && $0 != "'" })
  }
  return settings
}

/// What FRR keeps outside the lab's folder, which goes with the lab.
func removeFRRFolders(_ identity: LabIdentity) {
  for parent in ["/etc/frr", "/var/run/frr"] {
    for name in listFolder(parent) where name.hasPrefix(identity.prefix + "-") { removeTree("\(parent)/\(name)") }
  }
}
