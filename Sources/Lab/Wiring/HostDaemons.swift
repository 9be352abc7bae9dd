import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// The daemons that only hosts have: BIRD 1.6, ExaBGP, Quagga.
extension Lab {
  func startSpeaker(_ node: LabNode) async throws {
    switch node.daemon {
    case .none: break
    case .bird: try await startBIRD(node)
    case .bird1: try await startBIRD1(node)
    case .exabgp: try await startExaBGP(node)
    case .frr: try await startFRR(node)
    case .quagga:
      try await prepareQuaggaFolders(node)
      for daemon in ["zebra"] + routingDaemons(node.plan) { try await startQuaggaDaemon(node, daemon) }
    }
  }

  /// Starts again what was killed: of FRR and Quagga only what speaks to others.
  func restartSpeaker(_ node: LabNode) async throws {
    switch node.daemon {
    case .frr: for daemon in routingDaemons(node.plan) { try await restartFRRDaemon(node, daemon) }
    case .quagga: for daemon in routingDaemons(node.plan) { try await startQuaggaDaemon(node, daemon) }
    default: try await startSpeaker(node)
    }
  }

  /// The processes that speak BGP or OSPF.
  func speakerProcesses(_ node: LabNode) -> [pid_t] {
    switch node.daemon {
    case .none: []
    case .bird: [birdProcess(node)].compactMap(\.self)
    case .bird1: bird1Files(node).compactMap { process(in: "\(runFolder)/\(node.index)-\($0.program).pid") }
    case .exabgp: [process(in: exabgpPID(node))].compactMap(\.self)
    case .frr, .quagga: routingDaemons(node.plan).compactMap { frrProcess(node, $0) }
    }
  }

  // MARK: BIRD 1.6: a process for each family.

  private func bird1Files(_ node: LabNode) -> [(program: String, client: String, kind: ArtifactKind)] {
    [("bird", "birdc", ArtifactKind.bird1), ("bird6", "birdc6", .bird1IPv6)]
      .filter { node.plan.artifacts.contains($0.2) }
  }

  private func bird1Folder() throws(LabError) -> String {
    guard let folder = bird1Programs() else {
      throw LabError("there is no BIRD 1.6 on this machine", help: ["run scripts/ensure-bird1"])
    }
    return folder
  }

  private func startBIRD1(_ node: LabNode) async throws(LabError) {
    let folder = try bird1Folder()
    for (program, _, kind) in bird1Files(node) {
      let run = "\(runFolder)/\(node.index)-\(program)"
      try await runOrThrow(
        on: node,
        ["\(folder)/\(program)", "-c", try await installed(kind, on: node), "-s", "\(run).ctl", "-P", "\(run).pid"])
    }
  }

  /// What the processes say, or that of one family.
  func askBIRD1(
    _ node: LabNode, _ family: AddressFamily? = nil, _ question: [String] = ["show", "protocols", "all"]
  ) async throws(LabError) -> String {
    let folder = try bird1Folder()
    var answer = ""
    for (program, client, kind) in bird1Files(node) {
      if let family, kind != (family == .ipv4 ? .bird1 : .bird1IPv6) { continue }
      let socket = "\(runFolder)/\(node.index)-\(program).ctl"
      answer += try await ask(node, ["\(folder)/\(client)", "-r", "-s", socket] + question)
    }
    return answer
  }

  // MARK: ExaBGP.

  private func exabgpPID(_ node: LabNode) -> String { "\(runFolder)/\(node.index)-exabgp.pid" }

  private func startExaBGP(_ node: LabNode) async throws(LabError) {
    // It does not start beside the file of a process that was killed.
    unlink(exabgpPID(node))
    let settings = [
      "exabgp_daemon_daemonize=true", "exabgp_daemon_pid=\(exabgpPID(node))", "exabgp_daemon_user=root",
      "exabgp_api_cli=false", "exabgp_log_destination=\(runFolder)/\(node.index)-exabgp.log",
    ]
    try await runOrThrow(on: node, ["env"] + settings + ["exabgp", try await installed(.exabgp, on: node)])
  }

  // MARK: Quagga: FRR's daemons, each with a file of its own.

  private func prepareQuaggaFolders(_ node: LabNode) async throws(LabError) {
    var files = [
      ("zebra.conf", readText(file(node, .quaggaZebra)) ?? ""),
      ("vtysh.conf", "no service integrated-vtysh-config\n"),
    ]
    for (kind, name) in [(ArtifactKind.quaggaBGP, "bgpd.conf"), (.quaggaOSPF, "ospfd.conf")]
    where node.plan.artifacts.contains(kind) {
      files.append((name, readText(try await installed(kind, on: node)) ?? ""))
    }
    try prepareFRRFolders(node, files: files)
  }

  private func startQuaggaDaemon(_ node: LabNode, _ daemon: String) async throws(LabError) {
    try await runOrThrow(
      on: node,
      [
        "/usr/lib/frr/\(daemon)", "-d", "-N", pathspace(node), "-A", "127.0.0.1", "-f",
        "\(frrFiles(node))/\(daemon).conf",
      ])
  }
}

/// The daemons of FRR and Quagga that speak to others.
private func routingDaemons(_ plan: DevicePlan) -> [String] {
  (plan.bgp == nil ? [] : ["bgpd"]) + (plan.ospf?.families ?? []).map { $0 == .ipv4 ? "ospfd" : "ospf6d" }
}
