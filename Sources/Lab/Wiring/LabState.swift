import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// What is known of a lab on the machine: a folder in `/run/romana-lab` with a lock and a few lines of text.
package struct LabRecord: Sendable {
  package var identity: LabIdentity
  package var fabric: String
  /// The topology as an absolute path; empty for standard input.
  package var topology: String
  package var lock: String
  package var sample: Int?
  /// SHA-256 of the topology's files, to notice that they changed.
  package var digest: String
  package var backend: FirewallBackendProgram
  /// Whether it was set up to its end.
  package var isReady: Bool

  package init(
    identity: LabIdentity, fabric: String, topology: String, lock: String, sample: Int?, digest: String,
    backend: FirewallBackendProgram, isReady: Bool
  ) {
    self.identity = identity
    self.fabric = fabric
    self.topology = topology
    self.lock = lock
    self.sample = sample
    self.digest = digest
    self.backend = backend
    self.isReady = isReady
  }

  private var file: String { "\(identity.folder)/state" }

  func save() throws(LabError) {
    let lines = [
      "fabric \(fabric)", "topology \(topology)", "lock \(lock)", "sample \(sample ?? 0)", "digest \(digest)",
      "backend \(backend.rawValue)", "ready \(isReady)",
    ]
    try write(lines.joined(separator: "\n") + "\n", to: file + ".new")
    guard rename(file + ".new", file) == 0 else { throw systemError("cannot write \(file)") }
  }

  /// Reads the record of a lab; one without a readable record can still be taken down.
  package init(_ identity: LabIdentity) {
    var values: [Substring: String] = [:]
    for line in (readText("\(identity.folder)/state") ?? "").split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { values[parts[0]] = String(parts[1]) }
    }
    let sample = Int(values["sample"] ?? "") ?? 0
    self.init(
      identity: identity, fabric: values["fabric"] ?? "?", topology: values["topology"] ?? "",
      lock: values["lock"] ?? "", sample: sample > 0 ? sample : nil, digest: values["digest"] ?? "",
      backend: FirewallBackendProgram(rawValue: values["backend"] ?? "") ?? .nft, isReady: values["ready"] == "true")
  }

  /// All labs of the machine, whole or interrupted.
  package static func all() -> [LabRecord] {
    listFolder(labsFolder).compactMap { LabIdentity($0) }.map { LabRecord($0) }
  }
}

/// The lock of a lab: held by the process that works on it, and gone with it however it ends.
package struct LabLock: ~Copyable {
  private let descriptor: Int32

  /// Nil if another process holds it.
  package init?(_ identity: LabIdentity) {
    let descriptor = open("\(identity.folder)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
