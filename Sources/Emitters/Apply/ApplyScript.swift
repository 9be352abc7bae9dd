import TopologyModel

/// Spells `apply.sh`, which installs the other files of the device by hand or for Ansible, and takes them back unless told
/// to keep them.
func emitApplyScript(_ device: DevicePlan, into writer: inout TextWriter) {
  writer.write("#!/bin/sh\n")
  emitHeader(device, what: "installing the files", into: &writer)
  writer.write(applyIntroduction)
  emitList("files", into: &writer) { writer in
    for kind in ArtifactKind.installed where device.artifacts.contains(kind) {
      writer.write(kind.fileName)
      writer.newline()
    }
  }
  emitHealth(device.health, into: &writer)
  writer.write("# ---- The program: the same text in every apply.sh of a release. ------------------------------\n\n")
  emitList("table", into: &writer) { writer in
    writer.write("# FILE TARGET OWNER GROUP MODE PART\n")
    for kind in ArtifactKind.installed { emitRow(kind, into: &writer) }
  }
  writer.write(applyChecking)
  writer.write(applyLoading)
  writer.write(applySaving)
  writer.write(applyHealth)
  writer.write(applyMain)
  emitEndMarker(what: "installing the files", into: &writer)
}

/// A function of the script that prints some lines.
private func emitList(
  _ name: StaticString, into writer: inout TextWriter, _ lines: (inout TextWriter) -> Void
) {
  writer.write(name)
  writer.write("() {\n  cat <<'END'\n")
  lines(&writer)
  writer.write("END\n}\n\n")
}

private func emitHealth(_ health: DeviceHealth, into writer: inout TextWriter) {
  emitList("wanted", into: &writer) { writer in
    for session in health.sessions {
      writer.write("session ")
      switch session {
      case .address(let address): writer.write(address)
      case .interface(let name): writer.write(name)
      }
      writer.newline()
    }
    for interface in health.adjacencies {
      writer.write("ospf ")
      writer.write(interface)
      writer.newline()
    }
    for address in health.neighbors {
      writer.write("neighbour ")
      writer.write(address)
      writer.newline()
    }
  }
}

private func emitRow(_ kind: ArtifactKind, into writer: inout TextWriter) {
  guard let place = kind.installation else { return }
  for word in [kind.fileName, place.target, place.owner, place.group, place.mode] {
    writer.write(word)
    writer.write(" ")
  }
  writer.write(place.part.name)
  writer.newline()
}

private let applyIntroduction: StaticString = #"""
  # Installs the files beside it, as root:
  #
  #   apply.sh                  checks every file, keeps what is there, installs and loads what differs; after a minute what
  #                             was there comes back by itself, unless:
  #   apply.sh confirm          keeps the new files
  #   apply.sh rollback         brings back what was there, now
  #   apply.sh --wait SECONDS   another time than a minute
  #   apply.sh --dry-run        checks every file and shows what would change
  #   apply.sh health           says which sessions are up and which neighbours answer
  #
  # The time runs on if the terminal is lost. A reboot ends it: what is installed then stays.
  # Ansible uses: check FILE PATH, digests, save, fill FILE PATH, leftovers, clear, arm SECONDS, load PART, health ADDRESS...
  #
  # Exit status: 0 done; 1 refused or failed, see standard error: what was there is there again; 64 wrong usage.
  # Needs sh, awk, diff and flock (util-linux).
  set -eu
  export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
  umask 022

  # The files of this device; below, what is to be well before and after.

  """#
