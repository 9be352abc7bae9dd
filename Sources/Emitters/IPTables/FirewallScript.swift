import TopologyModel

/// Spells `firewall.sh`, which loads `rules.v4` and `rules.v6`, or `rules.nft`, in the host's mode.
func emitFirewallScript(_ device: DevicePlan, into writer: inout TextWriter) {
  writer.write("#!/bin/sh\n")
  emitHeader(device, what: "loader of the packet filter", into: &writer)
  let isNFT = device.firewall?.backend == .nft
  writer.write(isNFT ? nftIntroduction : firewallIntroduction)
  switch device.firewall?.mode {
  case .own, nil: writer.write("mode=own\n")
  case .share: writer.write("mode=share\n")
  }
  if isNFT {
    writer.write("\n")
    writer.write(nftProgram)
  } else {
    writer.write("# Whether there is a file ipset.conf, whose sets the rules ask.\n")
    writer.write(device.artifacts.contains(.addressSets) ? "sets=yes\n\n" : "sets=\n\n")
    writer.write(firewallSetsProgram)
    writer.write(firewallProgram)
  }
  emitEndMarker(what: "loader of the packet filter", into: &writer)
}

private let firewallIntroduction: StaticString = #"""
  # Install in /etc/romana beside rules.v4, rules.v6 and, if there is one, ipset.conf; romana-routes.service runs it at boot.
  #
  #   firewall.sh            loads both files, each family as a whole or not at all; leaves alone what is in place
  #   firewall.sh --dry-run  checks both files and says what would be loaded
  #
  # Flows that were accepted before outlive a stricter rule until "conntrack -D" ends them.
  # Exit status: 0 done; 1 refused or failed, see standard error; 64 wrong usage.
  # A table of ours in nftables, from a time when the host had rules.nft, is removed after that.
  # Needs sh, awk, flock (util-linux) and iptables with either backend; ipset where there is a file ipset.conf.
  set -eu
  export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

  # own: the whole filter table is ours. share: only the chains romana-* and two jumps to them are.

  """#

private let nftIntroduction: StaticString = #"""
  # Install in /etc/romana beside rules.nft; romana-routes.service runs it at boot.
  #
  #   firewall.sh            loads the file as a whole or not at all; leaves alone what is in place
  #   firewall.sh --dry-run  checks the file and says what would be loaded
  #
  # Only the table inet romana is touched. Chains of ours in iptables, from a time when the host had rules.v4 and
  # rules.v6, are removed after that.
  # Flows that were accepted before outlive a stricter rule until "conntrack -D" ends them.
  # Exit status: 0 done; 1 refused or failed, see standard error; 64 wrong usage.
  # Needs sh, awk, flock and unshare (util-linux), nft.
  set -eu
  export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

  # own: what concerns no endpoint is not forwarded. share: that is left to the tables of others.

  """#
