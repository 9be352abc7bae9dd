/// Racks with two ToRs.
let dualHomingExplanations: [DiagnosticCode: String] = [
  .dualHomedHost: """
  A host has two uplinks, but its rack has one ToR.
  The second interface leads nowhere: with `access: l3` a host has one link to each ToR of its rack,
  with `access: l2` one link to the segment.

      wrong: tors: [{ name: tor1, loopback: 192.0.2.1 }] with interface: [eth0, eth1]
      right: tors: [{ name: tor1, loopback: 192.0.2.1 }, { name: tor2, loopback: 192.0.2.2 }]

  Add the second ToR, or name one interface; it may be inherited.
  """,
  .singleHomedHost: """
  A host has one uplink, but its rack has two ToRs.
  Every host of such a rack has a link to each of the two, so that either may fail. Without
  `interface:` a host has one uplink, `eth0`.

      wrong: interface: eth0
      right: interface: [eth0, eth1]         # the interface to the ToR with the lower id first

  Name both interfaces, on the host, the rack or in `defaults:`; put hosts with one link into a rack
  of their own.
  """,
  .torsDisagree: """
  The two ToRs of a rack do not fit together.
  A host has the same place in the subnets of both ToRs, so they have one size; and packets take
  either way, so both have one MTU: else some get lost, depending on the flow.

      wrong: tors: [{ name: tor1, mtu: 9000, ... }, { name: tor2, mtu: 1500, ... }]
      right: tors: [{ name: tor1, mtu: 9000, ... }, { name: tor2, mtu: 9000, ... }]

  Give both the same kind of value, or leave it out of both.
  """,
  .dualHomingNeedsBGP: """
  A rack with two ToRs has something that can't follow a lost link.
  Its hosts send half of their traffic to each ToR. When a ToR loses a host, its uplinks or its life,
  somebody must notice: static routes do not, neither on a host nor in the region, and ExaBGP puts
  nothing into the kernel.

      wrong: { name: h1, interface: [eth0, eth1], speaker: exabgp }
      right: { name: h1, interface: [eth0, eth1], speaker: bird }

  Use BGP, and a speaker that installs routes (`bird`, `bird1`, `frr`, `quagga`); or one ToR a rack.
  """,
  .pairUnusable: """
  `pair:` stands where it can't work.
  It says how two ToRs of a rack tell each other of the hosts that they reach: over a `link` between
  them, or over the `spines`. One ToR has nobody to tell. With a single spine the ToRs would lose
  each other together with the rest of the fabric, so `spines` needs two.

      wrong: pair: spines                    # one spine in the region
      right: pair: link

  Remove the key, or add what it needs.
  """,
  .surplusToR: """
  A rack has more than two ToRs.
  A host has a link to each ToR of its rack, and hosts have at most two.

      right: tors: [{ name: tor1, loopback: 192.0.2.1 }, { name: tor2, loopback: 192.0.2.2 }]

  Make racks of the hosts that share a ToR or a pair.
  """,
  .uplinkMTU: """
  A host and its ToR have different MTUs.
  `mtu:` of a ToR is that of its ports to hosts. A host with a larger one sends packets that the
  switch drops without a word; with a smaller one it is the host that drops.

      wrong: mtu: 1500 on the host, mtu: 9000 on its ToR
      right: mtu: 9000 on the ToR, none on the host

  Give both one value; a host without `mtu:` takes that of its ToR.
  """,
  .segmentMTU: """
  Hosts on one segment have different MTUs.
  With `access: l2` the hosts of a rack send to each other directly. On a segment nobody fragments and
  no switch answers: what is larger than the receiver's MTU is gone without a word, and connections
  hang once they send more than a little.

      wrong: hosts: [{ name: h1, mtu: 9000 }, { name: h2, mtu: 1500 }]
      right: mtu: 9000 on the rack, none on its hosts

  Give the rack one `mtu:`; hosts that can't have it belong into a segment of their own.
  """,
]
