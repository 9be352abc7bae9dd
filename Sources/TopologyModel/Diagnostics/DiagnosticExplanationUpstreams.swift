/// Upstreams: routers outside of the fabric.
let upstreamExplanations: [DiagnosticCode: String] = [
  .upstreamDevice: """
  An upstream is connected to a device that can't pass on what it says.
  Where a region has spines, routes lead from them down to ToRs and hosts and never up again. What a
  ToR heard from an upstream would stay in its rack.

      wrong: upstreams: [{ name: isp1, device: tor1, ... }]      # the region has spines
      right: upstreams: [{ name: isp1, device: spine1, ... }]

  Connect it to a spine. In a region without spines it is a ToR.
  """,
  .upstreamLink: """
  The addresses of the link to an upstream do not fit.
  Each family that the upstream has takes the prefix of the link, the device's own address on it and
  the upstream's. Of a /31 or /127 the own one is the other address and may be left out.

      wrong: prefix: 203.0.113.0/30, peer: 203.0.113.3           # the address of broadcasts
      right: prefix: 203.0.113.0/30, address: 203.0.113.2, peer: 203.0.113.1

  Write both ends as they are agreed with the owner of the upstream. Families without a network in the
  region have no use for it.
  """,
  .upstreamAcceptsOwn: """
  An upstream would be believed about addresses of the fabric.
  A more specific route wins: who may announce a part of an endpoint network, subnet, link pool or
  loopback takes its traffic away. One prefix that holds all of a network is harmless.

      wrong: accept: [10.1.2.0/24]           # with a network 10.1.0.0/16
      right: accept: [10.0.0.0/8]

  Remove the prefix, or accept smaller ranges beside the fabric's own.
  """,
  .upstreamLimit: """
  The number of prefixes that an upstream may announce does not fit what it is believed about.
  With single prefixes their number is the limit. A range can hold any number, so it takes
  `max_prefixes:`; beyond it the session is closed for five minutes.

      wrong: accept: [{ prefix: 198.18.0.0/15, longest: 24 }]
      right: accept: [{ prefix: 198.18.0.0/15, longest: 24 }], max_prefixes: 100

  Set it to a little more than the upstream announces; `longest` to a length inside the range.
  """,
  .upstreamUnused: """
  No host sends anything to an upstream.
  A host's default route is its operating system's, unless there is `default_route: own`.
  Then what comes in over the upstream is answered by another way, and endpoints go out by it.

      wrong: upstreams: [{ name: isp1, ... }] and no `default_route:`
      right: defaults: { default_route: own }

  Set it where endpoints are to use the upstream, or silence the warning.
  """,
  .aggregateHidesLoss: """
  One aggregate for the region hides which spine reaches a rack.
  A spine that lost its link to a rack still announces the region's aggregate because of other racks.
  It attracts the rack's traffic and drops it, while the other spine would have a way.

      wrong: announce: region                # upstreams at spine1 and at spine2
      right: announce: racks

  Announce the racks, the default there; or silence it where an upstream takes a single prefix only.
  """,
  .upstreamNotSpread: """
  A region's protocol does not spread what an upstream is believed about.
  With OSPF or static routes between ToRs and spines the spines tell the default route only.

      wrong: protocol: ospf with accept: [0.0.0.0/0, 198.51.100.0/24]
      right: protocol: ospf with accept: [0.0.0.0/0]

  Accept the default routes only, or use BGP in the region.
  """,
]
