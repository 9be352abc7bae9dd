import TopologyModel

/// Spells `firewall.sh`, which loads `rules.v4` and `rules.v6` in the host's mode.
func emitFirewallScript(_ device: DevicePlan, into writer: inout TextWriter) {
  writer.write("#!/bin/sh\n")
  emitHeader(device, what: "loader of the packet filter", into: &writer)
  writer.write(firewallIntroduction)
  switch device.firewall?.mode {
  case .own, nil: writer.write("mode=own\n\n")
  case .share: writer.write("mode=share\n\n")
  }
  writer.write(firewallProgram)
  emitEndMarker(what: "loader of the packet filter", into: &writer)
}

private let firewallIntroduction: StaticString = #"""
  # Install in /etc/romana beside rules.v4 and rules.v6; romana-routes.service runs it at boot.
  #
  #   firewall.sh            loads both files, each family as a whole or not at all; leaves alone what is in place
  #   firewall.sh --dry-run  checks both files and says what would be loaded
  #
  # Flows that were accepted before outlive a stricter rule until "conntrack -D" ends them.
  # Exit status: 0 done; 1 refused or failed, see standard error; 64 wrong usage.
  # Needs sh, awk, flock (util-linux) and iptables with either backend.
  set -eu
  export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

  # own: the whole filter table is ours. share: only the chains romana-* and two jumps to them are.

  """#
