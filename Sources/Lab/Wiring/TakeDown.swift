#if canImport(Glibc)
  import Glibc
#endif

/// Removes a lab, however far it came: processes in its namespaces, the namespaces, FRR's folders, its own folder.
///
/// Works from the names alone, so that a lab whose process was killed is removed as well. Nothing is ended but what
/// lives in the lab's own namespaces.
package func takeDown(_ identity: LabIdentity) async throws(LabError) {
  let namespaces = namespaces(of: identity)
  await endProcesses(processesInside(namespaces))
  for namespace in namespaces {
    guard let number = namespaceNumber(namespaceFolder + namespace) else { continue }
    for script in ["routes", "firewall", "tunnels"] { unlink("/run/romana-\(script).\(number).lock") }
  }
  if !namespaces.isEmpty {
    try await executeOrThrow(
      ["ip", "-force", "-batch", "-"], input: namespaces.map { "netns del \($0)\n" }.joined())
  }
  removeFRRFolders(identity)
  removeTree(identity.folder)
  rmdir(labsFolder)
}

/// The namespaces that carry the lab's name.
func namespaces(of identity: LabIdentity) -> [String] {
  listFolder(namespaceFolder).filter { $0.hasPrefix(identity.prefix + "-") || $0.hasPrefix(identity.prefix + "+") }
}
