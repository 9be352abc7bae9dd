import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// Secrets of the lab: each name gets a value of its own, which only the devices that name it have.
extension Lab {
  func secretsFolder(_ node: LabNode) -> String { "\(folder(node))/secrets" }

  func writeSecrets() throws(LabError) {
    for node in nodes where !node.plan.secrets.isEmpty || !node.plan.tunnels.isEmpty {
      try makeFolder(secretsFolder(node), mode: 0o700)
      try writeTunnelKeys(node, to: secretsFolder(node))
      for name in node.plan.secrets {
        try write(labSecret(name) + "\n", to: "\(secretsFolder(node))/\(name)", mode: 0o600)
      }
    }
  }

  /// The path of a file as a daemon is to read it: with the secrets of the lab where the device has some.
  func installed(_ kind: ArtifactKind, on node: LabNode) async throws(LabError) -> String {
    let path = file(node, kind)
    if node.plan.secrets.isEmpty { return path }
    let target = "\(path).installed"
    try await runOrThrow(
      on: node,
      ["env", "ROMANA_SECRETS=\(secretsFolder(node))", "sh", file(node, .secretsScript), path, target])
    return target
  }
}

/// 16 characters that differ with the name (FNV-1a).
func labSecret(_ name: Name) -> String {
  let hash = name.text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  let digits = String(hash, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
