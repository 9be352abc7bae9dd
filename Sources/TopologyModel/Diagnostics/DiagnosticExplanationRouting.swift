/// RC0501 to RC0511: routing protocols, speakers, AS numbers and interfaces.
let routingExplanations: [DiagnosticCode: String] = [
  .asnLoop: """
  AS numbers are shared in a way that makes BGP reject a route or a session.
  A router drops a route whose path contains its own number (RFC 4271 section 9.1.2), and a session
  between equal numbers is internal, which the filters are not made for. ToRs of a region need numbers
  of their own, different from those of their hosts and spines. Hosts may share one number as long as
  it is not their ToR's, nor, with `default_route: own`, that of the spines.

      wrong: tors: [{ name: tor1, loopback: 192.0.2.1, asn: 4200000000 }]     # the spines' number
      right: tors: [{ name: tor1, loopback: 192.0.2.1, asn: 4200000001 }]

  Give one of the devices another number, or leave `asn:` out.
  """,
  .reflectorASN: """
  The switches of a region with route reflectors have several AS numbers.
  With `spine_bgp: route-reflector` spines and ToRs are one AS (RFC 4456): the number that one of
  them names holds for all. Hosts keep numbers of their own.

      wrong: spines: [{ name: spine1, loopback: 192.0.2.201, asn: 65001 }]
             tors: [{ name: tor1, loopback: 192.0.2.1, asn: 65002 }]
      right: tors: [{ name: tor1, loopback: 192.0.2.1, asn: 65001 }]

  Write the same number everywhere, or leave `asn:` out.
  """,
  .asnPoolFull: """
  The pool of AS numbers is too small.
  Every host and every ToR that speaks BGP gets a number of its own, the spines of a region one
  together. Numbers of removed devices stay reserved until `lock --prune`.

      wrong: asn_pool: 64512-64515           # 4 numbers
      right: asn_pool: 4200000000-4200999999

  Set a larger pool, prune the lock, or give hosts a shared number with `asn:`.
  """,
  .speakerConflict: """
  A host is to speak BGP, but `speaker: none` says that it runs no routing daemon.
  Its ToR would wait for a session that never comes up, and the host's prefix would be unreachable.

      wrong: { name: h1, protocol: bgp, speaker: none }
      right: { name: h1, protocol: static, speaker: none }

  Choose a speaker, or `protocol: static`; both may be inherited from the rack, the region or
  `defaults:`.
  """,
  .systemWithoutBGP: """
  A switch is to speak BGP, but its system gets static routes only.
  `linux` stands for a switch or server with plain kernel routes and no routing daemon. `eos`, `nxos`,
  `junos`, `sonic` and `nvue` have BGP of their own, but the compiler writes a static table for them.

      wrong: { name: spine1, loopback: 192.0.2.201, os: linux }     # the region has protocol: bgp
      right: { name: spine1, loopback: 192.0.2.201, os: frr }

  Choose `os: frr`, or `protocol: static` for the region and its hosts.
  """,
  .tooManyStaticRoutes: """
  A switch gets more static routes than it can hold.
  `max_static_routes` is what its hardware or software takes. Routes above the limit are dropped
  without a word on many switches, and the hosts behind them are unreachable.

      wrong: max_static_routes: 50           # a static ToR with 64 hosts
      right: protocol: bgp                   # for the rack or region

  Use BGP, make the rack smaller, or correct the limit.
  """,
  .staticBlindness: """
  In a region with static routes no device sees a failure that is not on a link of its own.
  A ToR spreads traffic for other racks over all spines. When the link between a spine and another
  rack fails, it keeps sending its share to that spine, where it is lost until somebody acts.

      protocol: bgp

  Use BGP where that matters. If it is accepted, silence the warning with `allow: [RC0506]`.
  """,
  .interfaceConflict: """
  An interface is on the wrong side of the pattern `endpoint_interface`.
  The firewall takes interfaces that match for those of endpoints and drops what they may not send.
  The uplink must not match, or the host loses its network; the interface of a listed endpoint must
  match. `lo` and `romana-gw`, which holds the gateway addresses, are neither.

      wrong: interface: ep0 with endpoint_interface: "ep+"
      right: interface: eth0 with endpoint_interface: "ep+"

  Rename one of them, or change the pattern.
  """,
  .missingSpines: """
  A region has several racks but no spine.
  ToRs have no links to each other; without a spine the racks are islands.

      spines:
        - { name: spine1, loopback: 192.0.2.201 }

  Add `spines:`, or put the racks into regions of their own.
  """,
  .speakerLacksFeature: """
  A host's session must have something that its speaker lacks.
  ExaBGP and Quagga have neither BFD nor BGP roles (RFC 9234), BIRD 1.6 has no roles. `required` asks
  for them; with `auto`, the default, a session has what both ends have.

      wrong: { name: h1, speaker: exabgp, bfd: required }
      right: { name: h1, speaker: bird, bfd: required }

  Choose a speaker that has it, or `auto` for this host; both may be inherited.
  """,
  .speakerLacksProtocol: """
  A host's speaker does not know the routing protocol.
  ExaBGP speaks BGP only.

      wrong: { name: h1, protocol: ospf, speaker: exabgp }
      right: { name: h1, protocol: bgp, speaker: exabgp }

  Choose another speaker or protocol; both may be inherited from the rack, the region or `defaults:`.
  """,
]
